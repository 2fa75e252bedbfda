"""Conditions of segments, campaigns and steps: what cannot be meant is refused with its place, and what can be is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from router.config import Config
from santral.cel import check
from santral.cel_outreach import words
from santral.cel_parts import Problem
from santral.configuration import BadConfiguration, load

ROOT = Path(__file__).resolve().parents[2]
CONFIG = load(ROOT / "config")
EVERYTHING = words(CONFIG, event=True, conversation=True, variants=("a", "b"))


@pytest.mark.parametrize(
    ("source", "place", "what"),
    [
        ('contact.nam == "a"', (1, 9), "did you mean 'name'?"),
        ('contct.name == "a"', (1, 1), "did you mean 'contact'?"),
        ('contact.txt("sehir") == "a"', (1, 9), "contact has no txt(); known are flag, has, number, text"),
        ('contact.text == "a"', (1, 9), 'is asked, as in contact.text("city")'),
        ('contact.name("a") == "a"', (1, 9), "takes no ( ): write contact.name"),
        ("contact.text() == 'a'", (1, 9), 'text() takes 1 argument, as in contact.text("city")'),
        ("contact.text(contact.name) == 'a'", (1, 14), "takes what is written out"),
        ('contact.text("") == "a"', (1, 14), "wants the name of an attribute"),
        ("contact.text(3) == 'a'", (1, 14), "wants the name of an attribute"),
        ('contact.text("orders") > 3', (1, 1), "compares a text with a whole number"),
        ('contact.number("orders") == "3"', (1, 1), "compares a decimal number with a text"),
        ('contact.number("orders") in ["3"]', (1, 1), "can never be in"),
        ('contact.flag("vip") == 1', (1, 1), "compares a truth value with a whole number"),
        ('contact.text("sehir")', (1, 1), "is a text, and a condition must be true or false"),
        ('contact.language == "TR"', (1, 21), "write 'tr'"),
        ('contact.zone == "Europe/Istambul"', (1, 17), "did you mean 'Europe/Istanbul'?"),
        ('contact.country == "TUR"', (1, 20), "can never be equal: contact.country is one of"),
        ('contact.preferred == "mail"', (1, 22), "did you mean 'email'?"),
        ('"smss" in contact.channels', (1, 1), "did you mean 'sms'?"),
        ("contact.age < -1", (1, 15), "contact.age is -1 or more"),
        ('contact.text("a") == "x" && contact.text("a") == "y"', (1, 29), 'contact.text("a") is not \'x\' and \'y\' at once'),
        ('consent.marketing("emial") == "given"', (1, 19), "did you mean 'email'?"),
        ('consent.marketing("email") == "yes"', (1, 31), 'consent.marketing("email") is one of given, none, withdrawn'),
        ('consent.marketting("email") == "given"', (1, 9), "did you mean 'marketing'?"),
        ("consent.service == true", (1, 9), 'is asked, as in consent.service("email")'),
        ("history.lastInbound < now", (1, 9), "did you mean 'last_inbound'?"),
        ("history.eventsInDay('a.b', 3) > 0", (1, 9), "did you mean 'eventsInDays'?"),
        ("history.eventsInDays('purchase', 3) > 0", (1, 22), "wants an event's type with a dot in it"),
        ("history.eventsInDays('a.b', 400) > 0", (1, 29), "wants a number of days, from 1 to 366"),
        ("history.eventsInDays('a.b') > 0", (1, 9), "takes 2 arguments, as in history.eventsInDays("),
        ("history.sentInDays(0) > 0", (1, 20), "from 1 to 366"),
        ('history.lastScore("cast") > 3', (1, 19), "did you mean 'csat'?"),
        ('history.lastScore("csat") > 5', (1, 29), "is from -1 to 5"),
        ('history.lastScore("nps") == 11', (1, 29), "is from -1 to 10"),
        ("history.conversations < 0", (1, 25), "history.conversations is 0 or more"),
        ('history.daysSinceEvent("a.b") > 10000', (1, 33), "is from 0 to 10000"),
        ("history.open()", (1, 9), "takes no ( ): write history.open"),
        ('event.text("order..city") == "a"', (1, 12), "wants a path into the event's data"),
        ('event.kind == "a"', (1, 7), "event has no 'kind'; known are type"),
        ('conversation.queue == "nowhere"', (1, 23), "conversation.queue is one of"),
        ('conversation.inbox == "destk"', (1, 23), "did you mean 'destek'?"),
        ('journey.variant == "c"', (1, 20), 'journey.variant is one of "", a, b'),
        ("journey.score > 10", (1, 17), "journey.score is from -1 to 10"),
        ('message.text == "a"', (1, 1), "there is no 'message' here: only rules have one"),
        ('contact.name.mentions(["a"])', (1, 14), "there is no .mentions()"),
        ('open("ofis")', (1, 1), "there is no open()"),
        ("contact.name == null", (1, 17), "is not for conditions of outreach"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(source: str, place: tuple[int, int], what: str) -> None:
    with pytest.raises(Problem) as refused:
        check(source, CONFIG, EVERYTHING)
    assert what in refused.value.what
    assert (refused.value.line, refused.value.column) == place


@pytest.mark.parametrize(
    "source",
    [
        'contact.text("Şehir ") == "İzmir"',
        'contact.number("siparis_sayisi") > 3 && 3 < contact.number("x")',
        'contact.number("x") * 2 + 1 >= history.conversations',
        'contact.number("x") in [1, 2, 3] || contact.number("x") == -1 || contact.number("x") > 1.5',
        'contact.flag("vip") && contact.has("sehir") && !has(contact.preferred)',
        'contact.preferred == "" || contact.zone == "" || contact.country in ["TR", ""]',
        '"vip" in contact.tags || contact.tags.exists(t, t.startsWith("vip-"))',
        'contact.birthday.startsWith("05-") && contact.age >= 18',
        'consent.marketing("email") == "given" && consent.service("sms") in ["none", "given"]',
        'now - history.last_inbound > duration("720h") && history.last_outreach < now',
        'event.number("order.total") > 100 && event.text("order.city") == "x" && event.type == "a.b" && event.has("x-y.0")',
        'conversation.category == "complaint" && conversation.agent == ""',
        'journey.sent == 2 && !journey.replied && journey.variant != "" && journey.score == -1',
        'now.getDayOfWeek("Europe/Istanbul") in [0, 6] && contact.name.contains("ö") && size(contact.channels) > 1',
    ],
)
def test_what_can_be_meant_is_taken(source: str) -> None:
    assert check(source, CONFIG, EVERYTHING)


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ('event.type == "a.b"', {"event": True}),
        ("size(conversation.tags) > 0", {"conversation": True}),
        ("journey.replied", {"variants": ()}),
    ],
)
def test_a_name_that_is_only_there_sometimes_is_told_as_such(source: str, given: dict[str, bool]) -> None:
    assert check(source, CONFIG, words(CONFIG, **given))  # type: ignore[arg-type]
    with pytest.raises(Problem, match=r"here: only .* has one"):
        check(source, CONFIG, words(CONFIG))


def test_rules_have_nothing_of_it() -> None:
    for source in (
        'contact.text("sehir") == "a"',
        "history.open",
        'consent.marketing("email") == "given"',
        "message.files > 1.5",
    ):
        with pytest.raises(Problem):
            check(source, CONFIG)


def test_a_whole_number_beside_a_decimal_one_is_one_too() -> None:
    assert check('contact.number("x") > 3', CONFIG, EVERYTHING) == [
        ">", ["ask", "contact", "number", "x"], ["const", 3.0]
    ]  # fmt: skip


BASE = (
    "queues: [{name: q, skill: s}]\nagents: [{name: a, display_name: A, skills: [s]}]\n"
    "inboxes: [{name: i, channel: email, address: a@example.com, queue: q}]\n"
    "templates: [{name: t, purpose: service, channels: {email: {tr: {subject: s, text: x}}}}]\n"
)


def loaded(directory: Path, text: str, base: str = BASE) -> Config:
    (directory / "base.yaml").write_text(base, "utf-8")
    (directory / "outreach.yaml").write_text(text, "utf-8")
    return load(directory)


def faults(directory: Path, text: str, base: str = BASE) -> list[str]:
    with pytest.raises(BadConfiguration) as raised:
        loaded(directory, text, base)
    return [str(fault) for fault in raised.value.faults]


CAMPAIGN = """campaigns:
  - name: c
    starts: {event: order.paid}
    when: >
      event.has("order") &&
      contact.flag("vip")
    steps:
      - send: t
      - when: 'journey.replied'
        then:
          - wait_for: click
            within: 1d
            otherwise:
              - when: event.number("order.total") > 10
                then: [{send: t}]
