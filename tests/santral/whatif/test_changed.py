"""Where recorded waits stand under another configuration, and what a record says of that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from router.config import Config
from router.waiting import Kind
from santral.simulation.roles import Coming
from santral.whatif.changed import changes
from santral.whatif.comparing import compare
from santral.whatif.playing import happened, play
from santral.whatif.record import End, Fate, Held, Record, Said, Wait
from tests.promises.test_rules import ruled

MINUTE = 60_000
NINE = 1_772_442_000_000  # Monday, 2026-03-02 09:00 UTC
BASE: dict[str, Any] = {
    "version": "one",
    "inboxes": [
        {"name": "sms", "channel": "twilio", "address": "+15550100", "queue": "orders", "secret": "twilio"},
    ],
    "queues": [
        {"name": "orders", "skill": "orders", "first_response_minutes": 2},
        {"name": "vip", "skill": "vip", "priority": 2, "first_response_minutes": 1},
    ],
    "agents": [
        {"name": "ada", "display_name": "Ada", "skills": ["orders"], "units": 3},
        {"name": "bora", "display_name": "Bora", "skills": ["vip"], "units": 3},
    ],
    "routing": {"units": {"sms": 3}},
}
RULES = (
    {"name": "gold", "when": 'message.subject == "x"', "tier": "gold", "priority": 3},
    {"name": "last", "when": 'message.channel == "sms"', "tags": ["seen"]},
)


def config(*rules: dict[str, Any], **sections: Any) -> Config:
    return Config.model_validate({**BASE, **({"rules": ruled(*rules)["rules"]} if rules else {}), **sections})


def wait(number: int, at: int, *, took: int = 10, matched: tuple[str, ...] = (), **of: Any) -> Wait:
    """A text that ada has at once, for ten minutes; times in minutes after nine."""
    at = NINE + at * MINUTE
    usual: dict[str, Any] = {"queue": "orders", "channel": "sms", "units": 3, "priority": 5, "target": 120}
    kind = Kind(**{**usual, "brand": "default", "language": "en", **of})
    facts = {"channel": "sms", "kind": "message", "at": at, "proof": "none"}
    said = Said("one", matched, message=f"m_{number}", saw={}, facts=facts)
    return Wait(
        f"c_{number}",
        f"c_{number}",
        at,
        kind,
        "main",
        Fate(End.ANSWERED, at, "ada", at + took * MINUTE),
        inbox="sms",
        said=said,
    )


def record(old: Config, *waits: Wait, held: tuple[Held, ...] = ()) -> Record:
    comings = tuple(Coming(NINE, agent.name, "online") for agent in old.agents)
    return Record("table", NINE, NINE + 300 * MINUTE, old, waits, comings, held=held)


def test_unchanged_nothing_stands_elsewhere() -> None:
    old = config(*RULES)
    day = record(
        old,
        wait(1, 0, matched=("last",)),
        wait(2, 20, matched=("gold", "last"), tier="gold", priority=3),
        wait(3, 40, tier="silver", priority=1),
    )
    found = changes(day, old)
    assert (found.places, found.rules, found.judged, found.unjudged) == ({}, {}, 3, 0)


def test_a_rules_tier_and_priority_change_where_it_gave_them_and_stay_where_people_did() -> None:
    old = config(*RULES)
    new = config({**RULES[0], "tier": "silver", "priority": 1, "queue": "vip"}, RULES[1], version="two")
    by_rule = wait(1, 0, matched=("gold", "last"), tier="gold", priority=3)
    by_people = wait(2, 20, matched=("gold", "last"), tier="bronze", priority=7)
    found = changes(record(old, by_rule, by_people), new).places
    there = found["c_1"].kind
    assert (there.queue, there.tier, there.priority, there.target) == ("vip", "silver", 1, 60)
    assert (found["c_2"].kind.queue, found["c_2"].kind.tier, found["c_2"].kind.priority) == ("vip", "bronze", 7)
    without = config(RULES[1], version="three")
    there = changes(record(old, by_rule), without).places["c_1"].kind
    assert (there.tier, there.priority, there.queue) == (None, 5, "orders")


def test_a_new_condition_without_the_words_is_judged_as_far_as_it_is_settled() -> None:
    old = config(*RULES)
    settled = {"name": "new", "when": 'message.text == "now" && message.channel == "email"', "queue": "vip"}
    known = {"name": "new", "when": 'message.channel == "sms" && message.files == 0', "queue": "vip"}
    unknown = {"name": "new", "when": 'message.text == "now"', "queue": "vip"}
    day = record(old, wait(1, 0, matched=("last",)))
    results = []
    for rule in (settled, known, unknown):
        found = changes(day, config(*RULES, rule, version="two"))
        results.append((found.judged, found.unjudged, [place.kind.queue for place in found.places.values()]))
    assert results == [(1, 0, []), (1, 0, ["vip"]), (0, 1, [])]


def test_what_stood_behind_a_rule_that_stopped_is_not_known_by_the_names() -> None:
    stops = {"name": "first", "when": 'message.subject == "y"', "stop": True}
    old = config(stops, RULES[0])
    day = record(old, wait(1, 0, matched=("first",)))
    found = changes(day, config(RULES[0], version="two"))
    assert (found.judged, found.unjudged) == (0, 1)
    assert changes(day, config({**stops, "queue": "vip"}, RULES[0], version="two")).places["c_1"].kind.queue == "vip"


def test_weights_targets_and_queues_that_are_gone() -> None:
    old = config()
    heavier = config(
        version="two",
        routing={"units": {"sms": 2}},
        queues=[{**BASE["queues"][0], "first_response_minutes": 5}, BASE["queues"][1]],
    )
    there = changes(record(old, wait(1, 0), wait(2, 20, units=1, target=999)), heavier).places
    assert (there["c_1"].kind.units, there["c_1"].kind.target) == (2, 300)
    assert "c_2" not in there
    gone = config(
        version="three", queues=[BASE["queues"][1]], inboxes=[{**BASE["inboxes"][0], "queue": "vip"}], agents=[BASE["agents"][1]]
    )  # fmt: skip
    day = record(old, replace(wait(1, 0), said=None))
    found = changes(day, gone)
    assert found.homeless == {"orders": 1}
    assert found.places["c_1"].kind.queue == "vip"
    told = compare(day, happened(day), play(day), play(day, gone, found.places), found)
    assert told.changed.agents["bora"].conversations == 1
    assert (told.sureness.gone_agents, told.sureness.new_agents, told.sureness.homeless) == (
        ("ada",),
        (),
        {"orders": 1},
    )


def test_other_work_takes_its_units_at_its_times() -> None:
    """Ada has other work from 9:05 to 9:25; the customer of 9:10 waits for its end."""
    old = config()
    late = NINE + 25 * MINUTE
    second = replace(wait(2, 10), fate=Fate(End.ANSWERED, late, "ada", late + 5 * MINUTE))
    day = record(old, wait(1, 0, took=5), second, held=(Held("ada", NINE + 5 * MINUTE, late, 3, "sms"),))
    assert play(day).fates == happened(day).fates
    told = compare(day, happened(day), play(day), play(day), changes(day, old))
    assert told.sureness.exact
    assert told.sureness.other_work == 20 * 3 / (300 * 3 * 2)
    assert told.happened.agents["ada"].occupancy == (5 + 20 + 5) / 300
    assert told.happened.fairness == 0.5


def test_working_hours_begin_though_nobody_comes() -> None:
    """Ada is online, and works by her calendar from 9:30: who wrote at 9:10 waits for it."""
    calendars = [{"name": "day", "zone": "UTC", "open": {"mon-fri": ["09:30-18:00"]}}]
    old = config(calendars=calendars, agents=[{**BASE["agents"][0], "hours": "day"}, BASE["agents"][1]])
    at = NINE + 30 * MINUTE
    day = record(old, replace(wait(1, 10), fate=Fate(End.ANSWERED, at, "ada", at + MINUTE)))
    assert play(day).fates == happened(day).fates


@pytest.mark.parametrize(("minutes", "level", "late"), [(2, 1.0, 0), (1, 0.0, 1)])
def test_a_wait_of_exactly_the_target_is_within_it(minutes: int, level: float, late: int) -> None:
    old = config()
    at = NINE + 2 * MINUTE
    day = record(old, replace(wait(1, 0), fate=Fate(End.ANSWERED, at, "ada", at + MINUTE)))
    new = config(version="two", queues=[{**BASE["queues"][0], "first_response_minutes": minutes}, BASE["queues"][1]])
    found = changes(day, new)
    seen = replace(happened(day), config=new, places=found.places)
    whole = compare(day, happened(day), play(day), seen, found).changed.whole
    assert (whole.level, whole.late, whole.mean, whole.p90) == (level, late, 2 * MINUTE, 2 * MINUTE)
