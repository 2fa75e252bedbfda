"""What a customer is told when their answer is late: the policy's words, with when it is to be had. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from router.automatic import company, spoken
from router.config import Config, Inbox
from router.conversations import Conversation
from router.escalating import Act
from router.sla import clock_of
from router.times import from_ms, to_ms
from router.wordings import chosen, filled, name_of, opening, within

_SOON = timedelta(hours=2)
"""Until then a wait is told as a length of time, later ones by the clock."""


def text_for(
    config: Config, c: Conversation, act: Act, inbox: Inbox, spoken_: str | None, code: str | None, now: datetime
) -> str | None:
    """The text in the customer's language; None where there is none for them. `spoken_` is what they are known to speak."""
    found = chosen(act.by.tell, (*spoken(inbox, c), c.language, spoken_, inbox.language))
    if found is None:
        return None
    text, language = found
    at = expected_at(config, c, act, now)
    when = opening(at, now, config.zone_of(c.sla, c.queue, c.inbox), language)
    values = {
        "name": name_of(c.name),
        "company": company(inbox),
        "expected": within(at - now, language) if at - now <= _SOON else when,
        "due": when,
        "voucher": code or "",
    }
    return filled(text, values)


def expected_at(config: Config, c: Conversation, act: Act, now: datetime) -> datetime:
    """When it is to be had: somebody calls by then; else when it is due; where that is past, after as much of the policy's time again.

    What this act moved is answered as soon as its new queue answers: nobody can tell more truly.
    """
    if act.called is not None:
        return act.called.due_at
    stage = act.event.stage
    clock = clock_of(c.clocks, stage.target)
    promise = next((one for one in c.promises if one.id == stage.of), None)
    due = promise.due_at if promise is not None else clock.due_at if clock is not None else None
    if due is not None and due > now:
        return due
    whose = None if act.moved is not None else c.sla, c.queue, c.tier, c.promised_by
    term = config.terms(*whose).terms.get(stage.target)
    amount = term.amount_from(to_ms(now)) if term is not None else None
    at = term.time.after(to_ms(now), amount) if term is not None and amount is not None else None
    return from_ms(at) if at is not None else now + config.target(*whose)
