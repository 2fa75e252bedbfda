"""What a change means to others: the events of it, and that they hold nothing personal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from router.catalogue import EVENTS, matches
from router.conversations import Conversation, State
from router.events import Change, Filed, Seat, Thing, events_of
from router.loads import Load
from router.messages import ChannelName, Direction, Kind, Message, Party, Proof, Provider, ReceiptStatus
from router.promises import Promise, kept, taken_back
from router.records import Contact, Identity
from router.scores import Score, ScoreKind
from router.sends import Send, SendState
from router.sla import Clock
from router.surveys import Asked, Rating
from router.targets import Target

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = b"k" * 32
CLOCK = Clock(Target.FIRST_RESPONSE, AT, AT + timedelta(minutes=10))
LATE = replace(CLOCK, acted=100)
WAITING = Conversation(
    contact="p_abc",
    group="default",
    number=1,
    state=State.WAITING,
    channel=ChannelName.SMS,
    inbox="sms",
    queue="genel",
    pool="main",
    units=3,
    priority=5,
    address="+15550199",
    opened_at=AT,
    waiting_since=AT,
    name="Zeynep Kaya",
    subject="Sipariş 4711",
    preview="Nerede kaldı",
    clocks=(CLOCK,),
    version=1,
)
ACTIVE = replace(WAITING, state=State.ACTIVE, agent="ayse", version=2)
RESOLVED = replace(ACTIVE, state=State.RESOLVED, resolved_at=AT, version=3)


def told(old: Thing | None, new: Thing | None) -> list[str]:
    """The types of what others hear."""
    return [event.type for event in events_of(Change(old, new, "1", AT), KEY)]


def data(old: Thing | None, new: Thing | None, event_type: str) -> dict[str, Any]:
    """What one of the events holds."""
    (found,) = [e for e in events_of(Change(old, new, "1", AT), KEY) if e.type == event_type]
    return dict(found.model_dump(mode="json")["data"])


@pytest.mark.parametrize(("old", "new", "expected"), [
    (None, WAITING, ["conversation.opened"]),
    (None, replace(RESOLVED, version=1), ["conversation.opened", "conversation.resolved"]),
    (None, replace(WAITING, tags=("vip",)), ["conversation.opened", "conversation.tagged"]),
    (WAITING, ACTIVE, ["conversation.assigned"]),
    (ACTIVE, replace(ACTIVE, state=State.PENDING, version=3), []),
    (ACTIVE, replace(WAITING, version=3), ["conversation.waiting"]),
    (ACTIVE, replace(WAITING, queue="uzman", version=3), ["conversation.transferred", "conversation.waiting"]),
    (WAITING, replace(WAITING, queue="uzman", version=2), ["conversation.transferred"]),
    (ACTIVE, replace(ACTIVE, agent="mehmet", version=3), ["conversation.transferred", "conversation.assigned"]),
    (ACTIVE, RESOLVED, ["conversation.resolved"]),
    (WAITING, replace(RESOLVED, agent=None), ["conversation.resolved"]),
    (RESOLVED, replace(WAITING, version=4), ["conversation.reopened"]),
    (RESOLVED, replace(ACTIVE, version=4), ["conversation.reopened", "conversation.assigned"]),
    (RESOLVED, replace(WAITING, number=2, version=4), ["conversation.closed", "conversation.opened"]),
    (replace(RESOLVED, state=State.CLOSED), replace(WAITING, number=2, version=4), ["conversation.opened"]),
    (ACTIVE, replace(ACTIVE, state=State.CLOSED, into="c_x.default.1", version=3), ["conversation.closed"]),
    (WAITING, replace(WAITING, clocks=(LATE,), version=2), ["conversation.breached"]),
    (WAITING, replace(WAITING, clocks=(replace(CLOCK, acted=75),), version=2), ["conversation.warned"]),
    (replace(WAITING, clocks=(LATE,)), replace(WAITING, clocks=(replace(LATE, acted=101),), version=2), []),
    (ACTIVE, replace(ACTIVE, tags=("iade",), version=3), ["conversation.tagged"]),
    (None, replace(WAITING, category="order"), ["conversation.opened", "conversation.categorised"]),
    (ACTIVE, replace(ACTIVE, category="order", version=3), ["conversation.categorised"]),
    (replace(ACTIVE, category="order"), replace(ACTIVE, version=3), ["conversation.categorised"]),
    (ACTIVE, replace(ACTIVE, follow=("wake",), preview="x"), []),
    (WAITING, None, []),
])  # fmt: skip
def test_what_happens_to_a_conversation_is_told(
    old: Conversation | None, new: Conversation | None, expected: list[str]
) -> None:
    assert told(old, new) == expected


ASKED = Asked(
    "m_ask", ScoreKind.NPS, "tavsiye", "p_abc", None, ChannelName.SMS, AT, AT + timedelta(days=3), "tr", "default", "o1"
)


def test_an_answer_to_a_survey_is_told_with_its_score_and_without_its_words() -> None:
    rating = Rating(ASKED, 0, "reply", AT + timedelta(hours=1), "0 kargo geç geldi", raised="p_abc.default.2")
    assert told(None, rating) == ["survey.answered"]
    found = data(None, rating, "survey.answered")
    assert found == {
        "message": "m_ask", "contact": "p_abc", "conversation": None, "campaign": "tavsiye", "channel": "sms", "language": "tr",
        "kind": "nps", "score": 0, "how": "reply", "comment": True, "about": None, "raised": "p_abc.default.2",
        "asked_at": "2026-03-02T09:00:00Z", "answered_at": "2026-03-02T10:00:00Z",
    }  # fmt: skip
    assert told(rating, None) == []


def test_the_clock_of_a_conversation_that_waits_anew_may_breach_again() -> None:
    late = replace(WAITING, clocks=(LATE,))
    again = replace(WAITING, number=2, clocks=late.clocks)
    assert told(late, replace(late, version=2)) == []
    assert told(replace(late, state=State.CLOSED), again) == ["conversation.opened", "conversation.breached"]


def test_a_conversation_s_closing_is_newer_than_all_that_was_told_of_it_before() -> None:
    closed = data(RESOLVED, replace(WAITING, number=2, version=4), "conversation.closed")
    assert (closed["version"], closed["state"], closed["reason"]) == (RESOLVED.version + 1, "closed", "superseded")
    merged = data(ACTIVE, replace(ACTIVE, state=State.CLOSED, into="c_x.default.1", version=3), "conversation.closed")
    assert (merged["reason"], merged["into"]) == ("merged", "c_x.default.1")


def message(direction: Direction = Direction.INBOUND, **more: Any) -> Message:
    """A message with all that is personal in it."""
    return Message(
        id="m_abc",
        channel=ChannelName.SMS,
        provider=Provider.TWILIO,
        inbox="sms",
        direction=direction,
        sender=Party(address="+15550199", name="Zeynep Kaya"),
        subject="Sipariş 4711",
        text="Nerede kaldı",
        received_at=AT,
        **more,
    )


SEND = Send(message(Direction.OUTBOUND, author="ayse"), WAITING.id, SendState.SENDING, attempts=1, to="+15550199")
SENT = replace(SEND, state=SendState.SENT, settled_at=AT)


@pytest.mark.parametrize(("old", "new", "expected"), [
    (None, Filed(message(), WAITING.id), ["message.received"]),
    (None, Filed(message(kind=Kind.BOUNCE), WAITING.id), ["message.received"]),
    (None, Filed(message(Direction.NOTE), WAITING.id), []),
    (None, Filed(message(Direction.OUTBOUND, author="elsewhere"), WAITING.id), ["message.sent"]),
    (Filed(message(), WAITING.id), Filed(message(), "c_other.default.1"), []),
    (None, SEND, []),
    (SEND, SENT, ["message.sent"]),
    (SEND, replace(SEND, state=SendState.UNKNOWN), []),
    (SENT, replace(SENT, receipt=ReceiptStatus.SENT), []),
    (SENT, replace(SENT, receipt=ReceiptStatus.DELIVERED), ["message.delivered"]),
    (replace(SENT, receipt=ReceiptStatus.DELIVERED), replace(SENT, receipt=ReceiptStatus.READ), ["message.read"]),
    (replace(SENT, receipt=ReceiptStatus.READ), replace(SENT, receipt=ReceiptStatus.READ), []),
    (SENT, replace(SENT, receipt=ReceiptStatus.BOUNCED), ["message.failed"]),
    (replace(SEND, state=SendState.UNKNOWN), replace(SENT, receipt=ReceiptStatus.FAILED), ["message.sent", "message.failed"]),
    (SEND, replace(SEND, state=SendState.FAILED), ["message.failed"]),
    (SEND, replace(SEND, state=SendState.PARKED), ["message.parked"]),
    (replace(SEND, state=SendState.PARKED), replace(SEND, state=SendState.DISCARDED), []),
])  # fmt: skip
def test_what_happens_to_a_message_is_told(old: Thing | None, new: Thing | None, expected: list[str]) -> None:
    assert told(old, new) == expected


MET = Contact("p_abc", ChannelName.SMS, "+15550199", Proof.WEAK, AT, name="Zeynep Kaya", version=1)


@pytest.mark.parametrize(("old", "new", "expected"), [
    (None, MET, ["contact.created"]),
    (None, replace(MET, into="p_x"), ["contact.created", "contact.joined"]),
    (MET, MET, []),
    (MET, replace(MET, name="Z. Kaya", language="tr"), ["contact.changed"]),
    (MET, replace(MET, blocked_at=AT), ["contact.changed"]),
    (MET, replace(MET, into="p_x"), ["contact.joined"]),
    (replace(MET, into="p_x"), MET, ["contact.separated"]),
    (replace(MET, into="p_x"), replace(MET, into="p_y"), ["contact.separated", "contact.joined"]),
])  # fmt: skip
def test_what_happens_to_a_contact_is_told(old: Contact | None, new: Contact, expected: list[str]) -> None:
    assert told(old, new) == expected


def test_a_contact_s_change_names_fields_and_not_what_is_in_them() -> None:
    identity = Identity(ChannelName.EMAIL, "z@example.net", Proof.STRONG, "p_x", AT)
    after = replace(MET, name="Z. Kaya", preferred="sms", joined=(identity,))
    assert data(MET, after, "contact.changed")["fields"] == ["name", "preferred", "identities"]


def test_presence_is_told_when_it_changes_and_not_when_work_does() -> None:
    seat = Seat("main", Load("ayse", "online", 12, 12, {}, AT))
    assert told(None, seat) == ["agent.presence_changed"]
    assert told(seat, Seat("main", replace(seat.load, free=3, counts={"sms": 3}))) == []
    away = Seat("main", replace(seat.load, presence="away"))
    assert data(seat, away, "agent.presence_changed")["previous"] == "online"


def test_an_event_has_one_id_however_often_it_is_made_and_another_for_every_change() -> None:
    change = Change(RESOLVED, replace(WAITING, number=2, version=4), "P#p_abc open#default 17", AT)
    first, second = events_of(change, KEY)
    assert events_of(change, KEY) == [first, second]
    assert first.id != second.id
    assert events_of(replace(change, mark="P#p_abc open#default 18"), KEY)[0].id != first.id
    assert first.id not in [event.id for event in events_of(change, b"another deployment's key")]


def test_p11_no_event_holds_a_name_an_address_or_a_word() -> None:
    changes: list[tuple[Thing | None, Thing | None]] = [
        (None, ACTIVE), (ACTIVE, RESOLVED), (None, Filed(message(), WAITING.id)), (SEND, SENT), (None, MET),
        (MET, replace(MET, name="Zeynep K.")), (SENT, replace(SENT, receipt=ReceiptStatus.BOUNCED, error="+15550199 is dead")),
    ]  # fmt: skip
    for old, new in changes:
        for event in events_of(Change(old, new, "1", AT), KEY):
            text = event.model_dump_json()
            for personal in ("Zeynep", "+1555", "4711", "Nerede", "dead"):
                assert personal not in text, event.type


def test_patterns_mean_a_type_a_family_or_all() -> None:
    assert [t for t in EVENTS if matches("contact.*", t)] == [
        "contact.created", "contact.changed", "contact.joined", "contact.separated",
    ]  # fmt: skip
    assert all(matches("*", t) for t in EVENTS)
    assert [t for t in EVENTS if matches("message.read", t)] == ["message.read"]


PROMISE = Promise("pr_1", AT, AT + timedelta(hours=1), "ayse", "call +905551112233 back", answer=False)
PROMISED = replace(ACTIVE, promises=(PROMISE,), version=3)


def promised(promise: Promise, **changes: Any) -> Conversation:
    return replace(PROMISED, promises=(promise,), version=4, **changes)


@pytest.mark.parametrize(("old", "new", "expected"), [
    (ACTIVE, PROMISED, ["promise.made"]),
    (PROMISED, promised(kept(PROMISE, AT)), ["promise.kept"]),
    (PROMISED, promised(taken_back(PROMISE, AT)), ["promise.taken_back"]),
    (PROMISED, promised(replace(PROMISE, acted=75)), ["conversation.warned"]),
    (PROMISED, promised(replace(PROMISE, acted=100)), ["conversation.breached", "promise.broken"]),
    (PROMISED, promised(kept(PROMISE, AT + timedelta(hours=2))), ["promise.broken"]),
    (promised(replace(PROMISE, acted=100)), promised(kept(PROMISE, AT + timedelta(hours=2))), []),
    (promised(replace(PROMISE, acted=100)), promised(kept(replace(PROMISE, acted=100), AT)), ["promise.kept"]),
    (ACTIVE, promised(replace(PROMISE, source="c_x.default.1")), []),
    (replace(ACTIVE, state=State.CLOSED, into="c_x.default.1"), promised(PROMISE), ["conversation.reopened", "conversation.assigned"]),
    (None, replace(WAITING, promises=(PROMISE,)), ["conversation.opened", "promise.made"]),
    (PROMISED, replace(PROMISED, scores=(Score(AT, ScoreKind.NPS, 9, "sef"),)), ["conversation.scored"]),
])  # fmt: skip
def test_what_becomes_of_promises_and_scores_is_told(
    old: Conversation | None, new: Conversation, expected: list[str]
) -> None:
    assert told(old, new) == expected


def test_the_words_of_a_promise_are_not_told() -> None:
    assert "905551112233" not in str(data(ACTIVE, PROMISED, "promise.made"))


def test_two_of_a_kind_in_one_change_are_two_events_and_the_same_whenever_they_are_asked_for() -> None:
    two = replace(PROMISED, promises=(PROMISE, replace(PROMISE, id="pr_2")))
    ids = [[event.id for event in events_of(Change(ACTIVE, two, "1", AT), KEY)] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    (alone,) = events_of(Change(ACTIVE, PROMISED, "1", AT), KEY)
    assert alone.id == ids[0][0]
