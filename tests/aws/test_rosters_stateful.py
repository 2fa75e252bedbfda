"""Any order of coming, going, claiming and giving back, by who saw the roster as it is or as it was: it stays right (P5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from router.aws.badges import shown, wearers
from router.aws.dynamo import Change
from router.aws.rows import to_load
from router.aws.sockets import Sockets
from router.aws.table import Table
from router.config import Agent
from router.conversations import Conversation, State
from router.errors import Lost
from router.loads import Load, settled
from router.messages import ChannelName
from router.moves import refused, resolved
from santral.memory import MemoryDynamo
from tests.kit import values as v
from tests.kit.amount import times
from tests.kit.stocked import opened, stored

AGENTS = ("ayse", "mehmet", "usta")
PRESENCES = {"online": True, "away": False, "offline": False, "front-desk": True, "back-office": False}
CHANNELS = (ChannelName.SMS, ChannelName.EMAIL)

agents = st.sampled_from(AGENTS)
whole_units = st.sampled_from((0, 3, 6, 12))
thresholds = st.integers(1, 4)


class Rosters(RuleBasedStateMachine):
    """A pool's rows beside what they should be. `seen` are loads that somebody read some time, and may still act on."""

    seen = Bundle("seen")

    def __init__(self) -> None:
        super().__init__()
        self.table = Table(MemoryDynamo(), v.KEY)
        self.sockets = Sockets(self.table.dynamo, None, v.KEY)
        self.held: dict[str, Conversation] = {}  # as they were given away
        self.listed: dict[str, str] = {}
        self.number = 0

    @initialize(target=seen, agent=agents)
    def begin(self, agent: str) -> Load:
        """Somebody who is not in is seen so."""
        return v.agent(agent, version=-1)

    # --- who comes and goes ----------------------------------------------------------------------------------------

    @rule(
        target=seen, agent=agents, presence=st.sampled_from(sorted(PRESENCES)), units=whole_units, threshold=thresholds,
        connection=st.sampled_from((None, "c1", "c2")), blind=st.booleans(),
    )  # fmt: skip
    def set_presence(
        self, agent: str, presence: str, units: int, threshold: int, connection: str | None, *, blind: bool
    ) -> Load:
        """They set a state; `blind`: by who believes that they were never in."""
        before = None if blind else self.table.load("main", agent)
        is_new = self.table.load("main", agent) is None
        done = self._do(lambda: self.table.set_presence(
            "main", agent, presence, units, before, connection, self._now(), available=PRESENCES[presence], threshold=threshold
        ))  # fmt: skip
        assert done == (is_new or not blind)
        if done:
            self._is_in(agent, presence)
        return self._load(agent)

    @rule(load=seen, what=st.sampled_from(("settle", "lost", "away")), available=st.booleans(), threshold=thresholds)
    def look_after(self, load: Load, what: str, threshold: int, *, available: bool) -> None:
        """The sweep acts on what it read, a moment or longer ago."""
        fresh = self._fresh(load)
        now = self._now()
        done = self._do(lambda: {
            "settle": lambda: self.table.settle(load, settled(load, load.units, available=available, threshold=threshold)),
            "lost": lambda: self.table.desk_lost(load, now),
            "away": lambda: self.table.away(load, now),
        }[what]())  # fmt: skip
        assert done == fresh
        if done and what == "away":
            self._is_in(load.agent, "away")

    @rule(agent=agents, connection=st.sampled_from((None, "c1", "c3")))
    def connected(self, agent: str, connection: str | None) -> None:
        """Their desk opens or closes."""
        self.sockets.agent_connected("main", agent, connection)
        load = self.table.load("main", agent)
        assert load is None or load.connection == connection

    @rule(target=seen, agent=agents)
    def look(self, agent: str) -> Load:
        """Somebody reads a row, to act on it now or later."""
        return self._load(agent)

    # --- what they get and give back -------------------------------------------------------------------------------

    @rule(
        load=seen, units=st.integers(1, 6), channel=st.sampled_from(CHANNELS), limit=st.sampled_from((None, 0, 1, 2)),
        how=st.sampled_from(("claim", "offer", "hold")),
    )  # fmt: skip
    def give(self, load: Load, units: int, channel: ChannelName, limit: int | None, how: str) -> None:
        """A conversation for whoever was seen to have room, or not to."""
        fresh = self._fresh(load)
        self.number += 1
        conversation = opened(self.table, contact_=f"p_{self.number}", units=units, channel=channel)
        now = self._now()
        until = v.later(self.number + 9) if how == "offer" else None
        known = Agent(name=load.agent, display_name="x", limits={} if limit is None else {str(channel): limit})

        def changes() -> list[Change]:
            if how == "hold":
                after = replace(conversation, state=State.ACTIVE, agent=load.agent)
                kept = self.table.save_conversation(conversation, after)
                return [kept, *self.table.hold(conversation, load, known, now)]
            return self.table.claim(v.waiting(conversation), load, limit, "main", "d_1", now, until)

        room = load.free >= units and (limit is None or load.counts.get(str(channel), 0) < limit)
        assert self._do(changes) == (fresh and room)
        after = stored(self.table, conversation)
        assert (after.agent == load.agent) == (fresh and room)
        if fresh and room:
            self.held[after.id] = after

    @precondition(lambda self: self.held)
    @rule(data=st.data(), wraps=st.booleans(), active=st.booleans())
    def give_back(self, data: st.DataObject, *, wraps: bool, active: bool) -> None:
        """One conversation or several end, of one agent or several."""
        ids = data.draw(st.lists(st.sampled_from(sorted(self.held)), min_size=1, max_size=3, unique=True))
        ended, now = [self.held.pop(id_) for id_ in ids], self._now()
        changes = [self.table.save_conversation(one, resolved(one, now)) for one in ended]
        until = v.later(self.number + 5) if wraps else None
        assert self._do(lambda: [*changes, *self.table.free_all(ended, now, wrap_until=until, active=active)])
        for agent in {one.agent or "" for one in ended}:
            load = self._load(agent)
            assert until is None or load.wrap_until == until
            assert not active or (load.missed, load.paused_until) == (0, None)

    @precondition(lambda self: any(one.state is State.OFFERED for one in self.held.values()))
    @rule(data=st.data(), load=seen, in_a_row=st.integers(1, 3))
    def miss(self, data: st.DataObject, load: Load, in_a_row: int) -> None:
        """An offer times out; looked at by who saw the agent as they are, or as they were."""
        offered = [one for one in self.held.values() if one.state is State.OFFERED]
        one, now = data.draw(st.sampled_from(sorted(offered, key=lambda one: one.id))), self._now()
        if load.agent != one.agent:
            load = self._load(one.agent or "")
        fresh, paused = self._fresh(load), v.later(self.number + 7) if in_a_row == 3 else None
        saved = self.table.save_conversation(one, refused(one, now, now))
        assert self._do(lambda: [saved, *self.table.missed(one, load, in_a_row, paused, now)]) == fresh
        if fresh:
            del self.held[one.id]
            assert self._load(load.agent).missed == in_a_row

    @rule(agent=agents)
    def act(self, agent: str) -> None:
        """They do something."""
        load = self.table.load("main", agent)
        if load is None:
            return
        changes = self.table.acted(load)
        assert self._do(lambda: changes)
        load = self._load(agent)
        assert (load.missed, load.paused_until) == (0, None)

    # --- what holds ------------------------------------------------------------------------------------------------

    @invariant()
    def each_agent_has_one_row_which_stands_where_it_belongs(self) -> None:
        """Nobody is there twice, and who has room stands among those with room."""
        found: Counter[str] = Counter()
        for item in self._items("POOL#main", "REST#main"):
            load = to_load(item)
            found[load.agent] += 1
            assert item["pk"].startswith("POOL#") == load.has_room, item
            assert load.has_room == (load.available and load.free >= load.threshold)
        assert set(found.values()) <= {1}
        assert set(found) >= set(self.listed)
        assert {load.agent for load in self.table.everybody("main")} == set(found)

    @invariant()
    def what_is_free_and_what_is_held_are_all_their_units(self) -> None:
        """So also by channel."""
        mine: dict[str, list[Conversation]] = {}
        for one in self.held.values():
            mine.setdefault(one.agent or "", []).append(one)
        for load in self.table.everybody("main"):
            held = mine.pop(load.agent, [])
            assert load.free + sum(one.units for one in held) == load.units
            assert {k: n for k, n in load.counts.items() if n} == Counter(str(one.channel) for one in held)
        assert mine == {}

    @invariant()
    def the_badges_show_the_presences_of_the_rows(self) -> None:
        """Each agent wears one; nobody is shown as offline, and nobody twice."""
        rows = {load.agent: load.presence for load in self.table.everybody("main") if load.presence != "offline"}
        assert rows == self.listed
        worn = wearers(self._items("BADGES", sk=""))
        assert len(set(worn.values())) == len(worn)
        for load in self.table.everybody("main"):
            assert load.badge is not None
            assert worn[load.badge] == load.agent
        (sums,) = self._items("POOL#main", sk="P") or [{}]
        assert {worn[badge]: presence for badge, presence in shown(sums).items()} == self.listed
        bits = [value.bit_count() for name, value in sums.items() if name.startswith("b_")]
        assert sum(bits) == len(self.listed)
        assert all(value >= 0 for name, value in sums.items() if name.startswith("b_"))
        pool = self.table.pool("main")
        with_room = {load.agent for load in pool.loads}
        assert pool.others == {name: presence for name, presence in self.listed.items() if name not in with_room}

    # --- how it is done --------------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return v.later(self.number)

    def _load(self, agent: str) -> Load:
        return self.table.load("main", agent) or v.agent(agent, version=-1)

    def _fresh(self, load: Load) -> bool:
        """Is it the row as it is now?"""
        return self.table.load("main", load.agent) == load

    def _is_in(self, agent: str, presence: str) -> None:
        self.listed.pop(agent, None)
        if presence != "offline":
            self.listed[agent] = presence

    def _items(self, *partitions: str, sk: str = "A#") -> list[dict[str, Any]]:
        memory: Any = self.table.dynamo
        return [item for item in memory.items() if item["pk"] in partitions and item["sk"].startswith(sk)]

    def _do(self, changes: Callable[[], list[Change]]) -> bool:
        """Did it go through? What did not has changed nothing at all."""
        memory: Any = self.table.dynamo
        before = {(item["pk"], item["sk"]): item for item in memory.items()}
        try:
            asked = changes()
            if asked:
                self.table.commit(*asked)
        except Lost:
            assert {(item["pk"], item["sk"]): item for item in memory.items()} == before
            return False
        return True


TestRosters = Rosters.TestCase
TestRosters.settings = settings(max_examples=times(60), stateful_step_count=40, deadline=None)
