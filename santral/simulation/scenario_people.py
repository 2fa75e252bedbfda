"""Who could take what a scenario brings, and whether they are ever there: what needs the whole configuration to be said.

One agent stands for each group here, so that it costs the same however many they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from router.calendars import DAYS
from router.config import Agent, Config
from router.requirements import LANGUAGE, in_language, leaves, met, read, text
from router.times import from_ms
from router.waiting import Kind
from router.written import like
from santral.config_cases import NOON
from santral.config_reach import arrives_by
from santral.simulation.messages import judged, looks_at_time
from santral.simulation.scenario import Scenario, Stream
from santral.simulation.scenario_checks import Told
from santral.simulation.sound import Sound
from santral.simulation.traffic import HOUR, MINUTE, Opening, Sort, comings, sorts

LOOKED_AT = 28
"""So many days are looked at, at most: weeks are alike but for holidays."""
Stretch = tuple[int, int]
"""From and until, in ms."""
_FOR_EVER = 1 << 62


@dataclass(frozen=True)
class People:
    """A scenario with its configuration, both with one agent for each group.

    What is at fault of the scenario is taken out of it. `whole`: the configuration has no fault, so messages can be judged;
    `dated`: the scenario's times can be asked for.
    """

    sound: Sound
    config: Config
    whole: bool
    dated: bool

    @cached_property
    def scenario(self) -> Scenario:
        """Its first days, with one agent a group."""
        scenario = self.sound.scenario
        groups = tuple(group.model_copy(update={"count": 1}) for group in scenario.groups if group.count)
        shifts = scenario.shifts if self.sound.sure("shifts", "agents", "shifts") else ()
        days = min(LOOKED_AT, scenario.days)
        return scenario.model_copy(update={"groups": groups, "shifts": shifts, "days": days})

    @cached_property
    def there(self) -> dict[str, list[Stretch]]:
        """When each agent is there."""
        found: dict[str, list[Stretch]] = {}
        since: dict[str, int] = {}
        config = self.config
        if not self.sound.sure("shifts", "agents", "shifts"):  # who they are of is not known: nobody has hours
            agents = tuple(one.model_copy(update={"hours": None}) for one in config.agents)
            config = config.model_copy(update={"agents": agents})
        for at, agent, presence in comings(self.scenario, config):
            if self.config.available(presence):
                since.setdefault(agent, at)
            elif agent in since:
                found.setdefault(agent, []).append((since.pop(agent), at))
        for agent, at in since.items():
            found.setdefault(agent, []).append((at, _FOR_EVER))
        return found

    def present(self, agents: Iterable[Agent]) -> set[Stretch]:
        """When any of them is there."""
        return {stretch for agent in agents for stretch in self.there.get(agent.name, ())}

    def arrive(self, stream: Stream) -> dict[int, list[Stretch]]:
        """When its customers write, by day."""
        opening, found = Opening(self.scenario), dict[int, list[Stretch]]()
        for day in range(self.scenario.days):
            if opening.weekday(day) in stream.on:
                start = opening.at(day)
                found[day] = [
                    (round(start + since * MINUTE), round(start + until * MINUTE))
                    for since, until, rate, _ in stream.periods(opening.hours * 60)
                    if rate
                ]
        return {day: spans for day, spans in found.items() if spans}

    def who(self, kind: Kind, pool: str) -> list[Agent]:
        """Who has the skills for a class in the end."""
        needs = self.config.ladder(kind.queue, kind.steps, kind.language)[-1].needs
        return [agent for agent in self.config.agents if agent.pool == pool and met(needs, agent.levels)]

    def brought(self, stream: Stream) -> list[Sort]:
        """What a stream brings, at any time. Raises ValueError, OverflowError."""
        times = [NOON]
        if stream.samples and self.dated and looks_at_time(self.config):
            spans = [span for day, spans in self.arrive(stream).items() if day < len(DAYS) for span in spans]
            times = [from_ms(at) for since, until in spans for at in range(since, until, HOUR)] or times
        found = {(one.kind, one.pool): one for at in times for one in sorts(self.config, stream, at) if one.share}
        return list(found.values())


def faults(people: People) -> Told:
    """What nobody could ever take."""
    for at, stream in people.sound.streams():
        wrong = people.sound.wrong(at)
        told = list(_messages(people, stream, wrong))
        leans = ("message", "inbox", "channel") if stream.samples else ("queues", "language")
        if not told and not people.sound.anybody and not wrong & {*leans} and (people.whole or not stream.samples):
            with suppress(ValueError, ArithmeticError):  # what names nothing is told as that
                told = list(_required(people, stream))
                settled = stream.model_copy(update={"require": ()}) if told else stream
                told += _takers(people, settled, wrong) if "channel" not in wrong else ()
        yield from ((f"{at}.{field}", what) for field, what in told)
    if people.dated and people.sound.scenario.load is not None:
        with suppress(ValueError, ArithmeticError):
            yield from _load(people)


def warnings(people: People) -> Told:
    """What may be meant as it is, and seldom is."""
    scenario, config = people.sound.scenario, people.config
    if "offers" in scenario.model_fields_set and not config.makes_offers:
        yield (
            "offers",
            "the configuration makes no offers (routing.offers, offer_seconds): everything is accepted at once",
        )
    for at, stream in people.sound.streams():
        for number, sample in enumerate(stream.samples):
            where = f"{at}.message[{number}]" if isinstance(stream.message, tuple) else f"{at}.message"
            for name, why in judged(config, stream, sample, NOON)[1].failed:
                yield where, f"rule '{name}' has no value for it and is passed over: {why}"
        if people.dated:
            yield from ((at, what) for what in _lonely(people, stream))


def _lonely(people: People, stream: Stream) -> Iterator[str]:
    """Days on which somebody writes and nobody is there who could take it."""
    opening = Opening(people.scenario)
    for queue, sort in {sort.kind.queue: sort for sort in people.brought(stream)}.items():
        there = people.present(people.who(sort.kind, sort.pool))
        without = [day for day, spans in people.arrive(stream).items() if not _overlap(there, spans)]
        if without:
            days = ", ".join(dict.fromkeys(DAYS[opening.weekday(day)] for day in without))
            yield f"nobody who takes queue '{queue}' is there while it arrives on {days}"


# --- faults ----------------------------------------------------------------------------------------------------------


def _messages(people: People, stream: Stream, wrong: Collection[str]) -> Told:
    """Messages that come in nowhere, or that cannot be judged."""
    config = people.config
    if not stream.samples or {"channel", "inbox"} & set(wrong):
        return
    having = [inbox.name for inbox in config.inboxes if stream.channel in arrives_by(inbox)]
    if stream.inbox is not None:
        if config.inbox(stream.inbox) is not None and stream.inbox not in having:
            yield "inbox", f"inbox '{stream.inbox}' has no {stream.channel}"
    elif len(having) != 1:
        said = f"inboxes {', '.join(having)} have {stream.channel}" if having else f"no inbox has {stream.channel}"
        yield "inbox", f"{said}; name one as `inbox`"
    for number, sample in enumerate(stream.samples if people.whole and "message" not in wrong else ()):
        try:
            judged(config, stream, sample, NOON)
        except OverflowError:
            yield (
                f"message[{number}]" if isinstance(stream.message, tuple) else "message",
                "is about times that no clock has",
            )
        except ValueError:
            return  # there is no such inbox: told by its name


def _required(people: People, stream: Stream) -> Told:
    """Steps of a requirement that nobody could meet."""
    known = {skill.name for skill in people.config.skills}
    known |= {name for agent in people.config.agents for name in agent.levels}
    pools = {sort.pool for sort in people.brought(stream)}
    for number, (_, needs) in enumerate(stream.require):
        asked = in_language(read(needs), stream.language)
        unknown = sorted({name for name, _, _ in leaves(read(needs))} - known - {LANGUAGE})
        yield from ((f"require[{number}]", f"there is no skill '{name}'{like(name, known)}") for name in unknown)
        able = (agent.pool in pools and met(asked, agent.levels) for agent in people.config.agents)
        if not unknown and not any(able):
            yield f"require[{number}]", f"no agent of pool {_names(pools)} can meet {text(asked)}"


def _takers(people: People, stream: Stream, wrong: Collection[str]) -> Told:
    told: set[str] = set()
    for sort in people.brought(stream):
        kind, able = sort.kind, people.who(sort.kind, sort.pool)
        if kind.queue in told or not able:
            continue  # a skill that nobody has is told of the queue
        told.add(kind.queue)
        field = f"queues.{kind.queue}" if isinstance(stream.queues, dict) else "queues" if stream.queues else "message"
        for what in _nobody(people, stream, kind, able, wrong):
            yield field, what


def _nobody(people: People, stream: Stream, kind: Kind, able: Sequence[Agent], wrong: Collection[str]) -> Iterator[str]:
    """Why nobody ever takes it, of those who have the skills."""
    able = [agent for agent in able if "brand" in wrong or agent.answers_for(kind.brand)]
    may = [agent for agent in able if agent.limits.get(kind.channel, 1) > 0]
    most = max((agent.units for agent in may), default=0)
    if not may:
        yield (
            f"nobody who has the skill of queue '{kind.queue}' may answer it (brand '{kind.brand}', {kind.channel}); "
            "look at the agents' `brands` and `limits`"
        )
    elif most < kind.units:
        yield (
            f"a conversation of queue '{kind.queue}' weighs {kind.units} units and nobody who may take it has more than "
            f"{most}; give an agent more `units`, or lower routing.units.{kind.channel}"
        )
    elif people.dated and not {"per_hour", "period_minutes", "days"} & set(wrong) and people.arrive(stream):
        strong = [agent for agent in may if agent.units >= kind.units]
        if _never(people, stream, strong):
            yield f"nobody who may take queue '{kind.queue}' is there while it arrives: look at `shifts` and `hours`"


def _never(people: People, stream: Stream, agents: Sequence[Agent]) -> bool:
    """Is none of them ever there while it arrives, and, where its customers wait for ever, never after it?"""
    spans = [span for spans in people.arrive(stream).values() for span in spans]
    if stream.patience is None:
        spans = [(min(spans)[0], _FOR_EVER)]
    return not _overlap(people.present(agents), spans)


def _load(people: People) -> Told:
    """A load that no rate could bring about. Others count with those who are there, whatever they can do."""
    if not any(people.there.values()) and not people.sound.anybody:
        yield "load", "nobody is ever there, so there is nothing to be a share of"
    sound = people.sound
    sure = (
        sound.sure("traffic", "per_hour", "period_minutes", "days") and not {"traffic", "day.measured"} & sound.broken
    )
    if sure and not _measured(people):
        yield "load", "nobody writes in the hours that are measured, so no factor brings it about"


def _measured(people: People) -> bool:
    """Does anybody write in the hours that are measured?"""
    opening = Opening(people.scenario)
    since, until = (hours * 60 for hours in opening.counted)
    days = {opening.weekday(number) for number in range(min(len(DAYS), people.scenario.days))}
    return any(
        rate and min(end, until) > max(start, since)
        for stream in people.scenario.traffic
        if days & stream.on
        for start, end, rate, _ in stream.periods(opening.hours * 60)
    )


def _overlap(some: Collection[Stretch], others: Collection[Stretch]) -> bool:
    return any(begin < until and since < end for begin, end in some for since, until in others)


def _names(several: set[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(several))
