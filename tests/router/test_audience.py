"""Who a condition holds for: every name has a value for somebody of whom nothing is known, and each means what it says."""

from __future__ import annotations

import json
import timeit
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router import audience
from router.audience import (
    NEVER,
    NEVER_DAYS,
    JourneyFacts,
    Unread,
    events,
    holds,
    matches,
    needs,
    scope_of,
    sent_days,
    trees,
)
from router.campaigns import Campaign, Segment
from router.conditions import Scope, compiled
from router.config import Config
from router.consents import Consent, How, standing
from router.conversations import Conversation, State
from router.grounds import nodes
from router.messages import ChannelName, Proof
from router.purposes import Purpose
from router.records import Contact, Happening, Identity
from router.scores import Score, ScoreKind
from santral.cel import check
from santral.cel_outreach import words
from santral.cel_types import Type
from santral.configuration import load
from tests.kit.values import conversation

CONFIG = load(Path(__file__).resolve().parents[2] / "config")
WORDS = words(CONFIG, event=True, conversation=True, variants=("a", "b"))
NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOBODY = Contact("p_1", ChannelName.EMAIL, "", Proof.NONE, NOW)
ADA = Contact(
    "p_2", ChannelName.EMAIL, "ada@example.net", Proof.STRONG, NOW - 400 * DAY, name="Ada", language="TR", zone="Europe/Istanbul",
    birthday="2000-05-15", tags=("gold", "vip"), preferred="sms",
    joined=(
        Identity(ChannelName.SMS, "+905321112233", Proof.WEAK, "p_3", NOW),
        Identity(ChannelName.EMAIL, "ada@work.example", Proof.WEAK, "p_4", NOW),
    ),
    attributes=(("sehir", "İzmir"), ("siparis_sayisi", 4), ("vip", True)),
)  # fmt: skip


def bought(days: float, kind: str = "purchase.completed", data: Any = None) -> Happening:
    return Happening(f"e_{days}", "shop", str(days), kind, "p_2", NOW - days * DAY, NOW, data or {})


def scope(person: Contact = NOBODY, **known: Any) -> Scope:
    nothing: dict[str, Any] = {
        "consents": {}, "conversations": (), "happenings": (), "sent": (), "ratings": (), "event": bought(0),
        "conversation": conversation(), "journey": JourneyFacts(),
    }  # fmt: skip
    return scope_of(person, CONFIG, NOW, **{**nothing, **known})


def value(source: str, person: Contact = NOBODY, **known: Any) -> Any:
    return compiled(check(source, CONFIG, WORDS))(scope(person, **known))


ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "text": ("a",), "number": ("a",), "flag": ("a",), "has": ("a",), "marketing": ("email",), "service": ("email",),
    "lastScore": ("csat",), "eventsInDays": ("a.b", 3), "daysSinceEvent": ("a.b",), "sentInDays": (3,),
}  # fmt: skip
ASKED = [
    (name, question, ARGUMENTS[question], asked.gives if isinstance(asked.gives, Type) else asked.gives("csat"))
    for name, kind in WORDS.names.items()
    for question, asked in kind.asks.items()
]
FIELDS = [(name, field, of) for name, kind in WORDS.names.items() for field, of in kind.fields.items()]
PLAIN: dict[str, type] = {
    "string": str,
    "int": int,
    "bool": bool,
    "timestamp": datetime,
    "list": tuple,
    "double": float,
}
PEOPLE = [NOBODY, ADA]


def fits(kind: Type, found: Any) -> bool:
    within = not kind.low or found >= kind.low
    return type(found) is PLAIN[kind.name] and within and (kind.values is None or found in kind.values)


@pytest.mark.parametrize("person", PEOPLE, ids=["nobody", "ada"])
@pytest.mark.parametrize(("name", "field", "kind"), FIELDS, ids=[f"{name}.{field}" for name, field, _ in FIELDS])
def test_every_field_that_a_condition_may_name_has_a_value_of_its_type(
    name: str, field: str, kind: Type, person: Contact
) -> None:
    values = scope(person)
    if name == "conversation" and field in ("queue", "inbox"):
        kind = replace(kind, values=None)  # the conversation is of another configuration
    assert fits(kind, compiled(["get", name, field])(values))


