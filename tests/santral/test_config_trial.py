"""Golden cases run the rules of production, and say what differs and what is wrong with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from router.config import Config
from santral.config_cases import FOLDER, Before, Case, Expected, Person, Placed, Said, Sender, Visited, read
from santral.config_trial import Result, tried
from santral.configuration import load

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "inboxes.yaml": """
inboxes:
  - {name: mail, channel: email, address: destek@example.com, queue: calm, language: tr}
  - {name: phone, channel: twilio, address: "+15005550100", queue: calm, secret: twilio}
  - {name: one, channel: telegram, address: a, queue: calm}
  - {name: two, channel: telegram, address: b, queue: calm}
""",
    "queues.yaml": """
queues:
  - {name: calm, skill: any-of-us}
  - name: hard
    skill: any-of-us
    priority: 3
    steps: [{needs: ["billing>=3", language], seconds: 60}, {needs: [billing], seconds: 60}]
""",
    "agents.yaml": """
agents:
  - {name: ayse, display_name: Ayşe, skills: {any-of-us: 1, billing: 4}, languages: [tr], units: 12}
  - {name: emma, display_name: Emma, skills: {any-of-us: 1, billing: 2}, languages: [en], units: 12}
  - {name: can, display_name: Can, skills: [any-of-us], languages: [tr], units: 3}
""",
    "rules.yaml": """
rules:
  - {name: bills, when: 'message.text.mentions(["fatura*"])', queue: hard, category: bill, sla: quick, answer: {tr: Bizde.}}
  - {name: often, when: contact.messagesInHours(24) >= 3, tags: [often]}
  - {name: again, when: 'conversation.contactsInDays("bill", 30) >= 2', priority: 1}
  - {name: back, when: conversation.reopened, tags: [back]}
  - {name: breaks, when: '1 / message.files == 1 && message.files < 9', tags: [file]}
sla:
  - {name: quick, first_response: 5}
