"""A whole local deployment with its sandbox: emulator, stack, configuration, users, SMTP door. Used by `dev` and by tests."""

from __future__ import annotations

import base64
import json
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from router.aws.configs import Configs
from router.aws.dynamo import Dynamo
from router.config import Config
from santral import schedules, users
from santral.connection import Connection
from santral.emulator import Emulator, Progress, Stack
from santral.sandbox import accounts
from santral.sandbox.cloud import Cloud
from santral.sandbox.server import Sandbox


class Stage:
    """Everything on this machine, up between `with` and its end. The sample agent is online."""

    def __init__(
        self,
        config: Config,
        *,
        port: int = 0,
        smtp_port: int = 0,
        state: Path | None = None,
        progress: Progress = lambda step, seconds: None,
    ) -> None:
        self.config = config
        self._credentials = accounts.made(config)
        self.sandbox = Sandbox(config, self._credentials)
        self.emulator = Emulator(front_port=port, state=state, progress=progress, routes=self.sandbox.routes())
        self._smtp_port = smtp_port
        self._progress = progress
        self._stack = ExitStack()
        self.connection: Connection

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start(self) -> None:
        emulator = self._stack.enter_context(self.emulator)
        deployed = emulator.deploy(SandboxUrl=emulator.http_url)
        with self._timed("configuration"):
            deployed.client("secretsmanager").put_secret_value(
                SecretId=deployed.outputs["SecretArn"],
                SecretString=json.dumps({**self._credentials, **_webhook_secrets(self.config)}),
            )
            Configs(Dynamo(deployed.client("dynamodb"), deployed.outputs["TableName"])).apply(self.config)
            place = schedules.place_of(deployed.outputs)
            assert place is not None, "the template has them"
            list(schedules.keep(deployed.client("scheduler"), place, self.config, datetime.now(UTC)))
            names = {agent.name: agent.display_name for agent in self.config.agents}
            people = users.create(deployed.client("cognito-idp"), deployed.outputs["UserPoolId"], names)
        with self._timed("sandbox"):
            opening = self.sandbox.open(_cloud(deployed), emulator.http_url, deployed.endpoint, self._smtp_port)
            emulator.front.call(opening)
            self._stack.callback(lambda: emulator.front.call(self.sandbox.close()))
        self.connection = Connection(
            region=deployed.region,
            outputs=deployed.outputs,
            users=people,
            endpoint=deployed.endpoint,
            sandbox=emulator.http_url,
            smtp_port=self.sandbox.smtp_port,
            access_key=deployed.access_key,
            secret_key=deployed.secret_key,
        )
        with self._timed("agent online"):
            agent = self.connection.user("agent").name
            self.connection.api("agent").post(f"/v1/agents/{agent}/presence", {"presence": "online"})

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        self._progress(name, None)
        yield
        self._progress(name, time.monotonic() - started)


def _webhook_secrets(config: Config) -> dict[str, str]:
    """A secret for each webhook, which a local receiver may read in the stack's provider secret."""
    made = base64.b64encode(secrets.token_bytes(32)).decode("ascii")
    return {webhook.secret: f"whsec_{made}" for webhook in config.webhooks}


def _cloud(stack: Stack) -> Cloud:
    return Cloud(
        s3=stack.client("s3"),
        sns=stack.client("sns"),
        mail_bucket=stack.outputs["MailBucketName"],
        mail_topic=stack.outputs["MailTopicArn"],
        events_topic=stack.outputs["MailEventsTopicArn"],
        region=stack.region,
    )


def free(port: int) -> int:
    """This port, or 0 (any) when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
        return port
