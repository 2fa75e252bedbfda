"""E-mail by Amazon SES: mail in (raw MIME beside SES's notification), mail out (SESv2 SendEmail, raw), reports on it.

Mail has no signature we could check ourselves: it is authentic by its transport. It comes from S3 or SNS, where only SES
may write (the bucket's and the topic's policies say so), and what SES found out about the sender is in the notification.
A From header proves nothing by itself; only SES's aligned-DMARC verdict makes it the sender's.
"""

# ruff: noqa: ARG002 - the seam's arguments; no channel needs them all

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from channels.base import Credentials, HttpRequest, HttpResponse, Limits, Outgoing, Request, Response
from channels.email_files import LIMITS
from channels.email_reading import Reading, mail_of
from channels.email_send import mime_of
from channels.reading import retry_after
from channels.ses import work_items
from channels.ses_values import mapping
from router.config import Inbox
from router.errors import Refused, Rejected, Temporary, Unknown
from router.messages import Attachment, ChannelName, Direction, Parsed, Provider

SEND_PATH = "/v2/email/outbound-emails"

_THROTTLED = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"})
_OURS = frozenset(
    {
        "AccountSuspendedException",
        "SendingPausedException",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",  # the configuration set
        "AccessDeniedException",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "InvalidClientTokenId",
    }
)
_EXPIRED = frozenset({"ExpiredTokenException", "ExpiredToken", "RequestExpired"})


class Email:
    """The e-mail channel."""

    name = "email"
    channel = ChannelName.EMAIL
    provider = Provider.SES
    carrier: Literal["http", "socket"] = "http"
    limits: Mapping[ChannelName, Limits] = {ChannelName.EMAIL: LIMITS}
    media_hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    shared = False

    work_items = staticmethod(work_items)

    def verify(self, request: Request, inbox: Inbox, credentials: Credentials, now: datetime) -> None:
        """Refuse a notification that is not SES's. A bare .eml (the command line, an import) has none and is let through."""
        envelope = request.envelope
        if not isinstance(envelope, Mapping):
            raise Refused("the envelope is not a notification")
        if envelope and not (
            mapping(envelope.get("mail")).get("messageId") or mapping(envelope.get("receipt")).get("action")
        ):
            raise Refused("the envelope is not SES's notification of a received mail")

    def challenge(self, request: Request, inbox: Inbox, credentials: Credentials) -> Response | None:
        """Mail has no set-up handshake."""
        return None

    def parse(self, request: Request, inbox: Inbox, key: bytes) -> Parsed:
        """The mail as one message, and a receipt for each recipient that a report in it names."""
        envelope = mapping(request.envelope)
        mail = mail_of(request.body, mapping(envelope.get("mail")))
        return Reading(mail, envelope, request, inbox, key).parsed()

    def account(self, inbox: Inbox) -> str:
        """The address."""
        return inbox.address

    def acknowledge(self, parsed: Parsed) -> Response:
        """Nobody reads it; SES and SNS only want the invocation to succeed."""
        return Response()

    def render(self, outgoing: Outgoing, credentials: Credentials) -> HttpRequest:
        """SESv2 SendEmail with the raw mail; `ses:` stands for the region's endpoint, which the sender fills in."""
        if outgoing.message.direction is not Direction.OUTBOUND:
            raise Rejected(f"a message of direction '{outgoing.message.direction}' is not sent", code="direction")
        raw, recipients = mime_of(outgoing)
        body: dict[str, Any] = {
            "FromEmailAddress": outgoing.inbox.address,
            "Destination": {"ToAddresses": recipients},
            "Content": {"Raw": {"Data": base64.b64encode(raw).decode("ascii")}},
            "EmailTags": [{"Name": "santral-send", "Value": outgoing.message.id}],
        }
        if credentials.get("configuration_set"):
            body["ConfigurationSetName"] = credentials["configuration_set"]
        headers = {"Content-Type": "application/json"}
        return HttpRequest(
            "POST",
            f"ses:{SEND_PATH}",
            headers,
            json.dumps(body).encode(),
            sign="ses",
            timeout=20.0 if outgoing.files else 12.0,
        )

    def interpret(self, response: HttpResponse) -> str | None:
        """SES's MessageId. A 2xx without one is Unknown: the mail may have left."""
        answer = _json(response.body)
        headers = {name.lower(): value for name, value in response.headers.items()}
        if 200 <= response.status < 300:
            found = answer.get("MessageId")
            if not isinstance(found, str) or not found:
                raise Unknown("SES took the mail but its answer has no MessageId")
            return found
        code = str(headers.get("x-amzn-errortype") or answer.get("__type") or "").partition(":")[0].rpartition("#")[2]
        said = f"SES answered {response.status} {code}".strip()
        if response.status in (429, 503) or code in _THROTTLED or code in _EXPIRED:
            raise Temporary(said, retry_after=retry_after(response.headers))
        if response.status == 408 or response.status >= 500:
            raise Unknown(said)  # SES has no idempotency: its Send event, which carries our tag, settles it
        ours = response.status in (401, 403, 404) or code in _OURS
        raise Rejected(said, code=code or str(response.status), credentials=ours)

    def fetch(
        self, attachment: Attachment, inbox: Inbox, credentials: Credentials, answer: HttpResponse | None
    ) -> HttpRequest | None:
        """A mail holds its files itself."""
        raise Rejected("a mail's files are parts of the raw mail", code="fetch")


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
