"""What agents do, stopped at each of its calls. The client's retry carries the same Idempotency-Key."""

from collections.abc import Callable
from typing import Any

import pytest

from router.conversations import State
from router.messages import Direction
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.promises import Seen, said
from tests.kit.world import CONFIG, World

AGENTS = [
    {"name": "ayse", "display_name": "Ayşe", "skills": ["genel", "chat"], "units": 6},
    {"name": "mehmet", "display_name": "Mehmet", "skills": ["genel", "chat"], "units": 6},
    {"name": "usta", "display_name": "Usta", "skills": ["uzman"], "units": 6, "pool": "ustalar"},
]
TWO_POOLS = {
    **CONFIG,
    "version": "two-pools",
    "queues": [
        {"name": "genel", "skill": "genel"},
        {"name": "chat", "skill": "chat", "first_response_minutes": 1},
        {"name": "uzman", "skill": "uzman", "pool": "ustalar"},
    ],
    "agents": AGENTS,
}


def api(path: str, body: dict[str, Any] | None = None, *, role: str = "agent") -> Callable[[World, Any], bool]:
    """One call with its Idempotency-Key; `{}` in the path is what `arrange` handed on."""

    def call(world: World, handed: Any) -> bool:
        status, answer = world.call("POST", path.format(handed), body or {}, key="the-key", role=role)
        assert status in (200, 500, 503), answer
        return status == 200

    return call


def held(world: World) -> str:
    """Ayşe has an SMS conversation; its id."""
    world.come_in("ayse")
    world.sms()
    world.pump()
    world.pass_time(seconds=30)
    (conversation,) = world.conversations()
    assert conversation.agent == "ayse"
    return str(conversation.id)


def full(world: World) -> str:
    """Ayşe is full (6 units), and one more waits in line."""
    world.come_in("ayse")
    for sender in ("+15550101", "+15550102", "+15550103"):
        world.sms(sender=sender)
        world.pump()
        world.pass_time(seconds=1)
    first, _, third = world.conversations()
    assert (first.agent, third.state) == ("ayse", State.WAITING)
    return str(first.id)


def waiting(world: World) -> str:
    """One is in line, and Ayşe is in but away; its id."""
    world.sms()
    world.pump()
    world.come_in("ayse")
    (conversation,) = world.conversations()
    return str(conversation.id)


def in_line(world: World) -> str:
    world.sms()
    world.pump()
    (conversation,) = world.conversations()
    return str(conversation.id)


def resolved(world: World) -> str:
    conversation = held(world)
    assert world.call("POST", f"/v1/conversations/{conversation}/resolve", {})[0] == 200
    world.pump()
    return conversation


def both_in(world: World) -> str:
    conversation = held(world)
    world.come_in("mehmet", "usta")
    world.pump()
    return conversation


def answered(world: World, conversation: str) -> None:
    """The answer is there once, and left once or is parked."""
    assert said(world)[conversation] == ["Merhaba", "Buyurun"]
    (send,) = Seen.of(world).sends.values()
    assert send.state == "sent"
    assert world.providers.left == [send.id]


def noted(world: World, conversation: str) -> None:
    assert said(world)[conversation] == ["Merhaba", "İade istiyor"]
    ((note, _),) = Seen.of(world).notes.values()
    assert note.direction is Direction.NOTE
    assert world.providers.calls == []


def done(world: World, conversation: str) -> None:
    assert world.x.table.conversation(conversation).state is State.RESOLVED  # type: ignore[union-attr]


def done_and_next_taken(world: World, conversation: str) -> None:
    done(world, conversation)
    assert [c.agent for c in world.conversations()] == ["ayse", "ayse", "ayse"]


def take(world: World, conversation: str) -> bool:
    """By hand; if the match was quicker, it is Ayşe's in any case."""
    status, answer = world.call("POST", f"/v1/conversations/{conversation}/take", {}, key="the-key")
    assert status in (200, 500, 503) or "active, with ayse" in answer["detail"], answer
    return status in (200, 409)


def hers_again(world: World, conversation: str) -> None:
    (found,) = world.conversations()
    assert (found.state, found.agent) == (State.ACTIVE, "ayse")


def in_the_other_line(world: World, conversation: str) -> None:
    (found,) = world.conversations()
    assert (found.state, found.queue, found.pool) == (State.WAITING, "uzman", "ustalar")


def with_usta(world: World, conversation: str) -> None:
    (found,) = world.conversations()
    assert (found.state, found.agent, found.queue) == (State.ACTIVE, "usta", "uzman")


def next_taken_here(world: World, conversation: str) -> None:
    """What came free in the first pool went to who waited there."""
    assert [c.agent for c in world.conversations()] == [None, "ayse", "ayse"]


def with_mehmet(world: World, conversation: str) -> None:
    (found,) = world.conversations()
    assert (found.state, found.agent) == (State.ACTIVE, "mehmet")


def everybody_assigned(world: World, conversation: str) -> None:
    assert all(c.agent for c in world.conversations())


def away(world: World, conversation: str) -> None:
    load = world.x.table.load("main", "ayse")
    assert load is not None
    assert load.presence == "away"
    (found,) = world.conversations()
    # Hers, until the customer has waited for so long that somebody else should look.
    assert (found.state, found.agent) in ((State.ACTIVE, "ayse"), (State.WAITING, None))


def contact_of(world: World) -> str:
    held(world)
    (conversation,) = world.conversations()
    return str(conversation.contact)


def renamed(world: World, contact: str) -> None:
    found = world.x.table.contact(contact)
    assert found is not None
    assert found.name == "Zeynep"


HELD = "/v1/conversations/{}/"
TO_UZMAN = {"queue": "uzman"}
SCENARIOS = [
    Scenario("reply", held, answered, api(HELD + "replies", {"text": "Buyurun"})),
    Scenario("note", held, noted, api(HELD + "notes", {"text": "İade istiyor"})),
    Scenario("resolve", held, done, api(HELD + "resolve")),
    Scenario("resolve, one waits", full, done_and_next_taken, api(HELD + "resolve"), config=TWO_POOLS),
    Scenario("resolve in line", in_line, done, api(HELD + "resolve", role="supervisor")),
    Scenario("reopen", resolved, hers_again, api(HELD + "reopen")),
    Scenario("take", waiting, hers_again, take),
    Scenario("transfer.queue", held, in_the_other_line, api(HELD + "transfer", TO_UZMAN), config=TWO_POOLS),
    Scenario("transfer.queue, usta in", both_in, with_usta, api(HELD + "transfer", TO_UZMAN), config=TWO_POOLS),
    Scenario("transfer.queue, one waits", full, next_taken_here, api(HELD + "transfer", TO_UZMAN), config=TWO_POOLS),
    Scenario(
        "transfer.queue from line", in_line, in_the_other_line, api(HELD + "transfer", TO_UZMAN, role="supervisor"),
        config=TWO_POOLS,
    ),
    Scenario("transfer.agent", both_in, with_mehmet, api(HELD + "transfer", {"agent": "mehmet"}), config=TWO_POOLS),
    Scenario("presence.online", in_line, everybody_assigned, api("/v1/agents/ayse/presence", {"presence": "online"})),
    Scenario("presence.away", held, away, api("/v1/agents/ayse/presence", {"presence": "away"})),
    Scenario("contact", contact_of, renamed, api("/v1/contacts/{}", {"name": "Zeynep"})),
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_desk_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