@pytest.mark.parametrize("person", PEOPLE, ids=["nobody", "ada"])
@pytest.mark.parametrize(("name", "question", "arguments", "kind"), ASKED, ids=[f"{one[0]}.{one[1]}" for one in ASKED])
def test_every_question_that_a_condition_may_ask_has_an_answer_of_its_type(
    name: str, question: str, arguments: tuple[Any, ...], kind: Type, person: Contact
) -> None:
    assert fits(kind, compiled(["ask", name, question, *arguments])(scope(person)))


SCALARS = st.text(max_size=5) | st.integers() | st.floats(allow_nan=False) | st.booleans()


@given(st.dictionaries(st.text(max_size=5), SCALARS), st.text(max_size=5))
def test_an_attribute_is_of_one_kind_and_has_a_value_for_each(attributes: dict[str, Any], name: str) -> None:
    person = replace(NOBODY, attributes=tuple(sorted(attributes.items())))
    facts = audience.ContactFacts(person, NOW)
    found = attributes.get(name)
    assert (type(facts.text(name)), type(facts.number(name)), type(facts.flag(name))) == (str, float, bool)
    assert facts.has(name) is (name in attributes)
    assert facts.text(name) == (found if isinstance(found, str) else "")
    assert facts.flag(name) is (found is True)


@pytest.mark.parametrize(
    ("source", "holds_for_ada"),
    [
        ('contact.text("sehir") == "İzmir" && contact.number("siparis_sayisi") > 3', True),
        ('contact.number("siparis_sayisi") in [4, 5] && contact.number("siparis_sayisi") * 2 == 8', True),
        ('contact.text("siparis_sayisi") == "" && contact.has("siparis_sayisi")', True),
        ('contact.number("vip") > 0', False),
        ('contact.flag("vip") && "gold" in contact.tags', True),
        ('contact.language == "tr" && contact.country == "TR" && contact.zone == "Europe/Istanbul"', True),
        ('"sms" in contact.channels && size(contact.channels) == 2', True),
        ('contact.birthday == "05-15" && contact.age == 25', True),
        ('now - contact.since > duration("8760h")', True),
        ('has(contact.preferred) && contact.preferred == "sms"', True),
    ],
)
def test_what_is_known_of_a_contact(source: str, holds_for_ada: bool) -> None:
    assert value(source, ADA) is holds_for_ada
    assert value(source) is False


@pytest.mark.parametrize(
    ("birthday", "age"), [("2000-05-14", 26), ("2000-05-15", 25), ("05-14", -1), (None, -1), ("2004-02-29", 22)]
)
def test_an_age_is_whole_years(birthday: str | None, age: int) -> None:
    assert audience.ContactFacts(replace(NOBODY, birthday=birthday), NOW).age == age


def consent(address: str, *, given_: bool, channel: ChannelName = ChannelName.EMAIL) -> Consent:
    return Consent(f"c_{address}", channel, address, Purpose.MARKETING, given_, NOW, How.FORM, "us", NOW)


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ([], "none"),
        ([consent("ada@example.net", given_=False)], "withdrawn"),
        ([consent("ada@example.net", given_=False), consent("ada@work.example", given_=True)], "given"),
        ([consent("ada@example.net", given_=True), consent("ada@work.example", given_=False)], "given"),
        ([consent("eve@example.net", given_=True)], "none"),  # somebody else's address
        ([consent("+905321112233", given_=True, channel=ChannelName.SMS)], "none"),
    ],
)
def test_consent_is_over_all_addresses_of_a_channel(records: list[Consent], found: str) -> None:
    facts = audience.ConsentFacts(ADA, standing(records))
    assert facts.marketing("email") == found
    assert facts.service("email") == "none"


def said(**changes: Any) -> Conversation:
    return replace(conversation("p_2"), **changes)


