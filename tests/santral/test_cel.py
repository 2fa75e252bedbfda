"""Conditions are refused when they cannot be meant: with the place, what is wrong, and what would be right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from router import facts
from santral.cel import MACROS, check
from santral.cel_parts import Problem
from santral.cel_types import FUNCTIONS, METHODS, Type, names
from santral.configuration import BadConfiguration, load

ROOT = Path(__file__).resolve().parents[2]
CONFIG = load(ROOT / "config")


@pytest.mark.parametrize(
    ("source", "place", "what"),
    [
        ('message.chanel == "a"', (1, 9), "did you mean 'channel'?"),
        ('mesage.channel == "a"', (1, 1), "did you mean 'message'?"),
        ('message.channel == "smss"', (1, 20), "did you mean 'sms'?"),
        ('"smss" == message.channel', (1, 1), "can never be equal: message.channel is one of"),
        ('message.channel in ["sms", "emial"]', (1, 21), "did you mean 'email'?"),
        ('"wasap" in contact.channels', (1, 1), "did you mean 'whatsapp'?"),
        ('contact.channels.exists(c, c == "wasap")', (1, 33), "did you mean 'whatsapp'?"),
        ('inbox.name == "destk"', (1, 15), "did you mean 'destek'?"),
        (
            'message.channel == "sms" && message.files > 0 && message.channel == "email"',
            (1, 50),
            "not 'sms' and 'email' at",
        ),
        ('now.getHours("Europe/Istanbul") >= 24', (1, 36), "from 0 to 23"),
        ('24 <= now.getHours("Europe/Istanbul")', (1, 1), "from 0 to 23"),
        ('now.getDayOfWeek("Europe/Istanbul") == 7', (1, 40), "from 0 to 6"),
        ('now.getDayOfWeek("Europe/Istanbul") in [6, 7]', (1, 41), "7 can never be it: it is from 0 to 6"),
        ("message.files in [0, -1]", (1, 19), "-1 can never be it: message.files is 0 or more"),
        ("message.files > 3 && message.files < 2", (1, 22), "message.files would have to be 4 or more and 1 or less"),
        ("message.files > 3 && contact.known && 4 > message.files", (1, 39), "4 or more and 3 or less at once"),
        ("message.files == 1 && message.files >= 2", (1, 23), "2 or more and 1 or less at once"),
        (
            'now.getHours("Europe/Istanbul") >= 22 && now.getHours("Europe/Istanbul") < 6',
            (1, 42),
            "it would have to be 22 or more and 5 or less at once",
        ),
        ('message.sender.domain == "Foo.example"', (1, 26), "is in small letters; write 'foo.example'"),
        ('domain(contact.name) != "Foo.example"', (1, 25), "it is in small letters; write 'foo.example'"),
        ('contact.language == "TR"', (1, 21), "contact.language is in small letters; write 'tr'"),
        ('message.language in ["en", "TR-TR"]', (1, 22), "message.language is in small letters; write 'tr-TR'"),
        ("size(contact.channels) < 0", (1, 26), "it is 0 or more"),
        ('now.getHours("Istanbul") == 9', (1, 14), "wants a time zone"),
        ('open("offis")', (1, 6), "did you mean 'ofis'?"),
        ("now - contact.since > 3", (1, 1), "compares a duration with a whole number"),
        ('now - contact.since > duration("3d")', (1, 32), "is no duration"),
        ('now > timestamp("2026-11-22T09:00:00")', (1, 17), "is no time with an offset"),
        ("message.text", (1, 1), "is a text, and a condition must be true or false"),
        ("message.text && true", (1, 1), "beside && and must be true or false"),
        ("!message.text", (1, 2), "after ! and must be true or false"),
        ('message.files + "a" == 2', (1, 1), "there is no whole number + text"),
        ("message.files / 0 == 1", (1, 17), "a division by nought"),
        ("message.text.startsWith(3)", (1, 25), "startsWith() takes a text here"),
        ("message.text.startWith('a')", (1, 14), "did you mean 'startsWith'?"),
        ("message.text.mentions('a')", (1, 23), "takes a list (text) here"),
        ("message.text.mentions([])", (1, 14), "nothing is ever mentioned"),
        ("message.text.mentions()", (1, 14), "mentions() takes 1 argument"),
        ("sise(message.text) > 1", (1, 1), "did you mean 'size'?"),
        ("message.files ? true : false", (1, 1), "before ? and must be true or false"),
        ("true ? 1 == 1 : 'a'", (1, 17), "what stands before the : is a truth value"),
        ("message == inbox", (1, 1), "which can never be equal"),
        ("message.text == 1", (1, 1), "compares a text with a whole number"),
        ("message.automatic < true", (1, 1), "have no order"),
        ("message.text in 'abc'", (1, 17), "after `in` stands a list"),
        ("1 in contact.channels", (1, 1), "can never be in"),
        ("['a', 1] == ['a', 1]", (1, 2), "a list holds one kind of thing"),
        ("message.text.exists(m, true)", (1, 1), "is for lists"),
        ("contact.channels.exists(c)", (1, 18), "takes a name and a condition"),
        ("contact.channels.exists(now, true)", (1, 25), "has a meaning already"),
        ("message.messagesInHours(24) > 3", (1, 1), "is asked of contact, as in contact.messagesInHours(24)"),
        ("contact.messagesInHours(0) > 3", (1, 25), "wants a number of hours that is written out, from 1 to 720"),
        ("contact.messagesInHours(message.files) > 3", (1, 25), "wants a number of hours that is written out"),
        ("contact.messagesInHours(24) > 21", (1, 31), "can never be true: it is from 1 to 21"),
        ("contact.messagesInHours(24) < 1", (1, 31), "can never be true: it is from 1 to 21"),
        ('conversation.contactsInDays("Complaint", 30) > 1', (1, 29), "wants a tag or a category that is written out"),
        ("conversation.contactsInDays(message.text, 30) > 1", (1, 29), "wants a tag or a category that is written out"),
        ('conversation.contactsInDays("complaint", 400) > 1', (1, 42), "from 1 to 366"),
        ('conversation.contactsInDays("complaint") > 1', (1, 14), "contactsInDays() takes 2 arguments"),
        ('conversation.contactsInDays("complaint", 30) == 12', (1, 49), "can never be true: it is from 1 to 11"),
        ('contact.contactsInDays("complaint", 30) == 2', (1, 1), "is asked of conversation"),
        ("has(message)", (1, 1), "one field that may be empty"),
        ("contact.name == null", (1, 17), "everything has a value here"),
        ("message{files: 1}", (1, 1), "is not for conditions of rules"),
        ("a &&\n  && b", (2, 3), "cannot be read from '&& b' on"),
        ("true &&", (1, 6), "cannot be read from '&&' on"),
        ("", (1, 1), "ends too early"),
    ],
)
def test_what_cannot_be_meant_is_refused(source: str, place: tuple[int, int], what: str) -> None:
    with pytest.raises(Problem) as refused:
        check(source, CONFIG)
    assert what in refused.value.what
    if "early" not in what:
        assert (refused.value.line, refused.value.column) == place


@pytest.mark.parametrize(
    "source",
    [
        'now.getHours("Europe/Istanbul") >= 22 || now.getHours("Europe/Istanbul") < 6',
        'now.getHours("Europe/Istanbul") >= 22 && now.getHours("Europe/London") < 22',
        "message.files > 3 && message.files < 5",
        "message.files >= 3 && message.files <= 3",
        "message.files > 3 && conversation.number < 2",
        'now.getDayOfWeek("Europe/Istanbul") in [0, 6]',
        'message.sender.domain == "foo.example" && message.language in ["tr", "tr-TR"]',
        'message.sender.address == "Foo@foo.example"',
    ],
)
def test_what_can_be_meant_is_taken(source: str) -> None:
    assert check(source, CONFIG)


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ('message.txt == "a" || message.chanel == "sms"', [(1, 9), (1, 31)]),
        ("contact.known && (message.files < 0 || !(x && true)) && message.text", [(1, 35), (1, 42), (1, 57)]),
        ('contact.channels.exists(c, c == "a" || c == "b") && y', [(1, 33), (1, 45), (1, 53)]),
    ],
)
def test_each_side_of_a_condition_has_its_problem_told(source: str, places: list[tuple[int, int]]) -> None:
    with pytest.raises(Problem) as refused:
        check(source, CONFIG)
    assert [(one.line, one.column) for one in (refused.value, *refused.value.more)] == places


def test_every_name_is_filled_with_what_its_type_says() -> None:
    kinds = {"message": facts.MessageFacts, "contact": facts.ContactFacts, "conversation": facts.ConversationFacts}
    kinds |= {"inbox": facts.InboxFacts}
    scope = names(CONFIG)
    assert set(scope) == {*kinds, "now"}
    for name, kind in kinds.items():
        _agrees(scope[name], kind)


def _agrees(kind: Type, filled: Any) -> None:
    """A type and the dataclass that stands for it have the same fields, of the same kinds."""
    hints = get_type_hints(filled)
    assert set(kind.fields) == {one.name for one in fields(filled)}
    for name, inner in kind.fields.items():
        hint = hints[name]
        if is_dataclass(hint):
            _agrees(inner, hint)
            continue
        plain = {"string": str, "int": int, "bool": bool, "timestamp": datetime, "list": tuple[str, ...]}[inner.name]
        assert hint in (plain, str | None), name


def test_the_documentation_names_every_field_and_function() -> None:
    text = (ROOT / "docs/rules.md").read_text()
    told = [*_paths("", Type("object", fields=names(CONFIG))), *METHODS, *FUNCTIONS, *MACROS]
    assert [name for name in told if name not in text] == []


def _paths(prefix: str, kind: Type) -> Iterator[str]:
    for name, inner in kind.fields.items():
        path = f"{prefix}{name}"
        yield from _paths(f"{path}.", inner) if inner.fields else [path]


RULES = {
    "quoted": ("rules:\n- name: a\n  tags: [x]\n  when: 'message.chanel == 1'\n", "line 4, column 18 (rule a)"),
    "plain": ("rules:\n- name: a\n  tags: [x]\n  when: message.chanel == 1\n", "line 4, column 17 (rule a)"),
    "block": (
        "rules:\n- name: a\n  tags: [x]\n  when: |\n    true &&\n      message.chanel == 1\n",
        "line 6, column 15 (rule a)",
    ),
    "joined": (
        "rules:\n- name: a\n  when: >\n    true &&\n    message.chanel == 1\n  tags: [x]\n",
        "line 5, column 13 (rule a)",
    ),
    "does nothing": ("rules:\n- name: a\n  when: 'true'\n", "rule a: does nothing"),
    "written tree": (
        "rules:\n- name: a\n  tags: [x]\n  checked: [const, true]\n",
        "rules[0].checked (a): is made when the files are read",
    ),
    "no queue": ("rules:\n- name: a\n  queue: nowhere\n", "there is no queue 'nowhere'"),
    "twice": ("rules:\n- name: a\n  stop: true\n- name: a\n  stop: true\n", "rule 'a' is defined twice"),
}


@pytest.mark.parametrize("case", RULES)
def test_a_rule_s_fault_is_told_with_its_place_in_the_file(case: str, tmp_path: Path) -> None:
    text, place = RULES[case]
    (tmp_path / "rules.yaml").write_text(text)
    (tmp_path / "rest.yaml").write_text(
        "queues: [{name: q, skill: s}]\nagents: [{name: a, display_name: A, skills: [s]}]\n"
        "inboxes: [{name: i, channel: webchat, address: web, queue: q}]\n"
    )
    with pytest.raises(BadConfiguration) as refused:
        load(tmp_path)
    assert place in str(refused.value)
    assert str(refused.value).count("\n") == 0


def test_every_condition_s_fault_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(
        "rules:\n- {name: a, when: x == 1 || z == 1, tags: [t]}\n- {name: b, when: y == 1, tags: [t]}\n- {name: c, queue: nowhere}\n"
    )
    with pytest.raises(BadConfiguration) as refused:
        load(tmp_path)
    assert [text in str(refused.value) for text in ("no 'x'", "no 'z'", "rule b", "queue 'nowhere'")] == [True] * 4


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("rules: [3, {nam: x}]\n", True),
        ("queues: [\n", False),  # which queues there are cannot be read
        ("queues: [{name: q, skil: s}]\n", True),
        ("queues: [{name: q, 1: s}]\n", True),
        ("queues: [{skil: s}]\n", False),
        ("queues: [7]\n", False),
    ],
)
def test_a_condition_s_fault_is_told_beside_those_of_form_and_what_looks_up_names_where_all_can_be_read(
    other: str, told: bool, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text(
        "rules:\n- {name: a, when: x == 1, tags: [t], colour: red}\n- {name: b, when: inbox.queue == 'p', tags: [t]}\n"
    )
    (tmp_path / "b.yaml").write_text(other)
    with pytest.raises(BadConfiguration) as refused:
        load(tmp_path)
    assert "rules[0].colour (a): is not known here; known are name, when, queue, " in str(refused.value)
    assert "line 2, column 19 (rule a): there is no 'x'" in str(refused.value)
    assert ("(rule b): can never be equal: inbox.queue is" in str(refused.value)) is told
    assert "None" not in str(refused.value)
