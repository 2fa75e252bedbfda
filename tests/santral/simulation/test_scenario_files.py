"""Scenario files: what is wrong with one is told at once, by line and field; a message in one goes through the rules."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from router.times import from_ms, to_ms
from santral.configuration import BadConfiguration
from santral.simulation.experiment import Trial, replicate
from santral.simulation.files import Ready, read
from santral.simulation.traffic import arrivals, comings, sorts
from tests.kit.amount import times

ROOT = Path(__file__).resolve().parents[3]
CONFIG: dict[str, Any] = {
    "inboxes": [
        {"name": "web", "channel": "webchat", "address": "web", "queue": "chat"},
        {"name": "destek", "channel": "email", "address": "destek@example.com", "queue": "mail", "language": "tr"},
        {"name": "support", "channel": "email", "address": "support@example.com", "queue": "mail"},
    ],
    "queues": [{"name": "chat", "skill": "chat"}, {"name": "mail", "skill": "mail"}],
    "agents": [{"name": "ayse", "display_name": "Ayşe", "skills": ["chat", "mail"], "languages": ["tr"]}],
    "sla": [{"name": "quick", "first_response": 15}],
}
NOBODY = {section: items for section, items in CONFIG.items() if section != "agents"}
CHAT: dict[str, Any] = {
    "name": "chat",
    "channel": "webchat",
    "per_hour": 4,
    "queues": "chat",
    "handling": {"exponential": 6},
}
GOOD: dict[str, Any] = {"name": "One", "config": CONFIG, "traffic": [CHAT]}
NINE_TO_FIVE = {"mon-fri": ["09:00-17:00"]}
TEAM: dict[str, Any] = {"name": "team", "count": 3, "skills": ["chat"], "shifts": NINE_TO_FIVE}


def chat(**more: Any) -> dict[str, Any]:
    """The sound scenario with another stream."""
    return GOOD | {"traffic": [CHAT | more]}


def mail(**more: Any) -> dict[str, Any]:
    stream = {key: value for key, value in CHAT.items() if key != "queues"} | {"channel": "email"}
    return GOOD | {"traffic": [stream | more]}


def having(**more: Any) -> dict[str, Any]:
    """The sound scenario with another configuration."""
    return GOOD | {"config": CONFIG | more}


def written(scenario: Any, directory: Path) -> Path:
    path = directory / "bir.yaml"
    path.write_text(
        scenario if isinstance(scenario, str) else yaml.safe_dump(scenario, allow_unicode=True, sort_keys=False),
        "utf-8",
    )
    return path


def faults(scenario: Any, directory: Path) -> list[str]:
    with pytest.raises(BadConfiguration) as raised:
        read(written(scenario, directory))
    return [f"{fault.field}: {fault.what}" for fault in raised.value.faults]


def ready(scenario: Any, directory: Path) -> Ready:
    return read(written(scenario, directory))


def test_a_sound_one_is_read_with_its_configuration(tmp_path: Path) -> None:
    found = ready(GOOD | {"groups": [TEAM]}, tmp_path)
    assert [agent.name for agent in found.config.agents] == ["ayse", "team-1", "team-2", "team-3"]
    assert (found.scenario.name, found.warnings) == ("One", ())


def test_the_sample_is_sound_and_runs() -> None:
    found = read(ROOT / "scenarios" / "ornek.yaml")
    assert not found.warnings
    counts = replicate(Trial(found.scenario.model_copy(update={"days": 1}), found.config), 0)
    assert {of.queue for of in counts.classes} == {"destek", "support", "sms", "chat", "social"}
    assert counts.all.answered


# --- each fault ------------------------------------------------------------------------------------------------------

EACH: dict[str, tuple[Any, str]] = {
    "negative minutes": (
        chat(handling={"exponential": -3}),
        "traffic[0].handling.exponential (chat): must be more than 0",
    ),
    "a length in two ways": (
        chat(handling={"exponential": 3, "constant": 2}),
        "traffic[0].handling (chat): write one of constant, exponential, lognormal, gamma, uniform, samples",
    ),
    "a length in no way": (chat(handling={"constant": None}), "traffic[0].handling (chat): write one of constant, "),
    "no length": (chat(handling=[]), "traffic[0].handling (chat): needs at least one item"),
    "no rate": (chat(per_hour=[]), "traffic[0].per_hour (chat): needs at least one item"),
    "negative rate": (chat(per_hour=[3, -1]), "traffic[0].per_hour[1] (chat): must be at least 0"),
    "a rate that is none": (chat(per_hour="many"), "traffic[0].per_hour (chat): must be a number"),
    "an endless sample": (
        chat(handling={"samples": [1, float("inf")]}),
        "traffic[0].handling.samples[1] (chat): must be at most 1000000",
    ),
    "a misspelt field": (
        chat(patiense={"constant": 3}),
        "traffic[0].patiense (chat): is not known here; known are name, channel, per_hour",
    ),
    "no traffic": ({"name": "One", "config": CONFIG}, "traffic: is missing; write who writes"),
    "no stream": (GOOD | {"traffic": []}, "traffic: needs at least one item"),
    "days that run backwards": (chat(days="fri-mon"), "traffic[0].days (chat): 'fri-mon' is no day; write one of mon"),
    "no day of the week": (chat(days="monday"), "traffic[0].days (chat): must be a day of the week such as sat"),
    "a clock of a day": (GOOD | {"day": {"opens": "9"}}, "day.opens: must be a time such as 13:00"),
    "measured hours beyond the day": (
        GOOD | {"day": {"hours": 8, "measured": [1, 9]}},
        "day: measured: write a from and an until of the 8 hours",
    ),
    "a start that is no day": (GOOD | {"start": "2026-13-01"}, "start: must be a day such as 2027-02-03"),
    "a start before all clocks": (GOOD | {"start": "0001-01-01"}, "start: must be between 1971 and 2199"),
    "days without an end": (
        GOOD | {"days": 10_000, "day": {"hours": 100_000}},
        "days: they end after the year 2199",
    ),
    "a zone that there is not": (GOOD | {"zone": "Mars/Base"}, "zone: there is no time zone 'Mars/Base'"),
    "a queue": (
        chat(queues="chta"),
        "traffic[0].queues (chat): there is no queue 'chta'; is 'chat' meant?",
    ),
    "a queue of several": (
        chat(queues={"chat": 1, "sms": 2}),
        "traffic[0].queues.sms (chat): there is no queue 'sms'; they are chat, mail",
    ),
    "no queue": (mail(), "traffic[0].queues (chat): is missing; write where they wait, or a `message`"),
    "weights of nothing": (
        chat(queues={"chat": 0, "mail": 0}),
        "traffic[0].queues (chat): every weight is 0; one must be more",
    ),
    "weights of nobody": (chat(queues={}), "traffic[0].queues (chat): names none; leave it out or name one"),
    "tiers of weight 0": (chat(tiers={"gold": 0}), "traffic[0].tiers (chat): every weight is 0; one must be more"),
    "a tier": (
        chat(tiers={"platin": 1}),
        "traffic[0].tiers.platin (chat): there is no tier 'platin'; they are bronze, gold, silver",
    ),
    "an sla": (chat(sla="quik"), "traffic[0].sla (chat): there is no sla 'quik'; is 'quick' meant?"),
    "a brand": (chat(brand="acme"), "traffic[0].brand (chat): no inbox has the brand 'acme'"),
    "a stream twice": (
        GOOD | {"traffic": [CHAT, CHAT]},
        "traffic[1].name (chat): 'chat' is the name of another stream already",
    ),
    "a skill nobody has": (
        chat(require=[[30, "chatt"]]),
        "traffic[0].require[0] (chat): there is no skill 'chatt'; is 'chat' meant?",
    ),
    "a level nobody has": (
        chat(require=[[30, "chat"], [30, "chat>=4"]]),
        "traffic[0].require[1] (chat): no agent of pool 'main' can meet chat>=4",
    ),
    "a step of no time": (chat(require=[[-30, "chat"]]), "traffic[0].require[0][0] (chat): must be at least 1"),
    "rates longer than the day": (
        chat(per_hour=[1] * 25),
        "traffic[0].per_hour (chat): 25 rates of 60 minutes each are more than the day's 1440; lengthen day.hours",
    ),
    "lengths for more periods than there are": (
        chat(patience=[{"constant": 3}, {"constant": 4}]),
        "traffic[0].patience (chat): has 2 lengths for one rate: the last would never be drawn",
    ),
    "work that takes no time": (
        chat(handling={"samples": [0, 0]}),
        "traffic[0].handling (chat): takes no time: every sample is 0",
    ),
    "nobody writes": (chat(per_hour=0), "traffic: nobody ever writes: every rate is 0"),
    "a load of nothing": (
        GOOD
        | {"load": 0.9, "day": {"measured": [2, 24]}, "traffic": [CHAT | {"per_hour": [5, 0], "period_minutes": 120}]},
        "load: nobody writes in the hours that are measured, so no factor brings it about",
    ),
    "a load without agents": (
        GOOD
        | {"load": 0.9, "start": "2026-03-07", "shifts": [{"agents": ["ayse"], "shifts": {"mon": ["09:00-17:00"]}}]},
        "load: nobody is ever there, so there is nothing to be a share of",
    ),
    "days that the scenario has not": (
        chat(days="sat-sun"),
        "traffic[0].days (chat): the scenario has none of these days: its days are mon",
    ),
    "nobody there while it arrives": (
        chat(per_hour=[5, 0], period_minutes=60, patience={"constant": 9})
        | {"shifts": [{"agents": ["ayse"], "shifts": NINE_TO_FIVE}]},
        "traffic[0].queues (chat): nobody who may take queue 'chat' is there while it arrives: look at `shifts`",
    ),
    "nobody there when it arrives or later": (
        chat(per_hour=[0, 5], period_minutes=1080) | {"shifts": [{"agents": ["ayse"], "shifts": {"mon": ["09:00-17:00"]}}]},
        "traffic[0].queues (chat): nobody who may take queue 'chat' is there while it arrives",
    ),
    "too heavy for anybody": (
        having(agents=[{"name": "ayse", "display_name": "Ayşe", "skills": ["chat", "mail"], "units": 6}])
        | {"traffic": [CHAT | {"channel": "whatsapp"}]}
        | {"config": CONFIG | {"routing": {"units": {"whatsapp": 30}}}},
        "traffic[0].queues (chat): a conversation of queue 'chat' weighs 30 units and nobody who may take it has more than 12;",
    ),
    "forbidden to everybody": (
        having(agents=[CONFIG["agents"][0] | {"limits": {"sms": 0}}]) | {"traffic": [CHAT | {"channel": "sms"}]},
        "traffic[0].queues (chat): nobody who has the skill of queue 'chat' may answer it (brand 'default', sms);",
    ),
    "an inbox for nothing": (chat(inbox="web"), "traffic[0].inbox (chat): is for a `message`, which there is none of"),
    "an inbox that there is not": (
        mail(message={"text": "a"}, inbox="destk"),
        "traffic[0].inbox (chat): there is no inbox 'destk'; is 'destek' meant?",
    ),
    "an inbox of another channel": (
        mail(message={"text": "a"}, inbox="web"),
        "traffic[0].inbox (chat): inbox 'web' has no email",
    ),
    "one inbox of several": (
        mail(message={"text": "a"}),
        "traffic[0].inbox (chat): inboxes destek, support have email; name one as `inbox`",
    ),
    "no inbox at all": (
        mail(message={"text": "a"}, channel="telegram"),
        "traffic[0].inbox (chat): no inbox has telegram; name one as `inbox`",
    ),
    "a message and a queue": (
        mail(message={"text": "a"}, inbox="destek", queues="mail", tiers={"gold": 1}),
        "traffic[0].queues (chat): is what the rules make of its `message`; leave out the one or the other",
    ),
    "a message that nobody answers": (
        mail(message={"text": "a", "kind": "auto_reply"}, inbox="destek"),
        "traffic[0].message.kind (chat): nobody waits for an answer to 'auto_reply'",
    ),
    "a message by another channel": (
        mail(message=[{"text": "a"}, {"channel": "sms"}], inbox="destek"),
        "traffic[0].message[1].channel (chat): is that of the stream, email; leave it out",
    ),
    "a stranger who is known": (
        mail(message={"contact": {"known": False, "name": "Ece"}}, inbox="destek"),
        "traffic[0].message (chat): the contact is not known, and something is said of them",
    ),
    "a message from before time": (
        mail(message={"contact": {"messages_hours_ago": [1e12]}}, inbox="destek"),
        "traffic[0].message (chat): is about times that no clock has",
    ),
    "messages that nobody writes": (
        mail(message=[{"text": "a", "share": 0}], inbox="destek"),
        "traffic[0].message (chat): every weight is 0; one must be more",
    ),
    "declined and missed": (
        GOOD | {"offers": {"declined": 0.6, "missed": 0.6}},
        "offers: declined and missed are more than 1 together; they are shares of all offers",
    ),
    "busyness": (
        GOOD | {"busyness": {"uniform": [0, 1]}},
        "busyness: must have the mean 1 and has 0.5, so rates would not be what they say",
    ),
    "a policy": (
        GOOD | {"policies": ["fastest"]},
        "policies[0]: there is no policy 'fastest'; they are default, fifo, strict, edf, edf-late, wvd,",
    ),
    "a policy twice": (GOOD | {"policies": ["fifo", "edf", "fifo"]}, "policies[2]: 'fifo' is there twice"),
    "no policy": (GOOD | {"policies": []}, "policies: needs at least one; they are default,"),
    "a policy of one's own": (
        GOOD | {"variants": {"sharp": {"kapa_minutes": 4}}},
        "variants.sharp.kapa_minutes: is not known here; known are",
    ),
    "one by the name of a policy": (
        GOOD | {"variants": {"fifo": {"policy": "edf"}}}, "variants.fifo: is the name of a policy already",
    ),
    "a number of one's own policy": (
        GOOD | {"variants": {"late": {"late_factor": 7}}}, "variants.late.late_factor: must be at most 1",
    ),
    "an agent in shifts": (
        GOOD | {"shifts": [{"agents": ["aise"]}]},
        "shifts[0].agents[0]: there is no agent 'aise'; is 'ayse' meant?",
    ),
    "an agent twice in shifts": (
        GOOD | {"shifts": [{"agents": ["ayse"]}, {"agents": ["ayse"]}]},
        "shifts[1].agents[0]: 'ayse' is named already: when are they there?",
    ),
    "a group's agent in shifts": (
        GOOD | {"groups": [TEAM], "shifts": [{"agents": ["team-2"]}]},
        "shifts[0].agents[0]: is of group 'team', which says itself when they are there",
    ),
    "a group called as an agent": (
        GOOD | {"groups": [TEAM | {"name": "ayse", "count": 1}]},
        "groups[0].name (ayse): 'ayse' is the name of an agent already",
    ),
    "a group twice": (
        GOOD | {"groups": [TEAM, TEAM]},
        "groups[1].name (team): 'team' is the name of another group already",
    ),
    "a group called as another's agent": (
        GOOD | {"groups": [TEAM, TEAM | {"name": "team-2", "count": 1}]},
        "groups[1].name (team-2): 'team-2' is the name of an agent of group 'team' already",
    ),
    "a long name with numbers": (
        GOOD | {"groups": [TEAM | {"name": "a" * 39}]},
        f"groups[0].name ({'a' * 39}): is too long: its 3 agents have numbers behind it, and 40 letters at most",
    ),
    "a pool of nothing": (
        GOOD | {"groups": [TEAM | {"pool": "mian"}]},
        "groups[0].pool (team): no queue belongs to the pool 'mian'; is 'main' meant?",
    ),
    "a limit": (
        GOOD | {"groups": [TEAM | {"limits": {"chat": 2}}]},
        "groups[0].limits.chat (team): is no channel; write one of email,",
    ),
    "a group's skill": (
        having(skills=[{"name": "chat"}, {"name": "mail"}]) | {"groups": [TEAM | {"skills": ["chat", "mial"]}]},
        "groups[0] (team): there is no skill 'mial'; is 'mail' meant?",
    ),
    "a group's secondary skill": (
        GOOD | {"groups": [TEAM | {"secondary": ["mail"]}]},
        "groups[0] (team): 'mail' is in secondary but not among the skills",
    ),
    "a break outside": (
        GOOD | {"groups": [TEAM | {"breaks": {"mon-fri": ["16:30-17:30"]}}]},
        "groups[0].breaks (team): 16:30-17:30 on mon is not inside a shift",
    ),
    "a break on a day off": (
        GOOD | {"shifts": [{"agents": ["ayse"], "shifts": NINE_TO_FIVE, "breaks": {"fri-sat": ["12:00-13:00"]}}]},
        "shifts[0].breaks: 12:00-13:00 on sat is not inside a shift",
    ),
    "a break of no shift": (
        GOOD | {"groups": [{"name": "team", "skills": ["chat"], "breaks": NINE_TO_FIVE}]},
        "groups[0].breaks (team): are breaks of `shifts`, which there are none of",
    ),
    "a shift that is none": (
        GOOD | {"shifts": [{"agents": ["ayse"], "shifts": {"mon": ["9-17"]}}]},
        "shifts[0].shifts: '9-17' is no interval; write one such as 09:00-18:00",
    ),
    "a queue that nobody can take": (
        having(agents=[{"name": "ayse", "display_name": "Ayşe", "skills": ["chat"]}]),
        ": queue 'mail': no agent of pool 'main' has the skill 'mail'",
    ),
    "a field of the configuration": (
        having(queues=[*CONFIG["queues"], {"name": "a", "skil": "chat", "skill": "chat"}]),
        "config.queues[2].skil (a): is not known here; known are name, pool",
    ),
    "a configuration that is none": (GOOD | {"config": 5}, "config: must be a text"),
    "a section that there is not": (having(queue=[]), "config.queue: is not known here; known are"),
    "a directory": (GOOD | {"config": "nowhere"}, "config: there is no directory 'nowhere', seen from this file"),
    "an empty directory": (GOOD | {"config": "empty"}, "config: there is no *.yaml file in the directory 'empty'"),
    "a path that no disk has": (GOOD | {"config": "a" * 5000}, "config: there is no directory 'aaaa"),
}  # fmt: skip


@pytest.mark.parametrize(("scenario", "fault"), EACH.values(), ids=EACH.keys())
def test_it_is_told(tmp_path: Path, scenario: Any, fault: str) -> None:
    (tmp_path / "empty").mkdir()
    found = faults(scenario, tmp_path)
    assert any(one.startswith(fault) for one in found), found
    assert len(found) <= 2, "nothing is told that follows from another fault"


TWELVE = """\
name: On iki
config:
  queues:
    - {name: chat, skill: chat}
    - {name: mail, skill: mail, priority: 12}
  agents:
    - {name: ayse, display_name: Ayşe, skills: [chat]}
