"""A contact centre while it runs: what happens in the order of time, each decision by `router.matching.decide`.

The floor and the lines are the values that production decides on (router.floor, router.matching.Heads, router.loads), held in
memory and changed by the same functions. What customers and agents do is told by a `Nature`: drawn by chance, or recorded.

After each event nothing is left in line that somebody could take, as in production once a match is through. So of a newcomer only its
own class is looked at, and of an agent who has more room only what that agent could take: the decision is that of a look at all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from router.config import Config
from router.floor import Floor
from router.loads import Load, acted, given_back, missing, present
from router.matching import Decision, Heads, Place, Rules, decide, next_look, placed
from router.times import from_ms, to_ms
from router.waiting import Kind, WaitingRow, barred_too
from santral.simulation.agenda import FIRST, LOOK, THEN, TIME, Agenda
from santral.simulation.roles import Arrival, Coming, Nature, Reply, Watch


@dataclass(slots=True)
class _Holding:
    """A conversation with an agent: since when, and whether they have accepted it; `row` is as it stood in line."""

    arrival: Arrival
    row: WaitingRow
    agent: str
    since: int
    accepted: bool


@dataclass(slots=True)
class _Pool:
    """A pool's rules, and how it stands."""

    rules: Rules
    floor: Floor
    heads: Heads


