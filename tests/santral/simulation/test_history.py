"""Scenarios from history: what a simulated centre and a short day of a real one come to, written down and read again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from router.config import Agent
from router.conversations import Conversation, State
from router.matching import Decision
from router.measures import Presence, Shift
from router.messages import ChannelName
from router.timeline import Mark, Timeline, What
from router.times import from_ms, to_ms
from santral.simulation import files, recorded
from santral.simulation.centre import Centre
from santral.simulation.drafting import draft
from santral.simulation.experiment import Trial, replicate
from santral.simulation.files import Ready
from santral.simulation.history import Past, past
from santral.simulation.roles import Arrival, Reply
from santral.simulation.traffic import Chance, Opening, arrivals, comings
from tests.kit.world import CONFIG, START

CENTRE = """
name: what happened
config:
  queues:
    - {name: billing, skill: billing, offer_seconds: 30, first_response_minutes: 1}
    - {name: support, skill: support}
  skills: [{name: billing}, {name: support}]
  routing: {units: {webchat: 4, email: 6}}
zone: Europe/Istanbul
days: 28
day: {opens: "08:00", hours: 9}
offers: {accept: {constant: 0.2}, declined: 0.1, missed: 0.05}
groups:
  - {name: a, count: 2, skills: [billing], shifts: {mon-fri: ["08:00-17:00"]}}
  - {name: b, count: 3, skills: [support, billing], shifts: {mon-thu: ["08:00-12:00", "13:00-17:00"]}}
traffic:
  - {name: chat, channel: webchat, days: mon-fri, per_hour: [10, 10, 40], queues: {billing: 3, support: 1}, tiers: {gold: 1},
     handling: {lognormal: {mean: 9, cv: 0.8}}, patience: {exponential: 4}}
  - {name: mail, channel: email, days: mon-thu, per_hour: 5, queues: support, handling: {exponential: 20}}
