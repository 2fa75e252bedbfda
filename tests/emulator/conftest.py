"""One deployment of the unmodified template for all tests here, with IAM enforced: a missing permission fails them."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import pytest

from router.aws.configs import Configs
from router.aws.dynamo import Dynamo
from router.config import Config
from santral.api_client import ApiClient, ApiError
from santral.cel import check as checked
from santral.connection import Connection
from santral.stage import Stage
from tests.kit.twilio import sign

T = TypeVar("T")

# One inbox of every channel, of a brand of their own: what tests/emulator/test_round_trips.py plays on.
_ACCOUNTS: dict[str, dict[str, Any]] = {
    "email": {"address": "tur@example.com"},
    "instagram": {"address": "17841400000000099", "secret": "instagram"},
    "messenger": {"address": "204200000000099", "secret": "messenger"},
    "telegram": {"address": "tur_bot", "secret": "telegram"},
    "twilio": {"address": "+15005550199", "secret": "twilio"},
    "webchat": {"address": "tur-web"},
    "whatsapp": {"address": "+15005550198", "secret": "whatsapp", "settings": {"phone_number_id": "104200000000099"}},
}
ROUND_TRIPS: tuple[dict[str, Any], ...] = tuple(
    {"name": f"tur-{channel}", "channel": channel, "queue": "tur", "brand": "tur", "language": "tr", **more}
    for channel, more in _ACCOUNTS.items()
)
GREETING = "+15005550177"
WELCOME = "Mesajınız bizde, {expected} yanıtlıyoruz."
CONFIG: dict[str, Any] = {
    "version": "end-to-end",
    "inboxes": [
        {"name": "destek", "channel": "email", "address": "destek@example.com", "queue": "genel", "language": "tr"},
        {"name": "hizli", "channel": "email", "address": "hizli@example.com", "queue": "hizli", "brand": "hizli"},
        {"name": "sms", "channel": "twilio", "address": "+15005550100", "queue": "genel", "secret": "twilio"},
        {"name": "selam", "channel": "twilio", "address": GREETING, "queue": "selam", "secret": "twilio"},
        {"name": "web", "channel": "webchat", "address": "web", "queue": "genel"},
        *ROUND_TRIPS,
    ],
    "queues": [
        {"name": "genel", "skill": "genel", "first_response_minutes": 60},
        {"name": "hizli", "skill": "uzman", "first_response_minutes": 0.02},
        {"name": "tur", "skill": "tur", "first_response_minutes": 60},
        {"name": "selam", "skill": "genel", "first_response_minutes": 60},
        {"name": "vip", "skill": "vip", "first_response_minutes": 5, "offer_seconds": 6},
    ],
    "agents": [
        {"name": "ayse", "display_name": "Ayşe", "skills": {"genel": 1, "vip": 5}, "units": 500, "languages": ["tr"]},
        {
            "name": "mehmet",
            "display_name": "Mehmet",
            "skills": {"genel": 1, "uzman": 1, "vip": 4},
            "units": 500,
            "languages": ["tr"],
        },
        {"name": "admin", "display_name": "Nöbetçi", "skills": {"vip": 2}, "units": 12, "languages": ["tr"]},
        {"name": "fatma", "display_name": "Fatma", "skills": ["tur"], "units": 1000},
    ],
    "answers": [{"queue": "selam", "acknowledgement": {"tr": WELCOME, "en": WELCOME}}],
    "routing": {"fallback": ["whatsapp", "telegram", "sms", "messenger", "instagram", "email", "webchat"]},
}
VIP, VIP_LINE = "+12025550166", "+15005550176"
NIGHT_COMPLAINT = (
    f'message.sender.address == "{VIP}" && message.text.mentions(["şikayet*"]) && !open("mesai")'  # always night
)
CONFIG["inboxes"].append(
    {"name": "vip", "channel": "twilio", "address": VIP_LINE, "queue": "genel", "secret": "twilio", "language": "tr"}
)
CONFIG["calendars"] = [{"name": "mesai", "zone": "Europe/Istanbul", "open": {"wed": ["04:03-04:04"]}}]
CONFIG["rules"] = [
    {
        "name": "vip-complaint", "when": NIGHT_COMPLAINT, "checked": checked(NIGHT_COMPLAINT, Config.model_validate(CONFIG)),
        "queue": "vip", "tier": "gold", "category": "complaint",
        "require": [{"needs": ["vip>=4", "language"], "seconds": 20}],
    }
]  # fmt: skip
MAIL_TEXT = "Merhaba, 4711 numaralı siparişim nerede?"
SMS_TEXT = "Pazar günü açık mısınız?"
NUMBERS = ("+12025550143", "+12025550000", "+12025550199")
# Those that leave a log: the emulator keeps none of what its WebSocket API invokes, so the chat itself must show it.
FUNCTIONS = (
    "receive",
    "receive-email",
    "route",
    "match",
    "deliver",
    "outreach",
    "happen",
    "fetch",
    "timer",
    "due",
    "sweep",
    "api",
    "publish",
    "archive",
    "hook",
    "measure",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First what keeps the functions busy, last what looks back: the schedule fires a minute after the deploy at the earliest."""
    order = {"test_end_to_end": 0, "test_looking_back": 2}
    items.sort(key=lambda item: order.get(item.path.stem, 1))