def test_history_is_that_of_all_conversations_but_the_thread_of_what_we_wrote_first() -> None:
    one = said(
        number=3,
        state=State.RESOLVED,
        last_inbound_at=NOW - 9 * DAY,
        scores=(Score(NOW - 8 * DAY, ScoreKind.CSAT, 2, "client:x"),),
    )
    two = said(group="other", number=2, state=State.PENDING, category="complaint", last_inbound_at=NOW - DAY)
    thread = said(
        number=0, state=State.PENDING, last_inbound_at=None, scores=(Score(NOW, ScoreKind.CSAT, 5, "client:x"),)
    )
    known = {"conversations": (one, two, thread)}
    assert value(
        'history.conversations == 5 && history.open && history.complaint && history.lastScore("csat") == 5',
        ADA,
        **known,
    )
    facts = scope(ADA, **known)["history"]
    assert facts.last_inbound == NOW - DAY
    resolved = scope(ADA, conversations=(one, thread))["history"]
    assert (resolved.open, resolved.complaint, resolved.conversations) == (False, False, 3)


def test_events_and_sends_are_counted_within_days_and_not_ahead() -> None:
    told = [bought(0), bought(89.9), bought(90), bought(5, "other.thing"), bought(-1)]
    known = {"happenings": told, "sent": [NOW - 29 * DAY, NOW - 30 * DAY]}
    assert value('history.eventsInDays("purchase.completed", 90) == 2 && history.sentInDays(30) == 1', ADA, **known)
    facts = scope(ADA, **known)["history"]
    assert (facts.daysSinceEvent("purchase.completed"), facts.daysSinceEvent("other.thing"), facts.last_outreach) == (
        0,
        5,
        NOW - 29 * DAY,
    )


@pytest.mark.parametrize(("days", "told"), [(365.9, 365), (366, NEVER_DAYS), (4000, NEVER_DAYS)])
def test_what_lies_further_back_than_is_looked_never_was_whatever_was_read(days: float, told: int) -> None:
    assert scope(happenings=[bought(days)])["history"].daysSinceEvent("purchase.completed") == told


def test_nothing_that_never_was_is_missing() -> None:
    facts = scope()["history"]
    assert (facts.last_inbound, facts.last_outreach, facts.daysSinceEvent("a.b")) == (NEVER, NEVER, NEVER_DAYS)


def test_an_event_s_data_is_looked_into_by_paths() -> None:
    data = {"order": {"city": "İzmir", "total": 12.5, "gift": True, "note": None, "lines": [1]}}
    known: dict[str, Any] = {"event": bought(0, data=data)}
    assert value(
        'event.text("order.city") == "İzmir" && event.number("order.total") > 12 && event.flag("order.gift")', **known
    )
    assert value(
        '!event.has("order.note") && !event.has("a.b") && !event.has("order.city.x") && event.has("order.lines")',
        **known,
    )


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('contact.text("a") == "b" && now > contact.since', set()),
        ('consent.marketing("sms") == "given"', {"consents"}),
        ("history.open || history.sentInDays(3) > 1", {"conversations", "sent"}),
        ('contact.tags.exists(t, t == "a" && history.daysSinceEvent("a.b") > 3)', {"events"}),
        ("journey.sent > 1 && size(conversation.tags) > 1 && event.has('a')", set()),
    ],
)
def test_a_condition_needs_what_it_looks_at_and_nothing_else(source: str, found: set[str]) -> None:
    tree = check(source, CONFIG, WORDS)
    assert needs(tree) == found
    given_: dict[str, Any] = {"consents": {}, "conversations": (), "events": (), "sent": ()}
    known: dict[str, Any] = {name: given_[name] if name in found else None for name in given_}
    known["happenings"] = known.pop("events")
    assert holds(tree, scope(**known)) in (True, False)
    for name in ("happenings" if one == "events" else one for one in found):
        with pytest.raises(Unread):
            for part in nodes(tree):  # each by itself: && and || may not come to it
                if (part[0] == "get" and len(part) > 2) or part[0] == "ask":
                    compiled(part)(scope(**{**known, name: None}))


