"""P11: personal data is never in logs, metrics, queue attributes or ids, whatever happens."""

import base64
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.client import BaseClient

from functions import wiring
from router.errors import Unknown
from router.wire import HttpRequest, HttpResponse
from tests.kit.crash import failing, settle
from tests.kit.promises import check
from tests.kit.world import SID, World

NAME, MAIL, PHONE = "Şehrazat Gülümser", "sehrazat.gulumser@ozel.example", "+905321112233"
WORDS = (
    "ejderhalarim",
    "mektubumda",
    "sohbetimde",
    "cevabimdaki",
    "notumdaki",
)  # in texts, each way and on each channel
VISITOR = "ziyaretci-4711-sehrazat"
PERSONAL = (NAME, "Şehrazat", "Gülümser", "sehrazat", "gulumser", MAIL, PHONE, PHONE[1:], "5321112233", *WORDS)


class Heard:
    """Everything that leaves a function other than its answers: log lines, metrics, what AWS is told beside the bodies."""

    def __init__(self, printed: pytest.CaptureFixture[str]) -> None:
        self.out = io.StringIO()
        self.log = io.StringIO()
        self.asked: list[str] = []
        self._printed = printed

    def said(self) -> str:
        """All lines."""
        printed = self._printed.readouterr()
        return self.out.getvalue() + self.log.getvalue() + printed.out + printed.err

    def hear(self, operation: str, params: dict[str, Any]) -> None:
        """Note the parts of an AWS call that are no place for a message: attributes, ids, keys, names."""
        for entry in params.get("Entries", [params]):
            kept = {k: v for k, v in entry.items() if k not in ("MessageBody", "Body", "Data", "Item", "TransactItems")}
            if operation in ("send_message", "send_message_batch", "put_object"):
                self.asked.append(json.dumps(kept, ensure_ascii=False, default=str))


def spellings(word: str) -> set[str]:
    """A word as it may hide: in other letters, encoded, escaped."""
    utf8 = word.encode()
    plain = base64.b64encode(utf8).decode().rstrip("=")
    return {word.casefold(), json.dumps(word)[1:-1].casefold(), utf8.hex(), plain[:-1].casefold()}


def assert_free_of_personal_data(where: str, text: str) -> None:
    lowered = text.casefold()
    for word in PERSONAL:
        for spelling in spellings(word):
            assert spelling not in lowered, (
                f"{where}: '{word}' in …{lowered[max(0, lowered.index(spelling) - 200) :][:400]}"
            )


@pytest.fixture
def heard(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Heard]:
    """Listen to everything, at the most talkative level."""
    heard = Heard(capsys)
    make_api_call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def api_call(self: Any, operation: str, params: Any) -> Any:
        heard.hear(xform_name(operation), params)
        return make_api_call(self, operation, params)

    monkeypatch.setattr(BaseClient, "_make_api_call", api_call)
    monkeypatch.setattr(world.exchange, "count", wiring.count)
    ours = logging.StreamHandler(heard.log)
    powertools = wiring.logger._logger
    level = powertools.level
    for name in ("router", "functions", "channels", "test"):
        logging.getLogger(name).addHandler(ours)
    powertools.setLevel(logging.DEBUG)
    stream = powertools.handlers[0]
    old = stream.stream  # type: ignore[attr-defined]
    stream.stream = heard.out  # type: ignore[attr-defined]
    yield heard
    stream.stream = old  # type: ignore[attr-defined]
    powertools.setLevel(level)
    for name in ("router", "functions", "channels", "test"):
        logging.getLogger(name).removeHandler(ours)


def write(world: World) -> str:
    """One message by each channel; the visitor's connection."""
    world.sms(f"{NAME}: {WORDS[0]}", sender=PHONE)
    world.mail(WORDS[1], sender=f'"{NAME}" <{MAIL}>', subject=f"{NAME} {WORDS[1]}")
    connection = world.open_chat(VISITOR, name=NAME)
    world.frame(connection, {"type": "message", "id": "1", "text": WORDS[2]})
    return connection


def a_full_run(world: World) -> None:
    """Every use case, with every outcome."""
    world.come_in("ayse", "mehmet")
    connection = write(world)
    world.pump()
    for conversation in world.conversations():
        world.pass_time(seconds=1)
        agent = conversation.agent
        world.reply(conversation.id, WORDS[3], user=agent)
        path = f"/v1/conversations/{conversation.id}"
        assert world.call("POST", f"{path}/notes", {"text": WORDS[4]}, user=agent)[0] == 200
        world.call("POST", f"{path}/transfer", {"queue": "uzman", "note": WORDS[4]}, user=agent)
        world.call("GET", path, user=agent)
    world.pump()
    world.frame(connection, {"type": "resume", "after": None})
    world.frame(connection, {"type": "typing"})
    world.call("GET", "/v1/contacts", query=f"channel=sms&address=%2B{PHONE[1:]}")


