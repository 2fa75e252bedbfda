"""The texts of automatic answers are looked over before a customer reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.config import Config
from santral.answer_texts import warnings
from santral.configuration import BadConfiguration, load

FILES = {
    "inboxes.yaml": """
inboxes:
  - {name: sms, channel: twilio, address: "+15005550100", queue: genel, language: tr, secret: twilio, display_name: Örnek}
  - {name: mail, channel: email, address: destek@example.com, queue: genel, language: de}
""",
    "queues.yaml": "queues:\n  - {name: genel, skill: genel}\n",
    "agents.yaml": "agents:\n  - {name: ayse, display_name: Ayşe, skills: [genel]}\n",
}
HOURS = "calendars:\n  - {name: ofis, zone: Europe/Istanbul, open: {mon-fri: ['09:00-18:00']}, closed: [2026-10-29]}\n"


def written(directory: Path, answers: str, hours: str = HOURS) -> Path:
    for name, text in {**FILES, "answers.yaml": hours + answers}.items():
        (directory / name).write_text(text, "utf-8")
    return directory


def loaded(directory: Path, answers: str) -> Config:
    return load(written(directory, answers))


def answers(text: str) -> str:
    return f"answers:\n  - queue: genel\n    hours: ofis\n{text}"


def test_hours_and_texts_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    config = loaded(tmp_path, answers("    acknowledgement: {tr: Bizde., en: We have it., de: Ist da.}\n"))
    found = config.answers_for("genel", "sms")
    assert found is not None
    calendar = config.calendar(found.hours)
    assert calendar is not None
    assert calendar.closed == ("2026-10-29",)
    assert warnings(config) == []


def test_an_inbox_may_have_its_own(tmp_path: Path) -> None:
    more = "  - {queue: genel, inbox: sms, acknowledgement: {tr: Kısa.}}\n"
    config = loaded(tmp_path, answers("    acknowledgement: {tr: Uzun., de: Lang.}\n") + more)
    for inbox, text in (("sms", "Kısa."), ("mail", "Uzun.")):
        found = config.answers_for("genel", inbox)
        assert found is not None
        assert found.acknowledgement["tr"] == text
    assert config.answers_for("chat", "sms") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            answers("    acknowledgement: {tr: 'Merhaba {nmae}'}\n"),
            "column 23, answers[0].acknowledgement.tr (genel): nobody fills in {nmae} here; known are {company}, {expected}, {name}",
        ),
        (
            answers("    acknowledgement: {tr: '{opens} açığız'}\n"),
            "column 23, answers[0].acknowledgement.tr (genel): nobody fills in {opens} here; known are {company}, {expected}, {name}",
        ),
        ("answers:\n  - {queue: yok}\n", "answers of queue 'yok': there is no such queue"),
        (
            "answers:\n  - {queue: genel, inbox: yok}\n",
            "answers.yaml: line 4, column 5: answers of queue 'genel': there is no inbox 'yok'",
        ),
        (
            "answers:\n  - {queue: genel, hours: yok}\n",
            "answers.yaml: line 4, column 5: answers of queue 'genel': there is no calendar 'yok'",
        ),
        (
            "answers:\n  - {queue: genel, out_of_hours: {tr: Kapalı}}\n",
            "answers.yaml: line 4, column 5: answers of queue 'genel': out_of_hours without hours, which say when it is closed",
        ),
        (
            "rules:\n  - {name: kargo, answer: {tr: 'Kargonuz {nerede}'}}\n",
            "rules[0].answer.tr (kargo): nobody fills in {nerede} here; known are {company}, {expected}, {name}",
        ),
        ("rules:\n  - {name: kargo, sla: quick}\n", "rule 'kargo': there is no sla 'quick': none is defined"),
        (
            "sla:\n  - {name: quick, first_response: 5}\nrules:\n  - {name: kargo, sla: quik}\n",
            "rule 'kargo': there is no sla 'quik'; they are quick",
        ),
        ("sla:\n" + "  - {name: quick, first_response: 5}\n" * 2, "sla 'quick' is defined twice"),
        ("answers:\n  - {queue: genel}\n  - {queue: genel}\n", "answers of queue 'genel' are defined twice"),
        ("answers:\n  - {queue: genel, acknowledgement: {Turkish: x}}\n", "must be a language tag such as tr or en-GB"),
    ],
)
def test_what_must_not_reach_a_customer_is_a_fault(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadConfiguration) as raised:
        loaded(tmp_path, text)
    assert says in str(raised.value)


def test_a_wrong_day_or_zone_is_named(tmp_path: Path) -> None:
    wrong = HOURS.replace("mon-fri", "mo-fr").replace("Europe/Istanbul", "Istanbul")
    with pytest.raises(BadConfiguration) as raised:
        load(written(tmp_path, answers(""), wrong))
    assert "answers.yaml: line 2, column 18, calendars[0].zone (ofis): there is no time zone 'Istanbul'" in str(
        raised.value
    )


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            "    acknowledgement: {tr: Bizde., en: We have it.}\n",
            "genel: acknowledgement has no text in 'de', the language of inbox 'mail': the English one leaves",
        ),
        (
            "    acknowledgement: {tr: Bizde.}\n",
            "genel: acknowledgement has no text in 'de', the language of inbox 'mail', nor in English: nothing leaves",
        ),
        (
            "    out_of_hours: {tr: Kapalı., de: 'Ab {opens} wieder.'}\n",
            "genel: out_of_hours.de: times are told in words in en, tr only, here in numbers",
        ),
        (
            "    acknowledgement: {de: Da., tr: '" + "Mesajınız şimdi bizde. " * 12 + "'}\n",
            "genel: acknowledgement.tr is too long for SMS by inbox 'sms': 5 parts (UCS-2), each billed",
        ),
    ],
)
def test_what_may_not_be_meant_is_a_note(tmp_path: Path, text: str, note: str) -> None:
    assert warnings(loaded(tmp_path, answers(text))) == [note]


def test_what_a_rule_lets_leave_is_looked_over_for_every_inbox(tmp_path: Path) -> None:
    text = f"rules:\n  - {{name: kargo, answer: {{tr: '{'ş' * 220}', nl: '{{expected}}'}}}}\n"
    notes = warnings(loaded(tmp_path, text))
    assert [note.removeprefix("rule kargo: ") for note in notes] == [
        "answer has no text in 'de', the language of inbox 'mail', nor in English: what the queue says leaves",
        "answer.tr is too long for SMS by inbox 'sms': 4 parts (UCS-2), each billed",
        "answer.nl: times are told in words in en, tr only, here in numbers",
    ]
