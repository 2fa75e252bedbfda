"""What a decision saw, so that it can be made again: the roster by content address and differences, and the rows that competed.

A roster changes little from match to match. It is kept once under the hash of its content; each record holds that hash, the
agents that stand otherwise by now, and the conversations that somebody could have taken. Nothing in it is a customer's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from router.config import Config
from router.decisions import record
from router.floor import Floor
from router.loads import Load
from router.matching import Rules, decide, decide_one, placed
from router.times import from_ms, to_ms
from router.waiting import Kind, WaitingRow, kind_of

State = list[Any]
"""An agent's presence, free units, conversations by channel, and since when idle, paused until, wrapping up until (milliseconds);
of one who has no room for anything the presence alone."""
ENOUGH = 400
"""Bytes of differences that are never too many."""
_PRICE = 90
"""Differences grow by about so many bytes a decision and are written with each; from their root on a new roster is cheaper."""


@dataclass(frozen=True)
class Roster:
    """A pool's agents as they stood, under the hash of it."""

    pool: str
    states: Mapping[str, State]

    @cached_property
    def address(self) -> str:
        """The hash of its content."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:32]

    @cached_property
    def text(self) -> str:
        """Its content: the same agents have the same text."""
        return canonical({"pool": self.pool, "states": dict(self.states)})


def states_of(loads: Iterable[Load], others: Mapping[str, str] | None = None) -> dict[str, State]:
    """How agents stand, as plain data; of those without room for anything only the presence."""
    standing: dict[str, State] = {name: [presence] for name, presence in (others or {}).items()}
    return standing | {load.agent: _state(load) for load in loads}


def changed(roster: Roster, now: Mapping[str, State]) -> dict[str, State | None]:
    """Who stands otherwise than in a kept roster; None: is no longer there."""
    found: dict[str, State | None] = {name: state for name, state in now.items() if roster.states.get(name) != state}
    return found | dict.fromkeys(roster.states.keys() - now.keys())


def worth_keeping(roster: Roster, differences: Mapping[str, State | None]) -> bool:
    """Have so many agents changed that a new roster is cheaper than telling the differences again and again?"""
    size = len(canonical(differences))
    return size > ENOUGH and size * size > _PRICE * len(roster.text)


def seen(
    address: str, differences: Mapping[str, State | None], read_at: datetime, rows: Iterable[WaitingRow]
) -> dict[str, Any]:
    """What a decision saw, for its record."""
    numbered: dict[Kind, int] = {}
    told = []
    for row in rows:
        one: list[Any] = [row.conversation, numbered.setdefault(row.kind, len(numbered)), to_ms(row.since)]
        if row.barred or row.preferred is not None:
            one += [row.preferred, [[name, to_ms(until)] for name, until in row.barred]]
        told.append(one)
    kinds = [_data(kind) for kind in numbered]
    return {"roster": address, "changed": dict(differences), "read_at": to_ms(read_at), "kinds": kinds, "rows": told}


@lru_cache(maxsize=4096)
def _data(kind: Kind) -> dict[str, Any]:
    return kind.data()


def again(kept: Mapping[str, Any], roster: Roster, config: Config) -> dict[str, Any]:
    """A kept decision made again from what it saw, under the version it names; its record, to be compared.

    Raises ValueError when the parts do not belong together.
    """
    saw = kept["seen"]
    if roster.address != saw["roster"] or config.version != kept["config"]:
        raise ValueError("this roster, or this version, is not the one that the decision names")
    states = {**roster.states, **saw["changed"]}
    loads = [_load(name, state) for name, state in states.items() if state is not None and len(state) > 1]
    others = {name: state[0] for name, state in states.items() if state is not None and len(state) == 1}
    now = from_ms(kept["at"])
    floor = Floor(config, roster.pool, loads, from_ms(saw["read_at"]), others)
    rules = Rules(config, roster.pool)
    kinds = [kind_of(data) for data in saw["kinds"]]
    rows = [_row(kinds, *one) for one in saw["rows"]]
    waited = kept["agent"] is None and bool(rows)
    decision = decide_one(floor, rows[0], rules, now) if waited else decide(floor, placed(rows, rules, now), rules, now)
    made = {} if decision is None else {**record(decision), "seen": dict(saw)}
    return made | ({"rules": kept["rules"]} if "rules" in kept else {})


def _row(
    kinds: Sequence[Kind], conversation: str, kind: int, since: int, preferred: str | None = None,
    bars: Iterable[tuple[str, int]] = (),
) -> WaitingRow:  # fmt: skip
    barred = tuple((name, from_ms(until)) for name, until in bars)
    return WaitingRow(conversation, kinds[kind], from_ms(since), preferred=preferred, barred=barred)


def canonical(value: Any) -> str:
    """One text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _state(load: Load) -> State:
    counts = {channel: count for channel, count in sorted(load.counts.items()) if count}
    state: State = [
        load.presence,
        load.free,
        counts,
        to_ms(load.idle_since),
        _or_0(load.paused_until),
        _or_0(load.wrap_until),
    ]
    while state[-1] == 0:
        state.pop()
    return state


def _load(name: str, state: State) -> Load:
    presence, free, counts, idle, paused, wrap = [*state, 0, 0, 0][:6]
    return Load(
        name, presence, free, 0, counts, from_ms(idle),
        paused_until=from_ms(paused) if paused else None, wrap_until=from_ms(wrap) if wrap else None,
    )  # fmt: skip


def _or_0(at: datetime | None) -> int:
    return 0 if at is None else to_ms(at)
