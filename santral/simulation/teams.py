"""Agents who are alike in what they can take: the kinds of people that a plan of staff has numbers of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from router.config import Agent, Config
from router.crew import Crew
from router.matching import Rules
from router.times import from_ms
from router.waiting import Kind
from santral.simulation.files import Ready
from santral.simulation.scenario import Group
from santral.simulation.traffic import HOUR, Opening, sorts

WEEK = 168


@dataclass(frozen=True, slots=True)
class Team:
    """Agents who can take the same; `group` is how one is, `main` what is not by a secondary skill, `now` how many the scenario has."""

    group: Group
    queues: frozenset[str]
    main: frozenset[str]
    now: int

    @property
    def name(self) -> str:
        """What they are called."""
        return self.group.name

    def slots(self, channel: str, weight: int) -> int:
        """How many conversations of a channel one has at once."""
        return min(self.group.units // weight, self.group.limits.get(channel, self.group.units))


def classes(ready: Ready) -> dict[Kind, str]:
    """What customers bring at any hour, and in which pool it waits."""
    scenario, config = ready.scenario, ready.config
    start, hours = Opening(scenario).at(0), range(min(WEEK, math.ceil(scenario.day.hours)))
    return {
        one.kind: one.pool
        for stream in scenario.traffic
        for at in ([from_ms(start + hour * HOUR) for hour in hours] if stream.samples else [from_ms(start)])
        for one in sorts(config, stream, at)
    }


def teams(ready: Ready) -> list[Team]:
    """The agents of a scenario by what they can take, however they are written. Raises ValueError for a queue of nobody's."""
    brought = classes(ready)
    rules = {pool: Rules(ready.config, pool) for pool in sorted(set(brought.values()))}
    paces = {name: entry.pace for entry in ready.scenario.shifts for name in entry.agents}
    named = {agent.name: group for group in ready.scenario.groups for agent in group.agents()}
    found: dict[object, list[Agent]] = {}
    serves: dict[object, frozenset[str]] = {}
    of: dict[object, set[str]] = {}
    for agent in ready.config.agents:
        group = named.get(agent.name)
        pace = group.pace if group is not None else paces.get(agent.name, 1.0)
        can = _can(agent, brought, rules)
        queues = frozenset(kind.queue for kind, *_ in can)
        if not queues or not agent.units:
            continue
        channels = {kind.channel for kind, *_ in can}
        limits = tuple(sorted((channel, most) for channel, most in agent.limits.items() if channel in channels))
        key = agent.pool, frozenset(can), agent.units, limits, pace
        found.setdefault(key, []).append(agent)
        serves[key] = queues
        of.setdefault(key, set()).add(group.name if group is not None else "")
    alone = sorted({kind.queue for kind in brought} - {queue for queues in serves.values() for queue in queues})
    if alone:
        raise ValueError(f"nobody can take what waits in {', '.join(alone)}: staff is planned of the agents' skills")
    taken: set[str] = set()
    return [
        Team(
            _group(_name(of[key], serves[key], len(found), taken), agents[0], key[-1]),  # type: ignore[index]
            serves[key],
            frozenset(kind.queue for kind, _, secondary in key[1] if not secondary),  # type: ignore[index]
            len(agents),
        )
        for key, agents in found.items()
    ]


def _can(agent: Agent, brought: Mapping[Kind, str], rules: Mapping[str, Rules]) -> list[tuple[Kind, int, bool]]:
    """What an agent can take, from which step on, and whether by a secondary skill."""
    crew, found = Crew((agent,)), []
    for kind, pool in brought.items():
        if pool != agent.pool:
            continue
        weighed = rules[pool].of(kind)
        step = next((n for n in range(len(weighed.ladder)) if crew.could(weighed, n)), None)
        if step is not None and kind.units <= agent.units and agent.limits.get(kind.channel, 1) > 0:
            secondary = any(one for one, _, _ in crew.groups(weighed.ladder[-1].needs))
            found.append((kind, step, secondary))
    return found


def _group(name: str, agent: Agent, pace: float) -> Group:
    same = ("pool", "skills", "secondary", "languages", "units", "limits", "brands")
    return Group(name=name, pace=pace, **{one: getattr(agent, one) for one in same})


def _name(groups: set[str], queues: Iterable[str], teams_: int, taken: set[str]) -> str:
    """A group's own name where it is one; else of what they answer."""
    (only,) = groups if len(groups) == 1 else ("",)
    base = only or ("agents" if teams_ == 1 else "-".join(sorted(queues))[:36].rstrip("-"))
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name


def together(found: Sequence[Team]) -> list[list[int]]:
    """Teams by their numbers, those together that have a queue in common, or by way of others: what one does, no other part feels."""
    parts: list[tuple[set[str], list[int]]] = []
    for number, team in enumerate(found):
        queues, members = set(team.queues), [number]
        rest = []
        for part in parts:
            if part[0] & queues:
                queues |= part[0]
                members = part[1] + members
            else:
                rest.append(part)
        parts = [*rest, (queues, members)]
    return sorted(sorted(members) for _, members in parts)


def staffed(config: Config, found: Sequence[Team], counts: Sequence[int]) -> tuple[tuple[Group, ...], Config]:
    """So many of each team as groups, and the configuration with them and nobody else."""
    groups = tuple(
        team.group.model_copy(update={"count": count}) for team, count in zip(found, counts, strict=True) if count
    )
    agents = tuple(agent for group in groups for agent in group.agents())
    return groups, config.model_copy(
        update={"agents": agents, "version": f"{config.version} with {len(agents)} agents"}
    )
