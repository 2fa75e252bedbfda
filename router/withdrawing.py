"""An offer is withdrawn when its agent is not there to answer it. It goes on at once, and counts neither as declined nor as missed.

The agent's row names what was offered to them, so it is found without an index. Being away is committed first, and from then on
nothing more is offered to them; what a crash leaves is withdrawn by the sweep, or by the offer's own end. An agent who accepts at
that moment has it if their answer was committed first.
"""

from __future__ import annotations

from datetime import datetime

from router.config import Config
from router.conversations import Conversation, State
from router.errors import Lost
from router.exchange import Exchange
from router.hints import tell_owner
from router.ids import digest
from router.keeping import save
from router.loads import Load
from router.moves import withdrawn
from router.signals import Signal, follow_ups

_TRIES = 4


def withdraw_all(x: Exchange, pool: str, agent: str, who: str, now: datetime) -> int:
    """Withdraw what is offered to an agent, if they are not there; `who` sent them away or noticed. How many; a read for each."""
    load = x.table.load(pool, agent)
    if load is None or is_there(x.config(), load):
        return 0
    count = 0
    for conversation, until in load.offers.items():
        for _ in range(_TRIES if until > now else 0):  # one that is over ends by its own time
            before = x.table.standing(conversation)
            if before is None or before.state is not State.OFFERED or before.agent != load.agent:
                break
            try:
                x.queues.send(withdraw(x, before, load.presence, who, now), now)
            except Lost:
                continue
            count += 1
            break
    return count


def is_there(config: Config, load: Load) -> bool:
    """Can an agent answer what is offered to them? Not while away, and not when the configuration has them no more."""
    return config.agent(load.agent) is not None and config.available(load.presence)


def withdraw(x: Exchange, before: Conversation, presence: str, who: str, now: datetime) -> list[Signal]:
    """Withdraw one offer, its agent being in that presence; what must follow. Raises Lost."""
    saved = save(x, before, withdrawn(before, now))
    entry = "h_" + digest(x.key, "withdrawn", before.id, str(before.version))
    told = presence if not x.config().available(presence) else "offline"  # they are no agent any more
    detail = {"agent": before.agent, "decision": before.decision, "presence": told}
    x.table.commit(
        *saved.changes,
        *x.table.free(before, now),
        x.table.history(before.id, "withdrawn", who, detail, now, entry),
    )
    x.count("OfferWithdrawn", 1)
    tell_owner(x, before, "withdrawn")
    return [*follow_ups(saved.after), *saved.timers]
