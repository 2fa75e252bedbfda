"""What is known of a condition before any message comes: always, never, whenever another one holds."""

from __future__ import annotations

from functools import cache
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from router.conditions import Failed, compiled
from router.config import Config, Inbox
from santral.cel import check
from santral.cel_parts import Problem
from santral.config_reach import ALWAYS, NEVER, arrives_by, from_inbox, implies, plain
from tests.kit.amount import times

CONFIG = Config.model_validate(
    {
        "queues": [{"name": "chat", "skill": "s"}, {"name": "mail", "skill": "s"}],
        "agents": [{"name": "a", "display_name": "A", "skills": ["s"], "units": 30}],
        "inboxes": [
            {"name": "web", "channel": "webchat", "address": "web", "queue": "chat"},
            {"name": "sms", "channel": "twilio", "address": "+15005550100", "queue": "mail", "secret": "t"},
        ],
    }
)


def tree(source: str) -> Any:
    return plain(check(source, CONFIG), {})


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("true", ALWAYS),
        ("!true", NEVER),
        ("1 + 1 == 2", ALWAYS),
        ('"a" in ["b", "c"]', NEVER),
        ("conversation.number >= 1", ALWAYS),
        ("0 <= message.files", ALWAYS),
        ('now.getHours("Europe/Istanbul") != 5 || true', ALWAYS),
        ('now.getHours("Europe/Istanbul") >= 0', ALWAYS),
        ("message.automatic || !message.automatic", ALWAYS),
        ("message.files > 2 && !(message.files > 2)", NEVER),
        ("contact.known && (false || !contact.known)", NEVER),
        ('[].exists(x, x == "a")', NEVER),
        ("true ? false : contact.known", NEVER),
        ('duration("1h") > duration("30m")', ALWAYS),
    ],
)
def test_what_does_not_depend_on_the_message_is_worked_out(source: str, value: Any) -> None:
    assert tree(source) == value


OPEN = (
    "contact.known",
    "message.files >= 1",
    "conversation.number == 1",
    'message.text.contains("a")',
    "1 / 1 == 2 || contact.known",
)


@pytest.mark.parametrize("source", OPEN)
def test_what_depends_on_the_message_stays_open(source: str) -> None:
    assert tree(source) not in (ALWAYS, NEVER)


def test_a_division_that_fails_is_left_to_the_message() -> None:
    assert plain(["==", ["/", ["const", 1], ["const", 0]], ["const", 1]], {}) not in (ALWAYS, NEVER)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("contact.known && message.files > 0", "message.files > 0 && contact.known"),
        ("contact.known && message.files > 0", "contact.known"),
        ("contact.known", "contact.known || message.automatic"),
        ("contact.known && message.files > 1", "message.automatic || message.files >= 1"),
        ('message.channel == "sms"', 'message.channel in ["sms", "email"]'),
        ('message.channel in ["sms"]', 'message.channel == "sms"'),
        ('message.channel == "sms"', 'message.channel != "email"'),
        ('message.text.mentions(["a"])', 'message.text.mentions(["b", "a"])'),
        ("message.files >= 5", "message.files > 3"),
        ("message.files < 3", "message.files <= 3"),
        ("message.files == 4", "message.files > 3"),
        ("!(message.files > 3)", "message.files <= 3"),
        ("(contact.known || message.automatic) && message.files > 2", "contact.known || message.automatic"),
    ],
)
def test_one_condition_says_another(one: str, other: str) -> None:
    assert implies(tree(one), tree(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("contact.known", "contact.known && message.files > 0"),
        ("contact.known || message.automatic", "contact.known"),
        ('message.channel in ["sms", "email"]', 'message.channel == "sms"'),
        ('message.text.mentions(["b", "a"])', 'message.text.mentions(["a"])'),
        ('message.text.mentions(["a"])', 'message.subject.mentions(["a"])'),
        ("message.files >= 3", "message.files > 3"),
        ("message.files > 3", "message.files < 9"),
        ("message.files != 3", "message.files > 3"),
    ],
)
def test_one_condition_does_not_say_another(one: str, other: str) -> None:
    assert not implies(tree(one), tree(other))


@pytest.mark.parametrize(
    ("source", "inbox", "may"),
    [
        ('message.channel == "sms"', "sms", True),
        ('message.channel == "sms"', "web", False),
        ('message.channel == "whatsapp"', "sms", True),  # Twilio carries it
        ('message.channel == "telegram"', "sms", False),
        ('inbox.queue == "chat" && contact.known', "web", True),
        ('inbox.queue == "chat" && contact.known', "sms", False),
        ('inbox.name in ["web"] || message.automatic', "sms", True),
        ('message.language == "tr"', "web", True),
    ],
)
def test_an_inbox_settles_some_conditions(source: str, inbox: str, may: bool) -> None:
    found = CONFIG.inbox(inbox)
    assert isinstance(found, Inbox)
    trees = [plain(check(source, CONFIG), from_inbox(found, channel)) for channel in arrives_by(found)]
    assert any(tree != NEVER for tree in trees) is may


ATOMS = (
    "contact.known",
    "message.automatic",
    "message.files > 1",
    "message.files >= 2",
    "message.files == 2",
    "message.files != 2",
    "2 < message.files",
    "message.files <= 0",
    'message.channel == "sms"',
    'message.channel in ["sms", "email"]',
    'message.channel != "email"',
    'message.text.mentions(["a"])',
    'message.text.mentions(["a", "b"])',
    "conversation.number >= 1",
    "1 / message.files == 1",
    "true",
    "false",
)
SOURCES = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
    ),
    max_leaves=5,
)
SCOPES = [
    {
        "message": SimpleNamespace(automatic=automatic, files=files, channel=channel, text=text, language="en"),
        "contact": SimpleNamespace(known=known),
        "conversation": SimpleNamespace(number=1),
    }
    for automatic, known in product((False, True), repeat=2)
    for files in (0, 1, 2, 3)
    for channel in ("sms", "email", "webchat")
    for text in ("", "a", "b")
]


@cache
def read(source: str) -> Any:
    try:
        return check(source, CONFIG)
    except Problem:
        return None  # such as a field that would have to be two things at once


def holds(tree: Any, scope: Any) -> bool | None:
    try:
        return compiled(tree)(scope) is True
    except Failed:
        return None


@settings(deadline=None, max_examples=times(300))
@given(one=SOURCES, other=SOURCES)
def test_what_is_said_of_conditions_is_so_for_every_message(one: str, other: str) -> None:
    first, second = read(one), read(other)
    assume(first is not None and second is not None)
    seen = [(holds(first, scope), holds(second, scope)) for scope in SCOPES]
    if plain(first, {}) == ALWAYS:
        assert all(left is not False for left, _ in seen)
    if plain(first, {}) == NEVER:
        assert all(left is not True for left, _ in seen)
    if implies(plain(first, {}), plain(second, {})):
        assert (True, False) not in seen
