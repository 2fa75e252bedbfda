"""Why a rule matched: the facts that made it hold, with values where they may be kept, and never what the customer said."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.config import Config, Rule
from router.facts import facts_of
from router.messages import ChannelName, Direction, Message, Party, Provider
from router.records import Known
from router.rules import Outcome, judge
from santral.cel import check
from tests.kit.world import CONFIG as RAW

HOURS = [{"name": "ofis", "zone": "Europe/Istanbul", "open": {"mon-fri": ["09:00-18:00"]}}]
CONFIG = Config.model_validate({**RAW, "calendars": HOURS})
INBOX = CONFIG.inboxes[0]
NIGHT = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)  # half past one in Istanbul


def judged(*conditions: str, text: str = "Şikayetim var, iade istiyorum", **more: Any) -> Outcome:
    """What these conditions, each a rule's, make of a mail at night."""
    rules = tuple(
        Rule(name=f"r{n}", when=when, checked=check(when, CONFIG), tags=("x",)) for n, when in enumerate(conditions)
    )
    message = Message(
        id="m_1",
        channel=ChannelName.EMAIL,
        provider=Provider.SES,
        inbox=INBOX.name,
        direction=Direction.INBOUND,
        sender=Party(address="zeynep@gizli.example", name="Zeynep Kaya"),
        text=text,
        language="tr",
        received_at=NIGHT,
        **more,
    )
    config = CONFIG.model_copy(update={"rules": rules})
    return judge(config, facts_of(message, Known(None, None, None), INBOX, config))


@pytest.mark.parametrize(("condition", "why"), [
    ('message.channel == "email"', {"message.channel": "email"}),
    ('message.channel == "email" && message.files == 0', {"message.channel": "email", "message.files": 0}),
    ('message.channel == "sms" || message.files == 0', {"message.files": 0}),
    ('message.files == 0 || message.channel == "email"', {"message.files": 0}),
    ('!(message.channel == "sms" || message.files > 0)', {"message.channel": "email", "message.files": 0}),
    ('!(message.channel == "sms" && message.files == 0)', {"message.channel": "email"}),
    ('int(message.text) > 3 || message.files == 0', {"message.files": 0}),
    ('message.files == 0 ? inbox.name == "destek" : contact.known', {"message.files": 0, "inbox.name": "destek"}),
    ('message.text.mentions(["kargo*", "iade", "şikayet*"])', {"message.text": {"words": ["iade", "şikayet*"]}}),
    ('!message.text.mentions(["kargo*"])', {"message.text": {}}),
    ('message.text.mentions(["iade"]) && message.text.mentions(["şikayet*"])', {"message.text": {"words": ["iade", "şikayet*"]}}),
    ('message.sender.domain == "gizli.example"', {"message.sender.domain": {}}),
    ('message.sender.name.startsWith("Zeynep")', {"message.sender.name": {}}),
    ('size(message.text) > 3 && !has(message.subject)', {"message.text": {}, "message.subject": {}}),
    ('now.getHours("Europe/Istanbul") < 8', {"now.getHours(Europe/Istanbul)": 1}),
    ('!open("ofis")', {"open(ofis)": False}),
    ('now - contact.since < duration("1h")', {"now": "2026-03-02T22:30:00+00:00", "contact.since": "2026-03-02T22:30:00+00:00"}),
    ('contact.messagesInHours(24) == 1', {"contact.messagesInHours(24)": 1}),
    ('conversation.contactsInDays("iade", 30) < 3', {"conversation.contactsInDays(iade, 30)": 1}),
    ('!contact.channels.exists(c, c == "sms")', {"contact.channels": []}),
    ('["a"].exists(c, message.text.contains(c))', {"message.text": {}}),
    ('conversation.number + message.files == 1', {"conversation.number": 1, "message.files": 0}),
    ('message.text.mentions([message.language, "iade"])', {"message.text": {"words": ["iade"]}}),
    ("true", {}),
])  # fmt: skip
def test_the_facts_that_made_it_hold_are_told(condition: str, why: dict[str, Any]) -> None:
    found = judged(condition)
    assert found.matched == ("r0",)
    assert found.why == (why,)


def test_only_of_rules_that_matched_in_their_order() -> None:
    found = judged("message.files == 0", "message.files == 1", 'message.channel == "email"')
    assert found.matched == ("r0", "r2")
    assert found.why == ({"message.files": 0}, {"message.channel": "email"})


def test_it_is_json_the_same_each_time_and_small_however_many_rules_match() -> None:
    conditions = ['message.channel == "email" && message.text.mentions(["iade"]) && conversation.number == 1'] * 60
    first, second = (json.dumps(judged(*conditions).why, ensure_ascii=False) for _ in range(2))
    assert first == second
    assert sum(map(len, judged(*conditions).why)) == 30
    assert len(first) < 1500


@given(st.text("abcçğıöşü", max_size=200))
def test_nothing_of_what_the_customer_said_is_in_it(text: str) -> None:
    every = [
        "size(message.text) > 0",
        "message.text == message.payload || message.text != message.subject",
        "message.text.lowerAscii() != message.sender.address",
        "!message.text.mentions([message.sender.name])",
        "domain(message.sender.address) == message.sender.domain && contact.name != message.text",
    ]
    told = json.dumps(judged(*every, text="qqq" + text, subject="xx" + text).why, ensure_ascii=False)
    assert "qqq" not in told
    assert "gizli" not in told
    assert "Zeynep" not in told
