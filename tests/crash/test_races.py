"""Two different things at once: one is paused at each of its calls while the other runs from beginning to end."""

from collections.abc import Callable
from typing import Any

import pytest

from router.conversations import State
from tests.crash.test_desk import AGENTS, TWO_POOLS, both_in, full, held, in_line
from tests.crash.test_due import chat_waits, parked_one, works
from tests.crash.test_match import SMALL, customers, owners
from tests.crash.test_route import expired, first, reopened, report, resolved, to_route
from tests.kit.crash import Ground, Scenario
from tests.kit.promises import Seen, said
from tests.kit.world import World

ONE_UNIT = {**TWO_POOLS, "version": "one-unit", "agents": [{**agent, "units": 3} for agent in AGENTS]}


def does(
    path: str, body: dict[str, Any] | None = None, *, user: str = "ayse", role: str = "agent"
) -> Callable[[World, Any], bool]:
    """A call that may find that somebody else was quicker; `{}` is what `arrange` handed on."""

    def call(world: World, handed: Any) -> bool:
        status, answer = world.call("POST", path.format(handed), body or {}, key=f"{user}-{path}", user=user, role=role)
        assert status in (200, 403, 409), answer
        return True

    return call


def a_message(text: str, sender: str = "+15550199") -> Callable[[World, Any], bool]:
    """A customer writes; all that follows is done."""

    def write(world: World, _: Any) -> bool:
        to_route(world, text, sender)
        world.pump()
        return True

    return write


def routed_elsewhere(text: str) -> Callable[[World, Any], bool]:
    """Another copy of `route` has this message in hand: the queue would not give it two of one group."""

    def route_it(world: World, _: Any) -> bool:
        to_route(world, text)
        _, queue = world._queue("inbound")
        queue._pending_messages.clear()
        world.work("inbound")
        return True

    return route_it


def together(*texts: str) -> Callable[[World, Any], None]:
    """All in one conversation, whatever came first."""

    def one(world: World, _: Any) -> None:
        assert [sorted(found) for found in said(world).values()] == [sorted(texts)]

    return one


def reopened_or_joined(world: World, _: Any) -> None:
    """Whoever was first: the customer's last word is in the one conversation, and it is open."""
    (conversation,) = world.conversations()
    assert conversation.state in (State.ACTIVE, State.RESOLVED)
    assert said(world)[conversation.id][-1] == "Bir şey daha"


def exactly_one_owner(world: World, _: Any) -> None:
    (conversation,) = world.conversations()
    assert conversation.agent in ("ayse", "mehmet")


def nobody_twice(world: World, _: Any) -> None:
    assert owners(world).count("ayse") <= 1
    assert owners(world).count("mehmet") <= 1


def in_both_lines(world: World) -> str:
    """One in line, Ayşe and Mehmet both come in; nobody was woken yet."""
    conversation = in_line(world)
    world.come_in("ayse", "mehmet")
    return conversation


def just_routed(world: World) -> str:
    """A wake-up lies in the queue, Ayşe is in."""
    world.come_in("ayse", "mehmet")
    world.pump()
    world.sms()
    world.work("inbound")
    (conversation,) = world.conversations()
    return str(conversation.id)


def two_for_one_place(world: World) -> str:
    """Ayşe and Mehmet have room for one each; three have been routed."""
    world.come_in("ayse", "mehmet")
    world.pump()
    customers(world, 3)
    return str(world.conversations()[0].id)


def nobody_in_yet(world: World) -> str:
    world.sms()
    world.work("inbound")
    (conversation,) = world.conversations()
    return str(conversation.id)


def anything(world: World, _: Any) -> None:
    """What must hold is what always must."""


def answered(world: World) -> str:
    """An answer lies in the outbound queue; its id."""
    first(world)
    world.pump()
    (conversation,) = world.conversations()
    return str(world.reply(conversation.id, "Buyurun")["message"]["id"])


def reports(status: str) -> Callable[[World, Any], bool]:
    def call(world: World, send: str) -> bool:
        if send in world.providers.left:  # nobody reports on what has not left
            report(world, send, status)
            world.work("inbound")
        return True

    return call


def failed_and_listed(world: World, send: str) -> None:
    """A failure that was reported before we wrote down that it left still reaches a person."""
    found = world.x.table.sends([send])[send]
    if found.receipt is not None:
        assert found.shown == "failed"


def two_replies(world: World, conversation: str) -> None:
    assert sorted(said(world)[conversation]) == ["1", "2", "Merhaba"]
    assert len(world.providers.left) == 2


def held_and_written(world: World) -> str:
    conversation = held(world)
    to_route(world, "Bir şey daha")
    return conversation


def done(world: World) -> str:
    resolved(world)
    return str(world.conversations()[0].id)


def ayse_comes(world: World, _: Any) -> bool:
    world.come_in("ayse")
    world.pump()
    return True


