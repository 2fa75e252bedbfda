"""What works and may not be meant is told with its place, and what is as it should be is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from santral.config_lint import findings
from santral.config_places import Places
from santral.configuration import files, load

ROOT = Path(__file__).resolve().parents[2]
REST = """
queues: [{name: q, skill: s, sla: quick}, {name: r, skill: s, sla: slow}]
agents: [{name: a, display_name: A, skills: [s], units: 30, languages: [tr]}]
inboxes: [{name: i, channel: webchat, address: web, queue: q}, {name: j, channel: webchat, address: web, queue: r}]
sla: [{name: quick, first_response: 5}, {name: slow, first_response: 50}]
"""


def found(directory: Path, rules: str, rest: str = REST) -> list[str]:
    (directory / "rules.yaml").write_text(f"rules:\n{rules}" if rules else "routing: {reopen_hours: 1}\n", "utf-8")
    (directory / "rest.yaml").write_text(rest, "utf-8")
    return [str(one) for one in findings(load(directory), Places(files(directory)))]


KNOWN = "when: contact.known"


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (
            "- {name: a, stop: true}\n- {name: b, when: contact.known, tags: [t]}\n",
            "Warning: rules.yaml:3: rule 'b' is never reached: rule 'a' (rules.yaml:2) above it stops whatever comes",
        ),
        (
            f"- {{name: a, {KNOWN}, stop: true}}\n- {{name: b, when: contact.known && message.files > 0, tags: [t]}}\n",
            "Warning: rules.yaml:3: rule 'b' is never reached: rule 'a' (rules.yaml:2) above it stops whatever it would match",
        ),
        (
            f"- {{name: a, {KNOWN}, queue: q, tags: [t]}}\n- {{name: b, {KNOWN}, tags: [t]}}\n",
            "Warning: rules.yaml:3: rule 'b' says nothing that rule 'a' (rules.yaml:2) above it does not say",
        ),
        (
            ("- {name: a, when: contact.known || message.files > 0, priority: 2}\n- {name: b, "
            "when: message.files > 0 && contact.known, priority: 2}\n"),
            "Warning: rules.yaml:3: rule 'b' says nothing that rule 'a' (rules.yaml:2) above it does not say",
        ),
        (
            ("- {name: a, when: message.files > 0 && contact.known, queue: q, sla: quick}\n"
            "- {name: b, when: contact.known && message.files > 0, queue: r, sla: slow}\n"),
            ("Warning: rules.yaml:3: rule 'b' contradicts rule 'a' (rules.yaml:2): under the same condition they say "
            "queue q and r; sla quick and slow; the upper one counts"),
        ),
        (
            f"- {{name: a, {KNOWN}, queue: q}}\n- {{name: b, when: contact.known && message.files > 0, queue: r, tags: [t]}}\n",
            ("Warning: rules.yaml:3: rule 'b' never sets queue: rule 'a' (rules.yaml:2) above it holds whenever it does, "
            "and says so first"),
        ),
        ("- {name: a, when: 'false', tags: [t]}\n", "Warning: rules.yaml:2: rule 'a' never holds: its condition is false whatever comes"),
        (
            "- {name: a, when: conversation.number >= 1, tags: [t]}\n",
            "Warning: rules.yaml:2: rule 'a' always holds: leave `when` out, or correct it",
        ),
        (
            "- {name: a, when: 'conversation.contactsInDays(\"bil\", 3) > 1', tags: [bill]}\n",
            "Note: rules.yaml:2: rule 'a' counts contacts about 'bil', which no rule gives; is 'bill' meant?",
        ),
    ],
)  # fmt: skip
def test_a_rule_that_may_not_be_meant_is_told(tmp_path: Path, rules: str, told: str) -> None:
    assert found(tmp_path, rules) == [told]


@pytest.mark.parametrize(
    "rules",
    [
        f"- {{name: a, when: contact.known && message.files > 0, queue: q}}\n- {{name: b, {KNOWN}, queue: r}}\n",
        f"- {{name: a, {KNOWN}, stop: true}}\n- {{name: b, tags: [t]}}\n",
        f"- {{name: a, {KNOWN}, tags: [t]}}\n- {{name: b, {KNOWN}, tags: [u]}}\n",
        f"- {{name: a, {KNOWN}, tags: [t]}}\n- {{name: b, {KNOWN}, stop: true}}\n",
        "- {name: a, when: 'false && contact.known || message.files > 1', stop: true}\n- {name: b, tags: [t]}\n",
        f"- {{name: a, {KNOWN}, queue: q}}\n- {{name: b, when: contact.known && conversation.reopened, queue: r}}\n",
    ],
)
def test_rules_that_add_something_are_left_alone(tmp_path: Path, rules: str) -> None:
    assert found(tmp_path, rules) == []


def test_what_a_rule_that_never_holds_says_hides_nothing(tmp_path: Path) -> None:
    told = found(tmp_path, "- {name: a, when: 'false', queue: q, stop: true}\n- {name: b, queue: r}\n")
    assert [line.split(":")[1:3] for line in told] == [[" rules.yaml", "2"]]


def test_a_queue_that_only_transfers_fill_is_noted(tmp_path: Path) -> None:
    lonely = REST.replace("queue: r}", "queue: q}")
    what = "Note: rest.yaml:2: queue 'r': no inbox and no rule sends anything there, only transfers by people can"
    assert found(tmp_path, "", lonely) == [what]
    assert found(tmp_path, "- {name: a, when: 'message.channel == \"email\"', queue: r}\n", lonely) == [what]
    assert found(tmp_path, f"- {{name: a, {KNOWN}, queue: r}}\n", lonely) == []


def test_a_skill_that_nothing_asks_for_is_noted_once(tmp_path: Path) -> None:
    both = REST.replace("skills: [s]", "skills: {s: 1, old: 2}").replace(
        "languages: [tr]}", "languages: [tr]}, {name: b, display_name: B, skills: [old, s]}"
    )
    assert found(tmp_path, "", both) == [
        "Note: rest.yaml:3: skill 'old': agent 'a' has it, and no queue and no rule asks for it"
    ]
    step = "- {name: a, require: [{needs: old, seconds: 9}]}\n"
    assert found(tmp_path, step, both) == []
    assert found(tmp_path, "", both + "skills: [{name: s}, {name: old}]\n") == [
        "Note: rest.yaml:6: skill 'old': no queue and no rule asks for it"
    ]


def test_a_language_is_asked_for_where_any_queue_asks_for_the_customer_s(tmp_path: Path) -> None:
    spoken = REST.replace("skills: [s]", "skills: [s, tr]")
    assert len(found(tmp_path, "", spoken)) == 1
    asked = spoken.replace(
        "{name: q, skill: s, sla: quick}", "{name: q, skill: s, sla: quick, steps: [{needs: language, seconds: 5}]}"
    )
    assert found(tmp_path, "", asked) == []


def test_the_sample_configuration_has_nothing_to_warn_of() -> None:
    assert [
        one for one in findings(load(ROOT / "config"), Places(files(ROOT / "config"))) if one.level == "warning"
    ] == []


def test_a_count_of_what_some_rule_gives_is_right(tmp_path: Path) -> None:
    rules = (
        "- {name: one, category: complaint, tags: [vip]}\n"
        "- {name: two, stop: true, when: 'conversation.contactsInDays(\"complaints\", 30) > 2 && message.files == 0'}\n"
        "- {name: three, stop: true, when: 'conversation.contactsInDays(\"vip\", 30) > 2'}\n"
    )
    assert found(tmp_path, rules) == [
        "Note: rules.yaml:3: rule 'two' counts contacts about 'complaints', which no rule gives; is 'complaint' meant?"
    ]
