"""Conditions: what they mean is what CEL's own interpreter says, and words are matched under the message's language."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import celpy
import pytest
from celpy.celtypes import BoolType
from hypothesis import given
from hypothesis import strategies as st

from router.conditions import Failed, compiled, mentions
from router.config import Config
from router.facts import Memory
from router.visits import Visit
from santral.cel import check

SAME = [
    "1 + 2 * 3 == 7",
    "7 / 2 == 3",
    "-7 / 2 == -3",
    "-7 % 3 == -1",
    "7 % -3 == 1",
    "2 - 3 - 4 == -5",
    "!(1 < 2) || 2 <= 2",
    "1 < 2 ? 3 > 4 : 4 > 3",
    '"a" + "b" == "ab"',
    '"abc".contains("b") && "abc".startsWith("a") && "abc".endsWith("c")',
    'size("şğ") == 2 && size([1, 2, 3]) == 3',
    '"b" in ["a", "b"]',
    "[1, 2, 3][2] == 3",
    "[1, 2, 3].exists(n, n > 2) && [1, 2, 3].all(n, n > 0)",
    "[1, 2, 3].exists_one(n, n > 2)",
    "[1, 3, 3].exists_one(n, n > 2)",
    'duration("1h30m") > duration("89m")',
    'timestamp("2026-11-22T09:00:00+03:00") + duration("1h") == timestamp("2026-11-22T07:00:00+00:00")',
    'timestamp("2026-11-22T23:30:00+00:00").getHours("Europe/Istanbul") == 2',
    'timestamp("2026-11-22T23:30:00+00:00").getDayOfWeek("Europe/Istanbul") == 1',
    'timestamp("2026-11-22T23:30:00+00:00").getMonth("Europe/Istanbul") == 10',
    'int("42") == 42',
    "1.5 * 2.0 == 3.0",
    'true || int("x") == 1',
    'int("x") == 1 || true',
    '!(int("x") == 1 && false)',
    "'single' == \"single\" && r'a\\b' == 'a\\\\b'",
]


def value(source: str, **scope: Any) -> Any:
    return compiled(check(source, Config()))(scope)


def reference(source: str) -> bool:
    """What cel-python's interpreter says."""
    environment = celpy.Environment()
    found = environment.program(environment.compile(source)).evaluate({})
    assert isinstance(found, BoolType | bool)
    return bool(found)


@pytest.mark.parametrize("source", SAME)
def test_it_means_what_cel_says(source: str) -> None:
    assert value(source) == reference(source)


@given(
    st.recursive(
        st.sampled_from(["true", "false", "1 < 2", "2 < 1"]),
        lambda inner: (
            st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
            | inner.map(lambda one: f"!({one})")
            | st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} ? {t[1]} : {t[2]})")
        ),
        max_leaves=8,
    )
)
def test_any_logic_means_what_python_says(source: str) -> None:
    python = source.replace("&&", " and ").replace("||", " or ").replace("true", "True").replace("false", "False")
    assert value(source) == _python(python.replace("!", " not "))


def _python(source: str) -> bool:
    """The same in Python: `a ? b : c` is the only thing it writes otherwise."""
    while "?" in source:
        at = source.index("?")
        start = _left(source, at)
        colon = _colon(source, at)
        end = _right(source, colon)
        asked, yes, no = source[start:at], source[at + 1 : colon], source[colon + 1 : end]
        source = f"{source[:start]}({yes} if {asked} else {no}){source[end:]}"
    return bool(eval(source.strip()))


def _left(source: str, at: int) -> int:
    depth = 0
    for position in range(at - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(source[position], 0)
        if depth < 0:
            return position + 1
    return 0


def _colon(source: str, at: int) -> int:
    depth = 0
    for position in range(at + 1, len(source)):
        char = source[position]
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == ":" and depth == 0:
            return position
    raise AssertionError(source)


def _right(source: str, at: int) -> int:
    depth = 0
    for position in range(at + 1, len(source)):
        depth += {"(": 1, ")": -1}.get(source[position], 0)
        if depth < 0:
            return position
    return len(source)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("1 / (1 - 1) == 1", "a division by nought"),
        ("1 % (1 - 1) == 1", "a division by nought"),
        ("[1][1 + 1] == 1", "there is no item 2 among 1"),
        ('int("elli") == 50', "a text is not a whole number"),
        ('int("9" + "9999999999999999999") == 50', "a text is not a whole number"),
        ("1 / (1 - 1) == 1 || false", "a division by nought"),
    ],
)
def test_what_has_no_value_says_why(source: str, why: str) -> None:
    with pytest.raises(Failed, match=why):
        value(source)


@pytest.mark.parametrize(
    ("text", "words", "language", "found"),
    [
        ("İADE istiyorum", ["iade"], "tr", True),
        ("IADE ISTIYORUM", ["iade"], "tr", True),  # typed without its dots, as an all-ASCII text is
        ("ILIK SU ŞART", ["ılık"], "tr", True),
        ("ILIK SU ŞART", ["ilik"], "tr", False),
        ("ILIK SU ŞART", ["ilik"], "en", True),
        ("çok öldüm", ["oldum"], "tr", False),
        ("cok oldum", ["öldüm"], "tr", True),
        ("sikayetim var", ["şikayet*"], "tr", True),
        ("şikayetim var", ["şikayet"], "tr", False),
        ("Die Straße ist zu, ähm", ["STRASSE"], "de", True),
        ("Strasse", ["Straße"], "de", True),
        ("refunds, please", ["refund"], "en", False),
        ("a refund!", ["refund"], "en", True),
        ("hakem  heyeti'ne", ["hakem heyeti"], None, True),
        ("İPTAL ŞART", ["iptal"], None, True),
        ("", ["x"], "tr", False),
        ("anything", [], "tr", False),
        ("a.b", ["a.b"], "en", True),
        ("aXb", ["a.b"], "en", False),
    ],
)
def test_words_are_found_under_the_message_s_language(
    text: str, words: list[str], language: str | None, found: bool
) -> None:
    assert mentions(text, words, language) is found
    if words:
        message = SimpleNamespace(text=text, language=language)
        assert value(f"message.text.mentions({words})", message=message) is found


def test_what_is_remembered_is_counted() -> None:
    day = 86_400
    memory = Memory(100 * day, (98 * day, 99 * day + 1), (Visit(40 * day, ("iade",)), Visit(90 * day, ("iade", "vip"))))
    assert value("contact.messagesInHours(24) == 2", memory=memory)
    assert value("contact.messagesInHours(72) == 3", memory=memory)
    assert value('conversation.contactsInDays("iade", 30) == 2', memory=memory)
    assert value('conversation.contactsInDays("iade", 90) == 3', memory=memory)
    assert value('conversation.contactsInDays("kargo", 90) == 1', memory=memory)


def test_what_was_written_later_is_not_counted_for_a_message_that_came_late() -> None:
    memory = Memory(1000, (900, 1100), (Visit(1100, ("iade",)),))
    assert (memory.messages(1), memory.contacts("iade", 1)) == (2, 1)


def test_a_tree_of_another_version_is_named() -> None:
    with pytest.raises(ValueError, match="'rhymes', which this version"):
        compiled(["rhymes", ["const", "a"]])
