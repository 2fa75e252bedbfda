"""`santral inbox check`: reads the deployment, asks the provider, and tells what is missing for an inbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from channels import registry
from channels.send import Sender
from router.aws.configs import Configs
from router.aws.dynamo import Dynamo
from router.config import Config, Inbox
from router.errors import NotFound, Temporary, Unknown
from router.wire import HttpRequest, HttpResponse
from santral import configuration, inbox_checks, inbox_checks_meta, inbox_checks_twilio
from santral.connection import Connection
from santral.inbox_checks import Check, Fix, Line, Subject
from santral.inbox_checks_mail import Ses, mail

Carry = Callable[[HttpRequest], HttpResponse]
CHECKS: dict[str, Callable[[Subject], Check]] = {
    "telegram": inbox_checks.telegram,
    "twilio": inbox_checks_twilio.twilio,
    "webchat": inbox_checks.webchat,
    "whatsapp": inbox_checks_meta.check,
    "messenger": inbox_checks_meta.check,
    "instagram": inbox_checks_meta.check,
}
_PLAYED = {
    "https://api.twilio.com": "twilio", "https://messaging.twilio.com": "twilio", "https://api.telegram.org": "telegram",
    "https://graph.facebook.com": "graph", "https://graph.instagram.com": "graph",
}  # fmt: skip


class Inspector:
    """One inbox of one deployment. `base` is where providers call, if that is not the stack's own URL."""

    def __init__(self, connection: Connection, name: str, base: str | None = None, files: Path | None = None) -> None:
        self.connection = connection
        self.name = name
        self.base = (base or connection.sandbox or connection.api_url).rstrip(
            "/"
        )  # the sandbox stands before the local API
        self.files = files
        self._carry = carrier(connection.sandbox)

    def lines(self) -> Iterator[Line]:
        """Every finding, in the order in which one would mend them."""
        config = self._config()
        yield from inbox_checks.configured(config, self.name, self._version())
        inbox = config.inbox(self.name) if config else None
        if config is None or inbox is None or inbox.channel not in registry.names():
            return
        channel = registry.get(inbox.channel)
        credentials = self._credentials(inbox)
        yield from inbox_checks.stored(channel, inbox, credentials)
        if inbox.channel == "email":
            yield from self._mail(inbox)
            return
        beside = tuple(
            one for one in config.inboxes
            if channel.shared and one.name != inbox.name and (one.channel, one.secret) == (inbox.channel, inbox.secret)
        )  # fmt: skip
        subject = Subject(inbox, credentials, self.base, datetime.now(UTC), beside)
        yield from run(CHECKS[inbox.channel](subject), self._carry)

    def mend(self, fix: Fix) -> str | None:
        """Make a fix's call; why it failed, None when it did not."""
        try:
            return fix.failed(self._carry(fix.request))
        except (Temporary, Unknown) as error:
            return str(error)

    def _config(self) -> Config | None:
        table = Dynamo(self.connection.client("dynamodb"), self.connection.outputs["TableName"])
        try:
            return Configs(table).current()
        except NotFound:
            return None

    def _version(self) -> str | None:
        """The version of the files at hand; None where there are none, or none that are sound."""
        try:
            return configuration.load(self.files).version if self.files is not None and self.files.is_dir() else None
        except configuration.BadConfiguration:
            return None

    def _credentials(self, inbox: Inbox) -> dict[str, str]:
        if inbox.secret is None:
            return {}
        client = self.connection.client("secretsmanager")
        try:
            value = json.loads(client.get_secret_value(SecretId=self.connection.outputs["SecretArn"])["SecretString"])
        except ValueError:
            return {}
        found = value.get(inbox.secret) if isinstance(value, dict) else None
        return {str(name): str(one) for name, one in found.items()} if isinstance(found, dict) else {}

    def _mail(self, inbox: Inbox) -> Iterator[Line]:
        if self.connection.sandbox:
            yield Line("ok", f"a local run: mail for it is taken at 127.0.0.1:{self.connection.smtp_port}")
            return
        yield from mail(inbox.address, self._ses(inbox.address))

    def _ses(self, address: str) -> Ses:
        ses, sesv2 = self.connection.client("ses"), self.connection.client("sesv2")
        identity = _found(lambda: sesv2.get_email_identity(EmailIdentity=address))
        domain = address.rpartition("@")[2]
        identity = identity or _found(lambda: sesv2.get_email_identity(EmailIdentity=domain))
        return Ses(
            region=self.connection.region,
            bucket=self.connection.outputs.get("MailBucketName", ""),
            identity=identity,
            account=sesv2.get_account(),
            active=_found(ses.describe_active_receipt_rule_set),
        )


def carrier(sandbox: str) -> Carry:
    """The way out: to the providers, or in a local run to the sandbox that plays them."""
    detours = {start: f"{sandbox}/{name}" for start, name in _PLAYED.items()} if sandbox else {}
    return Sender(lambda request: request, detours)


def run(check: Check, carry: Carry) -> Iterator[Line]:
    """Go through a check: make its calls, hand it the answers (None where nobody answered), give out its lines."""
    answer: HttpResponse | None = None
    while True:
        try:
            step = check.send(answer)
        except StopIteration:
            return
        answer = None
        if isinstance(step, Line):
            yield step
            continue
        try:
            answer = carry(step)
        except (Temporary, Unknown):
            answer = None


def _found(call: Callable[[], Any]) -> Any:
    """What AWS gives; None where there is no such thing, or the region does not have it."""
    try:
        return call()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NotFoundException", "InvalidAction", "UnknownOperationException"):
            return None
        raise
