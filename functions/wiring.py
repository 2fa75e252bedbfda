"""The composition root: the only reader of the environment. Nothing is built at import; each part once, on first use."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from channels import optout, registry
from channels.send import Sender
from channels.send_webhook import WebhookSender
from router.aws import clients
from router.aws.blobs import Blobs
from router.aws.bus import Bus
from router.aws.configs import Configs
from router.aws.dynamo import Dynamo
from router.aws.intake import Intake
from router.aws.queues import Queues
from router.aws.secrets import Secrets
from router.aws.signing import Signer
from router.aws.sockets import Sockets
from router.aws.table import Table
from router.config import Inbox
from router.exchange import Exchange
from router.wire import HttpRequest, HttpResponse

# A call that counted nothing is no news; the warning would cost log bytes on every one of them.
warnings.filterwarnings("ignore", message="No application metrics to publish")
logger = Logger()
metrics = Metrics()

_QUEUES = {
    "inbound": "INBOUND_QUEUE_URL",
    "match": "MATCH_QUEUE_URL",
    "outbound": "OUTBOUND_QUEUE_URL",
    "outreach": "OUTREACH_QUEUE_URL",
    "timers": "TIMER_QUEUE_URL",
    "media": "MEDIA_QUEUE_URL",
    "hooks": "HOOKS_QUEUE_URL",
    "due": "DUE_QUEUE_URL",
    "aside": "PUBLISH_DLQ_URL",
}


def setting(name: str) -> str:
    """An environment variable; empty when the template does not give it to this function."""
    return os.environ.get(name, "")


def mail_bucket() -> str:
    """The only bucket mail is read from, whatever a notification says."""
    return setting("MAIL_BUCKET")


def public_url() -> str:
    """Where the HTTP API is reached, without a final slash."""
    return setting("PUBLIC_URL")


def socket_url() -> str:
    """Where pages open their WebSocket."""
    return setting("SOCKET_URL")


def sandbox_url() -> str:
    """Where a local run plays the providers; empty in a real deployment."""
    return setting("SANDBOX_URL")


def file_host() -> str:
    """The host at which the links to files stand."""
    return f"{setting('BLOBS_BUCKET')}.s3.{clients.session().get_config_variable('region')}.amazonaws.com"


def user_pool_client_id() -> str:
    """What the desk logs in with; public by nature."""
    return setting("USER_POOL_CLIENT_ID")


def count(name: str, value: int) -> None:
    """Count an event, as a CloudWatch metric in EMF."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


_UNITS = {"Seconds": MetricUnit.Seconds, "Percent": MetricUnit.Percent}


def gauge(queue: str, values: Mapping[str, float]) -> None:
    """How a queue stands, as CloudWatch metrics of its own: a metric for each name and queue, which is what they cost by."""
    told = EphemeralMetrics()
    told.add_dimension(name="Queue", value=queue)
    for name, value in values.items():
        unit = next((unit for end, unit in _UNITS.items() if name.endswith(end)), MetricUnit.Count)
        told.add_metric(name=name, unit=unit, value=value)
    told.flush_metrics()


def log(what: str, fields: Mapping[str, Any]) -> None:
    """Log an event by name; `fields` hold ids and counts, never what a customer wrote or who they are."""
    logger.info(what, extra=dict(fields))


class _Lazy:
    """An AWS client made on its first call: most invocations of most functions need two of them."""

    def __init__(self, service: str, endpoint: str | None = None) -> None:
        self._service = service
        self._endpoint = endpoint

    def __getattr__(self, name: str) -> Any:
        return getattr(clients.client(self._service, self._endpoint), name)


def items_at_once() -> int:
    """As many of what is due are attended side by side."""
    return int(setting("ITEMS_AT_ONCE") or 1)


@cache
def secrets() -> Secrets:
    """The provider secret and the signing key."""
    return Secrets(_Lazy("secretsmanager"), setting("SECRET_ID"), setting("SIGNING_SECRET_ID"))


@cache
def dynamo() -> Dynamo:
    """The table's calls."""
    return Dynamo(_Lazy("dynamodb"), setting("TABLE"), at_once=int(setting("QUERIES_AT_ONCE") or 1))


@cache
def sender() -> Sender:
    """The way out to providers; a local run plays them in its sandbox."""
    sandbox = sandbox_url()
    played = {
        "https://api.twilio.com": "twilio", "ses:": "ses", "https://graph.facebook.com": "graph",
        "https://graph.instagram.com": "graph", "https://lookaside.fbsbx.com": "lookaside",
        "https://api.telegram.org": "telegram",
    }  # fmt: skip
    detours = {start: f"{sandbox}/{name}" for start, name in played.items()} if sandbox else {}
    return Sender(Signer(clients.session()), detours)


def carry(request: HttpRequest) -> HttpResponse:
    """Send one call to a provider."""
    return sender()(request)


def get(request: HttpRequest, most: int, hosts: Sequence[str]) -> HttpResponse:
    """Fetch a file from a provider."""
    return sender().get(request, most, hosts)


def part(raw: bytes, number: int) -> bytes:
    """A file out of a raw mail."""
    from channels.mime import part_content  # of all functions only the API asks for one

    return part_content(raw, number)[1]


@cache
def webhook_sender() -> WebhookSender:
    """The way out to webhooks, which a local run may have on its own machine."""
    return WebhookSender(local=bool(sandbox_url()))


def post(request: HttpRequest) -> int:
    """Post to a webhook."""
    return webhook_sender()(request)


def hook_secrets(name: str) -> tuple[str, ...]:
    """What signs to a webhook."""
    return secrets().webhook(name)


def credentials(inbox: Inbox) -> Mapping[str, str]:
    """An inbox's credentials, with what the deployment itself knows about mail."""
    stored = secrets().credentials(inbox)
    configuration_set = setting("SES_CONFIGURATION_SET")
    if inbox.channel == "email" and configuration_set:
        return {"configuration_set": configuration_set, **stored}
    return stored


@cache
def blobs() -> Blobs:
    """The stack's own bucket."""
    return Blobs(_Lazy("s3"), setting("BLOBS_BUCKET"))


@cache
def exchange() -> Exchange:
    """All parts together."""
    key = secrets().signing_key()
    table = dynamo()
    configs = Configs(table)
    endpoint = setting("SOCKET_ENDPOINT")
    region = clients.session().get_config_variable("region") or "us-east-1"
    return Exchange(
        table=Table(table, key),
        intake=Intake(table, blobs(), key, timedelta(days=int(setting("RETENTION_DAYS") or 730))),
        blobs=blobs(),
        queues=Queues(_Lazy("sqs"), {name: setting(variable) for name, variable in _QUEUES.items()}, key),
        sockets=Sockets(table, _Lazy("apigatewaymanagementapi", endpoint or None), key),
        config=configs.current,
        version=configs.once,
        applied=configs.history,
        look_again=configs.look_again,
        credentials=credentials,
        channel=registry.get,
        carry=carry,
        get=get,
        part=part,
        bus=Bus(_Lazy("events"), setting("EVENT_BUS")),
        post=post,
        hook_secrets=hook_secrets,
        keyword=optout.asked,
        key=key,
        now=lambda: datetime.now(UTC),
        public_url=public_url(),
        mail_host="email.amazonses.com" if region == "us-east-1" else f"{region}.amazonses.com",
        count=count,
        log=log,
    )