days: 0
offers: {declined: .7, missed: .5}
policies: [default, fastest]
groups:
  - name: team
    count: 12
    limits: {fax: 1}
    shifts: {mon-fri: ["09:00-17:00"]}
    breaks: {mon-fri: ["17:30-18:00"]}
shifts:
  - {agents: [ayse, ayse]}
traffic:
  - name: chat
    channel: webchat
    per_hour: 30
    queues: {chatt: 1}
    tiers: {platin: 1}
    handling: {exponential: -3}
  - {name: chat, channel: webchat, per_hour: 30, queues: chat, sla: quick, handling: {samples: [0]}}
"""
TOLD = """\
bir.yaml: line 5, column 7: queue 'mail': no agent of pool 'main' has the skill 'mail'
bir.yaml: line 5, column 33, config.queues[1].priority (mail): must be at most 9
bir.yaml: line 8, column 1, days: must be at least 1
bir.yaml: line 9, column 1, offers: declined and missed are more than 1 together; they are shares of all offers
bir.yaml: line 10, column 21, policies[1]: there is no policy 'fastest'; they are default, fifo, strict, edf, edf-late, wvd, \
accumulating, c-mu, as-configured
bir.yaml: line 14, column 14, groups[0].limits.fax (team): is no channel; write one of email, sms, whatsapp, messenger, \
instagram, telegram, webchat
bir.yaml: line 16, column 5, groups[0].breaks (team): 17:30-18:00 on mon is not inside a shift
bir.yaml: line 18, column 21, shifts[0].agents[1]: 'ayse' is named already: when are they there?
bir.yaml: line 23, column 14, traffic[0].queues.chatt (chat): there is no queue 'chatt'; is 'chat' meant?
bir.yaml: line 24, column 13, traffic[0].tiers.platin (chat): there is no tier 'platin'; they are bronze, gold, silver
bir.yaml: line 25, column 16, traffic[0].handling.exponential (chat): must be more than 0
bir.yaml: line 26, column 6, traffic[1].name (chat): 'chat' is the name of another stream already
bir.yaml: line 26, column 64, traffic[1].sla (chat): there is no sla 'quick'
bir.yaml: line 26, column 76, traffic[1].handling (chat): takes no time: every sample is 0"""


def test_a_file_with_a_dozen_faults_tells_all_of_them_by_their_lines(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration) as raised:
        read(written(TWELVE, tmp_path))
    assert str(raised.value) == TOLD


def test_what_nobody_can_take_is_told_with_what_else_is_wrong(tmp_path: Path) -> None:
    found = faults(GOOD | {"config": NOBODY, "policies": ["fastest"]}, tmp_path)
    assert [one.partition(";")[0] for one in found] == [
        ": queue 'chat': no agent of pool 'main' has the skill 'chat'",
        ": queue 'mail': no agent of pool 'main' has the skill 'mail'",
        "policies[0]: there is no policy 'fastest'",
    ]


def test_a_group_at_fault_may_have_the_skill_that_nobody_else_has(tmp_path: Path) -> None:
    config = {"queues": [{"name": "chat", "skill": "chat"}]}
    for wrong in ({"units": 0}, {"skills": ["no skill"]}, {"skills": {"chat": 9}}, {"pool": "mian"}, {"count": -1}):
        found = faults(GOOD | {"config": config, "groups": [TEAM | wrong]}, tmp_path)
        assert [one.partition(".")[0] for one in found] == ["groups[0]"], found


@pytest.mark.parametrize(
    "wrong", [{"units": 0}, {"count": -4}, {"skills": {"chat": 9}}, {"pace": 0}, {"breaks": {"mon": ["25:00"]}}]
)
def test_a_group_whose_skills_are_known_hides_no_skill_that_nobody_has(tmp_path: Path, wrong: dict[str, Any]) -> None:
    shifts = [{"agents": ["nobody"], "shifts": NINE_TO_FIVE}]
    found = faults(GOOD | {"config": NOBODY, "groups": [TEAM | wrong], "shifts": shifts}, tmp_path)
    assert ": queue 'mail': no agent of pool 'main' has the skill 'mail'" in [one.partition(";")[0] for one in found]
    assert "shifts[0].agents[0]: there is no agent 'nobody'" in found
    assert len(found) == 3


PLANTED: dict[str, tuple[tuple[Any, ...], Any]] = {
    "a skill nobody has": (("config", "queues", 2), {"name": "x", "skill": "nobodys"}),
    "a negative working time": (("traffic", 0, "handling"), {"exponential": -8}),
    "a negative patience": (("traffic", 0, "patience"), {"exponential": -1}),
    "measured hours beyond the day": (("day", "measured"), [7, 30]),
    "more rates than the day's": (("traffic", 1, "per_hour"), [3] * 25),
    "too heavy for anybody": (("config", "routing"), {"units": {"webchat": 30}}),
    "an sla that there is not": (("traffic", 0, "sla"), "nix"),
    "a tier that there is not": (("traffic", 0, "tiers"), {"platin": 1}),
    "a requirement of a skill that there is not": (("traffic", 1, "require"), [[30, "xyz"]]),
    "nobody there while it arrives": (("groups", 0, "shifts"), {"mon": ["22:00-23:00"]}),
    "a pace of 0": (("groups", 1, "pace"), 0),
    "fewer than nobody": (("groups", 1, "count"), -4),
    "an agent of nobody's": (("shifts", 0), {"agents": ["nobody"]}),
    "a policy that there is not": (("policies",), ["fastest"]),
    "a group's limit": (("groups", 1, "limits"), {"fax": 1}),
    "a priority of 12": (("config", "queues", 0, "priority"), 12),
    "a field of a queue misspelt": (("config", "queues", 1, "offer_second"), 20),
    "a length of no time": (("traffic", 1, "handling"), {"samples": [0]}),
}
"""Where a fault is put in a sound scenario."""
_PLANTED_IN: dict[str, Any] = {
    "name": "Two teams",
    "config": {"queues": [{"name": "chat", "skill": "chat"}, {"name": "mail", "skill": "mail"}]},
    "day": {"opens": "09:00", "hours": 8},
    "load": 0.9,
    "shifts": [],
    "groups": [
        {"name": "mailers", "count": 2, "skills": ["mail"], "shifts": NINE_TO_FIVE},
        {"name": "chatters", "count": 2, "skills": ["chat"]},
    ],
    "traffic": [
        CHAT | {"patience": {"constant": 2}},
        CHAT | {"name": "mail", "channel": "email", "queues": "mail", "patience": {"constant": 20}},
    ],
}


def _with(*names: str) -> dict[str, Any]:
    scenario = copy.deepcopy(_PLANTED_IN)
    for (*way, last), value in (PLANTED[name] for name in names):
        at: Any = scenario
        for key in way:
            at = at[key]
        if isinstance(at, list) and last == len(at):
            at.append(value)
        else:
            at[last] = value
    return scenario


def _told_of(*names: str, directory: Path) -> set[str]:
    return set(faults(_with(*names), directory))


def test_any_two_faults_are_told_at_once_and_nothing_that_follows_from_them(tmp_path: Path) -> None:
    assert not ready(_PLANTED_IN, tmp_path).warnings
    alone = {name: _told_of(name, directory=tmp_path) for name in PLANTED}
    assert {name: len(told) for name, told in alone.items()} == dict.fromkeys(PLANTED, 1)
    for one, other in combinations(PLANTED, 2):
        if PLANTED[one][0] != PLANTED[other][0]:
            assert _told_of(one, other, directory=tmp_path) == alone[one] | alone[other], (one, other)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    assert _told_of(*PLANTED, directory=tmp_path) == set().union(
        *(_told_of(one, directory=tmp_path) for one in PLANTED)
    )


def test_a_queue_that_cannot_be_read_hides_only_who_could_take_what_waits_in_it(tmp_path: Path) -> None:
    scenario = _with("nobody there while it arrives")
    mail = "traffic[1].queues (mail)"
    assert [one.partition(": ")[0] for one in faults(scenario, tmp_path)] == [mail]
    scenario["config"]["queues"][0]["skill"] = {"all": 3}
    told = [one.partition(": ")[0] for one in faults(scenario, tmp_path)]
    assert mail in told
    assert all(one == mail or one.startswith("config.queues[0].skill") for one in told)
    scenario["config"]["queues"][1]["skill"] = {"all": 3}
    assert mail not in [one.partition(": ")[0] for one in faults(scenario, tmp_path)]


def test_a_load_without_agents_is_told_with_a_skill_that_nobody_has_and_a_negative_time(tmp_path: Path) -> None:
    scenario = _with("a negative working time") | {"groups": [{"name": "a", "count": 0, "skills": ["chat"]}]}
    assert [one.partition(";")[0] for one in faults(scenario, tmp_path)] == [
        ": queue 'chat': no agent of pool 'main' has the skill 'chat'",
        ": queue 'mail': no agent of pool 'main' has the skill 'mail'",
        "load: nobody is ever there, so there is nothing to be a share of",
        "traffic[0].handling.exponential (chat): must be more than 0",
    ]


def test_where_a_field_is_misspelt_nothing_is_missed_that_it_may_mean(tmp_path: Path) -> None:
    for misspelt, others in (("queue", ["traffic[0].inbox"]), ("said", [])):
        found = faults(
            mail(inbox="destek") | {"traffic": [{**mail(inbox="destek")["traffic"][0], misspelt: "mail"}]}, tmp_path
        )
        assert {one.partition(" ")[0] for one in found} == {f"traffic[0].{misspelt}", *others}


def test_faults_of_a_directory_are_told_at_its_files(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "all.yaml").write_text(
        yaml.safe_dump(CONFIG | {"queues": [{"name": "chat", "skill": "chat"}]}), "utf-8"
    )
    (tmp_path / "config" / "more.yaml").write_text("routing: {units: {webchat: 0}}\n", "utf-8")
    with pytest.raises(BadConfiguration) as raised:
        read(written(GOOD | {"config": "config", "days": 0}, tmp_path))
    found = [str(fault) for fault in raised.value.faults]
    assert found[0] == "bir.yaml: line 3, column 1, days: must be at least 1" or found[0].startswith("bir.yaml: line")
    assert [one for one in found if one.startswith("config/all.yaml: line") and "there is no queue 'mail'" in one]
    assert "config/more.yaml: line 1, column 19, routing.units.webchat: must be at least 1" in found


def test_sections_that_lean_on_another_place_are_read_and_told_at_their_field(tmp_path: Path) -> None:
    text = """\