""",
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return load(tmp_path)


def cases(directory: Path, config: Config, *texts: str) -> tuple[list[Placed], list[str]]:
    (directory / FOLDER).mkdir(exist_ok=True)
    (directory / FOLDER / "all.yaml").write_text("cases:\n" + "".join(f"  - {text}\n" for text in texts), "utf-8")
    placed, faults = read(directory / FOLDER, config)
    return placed, [str(fault) for fault in faults]


def outcome(directory: Path, config: Config, text: str) -> Result:
    (placed,), faults = cases(directory, config, text)
    assert faults == []
    return tried(config, placed)


def test_the_sample_configuration_comes_out_as_its_cases_say() -> None:
    config = load(ROOT / "config")
    placed, faults = read(ROOT / "config" / FOLDER, config)
    assert faults == []
    assert [str(result) for result in (tried(config, one) for one in placed) if result.differences] == []
    assert len({one.place.file for one in placed}) == 2
    assert len(placed) >= 10


def test_cases_are_no_part_of_the_configuration(tmp_path: Path, config: Config) -> None:
    cases(tmp_path, config, "{name: a, inbox: mail, expect: {queue: calm}}")
    assert load(tmp_path).version == config.version


BILL = 'inbox: mail, message: {text: "Faturam nerede?", files: 1}'


@pytest.mark.parametrize(
    "text",
    [
        f"{{name: a, {BILL}, expect: {{queue: hard, priority: 3, category: bill, sla: quick, answer: bills}}}}",
        f'{{name: a, {BILL}, expect: {{skills: ["billing>=3", tr], agents: [ayse], agents_with: "billing>=3"}}}}',
        f"{{name: a, {BILL}, expect: {{skills_after: {{60: billing, 120: any-of-us}}}}}}",
        "{name: a, inbox: phone, message: {files: 1}, expect: {queue: calm, language: en, agents: [ayse, emma, can]}}",
        "{name: heavy, inbox: mail, message: {files: 1}, expect: {agents: [ayse, emma], rules: [breaks], tags: [file]}}",
        "{name: a, inbox: mail, message: {files: 2}, contact: {messages_hours_ago: [1, 23, 30]}, expect: {rules: [often]}}",
        "{name: a, inbox: mail, message: {files: 2}, contact: {visits: [{days_ago: 2, about: [bill]}]}, expect: {priority: 1}}",
        "{name: a, inbox: mail, message: {files: 2}, conversation: {number: 2, category_before: bill}, expect: {rules: [again]}}",
        "{name: a, inbox: mail, message: {files: 2}, conversation: {reopened: true, tags_before: [v]}, expect: {tags: [back, v]}}",
        f"{{name: a, {BILL}, conversation: {{reopened: true, queue_before: calm, queue_chosen: true}}, expect: {{queue: calm}}}}",
        "{name: a, message: {channel: sms}, expect: {queue: calm, rule_faults: [breaks]}}",
        "{name: a, message: {channel: sms, kind: reaction}, expect: {rules: [], rule_faults: []}}",
    ],
)
def test_a_case_that_comes_out_differs_in_nothing(tmp_path: Path, config: Config, text: str) -> None:
    assert outcome(tmp_path, config, text).differences == ()


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        ("{queue: calm, priority: 3}", ("queue", "calm", "hard")),
        ("{priority: 1}", ("priority", 1, 3)),
        ("{rules: [again, bills]}", ("rules", ["again", "bills"], ["bills", "breaks"])),
        ("{tags: []}", ("tags", [], ["file"])),
        ("{category: order}", ("category", "order", "bill")),
        ("{answer: null}", ("answer", None, "bills")),
        ("{skills: billing}", ("skills", ["billing"], ["billing>=3", "tr"])),
        ("{skills_after: {60: any-of-us}}", ("skills_after", {60: ["any-of-us"]}, {60: ["billing"]})),
        ("{agents: [emma]}", ("agents", ["emma"], ["ayse"])),
        ("{agents_with: en}", ("agents_with", "en", "also ayse")),
        ("{rule_faults: [breaks]}", ("rule_faults", ["breaks"], [])),
    ],
)
def test_what_comes_out_otherwise_is_told_expected_and_got(
    tmp_path: Path, config: Config, text: str, differs: tuple[object, ...]
) -> None:
    assert [tuple(one) for one in outcome(tmp_path, config, f"{{name: a, {BILL}, expect: {text}}}").differences] == [
        differs
    ]


def test_a_rule_that_fails_at_the_message_fails_the_case_that_does_not_expect_it(
    tmp_path: Path, config: Config
) -> None:
    result = outcome(tmp_path, config, "{name: a, inbox: mail, expect: {queue: calm}}")
    assert [one.field for one in result.differences] == ["rule_faults"]
    assert result.differences[0].got == ["breaks: a division by nought"]


def test_every_fault_of_the_cases_is_told_at_once_with_its_place(tmp_path: Path, config: Config) -> None:
    placed, faults = cases(
        tmp_path,
        config,
        "{name: a, inbox: mail, expect: {queue: calm, priorty: 1}}",
        "{name: b, inbox: nowhere, expect: {queue: nobody, agents: [ayse, ada]}}",
        "{name: c, message: {channel: telegram}, expect: {rules: [gone]}}",
        "{name: d, message: {text: x}, expect: {queue: calm}}",
        "{name: e, inbox: mail, expect: {}}",
        "{name: f, inbox: mail, contact: {known: false, name: X}, expect: {sla: slow}}",
        "{name: g, inbox: mail, now: 2026-01-01T10:00:00, expect: {queue: calm}}",
        "{name: h, inbox: mail, message: {channel: sms}, expect: {queue: calm}}",
        "{name: h, inbox: mail, message: {files: 1}, expect: {skills: 'billing>7', tags: [Big]}}",
        "5",
        "{name: h, inbox: mail, expect: {queue: calm}}",
        "{name: i, inbox: mail, conversation: {queue_before: calm}, expect: {queue: calm}}",
    )
    assert [line.partition(" (")[0].partition(": is")[0] for line in faults][:3] == [
        "all.yaml: line 2, column 50, cases[0].expect.priorty",
        "all.yaml: line 3, column 15, cases[1].inbox",
        "all.yaml: line 3, column 40, cases[1].expect.queue",
    ]
    told = "\n".join(faults)
    for words in (
        "there is no inbox 'nowhere'", "there is no queue 'nobody'", "there is no agent 'ada'", "inboxes one, two have it",
        "there is no rule 'gone'", "names no inbox", "expects nothing", "something is said of them",
        "should have timezone", "inbox 'mail' has no sms", "'billing>7' is no requirement", "must be small letters",
        "must be a mapping", "is the name of another case", "that is reopened",
    ):  # fmt: skip
        assert words in told
    assert [one.case.name for one in placed] == ["b", "c", "h", "h"]


def test_of_two_cases_of_one_name_the_one_at_fault_is_pointed_at(tmp_path: Path, config: Config) -> None:
    _, faults = cases(
        tmp_path,
        config,
        "{name: a, inbox: mail, expect: {queue: calm}}",
        "{name: a, inbox: mail, expect: {queue: nobody}}",
    )
    assert any(line.startswith("all.yaml: line 3, ") and "there is no queue 'nobody'" in line for line in faults)


@pytest.mark.parametrize("text", ["cases: []", "case:\n  - {}", "- a", "cases: {a: b}", "cases: [", ""])
def test_what_is_no_file_of_cases_is_a_fault_and_no_crash(tmp_path: Path, config: Config, text: str) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "all.yaml").write_text(text, "utf-8")
    assert read(tmp_path / FOLDER, config)[1]


def test_a_directory_without_cases_says_so(tmp_path: Path, config: Config) -> None:
    (fault,) = read(tmp_path / "none", config)[1]
    assert "no *.yaml file with cases" in str(fault)


def test_the_documentation_names_everything_that_a_case_may_give_and_expect() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    models: tuple[type[BaseModel], ...] = (Case, Said, Person, Before, Visited, Sender, Expected)
    assert [name for model in models for name in model.model_fields if not re.search(rf"\b{name}\b", text)] == []


def test_the_case_in_the_documentation_comes_out_in_the_sample_configuration(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    (block,) = [one for one in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "\ncases:" in one]
    (tmp_path / "doc.yaml").write_text(block, "utf-8")
    config = load(ROOT / "config")
    (placed,), faults = read(tmp_path, config)
    assert faults == []
    assert tried(config, placed).differences == ()
