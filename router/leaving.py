"""The customer leaves the chat. What nobody has answered yet needs no answer any more, and an offer of it is withdrawn."""

from __future__ import annotations

from collections.abc import Callable

from router.conversations import Conversation, State
from router.errors import Lost, Temporary
from router.exchange import Exchange
from router.hints import tell_owner
from router.ids import digest
from router.keeping import save
from router.messages import ChannelName
from router.moves import resolved
from router.signals import follow_ups

_TRIES = 6


def leave(x: Exchange, find: Callable[[], Conversation | None]) -> None:
    """End what `find` gives, if it waits for an agent or for an agent's yes; who has it already is told, and decides.

    Nothing is lost by it: whoever writes again reopens it. A customer who wrote last by another channel has not left. Raises
    Temporary when others keep changing it.
    """
    for _ in range(_TRIES):
        before = find()
        if before is None or before.state.done or before.way.channel is not ChannelName.WEBCHAT:
            return
        now = x.now()
        unanswered = before.state in (State.WAITING, State.OFFERED)
        heard = before.last_inbound_at or before.opened_at
        entry = "h_" + digest(x.key, "left", before.id, heard.isoformat())
        history = x.table.history(before.id, "left", "customer", {"channel": "webchat"}, now, entry)
        saved = save(x, before, resolved(before, now) if unanswered else before)
        try:
            if not unanswered:
                x.table.commit(history)
                tell_owner(x, before, "changed")
                return
            x.table.commit(
                *saved.changes,
                *x.table.free(before, now),
                *x.table.leave_line(before),
                history,
            )
        except Lost:
            continue
        x.count("LeftUnanswered", 1)
        if before.state is State.OFFERED:
            tell_owner(x, before, "withdrawn")
        x.queues.send([*follow_ups(saved.after), *saved.timers], now)
        return
    raise Temporary("somebody else keeps changing it; try again")
