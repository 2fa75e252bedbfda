"""One person's way through a campaign: where they stand in its steps, what they wait for, how it ended. Pure.

A journey goes on under the version of the configuration it began under, so its place in the steps always means the same. It is moved by
`advance`, to its next message, to something it waits for, or to its end; what becomes of a message is the arbiter's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from router.campaigns import Await, Became, Branch, Campaign, Send, Step, Stop, Wait
from router.candidates import Reason
from router.zones import instant, wall, zone

MOST_HEARD = 20
"""What a journey remembers of what the person did meanwhile: the newest."""
FAILED = "failed"
"""What is heard of a message that its provider took and then could not deliver."""
SCORE = "score"
"""What is heard of a survey's answer begins so: `score:nps:9`. It is no event's type, so nothing waits for it or ends by it."""
DONE = "done"
"""The end of the steps."""


class Stage(StrEnum):
    """Where a journey stands."""

    PLANNED = "planned"  # its next step is due, or has its turn then
    HELD = "held"  # its message may not leave yet: `reason`
    SENDING = "sending"  # a message is on its way
    WAITING = "waiting"  # for a time, or for what the person does
    PARKED = "parked"  # nobody knows whether its message left: a person decides
    WATCHED = "watched"  # its steps are over; whether the goal is reached is not known yet
    ENDED = "ended"

    @property
    def live(self) -> bool:
        """May a message still leave?"""
        return self not in (Stage.WATCHED, Stage.ENDED)


@dataclass(frozen=True, slots=True)
class Heard:
    """Something the person did: `reply`, `click`, a score, or an event's type; in milliseconds."""

    what: str
    at: int


@dataclass(frozen=True, slots=True)
class Journey:
    """Times are milliseconds since 1970. `run` groups journeys in lists: the run over an audience, or the day on which an event set it off.

    `about` is what set it off: an event's id, or a conversation's. `at` is the place in the program and `since` when it came there, so a
    message at it is due since then; `until` is the end of a wait, for what the person does from `mark` on.
    `send` is the message on its way; `sent` are those that left, the oldest first. `tried` are channels that did not work at
    this step. `turn` is a time that is kept for it at the provider. `cost` is in millionths of the currency. `last` is the step whose
    message left last, and `back` until when it is known that one came back.
    """

    contact: str
    campaign: str
    occurrence: str
    run: str
    version: str
    began: int
    due: int | None
    stage: Stage = Stage.PLANNED
    at: int = 0
    since: int = 0
    mark: int = 0
    until: int | None = None
    about: str | None = None
    zone: str | None = None
    reason: Reason | None = None
    variant: str = ""
    channel: str = ""
    send: str | None = None
    sent: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    turn: int | None = None
    cost: int = 0
    heard: tuple[Heard, ...] = ()
    reached: bool = False
    last: int = 0
    back: int = 0
    ended: int | None = None
    row: int = 0  # how often it was written

    @property
    def key(self) -> tuple[str, str, str]:
        """Whose, of which campaign, of which occurrence."""
        return self.contact, self.campaign, self.occurrence

    @property
    def fresh(self) -> bool:
        """Has nobody looked at it since it began, or only held it back as its campaign was paused?"""
        return self.stage is Stage.PLANNED and self.at == 0 and self.turn is None and not self.tried

    @property
    def why(self) -> str:
        """The code of its reason; empty without one."""
        return self.reason.code if self.reason is not None else ""

    def did(self, what: str, since: int) -> bool:
        """Has the person done this since then?"""
        return any(one.what == what and one.at >= since for one in self.heard)

    @property
    def scores(self) -> tuple[tuple[str, int], ...]:
        """What the person answered to its surveys: kind and value of each."""
        told = (one.what.split(":") for one in self.heard)
        return tuple((parts[1], int(parts[2])) for parts in told if len(parts) == 3 and parts[0] == SCORE)

    @property
    def came_back(self) -> bool:
        """Has its last message come back since that was looked at last?"""
        return bool(self.sent) and self.did(FAILED, self.back + 1)


