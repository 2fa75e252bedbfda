"""Explain a conversation's deadlines: each with its sum, in sentences that a supervisor can read to a customer (P8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from zoneinfo import ZoneInfo

from router.business import Business
from router.config import Config
from router.conversations import Conversation
from router.exchange import Exchange
from router.explaining import spoken_in
from router.explaining_reader import Reader
from router.explaining_sla import Account, Part, accounts
from router.explaining_times import Times
from router.keeping import terms_for
from router.once import User
from router.presenting import load
from router.promises import AUTO, CALLED, LENT, Promise
from router.sla_views import (
    DeadlinesView,
    DeadlineView,
    PromisedView,
    SkippedView,
    StageView,
    SumLineView,
    ToldView,
)
from router.targets import Sla, Target, Terms
from router.timeline import Mark
from router.times import from_ms, to_ms


def explain_deadlines(x: Exchange, user: User, conversation_id: str, *, language: str | None = None) -> DeadlinesView:
    """Every deadline of a conversation with its sum, as it stands now by the configuration in force. `language` is tr or en.

    Agents are told all but the configuration's version. Reads the conversation and nothing else. Raises NotFound and Invalid.
    """
    spoken = spoken_in(language)
    c, config, now = load(x, conversation_id), x.config(), x.now()
    terms = terms_for(c, config)
    zone = config.zone_of(c.sla, c.queue, c.inbox)
    teller = _Teller(Reader(spoken, zone, config, user.oversees), c, terms)
    found = accounts(c.timeline, terms, c.clocks, ZoneInfo(zone), to_ms(now))
    return DeadlinesView(
        conversation=c.id,
        language="tr" if spoken == "tr" else "en",
        zone=zone,
        at=now,
        policy=terms.policy,
        config=config.version if user.oversees else None,
        title=teller.say("sla.title", customer=c.name or c.address or "?", queue=teller.reader.quoted(c.queue)),
        note=tuple(teller.note(bool(found or c.promises))),
        clocks=tuple(map(teller.clock, found)),
        promises=tuple(map(teller.promise, c.promises)),
    )


class _Teller:
    """Puts a conversation's deadlines into words for one reader."""

    def __init__(self, reader: Reader, c: Conversation, terms: Terms) -> None:
        self.reader, self.say = reader, reader.say
        self._c, self._terms = c, terms
        self.times = Times(reader)
        self._config: Config = reader.config

    def note(self, anything: bool) -> Iterator[str]:
        """By what all of it is counted."""
        policy, version = self._terms.policy, ".version" if self.reader.names else ""
        values = {"policy": self.reader.quoted(policy), "queue": self.reader.quoted(self._c.queue)}
        key = "sla.queue" if policy is None else "sla.policy"
        yield self.say(key + version, **values, version=self._config.version)
        yield self.say("sla.kept") if anything else self.say("sla.none")
        yield self.say("zone", zone=self.reader.zone)

    # --- one clock -------------------------------------------------------------------------------------------------

    def clock(self, account: Account) -> DeadlineView:
        """A clock with its sum."""
        run, total, time = account.run, account.sum, account.term.time
        calendar = time.calendar.name if isinstance(time, Business) else None
        given_by = self._given_by(run.target)
        return DeadlineView(
            target=run.target.value,
            title=self.say(f"sla.{run.target.value}"),
            state=account.standing,
            state_text=self.say(f"sla.is.{account.standing}"),
            why=account.why,
            late=account.late,
            latest=account.latest,
            started_at=from_ms(run.start),
            ended_at=None if run.ended is None else from_ms(run.ended),
            due_at=None if total.due is None else from_ms(total.due),
            was_due_at=None if account.was_due is None else from_ms(account.was_due),
            promised=PromisedView(
                seconds=None if account.amount is None else account.amount / 1000,
                end_of_day=account.term.amount is None,
                calendar=calendar,
                given_by=given_by,
            ),
            counted_seconds=account.used / 1000,
            text=tuple(self._text(account, given_by, calendar)),
            lines=tuple(self._lines(account)),
            counted=tuple((from_ms(start), from_ms(end)) for start, end in total.counted),
            skipped=tuple(
                SkippedView(start=from_ms(one.start), end=from_ms(one.end), why=one.why, name=one.name)
                for one in total.skipped
            ),
            stages=tuple(
                StageView(kind=stage.kind, at=from_ms(stage.at), share=stage.number, acted=acted)
                for stage, acted in account.stages
            ),
        )

    def _given_by(self, target: Target) -> Literal["tier", "channel", "policy", "queue"]:
        """Which part of the policy says it."""
        policy: Sla | None = self._config.policy(self._c.sla, self._c.queue)
        if policy is None:
            return "queue"
        tier, channel = policy.tiers.get(self._c.tier or ""), policy.channels.get(self._c.promised_by)
        if tier is not None and tier.of(target) is not None:
            return "tier"
        return "channel" if channel is not None and channel.of(target) is not None else "policy"

    def _text(self, account: Account, given_by: str, calendar: str | None) -> Iterator[str]:
        yield self._promised(account, calendar)
        if given_by == "tier":
            yield self.say("sla.by.tier", name=self.reader.quoted(self._c.tier))
        elif given_by == "channel":
            yield self.say("sla.by.channel", name=self.reader.channel(self._c.promised_by))
        yield self.say("sla.began", time=self.times.moment(account.run.start), what=self._mark(account.started_by))
        if account.amount is not None:
            yield self._stands(account, account.amount)
        if account.was_due is not None:
            yield self.say("sla.was", due=self.times.moment(account.was_due))
        if any(one.why == "closed" for one in account.sum.skipped):
            yield self.say("sla.outside", calendar=self.reader.quoted(calendar))
        yield from self._stages(account)

    def _promised(self, account: Account, calendar: str | None) -> str:
        values = {"calendar": self.reader.quoted(calendar)}
        if account.amount is None:
            return self.say("sla.promised.never", **values)
        values["amount"] = self.times.length(account.amount)
        if account.term.amount is not None:
            return self.say("sla.promised.wall" if calendar is None else "sla.promised.calendar", **values)
        before = account.term.before
        if before is None:
            return self.say("sla.promised.day", **values)
        return self.say("sla.promised.day.before", **values, time=f"{before // 60:02}:{before % 60:02}")

    def _stands(self, account: Account, amount: int) -> str:
        run, due = account.run, account.sum.due
        values = {
            "due": "?" if due is None else self.times.moment(due),
            "used": self.times.length(account.used),
            "left": self.times.length(amount - account.used),
        }
        if run.ended is not None:
            values |= {"time": self.times.moment(run.ended), "what": self._mark(account.ended_by)}
            key = "met.paused" if account.standing == "met" and due is None else account.standing
            return self.say(f"sla.{key}", **values)
        if account.standing == "paused":
            values["since"] = self.times.moment(run.pauses[-1].start) if run.pauses else "?"
            values["opens"] = "?" if account.opens is None else self.times.moment(account.opens)
            return self.say(f"sla.paused.{account.why}", **values)
        return self.say(f"sla.{account.standing}", **values)

    def _mark(self, mark: Mark | None) -> str:
        return self.say(f"sla.mark.{mark.what.value if mark is not None else ''}", who=self.reader.agent(_who(mark)))

    def _stages(self, account: Account) -> Iterator[str]:
        for key, wanted in (("acted", True), ("coming", False)):
            told = [
                self.say(f"sla.stage.{stage.kind}", n=stage.number % 100, time=self.times.short(stage.at))
                for stage, acted in account.stages
                if acted is wanted
            ]
            if told:
                yield self.say(f"sla.stages.{key}", stages="; ".join(told))

    # --- its sum ---------------------------------------------------------------------------------------------------

    def _lines(self, account: Account) -> Iterator[SumLineView]:
        for part in account.parts:
            length = self._length_of(part) if part.kind == "counted" else self._taken(part)
            yield self._line(part.kind, self._of(part), length, part.amount, part.start, part.end)
        total = account.sum
        counted = sum(end - start for start, end in total.counted)
        if account.amount is None:
            return
        if total.due is not None:
            text, end = self.say("sla.sum.due", due=self.times.moment(total.due)), total.due
        else:
            text = self.say("sla.sum.open", amount=self.times.length(account.amount))
            end = total.counted[-1][1] if total.counted else account.run.start
        yield self._line("sum", text, self.times.length(counted), counted, account.run.start, end)

    def _line(
        self,
        kind: Literal["counted", "pause", "holiday", "sum"],
        text: str,
        length: str,
        amount: int,
        start: int,
        end: int,
    ) -> SumLineView:
        return SumLineView(
            kind=kind,
            label=self.say(f"sla.line.{kind}"),
            text=text,
            length=length,
            seconds=amount / 1000,
            start=from_ms(start),
            end=from_ms(end),
        )

    def _of(self, part: Part) -> str:
        """When it is, in words."""
        if part.kind == "pause":
            why = self.say(f"sla.pause.{part.name}")
            return self.say("sla.pause", time=self.times.between(part.start, part.end), why=why)
        if part.kind == "holiday":
            name = part.name or self.say("sla.holiday.unnamed")
            return self.say("sla.holiday", time=self._days(part), name=name)
        if part.days > 1:
            each = part.spans[: len(part.spans) // part.days]
            values = {"first": self.times.day(part.start), "last": self.times.day(part.spans[-1][0])}
            return self.say("sla.days", **values, hours=self.times.hours(each))
        if len(part.spans) == 1:
            return self.times.between(part.start, part.end)
        return self.say("sla.on", day=self.times.day(part.start), hours=self.times.hours(part.spans))

    def _days(self, part: Part) -> str:
        if part.days > 1:
            return self.say("sla.from.to", start=self.times.day(part.start), end=self.times.day(part.end - 1))
        return self.times.day(part.start)

    def _length_of(self, part: Part) -> str:
        if part.days == 1:
            return self.times.length(part.amount)
        each = self.times.length(part.amount // part.days)
        return self.say("sla.days.sum", n=part.days, each=each, amount=self.times.length(part.amount))

    def _taken(self, part: Part) -> str:
        """What a pause or a holiday took of the clock's time stands in brackets: it is not part of the sum."""
        return self.say("sla.taken", amount=self.times.length(part.amount))

    # --- promises --------------------------------------------------------------------------------------------------

    def promise(self, promise: Promise) -> ToldView:
        """Something a customer was promised."""
        state = promise.standing.value
        key = {AUTO: "sla.promise.auto", CALLED: "sla.promise.called", LENT: "sla.promise.merge"}.get(promise.by)
        who = self.reader.agent(promise.by) if key is None else self.say(key)
        told = [
            self.say(
                "sla.promise",
                who=self.reader.capital(who),
                time=self.times.moment(to_ms(promise.made_at)),
                what=self.reader.note(promise.what) if promise.what else self.say("sla.promise.answer"),
                due=self.times.moment(to_ms(promise.due_at)),
            )
        ]
        ended = promise.ended_at
        told.append(self.say(f"sla.promise.{state}", time="?" if ended is None else self.times.moment(to_ms(ended))))
        return ToldView(
            id=promise.id,
            state=state,
            made_at=promise.made_at,
            due_at=promise.due_at,
            ended_at=ended,
            text=" ".join(told),
        )


def _who(mark: Mark | None) -> str | None:
    return None if mark is None else mark.of
