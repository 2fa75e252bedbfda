"""Twenty at once for one free unit, with conflicts and lost answers thrown in: always one owner, never two, never none (P5).

Each worker has a client of its own, matches as `match` does, and when the table cannot be reached does it again, as the queue
brings a failed batch again. Their clocks differ by milliseconds, so that each one's decision has its own id.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.config import Config as ClientConfig

from router.aws import clients, rows
from router.aws.dynamo import Change, Dynamo
from router.aws.table import Table
from router.config import Config
from router.conversations import Conversation, State
from router.errors import Lost, Temporary
from router.loads import Load
from router.match import match_pool
from router.messages import ChannelName
from router.moves import resolved
from router.signals import Signal, Timer, waiting_row
from router.waiting import WaitingRow
from tests.kit import faults
from tests.kit import values as v
from tests.kit.amount import times
from tests.kit.backends import SERVERS
from tests.kit.faults import Wire
from tests.kit.stocked import due_keys, stored

WORKERS = 20
ROUNDS = {"emulator": times(100), "dynamodb-local": times(24)}
SHORT = 6  # rounds of the two races beside it
CONFLICTS, LOST_ANSWERS = 0.2, 0.1
ONCE = clients.QUICK.merge(ClientConfig(retries={"mode": "standard", "total_max_attempts": 1}))
"""A client that asks once: what it does not hear of, its worker does again from the beginning."""
OFFERED_FOR = 30  # seconds
SECOND = timedelta(seconds=1)
CONFIG = Config.model_validate(
    {
        "version": "race",
        "inboxes": [{"name": "sms", "channel": "twilio", "address": "+15550100", "queue": "genel"}],
        "queues": [
            {"name": "genel", "skill": "genel"},
            *({"name": f"queue{n}", "skill": "genel", "pool": f"pool{n}"} for n in range(SHORT)),
        ],
        "agents": [
            {"name": "ayse", "display_name": "Ayşe", "skills": ["genel"], "units": 1},
            *(
                {"name": f"agent{n}", "display_name": f"Agent {n}", "skills": ["genel"], "units": 1, "pool": f"pool{n}"}
                for n in range(SHORT)
            ),
        ],
        "routing": {"offers": {"webchat": OFFERED_FOR}},
    }
)

pytestmark = pytest.mark.parametrize("dynamo", SERVERS, indirect=True)


@dataclass
class Worker:
    """One copy of `match`, with its own client and clock."""

    number: int
    table: Table
    wire: Wire
    now: datetime = v.NOW
    signals: list[Signal] = field(default_factory=list)
    repeats: int = 0

    def match(self, newcomers: Sequence[WaitingRow], pool: str = "main") -> int:
        """Match a pool until it is done; how many conversations found an agent in the last try."""
        exchange: Any = SimpleNamespace(
            table=self.table, config=lambda: CONFIG, now=lambda: self.now + timedelta(milliseconds=self.number),
            queues=SimpleNamespace(send=lambda signals, _now: self.signals.extend(signals)),
            sockets=SimpleNamespace(tell=lambda *_: True), count=lambda *_: None,
        )  # fmt: skip
        for _ in range(20):
            try:
                return match_pool(exchange, pool, newcomers)
            except Temporary:
                self.repeats += 1
        raise AssertionError("the table cannot be reached")

    def claim(self, row: WaitingRow, load: Load) -> int:
        """Claim one conversation for one agent; 1 if that went through as far as this worker knows."""
        decision = f"d_{load.agent}"
        changes = self.table.claim(row, load, None, "main", decision, self.now)
        try:
            self.table.commit(*changes, self.table.decided(row.conversation, {"agent": load.agent}, self.now, decision))
        except (Lost, Temporary):
            return 0
        return 1


@dataclass
class Field:
    """Twenty workers on one table, which is looked at undisturbed."""

    table: Table
    workers: list[Worker]
    threads: ThreadPoolExecutor
    rounds: int

    def race(self, does: Callable[[Worker], int], now: datetime = v.NOW) -> list[int]:
        """All do it from the same moment on; what each says."""
        start = Barrier(len(self.workers))

        def run(worker: Worker) -> int:
            worker.now = now
            worker.signals.clear()
            start.wait(30)
            return does(worker)

        return list(self.threads.map(run, self.workers))

    def asked(self, operation: str) -> int:
        """How often the workers asked for it, what was answered by a fault counted."""
        return sum(worker.wire.asked.count(operation) for worker in self.workers)

    def timers(self) -> list[Timer]:
        """What the workers want to be woken for."""
        return [one for worker in self.workers for one in worker.signals if isinstance(one, Timer)]

    def loads(self, pool: str = "main") -> dict[str, Load]:
        """A pool's agents."""
        return {load.agent: load for load in self.table.everybody(pool)}

    def decisions(self, conversation: Conversation) -> list[tuple[str, Any]]:
        """The decisions on a conversation: each one's id, and whom it chose."""
        told = self.table.histories(conversation.id)
        return [(entry.id, entry.detail["agent"]) for entry in told if entry.what == "decision"]


@pytest.fixture(autouse=True)
def short_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits up to a second before it asks again; 25 milliseconds, as its next retry mode does, race as well."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda s: time.sleep(s * 0.025)))


