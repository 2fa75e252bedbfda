"""Escalations that name what is not there, or wait for what never happens: each is told with its file and line, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from santral import answer_texts
from santral.configuration import BadConfiguration, load

GOOD = {
    "inboxes.yaml": "inboxes:\n  - {name: web, channel: webchat, address: web, queue: chat}\n",
    "queues.yaml": "queues:\n  - {name: chat, skill: chat, sla: quick}\n  - {name: uzman, skill: chat}\n",
    "agents.yaml": "agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat]}\n",
}
START = "sla:\n  - name: quick\n    first_response: 15\n    escalate:\n"


def faults(directory: Path, *steps: str, more: str = "") -> list[str]:
    written = START + "".join(f"      - {step}\n" for step in steps) + more
    for name, text in {**GOOD, "sla.yaml": written}.items():
        (directory / name).write_text(text, "utf-8")
    with pytest.raises(BadConfiguration) as raised:
        load(directory)
    return [str(fault) for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (
            "{at: breach, queue: uzmn}",
            "column 22: sla 'quick': escalate[0].queue: there is no queue 'uzmn'; is 'uzman' meant?",
        ),
        (
            "{at: breach, queue: chat}",
            "sla 'quick': escalate[0].queue: only queue 'chat' goes by this policy, so nothing moves",
        ),
        ("{at: breach, watch: [ays]}", "sla 'quick': escalate[0].watch: there is no agent 'ays'; is 'ayse' meant?"),
        (
            "{at: breach, notify: {webhook: [crm]}}",
            "sla 'quick': escalate[0].notify.webhook: there is no webhook 'crm'",
        ),
        (
            "{at: breach, notify: {email: [a@example.com]}}",
            "escalate[0].notify.email: no inbox of channel email can send it",
        ),
        (
            "{at: 80, raise_by: 1}",
            "sla 'quick': escalate[0].at: no warning is given at 80 per cent; warn_at has 75, 90",
        ),
        ("{at: reminder, raise_by: 1}", "sla 'quick': escalate[0].at: nobody is reminded; write `remind`"),
        ("{at: breach, targets: [resolution], raise_by: 1}", "escalate[0].targets: the policy promises no resolution"),
        (
            "{at: breach, targets: [promise], call: {queue: yok, within: 2h}}",
            "sla 'quick': escalate[0].call.queue: there is no queue 'yok'",
        ),
        (
            "{at: breach, tell: {tr: 'Merhaba {nmae}'}}",
            "sla[0].escalate[0].tell.tr (quick): nobody fills in {nmae} here; known are {company}, {due}, {expected}, {name}",
        ),
        ("{at: breach, tell: {tr: 'Kod: {voucher}'}}", "nobody fills in {voucher} here"),
        ("{at: breach}", "does nothing: write raise_by, queue, relax"),
        ("{at: breach, notify: {email: lead@example.com}}", "escalate[0].notify.email (quick): must be a list"),
        ("{at: breach, notify: {}}", "escalate[0].notify (quick): tells nobody: write desk: true, email or webhook"),
        ("{at: breach, notify: {desk: false}}", "tells nobody"),
        ("{at: breach, voucher: OZUR}", "voucher: for a broken promise only: at: breach, targets: [promise]"),
        ("{at: breach, notify: {email: [lead]}}", "sla[0].escalate[0].notify.email[0] (quick)"),
    ],
)
def test_what_an_escalation_cannot_do_is_a_fault(tmp_path: Path, step: str, says: str) -> None:
    (fault,) = faults(tmp_path, step)
    assert fault.startswith("sla.yaml: line 5, ")
    assert says in fault


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, "{at: breach, queue: yok, watch: [kimse]}", "{at: 80, raise_by: 1}")
    assert [fault.partition(",")[0] for fault in found] == ["sla.yaml: line 5", "sla.yaml: line 5", "sla.yaml: line 6"]


@pytest.mark.parametrize(
    ("tell", "note"),
    [
        ("", "sla quick: escalate[0] gives a code and no text: nobody tells the customer"),
        (
            ", tell: {en: Sorry.}",
            "sla quick: escalate[0].tell.en does not tell the code: write {voucher} into it",
        ),
    ],
)
def test_a_code_that_no_text_tells_is_noted(tmp_path: Path, tell: str, note: str) -> None:
    step = f"      - {{at: breach, targets: [promise], voucher: OZUR{tell}}}\n"
    for name, text in {**GOOD, "sla.yaml": START + step}.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert answer_texts.warnings(load(tmp_path)) == [note]


def test_a_text_that_some_customers_cannot_be_told_is_noted(tmp_path: Path) -> None:
    for name, text in {**GOOD, "sla.yaml": START + "      - {at: breach, tell: {tr: Geciktik.}}\n"}.items():
        (tmp_path / name).write_text(text, "utf-8")
    (note,) = answer_texts.warnings(load(tmp_path))
    assert note.startswith("sla quick: escalate[0].tell has no text in 'en', the language of inbox 'web'")