"""


def test_every_condition_of_a_campaign_gets_its_tree(tmp_path: Path) -> None:
    campaign = loaded(tmp_path, "segments: [{name: s, when: contact.name != ''}]\n" + CAMPAIGN).campaigns[0]
    assert campaign.checked[0] == "and"
    branch = campaign.steps[1]
    assert branch.checked == ["get", "journey", "replied"]  # type: ignore[union-attr]
    assert branch.then[0].otherwise[0].checked[0] == ">"  # type: ignore[union-attr]


def test_each_fault_of_each_condition_is_told_with_its_place(tmp_path: Path) -> None:
    wrong = CAMPAIGN.replace("flag(", "flagg(").replace("replied", "replid").replace('total"', 'total."')
    segment = "segments:\n- {name: s, when: contact.nam == 'a' || history.opn}\n"
    assert [re.split(r";|, such", line)[0] for line in faults(tmp_path, segment + wrong)] == [
        "outreach.yaml: line 2, column 27 (segment s): contact has no 'nam'",
        "outreach.yaml: line 2, column 49 (segment s): history has no 'opn'",
        "outreach.yaml: line 8, column 15 (campaign c): contact has no flagg()",
        "outreach.yaml: line 11, column 24 (campaign c, steps[1]): journey has no 'replid'",
        "outreach.yaml: line 16, column 36 (campaign c, steps[1].then[0].otherwise[0]): wants a path into the event's data",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("queues: [{name: q, skil: s}]\n", True),
        ("queues: [\n", False),  # which queues there are cannot be read
        ("agents: [{nam: a}]\n", False),
    ],
)
def test_conditions_are_judged_beside_faults_of_form(tmp_path: Path, other: str, told: bool) -> None:
    text = CAMPAIGN.replace("{event: order.paid}", "{conversation: resolved}").replace(
        'event.has("order")', "x && conversation.queue == 'p'"
    )
    found = "\n".join(faults(tmp_path, text, other))
    assert "(campaign c): there is no 'x'" in found
    assert "(campaign c, steps[1].then[0].otherwise[0]): there is no 'event' here" in found
    assert ("can never be equal: conversation.queue is" in found) is told


def test_a_campaign_whose_start_is_misspelt_is_not_told_of_its_event_as_well(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, CAMPAIGN.replace("{event: order.paid}", "{evnt: order.paid}"))
    assert "says nothing of what sets it off; write one of at, cron, birthday" in found
    assert found.endswith("is 'event' meant?")
    assert found.startswith("outreach.yaml: line 3, ")


def test_a_tree_that_is_written_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    text = CAMPAIGN.replace('total") > 10', 'total") > 10\n                checked: [const, true]')
    (found,) = faults(tmp_path, text)
    assert "steps[1].then[0].otherwise[0].checked (c): is made when the files are read, not written" in found
    assert found.startswith("outreach.yaml: line 15, ")