def until(look: Callable[[], T | None], what: str, seconds: float = 60, *, every: float = 0.1) -> T:
    """What `look` sees, as soon as it is something; it is asked `every` so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(every)
    return found


class Live:
    """The deployment as customers, providers, agents and operators see it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.connection: Connection = stage.connection
        self.outputs = stage.connection.outputs
        self.agent: ApiClient = self.connection.api("agent")
        self.supervisor: ApiClient = self.connection.api("supervisor")
        self.admin: ApiClient = self.connection.api("admin")
        self._clients: dict[str, Any] = {}

    def aws(self, service: str) -> Any:
        """A client as the account's owner."""
        return self._clients.setdefault(service, self.connection.client(service))

    def apply(self, config: Mapping[str, Any]) -> None:
        """Put a configuration in force; functions see it within five seconds."""
        dynamo = Dynamo(self.aws("dynamodb"), self.outputs["TableName"])
        Configs(dynamo).apply(Config.model_validate(config))

    # --- providers -------------------------------------------------------------------------------------------------

    def mail(self, sender: str, to: str, text: str, subject: str = "Sipariş", **headers: str) -> str:
        """SES takes a mail: into the bucket, and a notification to the topic. Its Message-ID."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Date"], message["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain="example.net")
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        ses_id = str(message["Message-ID"]).strip("<>").partition("@")[0].replace(".", "")
        bucket, key = self.outputs["MailBucketName"], f"mail/{ses_id}"
        self.aws("s3").put_object(Bucket=bucket, Key=key, Body=message.as_bytes())
        verdict, now = {"status": "PASS"}, datetime.now(UTC).isoformat()
        receipt = {
            "timestamp": now, "recipients": [to], "action": {"type": "S3", "bucketName": bucket, "objectKey": key},
            **{f"{name}Verdict": verdict for name in ("spam", "virus", "spf", "dkim", "dmarc")},
        }  # fmt: skip
        mail = {"timestamp": now, "messageId": ses_id, "source": sender, "destination": [to]}
        notification = {"notificationType": "Received", "mail": mail, "receipt": receipt}
        self.aws("sns").publish(TopicArn=self.outputs["MailTopicArn"], Message=json.dumps(notification))
        return str(message["Message-ID"])

    def sms(self, sender: str, text: str, sid: str, inbox: str = "sms", **changes: str) -> int:
        """Twilio posts an SMS to an inbox, signed; the status it is answered."""
        fields = {
            "MessageSid": sid, "AccountSid": self.twilio["account_sid"], "From": sender, "To": "+15005550100", "Body": text,
            "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", "ApiVersion": "2010-04-01",
        }  # fmt: skip
        signature = changes.pop("signature", None)
        fields = {name: value for name, value in {**fields, **changes}.items() if value}
        url = f"{self.connection.sandbox}/webhooks/twilio/{inbox}"
        headers = {"X-Twilio-Signature": signature or sign(self.twilio["auth_token"], url, fields)}
        status, _ = http("POST", url, urlencode(fields).encode(), headers)
        return status

    @property
    def twilio(self) -> dict[str, str]:
        """The account's credentials, as the operator stored them."""
        if not hasattr(self, "_twilio"):
            secret = self.aws("secretsmanager").get_secret_value(SecretId=self.outputs["SecretArn"])["SecretString"]
            self._twilio: dict[str, str] = json.loads(secret)["twilio"]
        return self._twilio

    # --- what is seen ----------------------------------------------------------------------------------------------

    def known(self, channel: str, address: str) -> dict[str, Any] | None:
        """The newest conversation of a customer."""
        try:
            contact = self.agent.get("/v1/contacts", channel=channel, address=address)
        except ApiError as error:
            if error.status != 404:
                raise
            return None
        return next(iter(contact["conversations"]), None)

    def conversation(self, channel: str, address: str, *, with_agent: bool = True) -> dict[str, Any]:
        """The same, once it is there (and an agent has it)."""

        def look() -> dict[str, Any] | None:
            found = self.known(channel, address)
            return found if found and (found["agent"] or not with_agent) else None

        return until(look, f"a conversation with {address}")

    def detail(self, conversation: str) -> dict[str, Any]:
        """A conversation with its messages and history."""
        return self.agent.get(f"/v1/conversations/{quote(conversation, safe='')}")

    def reply(self, conversation: str, text: str) -> str:
        """The agent answers; the message's id."""
        path = f"/v1/conversations/{quote(conversation, safe='')}/replies"
        return str(self.agent.post(path, {"text": text})["message"]["id"])

    def state(self, conversation: str, message: str) -> str:
        """How far an answer has come."""
        (found,) = [one for one in self.detail(conversation)["messages"] if one["id"] == message]
        return str(found["state"])

    def delivered(self, conversation: str, message: str) -> None:
        """Wait until an answer is known to have arrived."""
        until(lambda: self.state(conversation, message) == "delivered", f"{message} is delivered")

    def logs(self, function: str) -> list[str]:
        """Everything a function logged."""
        pages = (
            self.aws("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/santral-{function}")
        )
        return [event["message"] for page in pages for event in page["events"]]

    def waiting_in(self, queue: str) -> int:
        """How many messages a queue holds."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.aws("sqs").get_queue_attributes(QueueUrl=self.outputs[f"{queue}Url"], AttributeNames=names)
        return sum(int(found["Attributes"][name]) for name in names)


def http(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """One call; its status and body, whatever they are."""
    request = urllib.request.Request(url, body, dict(headers or {}), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """The deployment, up for all tests."""
    with Stage(Config.model_validate(CONFIG)) as stage:
        yield Live(stage)
