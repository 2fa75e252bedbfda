"""How a conversation stands: of one that waits, why nobody has taken it yet, judged over the roster as it is. Pure.

The judgement is the matcher's own (`decide_one`), made for the reader and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from router.config import Config
from router.conversations import Conversation, State
from router.crew import mask, numbers
from router.explaining_reader import Reader
from router.explanation_views import ColleagueView, LadderStepView, NowView, ReasonView
from router.floor import Floor
from router.loads import Load
from router.matching import Decision, Rules, decide_one
from router.policies import told
from router.requirements import Rung, text
from router.signals import waiting_row
from router.sla import clock_of
from router.targets import Target
from router.waiting import WaitingRow

_ENDS = ("hours", "paused", "wrap-up")
"""Reasons that are over by themselves."""


def standing(reader: Reader, c: Conversation, loads: Iterable[Load], user: str, now: datetime) -> NowView:
    """How it stands at this moment, for this reader. `loads` are its pool's; only one that waits needs them."""
    if c.state is State.WAITING:
        return _Waiting(reader, c, loads, user, now).view()
    agent = reader.agent(c.agent)
    heard, said = c.last_inbound_at, c.last_outbound_at
    if c.into is not None:
        text_ = [reader.say("now.part", other=c.into)]
    elif c.state is State.ACTIVE and heard is not None and said is not None and said >= heard:
        text_ = [reader.say("now.answered", agent=agent)]
    else:
        until = c.offer_until if c.state is State.OFFERED else c.snoozed_until
        time = reader.clock(until, now) if until is not None else "?"
        text_ = [reader.say(f"now.{c.state.value}", agent=agent, time=time)]
    if not c.state.done:
        text_ += _clock(reader, c, now)
    return NowView(at=now, state=c.state.value, text=tuple(text_))


def _clock(reader: Reader, c: Conversation, now: datetime) -> list[str]:
    """When the first answer, or the next one, is due, while it is owed."""
    for target, due, late in (
        (Target.FIRST_RESPONSE, "now.due", "now.late"),
        (Target.NEXT_RESPONSE, "now.due.next", "now.late.next"),
    ):
        clock = clock_of(c.clocks, target)
        if clock is not None and clock.running and clock.due_at is not None:
            return [reader.say(due if clock.due_at > now else late, time=reader.clock(clock.due_at, now))]
    return []


