"""Floors on which conversations are offered, and what agents do with them, in words that tests are made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from router.conversations import Conversation
from router.loads import Load
from tests.kit.world import CONFIG, World

Agents = dict[str, dict[str, Any]]
GENEL: Agents = {"ayse": {"skills": ["genel", "chat"]}, "mehmet": {"skills": ["genel", "chat"]}}
"""Two who can do the same."""
OFFERS = {"sms": 30, "email": 60}
"""Seconds to accept; a web chat is accepted by itself."""
SMS = 3
"""Units of a text message."""


def floor(agents: Agents | None = None, queue: dict[str, Any] | None = None, **sections: Any) -> dict[str, Any]:
    """The tests' configuration with these agents besides the expert, more about the queue `genel`, and other sections."""
    queues = [one | (queue or {}) if one["name"] == "genel" else one for one in CONFIG["queues"]]
    crew = {**(agents or GENEL), "usta": {"skills": ["uzman"]}}
    if not any("chat" in one.get("skills", ()) for one in crew.values()):
        crew["gece"] = {"skills": ["chat"]}
    made: dict[str, Any] = {
        **CONFIG,
        "agents": [{"name": name, "display_name": name.title(), **more} for name, more in crew.items()],
        "queues": queues,
        "routing": {"offers": OFFERS},
        **sections,
    }
    return {**made, "version": "floor-" + hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:8]}


def act(
    world: World,
    user: str,
    what: str,
    conversation: Conversation,
    body: dict[str, Any] | None = None,
    *,
    role: str = "agent",
    status: int = 200,
) -> dict[str, Any]:
    """Somebody does something with a conversation, and all that follows at once is done; the API's answer."""
    path = f"/v1/conversations/{conversation.id}/{what}"
    got, answer = world.call("POST", path, body or {}, user=user, role=role)
    assert got == status, answer
    world.pump()
    return answer


def writes(world: World, customer: int = 99, text: str = "Merhaba") -> Conversation:
    """A customer sends a text message, which is routed and matched; their conversation."""
    sender = f"+155501{customer:02d}"
    assert world.sms(text, sender=sender)["statusCode"] == 200
    world.pump()
    found: Conversation = next(c for c in world.conversations() if c.address == sender and c.state != "closed")
    return found


def now(world: World, conversation: Conversation) -> Conversation:
    """A conversation as it stands."""
    found = world.x.table.conversation(conversation.id)
    assert found is not None
    return found


def stands(world: World, conversation: Conversation) -> tuple[str, str | None]:
    """Its state, and who has it."""
    found = now(world, conversation)
    return str(found.state), found.agent


def later(world: World, **by: float) -> None:
    """Time passes; timers ring, and what follows is done."""
    world.pass_time(**by)
    world.ring()
    world.pump()


def lose(world: World, queue: str = "timers") -> None:
    """What was in a queue is lost."""
    _, of = world._queue(queue)
    of._messages.clear()


def presence(world: World, agent: str, state: str, *, status: int = 200) -> None:
    """An agent is in that state from now on."""
    got, answer = world.call("POST", f"/v1/agents/{agent}/presence", {"presence": state}, user=agent)
    assert got == status, answer
    world.pump()


def load(world: World, agent: str) -> Load:
    """How an agent stands."""
    found = world.x.table.load("main", agent)
    assert found is not None
    return found


def desk(world: World, agent: str) -> str:
    """An agent's page is open; its connection."""
    _, ticket = world.call("POST", "/v1/socket-tickets", user=agent)
    connection = f"desk-{agent}="
    world.socket("CONNECT", connection, protocols=["santral.v1", f"ticket.{ticket['ticket']}"])
    return connection


def told(world: World, agent: str) -> list[str]:
    """What an agent's page heard of conversations."""
    return [frame["reason"] for to, frame in world.pushes if to == f"desk-{agent}=" and frame["type"] == "conversation"]


def history(world: World, conversation: Conversation, *what: str) -> list[tuple[str, str, Mapping[str, Any]]]:
    """What happened to it, oldest first: what, who, detail. Only these kinds of entries where some are named."""
    entries = world.x.table.histories(conversation.id)
    return [(e.what, e.who, e.detail) for e in entries if not what or e.what in what]
