"""What becomes of a conversation at the stages that its clocks and promises set off, by the policy it is under. Pure.

All that is due at one look is done in the order of its time. A stage comes here once (router.due remembers it), so each action is
done once for each. Nothing lowers a priority, and nobody loses what they have: only what nobody has moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from router.clocks import Stage
from router.config import Config
from router.conversations import FOLLOW_WITHIN, MOST_WATCHERS, WAKE, Conversation, State
from router.escalations import Call, Escalation
from router.moves import placed, waiting_again, withdrawn
from router.promises import CALLED, Promise
from router.targets import Sla
from router.waiting import RELAXED

_CALL = {"en": "call the customer", "tr": "müşteriyi ara"}


@dataclass(frozen=True, slots=True)
class Event:
    """A stage with the id by which its history knows it."""

    stage: Stage
    id: str


@dataclass(frozen=True, slots=True)
class Act:
    """What one escalation did at one event. What is None or empty was not to be done, or there was nothing to do."""

    event: Event
    by: Escalation
    raised: tuple[int, int] | None = None  # the priority before and after
    moved: tuple[str, str] | None = None  # the queue before and after
    relaxed: bool = False
    watchers: tuple[str, ...] = ()  # that came
    called: Promise | None = None
    makes_good: bool = True  # it may: what broke is not itself a call that was to make good

    @property
    def detail(self) -> dict[str, Any]:
        """As the history tells it; what leaves is added by who sends it."""
        told: dict[str, Any] = {}
        if self.raised is not None:
            told["priority"] = list(self.raised)
        if self.moved is not None:
            told["queue"] = list(self.moved)
        if self.relaxed:
            told["relaxed"] = True
        if self.watchers:
            told["watchers"] = list(self.watchers)
        if self.called is not None:
            told["call"] = {"promise": self.called.id, "due_at": self.called.due_at.isoformat()}
        return told


@dataclass(frozen=True, slots=True)
class Escalated:
    """The conversation with all that was done to it, in its order."""

    after: Conversation
    acts: tuple[Act, ...] = ()


def escalated(
    conversation: Conversation, events: Sequence[Event], policy: Sla | None, config: Config, now: datetime
) -> Escalated:
    """Everything that the policy wants done at these events. One whose line changes leaves its place, and its pool is to be woken."""
    after, acts = conversation, []
    if policy is None:
        return Escalated(conversation)
    for event in events:
        for by in policy.escalate:
            if by.fits(event.stage.kind, event.stage.number, event.stage.target.value):
                after, act = _done(after, event, by, policy, config, now)
                acts.append(act)
    return Escalated(_in_line(conversation, after, now), tuple(acts))


def _done(
    c: Conversation, event: Event, by: Escalation, policy: Sla, config: Config, now: datetime
) -> tuple[Conversation, Act]:
    before, broken = c, next((one for one in c.promises if one.id == event.stage.of), None)
    act = Act(event, by, makes_good=broken is None or broken.by != CALLED)
    if by.raise_by is not None and not c.state.done:
        c = replace(c, priority=min(c.priority, max(1, c.priority - by.raise_by)))
    if by.call is not None and act.makes_good:
        inbox = config.inbox(c.inbox)
        promise = _promised(event, by.call, inbox.language if inbox is not None else "en", now)
        c = replace(c, promises=(*c.promises, promise))
        c = _moved(c, by.call.queue, policy, config, now, again=True)
        act = replace(act, called=promise)
    elif by.queue is not None:
        c = _moved(c, by.queue, policy, config, now, again=False)
    if by.relax and c.state in (State.WAITING, State.OFFERED) and config.queue(c.queue) is not None:
        before_, after_ = (config.ladder(c.queue, steps, c.language or "en") for steps in (c.kind.steps, None))
        c = replace(c, require=RELAXED, told_step=0) if before_ != after_ else c
    come = [name for name in by.watch if name not in c.watchers and config.agent(name) is not None]
    c = replace(c, watchers=(*c.watchers, *come)[:MOST_WATCHERS])
    act = replace(
        act,
        raised=(before.priority, c.priority) if c.priority != before.priority else None,
        moved=(before.queue, c.queue) if c.queue != before.queue else None,
        relaxed=c.require == RELAXED and before.require != RELAXED,
        watchers=tuple(name for name in come if name in c.watchers),
    )
    return c, act


def _promised(event: Event, call: Call, language: str, now: datetime) -> Promise:
    due = now + timedelta(seconds=call.within.seconds or 0)
    what = _CALL.get(language.partition("-")[0], _CALL["en"])
    return Promise("pr_" + event.id.partition("_")[2], now, due, CALLED, what=what, answer=False)


def _moved(c: Conversation, name: str, policy: Sla, config: Config, now: datetime, *, again: bool) -> Conversation:
    """In another queue, by the wait and the policy that it has, if nobody has it; `again`: one that is resolved waits once more."""
    queue = config.queue(name)
    if queue is None:
        return c
    bound = replace(c, sla=policy.name)
    if again and c.state is State.RESOLVED:
        after = waiting_again(bound, now, queue=name, config=config)
    elif c.state in (State.WAITING, State.OFFERED) and queue.name != c.queue:
        after = withdrawn(bound, now) if c.state is State.OFFERED else bound
        after = replace(after, **placed(after, queue, config))
    else:
        return c
    return replace(after, priority=min(c.priority, after.priority))


def _in_line(before: Conversation, after: Conversation, now: datetime) -> Conversation:
    """One that waits in another line by now has no place in it yet."""
    if after.state is not State.WAITING or (after.kind, after.pool) == (before.kind, before.pool):
        return after
    follow = tuple(dict.fromkeys((*after.follow, WAKE)))
    return replace(after, stub=None, look_at=None, follow=follow, follow_at=now + FOLLOW_WITHIN)
