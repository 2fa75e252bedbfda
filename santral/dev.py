"""`santral dev`: everything on this machine, from the emulator to an answered conversation per channel, until it is told to stop."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console

from router.config import Config
from santral import configuration, table
from santral.api_client import ApiError
from santral.connection import FACTS, Connection
from santral.emulator import EmulatorError
from santral.samples import Samples
from santral.stage import Stage, free

PORT = 8025  # of the front door; the next free one if it is taken
SMTP_PORT = 2525
SAMPLE_LIMIT = 150.0
WHOLE_LIMIT = 600.0  # of --once, so that it never hangs a build


class Failed(Exception):
    """It did not come up, or a sample was not answered; the message says what and where to look."""


class Stopped(BaseException):
    """Ctrl-C, SIGTERM or the time limit: leave, clean up on the way."""


class Dev:
    """One local run. `run` gives the exit status; nothing outlives it."""

    def __init__(self, console: Console, *, config: Path, port: int | None, smtp_port: int | None, once: bool) -> None:
        self.console = console
        self.directory = config
        self.port = port
        self.smtp_port = smtp_port
        self.once = once
        self.log = ""
        self.began = time.monotonic()

    def run(self) -> int:
        """Start, play, stay. 0 for a wanted end, 1 for a failure, which is told."""
        with _interruptible(WHOLE_LIMIT if self.once else None):
            try:
                return self._run()
            except Stopped:
                self.console.print("Stopped.", highlight=False)
                return 1 if self.once else 0

    def _run(self) -> int:
        with ExitStack() as stack:
            try:
                connection, config = self._start(stack)
                passed = self._play(connection, config)
                if self.once:
                    return 0 if passed else 1
                self._say(connection)
                threading.Event().wait()
            except Stopped as stopped:
                self.console.print(f"\n{stopped}" if str(stopped) else "\nStopping…", highlight=False)
                raise  # "Stopped." is said when everything is closed
            except (Failed, EmulatorError, ApiError, configuration.BadConfiguration) as error:
                self.console.print(f"[red]Failed:[/red] {error}", highlight=False, soft_wrap=True)
                if self.log:
                    self.console.print(f"Log: {self.log}", highlight=False, soft_wrap=True)
                return 1
        return 0

    def _start(self, stack: ExitStack) -> tuple[Connection, Config]:
        config = configuration.load(self.directory)
        port = self.port if self.port is not None else free(PORT)
        smtp_port = self.smtp_port if self.smtp_port is not None else free(SMTP_PORT)
        stage = Stage(config, port=port, smtp_port=smtp_port, progress=self._step)
        self.log = str(stage.emulator.log)
        stack.enter_context(_logged(stage.emulator.log))
        stack.enter_context(stage)
        stack.callback(FACTS.unlink, missing_ok=True)  # before the stage goes down: nobody is sent to a closed door
        stage.connection.save()
        return stage.connection, config

    def _play(self, connection: Connection, config: Config) -> bool:
        samples = Samples(connection, config, SAMPLE_LIMIT)
        self.console.print()
        table.follow(self.console, samples.samples, samples.run)
        self.console.print()
        passed = all(sample.done for sample in samples.samples)
        seconds = time.monotonic() - self.began
        if passed:
            self.console.print(
                f"{len(samples.samples)} conversations routed, answered and delivered; {seconds:.0f} s in all.",
                highlight=False,
            )
            return True
        for sample in samples.samples:
            if not sample.done:
                self.console.print(
                    f"[red]{sample.channel}[/red] failed at {sample.error or sample.stage}", highlight=False
                )
        for line in left_behind(connection):
            self.console.print(line, highlight=False)
        self.console.print(f"Log of the emulator and its functions: {self.log}", highlight=False, soft_wrap=True)
        return False

    def _say(self, connection: Connection) -> None:
        base = connection.sandbox
        inboxes = ", ".join(i.address for i in configuration.load(self.directory).inboxes if i.channel == "email")
        lines = [
            ("Sandbox", f"{base}/sandbox", "the customer's mail, phones and chat beside the desk"),
            ("Desk", f"{base}/desk", ""),
            ("Chat", f"{base}/chat/web", ""),
            ("API", f"{base}/v1", f"{base}/openapi.json"),
            ("SMTP", f"127.0.0.1:{connection.smtp_port}", f"for {inboxes}"),
            ("AWS", connection.endpoint, "the emulator"),
        ]
        for name, where, more in lines:
            self.console.print(f"  {name:9}{where:38}{more}", highlight=False, soft_wrap=True)
        self.console.print()
        for user in connection.users:
            self.console.print(f"  {user.role:12}{user.email:24}{user.password}", highlight=False, soft_wrap=True)
        self.console.print(
            "\nSee also: santral send, tail, parked, quarantine, dlq. Ctrl-C stops everything.", highlight=False
        )

    def _step(self, name: str, seconds: float | None) -> None:
        if seconds is not None:
            self.console.print(f"  {name:14}{seconds:5.1f} s", highlight=False)
        elif self.console.is_terminal:
            self.console.print(f"  {name:14}", end="\r")  # overwritten when the step is done


def left_behind(connection: Connection) -> list[str]:
    """What a failed run left in the dead-letter queues, one line each."""
    sqs = connection.client("sqs")
    lines = []
    for name, url in sorted(connection.outputs.items()):
        if not name.endswith("DlqUrl"):
            continue
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        count = int(found["Attributes"]["ApproximateNumberOfMessages"])
        if count:
            lines.append(f"{name.removesuffix('Url')} holds {count}; see `santral dlq list`")
    return lines


@contextmanager
def _logged(path: Path) -> Iterator[None]:
    """What libraries log (aiosmtpd, aiohttp, asyncio) goes to the file, not between the lines of the terminal."""
    handler = logging.FileHandler(path, delay=True, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


@contextmanager
def _interruptible(limit: float | None) -> Iterator[None]:
    """SIGINT, SIGTERM and the time limit raise Stopped in the main thread; a second Ctrl-C does not break the clean-up."""
    why = {signal.SIGINT: "", signal.SIGTERM: "", signal.SIGALRM: f"Not done within {limit} seconds."}

    def stop(number: int, _frame: FrameType | None) -> None:
        for again in why:
            signal.signal(again, signal.SIG_IGN)
        raise Stopped(why[signal.Signals(number)])

    before: dict[signal.Signals, Callable[..., Any] | int | None] = {}
    for number in why:
        before[number] = signal.signal(number, stop)
    if limit is not None:
        signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