@pytest.fixture
def field_(dynamo: Dynamo, request: pytest.FixtureRequest) -> Iterator[Field]:
    """The workers, whose every fifth transaction meets a conflict and every tenth write loses its answer."""
    dice = random.Random(7)
    url = dynamo._client.meta.endpoint_url
    workers = []
    for number in range(WORKERS):
        client = clients.session().create_client(
            "dynamodb", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test",
            config=ONCE if number % 2 else clients.QUICK,
        )  # fmt: skip
        wire = Wire(client)
        wire.sometimes(CONFLICTS, faults.conflict, dice, frozenset({"TransactWriteItems"}))
        wire.sometimes(LOST_ANSWERS / 2, faults.answer_lost, dice)
        wire.sometimes(LOST_ANSWERS / 2, faults.line_cut, dice)
        workers.append(Worker(number, Table(Dynamo(client, dynamo.table, sleep=lambda _: None), v.KEY), wire))
    rounds = ROUNDS[request.node.callspec.params["dynamo"]]
    with ThreadPoolExecutor(WORKERS) as threads:
        yield Field(Table(dynamo, v.KEY), workers, threads, rounds)
    for worker in workers:
        worker.wire.off()
        worker.table.dynamo._client.close()


def come_in(agent: str, table: Table, pool: str = "main") -> list[Change]:
    """An agent with one unit."""
    return table.set_presence(pool, agent, "online", 1, None, None, v.NOW)


def one_for_one(field_: Field, number: int, *, in_line: bool, offered: bool) -> None:
    """All match one conversation with the one unit, which is given back at the end."""
    table, now = field_.table, v.later(number)
    channel = ChannelName.WEBCHAT if offered else ChannelName.SMS
    conversation = v.conversation(f"p_{number}", units=1, channel=channel, opened_at=now, waiting_since=now)
    row = waiting_row(conversation)
    table.commit(table.new_conversation(conversation))
    if in_line:
        table.commit(*table.line_up(row, "main", known=False))
    found = field_.race(lambda worker: worker.match([] if in_line else [row]), now + SECOND)

    after, load = stored(table, conversation), field_.loads()["ayse"]
    assert (after.state, after.agent, after.stub) == (State.OFFERED if offered else State.ACTIVE, "ayse", None)
    assert (load.free, load.counts[str(channel)]) == (0, 1)
    assert field_.decisions(conversation) == [(after.decision, "ayse")]
    assert table.heads("main", conversation.kind, 1) == []
    assert sum(found) <= 1  # none when the worker that won did not hear of it, and found nothing left to do
    assert len(field_.timers()) == (sum(found) if offered else 0)
    if offered:  # by the timer or by the sweep, the offer ends
        assert after.offer_until is not None
        assert rows.slot(after) in due_keys(table, number + 1)

    done = resolved(after, now)
    table.commit(table.save_conversation(after, done), *table.free(after, now + 2 * SECOND))


def test_p5_twenty_workers_match_one_free_unit_again_and_again(field_: Field) -> None:
    """A newcomer that all were woken for or one that stands in line, accepted by itself or offered, in turn."""
    field_.table.commit(*come_in("ayse", field_.table))
    for number in range(field_.rounds):
        one_for_one(field_, number, in_line=number % 2 == 1, offered=number // 2 % 2 == 1)
    assert field_.asked("TransactWriteItems") > 3 * field_.rounds  # it is a race: several claim each time
    assert sum(worker.repeats for worker in field_.workers) > 0


def twenty_for_one(field_: Field, number: int) -> None:
    """Each worker has its own newcomer; all of them match the pool's one unit."""
    table, now = field_.table, v.later(number)
    pool, agent = f"pool{number}", f"agent{number}"
    table.commit(*come_in(agent, table, pool))
    where: dict[str, Any] = {"units": 1, "queue": f"queue{number}", "pool": pool, "waiting_since": now}
    waiting = [v.conversation(f"p_{number}_{n}", **where) for n in range(WORKERS)]
    table.commit(*(table.new_conversation(c) for c in waiting))
    field_.race(lambda worker: worker.match([waiting_row(waiting[worker.number])], pool), now + SECOND)

    after = table.conversations([c.id for c in waiting])
    (owned,) = [c for c in after.values() if c.agent is not None]
    assert (owned.state, owned.agent, owned.stub) == (State.ACTIVE, agent, None)
    assert field_.loads(pool)[agent].free == 0
    in_line = {row.conversation: row.stub for row in table.heads(pool, owned.kind, WORKERS)}
    assert in_line == {c.id: c.stub for c in after.values() if c is not owned}
    assert table.pool(pool).filled.keys() == {owned.kind.key}
    for one in after.values():
        chosen = [decision for decision in field_.decisions(one) if decision[1] is not None]
        assert chosen == ([(owned.decision, agent)] if one is owned else [])


def test_p5_one_free_unit_goes_to_one_of_twenty_conversations_and_the_others_stand_in_line(field_: Field) -> None:
    for number in range(SHORT):
        twenty_for_one(field_, number)


def one_for_twenty(field_: Field, number: int, loads: list[Load]) -> None:
    """Each worker claims it for another agent; the unit is given back at the end."""
    table = field_.table
    conversation = v.conversation(f"p_{number}", units=1)
    row = waiting_row(conversation)
    table.commit(table.new_conversation(conversation))
    field_.race(lambda worker: worker.claim(row, loads[worker.number]))
    after = stored(table, conversation)
    assert after.state is State.ACTIVE
    assert field_.decisions(after) == [(after.decision, after.agent)]
    assert [load.agent for load in field_.loads().values() if load.free != 1] == [after.agent]
    table.commit(table.save_conversation(after, resolved(after, v.NOW)), *table.free(after, v.NOW))


def test_p5_one_conversation_is_claimed_for_one_of_twenty_agents(field_: Field) -> None:
    """Which matching would not do: it chooses the same agent everywhere."""
    table = field_.table
    for n in range(WORKERS):  # each names their presence in the same item, which a transaction touches once
        table.commit(*come_in(f"agent{n}", table))
    loads = list(field_.loads().values())
    for number in range(SHORT):
        one_for_twenty(field_, number, loads)
