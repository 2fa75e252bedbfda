"""What was known when rules judged a message, kept small and without a name: the same rules say the same from it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from router import background
from router.aws.codec import pack
from router.config import Config, Rule
from router.facts import facts_of, scope_of
from router.heard import begin
from router.messages import ChannelName, Direction, Message, Party, Proof, Provider
from router.moves import resolved
from router.records import Contact, Identity, Known
from router.rules import judge
from router.visits import Visit
from santral.cel import check
from tests.kit.world import CONFIG as RAW

CONFIG = Config.model_validate(RAW)
INBOX = CONFIG.inboxes[0]
AT = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
NOW = int(AT.timestamp())
CONDITIONS = (
    "contact.known", 'contact.name == "Zeynep"', 'contact.language == "tr"', '"sms" in contact.channels',
    'now - contact.since > duration("72h")', "conversation.number >= 3", "conversation.reopened",
    '"vip" in conversation.tags_before', 'conversation.category_before == "order"', "contact.messagesInHours(2) >= 3",
    "contact.messagesInHours(48) >= 5", 'conversation.contactsInDays("complaint", 30) >= 2',
    'conversation.contactsInDays("order", 7) >= 2', 'message.text.mentions(["I"])', "10 / (conversation.number - 2) > 1",
    'now.getHours("Europe/Istanbul") < 8',
)  # fmt: skip


def ruled(*conditions: str) -> Config:
    rules = tuple(
        Rule(name=f"r{n}", when=when, checked=check(when, CONFIG), tags=("x",)) for n, when in enumerate(conditions)
    )
    return CONFIG.model_copy(update={"rules": rules})


EVERY = {condition: ruled(condition).rules[0] for condition in CONDITIONS}


def message(text: str = "ISSIZ") -> Message:
    return Message(
        id="m_1", channel=ChannelName.EMAIL, provider=Provider.SES, inbox=INBOX.name, direction=Direction.INBOUND,
        sender=Party(address="zeynep@gizli.example", name="Zeynep Kaya"), text=text, received_at=AT,
    )  # fmt: skip


ago = st.integers(-60, 40 * 86400).map(lambda seconds: NOW - seconds)
contacts = st.none() | st.builds(
    lambda name, language, channels, since: Contact(
        "p_x", ChannelName.EMAIL, "a@example.net", Proof.NONE, AT - timedelta(milliseconds=since), name, language,
        tuple(Identity(channel, "b", Proof.WEAK, "p_y", AT) for channel in channels),
    ),
    st.sampled_from(["Zeynep", "", None]),
    st.sampled_from(["tr", "en", None]),
    st.lists(st.sampled_from([ChannelName.SMS, ChannelName.WHATSAPP]), max_size=3),
    st.integers(0, 10**9),
)  # fmt: skip
visits = st.lists(
    st.builds(Visit, ago, st.lists(st.sampled_from(["complaint", "order", "vip"]), max_size=3).map(tuple)), max_size=10
)
pasts = st.none() | st.builds(
    lambda number, tags, category, heard, came: replace(
        resolved(begin(message(), "p_x", number, INBOX, CONFIG), AT), tags=tuple(tags), category=category,
        heard=tuple(sorted(heard)), visits=tuple(came),
    ),
    st.integers(1, 4), st.lists(st.sampled_from(["vip", "complaint"]), max_size=2), st.sampled_from(["order", None]),
    st.lists(ago, max_size=20), visits,
)  # fmt: skip


@given(contacts, pasts, st.booleans(), st.sets(st.sampled_from(CONDITIONS), min_size=1))
def test_rules_say_the_same_from_what_was_kept(
    contact: Contact | None, past: Any, back: bool, conditions: set[str]
) -> None:
    config = CONFIG.model_copy(update={"rules": tuple(EVERY[one] for one in sorted(conditions))})
    one, known, reopened = message(), Known(None, contact, past), back and past is not None
    first = judge(config, facts_of(one, known, INBOX, config, reopened=reopened))
    there = background.background_of(one, known, reopened=reopened)
    data = json.loads(json.dumps(background.kept(there, one, config)))
    name = (contact.name if contact is not None else None) or ""
    again = judge(config, scope_of(one, background.again(data, name), INBOX, config))
    assert (again.matched, again.failed, again.why) == (first.matched, first.failed, first.why)
    assert "Zeynep" not in json.dumps(data)


def test_a_language_is_in_small_letters_however_a_mail_or_an_app_writes_it() -> None:
    for written, said in (("TR", "tr"), ("TR-TR", "tr-TR"), ("zh-Hant", "zh-Hant")):
        there = background.Background(language=written)
        scope = scope_of(message().model_copy(update={"language": written}), there, INBOX, CONFIG)
        assert (scope["message"].language, scope["contact"].language) == (said, said)


def kept(*conditions: str, **more: Any) -> dict[str, Any]:
    return background.kept(background.Background(**more), message(), ruled(*conditions))


def test_what_no_rule_asks_for_is_not_kept() -> None:
    everything: dict[str, Any] = {
        "name": "Zeynep", "known": True, "channels": ("sms",), "since": AT, "number": 7, "tags_before": ("vip",),
        "category_before": "order", "heard": (NOW - 60,), "visits": (Visit(NOW - 60, ("complaint",)),),
    }  # fmt: skip
    assert kept("message.files == 0", **everything) == {"k": 1}
    assert kept("conversation.number > 1", **everything) == {"k": 1, "n": 7}
    assert kept('conversation.contactsInDays("order", 30) > 1', **everything) == {"k": 1}
    assert kept('conversation.contactsInDays("complaint", 30) > 1', **everything) == {
        "k": 1, "v": [[NOW - 60, "complaint"]],
    }  # fmt: skip
    assert kept("contact.messagesInHours(1) > 1", **everything) == {"k": 1, "h": [NOW - 60]}
    assert kept("contact.messagesInHours(1) > 1", **{**everything, "heard": (NOW - 3600, NOW + 5)}) == {"k": 1}


def test_of_somebody_unknown_nothing_is_kept() -> None:
    assert kept(*CONDITIONS) == {}


def test_it_is_small_and_its_fullest_is_bounded() -> None:
    usual = kept(*CONDITIONS, known=True, name="Z", language="tr", number=2, since=AT)
    assert len(json.dumps(usual, separators=(",", ":"))) < 50
    heard = tuple(NOW - 40 * 3600 + 7000 * n for n in range(20))
    came = tuple(Visit(NOW - 29 * 86400 + 250_000 * n, ("complaint", "order", "other")) for n in range(10))
    fullest = kept(*CONDITIONS, known=True, name="Zeynep", language="tr", channels=("email", "sms", "whatsapp"), since=AT,
                   number=12, tags_before=("vip",), category_before="order", heard=heard, visits=came)  # fmt: skip
    assert len(pack(fullest)) < 250
