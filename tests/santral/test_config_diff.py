"""What would change is told by section and name, and nothing else is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from router.config import Config
from santral.config_diff import Field, Move, difference, told
from santral.configuration import SINGLES

RULES: list[dict[str, Any]] = [
    {"name": "vip", "when": "contact.known", "checked": ["get", "contact", "known"], "tags": ["vip"]},
    {"name": "files", "when": "message.files > 0", "checked": ["x"], "priority": 2},
    {"name": "rest", "stop": True},
]
BASE: dict[str, Any] = {
    "version": "one",
    "inboxes": [
        {"name": "web", "channel": "webchat", "address": "web", "queue": "chat", "settings": {"a": 1, "b": [1, 2]}}
    ],
    "queues": [{"name": "chat", "skill": "chat"}],
    "agents": [{"name": "ayse", "display_name": "Ayşe", "skills": ["chat", "tr", "en"]}],
    "answers": [
        {"queue": "chat", "acknowledgement": {"tr": "Merhaba,\n\nbizde.\n", "en": "Hello"}},
        {"queue": "chat", "inbox": "web", "acknowledgement": {"tr": "Bizde"}},
    ],
    "rules": RULES,
}


def config(**changed: Any) -> Config:
    return Config.model_validate({**BASE, "version": "two", **changed})


def lines(**changed: Any) -> list[str]:
    return list(told(difference(Config.model_validate(BASE), config(**changed))))


def test_the_same_is_no_difference_whatever_its_version_is_called() -> None:
    found = difference(Config.model_validate(BASE), config())
    assert not found
    assert (found.old, found.new, list(told(found))) == ("one", "two", [])


def test_a_set_in_another_order_is_the_same() -> None:
    assert lines(agents=[{"name": "ayse", "display_name": "Ayşe", "skills": ["en", "chat", "tr"]}]) == []


def test_what_is_added_is_told_without_its_defaults_and_what_is_removed_by_what_it_said() -> None:
    hook = {"name": "crm", "url": "https://crm.example.com", "events": ["*"], "secret": "crm"}
    assert lines(rules=RULES[:2], webhooks=[hook]) == [
        "webhooks",
        "  + crm",
        "      url: https://crm.example.com",
        '      events: ["*"]',
        "      secret: crm",
        "rules",
        "  - rest",
        "      stop: true",
    ]


def test_a_changed_field_is_told_by_its_path_old_and_new() -> None:
    inbox = {**BASE["inboxes"][0], "settings": {"a": 2, "c": "x"}, "display_name": "Örnek"}
    assert lines(inboxes=[inbox], routing={"units": {"sms": 9}})[:7] == [
        "inboxes",
        "  ~ web",
        "      settings.a: 1 -> 2",
        "      settings.b: [1, 2] -> (nothing)",
        "      display_name: (nothing) -> Örnek",
        "      settings.c: (nothing) -> x",
        "routing",
    ]


def test_of_a_long_text_the_lines_that_differ_are_told() -> None:
    answers = [{**BASE["answers"][0], "acknowledgement": {"tr": "Merhaba,\n\ngeldi.\n"}}, BASE["answers"][1]]
    assert lines(answers=answers) == [
        "answers",
        "  ~ chat",
        "      acknowledgement.tr:",
        "        - bizde.",
        "        + geldi.",
        "      acknowledgement.en: Hello -> (nothing)",
    ]


def test_the_order_of_rules_counts_and_that_of_queues_does_not() -> None:
    assert lines(rules=RULES[::-1]) == ["rules", "    order: vip, files, rest", "        -> rest, files, vip"]
    queues = [{"name": "b", "skill": "tr"}, {"name": "chat", "skill": "chat"}]
    found = difference(config(queues=queues), config(queues=queues[::-1]))
    assert not found


def test_a_new_rule_between_others_moves_none_of_them() -> None:
    found = difference(config(), config(rules=[{"name": "first", "priority": 1}, *RULES]))
    assert found.moves == ()
    assert [(one.name, one.change) for one in found.changes] == [("first", "added")]


def test_a_condition_is_told_as_it_is_written() -> None:
    changed = [{**RULES[0], "when": "!contact.known", "checked": ["not", RULES[0]["checked"]]}, *RULES[1:]]
    assert lines(rules=changed) == ["rules", "  ~ vip", "      when: contact.known -> !contact.known"]
    understood = [{**RULES[0], "checked": ["not", RULES[0]["checked"]]}, *RULES[1:]]
    assert lines(rules=understood)[-1] == "      checked: the condition is understood in another way"


def test_of_a_calendar_the_days_that_differ_are_told_by_their_dates() -> None:
    holidays = [{"date": "2026-10-29", "name": "Republic Day"}, {"date": "2027-01-01", "name": "New Year"}]
    week = {"name": "ofis", "zone": "UTC", "open": {"mon": ("09:00-17:00",)}}
    before = config(calendars=[{**week, "found": holidays[:1], "until": 2026}])
    after = config(calendars=[{**week, "found": holidays, "until": 2027}])
    assert list(told(difference(before, after))) == [
        "calendars",
        "  ~ ofis",
        "      until: 2026 -> 2027",
        "      found.2027-01-01.name: (nothing) -> New Year",
    ]


def test_it_is_plain_data_for_programs() -> None:
    found = difference(Config.model_validate(BASE), config(rules=RULES[::-1], queues=[{"name": "chat", "skill": "tr"}]))
    record = json.loads(json.dumps(found.record()))
    assert record["changes"] == [
        {"section": "queues", "name": "chat", "change": "changed", "fields": [{"field": "skill", "old": "chat", "new": "tr"}]}
    ]  # fmt: skip
    assert record["moves"][0]["new"] == ["rest", "files", "vip"]
    assert found.moves == (Move("rules", ("vip", "files", "rest"), ("rest", "files", "vip")),)
    assert found.changes[0].fields == (Field("skill", "chat", "tr"),)


@pytest.mark.parametrize(
    "section", [name for name in Config.model_fields if name not in ("format", "version", *SINGLES)]
)
def test_every_section_s_items_have_a_name_to_be_told_by(section: str) -> None:
    model: Any = Config.model_fields[section].annotation
    fields = model.__args__[0].model_fields
    assert fields.keys() & {"name", "queue", "language"}
