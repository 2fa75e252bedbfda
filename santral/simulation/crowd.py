"""Another number of agents in the same centre: a scenario with more or fewer of each kind, and its configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from heapq import heapify, heapreplace

from router.config import Agent
from santral.simulation.files import Ready
from santral.simulation.scenario import Shifts

_LONGEST = 40  # of a name


@dataclass(frozen=True, slots=True)
class Kinds:
    """How many agents there are of each kind: the scenario's groups by name, and each agent of the configuration as one of a kind."""

    groups: Mapping[str, int]
    agents: Mapping[str, int]

    @property
    def every(self) -> int:
        """All of them."""
        return sum(self.groups.values()) + sum(self.agents.values())


def kinds(ready: Ready) -> Kinds:
    """As the scenario and its configuration have them."""
    made = {agent.name for group in ready.scenario.groups for agent in group.agents()}
    return Kinds(
        {group.name: group.count for group in ready.scenario.groups},
        {agent.name: 1 for agent in ready.config.agents if agent.name not in made},
    )


def crowd(ready: Ready, wanted: Kinds) -> Ready:
    """The scenario and its configuration with so many agents of each kind; a second of a kind is named after the first."""
    scenario, config = ready.scenario, ready.config
    groups = tuple(
        group.model_copy(update={"count": wanted.groups.get(group.name, group.count)}) for group in scenario.groups
    )
    taken = {agent.name for group in groups for agent in group.agents()}
    agents: list[Agent] = []
    copies: dict[str, tuple[str, ...]] = {}
    known = kinds(ready).agents
    taken |= set(known)
    for agent in config.agents:
        if agent.name in known:
            names = _names(agent.name, wanted.agents.get(agent.name, 1), taken)
            copies[agent.name] = names
            agents += [agent.model_copy(update={"name": name}) for name in names]
    agents += [agent for group in groups for agent in group.agents()]
    shifts = tuple(one for entry in scenario.shifts if (one := _shifts(entry, copies)).agents)
    version = f"{config.version} with {len(agents)} agents"
    return replace(
        ready,
        scenario=scenario.model_copy(update={"groups": groups, "shifts": shifts}),
        config=config.model_copy(update={"agents": tuple(agents), "version": version}),
    )


def _shifts(entry: Shifts, copies: Mapping[str, tuple[str, ...]]) -> Shifts:
    return entry.model_copy(
        update={"agents": tuple(name for agent in entry.agents for name in copies.get(agent, (agent,)))}
    )


def _names(name: str, count: int, taken: set[str]) -> tuple[str, ...]:
    found, number = [name][:count], 1
    while len(found) < count:
        number += 1
        ending = f"-{number}"
        one = name[: _LONGEST - len(ending)] + ending
        if one not in taken:
            taken.add(one)
            found.append(one)
    return tuple(found)


def has(ready: Ready, group: str) -> None:
    """Raises ValueError for a group that is not there."""
    groups = kinds(ready).groups
    if group not in groups:
        raise ValueError(f"the scenario has no group '{group}'; its groups: {', '.join(groups) or 'none'}")


def of(ready: Ready, group: str | None, count: int) -> Ready:
    """So many agents of one group; without one so many in all, in the proportions that there are. Raises ValueError."""
    now = kinds(ready)
    if group is not None:
        has(ready, group)
        return crowd(ready, Kinds({**now.groups, group: count}, now.agents))
    found = split(ready, count)
    return crowd(ready, Kinds({name: found[name] for name in now.groups}, {name: found[name] for name in now.agents}))


def split(ready: Ready, count: int) -> dict[str, int]:
    """So many agents in the proportions that there are: how many of each group, and like each agent of the configuration."""
    now = kinds(ready)
    each = {**now.agents, **now.groups}
    return dict(zip(each, shared(count, list(each.values())), strict=True))


def shared(count: int, weights: Sequence[float]) -> list[int]:
    """So many seats in proportion to weights, by odd divisors (Webster, Sainte-Laguë): one seat more never takes one from anybody."""
    given = [0] * len(weights)
    line = [(-Fraction(weight), number) for number, weight in enumerate(weights) if weight > 0]
    if not line and count:
        raise ValueError("there is nobody to have more of")
    heapify(line)
    for _ in range(count):
        _, number = line[0]
        given[number] += 1
        heapreplace(line, (-Fraction(weights[number]) / (2 * given[number] + 1), number))
    return given
