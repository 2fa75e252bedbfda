"""Tags, spam, blocks, and what a blocked person writes, stopped at each of their calls."""

from collections.abc import Callable
from typing import Any

import pytest

from router.conversations import State
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.promises import Seen, said
from tests.kit.world import CONFIG, World

SMALL = {
    **CONFIG,
    "version": "small",
    "agents": [{**agent, "units": 12} for agent in CONFIG["agents"][:1]] + CONFIG["agents"][2:],
}


def api(path: str, body: dict[str, Any] | None = None, *, role: str = "supervisor") -> Callable[[World, Any], bool]:
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
    return str(world.conversations()[0].id)


def full(world: World) -> str:
    """Ayşe is full with a person's two mails, and somebody else's message waits; the person."""
    world.come_in("ayse")
    for to in ("destek@example.com", "help@shop.example"):
        world.mail(to=to)
        world.pump()
    world.sms()
    world.pump()
    first, second, third = world.conversations()
    assert (first.agent, second.agent, third.state) == ("ayse", "ayse", State.WAITING)
    return str(first.contact)


def in_line(world: World) -> str:
    world.sms()
    world.pump()
    return str(world.conversations()[0].id)


def spam(world: World) -> str:
    """Ayşe has marked a conversation as spam and blocked its author."""
    conversation = held(world)
    assert world.call("POST", f"/v1/conversations/{conversation}/spam", {"block": True})[0] == 200
    world.pump()
    world.pass_time(seconds=30)
    return conversation


def blocked_writes(world: World) -> str:
    """A blocked person's message lies in the inbound queue."""
    conversation = spam(world)
    world.sms("alo")
    return conversation


def blocked_while_writing(world: World) -> str:
    """A person's second message lies in the queue when they are blocked, and the first is somebody's again."""
    conversation = spam(world)
    assert world.call("POST", f"/v1/conversations/{conversation}/reopen", {}, role="supervisor")[0] == 200
    world.pump()
    (found,) = world.conversations()
    assert (found.state, found.agent) == (State.ACTIVE, "ayse")
    world.pass_time(seconds=30)
    world.sms("alo")
    return conversation


def tagged(world: World, conversation: str) -> None:
    assert world.x.table.conversation(conversation).tags == ("iade", "vip")  # type: ignore[union-attr]
    assert audited(world) == ["tag"]


def about_an_order(world: World, conversation: str) -> None:
    assert world.x.table.conversation(conversation).category == "order"  # type: ignore[union-attr]
    assert audited(world) == ["category"]


def is_spam(world: World, conversation: str) -> None:
    (found,) = world.conversations()
    assert (found.state, found.spam) == (State.RESOLVED, True)
    assert audited(world) == ["spam"]


def is_blocked(world: World, contact: str) -> None:
    """Blocked, their conversations done, and who waited behind them taken."""
    assert world.x.table.contact(contact).blocked_at is not None  # type: ignore[union-attr]
    states = {c.contact == contact: c.state for c in world.conversations()}
    assert states == {True: State.RESOLVED, False: State.ACTIVE}
    assert audited(world) == ["block"] * 3


def hers_again(world: World, conversation: str) -> None:
    (found,) = world.conversations()
    assert (found.state, found.agent, found.spam) == (State.ACTIVE, "ayse", False)
    assert world.x.table.contact(found.contact).blocked_at is None  # type: ignore[union-attr]


def unheard(world: World, conversation: str) -> None:
    assert said(world)[conversation] == ["Merhaba", "alo"]
    (found,) = world.conversations()
    assert (found.state, found.stub, found.follow) == (State.RESOLVED, None, ())


def audited(world: World) -> list[str]:
    entries = (entry["what"] for entries in Seen.of(world).history.values() for entry in entries)
    return sorted(what for what in entries if what in ("tag", "category", "spam", "block"))


C, P = "/v1/conversations/{}/", "/v1/contacts/{}/"
SCENARIOS = [
    Scenario("tags", held, tagged, api(C + "tags", {"add": ["vip", "iade"]}, role="agent")),
    Scenario("category", held, about_an_order, api(C + "category", {"category": "order"}, role="agent")),
    Scenario("spam", held, is_spam, api(C + "spam", role="agent")),
    Scenario("spam in line", in_line, is_spam, api(C + "spam")),
    Scenario("block", full, is_blocked, api(P + "block"), config=SMALL),
    Scenario("not spam", spam, hers_again, api(C + "not-spam")),
    Scenario("blocked person writes", blocked_writes, unheard, queue="inbound"),
    Scenario("blocked person writes, conversation open", blocked_while_writing, unheard, queue="inbound"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_marking_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