"""


class Recorder:
    """Writes what happens in a simulated centre as the marks of conversations."""

    def __init__(self) -> None:
        self.marks: dict[str, list[Mark]] = {}
        self.kinds: dict[str, Arrival] = {}
        self.shifts: dict[str, list[Presence]] = {}
        self.given: dict[str, int] = {}

    def arrived(self, arrival: Arrival) -> None:
        self.kinds[arrival.id] = arrival
        self.marks[arrival.id] = [Mark(arrival.at, What.HEARD), Mark(arrival.at, What.WAITING, arrival.kind.queue)]

    def decided(self, decision: Decision) -> None:
        mark = Mark(to_ms(decision.at), What.OFFERED, decision.agent)
        self.marks[decision.conversation].append(mark)

    def answered(self, arrival: Arrival, agent: str, at: int) -> None:
        if arrival.kind.queue == "support":  # it is accepted by itself
            self.marks[arrival.id].pop()
        self.marks[arrival.id].append(Mark(at, What.ACTIVE, agent))

    def left(self, arrival: Arrival, at: int) -> None:
        self.marks[arrival.id].append(Mark(at, What.RESOLVED))

    def turned_away(self, arrival: Arrival) -> None:
        raise AssertionError

    def refused(self, arrival: Arrival, agent: str, at: int, reply: Reply) -> None:
        self.given[reply.value] = self.given.get(reply.value, 0) + 1
        self.marks[arrival.id].append(Mark(at, What.WAITING, arrival.kind.queue))

    def held(self, arrival: Arrival, agent: str, since: int, until: int) -> None:
        if self.marks[arrival.id][-1].what is What.ACTIVE:
            self.marks[arrival.id].append(Mark(until, What.RESOLVED, agent))

    def came(self, agent: str, presence: str, at: int) -> None:
        self.shifts.setdefault(agent, []).append(Presence(at, presence, presence == "online"))

    def conversations(self) -> Iterator[Conversation]:
        for id_, arrival in self.kinds.items():
            kind, at = arrival.kind, from_ms(arrival.at)
            yield Conversation(
                id_, "default", 1, State.RESOLVED, ChannelName(kind.channel), "inbox", kind.queue, "main", kind.units, kind.priority,
                "+905550000000", at, name="Zeynep", language="en", timeline=Timeline(tuple(self.marks[id_])), tier=kind.tier,
            )  # fmt: skip


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ready, Recorder, Past]:
    file = tmp_path_factory.mktemp("centre") / "scenario.yaml"
    file.write_text(CENTRE, encoding="utf-8")
    ready, recorder = files.read(file), Recorder()
    opening = Opening(ready.scenario)
    centre = Centre(ready.config, Chance(ready.scenario, ready.config, 0), recorder, opening.at(0))
    centre.run(arrivals(ready.scenario, ready.config, 0), comings(ready.scenario, ready.config))
    start = to_ms(opening.midnight(0))
    shifts = [Shift(agent, 12, tuple(states)) for agent, states in recorder.shifts.items()]
    end = start + 28 * 24 * 3_600_000
    return ready, recorder, past(ready.config, recorder.conversations(), shifts, start, end, "Europe/Istanbul")


@pytest.fixture(scope="module")
def again(happened: tuple[Ready, Recorder, Past], tmp_path_factory: pytest.TempPathFactory) -> Ready:
    file = tmp_path_factory.mktemp("again") / "drawn.yaml"
    file.write_text(draft(happened[2], "again"), encoding="utf-8")
    return files.read(file)


def test_who_comes_is_told_by_hour_of_the_week(happened: tuple[Ready, Recorder, Past], again: Ready) -> None:
    _, recorder, seen = happened
    assert seen.waits == len(recorder.kinds)
    streams = {stream.name: stream for stream in again.scenario.traffic}
    assert sorted(streams) == ["email-support", "webchat-billing-gold", "webchat-support-gold"]
    rates = streams["webchat-billing-gold"].per_hour
    assert isinstance(rates, tuple)
    assert len(rates) == 168
    assert rates[8] == pytest.approx(7.5, abs=5)  # four Mondays, 30 came
    assert rates[10] == pytest.approx(30, abs=10)
    assert sum(rates) == pytest.approx(5 * 0.75 * (20 + 7 * 40), rel=0.06)
    assert (rates[7], rates[17], sum(rates[120:])) == (0, 0, 0)
    mail = streams["email-support"].per_hour
    assert isinstance(mail, tuple)
    assert sum(mail[96:]) == 0


def test_work_is_as_long_as_it_was(happened: tuple[Ready, Recorder, Past], again: Ready) -> None:
    stream = again.scenario.traffic[1]
    assert not isinstance(stream.handling, tuple)
    samples = stream.handling.samples or ()
    assert len(samples) == 500
    assert stream.handling.mean == pytest.approx(9, rel=0.05)
    assert (sum((one - 9) ** 2 for one in samples) / 500) ** 0.5 == pytest.approx(9 * 0.8, rel=0.15)
    of_chat = happened[2].work["webchat"]
    assert stream.handling.mean == pytest.approx(sum(of_chat) / len(of_chat), abs=0.01)


def test_patience_is_told_from_who_gave_up_though_most_were_answered(again: Ready) -> None:
    by = {stream.name: stream.patience for stream in again.scenario.traffic}
    assert by["email-support"] is None
    chat = by["webchat-billing-gold"]
    assert chat is not None
    assert not isinstance(chat, tuple)
    assert chat.mean == pytest.approx(4, rel=0.15)


def test_offers_are_refused_as_often(happened: tuple[Ready, Recorder, Past], again: Ready) -> None:
    _, recorder, seen = happened
    assert seen.missed == recorder.given["misses"]
    assert seen.declined == pytest.approx(recorder.given["declines"], abs=5)  # or the agent went home meanwhile
    offers = again.scenario.offers
    assert offers.accept.mean == pytest.approx(0.2)
    assert offers.declined == pytest.approx(0.1, abs=0.02)
    assert offers.missed == pytest.approx(0.05, abs=0.02)


def test_agents_are_there_when_they_were_and_are_numbered(again: Ready) -> None:
    groups = {group.name: group for group in again.scenario.groups}
    assert sorted((group.count, sorted(group.skills)) for group in groups.values()) == [
        (2, ["billing"]), (3, ["billing", "support"]),
    ]  # fmt: skip
    two = next(group for group in groups.values() if group.count == 2)
    three = next(group for group in groups.values() if group.count == 3)
    assert two.shifts == dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00-17:00",))
    assert three.shifts == dict.fromkeys(("mon", "tue", "wed", "thu"), ("08:00-12:00", "13:00-17:00"))


def test_what_is_drawn_from_a_centre_does_as_it_did(happened: tuple[Ready, Recorder, Past], again: Ready) -> None:
    first = replicate(Trial(happened[0].scenario, happened[0].config), 1).all
    second = replicate(Trial(again.scenario.model_copy(update={"days": 4}), again.config), 1).all
    assert second.offered == pytest.approx(first.offered, rel=0.1)
    assert second.in_time / second.answered == pytest.approx(first.in_time / first.answered, abs=0.06)
    assert second.left / second.offered == pytest.approx(first.left / first.offered, abs=0.04)


def test_the_same_history_is_the_same_file_and_names_nobody(happened: tuple[Ready, Recorder, Past]) -> None:
    text = draft(happened[2], "again")
    assert text == draft(happened[2], "again")
    assert not [name for name in ("a-1", "b-2", "Zeynep", "9055", "chat-17") if name in text]
    assert "Made from" in text
    assert "Assumed:" in text


def test_where_nobody_came_or_nobody_was_there_there_is_nothing_to_draw(happened: tuple[Ready, Recorder, Past]) -> None:
    ready, recorder, seen = happened
    with pytest.raises(ValueError, match="nobody waited for an agent"):
        draft(past(ready.config, (), (), seen.start, seen.end, "UTC"), "none")
    with pytest.raises(ValueError, match="no agent was there"):
        draft(past(ready.config, recorder.conversations(), (), seen.start, seen.end, "UTC"), "none")


# --- single conversations --------------------------------------------------------------------------------------------

HOUR = 3_600_000
BASE = to_ms(START)


def one(*marks: Mark, **changed: Any) -> Conversation:
    return Conversation(
        "p", "default", 1, State.ACTIVE, ChannelName.SMS, "sms", "genel", "main", 3, 5, "+905550000000", START,
        timeline=Timeline(marks), **changed,
    )  # fmt: skip


def seen_of(config: Any, *conversations: Conversation, shifts: tuple[Shift, ...] = ()) -> Past:
    return past(config, conversations, shifts, BASE, BASE + 4 * HOUR, "UTC")


@pytest.fixture(scope="module")
def config() -> Any:
    from router.config import Config

    return Config.model_validate(CONFIG)


def at(minutes: float) -> int:
    return BASE + round(minutes * 60_000)


def test_work_is_counted_while_its_agent_is_there_and_until_they_are_done(config: Any) -> None:
    marks = (
        Mark(at(0), What.WAITING, "genel"), Mark(at(5), What.ACTIVE, "ayse"), Mark(at(10), What.PENDING, "ayse"),
        Mark(at(40), What.ACTIVE, "ayse"), Mark(at(50), What.RESOLVED, "ayse"),
    )  # fmt: skip
    away = Shift(
        "ayse",
        12,
        (Presence(at(-60), "online", True), Presence(at(20), "away", False), Presence(at(35), "online", True)),
    )
    assert seen_of(config, one(*marks)).work == {"sms": [45.0]}  # nobody knows when ayse was there
    assert seen_of(config, one(*marks), shifts=(away,)).work == {"sms": [30.0]}
    assert seen_of(config, one(*marks[:-1]), shifts=(away,)).work == {}


def test_who_still_waits_has_waited_so_long_and_not_given_up(config: Any) -> None:
    seen = seen_of(config, one(Mark(at(60), What.WAITING, "genel")))
    assert (seen.waits, dict(seen.left), dict(seen.waited)) == (1, {}, {"sms": 180.0})


def test_waits_before_and_after_the_time_spam_parts_and_queues_that_are_gone_do_not_come(config: Any) -> None:
    def waits(minutes: float, queue: str = "genel", **changed: Any) -> Conversation:
        return one(Mark(at(minutes), What.WAITING, queue), Mark(at(minutes + 1), What.RESOLVED), **changed)

    seen = seen_of(
        config, waits(-1), waits(0), waits(240), waits(10, spam=True), waits(10, into="c_x"), waits(10, "gone")
    )
    assert (seen.waits, seen.left["sms"], seen.elsewhere) == (1, 2, 1)


def test_who_is_given_to_another_queue_comes_there_too(config: Any) -> None:
    marks = (
        Mark(at(0), What.WAITING, "genel"), Mark(at(1), What.ACTIVE, "ayse"), Mark(at(4), What.WAITING, "uzman"),
        Mark(at(6), What.ACTIVE, "usta"), Mark(at(9), What.RESOLVED, "usta"),
    )  # fmt: skip
    seen = seen_of(config, one(*marks))
    assert {sort.queue: sum(hours.values()) for sort, hours in seen.came.items()} == {"genel": 1, "uzman": 1}
    assert seen.work == {"sms": [3.0, 3.0]}


def test_agents_are_there_who_were_in_half_of_the_weeks(config: Any) -> None:
    day = 24 * HOUR
    midnight = BASE - 9 * HOUR
    states = []
    for week, (since, until) in enumerate([(8, 16), (8, 12), (9, 16)]):
        states += [
            Presence(midnight + week * 7 * day + since * HOUR, "online", True),
            Presence(midnight + week * 7 * day + until * HOUR, "offline", False),
        ]
    seen = past(config, (), (Shift("ayse", 12, tuple(states)),), midnight, midnight + 21 * day, "UTC")
    (agent, week_), *others = seen.agents
    assert not any(week for _, week in others)
    assert seen.present == 1
    assert isinstance(agent, Agent)
    assert (agent.name, week_) == ("ayse", {0: ("08:00-16:00",)})


# --- a short day -----------------------------------------------------------------------------------------------------


def test_a_morning_is_read_from_the_table(kept_morning: Any) -> None:
    done: list[float] = []
    seen = recorded.read(recorded.kept(kept_morning), START, START + timedelta(hours=3), None, done.append)
    assert seen.zone == "UTC"
    assert seen.waits == 10
    assert seen.work == {"sms": [10.0] * 8}
    assert seen.left == {"sms": 1}
    assert seen.waited == {"sms": pytest.approx(20 + 60)}
    assert [(agent.name, week) for agent, week in seen.agents if week] == [
        ("ayse", {0: ("09:00-11:00",)}), ("mehmet", {0: ("09:00-11:00",)}),
    ]  # fmt: skip
    assert done == sorted(done)
    assert done[-1] >= 1


def test_a_part_of_the_day_is_read_with_what_was_open_before_it(kept_morning: Any) -> None:
    seen = recorded.read(
        recorded.kept(kept_morning), START + timedelta(hours=1), START + timedelta(hours=2), "Europe/Istanbul"
    )
    assert seen.waits == 4
    assert {hour for hours in seen.came.values() for hour in hours} == {13}