name: &name chat
config:
  queues: [{name: *name, skill: chat, skil: chat}]
  agents: [{name: ayse, display_name: Ayşe, skills: [chat]}]
traffic: [{name: chat, channel: webchat, per_hour: 1, queues: chat, handling: {constant: 1}}]
"""
    with pytest.raises(BadConfiguration) as raised:
        read(written(text, tmp_path))
    (fault,) = raised.value.faults
    assert str(fault).startswith("bir.yaml: line 3, column 39, config.queues[0].skil (chat): is not known here")
    assert ready(text.replace(", skil: chat", ""), tmp_path).config.queue("chat")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("traffic: [", "bir.yaml: line 1, column 11: "),
        ("- a list", "bir.yaml: must be a mapping at its top"),
        ("", "bir.yaml: is empty; fill it or delete it"),
        ("name: a\nname: b", "bir.yaml: line 2, column 1: the key 'name' is given twice"),
        ("name: &a [*a]", "bir.yaml: "),
    ],
)
def test_what_is_no_yaml_is_told_as_of_the_configuration(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(BadConfiguration) as raised:
        read(written(text, tmp_path))
    assert str(raised.value).startswith(fault)


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(BadConfiguration) as raised:
            read(path)
        assert "cannot be read: " in str(raised.value)


# --- what is only warned of ------------------------------------------------------------------------------------------


def test_offers_that_nobody_makes_are_warned_of(tmp_path: Path) -> None:
    (warning,) = ready(GOOD | {"offers": {"missed": 0.1}}, tmp_path).warnings
    assert "offers: the configuration makes no offers" in str(warning)
    made = having(routing={"offers": {"webchat": 20}}) | {"offers": {"missed": 0.1}}
    assert not ready(made, tmp_path).warnings


def test_days_when_nobody_is_there_are_warned_of(tmp_path: Path) -> None:
    found = ready(GOOD | {"days": 14, "shifts": [{"agents": ["ayse"], "shifts": NINE_TO_FIVE}]}, tmp_path)
    (warning,) = found.warnings
    assert str(warning).endswith("traffic[0]: nobody who takes queue 'chat' is there while it arrives on sat, sun")
    assert warning.place is not None


def test_a_rule_that_has_no_value_for_a_message_is_warned_of(tmp_path: Path) -> None:
    rules = [{"name": "number", "when": "int(message.text) > 3", "priority": 1}]
    scenario = mail(message={"text": "on üç"}, inbox="destek") | {"config": CONFIG | {"rules": rules}}
    (warning,) = ready(scenario, tmp_path).warnings
    assert "traffic[0].message: rule 'number' has no value for it and is passed over" in str(warning)


# --- messages --------------------------------------------------------------------------------------------------------

RULES = [
    {"name": "complaint", "when": 'message.text.mentions(["şikayet*"])', "priority": 2, "tier": "gold", "sla": "quick",
     "require": [{"needs": "chat", "seconds": 30}], "stop": True},
    {"name": "question", "when": 'message.text.contains("?")', "queue": "chat"},
]  # fmt: skip


def test_the_rules_decide_about_a_message(tmp_path: Path) -> None:
    messages = [{"share": 3, "text": "Nerede?"}, {"text": "Şikayetçiyim"}]
    found = ready(mail(message=messages, inbox="destek") | {"config": CONFIG | {"rules": RULES}}, tmp_path)
    question, complaint = sorts(found.config, found.scenario.traffic[0])
    assert (question.share, question.kind.queue, question.kind.priority) == (0.75, "chat", 5)
    kind = complaint.kind
    assert (complaint.share, kind.queue, kind.priority, kind.tier) == (0.25, "mail", 2, "gold")
    assert (kind.target, kind.language, kind.require) == (900, "tr", '[[30, "chat"]]')


def test_a_rule_about_the_person_sees_the_contact(tmp_path: Path) -> None:
    rules = [{"name": "again", "when": 'conversation.contactsInDays("late", 30) >= 2', "tier": "gold"}]
    message = {"text": "Yine ben", "contact": {"visits": [{"days_ago": 3, "about": ["late"]}]}}
    found = ready(mail(message=message, inbox="destek") | {"config": CONFIG | {"rules": rules}}, tmp_path)
    assert sorts(found.config, found.scenario.traffic[0])[0].kind.tier == "gold"


def test_a_rule_by_the_clock_is_asked_when_it_arrives(tmp_path: Path) -> None:
    rules = [{"name": "evening", "when": 'now.getHours("Europe/Istanbul") >= 18', "queue": "chat"}]
    scenario = mail(message={"text": "Merhaba"}, inbox="destek", per_hour=20) | {
        "config": CONFIG | {"rules": rules},
        "zone": "Europe/Istanbul",
    }
    found = ready(scenario, tmp_path)
    came = list(arrivals(found.scenario, found.config, 0))
    evening = datetime(2026, 3, 2, 15, tzinfo=UTC)
    assert {one.kind.queue for one in came} == {"chat", "mail"}
    assert all((one.kind.queue == "chat") is (from_ms(one.at) >= evening) for one in came)


def test_one_of_several_messages_is_written_as_often_as_its_share_says(tmp_path: Path) -> None:
    messages = [{"share": 3, "text": "Nerede?"}, {"text": "Şikayetçiyim"}]
    scenario = mail(message=messages, inbox="destek", per_hour=200) | {"config": CONFIG | {"rules": RULES}}
    found = ready(scenario, tmp_path)
    came = [one.kind.queue for one in arrivals(found.scenario, found.config, 0)]
    assert 0.7 < came.count("chat") / len(came) < 0.8


# --- when agents are there -------------------------------------------------------------------------------------------


def test_agents_with_hours_come_by_their_calendar(tmp_path: Path) -> None:
    calendar = {
        "name": "ofis",
        "zone": "Europe/Istanbul",
        "open": {"mon-fri": ["09:00-18:00"]},
        "closed": ["2026-03-03"],
    }
    agent = CONFIG["agents"][0] | {"hours": "ofis"}
    found = ready(having(agents=[agent], calendars=[calendar]) | {"days": 3}, tmp_path)
    moves = [(from_ms(one.at).isoformat()[8:16], one.presence) for one in comings(found.scenario, found.config)]
    assert moves[:4] == [
        ("02T06:00", "online"), ("02T15:00", "offline"), ("04T06:00", "online"), ("04T15:00", "offline"),
    ]  # fmt: skip


def test_shifts_stand_in_for_hours(tmp_path: Path) -> None:
    calendar = {"name": "ofis", "zone": "UTC", "open": {"mon": ["09:00-10:00"]}}
    agents = [CONFIG["agents"][0] | {"hours": "ofis"}, CONFIG["agents"][0] | {"name": "ece", "hours": "ofis"}]
    found = ready(
        having(agents=agents, calendars=[calendar]) | {"shifts": [{"agents": ["ayse"], "shifts": NINE_TO_FIVE}]},
        tmp_path,
    )
    assert [agent.hours for agent in found.config.agents] == [None, "ofis"]
    last = to_ms(datetime(2026, 3, 2, 17, tzinfo=UTC))
    assert ("ayse", "offline") in [
        (one.agent, one.presence) for one in comings(found.scenario, found.config) if one.at == last
    ]


def test_breaks_are_those_of_who_has_them(tmp_path: Path) -> None:
    calendar = {"name": "ofis", "zone": "UTC", "open": {"mon": ["09:00-17:00"]}}
    agents = [CONFIG["agents"][0] | {"hours": "ofis"}, CONFIG["agents"][0] | {"name": "ece", "hours": "ofis"}]
    breaks = [{"agents": ["ece"], "breaks": {"mon": ["12:00-13:00"]}}]
    found = ready(having(agents=agents, calendars=[calendar]) | {"shifts": breaks}, tmp_path)
    assert {one.agent for one in comings(found.scenario, found.config) if one.presence == "away"} == {"ece"}


# --- anything at all -------------------------------------------------------------------------------------------------

_WHOLE: dict[str, Any] = {
    **GOOD,
    "config": CONFIG | {"rules": RULES, "routing": {"offers": {"webchat": 20}}},
    "zone": "Europe/Istanbul",
    "start": "2026-03-02",
    "days": 3,
    "load": 0.8,
    "day": {"opens": "08:00", "hours": 10, "measured": [1, 9]},
    "busyness": {"gamma": {"mean": 1, "cv": 0.2}},
    "offers": {"accept": {"constant": 0.1}, "declined": 0.1},
    "groups": [TEAM | {"limits": {"webchat": 2}, "breaks": {"mon": ["12:00-13:00"]}, "languages": {"tr": 3}}],
    "shifts": [{"agents": ["ayse"], "shifts": {"mon-sun": ["00:00-24:00"]}, "pace": 1.2}],
    "policies": ["fifo", "as-configured"],
    "traffic": [
        CHAT | {"tiers": {"gold": 1}, "require": [[30, ["chat", {"any": ["tr", "mail"]}]]], "patience": {"uniform": [0, 5]}},
        mail(message=[{"text": "Nerede?", "contact": {"visits": [{"days_ago": 2}]}}], inbox="destek", name="mail")["traffic"][0],
    ],
}  # fmt: skip
_ODD: list[Any] = [
    None, True, -1, 0, 1, 3.5, 10**400, float("nan"), float("inf"), -float("inf"), "", "chat", "ayse", "team-1", "fri-mon", "10:00",
    "0001-01-01", "9999-12-31", "\x7f\u2028", "a.b[0] (c)", [], [[]], [None], {}, {"a": 1}, {1: 2}, {"": None}, [{}], ["x"] * 30,
]  # fmt: skip


def _places(node: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [way, *(place for key, value in inner for place in _places(value, (*way, key)))]


_PLACES = _places(_WHOLE)[1:]


def _changed(changes: list[tuple[tuple[Any, ...], str, Any]]) -> Any:
    scenario = copy.deepcopy(_WHOLE)
    for way, how, value in changes:
        at: Any = scenario
        try:
            for key in way[:-1]:
                at = at[key]
            if how == "drop":
                del at[way[-1]]
            elif how == "again":
                at.append(copy.deepcopy(at[way[-1]]))
            elif how == "add":
                at[way[-1]] |= {str(value): value}
            else:
                at[way[-1]] = value
        except (LookupError, TypeError, AttributeError):
            continue
    return scenario


@settings(max_examples=times(120), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_PLACES), st.sampled_from(["drop", "again", "add", "put", "put"]),
                          st.sampled_from(_ODD)), min_size=1, max_size=4))  # fmt: skip
def test_whatever_is_written_is_read_or_refused(changes: list[tuple[tuple[Any, ...], str, Any]]) -> None:
    with TemporaryDirectory() as made:
        try:
            found = read(written(_changed(changes), Path(made)))
        except BadConfiguration as error:
            told = error.faults
        else:
            told = []
            next(arrivals(found.scenario, found.config, 0), None)
            comings(found.scenario, found.config)
    assert all(fault.what and fault.file == "bir.yaml" for fault in told)
