"""A pool's agents as the configuration has them, numbered by name, with a bit for each agent in every mask.

A set of five thousand agents is one integer here, so that what excludes whom is a few operations on integers.
"""

from __future__ import annotations

from collections.abc import Iterable

from router.config import Agent, Config
from router.policies import Weighed
from router.requirements import LEVELS, Requirement, leaves

_MOST = 4096

Group = tuple[bool, int, int]
"""Secondary skill?, level, mask: agents who meet a requirement equally well."""


class Crew:
    """Who could ever take what. Made once for a version and a pool; remembers what it was asked."""

    def __init__(self, agents: Iterable[Agent]) -> None:
        self.agents = tuple(sorted(agents, key=lambda agent: agent.name))
        self.names = tuple(agent.name for agent in self.agents)
        self.units = {agent.name: agent.units for agent in self.agents}
        self.number = {name: number for number, name in enumerate(self.names)}
        self.everybody = (1 << len(self.names)) - 1
        held: dict[tuple[str, int], list[int]] = {}
        primary: dict[tuple[str, int], list[int]] = {}
        limited: dict[str, dict[int, list[int]]] = {}
        shifts: dict[str, list[int]] = {}
        for number, agent in enumerate(self.agents):
            for skill, level in agent.levels.items():
                for at_least in range(1, level + 1):
                    held.setdefault((skill, at_least), []).append(number)
                    if skill not in agent.secondary:
                        primary.setdefault((skill, at_least), []).append(number)
            for channel, limit in agent.limits.items():
                limited.setdefault(channel, {}).setdefault(limit, []).append(number)
            if agent.hours is not None:
                shifts.setdefault(agent.hours, []).append(number)
        self._held = {key: mask(numbers) for key, numbers in held.items()}
        self._primary = {key: mask(numbers) for key, numbers in primary.items()}
        self.limits = {
            channel: {n: mask(numbers) for n, numbers in by.items()} for channel, by in sorted(limited.items())
        }
        self.shifts = {name: mask(numbers) for name, numbers in sorted(shifts.items())}
        self._brands: dict[str, int] = {}
        self._needs: dict[Requirement, int] = {}
        self._groups: dict[Requirement, tuple[Group, ...]] = {}
        self._could: dict[tuple[Weighed, int], int] = {}

    def meet(self, needs: Requirement) -> int:
        """Who meets a requirement."""
        found = self._needs.get(needs)
        if found is None:
            found = self._needs[needs] = self._mask(needs, self._held, 1)
        return found

    def groups(self, needs: Requirement) -> tuple[Group, ...]:
        """Who meets it, the best first: by primary skills before secondary ones, then by the level of the skill that is named first."""
        found = self._groups.get(needs)
        if found is None:
            groups, seen = [], 0
            for secondary, table in ((False, self._primary), (True, self._held)):
                for level in range(LEVELS, 0, -1):
                    able = self._mask(needs, table, level) & self.meet(needs) & ~seen
                    if able:
                        groups.append((secondary, level, able))
                        seen |= able
            found = self._groups[needs] = tuple(groups)
        return found

    def may_answer(self, brand: str) -> int:
        """Who is allowed to answer a brand's customers."""
        found = self._brands.get(brand)
        if found is None:
            found = self._brands[brand] = mask(n for n, agent in enumerate(self.agents) if agent.answers_for(brand))
        return found

    def could(self, of: Weighed, step: int) -> int:
        """Who could ever get a conversation of a class, on that step of its ladder."""
        found = self._could.get((of, step))
        if found is None:
            if len(self._could) > _MOST:
                self._could.clear()
            found = self._could[of, step] = self.meet(of.ladder[step].needs) & self.may_answer(of.kind.brand)
        return found

    def named(self, agents: int) -> list[str]:
        """The names in a mask, in order."""
        return [self.names[number] for number in numbers(agents)]

    def _mask(self, needs: Requirement, table: dict[tuple[str, int], int], at_least: int) -> int:
        match needs[0]:
            case "has":
                return table.get((needs[1], max(needs[2], at_least)), 0)
            case "not":
                return self.everybody & ~self._mask(needs[1], self._held, 1)
            case "all":
                able, level = self.everybody, at_least
                for one in needs[1:]:
                    able &= self._mask(one, table, level)
                    if any(wanted for _, _, wanted in leaves(one)):
                        level = 1  # the skill that is named first is what the work is about
                return able
            case _:
                able = 0
                for one in needs[1:]:
                    able |= self._mask(one, table, at_least)
                return able


def mask(members: Iterable[int]) -> int:
    """Numbers as bits."""
    found = list(members)
    if len(found) < 32:
        bits = 0
        for number in found:
            bits |= 1 << number
        return bits
    octets = bytearray(max(found) // 8 + 1)
    for number in found:
        octets[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(octets, "little")


def numbers(bits: int) -> Iterable[int]:
    """The numbers whose bits are set, ascending."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


_last: dict[str, tuple[tuple[Agent, ...], Crew]] = {}


def crew_of(config: Config, pool: str) -> Crew:
    """A pool's crew under a version, made once for as long as that version is in force."""
    known = _last.get(pool)
    if known is None or known[0] is not config.agents:
        known = _last[pool] = (config.agents, Crew(agent for agent in config.agents if agent.pool == pool))
    return known[1]