# --- the program -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Op:
    """One step where it stands in the whole: `other` is where it goes on if a condition does not hold, or a wait ends without."""

    step: Step | None
    other: int = 0


def program(steps: Sequence[Step]) -> tuple[Op, ...]:
    """The steps in one row, those inside others after the step that leads to them; an op without a step goes on at `other`."""
    made: list[Op] = []
    _lay(steps, made)
    return tuple(made)


def _lay(steps: Sequence[Step], made: list[Op]) -> None:
    for step in steps:
        place = len(made)
        made.append(Op(step))
        if isinstance(step, Await | Branch):
            _lay(step.then, made)
            jump = len(made)
            made.append(Op(None))
            made[place] = Op(step, len(made))
            _lay(step.otherwise, made)
            made[jump] = Op(None, len(made))


# --- moving on -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """The journey stands at a message: may it leave?"""

    journey: Journey
    step: Send


@dataclass(frozen=True, slots=True)
class Rest:
    """The journey waits until `journey.due`."""

    journey: Journey


@dataclass(frozen=True, slots=True)
class Over:
    """There is no step left, or something ended it."""

    journey: Journey
    why: str = DONE


@dataclass(frozen=True, slots=True)
class Seen:
    """What a journey's moving depends on besides itself. `holds` judges a branch; `zone` is the person's."""

    zone: str
    complaint: bool = False
    holds: Callable[[Branch, Journey], bool] = field(default=lambda _branch, _journey: False)


def advance(journey: Journey, campaign: Campaign, seen: Seen, now: int) -> Ask | Rest | Over:
    """As far as it comes by now. Total: it ends at a message, at a wait that is not over, or at the end.

    What ends a journey counts from its first message on, but for events, and for an answer to a conversation that was resolved; what a
    complaint keeps back is the arbiter's to say.
    """
    ops = program(campaign.steps)
    ended = _ended_by(journey, campaign, seen)
    if ended is not None:
        return Over(journey, ended)
    while journey.at < len(ops):
        op = ops[journey.at]
        match op.step:
            case None:
                journey = to(journey, op.other, journey.since)
            case Wait():
                until = journey.until if journey.until is not None else _wait_until(op.step, seen.zone, journey.since)
                if now < until:
                    return Rest(replace(journey, stage=Stage.WAITING, until=until, due=until, reason=None))
                journey = to(journey, journey.at + 1, until)
            case Await():
                until = journey.since + op.step.within * 1000
                if journey.did(op.step.wait_for, journey.mark):
                    journey = replace(to(journey, journey.at + 1, now), mark=now)
                elif now < until:
                    return Rest(replace(journey, stage=Stage.WAITING, until=until, due=until, reason=None))
                else:
                    journey = replace(to(journey, op.other, until), mark=now)
            case Branch():
                journey = to(journey, journey.at + 1 if seen.holds(op.step, journey) else op.other, journey.since)
            case Send():
                return Ask(journey, op.step)
            case Stop():
                return Over(journey)
    return Over(journey)


def past(journey: Journey, when: int) -> Journey:
    """Behind the step it stands at, since then."""
    return to(journey, journey.at + 1, when)


def to(journey: Journey, at: int, since: int) -> Journey:
    """At another step, which it came to then."""
    return replace(journey, at=at, since=since, until=None, tried=(), turn=None, send=None)


def _ended_by(journey: Journey, campaign: Campaign, seen: Seen) -> str | None:
    if not journey.sent:
        before = [one for one in campaign.exits if "." in one]
        before += ["reply"] if isinstance(campaign.starts, Became) and "reply" in campaign.exits else []
        return next((one for one in before if journey.did(one, journey.began)), None)
    if "complaint" in campaign.exits and seen.complaint:
        return "complaint"
    waits_for_it = _awaited(journey, campaign)
    return next((one for one in campaign.exits if one != waits_for_it and journey.did(one, journey.began)), None)


