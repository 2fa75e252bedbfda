"""Twenty at once for one free unit, or for one conversation, with conflicts thrown in: always one, never two, never none (P5)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from router.aws.dynamo import Dynamo
from router.aws.table import Table
from router.conversations import Conversation, State
from router.errors import Lost
from router.matching import AgentRow
from tests.kit import faults
from tests.kit import values as v
from tests.kit.backends import SERVERS
from tests.kit.faults import Wire

RACERS = 20
ROUNDS = {"emulator": 35, "dynamodb-local": 15}  # of each of two races: a hundred in all, fewer where they are slow

pytestmark = pytest.mark.parametrize("dynamo", SERVERS, indirect=True)


@pytest.fixture
def table(dynamo: Dynamo) -> Iterator[Table]:
    """The table, on which every fifth transaction meets a conflict."""
    wire = Wire(dynamo._client)
    wire.sometimes(0.2, faults.conflict, random.Random(7), frozenset({"TransactWriteItems"}))
    yield Table(dynamo, v.KEY)
    wire.off()


def race(table: Table, pool: ThreadPoolExecutor, entries: list[tuple[Conversation, AgentRow]]) -> int:
    """All claim at the same moment, each as a match would; how many won."""
    start = Barrier(RACERS)

    def claim(entry: tuple[Conversation, AgentRow]) -> bool:
        conversation, agent = entry
        decision = f"d_{conversation.contact}_{agent.name}"
        changes = table.claim(v.waiting(conversation), agent, "main", decision, v.NOW)
        history = table.history(conversation.id, "decision", "match", {"agent": agent.name}, v.NOW, decision)
        start.wait(30)
        try:
            table.commit(*changes, history)
        except Lost:
            return False
        return True

    return sum(pool.map(claim, entries))


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How many races there are on this server."""
    return ROUNDS[request.node.callspec.params["dynamo"]]


@pytest.fixture
def racers() -> Iterator[ThreadPoolExecutor]:
    """Twenty threads."""
    with ThreadPoolExecutor(RACERS) as pool:
        yield pool


def run(
    table: Table,
    racers: ThreadPoolExecutor,
    rounds: int,
    entries: Callable[[int], list[tuple[Conversation, AgentRow]]],
) -> None:
    """One race after another, each looked at when it is over."""
    for number in range(rounds):
        entered = entries(number)
        conversations = {conversation.id for conversation, _ in entered}
        agents = {agent.name for _, agent in entered}
        assert race(table, racers, entered) == 1
        owned = [c for c in table.conversations(conversations).values() if c.agent is not None]
        assert [(c.state, c.agent in agents) for c in owned] == [(State.ACTIVE, True)]
        loads = {load.agent: load for load in table.pool("main")[0]}
        assert {name: loads[name].free for name in agents if loads[name].free != 1} == {owned[0].agent: 0}
        assert sum(len(table.histories(i)) for i in conversations) == 1


def test_p5_one_free_unit_goes_to_one_of_twenty_conversations(
    table: Table, racers: ThreadPoolExecutor, rounds: int
) -> None:
    def entries(number: int) -> list[tuple[Conversation, AgentRow]]:
        agent = f"agent{number}"
        waiting = [v.conversation(f"p_{number}_{n}", units=1) for n in range(RACERS)]
        change = table.set_presence("main", agent, "online", 1, None, None, v.NOW)
        table.commit(change, *(table.new_conversation(c) for c in waiting))
        return [(c, v.agent(agent)) for c in waiting]

    run(table, racers, rounds, entries)


def test_p5_one_conversation_goes_to_one_of_twenty_agents(
    table: Table, racers: ThreadPoolExecutor, rounds: int
) -> None:
    def entries(number: int) -> list[tuple[Conversation, AgentRow]]:
        waiting = v.conversation(f"p_{number}", units=1)
        names = [f"agent{number}_{n}" for n in range(RACERS)]
        roster = [table.set_presence("main", name, "online", 1, None, None, v.NOW) for name in names]
        table.commit(table.new_conversation(waiting), *roster)
        return [(waiting, v.agent(name)) for name in names]

    run(table, racers, rounds, entries)