def nothing_is_heard(world: World, heard: Heard) -> None:
    said = heard.said()
    assert '"level"' in said, "the logs were not captured"
    assert "_aws" in said, "the metrics were not captured"
    assert heard.asked, "no queue was heard"
    assert_free_of_personal_data("logs and metrics", said)
    for asked in heard.asked:
        assert_free_of_personal_data("queue attributes and object names", asked)
    for item in world.items():
        for attribute in ("pk", "sk", "lk", "ls", "dk", "due", "cv", "at"):
            assert_free_of_personal_data(f"the table's key '{attribute}'", str(item.get(attribute, "")))


def test_a_day_on_every_channel(world: World, heard: Heard) -> None:
    a_full_run(world)
    settle(world)
    check(world)
    nothing_is_heard(world, heard)


def test_a_day_on_which_providers_fail(world: World, heard: Heard) -> None:
    """Their refusals hold the customer's number and address."""
    said = json.dumps({"code": 21211, "message": f"The 'To' number {PHONE} is not valid", "detail": MAIL}).encode()
    answers = iter([HttpResponse(400, {}, said), HttpResponse(500, {}, said), HttpResponse(429, {}, said)])

    def answer(request: HttpRequest) -> HttpResponse:
        found = next(answers, None)
        if found is None:
            raise Unknown("the line broke after the call had left: ReadTimeoutError")
        return found

    world.providers.answer = answer
    a_full_run(world)
    settle(world)
    for parked in world.call("GET", "/v1/parked", role="supervisor")[1]["parked"]:
        world.call("POST", f"/v1/parked/{parked['id']}/resend", {}, role="supervisor")
    settle(world)
    nothing_is_heard(world, heard)


def test_a_day_on_which_aws_fails(world: World, heard: Heard) -> None:
    with failing(world, "send_message", "send_message_batch"):
        write(world)
    with failing(world, "put_item"):
        write(world)
    with failing(world, "transact_write_items"):
        for name in ("inbound", "match"):
            world.work(name)
    settle(world)
    nothing_is_heard(world, heard)


def test_a_day_on_which_callers_lie(world: World, heard: Heard) -> None:
    fields = {"MessageSid": "SM1", "AccountSid": SID, "From": PHONE, "To": "+15550100", "Body": WORDS[0]}
    assert world.webhook("twilio", "sms", fields, signature="AAAA")["statusCode"] == 403
    assert world.webhook("twilio", "sms", {"Hologram": "H1", "From": PHONE, "CallerName": NAME})["statusCode"] == 200
    world.mail(WORDS[1], sender=f'"{NAME}" <{MAIL}>', to=f"{MAIL.partition('@')[0]}@elsewhere.example")
    world.mail(sender=MAIL, raw=b"\xff\xfe" + f"From: {MAIL}\r\nSubject: {NAME}".encode())
    connection = world.open_chat(VISITOR, name=NAME)
    for frame in ("{", json.dumps({"type": "message", "id": PHONE * 20, "text": WORDS[2]}), json.dumps({"type": NAME})):
        world.frame(connection, frame)
    world.socket("CONNECT", "x=", protocols=["santral.v1", f"session.{NAME.encode().hex()}"])
    world.call("POST", f"/v1/conversations/{MAIL}/replies", {"text": WORDS[3]})
    world.call("POST", "/v1/conversations/c_x.y.1/replies", {"texts": WORDS[3]})
    world.call("GET", "/v1/contacts", query=f"channel=email&address={MAIL}")
    world.call("GET", f"/v1/contacts/{MAIL}")
    settle(world)
    nothing_is_heard(world, heard)


def test_a_fault_of_ours_says_where_and_not_whose(world: World, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that trips our own code, in each function it comes through."""
    from router import route

    def trips(*_: Any, **__: Any) -> Any:
        raise KeyError("a fault")

    write(world)
    monkeypatch.setattr(route, "begin", trips)
    for _ in range(5):
        world.work("inbound")
    assert len(world.items("Q#")) == 3
    nothing_is_heard(world, heard)


def test_a_representation_of_the_exchange_hides_its_key(world: World) -> None:
    text = repr(world.exchange)
    assert world.x.key.decode() not in text
    assert "auth_token" not in text


@pytest.mark.parametrize("text", [NAME, json.dumps({"name": NAME}), f"conn#{PHONE[1:]}", MAIL.upper()])
def test_a_leak_would_be_found(text: str) -> None:
    with pytest.raises(AssertionError, match="here"):
        assert_free_of_personal_data("here", text)