def test_every_costly_name_says_what_it_costs() -> None:
    for name, kind in (("consent", WORDS.names["consent"]), ("history", WORDS.names["history"])):
        assert all(needs(["get", name, field]) for field in kind.fields)
        assert all(needs(["ask", name, question, *ARGUMENTS[question]]) for question in kind.asks)


def test_the_events_that_a_condition_looks_at_are_told_with_how_far_back() -> None:
    counted = 'history.eventsInDays("a.b", 9) > 0 || history.eventsInDays("a.b", 30) > 2'
    tree = check(f'{counted} && history.daysSinceEvent("c.d") > 3', CONFIG, WORDS)
    assert events(tree) == {"a.b": 30, "c.d": 366}
    assert needs(None) == frozenset()


@pytest.mark.parametrize(
    ("source", "days"),
    [
        ("history.open && history.eventsInDays('a.b', 90) > 0 && journey.sent > 1", 0),
        ("history.sentInDays(3) > 1 || history.sentInDays(30) > 4", 30),
        ("history.sentInDays(3) > 1 || history.last_outreach < now", 366),
    ],
)
def test_how_far_back_a_condition_looks_at_what_left(source: str, days: int) -> None:
    assert sent_days(check(source, CONFIG, WORDS)) == days
    assert sent_days(None) == 0


def configured(segment: str | None, when: str | None) -> tuple[Config, Campaign]:
    def tree(source: str | None) -> Any:
        return None if source is None else json.loads(json.dumps(check(source, CONFIG, WORDS)))

    campaign = Campaign.model_validate({
        "name": "c", "starts": {"by_hand": True}, "everyone": segment is None, "segment": None if segment is None else "s",
        "when": when, "checked": tree(when), "steps": [{"send": "t"}],
    })  # fmt: skip
    segments = () if segment is None else (Segment(name="s", when=segment, checked=tree(segment)),)
    return CONFIG.model_copy(update={"segments": segments, "campaigns": (campaign,)}), campaign


@pytest.mark.parametrize(
    ("segment", "when", "matched"),
    [
        (None, None, True),
        ("contact.age > 18", None, True),
        ("contact.age > 18", 'contact.name == "Eve"', False),
        ("contact.age > 40", 'contact.name == "Ada"', False),
        (None, 'contact.name == "Ada"', True),
    ],
)
def test_a_campaign_is_for_whom_its_segment_and_its_own_condition_hold(
    segment: str | None, when: str | None, matched: bool
) -> None:
    config, campaign = configured(segment, when)
    assert matches(config, campaign, scope(ADA)) is matched
    assert len(list(trees(config))) == (segment is not None) + (when is not None)


def test_a_condition_without_a_value_does_not_hold_and_is_counted() -> None:
    config, campaign = configured("10 / size(contact.tags) > 1", None)
    failed: list[str] = []
    assert matches(config, campaign, scope(ADA), failed.append)
    assert not matches(config, campaign, scope(), failed.append)
    assert failed == ["a division by nought"]


def test_a_hundred_thousand_people_are_judged_well_within_a_minute() -> None:
    config, campaign = configured(
        'contact.text("sehir") == "İzmir" && contact.number("siparis_sayisi") > 3 && consent.marketing("sms") != "withdrawn"',
        'contact.age >= 18 && !history.complaint && history.eventsInDays("purchase.completed", 90) == 0',
    )
    consents = standing([consent("+905321112233", given_=True, channel=ChannelName.SMS)])
    known: dict[str, Any] = {
        "consents": consents,
        "conversations": (conversation("p_2"),),
        "happenings": (),
        "sent": (),
    }

    def once() -> bool:
        return matches(config, campaign, scope_of(ADA, config, NOW, **known))

    assert once()
    assert min(timeit.repeat(once, number=1000, repeat=3)) * 100 < 30  # seconds; a few when measured alone
