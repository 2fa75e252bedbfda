"""How sure a comparison of what happened with what would have is: what its record could not know. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from santral.whatif.changed import Changes
from santral.whatif.nature import Recorded, waited_for
from santral.whatif.playing import Played
from santral.whatif.record import End, Fate, Record, Wait
from santral.whatif.views import share, times_there

NEAR = 5_000
"""Milliseconds: waits that differ by no more are told as the same where a record is held against its own play."""


@dataclass(frozen=True)
class Sureness:
    """What the comparison rests on. Shares are of the waits that are counted."""

    explained: float | None  # the play of the record gave the same end, agent and nearly the same wait
    exact: bool  # to the millisecond, all of them
    beyond: float | None  # under the change they wait longer than is known that they would
    other_agent: float | None  # of those answered: with another agent, whose working time is assumed
    unworked: float | None  # of those answered: nobody had it, so its working time is a median
    other_work: float | None  # of the agents' units: other work, taken as it was
    judged: int
    unjudged: int
    inferred: float | None  # of those answered on record: when the agent was done is worked out
    patience: Mapping[str, float]  # mean milliseconds, by channel; of a channel that nobody gave up on there is none
    endless: tuple[str, ...]  # those channels
    offers_known: bool
    versions: int
    unread: int  # decisions that this release cannot read
    new_agents: tuple[str, ...]  # the record does not have them: they never come in
    hours_of: Mapping[str, str]  # those who are new and come in with a colleague, and which
    gone_agents: tuple[str, ...]  # the change does not have them: what they had goes to others
    homeless: Mapping[str, int]


def explained(record: Record, happened: Played, replayed: Played) -> float | None:
    """The share of waits of which the play of the record gives the same end, the same agent, and a wait within NEAR."""
    counted = [wait for wait in record.waits if wait.at >= record.since]
    same = sum(_near(record, happened.fate(wait), replayed.fate(wait)) for wait in counted)
    return share(same, len(counted))


def _near(record: Record, a: Fate, b: Fate) -> bool:
    ends = [record.over if one.at is None else one.at for one in (a, b)]
    return (a.end, a.agent) == (b.end, b.agent) and abs(ends[0] - ends[1]) <= NEAR


def sureness(
    record: Record,
    counted: Sequence[Wait],
    happened: Played,
    replayed: Played,
    changed: Played,
    changes: Changes,
    hours: Mapping[str, str],
) -> Sureness:
    nature, over = Recorded(record), record.over
    beyond = other = unworked = answered = 0
    for wait in counted:
        fate = changed.fate(wait)
        until = over if fate.at is None else fate.at
        beyond += wait.fate.end not in (End.LEFT, End.MOVED) and until - wait.at > waited_for(wait, over)
        if fate.end is End.ANSWERED:
            answered += 1
            known = wait.fate.end is End.ANSWERED
            unworked += not known
            other += known and wait.fate.agent != fate.agent
    there = times_there(record, record.config)
    room = sum(
        (end - begin) * agent.units for agent in record.config.agents for begin, end in there.get(agent.name, ())
    )
    work = sum(
        one.units * (min(over, one.until if one.until is not None else over) - max(one.at, record.since))
        for one in record.held
    )
    seen = {coming.agent for coming in record.comings}
    names = {agent.name for agent in changed.config.agents}
    recorded = [wait for wait in counted if wait.fate.end is End.ANSWERED]
    channels = {str(wait.kind.channel) for wait in counted}
    return Sureness(
        explained=explained(record, happened, replayed),
        exact=all(happened.fate(wait) == replayed.fate(wait) for wait in counted),
        beyond=share(beyond, len(counted)),
        other_agent=share(other, answered),
        unworked=share(unworked, answered),
        other_work=share(work, room),
        judged=changes.judged,
        unjudged=changes.unjudged,
        inferred=share(sum(wait.inferred for wait in recorded), len(recorded)),
        patience=nature.mean_patience,
        endless=tuple(sorted(channels - set(nature.mean_patience))),
        offers_known=nature.offers_known,
        versions=len({version for _, version in record.versions}) or 1,
        unread=record.unread,
        new_agents=tuple(sorted(names - {agent.name for agent in record.config.agents} - seen - set(hours))),
        hours_of=dict(sorted(hours.items())),
        gone_agents=tuple(sorted(seen - names)),
        homeless=changes.homeless,
    )
