"""What an SLA policy has done at a breach, stopped at each of its calls: it happens once, and all of it."""

from __future__ import annotations

from typing import Any

import pytest

from router.sends import SendState
from router.staff import is_staff
from tests.crash.test_due import another_sweep, sweeps
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.promises import Seen
from tests.kit.world import CONFIG, World

LATE = {"tr": "Yanıtımız gecikti; {expected} yanıtlıyoruz.", "en": "We are late: {expected}."}
ESCALATING: dict[str, Any] = {
    **CONFIG,
    "version": "escalating",
    "queues": [CONFIG["queues"][0], {**CONFIG["queues"][1], "sla": "quick"}, CONFIG["queues"][2]],
    "sla": [
        {
            "name": "quick",
            "first_response": "30s",
            "escalate": [
                {"at": "warning", "raise_by": 1},
                {
                    "at": "breach",
                    "queue": "uzman",
                    "watch": ["mehmet"],
                    "notify": {"desk": True, "email": ["lead@example.com"]},
                    "tell": LATE,
                },
            ],
        }
    ],
}
OFFERING = {**ESCALATING, "version": "escalating-offers", "routing": {"offers": {"webchat": 60}}}


def late(world: World) -> None:
    """A chat stands in the line and nobody has answered within its half minute."""
    world.x.sockets.open("watch1=", "A#mehmet", {"agent": "mehmet", "pool": "main"}, world.now)
    world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    world.pass_time(seconds=31)


def offered(world: World) -> None:
    """A chat is offered to Ayşe, who does not answer the offer within its half minute."""
    world.come_in("ayse")
    late(world)


def once(world: World, _: Any) -> None:
    seen = Seen.of(world)
    (conversation,) = seen.conversations.values()
    found = [(e["what"], e["detail"]["share"]) for e in seen.history[conversation.id] if "share" in e["detail"]]
    assert sorted(found) == [("breach", 100), ("warning", 75), ("warning", 90)]
    assert (conversation.queue, conversation.priority, conversation.watchers) == ("uzman", 3, ("mehmet",))
    staff = [send for send in seen.sends.values() if is_staff(send.conversation)]
    told = [send for send in seen.sends.values() if not is_staff(send.conversation)]
    assert [send.state for send in staff] in ([SendState.SENT], [SendState.PARKED])
    assert [send.state for send in told] == [SendState.SENT]
    assert world.providers.left.count(staff[0].id) <= 1
    (spent,) = world.items("AUTO#")
    assert spent["n"] == 1


def nobody_s(world: World, handed: Any) -> None:
    once(world, handed)
    load = world.x.table.load("main", "ayse")
    assert load is not None
    assert load.free == load.units


SCENARIOS = [
    Scenario("timer.escalates", late, once, queue="timers", config=ESCALATING),
    Scenario("sweep.escalates", late, once, sweeps, other=another_sweep, config=ESCALATING),
    Scenario("timer.escalates.offered", offered, nobody_s, queue="timers", config=OFFERING),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_what_is_escalated_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
