"""What people decide of campaigns: run one now, pause, resume, cancel, confirm a run; and how each stands.

A pause holds what has not left; a cancelled campaign's journeys end, and only what begins later goes on. Both hold for the next message at
once, because each is judged by them; going through the journeys is for those who wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from router.campaigns import Campaign
from router.campaigns import Send as Step
from router.errors import Conflict, Invalid, NotFound
from router.exchange import Exchange
from router.experiments import Comparison, Group, compared
from router.ids import digest
from router.journeys import Label, Stage, program, read_label
from router.launching import LOOK, plans, share_of
from router.once import Plan, Result, User, once
from router.outreach_values import SLICE, Control, Part, Run
from router.recurring import Birthday
from router.signals import Signal, Walk
from router.times import to_ms

if TYPE_CHECKING:
    from router.aws.dynamo import Change

HOLDOUT = "holdout"
_LATELY = timedelta(days=30)


def run_now(x: Exchange, user: User, name: str, key: str, *, confirmed: bool) -> Run:
    """Set a campaign off for its audience, now. Raises Conflict where it is for more people than is allowed without `confirmed`."""
    campaign = _campaign(x, name)
    if not campaign.scheduled:
        raise Invalid(
            f"campaign '{name}' begins by what one person does; there is nobody to run it for", field="campaign"
        )
    if isinstance(campaign.clock, Birthday):
        raise Invalid(
            f"campaign '{name}' is for those whose birthday it is: by hand it would wish everybody well today",
            field="campaign",
        )
    if not campaign.enabled:
        raise Conflict(f"campaign '{name}' is switched off in the configuration")

    def plan(digest_: str) -> Plan:
        _may(user)
        now = x.now()
        share = None if confirmed else share_of(x, campaign)
        if share is not None:
            raise Conflict(f"it is for about {share} % of all contacts: look at a preview, and confirm it")
        run = Run(
            name,
            f"{now:%Y-%m-%dT%H:%M:%S}Z",
            x.config().version,
            to_ms(now),
            f"hand-{digest_}",
            confirmed=True,
            due=to_ms(now) + LOOK,
        )
        entry = _entry(x, user, name, "campaign.run", {"run": run.name}, digest_)
        marked = x.table.run_by_hand(name, run.occurrence, run.at)
        return Plan([x.table.new_run(run), marked, entry], Result(subject=run.name), plans(run))

    made = once(x, user, key, digest(x.key, "campaign run", name, str(confirmed)), plan)
    found = x.table.run(name, made.subject or "")
    if found is None:
        raise NotFound(f"there is no run {made.subject} of campaign '{name}'")
    return found


def confirm(x: Exchange, user: User, name: str, run: str, key: str) -> str:
    """The runs of an occurrence that ask go on, and those that are still to come; which one. Raises NotFound, Conflict if none asks."""
    group = run.partition(SLICE)[0]

    def plan(digest_: str) -> Plan:
        _may(user)
        runs = x.table.runs_of(name, group)
        if not runs:
            raise NotFound(f"there is no run {group} of campaign '{name}'")
        asking = [one for one in runs if one.waits]
        if not asking:
            raise Conflict("this run does not ask for anything")
        due = to_ms(x.now()) + LOOK
        after = [replace(one, confirmed=True, due=due) for one in asking]
        changes = [x.table.save_run(*pair) for pair in zip(asking, after, strict=True)]
        entry = _entry(x, user, name, "campaign.confirm", {"run": group}, digest_)
        return Plan([*changes, entry], Result(subject=group), [signal for one in after for signal in plans(one)])

    once(x, user, key, digest(x.key, "campaign confirm", name, group), plan)
    return group


def pause(x: Exchange, user: User, name: str, key: str) -> Control:
    """Nothing more of it leaves until it is resumed; what the provider has already been asked to send does."""
    return _decide(x, user, name, "pause", key)


def resume(x: Exchange, user: User, name: str, key: str) -> Control:
    """It goes on where it stood: everybody who got something has it, nobody is passed over."""
    return _decide(x, user, name, "resume", key)


def cancel(x: Exchange, user: User, name: str, key: str) -> Control:
    """All that began until now ends, and nobody more is written to by it; a later occurrence is a new one."""
    return _decide(x, user, name, "cancel", key)


def _decide(x: Exchange, user: User, name: str, what: str, key: str) -> Control:
    _known(x, name)

    def plan(digest_: str) -> Plan:
        _may(user)
        before = x.table.control(name)
        now = to_ms(x.now())
        after = replace(before, by=user.name, at=now)
        if what == "pause":
            after = replace(after, paused=True, why="by hand")
        elif what == "resume":
            after = replace(after, paused=False, why="")
        else:
            after = replace(after, paused=False, why="", cancelled=now)
        walks: list[Signal] = []
        if what != "pause":
            walks = [Walk(name, shard, salt=digest_[:8]) for shard in x.table.journey_lists]
        changes = [x.table.save_control(before, after), _entry(x, user, name, f"campaign.{what}", {}, digest_)]
        return Plan(changes, Result(subject=str(now)), walks)

    made = once(x, user, key, digest(x.key, "campaign", what, name), plan)
    # as many as there are, which may be more than one transaction takes; a repeat of the key does what is left
    until = int(made.subject or 0)
    if what == "cancel":
        x.table.unlist_asking(name, until)
    if what != "pause":
        x.table.unlist_spent(name, until)
    return x.table.control(name)


def _may(user: User) -> None:
    if not user.machine:
        user.need("admin")


def _entry(x: Exchange, user: User, name: str, what: str, detail: dict[str, str], digest_: str) -> Change:
    return x.table.history(f"campaign:{name}", what, user.name, {"campaign": name, **detail}, x.now(), f"h_{digest_}")


def _campaign(x: Exchange, name: str) -> Campaign:
    found = x.config().campaign(name)
    if found is None:
        x.look_again()
        found = x.config().campaign(name)
    if found is None:
        names = ", ".join(one.name for one in x.config().campaigns)
        raise NotFound(f"there is no campaign '{name}'" + (f"; there are {names}" if names else ""))
    return found


def _known(x: Exchange, name: str) -> None:
    """A campaign that is configured, or was: one that was taken out can still be paused and cancelled."""
    if not x.table.runs(name, 1):
        _campaign(x, name)


# --- how it stands ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """Journeys of one run, counted by how they stand. `reasons` are those of whom nothing was sent, or not yet, by code."""

    journeys: int
    sent: int  # people to whom at least one message left
    messages: int
    pending: int  # that still go on, and nothing has left
    dropped: int
    parked: int
    clicked: int  # people who followed a link of it
    replied: int
    cost: int  # millionths of the currency
    reasons: Mapping[str, int]
    channels: Mapping[str, int]
    variants: Mapping[str, tuple[int, int]]  # people, and how many reached the goal; `holdout` among them
    scores: Mapping[tuple[str, int], int] = field(default_factory=dict)  # answers to surveys, by kind and value


@dataclass(frozen=True, slots=True)
class Standing:
    """What came of a run, by the name that people know it by, or of all since a day: its runs, how far they have come, journeys counted."""

    name: str | None
    since: str | None
    runs: tuple[Run, ...]
    parts: tuple[Part, ...]
    tally: Tally

    @property
    def looked(self) -> int:
        """Contacts that were looked at; of an occurrence in recipients' own zones those whose time had come."""
        return sum(part.looked for part in self.parts)

    @property
    def outside(self) -> int:
        """Of them those whom it is not for."""
        return sum(part.outside for part in self.parts)

    @property
    def planned(self) -> bool:
        """Were all contacts looked at?"""
        return all(part.done for part in self.parts)

    @property
    def asking(self) -> Run | None:
        """A run that waits to be confirmed."""
        return next((run for run in self.runs if run.waits), None)