def _awaited(journey: Journey, campaign: Campaign) -> str | None:
    """What the step it stands at waits for: that leads on to `then`, and ends nothing."""
    ops = program(campaign.steps)
    step = ops[journey.at].step if journey.at < len(ops) else None
    return step.wait_for if isinstance(step, Await) and step.then else None


def _wait_until(step: Wait, of: str, since: int) -> int:
    """The end of a wait that began then: the while, then the time by the clock on the wall there."""
    end = since + step.wait * 1000
    if step.at is None:
        return end
    place = zone(of)
    shown = wall(place, end)
    hour, minute = map(int, step.at.split(":"))
    at = shown.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if at < shown:
        at += timedelta(days=1)
    return max(instant(place, at), end)


def next_message(journey: Journey, campaign: Campaign, of: str) -> tuple[int, int] | None:
    """The step of the message that comes next by time alone, and when it is due; None where that hangs on anything else."""
    ops = program(campaign.steps)
    at, since, until = journey.at, journey.since, journey.until
    while at < len(ops):
        op = ops[at]
        match op.step:
            case None:
                at = op.other
            case Wait():
                since = until if until is not None else _wait_until(op.step, of, since)
                at, until = at + 1, None
            case Send():
                return at, since
            case _:
                return None
    return None


def wants(campaign: Campaign) -> tuple[str, ...]:
    """What the person may do that matters to a journey: it is told at once."""
    found = list(campaign.exits)
    found += [op.step.wait_for for op in program(campaign.steps) if isinstance(op.step, Await)]
    if campaign.goal is not None:
        found.append(campaign.goal.of)
    return tuple(dict.fromkeys(one for one in found if one != "complaint"))


# --- how it ended ----------------------------------------------------------------------------------------------------


def over(journey: Journey, campaign: Campaign | None, why: Reason, now: int) -> Journey:
    """At its end, or watched for its goal where it has one and somebody was, or would have been, written to."""
    ended = replace(journey, stage=Stage.ENDED, reason=why, due=None, until=None, send=None, turn=None, ended=now)
    goal = campaign.goal if campaign is not None else None
    if goal is None or not (journey.sent or why.code == "holdout"):
        return ended
    if journey.reached or journey.did(goal.of, journey.began):
        return replace(ended, reached=True)
    until = journey.began + goal.within * 1000
    return ended if now >= until else replace(ended, stage=Stage.WATCHED, due=until)


def watched(journey: Journey, campaign: Campaign | None, now: int) -> Journey:
    """Was the goal reached, or is it too late for it?"""
    return over(journey, campaign, journey.reason or Reason(DONE), now)


def label(journey: Journey) -> str:
    """What lists count it by: stage, reason, messages that left, variant, what the person did, cost, channel; and scores, if any."""
    did = "".join(name[0] for name in ("click", "reply") if journey.did(name, journey.began)) + (
        "g" if journey.reached else ""
    )
    parts = (
        str(journey.stage), journey.why, str(len(journey.sent)), journey.variant, did, str(journey.cost), journey.channel,
        *(f"{kind}:{value}" for kind, value in journey.scores),
    )  # fmt: skip
    return "|".join(parts)


@dataclass(frozen=True, slots=True)
class Label:
    """A label read back."""

    stage: Stage
    why: str
    sent: int
    variant: str
    reached: bool
    clicked: bool
    replied: bool
    cost: int
    channel: str
    scores: tuple[tuple[str, int], ...] = ()


def read_label(text: str) -> Label:
    """The inverse of `label`."""
    stage, why, sent, variant, did, cost, channel, *told = text.split("|")
    scores = tuple((kind, int(value)) for kind, _, value in (one.partition(":") for one in told))
    return Label(Stage(stage), why, int(sent), variant, "g" in did, "c" in did, "r" in did, int(cost), channel, scores)


def given(kind: str, value: int) -> str:
    """What a journey hears of a score."""
    return f"{SCORE}:{kind}:{value}"


def day_run(at: datetime) -> str:
    """The list in which what events set off on a day stands."""
    return f"{at:%Y-%m-%d}"
