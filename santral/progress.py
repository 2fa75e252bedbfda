"""A bar beside the output: on a terminal's standard error, elsewhere nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_EVERY = 0.05
"""Seconds between two looks of it: telling it more often costs nothing."""


class Bar:
    """How much is done, shown or not."""

    def __init__(self, done: float = 0, show: Callable[[float, str | None], None] | None = None) -> None:
        self._done, self._show, self._shown = done, show, 0.0

    def at(self, done: float, what: str | None = None) -> None:
        """So much is done by now, and perhaps something else is done from now on."""
        self._done = done
        if self._show is not None and (what is not None or time.monotonic() - self._shown >= _EVERY):
            self._shown = time.monotonic()
            self._show(done, what)

    def more(self, count: float) -> None:
        """As much as before, and so much."""
        self.at(self._done + count)

    def one_more(self) -> None:
        """As much as before, and one."""
        self.more(1)


@contextmanager
def bar(
    what: str, total: float | None = None, *, done: int = 0, quiet: bool = False, parts: bool = True
) -> Iterator[Bar]:
    """A bar for what takes long. Without a `total` it moves to and fro; without `parts` what is done is no number of things."""
    if quiet or not sys.stderr.isatty():
        yield Bar(done)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn()]
    if parts:
        columns.append(MofNCompleteColumn() if total else TextColumn("{task.completed:,.0f}"))
    columns.append(TimeRemainingColumn() if total and parts else TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=total, completed=done)
        yield Bar(done, lambda done, what: shown.update(task, completed=done, description=what))
