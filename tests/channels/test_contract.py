"""What every registered channel keeps to. A new channel adds one entry to CASES and is held to all of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import meta, registry, twilio
from channels.base import Channel, Outgoing, Request
from channels.reading import form
from channels.twilio_signature import signature
from router.config import Inbox
from router.errors import NotFound, Refused, Rejected, Unparsable
from router.messages import (
    ChannelName,
    Direction,
    Ignored,
    Message,
    Parsed,
    Party,
    Provider,
    to_utc,
)
from tests.kit.amount import times

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 3, 10, 5, 16, 23, 250_000, tzinfo=UTC)
KEY, OTHER_KEY = b"0" * 32, b"1" * 32
SECRET = "s3cr3t-of-a-test"
TELL_MILLISECONDS = {"email", "instagram", "messenger", "webchat"}


@dataclass(frozen=True)
class Case:
    """One channel's data: an authentic inbound call, what is no such call, and an answer that can be sent."""

    inbox: Inbox
    credentials: Mapping[str, str]
    request: Request
    strangers: Mapping[str, Request]
    recipient: str
    longest: int | None  # characters of a text; None: the channel has no limit that text reaches
    outgoing: Mapping[str, Any]  # more fields of Outgoing
    content_types: tuple[str, ...] = ("",)


def _twilio() -> Case:
    body = (SAMPLES / "twilio" / "sms.form").read_bytes()
    url = "https://hooks.example.com/in/twilio/sms"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    pairs = form(body)
    good = signature(SECRET, url, pairs)
    request = Request(body=body, headers=headers | {"x-twilio-signature": good}, url=url, received_at=NOW)

    def signed(value: str) -> Request:
        return replace(request, headers=headers | {"x-twilio-signature": value})

    return Case(
        inbox=Inbox(name="sms", channel="twilio", address="+441632960100", queue="main", brand="lamps"),
        credentials={"account_sid": "AC0f7c2b915d6e43a8b1c09e52d7348f6a", "auth_token": SECRET},
        request=request,
        strangers={
            "no signature": replace(request, headers=headers),
            "an empty one": signed(""),
            "a garbled one": signed("not base64 é\ud800"),
            "a foreign one": signed(signature("another token", url, pairs)),
            "another body": replace(request, body=body.replace(b"lamp", b"ramp")),
            "one more field": replace(request, body=body + b"&Body=x"),
            "another address": replace(request, url=url + "?send=m_1"),
        },
        recipient="+447700900123",
        longest=twilio.MAX_TEXT,
        outgoing={"status_url": "https://hooks.example.com/in/twilio/sms/status?send=m_1"},
        content_types=("", "application/json", "application/x-www-form-urlencoded"),
    )


def _webchat() -> Case:
    session = {"inbox": "chat", "visitor": "v-81c2", "name": "Ada", "connection": "c="}
    body = (SAMPLES / "webchat" / "message.json").read_bytes()
    request = Request(body=body, envelope=session, received_at=NOW)
    return Case(
        inbox=Inbox(name="chat", channel="webchat", address="shop", queue="main", brand="lamps"),
        credentials={"connection": SECRET},
        request=request,
        strangers={
            "no session": replace(request, envelope={}),
            "another inbox's session": replace(request, envelope=session | {"inbox": "other"}),
            "a session of nobody": replace(request, envelope=session | {"visitor": None}),
        },
        recipient="v-81c2",
        longest=4_000,
        outgoing={},
    )


