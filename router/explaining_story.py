"""A conversation's history as a story: each entry a sentence, with what lies between entries and stands in none of them. Pure.

That the customer wrote again, went on by another channel, or that a step relaxed has no entry of its own: it shows in the next
decision. An entry of an unknown kind, or that cannot be read, gets a plain line, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from router.config import Config
from router.conversations import Conversation, State
from router.decisions import in_names, unpacked
from router.explaining_reader import Reader
from router.records import Entry
from router.requirements import Rung, read, text
from router.waiting import kind_of

Versions = Callable[[object], Config | None]
"""A version of the configuration; None where it cannot be had."""
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_GATHERED = ("reply", "note")
_ORDER = {
    "decline": 0,
    "missed": 0,
    "withdrawn": 0,
    "transfer": 0,
    "reopen": 0,
    "not_spam": 0,
    "awake": 0,
    "returned": 0,
    "decision": 1,
    "accept": 2,
}
"""Ids tell no order within a millisecond: there, what puts it into the line comes before what the matcher made of that."""
_WAITS = ("waiting", "offered")


@dataclass(slots=True)
class Line:
    """One sentence of the story, and what there is to say of it."""

    at: datetime
    what: str
    text: str
    details: list[str] = field(default_factory=list)
    decision: str | None = None
    config: str | None = None


class Story:
    """Told once, from the beginning: `told` gives the lines. What it knows while it tells is how the conversation stood."""

    def __init__(self, reader: Reader, conversation: Conversation, versions: Versions) -> None:
        self._reader = reader
        self._of = conversation
        self._version = versions
        self._lines: list[Line] = []
        self._standing = ""  # waiting, offered, held, snoozed, done; empty before anything is known
        self._agent: str | None = None
        self._queue: str | None = None
        self._channel: str | None = None
        self._rung: int | None = None  # of the present wait, as told last
        self._judged: set[str] = set()  # messages whose rules were told
        self._last: Entry | None = None
        self._count = 0

    def told(self, entries: Iterable[Entry], now: datetime) -> list[Line]:
        """The story of these entries, the oldest first, up to now."""
        for entry in sorted(entries, key=_place):
            if not self._lines:
                self._begin(entry)
            before = len(self._lines)
            try:
                self._tell(entry)
            except _UNREADABLE:
                del self._lines[before:]
                self._plain(entry)
            self._last = entry
        if not self._lines:
            self._begin(None)
        self._not_decided_yet()
        self._since_then(now)
        return sorted(self._lines, key=lambda line: line.at)

    # --- what every entry needs ------------------------------------------------------------------------------------

    def _tell(self, entry: Entry) -> None:
        if self._gathered(entry):
            return
        self._count = 1
        tell = _TELLS.get(entry.what)
        if tell is None:
            self._plain(entry)
        else:
            tell(self, entry, entry.detail)

    def _plain(self, entry: Entry) -> None:
        key = "unreadable" if entry.what == "decision" else "other"
        self._add(entry, key, who=self._reader.who(str(entry.who)), what=str(entry.what))

    def _add(self, entry: Entry, key: str, /, **values: Any) -> Line:
        line = Line(entry.at, entry.what, self._reader.say(key, **values))
        self._lines.append(line)
        return line

    def _done(self, entry: Entry, key: str | None = None, /, **values: Any) -> Line:
        """A sentence that says who did it."""
        return self._add(entry, key or entry.what, who=self._reader.who(entry.who), **values)

    def _detail(self, line: Line, key: str, /, **values: Any) -> None:
        line.details.append(self._reader.say(key, **values))

    def _gathered(self, entry: Entry) -> bool:
        """Several answers or notes of somebody's in a row are one line."""
        last = self._last
        if entry.what not in _GATHERED or last is None or (last.what, last.who) != (entry.what, entry.who):
            return False
        self._count += 1
        line, who = self._lines[-1], self._reader.who(entry.who)
        time = self._reader.clock(entry.at, line.at)
        line.text = self._reader.say(f"{entry.what}.many", who=who, n=self._count, time=time)
        return True

    # --- how it began, and what has no entry -----------------------------------------------------------------------

    def _begin(self, first: Entry | None) -> None:
        of = self._of
        if first is not None and first.what == "start":
            return
        decision = first.detail if first is not None and first.what == "decision" else {}
        self._queue = str(decision.get("queue") or of.queue)
        self._channel = str(decision.get("channel") or of.channel)
        waited = first is not None or of.waiting_since is not None or of.because is not None
        text_ = self._reader.say(
            "began" if waited else "began.quiet",
            channel=self._reader.channel(self._channel),
            queue=self._reader.quoted(self._queue),
        )
        line = Line(of.opened_at, "began", text_)
        self._lines.append(line)
        with suppress(*_UNREADABLE):
            if "target_s" in decision:
                key = "terms.tier" if decision.get("tier") else "terms"
                span = self._reader.span(float(decision["target_s"]))
                self._detail(line, key, priority=decision["priority"], tier=decision.get("tier"), span=span)
            self._rules(line, decision.get("rules"))

    def _rules(self, line: Line, said: Any) -> None:
        """What the rules said of a message, once."""
        if not isinstance(said, Mapping) or said.get("message") in self._judged:
            return
        self._judged.add(str(said.get("message")))
        config = self._version(said.get("config"))
        for name, why in said.get("matched", {}).items():
            rule = config.rule(name) if config is not None else None
            if why:
                self._detail(line, "rule", rule=self._reader.quoted(name), why=self._reader.why(why))
            else:
                always = rule is not None and rule.when is None
                self._detail(line, "rule.always" if always else "rule.plain", rule=self._reader.quoted(name))
        for name, why in said.get("failed", {}).items():
            key = "rule.failed.why" if self._reader.names else "rule.failed"
            self._detail(line, key, rule=self._reader.quoted(name), why=why)

    def _not_decided_yet(self) -> None:
        """The rules' words on a message that no decision has been made on yet."""
        of = self._of
        because = of.because
        if not isinstance(because, Mapping) or because.get("message") in self._judged:
            return
        line = self._lines[0]
        if self._standing == "done" and of.waiting_since is not None:
            line = Line(max(of.waiting_since, self._lines[-1].at), "again", self._reader.say("again"))
            self._lines.append(line)
        with suppress(*_UNREADABLE):
            self._rules(line, because)

    def _since_then(self, now: datetime) -> None:
        """Steps that one which waits has passed since it was last decided on."""
        of, config = self._of, self._reader.config
        if of.state is not State.WAITING or of.waiting_since is None or config.queue(of.queue) is None:
            return
        if self._standing == "waiting" and self._rung is not None:
            ladder = config.ladder(of.queue, of.kind.steps, of.kind.language)
            self._passed(of.waiting_since, ladder, self._rung, (now - of.waiting_since).total_seconds())

    def _passed(self, since: datetime, ladder: Iterable[Rung], before: float, until: float) -> int:
        """Tell the steps that began in between, each at its time; how many there were."""
        passed = [rung for rung in ladder if before < rung.after <= until]
        for rung in passed:
            values = {"span": self._reader.span(rung.after), "needs": self._reader.needs(text(rung.needs))}
            self._lines.append(Line(since + timedelta(seconds=rung.after), "step", self._reader.say("step", **values)))
        return len(passed)

    def _waits_again(self, entry: Entry, since: datetime, detail: Mapping[str, Any]) -> None:
        """What the customer did that made it wait, where a decision comes and nothing before it says why."""
        channel = str(detail.get("channel") or self._channel)
        elsewhere = self._channel is not None and channel != self._channel
        key, values = "", {"channel": self._reader.channel(channel), "agent": self._reader.agent(self._agent)}
        if self._standing == "offered":
            key = "withdrawn" if elsewhere else ""
        elif self._standing == "waiting":
            key = "went.on" if elsewhere else ""
        elif self._standing == "snoozed":
            key = "again.snoozed"
        elif self._standing in ("done", "held"):
            key = "again" if self._standing == "done" else "again.plain"
        said = detail.get("rules")
        if not key and isinstance(said, Mapping) and said.get("message") not in self._judged:
            key = "again.plain" if self._judged else ""
        if key:
            at = min(entry.at, max(since, self._lines[-1].at))
            self._lines.append(Line(at, key.partition(".")[0], self._reader.say(key, **values)))
        queue = str(detail.get("queue") or self._queue)
        if self._queue is not None and queue != self._queue:
            line = Line(entry.at, "moved", self._reader.say("moved", queue=self._reader.quoted(queue)))
            self._lines.append(line)
        self._rules(self._lines[-1] if key or self._judged else self._lines[0], said)
        self._queue, self._channel = queue, channel

    def _steps(self, entry: Entry, since: datetime, ladder: tuple[Rung, ...], detail: Mapping[str, Any]) -> None:
        """The steps that were over before this decision, and were not at the one before it."""
        rung = int(detail.get("rung") or 0)
        before, self._rung = self._rung, rung
        if before is None or rung <= before:
            return
        if not self._passed(since, ladder, before, rung):  # its record does not tell the steps
            values = {"span": self._reader.span(rung), "needs": self._reader.needs(detail.get("needs"))}
            at = min(since + timedelta(seconds=rung), entry.at)
            self._lines.append(Line(at, "step", self._reader.say("step", **values)))

    # --- decisions -------------------------------------------------------------------------------------------------

    def _decision(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        config = self._version(detail.get("config"))
        shown = _named(detail, config)
        since = entry.at - timedelta(milliseconds=float(detail.get("waited_ms") or 0))
        ladder = _ladder(detail, config)
        self._waits_again(entry, since, detail)
        if self._standing not in _WAITS:
            self._rung = None
        first = self._rung is None
        self._steps(entry, since, ladder, detail)
        place = str(detail.get("queue")), str(detail.get("channel"))
        seconds = config.offer_seconds(*place) if config is not None else None
        agent = detail.get("agent")
        needs = self._reader.needs(detail.get("needs") or detail.get("skill") or "anybody")
        if agent is None:
            line = self._add(entry, "wait" if first else "wait.on", needs=needs)
            self._standing, self._agent = "waiting", None
        else:
            name = self._reader.agent(agent)
            if seconds is None:
                line = self._add(entry, "given", agent=name)
            else:
                line = self._add(entry, "offered", agent=name, span=self._reader.span(seconds))
            self._standing, self._agent = "held" if seconds is None else "offered", str(agent)
            if first:
                self._detail(line, "asked", needs=needs)
            if detail.get("chosen"):
                self._detail(line, "chosen", agent=name, why=self._reader.chosen(detail["chosen"]))
        self._numbers(line, shown, agent)
        if self._reader.names:
            self._for_supervisors(line, shown, ladder if first else ())
            line.decision, line.config = entry.id, str(detail.get("config") or "") or None

    def _numbers(self, line: Line, shown: Mapping[str, Any], agent: Any) -> None:
        """Who could have taken it as well, and why the others could not."""
        fit = shown["fit"]
        others = fit if isinstance(fit, int) else [name for name in fit if name != agent]
        count = others - (agent is not None) if isinstance(others, int) else len(others)
        if agent is not None and count > 0:
            if self._reader.names and not isinstance(others, int):
                self._detail(line, "also", names=self._reader.people(others))
            else:
                self._detail(line, "also.count", n=count)
        reasons = self._reader.reasons(shown["excluded"], shown.get("units", "?"))
        if reasons:
            self._detail(line, "not.others" if agent is not None else "wait.why", reasons=reasons)

    def _for_supervisors(self, line: Line, shown: Mapping[str, Any], ladder: tuple[Rung, ...]) -> None:
        if len(ladder) > 1:
            steps = [
                self._reader.say(
                    "steps.then" if rung.after else "steps.first",
                    span=self._reader.span(rung.after),
                    needs=self._reader.needs(text(rung.needs)),
                )
                for rung in ladder
            ]
            self._detail(line, "steps", steps="; ".join(steps))
        score = shown.get("score")
        if score is None:
            return
        if score[0]:
            self._detail(line, "guard")
        self._detail(
            line, "score", score=self._reader.points(score[1]), policy=shown["policy"], span=self._reader.span(shown["waited_ms"] / 1000),
            priority=shown["priority"], target=self._reader.span(shown["target_s"]),
        )  # fmt: skip
        following = shown.get("next") or ()
        if following:
            self._detail(
                line,
                "others",
                n=shown.get("others", 1),
                next=following[0][0],
                score=self._reader.points(following[0][2]),
            )

    # --- offers, and who has it ------------------------------------------------------------------------------------

    def _accept(self, entry: Entry, _: Mapping[str, Any]) -> None:
        self._done(entry)
        self._standing, self._agent = "held", entry.who

    def _decline(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        line = self._done(entry)
        if detail.get("reason") and self._reader.names:
            self._detail(line, "decline.reason", reason=self._reader.note(detail["reason"]))
        self._standing, self._agent = "waiting", None

    def _missed(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        who = self._reader.agent(detail.get("agent"))
        line = self._add(entry, "missed", who=who)
        self._standing, self._agent = "waiting", None
        if detail.get("paused_until"):
            until = self._reader.clock(datetime.fromisoformat(detail["paused_until"]), entry.at)
            self._detail(line, "paused", who=who, n=detail.get("in_a_row", "?"), time=until)

    def _withdrawn(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        """Its agent was not there to answer it."""
        state = self._reader.state(str(detail.get("presence") or "away"))
        line = self._add(entry, "withdrawn.away", who=self._reader.agent(detail.get("agent")), state=state)
        self._detail(line, "withdrawn.counts")
        self._standing, self._agent = "waiting", None

    def _taken(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        """By hand: taken, assigned, or handed to one agent."""
        agent = str(detail.get("agent") or entry.who)
        name = self._reader.agent(agent)
        made = detail.get("decision")
        made = made if isinstance(made, Mapping) else {}
        if "waited_ms" in made and self._standing in _WAITS:
            waited = float(made["waited_ms"]) / 1000
            self._rung = None
            line = self._done(entry, _BY_HAND[entry.what], agent=name)
            needs = self._reader.needs(made.get("needs") or "anybody")
            self._detail(line, "waited", span=self._reader.span(waited), needs=needs)
        else:
            line = self._done(entry, _BY_HAND[entry.what], agent=name)
        if detail.get("from") and detail["from"] != entry.who:
            self._detail(line, "before", agent=self._reader.agent(detail["from"]))
        if made.get("overruled"):
            reason = self._reader.reason(str(made["overruled"]), units=self._of.units)
            self._detail(line, "overruled", agent=name, reason=reason)
        if self._reader.names and made.get("config"):
            line.config = str(made["config"])
        self._note(line, detail)
        self._standing, self._agent = "held", agent

    def _transfer(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        if detail.get("agent"):
            self._taken(entry, detail)
            return
        if detail.get("skill"):
            line = self._done(entry, "transfer.skill", needs=self._reader.needs(_asked(detail["skill"])))
        else:
            self._queue = str(detail.get("queue") or self._queue)
            line = self._done(entry, "transfer.queue", queue=self._reader.quoted(self._queue))
        if detail.get("from") and detail["from"] != entry.who:
            self._detail(line, "before", agent=self._reader.agent(detail["from"]))
        self._note(line, detail)
        self._fresh_wait()

    def _note(self, line: Line, detail: Mapping[str, Any]) -> None:
        if detail.get("note"):
            self._detail(line, "with.note", note=self._reader.note(detail["note"]))

    def _fresh_wait(self) -> None:
        self._standing, self._agent, self._rung = "waiting", None, None

    def _snooze(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        until = datetime.fromisoformat(detail["until"])
        self._done(entry, time=self._reader.clock(until, entry.at))
        self._standing = "snoozed"

    def _waits(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        """Reopened, awake, no spam after all."""
        line = self._done(entry)
        if detail.get("unblocked"):
            self._detail(line, "unblocked")
        self._fresh_wait()

    def _returned(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        line = self._add(entry, "returned", who=self._reader.agent(detail.get("from")))
        self._detail(line, "returned.place")
        self._fresh_wait()

    def _left(self, entry: Entry, _: Mapping[str, Any]) -> None:
        """The customer ended the chat: what nobody had answered is over."""
        if self._standing in _WAITS:
            self._done(entry)
            self._standing, self._agent = "done", None
        else:
            self._done(entry, "left.answered")

    def _ends(self, entry: Entry, _: Mapping[str, Any]) -> None:
        """Resolved, spam, blocked."""
        self._done(entry)
        self._standing, self._agent = "done", None

    # --- all else --------------------------------------------------------------------------------------------------

    def _simple(self, entry: Entry, _: Mapping[str, Any]) -> None:
        self._done(entry)
        if entry.what == "reply" and self._standing == "snoozed":
            self._standing = "held"

    def _start(self, entry: Entry, _: Mapping[str, Any]) -> None:
        self._done(entry)
        self._queue, self._channel = self._of.queue, str(self._of.channel)
        self._standing = "done"  # until the customer answers, or whoever began it does more

    def _by_channel(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        self._done(entry, channel=self._reader.channel(detail.get("channel")))

    def _breach(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        due = datetime.fromisoformat(detail["due_at"])
        self._add(entry, "breach", time=self._reader.clock(due, entry.at))

    def _tag(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        added, gone = (", ".join(map(str, detail.get(name) or ())) for name in ("add", "remove"))
        key = "tag.both" if added and gone else "tag.remove" if gone else "tag.add"
        self._done(entry, key, tags=added or gone, gone=gone)

    def _category(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        to = detail.get("to")
        self._done(entry, "category" if to else "category.none", to=to)

    def _merged(self, entry: Entry, detail: Mapping[str, Any]) -> None:
        here = detail.get("left") != entry.subject
        line = self._add(entry, "merged.here" if here else "merged.away", other=detail.get("conversation"))
        if entry.who == "proof":
            self._detail(line, "joined.proof")
        else:
            self._detail(line, "joined.by", who=self._reader.who(entry.who))
        if not here:
            self._standing = "done"


def _place(entry: Entry) -> tuple[datetime, int]:
    return entry.at, _ORDER.get(entry.what, 3)


def _named(detail: Mapping[str, Any], config: Config | None) -> dict[str, Any]:
    """A decision's record with names; where its version cannot be had, with how many. Older ones hold names as they are."""
    if "v" not in detail:
        fit = [one[0] if isinstance(one, list | tuple) else one for one in detail.get("fit") or ()]
        return {**detail, "fit": fit, "excluded": dict(detail.get("excluded") or {})}
    if config is not None:
        return in_names(detail, config)
    counts = {reason: unpacked(bits).bit_count() for reason, bits in detail["excluded"].items()}
    return {**detail, "fit": unpacked(detail["fit"]).bit_count(), "excluded": counts}


def _ladder(detail: Mapping[str, Any], config: Config | None) -> tuple[Rung, ...]:
    """The steps of the conversation that a decision is about; none where the record does not tell its class."""
    seen = detail.get("seen")
    if config is None or not isinstance(seen, Mapping):
        return ()
    row = next((one for one in seen["rows"] if one[0] == detail.get("conversation")), None)
    if row is None:
        return ()
    kind = kind_of(seen["kinds"][row[1]])
    return config.ladder(kind.queue, kind.steps, kind.language) if config.queue(kind.queue) is not None else ()


def _asked(needs: Any) -> str:
    """A requirement that somebody named, as text."""
    try:
        return text(read(needs))
    except (TypeError, ValueError):
        return str(needs)


_BY_HAND = {"take": "take", "assign": "assign", "transfer": "transfer.agent"}
_TELLS: dict[str, Callable[[Story, Entry, Mapping[str, Any]], None]] = {
    "decision": Story._decision,
    "accept": Story._accept,
    "decline": Story._decline,
    "missed": Story._missed,
    "withdrawn": Story._withdrawn,
    "take": Story._taken,
    "assign": Story._taken,
    "transfer": Story._transfer,
    "snooze": Story._snooze,
    "awake": Story._waits,
    "reopen": Story._waits,
    "not_spam": Story._waits,
    "returned": Story._returned,
    "resolve": Story._ends,
    "left": Story._left,
    "spam": Story._ends,
    "block": Story._ends,
    "reply": Story._simple,
    "note": Story._simple,
    "resend": Story._simple,
    "discard": Story._simple,
    "parted": Story._simple,
    "start": Story._start,
    "verification": Story._by_channel,
    "opted_out": Story._by_channel,
    "opted_in": Story._by_channel,
    "breach": Story._breach,
    "tag": Story._tag,
    "category": Story._category,
    "merged": Story._merged,
}
"""Every kind of entry that a conversation's history has (a test looks for others)."""