class Centre(Agenda):
    """Runs from `start`, in ms, until everything that was to come has come and nothing more can happen.

    `places` is how many may wait in a pool; more are turned away. With `later` a match comes a moment later, as in production: what
    else happens in that millisecond, such as two offers' ends, has happened by then.
    """

    def __init__(
        self, config: Config, nature: Nature, watch: Watch, start: int, places: int | None = None, *, later: bool = False
    ) -> None:  # fmt: skip
        self.config, self.nature, self.watch, self.places = config, nature, watch, places
        super().__init__(start)
        self._later = later
        self._loads: dict[str, Load] = {}
        self._pools: dict[str, _Pool] = {}
        for name in sorted(config.pool_names):
            self._pools[name] = _Pool(Rules(config, name), Floor(config, name, (), from_ms(start)), Heads())
        self._pool_of = {agent.name: agent.pool for agent in config.agents}
        self._waiting: dict[str, Arrival] = {}
        self._held: dict[str, _Holding] = {}
        self._turned: list[tuple[_Pool, WaitingRow | str | None]] = []
        self._wrap = {queue.name: queue.wrap_up_seconds * 1000 for queue in config.queues}
        self._offers: dict[tuple[str, str], int | None] = {}
        self._lightest = min((*config.routing.units.values(), _UNNAMED))

    # --- customers ----------------------------------------------------------------------------------------------------

    def arrives(self, arrival: Arrival) -> None:
        pool = self._pools[arrival.pool]
        self.watch.arrived(arrival)
        now = from_ms(self.now)
        row = WaitingRow(arrival.id, arrival.kind, now, preferred=self.prefers(arrival), barred=arrival.barred)
        decision = None
        of = pool.rules.of(arrival.kind)
        if pool.floor.able(of, bisect_right(of.steps, 0.0)):
            decision = decide(pool.floor, placed((row,), pool.rules, now), pool.rules, now)
        if decision is None and self.places is not None and len(pool.heads) >= self.places:
            self.watch.turned_away(arrival)
            return
        self._waiting[arrival.id] = arrival
        if arrival.patience is not None:
            self.at(self.now + arrival.patience, THEN, self._gives_up, arrival)
        if decision is not None:
            self._goes_to(pool, decision)
        else:
            self._stands(pool, row, now)

    def prefers(self, arrival: Arrival) -> str | None:
        """Who is preferred for who arrives now."""
        return arrival.preferred

    def _stands(self, pool: _Pool, row: WaitingRow, now: datetime) -> None:
        pool.heads.add(row)
        look = next_look(row, pool.rules, now)
        if look is not None:
            self.at(to_ms(look), TIME, self._relaxes, pool, row)

    def _relaxes(self, pool: _Pool, row: WaitingRow) -> None:
        """A step begins, or a refusal is over: more agents may take it."""
        if pool.heads.get(row.conversation) is row:
            self._turns(pool, row)

    def _gives_up(self, arrival: Arrival) -> None:
        if self._waiting.pop(arrival.id, None) is None:
            return
        pool = self._pools[arrival.pool]
        self.watch.left(arrival, self.now)
        holding = self._held.get(arrival.id)
        if holding is None:
            pool.heads.drop(arrival.id)
            return
        self._gives_back(holding, lambda load, held, now: given_back(load, held, now))

    # --- decisions ----------------------------------------------------------------------------------------------------

    def _soon(self, match: Callable[..., None], *told: Any) -> None:
        if self._later:
            self.soon(match, *told)
        else:
            match(*told)

    def _match(self, pool: _Pool, line: Callable[[], Sequence[Place]]) -> None:
        """Decide until nothing that stands there now can be taken."""
        now = from_ms(self.now)
        while places := line():
            decision = decide(pool.floor, places, pool.rules, now)
            if decision is None:
                return
            pool.heads.drop(decision.conversation)
            self._goes_to(pool, decision)

    def _match_for(self, pool: _Pool, agent: str) -> None:
        """What this agent could take, who has more room than before."""
        number, now = pool.floor.crew.number[agent], from_ms(self.now)
        if len(pool.heads):
            could = pool.floor.crew.could

            def line() -> Sequence[Place]:
                if not pool.floor.ready >> number & 1 or self._loads[agent].free < self._lightest:
                    return ()
                return [one for one in pool.heads.front(pool.rules, now) if could(one.of, one.step) >> number & 1]

            self._match(pool, line)

    def _turns(self, pool: _Pool, one: WaitingRow | str | None) -> None:
        """By time alone a row may go to more agents, or an agent may take something again; None: both, an offer timed out."""
        if not self._turned:
            self.at(self.now, LOOK, self._looks)
        self._turned.append((pool, one))

    def _looks(self) -> None:
        """One look at what turned in this millisecond: who rests until now is there for a row that asks less from now on."""
        turned, self._turned = self._turned, []
        now = from_ms(self.now)
        if len(turned) > 1 or turned[0][1] is None:
            for name in sorted({pool.rules.pool.name for pool, _ in turned}):
                self._soon(self._match_all, self._pools[name])
        for pool, one in turned:
            if isinstance(one, str):
                self._soon(self._match_for, pool, one)
            elif one is not None:
                self._match_row(pool, one)
                look = next_look(one, pool.rules, now) if one.conversation in pool.heads else None
                if look is not None:
                    self.at(to_ms(look), TIME, self._relaxes, pool, one)

    def _match_row(self, pool: _Pool, row: WaitingRow) -> None:
        """Who could take it now."""
        now = from_ms(self.now)
        self._match(pool, lambda: placed((row,), pool.rules, now) if row.conversation in pool.heads else ())

    def _match_all(self, pool: _Pool) -> None:
        now = from_ms(self.now)
        self._match(pool, lambda: pool.heads.front(pool.rules, now))

    def _goes_to(self, pool: _Pool, decision: Decision) -> None:
        arrival, agent, kind = self._waiting[decision.conversation], decision.agent or "", decision.row.kind
        self.watch.decided(decision)
        seconds = self._offered_for(kind)
        if seconds is None:
            pool.floor.claimed(agent, kind.units, kind.channel, decision.at)
            self._loads[agent] = pool.floor.loads[agent]
            holding = self._held[arrival.id] = _Holding(arrival, decision.row, agent, self.now, accepted=False)
            self._begins(holding)
            return
        until = self.now + seconds * 1000
        pool.floor.claimed(agent, kind.units, kind.channel, decision.at, (arrival.id, from_ms(until)))
        self._loads[agent] = pool.floor.loads[agent]
        holding = self._held[arrival.id] = _Holding(arrival, decision.row, agent, self.now, accepted=False)
        reply, after = self.nature.replies(arrival, agent)
        arrival.offers += 1
        at = min(until, self.now + after)
        if at == until or reply is Reply.MISSES:
            self.at(until, TIME, self._refuses, holding, Reply.MISSES)
        elif reply is Reply.DECLINES:
            self.at(at, FIRST, self._refuses, holding, Reply.DECLINES)
        else:
            self.at(at, FIRST, self._accepts, holding)

    def _offered_for(self, kind: Kind) -> int | None:
        key = kind.queue, kind.channel
        if key not in self._offers:
            self._offers[key] = self.config.offer_seconds(*key)
        return self._offers[key]

    # --- agents -------------------------------------------------------------------------------------------------------

    def _accepts(self, holding: _Holding) -> None:
        if self._held.get(holding.arrival.id) is not holding:
            return
        load = self._loads[holding.agent]
        self.has(replace(acted(load), offers=_without(load, holding.arrival.id)))
        self._begins(holding)
        self.looks_for(holding.agent)  # a pause may have ended

    def _begins(self, holding: _Holding) -> None:
        arrival, holding.accepted = holding.arrival, True
        del self._waiting[arrival.id]
        self.watch.answered(arrival, holding.agent, self.now)
        self.at(self.now + self.nature.work(arrival, holding.agent), FIRST, self._ends, holding)

    def _ends(self, holding: _Holding) -> None:
        wrap, until = self.wraps_up(holding.agent, holding.arrival.kind.queue if holding.arrival.rests else None)
        self._gives_back(holding, lambda load, held, now: given_back(load, held, now, until, active=True))
        if wrap:
            self.at(self.now + wrap, TIME, self.rests, holding.agent)

    def _gives_back(
        self, holding: _Holding, how: Callable[[Load, list[tuple[int, str]], datetime], Load], *, match: bool = True
    ) -> None:
        del self._held[holding.arrival.id]
        load, kind = self._loads[holding.agent], holding.arrival.kind
        self.watch.held(holding.arrival, holding.agent, holding.since, self.now)
        after = how(load, [(kind.units, kind.channel)], from_ms(self.now))
        self.has(replace(after, offers=_without(load, holding.arrival.id)) if load.offers else after)
        if match:
            self.looks_for(holding.agent)

    def _refuses(self, holding: _Holding, reply: Reply) -> None:
        """An offer was declined or timed out: the customer waits on, for others first."""
        arrival, row = holding.arrival, holding.row
        if self._held.get(arrival.id) is not holding:
            return
        pool = self._pools[arrival.pool]
        rule, now = pool.rules.pool, from_ms(self.now)
        self.watch.refused(arrival, holding.agent, self.now, reply)
        if reply is Reply.DECLINES:
            until = now + timedelta(seconds=rule.declined_seconds)
            self._gives_back(holding, lambda load, held, now: given_back(load, held, now, active=True), match=False)
        else:
            until = now + timedelta(seconds=rule.missed_seconds)
            count, paused = self.lets_pass(holding.agent)
            self._gives_back(holding, lambda load, held, now: missing(load, *held[0], count, paused, now), match=False)
        self._stands(pool, replace(row, barred=barred_too(row.barred, holding.agent, until, now)), now)
        if reply is Reply.MISSES:
            self._turns(pool, None)  # who let two offers go by that end together gets nothing between them
        else:
            self._soon(self._match_all, pool)

    def come(self, comings: Sequence[Coming]) -> None:
        """Agents come in, go away or leave, or their hours begin or end: a floor anew, and a look at the whole line.

        What was offered to who is not in is withdrawn, what they accepted stays theirs.
        """
        now, touched = from_ms(self.now), set[str]()
        for _, agent, presence in comings:
            name, available = self._pool_of[agent], self.config.available(presence)
            touched.add(name)
            if agent in self._loads and self._loads[agent].presence == presence:
                continue  # their hours begin or end
            self.watch.came(agent, presence, self.now)
            units, before = self._pools[name].floor.crew.units[agent], self._loads.get(agent)
            self._loads[agent] = present(
                before, name, agent, presence, units, None, now, available=available, threshold=1
            )
            if not available and before is not None:
                for conversation in before.offers:
                    self._withdraws(self._held[conversation])
        for name in sorted(touched):
            self._anew(name)

    def _anew(self, name: str) -> None:
        pool = self._pools[name]
        loads = [load for load in self._loads.values() if self._pool_of[load.agent] == name]
        pool.floor = Floor(self.config, name, loads, from_ms(self.now))
        self._soon(self._match_all, pool)

    def _withdraws(self, holding: _Holding) -> None:
        del self._held[holding.arrival.id]
        kind, load = holding.arrival.kind, self._loads[holding.agent]
        self.watch.held(holding.arrival, holding.agent, holding.since, self.now)
        now = from_ms(self.now)
        after = given_back(load, [(kind.units, kind.channel)], now)
        self._loads[holding.agent] = replace(after, offers=_without(load, holding.arrival.id))
        self._stands(self._pools[holding.arrival.pool], holding.row, now)

    # --- an agent, for what no customer here brings (santral.whatif.playing) ----------------------------------------

    def load(self, agent: str) -> Load:
        """What an agent has; of who was never in nothing, offline."""
        found = self._loads.get(agent)
        if found is None:
            pool = self._pool_of[agent]
            units = self._pools[pool].floor.crew.units[agent]
            found = Load(agent, "offline", units, units, {}, from_ms(self.now), pool, available=False)
        return found

    def has(self, load: Load) -> None:
        """An agent has something else from now on, whether they are in or not."""
        self._loads[load.agent] = load
        floor = self._pools[self._pool_of[load.agent]].floor
        if load.agent in floor.loads:
            floor.now_has(load, from_ms(self.now))

    def looks_for(self, agent: str) -> None:
        """A match of what this agent could take."""
        self._soon(self._match_for, self._pools[self._pool_of[agent]], agent)

    def lets_pass(self, agent: str) -> tuple[int, datetime | None]:
        """An offer times out: how many in a row by now, and until when they pause for it."""
        load, rule, now = self._loads[agent], self._pools[self._pool_of[agent]].rules.pool, from_ms(self.now)
        rested = load.paused_until is not None and load.paused_until <= now
        count = 1 if rested else load.missed + 1
        paused = now + timedelta(seconds=rule.pause_seconds) if count >= rule.pause_after else None
        if paused is not None:
            self.at(to_ms(paused), TIME, self.rests, agent)
        return count, paused

    def wraps_up(self, agent: str, queue: str | None) -> tuple[int, datetime | None]:
        """How long an agent wraps up after work of a queue, in ms, and until when they do so, perhaps for other work."""
        wrap, known = self._wrap.get(queue, 0) if queue is not None else 0, self._loads[agent].wrap_until
        if not wrap:
            return 0, None
        until = from_ms(self.now + wrap)
        return wrap, until if known is None else max(until, known)

    def rests(self, agent: str) -> None:
        """A pause or a wrap-up is over."""
        self.has(self._loads[agent])
        self._turns(self._pools[self._pool_of[agent]], agent)

    def hours_turn(self) -> None:
        """Working hours of somebody begin or end, though nobody comes or goes."""
        for name, pool in sorted(self._pools.items()):
            if pool.floor.crew.shifts:
                self._anew(name)


_UNNAMED = 3  # what a channel weighs that the configuration does not name


def _without(load: Load, conversation: str) -> dict[str, datetime]:
    return {one: until for one, until in load.offers.items() if one != conversation}