def _email() -> Case:
    body = (
        b"From: Ada <ada@customer.example>\r\nTo: help@lamps.example\r\nSubject: The lamp\r\n"
        b"Message-ID: <1@customer.example>\r\nDate: Tue, 10 Mar 2026 06:16:20 +0100\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\nIs it back? \xc3\xa7\r\n"
    )
    verdicts = {f"{name}Verdict": {"status": "PASS"} for name in ("spam", "virus", "spf", "dkim", "dmarc")}
    envelope = {
        "mail": {
            "messageId": "k3v9q0example",
            "timestamp": "2026-03-10T05:16:22.000Z",
            "source": "ada@customer.example",
            "destination": ["help@lamps.example"],
        },
        "receipt": {
            "timestamp": "2026-03-10T05:16:22.000Z",
            "recipients": ["help@lamps.example"],
            "action": {"type": "S3", "bucketName": "mail", "objectKey": "in/k3v9q0example"},
            **verdicts,
        },
    }
    return Case(
        inbox=Inbox(name="mail", channel="email", address="help@lamps.example", queue="main", brand="lamps"),
        credentials={},
        request=Request(body=body, envelope=envelope, received_at=NOW),
        strangers={},  # SES's own notification, by IAM; mail's authenticity is in its verdicts
        recipient="ada@customer.example",
        longest=None,
        outgoing={"reply_address": "help+k2@lamps.example", "in_reply_to": "1@customer.example"},
    )


def _telegram() -> Case:
    name = "x-telegram-bot-api-secret-token"
    request = Request(
        body=(SAMPLES / "telegram" / "text.json").read_bytes(),
        headers={"content-type": "application/json", name: SECRET},
        received_at=NOW,
    )

    def given(value: str) -> Request:
        return replace(request, headers={"content-type": "application/json", name: value})

    return Case(
        inbox=Inbox(name="bot", channel="telegram", address="@lampsbot", queue="main", brand="lamps"),
        credentials={"bot_token": f"4839574812:{SECRET}", "webhook_secret": SECRET},
        request=request,
        strangers={
            "no secret": replace(request, headers={}),
            "an empty one": given(""),
            "a garbled one": given("é\ud800"),
            "another": given("another-secret"),
            "a longer one": given(SECRET + "x"),
            "the secret in another place": replace(
                request, headers={"authorization": SECRET}, query=f"secret={SECRET}"
            ),
        },
        recipient="5204417731",
        longest=4_096,
        outgoing={},
        content_types=("", "application/json"),
    )


def _whatsapp() -> Case:
    body = (SAMPLES / "whatsapp" / "text.json").read_bytes()
    headers = {"content-type": "application/json"}

    def signed(value: str, body: bytes = body) -> Request:
        return Request(body=body, headers=headers | {"x-hub-signature-256": value}, received_at=NOW)

    good = meta.signature(SECRET, body)
    return Case(
        inbox=Inbox(
            name="wa",
            channel="whatsapp",
            address="+442079460123",
            queue="main",
            brand="lamps",
            settings={"phone_number_id": "106812345678901"},
        ),
        credentials={"access_token": SECRET, "app_secret": SECRET, "verify_token": SECRET},
        request=signed(good),
        strangers={
            "no signature": Request(body=body, headers=headers, received_at=NOW),
            "an empty one": signed(""),
            "a garbled one": signed("sha256=é\ud800"),
            "a foreign one": signed(meta.signature("another secret", body)),
            "another body": signed(good, body + b" "),
            "the older signature alone": Request(
                body=body, headers=headers | {"x-hub-signature": "sha1=" + "0" * 40}, received_at=NOW
            ),
        },
        recipient="+447700900123",
        longest=4_096,
        outgoing={"in_reply_to": "wamid.OURS1", "since_heard": timedelta(hours=1)},
        content_types=("", "application/json"),
    )


def _meta(name: str, address: str, recipient: str, longest: int) -> Case:
    body = (SAMPLES / name / "text.json").read_bytes()

    def call(signature: str | None, body: bytes = body) -> Request:
        signed = {} if signature is None else {"x-hub-signature-256": signature}
        return Request(body=body, headers={"content-type": "application/json"} | signed, received_at=NOW)

    good = meta.signature(SECRET, body)
    return Case(
        inbox=Inbox(name="social", channel=name, address=address, queue="main", brand="lamps"),
        credentials={"access_token": SECRET, "app_secret": SECRET, "verify_token": SECRET},
        request=call(good),
        strangers={
            "no signature": call(None),
            "an empty one": call(""),
            "a garbled one": call("sha256=é\ud800"),
            "a foreign one": call(meta.signature("another secret", body)),
            "another body": call(good, body.replace(b"back", b"here")),
            "the same body written otherwise": call(good, json.dumps(json.loads(body)).encode()),
        },
        recipient=recipient,
        longest=longest,
        outgoing={"since_heard": timedelta(hours=1)},
        content_types=("", "application/json"),
    )