def standing(x: Exchange, name: str, run: str | None = None, since: str | None = None) -> Standing:
    """How a campaign stands: a run (the latest without a name), or all since a day (YYYY-MM-DD).

    What events and conversations set off is kept by the day, and without a word it is that of the last 30. Raises NotFound.
    """
    runs = x.table.runs(name)
    campaign = x.config().campaign(name)
    if campaign is None and not runs:
        campaign = _campaign(x, name)
    if run is None and since is None:
        if campaign is not None and not campaign.scheduled:
            since = f"{x.now() - _LATELY:%Y-%m-%d}"
        elif runs:
            run = runs[0].group
    group = run.partition(SLICE)[0] if run is not None else None
    if group is not None:
        runs = x.table.runs_of(name, group)
        if not runs and (campaign is None or campaign.scheduled):
            raise NotFound(f"there is no run {group} of campaign '{name}'")
    elif since is not None:
        runs = [one for one in runs if one.group >= since]
    else:
        runs = []
    parts = tuple(part for one in runs for part in x.table.parts(name, one.name))
    return Standing(group, since, tuple(runs), parts, tallied(labels(x, name, group, since)))


def labels(x: Exchange, name: str, run: str | None, since: str | None = None) -> Iterable[Label]:
    """The labels of a run's journeys, or of all since a day: some thousands a call, an index read."""
    for shard in x.table.journey_lists:
        for _, mark in x.table.journeys_listed(name, run, shard=shard, after=since if run is None else None):
            yield read_label(mark.split("#")[1])


