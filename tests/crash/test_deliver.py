"""Deliver, stopped at each of its calls, for each provider and each of its answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from router.errors import Unknown
from router.sends import SendState
from router.wire import HttpRequest, HttpResponse
from tests.kit.crash import MODES, Ground, Scenario, provider_says
from tests.kit.promises import Seen
from tests.kit.world import World

REFUSAL = json.dumps({"code": 21211, "message": "invalid"}).encode()


def by_sms(world: World) -> None:
    world.sms()


def by_mail(world: World) -> None:
    world.mail()


def by_chat(world: World) -> None:
    world.frame(world.open_chat(connection="page="), {"type": "message", "id": "1", "text": "Merhaba"})


def answer(write: Callable[[World], None], *texts: str) -> Callable[[World], Any]:
    """A customer wrote, an agent answered: the answers lie in the outbound queue."""

    def arrange(world: World) -> None:
        world.come_in("ayse")
        write(world)
        world.pump()
        (conversation,) = world.conversations()
        for text in texts or ("Buyurun",):
            world.pass_time(seconds=1)
            world.reply(conversation.id, text)

    return arrange


def once_then(world: World, first: Callable[[HttpRequest], HttpResponse]) -> None:
    """The provider answers the first call so, and takes the rest."""
    calls = len(world.providers.calls)
    providers = world.providers

    def say(request: HttpRequest) -> HttpResponse:
        return first(request) if len(providers.calls) == calls + 1 else providers.take(request)

    providers.answer = say


def with_answer(
    arrange: Callable[[World], None], first: Callable[[HttpRequest], HttpResponse]
) -> Callable[[World], None]:
    """As `arrange`, and the provider's first answer is this one."""

    def arranged(world: World) -> None:
        arrange(world)
        once_then(world, first)

    return arranged


def says(status: int, body: bytes = b"{}") -> Callable[[HttpRequest], HttpResponse]:
    """One fixed answer."""
    return lambda _: provider_says(status, body)


def breaks(_: HttpRequest) -> HttpResponse:
    """The call left, and no answer came."""
    raise Unknown("the line broke after the call had left")


def states(world: World) -> list[str]:
    """How each answer ended, in the order they were written."""
    sends = sorted(Seen.of(world).sends.values(), key=lambda send: send.message.cursor)
    return [str(send.state) for send in sends]


def sent_or_parked(world: World, _: Any) -> None:
    """It left once; or nobody knows, and a person is asked."""
    for state in states(world):
        assert state in ("sent", "parked")


def pushed(world: World, _: Any) -> None:
    assert states(world) == ["sent"]
    frames = [f for c, f in world.pushes if c == "page=" and f["type"] == "message"]
    assert len({frame["message"]["id"] for frame in frames}) <= 1  # a push may be lost, and may come twice: ids tell
    (page,) = world.frame("page=", {"type": "resume", "after": None})
    assert [message["text"] for message in page["messages"]] == ["Merhaba", "Buyurun"]


def failed_or_parked(world: World, _: Any) -> None:
    assert states(world)[0] in (SendState.FAILED, SendState.PARKED)
    assert world.providers.left == []


def parked(world: World, _: Any) -> None:
    assert states(world) == ["parked"]
    assert len(world.providers.left) <= 1


SCENARIOS = [
    Scenario("deliver.sms", answer(by_sms), sent_or_parked, queue="outbound"),
    Scenario("deliver.mail", answer(by_mail), sent_or_parked, queue="outbound"),
    Scenario("deliver.chat", answer(by_chat), pushed, queue="outbound"),
    Scenario("deliver.sms, busy", with_answer(answer(by_sms), says(429)), sent_or_parked, queue="outbound"),
    Scenario("deliver.mail, busy", with_answer(answer(by_mail), says(503)), sent_or_parked, queue="outbound"),
    Scenario("deliver.sms, refused", with_answer(answer(by_sms), says(400, REFUSAL)), failed_or_parked, queue="outbound"),
    Scenario("deliver.mail, refused", with_answer(answer(by_mail), says(400)), failed_or_parked, queue="outbound"),
    Scenario("deliver.sms, credentials", with_answer(answer(by_sms), says(401)), sent_or_parked, queue="outbound"),
    Scenario("deliver.sms, unknown", with_answer(answer(by_sms), breaks), parked, queue="outbound"),
    Scenario("deliver.mail, unknown", with_answer(answer(by_mail), breaks), parked, queue="outbound"),
    Scenario("deliver.two", answer(by_sms, "1", "2"), sent_or_parked, queue="outbound"),
    Scenario("deliver.two, first busy", with_answer(answer(by_sms, "1", "2"), says(429)), sent_or_parked, queue="outbound"),
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_delivering_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
