"""What is due for one item, whether a timer or the sweep noticed: follow-ups, deadlines, sends to settle.

All of it is idempotent and conditional, so it may be looked at twice, late, or by two at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from router import codes, journeying, launching, promises
from router.acting import Acted, act, after_commit
from router.adopting import rehouse
from router.clocks import Stage, overdue
from router.config import Config
from router.conversations import WAKE, Conversation, State
from router.deliver import settle
from router.errors import Lost
from router.exchange import Exchange
from router.fetching import refetch
from router.hints import tell_owner
from router.hooks import overdue as overdue_hook
from router.ids import digest
from router.journeys import Journey
from router.keeping import kept, save, terms_for
from router.matching import Rules, next_look
from router.moves import awake, rehoused
from router.offers import missed
from router.outreach_values import Run
from router.records import Unfetched, Verification
from router.sends import Send
from router.signals import Signal, Timer, Wake, follow_ups, waiting_row
from router.sla import acted
from router.targets import Target
from router.times import to_ms
from router.webhooks import Delivery

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_TRIES = 4


def attend(x: Exchange, key: tuple[str, str]) -> list[Signal]:
    """Do what is due for one item; what must be sent. Something that is not due, or gone, is left alone."""
    for _ in range(_TRIES):
        found = x.table.due_item(key)
        if found is None:
            return []
        if isinstance(found, Unfetched):
            return refetch(x, found)
        if isinstance(found, Delivery):
            return overdue_hook(x, found)
        if isinstance(found, Verification):
            codes.overdue(x, found)
            return []
        if isinstance(found, Journey):
            return journeying.attend(x, found)
        if isinstance(found, Run):
            return launching.look_after(x, found)
        if isinstance(found, Conversation) and rehoused(found, x.now(), x.config()) is not None:
            rehouse(x, found.id)  # then it is looked at as it is by now
            continue
        try:
            return settle(x, found) if isinstance(found, Send) else _conversation(x, found)
        except Lost:
            continue
    return []  # contended: whoever won has set a new due time, or the next sweep tries again


def _conversation(x: Exchange, before: Conversation) -> list[Signal]:
    now = x.now()
    signals: list[Signal] = []
    after = kept(before, x.config(), now)
    passed = overdue_stages(after, x.config(), now)
    changes: list[Change] = []
    acting: Acted | None = None
    if before.follow_at is not None and before.follow_at <= now:
        stamp = f".{int(now.timestamp())}"
        signals += [replace(s, event_id=s.event_id + stamp) for s in follow_ups(before) if isinstance(s, Wake)]
        still = tuple(f for f in before.follow if f == WAKE and before.state is State.WAITING)  # match clears it
        after = replace(after, follow=still, follow_at=now + timedelta(seconds=60) if still else None)
        x.count("FollowUpBySweep", 1)
    if before.state is State.OFFERED and before.offer_until is not None and before.offer_until <= now:
        return missed(x, before, now)
    if before.state is State.SNOOZED and before.snoozed_until is not None and before.snoozed_until <= now:
        after = awake(after, before.snoozed_until, now)
        entry = "h_" + digest(x.key, "awake", before.id, before.snoozed_until.isoformat())
        changes.append(x.table.history(before.id, "awake", "clock", {}, now, entry))
    looks = before.state is State.WAITING and before.look_at is not None and before.look_at <= now
    if looks:
        after = replace(after, look_at=next_look(waiting_row(before), Rules(x.config(), before.pool), now))
    if passed:
        acting = act(x, before, acted_on(after, passed), passed, now)
        after = acting.conversation
        changes += acting.changes
    saved = save(x, before, after)
    x.table.commit(*saved.changes, *changes)  # also where due was early or stale: then it is right again
    if acting is None and saved.after.state is not before.state:
        signals += follow_ups(saved.after)
    if looks:
        signals.append(Wake(before.pool, f"{before.id}.{before.version}.look", waiting_row(saved.after)))
    signals += after_commit(x, before, acting, saved.after) if acting is not None else ()
    if any(stage.kind == "warning" for stage in passed):
        x.count("SlaWarned", 1)
    if any(stage.kind == "breach" for stage in passed):
        x.count("SlaBreached", 1)
        signals += _after_breach(x, saved.after)
    return [*signals, *saved.timers]


def overdue_stages(conversation: Conversation, config: Config, now: datetime) -> list[Stage]:
    """What its clocks have set off by now and nobody has acted on, in the order of time. Of missed reminders only the last."""
    c = conversation
    terms = terms_for(c, config)
    found = overdue(c.timeline, terms, acted(c.clocks), to_ms(now)) + promises.overdue(c.promises, terms, to_ms(now))
    last = {(stage.target, stage.of): stage for stage in found}
    return sorted(stage for stage in found if stage.kind != "reminder" or stage is last[stage.target, stage.of])


def acted_on(conversation: Conversation, stages: Sequence[Stage]) -> Conversation:
    """A conversation that remembers of each clock and promise the last stage that was acted on."""
    last = {(stage.target, stage.of): stage.number for stage in stages}
    c = conversation
    return replace(
        c,
        clocks=tuple(replace(one, acted=last.get((one.target, None), one.acted)) for one in c.clocks),
        promises=tuple(replace(one, acted=last.get((Target.PROMISE, one.id), one.acted)) for one in c.promises),
    )


def _after_breach(x: Exchange, conversation: Conversation) -> list[Signal]:
    tell_owner(x, conversation, "breach")
    if conversation.state is not State.WAITING:
        return []
    row = waiting_row(conversation) if conversation.stub is None else None  # who stands in line is found there
    return [Wake(conversation.pool, f"{conversation.id}.{conversation.version}.breach", row)]


def on_timer(x: Exchange, timer: Timer) -> list[Signal]:
    """A timer rang. One that rings early (its item moved, or a delay was cut at 15 minutes) is set again."""
    now = x.now()
    if timer.at > now:
        return [timer]
    if timer.pk.startswith("POOL#"):  # an agent's pause or wrap-up is over
        pool = timer.pk.removeprefix("POOL#")
        load = x.table.seated(pool, timer.sk.removeprefix("A#"))
        pool = load.pool if load is not None else pool
        return [Wake(pool, f"{pool}.{timer.sk}.{int(timer.at.timestamp() * 1000)}")]
    return attend(x, (timer.pk, timer.sk))