CASES: dict[str, Callable[[], Case]] = {
    "instagram": lambda: _meta("instagram", "17841463920558117", "1284407395520168", 1_000),
    "messenger": lambda: _meta("messenger", "104377009186422", "24070193551842277", 2_000),
    "telegram": _telegram,
    "email": _email,
    "twilio": _twilio,
    "webchat": _webchat,
    "whatsapp": _whatsapp,
}


def _channel(name: str) -> Channel:
    if find_spec(f"channels.{name}") is None:
        pytest.skip(f"channels.{name} is not written yet")
    return registry.get(name)


@pytest.fixture(params=registry.names())
def channel(request: pytest.FixtureRequest) -> Channel:
    return _channel(request.param)


@pytest.fixture
def case(channel: Channel) -> Case:
    return CASES[channel.name]()


def outgoing(channel: Channel, case: Case, text: str = "It is back.", **changes: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "id": "m_aaaaaaaaaaaaaaaaaaaaaaaa",
        "channel": channel.channel,
        "provider": channel.provider,
        "inbox": case.inbox.name,
        "direction": Direction.OUTBOUND,
        "sender": Party(address=case.inbox.address),
        "recipients": (Party(address=case.recipient),),
        "subject": "The lamp",
        "text": text,
        "received_at": NOW,
    }
    return Outgoing(Message(**(fields | changes)), case.inbox, **case.outgoing)


class TestCalls:
    def test_an_authentic_one_passes(self, channel: Channel, case: Case) -> None:
        channel.verify(case.request, case.inbox, case.credentials, NOW)
        assert channel.challenge(case.request, case.inbox, case.credentials) is None

    def test_strangers_are_refused(self, channel: Channel, case: Case) -> None:
        for why, stranger in case.strangers.items():
            with pytest.raises(Refused):
                channel.verify(stranger, case.inbox, case.credentials, NOW)
                pytest.fail(f"{why} passed")

    def test_a_refusal_tells_no_secret(self, channel: Channel, case: Case) -> None:
        for stranger in case.strangers.values():
            with pytest.raises(Refused) as refused:
                channel.verify(stranger, case.inbox, case.credentials, NOW)
            assert SECRET not in str(refused.value)

    def test_without_our_secret_nobody_passes(self, channel: Channel, case: Case) -> None:
        if channel.carrier == "http" and case.strangers:
            with pytest.raises(Refused):
                channel.verify(case.request, case.inbox, {}, NOW)

    def test_are_answered_2xx_whatever_they_held(self, channel: Channel, case: Case) -> None:
        ignored = Parsed(ignored=(Ignored(what="x", reason="y"),))
        for parsed in (channel.parse(case.request, case.inbox, KEY), Parsed(), ignored):
            assert 200 <= channel.acknowledge(parsed).status < 300


