"""Plans of staff: as Erlang says where Erlang is right, fewer where skills are shared, and never one agent too many."""

from __future__ import annotations

from pathlib import Path

import pytest

from santral.configuration import BadConfiguration
from santral.simulation import files
from santral.simulation.demand import asked, busiest, formula, one_day
from santral.simulation.erlang import ErlangA
from santral.simulation.files import Ready
from santral.simulation.intervals import estimate
from santral.simulation.shift_counts import Planned, attempts, ratio
from santral.simulation.staff_plans import Goal, Staffing
from santral.simulation.staffing import staffing
from santral.simulation.teams import teams, together

ONE = """
name: one skill
config:
  queues: [{{name: billing, skill: billing, first_response_minutes: 0.5}}]
  skills: [{{name: billing}}]
  pools: [{{name: main, policy: fifo}}]
  routing: {{units: {{webchat: 12}}}}
day: {{hours: 10}}
groups: [{{name: desk, count: 10, skills: [billing]}}]
traffic:
  - {{name: chat, channel: webchat, per_hour: {rate}, queues: billing, handling: {{exponential: 4}}{more}}}
replications: 8
"""
TWO = """
name: two skills
config:
  queues:
    - {{name: billing, skill: billing, first_response_minutes: 0.5}}
    - {{name: support, skill: support, first_response_minutes: 0.5}}
    - {{name: sales, skill: sales, first_response_minutes: 0.5}}
  skills: [{{name: billing}}, {{name: support}}, {{name: sales}}]
  pools: [{{name: main, policy: fifo}}]
  routing: {{units: {{webchat: 12, email: 6}}}}
day: {{hours: 6}}
groups: {groups}
traffic:
  - {{name: chat, channel: webchat, per_hour: 40, queues: {{billing: 1, support: 1}}, handling: {{exponential: 5}}}}
  - {{name: mail, channel: email, per_hour: {mail}, queues: sales, handling: {{exponential: 5}}}}
replications: 8
"""
BOTH = "[{name: both, count: 8, skills: [billing, support]}, {name: sales, count: 4, skills: [sales]}]"
APART = (
    "[{name: billing, count: 4, skills: [billing]}, {name: support, count: 4, skills: [support]}, "
    "{name: sales, count: 4, skills: [sales]}]"
)
WEEK = """
name: a week
zone: Europe/Istanbul
config:
  queues: [{name: billing, skill: billing}]
  skills: [{name: billing}]
start: 2026-03-02
day: {hours: 168}
groups: [{name: desk, count: 3, skills: [billing], shifts: {mon-fri: ["09:00-17:00"]}}]
traffic:
  - name: chat
    channel: webchat
    queues: billing
    per_hour: [RATES]
    handling: {exponential: 4}
"""
RATES = [hour % 24 * (2 if hour // 24 == 3 else 1) if hour < 120 else 0 for hour in range(168)]


IMPATIENT = ", patience: {exponential: 3}"


def read(text: str, folder: Path) -> Ready:
    file = folder / "scenario.yaml"
    file.write_text(text, encoding="utf-8")
    return files.read(file)


def planned(text: str, folder: Path, goal: Goal) -> Staffing:
    return staffing(one_day(read(text, folder)), goal, workers=1)


# --- beside the formulas ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "more"), [(12, ""), (50, ""), (15, IMPATIENT), (40, IMPATIENT)])
def test_one_skill_and_exponential_work_take_the_agents_that_erlang_says(rate: int, more: str, tmp_path: Path) -> None:
    found = planned(ONE.format(rate=rate, more=more), tmp_path, Goal(0.8, minutes=150))
    assert found.reached
    for one in found.intervals[1:]:  # the first begins with nobody in line
        erlang = one.erlang_c if one.erlang_a is None else one.erlang_a
        assert abs(one.every - erlang) <= 1
        assert not one.differs
    assert (found.intervals[0].erlang_a is None) is (not more)
    assert found.because == ("empty",)


def test_a_policy_that_lets_late_ones_wait_does_better_than_erlang_says(tmp_path: Path) -> None:
    text, found = ONE.format(rate=150, more=IMPATIENT), {}
    for policy in ("fifo", "default"):
        ready = one_day(read(text.replace("fifo", policy), tmp_path))
        with attempts(Planned(ready, tuple(teams(ready)), 600), 5, workers=1) as tried:
            days = tried(((11,),))
        found[policy] = ratio([(day.in_time, day.over) for one in days for day in one.parts.values()])
    fifo, default = found["fifo"], found["default"]
    assert fifo is not None
    assert default is not None
    erlang = ErlangA(150 / 3600, 240, 11, 180).service_level(30)
    assert fifo.low <= erlang + 0.02
    assert default.low > erlang + 0.03


def test_agents_who_share_two_skills_are_fewer_than_two_times_those_of_one(tmp_path: Path) -> None:
    goal = Goal(0.8, minutes=120)
    shared_, apart = (planned(TWO.format(groups=one, mail=12), tmp_path, goal) for one in (BOTH, APART))
    assert shared_.reached
    assert apart.reached
    for both, each in zip(shared_.intervals[1:], apart.intervals[1:], strict=True):
        of_both = both.agents[[team.name for team in shared_.teams].index("both")]
        erlang = sum(line.erlang.c for line in both.lines if line.queue != "sales")
        assert of_both < erlang
        of_each = sum(n for n, team in zip(each.agents, apart.teams, strict=True) if team.name != "sales")
        assert of_both < of_each
        assert abs(of_each - erlang) <= 2
    assert "skills" in shared_.because
    assert "skills" not in apart.because


def test_an_agent_with_room_for_two_is_as_two(tmp_path: Path) -> None:
    found = planned(TWO.format(groups=APART, mail=60), tmp_path, Goal(0.8, minutes=180))
    sales = [team.name for team in found.teams].index("sales")
    mail = next(line for line in found.intervals[1].lines if line.queue == "sales")
    assert mail.per_hour == pytest.approx(60)
    assert mail.erlang.c == 4  # seven servers of five erlangs, two an agent
    assert abs(found.intervals[1].agents[sales] - 4) <= 1
    assert "concurrency" in found.because


# --- enough, and none too many ---------------------------------------------------------------------------------------


def test_every_interval_reaches_the_target_and_with_one_agent_less_something_misses(tmp_path: Path) -> None:
    text = ONE.format(rate="[10, 60, 20, 0, 0, 70]", more="").replace("hours: 10", "hours: 6")
    found = planned(text, tmp_path, Goal(0.8, minutes=60))
    assert found.reached
    plan = tuple(one.agents for one in found.intervals)
    assert list(plan[3:5]) == [(0,), (0,)]

    def levels(plan: tuple[tuple[int, ...], ...]) -> list[float]:
        pairs = [
            [(p.in_time, p.over) for d in tried(plan) for (at, _), p in d.parts.items() if at == n] for n in range(6)
        ]
        return [level.mean if (level := ratio(one)) is not None else 1.0 for one in pairs]

    with attempts(Planned(found.ready, found.teams, 60), 8, workers=1) as tried:
        assert min(levels(plan)) >= 0.8
        for number, (count,) in enumerate(plan):
            if count:
                fewer = (*plan[:number], (count - 1,), *plan[number + 1 :])
                assert min(levels(fewer)[max(0, number - 1) : number + 3]) < 0.8


@pytest.mark.parametrize("per", ["queue", "channel", "tier"])
def test_each_part_apart_reaches_the_target_too(per: str, tmp_path: Path) -> None:
    text = TWO.format(groups=BOTH, mail=12).replace(
        "handling: {exponential: 5}}", "handling: {exponential: 5}, tiers: {gold: 1, bronze: 4}}", 1
    )
    found = planned(text, tmp_path, Goal(0.8, per=per, minutes=120))  # type: ignore[arg-type]
    assert found.reached
    if per == "queue":
        assert all(line.level is not None and line.level.mean >= 0.8 for one in found.intervals for line in one.lines)


def test_a_target_that_no_number_of_agents_reaches_is_said_not_to_be(tmp_path: Path) -> None:
    text = ONE.format(rate=5, more="").replace("routing: {", "routing: {offers: {webchat: 120}, ")
    slow = "offers: {accept: {constant: 1}}\nreplications: 2\n"  # nobody is answered within half a minute
    found = planned(text.replace("replications: 8\n", slow), tmp_path, Goal(0.8, minutes=600))
    assert not found.reached
    assert "offers" in found.because


def test_paid_agents_are_more_by_shrinkage(tmp_path: Path) -> None:
    found = planned(ONE.format(rate=60, more=""), tmp_path, Goal(0.8, minutes=300, shrinkage=0.3))
    assert [one.paid[0] for one in found.intervals] == [-(-one.agents[0] * 10 // 7) for one in found.intervals]
    assert found.hours == sum(one.paid[0] for one in found.intervals) * 5


def test_the_plan_does_not_depend_on_how_many_processes_make_it(tmp_path: Path) -> None:
    ready = one_day(read(ONE.format(rate=30, more=""), tmp_path))
    calls: list[int] = []
    alone = staffing(ready, Goal(minutes=300), replications=3, workers=1, progress=lambda: calls.append(1))
    assert staffing(ready, Goal(minutes=300), replications=3, workers=2) == alone
    assert len(calls) == alone.tried * 3


# --- what is asked for -----------------------------------------------------------------------------------------------


def test_a_week_is_planned_a_day_at_a_time(tmp_path: Path) -> None:
    ready = read(WEEK.replace("RATES", str(RATES)[1:-1]), tmp_path)
    assert busiest(ready) == 3
    thursday = one_day(ready, 3)
    assert thursday.scenario.start.isoformat() == "2026-03-05"
    assert thursday.scenario.day.hours == 24
    assert [round(sum(ask.arrivals for ask in asks)) for asks in asked(thursday, 60)] == [
        hour * 2 for hour in range(24)
    ]
    halves = [round(sum(ask.arrivals for ask in asks), 1) for asks in asked(one_day(ready, 0), 30)]
    assert halves == [hour / 2 for hour in range(24) for _ in range(2)]
    with pytest.raises(ValueError, match="nobody writes on that day"):
        one_day(ready, 6)


def test_what_comes_does_not_depend_on_the_intervals(tmp_path: Path) -> None:
    ready = one_day(read(WEEK.replace("RATES", str(RATES)[1:-1]), tmp_path), 2)
    sums = {
        minutes: sum(ask.arrivals for part in asked(ready, minutes) for ask in part)
        for minutes in (15, 30, 45, 60, 1440)
    }
    assert list(sums.values()) == pytest.approx([276] * 5)


def test_customers_without_work_take_nobody() -> None:
    assert formula([], 30, 0.8, lambda _: 1) == (0, 0)


# --- teams -----------------------------------------------------------------------------------------------------------


def test_agents_who_can_take_the_same_are_one_team_however_they_are_written(tmp_path: Path) -> None:
    groups = (
        "[{name: a, count: 2, skills: {billing: 5}}, {name: b, skills: {billing: 2}}, {name: c, skills: [support, billing]}, "
        "{name: d, skills: [sales]}, {name: e, skills: [sales], units: 6}]"
    )
    found = teams(read(TWO.format(groups=groups, mail=1), tmp_path))
    assert [(team.name, team.now) for team in found] == [("billing", 3), ("c", 1), ("d", 1), ("e", 1)]
    assert [team.slots("email", 6) for team in found] == [2, 2, 2, 1]
    assert together(found) == [[0, 1], [2, 3]]


def test_a_queue_of_nobodys_is_told(tmp_path: Path) -> None:
    groups = "[{name: a, skills: [billing, support], units: 6}, {name: b, skills: [sales]}]"  # a chat weighs 12
    with pytest.raises(
        BadConfiguration, match="queue 'billing' weighs 12 units and nobody who may take it has more than 6"
    ):
        teams(read(TWO.format(groups=groups, mail=1), tmp_path))


# --- shares ----------------------------------------------------------------------------------------------------------


def test_a_share_of_days_of_one_size_is_their_mean_and_its_interval() -> None:
    shares = [0.7, 0.8, 0.9, 0.75]
    found = ratio([(share * 200, 200) for share in shares])
    assert found == pytest.approx(estimate(shares))


def test_a_share_of_nothing_is_none() -> None:
    assert ratio([(0, 0), (0, 0)]) is None
    assert ratio([(3, 4)]) == (0.75, 0.0)


def test_who_finds_no_place_to_wait_is_planned_for(tmp_path: Path) -> None:
    text = ONE.format(rate=60, more="").replace("replications: 8", "replications: 3\nwaiting_places: 0")
    found = planned(text.replace("hours: 10", "hours: 4"), tmp_path, Goal(minutes=240))
    assert found.reached
    assert found.intervals[0].every >= 4  # four erlangs
