"""What one batch of the match asks of DynamoDB: calls, read units, and rows handed out, on floors of 40, 1,000 and 5,000 agents.

Over the table in memory, whose calls are counted as DynamoDB makes and bills them: a query pages at 1 MB, every read is
strongly consistent, 4 KB a unit (docs.aws.amazon.com/amazondynamodb, "Capacity unit consumption"). Exact, the same on every run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from router import match
from router.aws import rows
from router.aws.badges import PAGE
from router.aws.codec import Item, marshal
from router.aws.dynamo import Change, Key
from router.aws.table import Table
from router.config import Agent, Config, Queue
from router.conversations import WAKE, Conversation, State
from router.loads import Load
from router.messages import ChannelName, Proof
from router.signals import waiting_row
from router.sla import Clock
from router.targets import Target
from router.waiting import WaitingRow
from santral.bench.decide import CHANNELS, SKILLS, TIERS
from santral.bench.meter import item_size
from santral.memory import MemoryDynamo

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FLOORS = ((40, 20), (1_000, 200), (5_000, 200))
"""Configured agents, and how many of them have room."""
BATCH = 10
AT_ONCE = 8
"""Queries that the function asks side by side: QUERIES_AT_ONCE in the template."""
POOL = "main"
_PAGE = 1 << 20


@dataclass(frozen=True, slots=True)
class Trips:
    """One batch: claims that it made; calls by kind, and the waits for them, of which several at once are one; read units; items and bytes.

    `presences` are bytes of the item that says who is in which presence, which is among those read.
    """

    name: str
    agents: int
    room: int
    claims: int
    calls: dict[str, int]
    round_trips: int
    reads: int
    items: int
    bytes: int
    presences: int

    @property
    def beside_claims(self) -> int:
        """Those that are no claim."""
        return self.round_trips - self.claims


class Counted(MemoryDynamo):
    """The table in memory, which counts what DynamoDB would be asked."""

    def __init__(self) -> None:
        super().__init__()
        self.forget()

    def forget(self) -> None:
        """Count from here on."""
        self.calls: Counter[str] = Counter()
        self.reads = self.items_told = self.bytes_told = self.side_by_side = 0

    def get(self, key: Key) -> Item | None:
        """One item."""
        found = super().get(key)
        self._told("GetItem", [found] if found is not None else [])
        return found

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """Items by key; each takes whole units, one that is missing too."""
        wanted = list(dict.fromkeys(keys))
        found = super().get_many(wanted)
        self.calls["BatchGetItem"] += -(-len(wanted) // 100)
        for key in wanted:
            self._count([found[key]] if key in found else [])
        return found

    def query(self, pk: str, **how: Any) -> Iterator[Item]:
        """Items of a partition, read when the first is asked for."""
        found = list(super().query(pk, **how))
        pages: list[list[Item]] = [[]]
        size = 0
        for item in found:
            if size >= _PAGE:
                pages.append([])
                size = 0
            pages[-1].append(item)
            size += item_size(marshal(item))
        for page in pages:
            self._told("Query", page)
        return iter(found)

    def query_many(self, asked: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[Item]]:
        """Several queries, of which so many are asked side by side."""
        self.side_by_side += len(asked) - -(-len(asked) // AT_ONCE)
        return super().query_many(asked)

    @property
    def round_trips(self) -> int:
        """Waits for an answer, one after the other."""
        return self.calls.total() - self.side_by_side

    def commit(self, *changes: Change) -> None:
        """All or nothing."""
        self.calls["TransactWriteItems" if len(changes) > 1 else "a single write"] += 1
        super().commit(*changes)

    def _told(self, call: str, found: list[Item]) -> None:
        self.calls[call] += 1
        self._count(found)

    def _count(self, found: list[Item]) -> None:
        size = sum(item_size(marshal(item)) for item in found)
        self.reads += max(1, -(-size // 4096))
        self.items_told += len(found)
        self.bytes_told += size


def measure(floors: Iterable[tuple[int, int]] = FLOORS) -> list[Trips]:
    """Each floor: ten newcomers, by a process that knows the kept roster and by a new one; and one agent who becomes free."""
    found = []
    for agents, room in floors:
        place = Place(agents, room)
        place.run("the first batch of all", place.newcomers())  # keeps the roster
        found.append(place.run("ten newcomers", place.newcomers()))
        match._last.clear()  # which a new process does not know
        place.table.worn.clear()
        found.append(place.run("ten newcomers, new process", place.newcomers()))
        place = Place(agents, 0)
        place.fill_lines()
        place.run("the first batch of all", place.newcomers())
        place.free_one()
        found.append(place.run(f"one becomes free, {len(place.kinds)} lines", ()))
    return found


class Place:
    """A floor in the table: `room` agents have room, of the others three of four are full and one is away."""

    def __init__(self, agents: int, room: int) -> None:
        self.agents, self.room = agents, room
        self.dynamo = Counted()
        self.table = Table(self.dynamo, b"k" * 32)
        self.now = NOW
        self.number = 0
        names = [f"agent-{n:04d}" for n in range(agents)]
        self.config = Config.model_construct(
            version="bench",
            inboxes=(),
            agents=tuple(
                Agent(name=name, display_name=name, skills={SKILLS[n % 6]: 1, SKILLS[(n + 1) % 6]: 1}, limits={"webchat": 3})
                for n, name in enumerate(names)
            ),
            queues=tuple(Queue(name=skill, skill=skill) for skill in SKILLS),
        )  # fmt: skip
        self.kinds = [(skill, channel, tier) for skill in SKILLS for channel in CHANNELS for tier in TIERS]
        loads = [
            self._load(n, name, room=n * room // agents != (n + 1) * room // agents) for n, name in enumerate(names)
        ]
        self.dynamo.write_many(rows.load_item(load) for load in loads)
        for start in range(0, agents, PAGE):
            worn = {f"n{n}": name for n, name in enumerate(names[start : start + PAGE])}
            self.dynamo.write_many([{"pk": "BADGES", "sk": f"{start // PAGE:05d}", **worn}])
        for load in loads:
            self.table.commit(*self.table.show(replace(load, presence="offline"), load)[1])

    def _load(self, number: int, name: str, *, room: bool) -> Load:
        away = not room and number % 4 == 0
        idle = NOW - timedelta(seconds=number)
        return Load(
            name, "away" if away else "online", 12 if room or away else 1, 12, {} if room or away else {"webchat": 2, "sms": 1},
            idle, POOL, None if away else f"Kx{number:013d}=", by_desk=True, presence_since=idle, available=not away, threshold=3,
            badge=number,
        )  # fmt: skip

    def conversation(self, kind: tuple[str, str, str], waited: float) -> Conversation:
        """A new conversation of a class, in the table, which has waited for so many seconds."""
        skill, channel, tier = kind
        units, target = CHANNELS[channel]
        self.number += 1
        since = self.now - timedelta(seconds=waited)
        due = since + timedelta(seconds=target)
        made = Conversation(
            contact=f"p_{self.number:032x}", group="default", number=1, state=State.WAITING, channel=ChannelName(channel),
            inbox=channel, queue=skill, pool=POOL, units=units, priority=5, address="+15550199", opened_at=since,
            waiting_since=since, name="Zeynep", proof=Proof.WEAK, language="tr", tier=tier, target=target,
            clocks=(Clock(Target.FIRST_RESPONSE, since, due, due),), follow=(WAKE,), follow_at=since + timedelta(minutes=1),
        )  # fmt: skip
        self.table.commit(self.table.new_conversation(made))
        return made

    def newcomers(self) -> list[WaitingRow]:
        """A batch of them, each of another class."""
        self.now += timedelta(seconds=1)
        return [waiting_row(self.conversation(self.kinds[7 * n % len(self.kinds)], 0)) for n in range(BATCH)]

    def fill_lines(self) -> None:
        """Three wait in each class."""
        for kind in self.kinds:
            for waited in (300.0, 20.0, 1.0):
                self.table.commit(*self.table.line_up(waiting_row(self.conversation(kind, waited)), POOL, known=False))

    def free_one(self) -> None:
        """An agent who was full has six units free."""
        self.room = 1
        load = next(one for one in self.table.everybody(POOL) if one.available)
        self.dynamo.write_many([rows.load_item(Load(
            load.agent, "online", 6, 12, {}, self.now, POOL, load.connection, by_desk=True, threshold=3, badge=load.badge,
            version=load.version + 1,
        ))], gone=[rows.load_key(POOL, load.agent, room=False)])  # fmt: skip

    def run(self, name: str, newcomers: Iterable[WaitingRow]) -> Trips:
        """One batch of the match, as its function does it; its pushes and queues are not DynamoDB's."""
        batch = list(newcomers)
        exchange: Any = SimpleNamespace(
            table=self.table, config=lambda: self.config, now=lambda: self.now, count=lambda *_: None,
            queues=SimpleNamespace(send=lambda *_: None), sockets=SimpleNamespace(tell=lambda *_: True),
        )  # fmt: skip
        self.dynamo.forget()
        claims = match.match_pool(exchange, POOL, batch)
        one = self.dynamo
        found = claims, dict(one.calls), one.round_trips, one.reads, one.items_told, one.bytes_told
        presences = item_size(marshal(one.get((f"POOL#{POOL}", "P")) or {}))
        return Trips(name, self.agents, self.room, *found, presences)