HELD = "/v1/conversations/{}/"
TO_MEHMET, TO_UZMAN = {"agent": "mehmet"}, {"queue": "uzman"}
RESOLVE, TAKE = does(HELD + "resolve"), does(HELD + "take")
AWAY = does("/v1/agents/ayse/presence", {"presence": "away"})
MEHMET_TAKES = does(HELD + "take", user="mehmet")
SUPERVISOR_RESOLVES = does(HELD + "resolve", role="supervisor")
TO_THE_OTHER_POOL = does(HELD + "transfer", TO_UZMAN, role="supervisor")
COME_IN = does("/v1/agents/ayse/presence", {"presence": "online"})
RESEND = does("/v1/parked/{}/resend", role="supervisor")
RESEND_TOO = does("/v1/parked/{}/resend", role="supervisor", user="mehmet")
DISCARD = does("/v1/parked/{}/discard", role="supervisor")
REPLY = does(HELD + "replies", {"text": "1"})
REPLY_TOO = does(HELD + "replies", {"text": "2"}, user="mehmet", role="supervisor")
THERE = "Orada mısınız?"
RACES = [
    Scenario("two first messages", first, together("Merhaba", THERE), queue="inbound", other=routed_elsewhere(THERE)),
    Scenario("two messages after it expired", expired, anything, queue="inbound", other=routed_elsewhere(THERE)),
    Scenario("message while resolving", held, anything, RESOLVE, other=a_message("Bir şey daha")),
    Scenario("resolve while routing", held_and_written, reopened_or_joined, queue="inbound", other=RESOLVE),
    Scenario("two messages reopen", reopened, anything, queue="inbound", other=routed_elsewhere(THERE)),
    Scenario("message while reopening", done, anything, does(HELD + "reopen"), other=a_message(THERE)),
    Scenario("match and take", just_routed, exactly_one_owner, queue="match", other=MEHMET_TAKES, config=TWO_POOLS),
    Scenario("take and match", in_both_lines, exactly_one_owner, MEHMET_TAKES, other=works("match"), config=TWO_POOLS),
    Scenario("two take", in_both_lines, exactly_one_owner, TAKE, other=MEHMET_TAKES, config=TWO_POOLS),
    Scenario("match and resolve", just_routed, anything, queue="match", other=SUPERVISOR_RESOLVES, config=TWO_POOLS),
    Scenario("match and transfer", just_routed, anything, queue="match", other=TO_THE_OTHER_POOL, config=TWO_POOLS),
    Scenario("line up and transfer", nobody_in_yet, anything, queue="match", other=TO_THE_OTHER_POOL, config=TWO_POOLS),
    Scenario("line up and come in", nobody_in_yet, exactly_one_owner, queue="match", other=COME_IN),
    Scenario("line up and one more message", nobody_in_yet, anything, queue="match", other=a_message(THERE)),
    Scenario("match and away", just_routed, exactly_one_owner, queue="match", other=AWAY, config=TWO_POOLS),
    Scenario("match and one more message", just_routed, anything, queue="match", other=a_message(THERE)),
    Scenario("three for two places", two_for_one_place, nobody_twice, queue="match", other=MEHMET_TAKES, config=ONE_UNIT),
    Scenario("freed twice", full, anything, RESOLVE, other=does(HELD + "transfer", TO_UZMAN), config=TWO_POOLS),
    Scenario("transfer and resolve", both_in, anything, does(HELD + "transfer", TO_MEHMET), other=RESOLVE, config=TWO_POOLS),
    Scenario("resolve and transfer", both_in, anything, RESOLVE, other=does(HELD + "transfer", TO_MEHMET), config=TWO_POOLS),
    Scenario(
        "transfer and the last room is taken", both_in, anything, does(HELD + "transfer", TO_MEHMET),
        other=a_message("Ben", "+15550133"), config=ONE_UNIT,
    ),
    Scenario("two replies", held, two_replies, REPLY, other=REPLY_TOO),
    Scenario("reply while the customer writes", held, anything, REPLY, other=a_message("Bir şey daha")),
    Scenario("reply and resolve", held, anything, REPLY, other=RESOLVE),
    Scenario("delivered before we knew", answered, anything, queue="outbound", other=reports("delivered")),
    Scenario("undelivered before we knew", answered, failed_and_listed, queue="outbound", other=reports("undelivered")),
    Scenario("resent by two", parked_one, anything, RESEND, other=RESEND_TOO),
    Scenario("resent and discarded", parked_one, anything, RESEND, other=DISCARD),
    Scenario("resent and reported", parked_one, anything, RESEND, other=reports("delivered")),
    Scenario("breach and claim", chat_waits, anything, queue="timers", other=ayse_comes),
]  # fmt: skip


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_two_things_at_once(ground: Ground, race: Scenario) -> None:
    ground.run(race, "pause")


def test_a_pool_matched_twice_at_once_assigns_nobody_twice(ground: Ground) -> None:
    """The queue's group forbids it; the claim does not lean on that."""

    def other(world: World, _: Any) -> bool:
        _, queue = world._queue("match")
        queue._pending_messages.clear()
        world.come_in("mehmet")
        world.work("match")
        return True

    def arrange(world: World) -> None:
        world.come_in("ayse")
        customers(world, 3)

    ground.run(Scenario("pool twice", arrange, nobody_twice, queue="match", other=other, config=SMALL), "pause")


def test_an_empty_line_filled_while_it_is_forgotten_is_found_again(ground: Ground) -> None:
    """One match finds the line empty and forgets it, while another puts somebody into it."""

    def other(world: World, _: Any) -> bool:
        _, queue = world._queue("match")
        queue._pending_messages.clear()
        customers(world, 2, first=10)
        world.work("match")
        return True

    def arrange(world: World) -> None:
        customers(world, 1)
        world.pump()
        world.come_in("ayse")

    def expect(world: World, _: Any) -> None:
        assert len(Seen.of(world).line) == 2

    ground.run(Scenario("line forgotten", arrange, expect, queue="match", other=other, config=SMALL), "pause")