def tallied(found: Iterable[Label]) -> Tally:
    """Labels counted; memory does not grow with them."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    people: Counter[str] = Counter()
    reached: Counter[str] = Counter()
    scores: Counter[tuple[str, int]] = Counter()
    for one in found:
        counts["journeys"] += 1
        scores.update(one.scores)
        counts["messages"] += one.sent
        counts["cost"] += one.cost
        counts["clicked"] += one.clicked
        counts["replied"] += one.replied
        group = HOLDOUT if one.why == HOLDOUT else one.variant or "all"
        if one.sent:
            counts["sent"] += 1
            channels[one.channel] += 1
        elif one.stage is Stage.PARKED:
            counts["parked"] += 1
        elif one.stage.live:
            counts["pending"] += 1
        else:
            counts["dropped"] += 1
        if not one.sent and one.why:
            reasons[one.why] += 1
        if one.sent or group == HOLDOUT:
            people[group] += 1
            reached[group] += one.reached
    variants = {name: (people[name], reached[name]) for name in sorted(people)}
    return Tally(
        counts["journeys"], counts["sent"], counts["messages"], counts["pending"], counts["dropped"], counts["parked"],
        counts["clicked"], counts["replied"], counts["cost"],
        dict(reasons.most_common()), dict(channels.most_common()), variants, scores,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered to a campaign's surveys of one kind: how many gave which value."""

    kind: str
    values: Mapping[int, int]

    @property
    def number(self) -> int:
        """How many answered."""
        return sum(self.values.values())


def answers(tally: Tally, campaign: Campaign | None) -> list[Answers]:
    """By kind, those that the campaign asks for and that nobody answered yet among them."""
    steps = program(campaign.steps) if campaign is not None else ()
    asks = {op.step.survey for op in steps if isinstance(op.step, Step)} - {None}
    kinds = sorted({str(kind) for kind in asks} | {kind for kind, _ in tally.scores})
    given = sorted(tally.scores.items())
    return [Answers(one, {value: count for (kind, value), count in given if kind == one}) for one in kinds]


def results(tally: Tally) -> tuple[Group | None, list[Comparison]]:
    """Each variant against the holdout, or without one against the first; none where there is nothing to compare."""
    groups = {name: Group(name, people, reached) for name, (people, reached) in tally.variants.items()}
    baseline = groups.pop(HOLDOUT, None)
    if baseline is None and len(groups) > 1:
        baseline = groups.pop(next(iter(groups)))
    if baseline is None or not groups:
        return baseline, []
    return baseline, compared(baseline, list(groups.values()))