class _Waiting:
    """Why nobody has taken it yet."""

    def __init__(self, reader: Reader, c: Conversation, loads: Iterable[Load], user: str, now: datetime) -> None:
        self._reader, self._c, self._user, self._now = reader, c, user, now
        self._config: Config = reader.config
        self._row: WaitingRow = waiting_row(c)
        self._floor = Floor(self._config, c.pool, loads, now)
        self._shifts: dict[str | None, datetime | None] = {}

    def view(self) -> NowView:
        """All there is to say of it."""
        c, say = self._c, self._reader.say
        queue = self._config.queue(c.queue)
        if queue is None:
            gone = say("now.no.queue", queue=self._reader.quoted(c.queue))
            return NowView(at=self._now, state="waiting", text=(gone, *_clock(self._reader, c, self._now)))
        rules = Rules(self._config, c.pool)
        decision = decide_one(self._floor, self._row, rules, self._now)
        ladder = rules.of(c.kind).ladder
        needs = self._reader.needs(text(decision.needs))
        waited = (self._now - self._row.since).total_seconds()
        told_ = [say("now.waiting", span=self._reader.span(waited), needs=needs), *_clock(self._reader, c, self._now)]
        if queue.pool != c.pool:
            told_.append(say("now.other.pool", pool=self._reader.quoted(queue.pool)))
        told_ += [*self._why(decision), *self._coming(ladder, waited, decision)]
        told_.append(say("now.judged", time=self._reader.clock(self._now, self._now)))
        supervisor = self._reader.names
        score = told(rules.pool, decision.score)
        if supervisor:
            if score[0]:
                told_.append(say("guard"))
            told_.append(say("now.score", score=self._reader.points(score[1]), policy=rules.pool.policy))
            told_.append(say("now.version", version=rules.version))
        return NowView(
            at=self._now,
            state="waiting",
            text=tuple(told_),
            you=None if supervisor else self._you(decision),
            needs=text(decision.needs),
            reasons=tuple(self._counted(decision)),
            could=decision.fit.bit_count(),
            colleagues=tuple(self._colleagues(decision)) if supervisor else (),
            steps=tuple(self._steps(ladder, waited)) if supervisor else (),
            score=score[1] if supervisor else None,
            config=rules.version if supervisor else None,
        )

    # --- why -------------------------------------------------------------------------------------------------------

    def _why(self, decision: Decision) -> list[str]:
        reader, crew = self._reader, self._floor.crew
        if not crew.names:
            return [reader.say("now.empty", pool=reader.quoted(self._c.pool))]
        excluded = {reason: crew.named(bits) for reason, bits in decision.excluded}
        reasons = reader.reasons(excluded, self._c.units)
        if not decision.fit:
            return [reader.say("now.why", reasons=reasons)]
        if reader.names:
            fit = reader.say(
                "now.fit", names=reader.people(crew.named(decision.fit)), agent=reader.agent(decision.agent)
            )
        else:
            fit = reader.say("now.fit.count", n=decision.fit.bit_count())
        return [fit, *([reader.say("now.fit.others", reasons=reasons)] if reasons else [])]

    def _counted(self, decision: Decision) -> Iterable[ReasonView]:
        for reason, bits in decision.excluded:
            n = bits.bit_count()
            told_ = self._reader.reason(reason, n=n, units=self._c.units, form=0)
            yield ReasonView(reason=reason, count=n, text=told_)

    def _reason_of(self, number: int, decision: Decision) -> str | None:
        return next((reason for reason, bits in decision.excluded if bits >> number & 1), None)

    def _colleagues(self, decision: Decision) -> Iterable[ColleagueView]:
        for number, agent in enumerate(self._floor.crew.agents):
            reason = self._reason_of(number, decision)
            yield ColleagueView(
                agent=agent.name,
                display_name=agent.display_name,
                reason=reason,
                text="" if reason is None else self._reader.reason(reason, units=self._c.units),
                until=self._until(agent.name, reason),
            )

    def _you(self, decision: Decision) -> str | None:
        """The reader's own reason; None for who is no agent."""
        reader, number = self._reader, self._floor.crew.number.get(self._user)
        if number is None:
            known = self._config.agent(self._user)
            pools = {"yours": reader.quoted(known.pool), "pool": reader.quoted(self._c.pool)} if known else None
            return reader.say("now.you.pool", **pools) if pools is not None else None
        reason = self._reason_of(number, decision)
        if reason is None:
            return reader.say("now.you.could")
        told_, until = reader.reason(reason, units=self._c.units, form=2), self._until(self._user, reason)
        if until is not None:
            told_ = reader.say("now.you.until", reason=told_, time=reader.clock(until, self._now))
        return reader.say("now.you", reason=told_)

    def _until(self, agent: str, reason: str | None) -> datetime | None:
        """When a reason ends by itself, where that is known."""
        load = self._floor.loads.get(agent)
        match reason:
            case "paused":
                return load.paused_until if load is not None else None
            case "wrap-up":
                return load.wrap_until if load is not None else None
            case "declined":
                return dict(self._row.barred).get(agent)
            case "hours":
                return self._opens(self._floor.crew.agents[self._floor.crew.number[agent]].hours)
        return None

    def _opens(self, name: str | None) -> datetime | None:
        """When a shift begins."""
        if name not in self._shifts:
            self._shifts[name] = self._config.opens(name, self._now)
        return self._shifts[name]

    # --- what time changes -----------------------------------------------------------------------------------------

    def _steps(self, ladder: tuple[Rung, ...], waited: float) -> Iterable[LadderStepView]:
        begun = [rung.after for rung in ladder if rung.after <= waited]
        now = begun[-1] if begun else ladder[0].after
        for rung in ladder:
            state = "now" if rung.after == now else "past" if rung.after < now else "coming"
            at = self._row.since + timedelta(seconds=rung.after)
            yield LadderStepView(after_seconds=rung.after, at=at, needs=text(rung.needs), state=state)

    def _coming(self, ladder: tuple[Rung, ...], waited: float, decision: Decision) -> list[str]:
        """When it will ask for less, and who may be asked again when."""
        reader, told_ = self._reader, list[str]()
        if self._row.preferred is not None and not decision.fit:
            told_.append(reader.say("now.preferred", agent=reader.agent(self._row.preferred)))
        coming = [rung for rung in ladder if rung.after > waited]
        for rung in coming if reader.names else coming[:1]:
            at = self._row.since + timedelta(seconds=rung.after)
            n = self._able(rung, at).bit_count()
            key = "now.step.same" if decision.fit else "now.step" if n else "now.step.none"
            needs = reader.needs(text(rung.needs))
            told_.append(reader.say(key, time=reader.clock(at, self._now), needs=needs, n=n))
        told_ += self._asked_again(decision)
        told_ += self._back(decision) if not decision.fit else []
        return told_ or ([] if decision.fit else [reader.say("now.still")])

    def _able(self, rung: Rung, at: datetime) -> int:
        """Who of those that are there now could take it on a step, but for whom it is not offered to then."""
        floor, kind = self._floor, self._c.kind
        able = floor.ready & floor.room(kind.units) & floor.crew.meet(rung.needs)
        barred = [
            floor.crew.number[name] for name, until in self._row.barred if until > at and name in floor.crew.number
        ]
        return able & floor.crew.may_answer(kind.brand) & ~floor.full(kind.channel) & ~mask(barred)

    def _back(self, decision: Decision) -> list[str]:
        """When the first of those comes back whom time brings back."""
        reader, crew, told_ = self._reader, self._floor.crew, []
        for reason, bits in decision.excluded:
            ends = (self._until(crew.names[number], reason) for number in numbers(bits) if reason in _ENDS)
            first = min((end for end in ends if end is not None), default=None)
            if first is not None:
                what = reader.capital(reader.reason(reason))
                told_.append(reader.say("now.back", reason=what, time=reader.clock(first, self._now)))
        return told_

    def _asked_again(self, decision: Decision) -> list[str]:
        reader, told_ = self._reader, []
        kept = next((bits for reason, bits in decision.excluded if reason == "declined"), 0)
        names = {self._floor.crew.names[number] for number in numbers(kept)}
        for agent, until in sorted(self._row.barred, key=lambda one: one[1]):
            if until <= self._now or agent not in names:
                continue
            key = "now.barred" if reader.names else "now.barred.you" if agent == self._user else "now.barred.somebody"
            told_.append(reader.say(key, agent=reader.agent(agent), time=reader.clock(until, self._now)))
        return told_
