"""The catalogue's part of docs/events.md, written from the models, with examples that the code itself makes of invented changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from router.catalogue import EVENTS, Event
from router.clocks import BREACH
from router.conversations import Conversation, State
from router.events import Change, Filed, Seat, Thing, events_of
from router.loads import Load
from router.messages import ChannelName, Direction, Message, Party, Proof, Provider, ReceiptStatus
from router.promises import Promise, kept, taken_back
from router.records import Contact, Entry, Identity
from router.scores import Score, ScoreKind
from router.sends import Send, SendState
from router.sla import Clock
from router.surveys import Asked, Rating
from router.targets import Target

PAGE = Path(__file__).parents[1] / "docs" / "events.md"
BEGIN, END = "<!-- the catalogue, written by `santral schema` -->", "<!-- the catalogue ends -->"
AT = datetime(2026, 3, 10, 9, 0, 5, tzinfo=UTC)
_KEY = b"the key of the examples"
_PERSON, _OTHER = "p_kq2v7mz3c5x7a2d4n6b8w0yt", "p_b4d6f8h2j4l6n8p2r4t6v8xz"


def examples() -> dict[str, Event]:
    """One event of each type."""
    found: dict[str, Event] = {}
    for number, (old, new) in enumerate(_changes()):
        for event in events_of(Change(old, new, f"example {number}", AT), _KEY):
            found.setdefault(event.type, event)
    return found


def _conversation() -> Conversation:
    opened = AT - timedelta(seconds=5)
    return Conversation(
        contact=_PERSON,
        group="ornek",
        number=1,
        state=State.WAITING,
        channel=ChannelName.SMS,
        inbox="sms",
        queue="sms",
        pool="main",
        units=3,
        priority=4,
        address="",
        opened_at=opened,
        waiting_since=opened,
        proof=Proof.WEAK,
        language="tr",
        clocks=(Clock(Target.FIRST_RESPONSE, opened, opened + timedelta(minutes=10)),),
        version=1,
    )


def _message(direction: Direction, message_id: str, author: str | None = None) -> Message:
    return Message(
        id=message_id,
        channel=ChannelName.SMS,
        provider=Provider.TWILIO,
        inbox="sms",
        direction=direction,
        sender=Party(address=""),
        received_at=AT - timedelta(seconds=5),
        author=author,
    )


def _changes() -> Iterator[tuple[Thing | None, Thing | None]]:
    """Invented changes, in which everything of the catalogue happens."""
    waiting = _conversation()
    active = replace(waiting, state=State.ACTIVE, agent="ayse", version=2)
    resolved = replace(active, state=State.RESOLVED, resolved_at=AT, version=5)
    yield None, waiting
    yield waiting, active
    yield active, replace(waiting, version=3)
    yield active, replace(active, agent="mehmet", version=3)
    yield active, resolved
    yield resolved, replace(waiting, version=6)
    yield resolved, replace(waiting, number=2, version=6)
    (clock,) = waiting.clocks
    yield waiting, replace(waiting, clocks=(replace(clock, acted=75),), version=2)
    yield waiting, replace(waiting, clocks=(replace(clock, acted=100),), priority=3, version=2)
    actions = [{"priority": [4, 2], "queue": ["sms", "uzman"], "webhooks": ["crm"]}]
    late = {"target": "first_response", "share": 100, "due_at": (AT - timedelta(seconds=1)).isoformat(), "priority": 2}
    late |= {"queue": "sms", "to_queue": "uzman", "agent": None, "actions": actions}
    yield None, Entry("b_2n4r6t8v0xzb2d4f6h8j0l2n", waiting.id, AT, "breach", "clock", late)
    yield active, replace(active, tags=("iade", "vip"), version=3)
    yield active, replace(active, category="complaint", version=3)
    promise = Promise("pr_2t4r6v8xzb4d6f8h2j4l6n7n", AT, AT + timedelta(hours=3), "ayse", answer=False)
    promised = replace(active, promises=(promise,), version=3)
    yield active, promised
    for ended in (
        kept(promise, AT + timedelta(hours=2)),
        replace(promise, acted=BREACH),
        taken_back(promise, AT + timedelta(hours=1)),
    ):
        yield promised, replace(promised, promises=(ended,), version=4)
    score = Score(AT, ScoreKind.CSAT, 4, "client:survey", "ayse")
    yield resolved, replace(resolved, scores=(score,), version=6)
    yield None, Filed(_message(Direction.INBOUND, "m_7n2r4t6v8xzb4d6f8h2j4l6n"), waiting.id)
    send = Send(
        message=_message(Direction.OUTBOUND, "m_c5x7a2d4n6b8w0ytkq2v7mz3", "ayse"),
        conversation=waiting.id,
        state=SendState.SENDING,
        attempts=1,
    )
    sent = replace(send, state=SendState.SENT, settled_at=AT)
    yield send, sent
    for status in (ReceiptStatus.DELIVERED, ReceiptStatus.READ, ReceiptStatus.BOUNCED):
        yield sent, replace(sent, receipt=status)
    yield send, replace(send, state=SendState.PARKED)
    met = Contact(_PERSON, ChannelName.SMS, "", Proof.WEAK, AT, version=1)
    joined = Identity(ChannelName.EMAIL, "", Proof.STRONG, _OTHER, AT)
    yield None, met
    yield met, replace(met, joined=(joined,), version=2)
    yield met, replace(met, into=_OTHER, version=2)
    yield replace(met, into=_OTHER, version=2), replace(met, version=3)
    seat = Seat("main", Load("ayse", "away", 12, 12, {}, AT, presence_since=AT - timedelta(hours=1)))
    yield seat, replace(seat, load=replace(seat.load, presence="online", presence_since=AT))
    week = timedelta(days=7)
    asked = Asked(
        send.id,
        ScoreKind.NPS,
        "tavsiye",
        _PERSON,
        None,
        ChannelName.SMS,
        AT - week,
        AT,
        "tr",
        "ornek",
        "2026-03-02T11:00",
    )
    yield None, Rating(asked, 9, "link", AT - timedelta(seconds=1), text=".")


def section() -> str:
    """The text between the marks: every type with when it is sent, its fields and an example."""
    shown = examples()
    parts = [BEGIN, ""]
    parts += ["| Field | Type | What it says |", "|---|---|---|", *_rows(Event, but=("data",))]
    parts += ["| `data` | object | by type, below |", ""]
    for event_type, model in EVENTS.items():
        data = model.model_fields["data"].annotation
        assert isinstance(data, type)
        assert issubclass(data, BaseModel)
        example = json.dumps(shown[event_type].model_dump(mode="json"), indent=2, ensure_ascii=False)
        parts += [f"### {event_type}", "", model.says, "", "| Field | Type | What it says |", "|---|---|---|"]
        parts += [*_rows(data), "", "```json", example, "```", ""]
    return "\n".join([*parts, END])


def _rows(model: type[BaseModel], but: tuple[str, ...] = ()) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name not in but:
            yield f"| `{name}` | {_named(field.annotation)} | {field.description} |"


def _named(annotation: Any) -> str:
    """A type in a reader's words."""
    parts = get_args(annotation)
    if type(None) in parts:
        return f"{_named(next(part for part in parts if part is not type(None)))} or null"
    if Ellipsis in parts:
        return f"list of {_named(parts[0])}"
    words = {str: "text", int: "number", bool: "true or false"}
    if annotation in words:
        return words[annotation]
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " / ".join(annotation)
    return " / ".join(map(str, parts)) if get_origin(annotation) is Literal else "time"


def current(page: Path = PAGE) -> bool:
    """Does the page say what the models say?"""
    return section() in page.read_text("utf-8")


def write(page: Path = PAGE) -> bool:
    """Bring the page's catalogue up to date; whether it had to be."""
    if current(page):
        return False
    text = page.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(before + section() + after, "utf-8")
    return True
