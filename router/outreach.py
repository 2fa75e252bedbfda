"""Orders to outreach.fifo, each carried out: a campaign is set off, an audience gone through, a journey carried on, a message delivered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from router.deliver import deliver
from router.errors import Temporary
from router.exchange import Exchange
from router.journeying import step
from router.launching import launch
from router.planning import plan, walk
from router.signals import Deliver, Launch, Plan, Signal, Step, Walk


def handle(x: Exchange, order: Launch | Plan | Step | Walk | Deliver) -> list[Signal]:
    """Carry one order out; what must follow. Raises Temporary where it has to come again."""
    match order:
        case Launch():
            return launch(x, order.campaign, order.at)
        case Plan():
            return plan(x, order.campaign, order.run, order.part)
        case Step():
            return step(x, order.contact, order.campaign, order.occurrence)
        case Walk():
            return walk(x, order.campaign, order.shard, order.cursor, order.salt)
        case Deliver():
            return deliver(x, order.send, order.previous)


def carry_on(x: Exchange, order: Launch | Plan | Step | Walk | Deliver, in_time: Callable[[], bool]) -> list[Signal]:
    """Carry an order out and what follows from it for the same person, at once; what is left for the queues.

    A step that claims a message is followed by its delivery and that by the next step: each would go through the queue, three requests for
    every message, and lose nothing there that the due index does not keep. What fails for now, or has no time left, goes through it.
    """
    if not isinstance(order, Step | Deliver):
        return handle(x, order)
    left: list[Signal] = []
    following = deque(handle(x, order))
    while following:
        one = following.popleft()
        if not isinstance(one, Step | Deliver) or not in_time():
            left.append(one)
            continue
        try:
            following += handle(x, one)
        except Temporary:
            left.append(one)
    return left