class TestParse:
    def test_a_message_is_found_and_is_this_inboxs(self, channel: Channel, case: Case) -> None:
        (message,) = channel.parse(case.request, case.inbox, KEY).messages
        assert message.direction is Direction.INBOUND
        assert (message.channel, message.provider) == (channel.channel, channel.provider)
        assert message.inbox == case.inbox.name
        assert message.external_id
        assert message.authenticity.method

    def test_a_redelivery_has_the_same_id(self, channel: Channel, case: Case) -> None:
        later = replace(case.request, received_at=NOW + timedelta(minutes=7))
        assert self._id(channel, case, later) == self._id(channel, case, case.request)

    def test_another_brand_or_deployment_has_another_id(self, channel: Channel, case: Case) -> None:
        here = self._id(channel, case, case.request)
        brand = case.inbox.model_copy(update={"brand": "chairs"})
        (elsewhere,) = channel.parse(case.request, brand, KEY).messages
        (deployed,) = channel.parse(case.request, case.inbox, OTHER_KEY).messages
        assert len({here, elsewhere.id, deployed.id}) == 3

    def test_another_inbox_of_the_brand_does_not_make_another_message(self, channel: Channel, case: Case) -> None:
        other = case.inbox.model_copy(update={"name": "other"})
        (message,) = channel.parse(case.request, other, KEY).messages
        assert message.id == self._id(channel, case, case.request)

    def test_a_neighbour_behind_the_same_url_leaves_what_is_not_its_own(self, channel: Channel, case: Case) -> None:
        """And says whose it is by a value, not in words."""
        if not channel.shared:
            pytest.skip("each inbox has a URL of its own")
        account = channel.account(case.inbox)
        assert account.isdigit()
        stranger = case.inbox.model_copy(update={"name": "other", "address": "999000999", "settings": {}})
        parsed = channel.parse(case.request, stranger, KEY)
        assert (parsed.messages, parsed.receipts) == ((), ())
        assert account in [one.account for one in parsed.ignored]
        assert all(one.account is None for one in channel.parse(case.request, case.inbox, KEY).ignored)

    def test_an_inbox_that_states_no_account_takes_all(self, channel: Channel, case: Case) -> None:
        """As `santral normalize` does."""
        if not channel.shared:
            pytest.skip("each inbox has a URL of its own")
        label = case.inbox.model_copy(update={"address": "lamps", "settings": {}})
        assert channel.account(label) == ""
        assert len(channel.parse(case.request, label, KEY).messages) == 1

    def test_two_of_one_second_stand_as_they_came_whatever_their_ids(self, channel: Channel, case: Case) -> None:
        (told,) = channel.parse(case.request, case.inbox, KEY).messages
        began = (told.provider_at or NOW).replace(microsecond=0)
        if told.turn is None and (told.provider_at or told.sent_at):
            assert channel.name in TELL_MILLISECONDS
            pytest.skip("a part of the second is told")
        first, second = (replace(case.request, received_at=began + timedelta(milliseconds=ms)) for ms in (200, 700))
        for key, other in ((KEY, OTHER_KEY), (OTHER_KEY, KEY)):  # so that each has the smaller id once
            (before,) = channel.parse(first, case.inbox, key).messages
            (after,) = channel.parse(second, case.inbox, other).messages
            assert before.cursor < after.cursor
            assert (before.occurred_at, after.occurred_at) == (first.received_at, second.received_at)

    def test_an_id_tells_nothing_of_the_person(self, channel: Channel, case: Case) -> None:
        (message,) = channel.parse(case.request, case.inbox, KEY).messages
        assert message.sender.address.strip("+") not in message.id
        assert (message.external_id or "") not in message.id

    def test_every_time_is_aware_and_utc(self, channel: Channel, case: Case) -> None:
        (message,) = channel.parse(case.request, case.inbox, KEY).messages
        times = [t for t in (message.sent_at, message.provider_at, message.received_at, message.occurred_at) if t]
        assert all(time.utcoffset() == timedelta(0) for time in times)
        assert message.received_at == NOW

    def test_goes_through_json_unchanged(self, channel: Channel, case: Case) -> None:
        parsed = channel.parse(case.request, case.inbox, KEY)
        assert Parsed.model_validate_json(parsed.model_dump_json()) == parsed

    @staticmethod
    def _id(channel: Channel, case: Case, request: Request) -> str:
        (message,) = channel.parse(request, case.inbox, KEY).messages
        return message.id


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["type", "id", "text", "at", "message", "upto"]
FIELDS += ["MessageSid", "MessageStatus", "SmsStatus", "From", "To", "Body", "MediaUrl0", "Latitude"]
NAMES = st.sampled_from(FIELDS)
WORDS = st.sampled_from(["message", "ack", "read", "+447700900123", "whatsapp:+1", "delivered", "\ud800", "\0", ""])
OBJECTS = st.dictionaries(NAMES, WORDS | JSON, max_size=6)
BODIES = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    OBJECTS.map(lambda value: json.dumps(value).encode()),
    st.lists(st.tuples(NAMES, st.binary(max_size=20)), max_size=6).map(
        lambda pairs: b"&".join(name.encode() + b"=" + value for name, value in pairs)
    ),
)


@pytest.mark.parametrize("name", registry.names())
def test_arbitrary_bytes_are_read_or_unparsable_and_never_accepted_from_a_stranger(name: str) -> None:
    channel, case = _channel(name), CASES[name]()

    @settings(max_examples=times(300), deadline=None)
    @given(body=BODIES, content_type=st.sampled_from(case.content_types))
    def check(body: bytes, content_type: str) -> None:
        headers = dict(case.request.headers) | ({"content-type": content_type} if content_type else {})
        request = replace(case.request, body=body, headers=headers)
        if name == "twilio" and body != case.request.body:
            with pytest.raises(Refused):
                channel.verify(request, case.inbox, case.credentials, NOW)
        try:
            parsed = channel.parse(request, case.inbox, KEY)
        except Unparsable:
            return
        assert Parsed.model_validate_json(parsed.model_dump_json()) == parsed
        assert all(message.received_at == NOW for message in parsed.messages)
        assert all(receipt.received_at == NOW for receipt in parsed.receipts)

    check()


class TestRender:
    def test_makes_a_call(self, channel: Channel, case: Case) -> None:
        request = channel.render(outgoing(channel, case), case.credentials)
        assert request.method == "POST"
        assert request.timeout <= 30
        assert request.url.startswith(("https://", "execute-api:", "ses:"))

    def test_is_the_same_call_each_time(self, channel: Channel, case: Case) -> None:
        one, other = (channel.render(outgoing(channel, case), case.credentials) for _ in range(2))
        assert one == other

    def test_credentials_stay_out_of_its_repr(self, channel: Channel, case: Case) -> None:
        if channel.carrier == "http":  # a connection's id is in its URL, and is no secret
            assert SECRET not in repr(channel.render(outgoing(channel, case), case.credentials))

    def test_too_long_a_text_is_rejected_with_the_limit(self, channel: Channel, case: Case) -> None:
        if case.longest is None:
            pytest.skip("the channel has no limit that text reaches")
        channel.render(outgoing(channel, case, "a" * case.longest), case.credentials)
        with pytest.raises(Rejected, match=str(case.longest)):
            channel.render(outgoing(channel, case, "a" * (case.longest + 1)), case.credentials)

    @pytest.mark.parametrize("direction", [Direction.NOTE, Direction.INBOUND])
    def test_what_is_not_outbound_never_leaves(self, channel: Channel, case: Case, direction: Direction) -> None:
        with pytest.raises(Rejected):
            channel.render(outgoing(channel, case, direction=direction), case.credentials)

    def test_a_rejection_does_not_repeat_the_message(self, channel: Channel, case: Case) -> None:
        with pytest.raises(Rejected) as rejected:
            channel.render(outgoing(channel, case, "a secret", direction=Direction.NOTE), case.credentials)
        assert "a secret" not in str(rejected.value)
        assert case.recipient not in str(rejected.value)


class TestRegistry:
    def test_every_channel_has_its_case_here(self) -> None:
        assert set(CASES) == set(registry.names())

    def test_every_channel_is_registered_under_its_name(self, channel: Channel) -> None:
        assert registry.get(channel.name) is channel
        assert isinstance(channel.channel, ChannelName)
        assert isinstance(channel.provider, Provider)

    def test_there_is_no_other(self) -> None:
        with pytest.raises(NotFound, match="fax"):
            registry.get("fax")


def test_a_time_of_another_zone_becomes_utc() -> None:
    assert to_utc(datetime.fromisoformat("2026-03-10T08:16:23+03:00")).isoformat() == "2026-03-10T05:16:23+00:00"
