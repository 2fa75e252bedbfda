"""Looks on while a centre runs, and writes down what becomes of each wait."""

from __future__ import annotations

from dataclasses import dataclass, field

from router.config import Config
from router.matching import Decision
from router.requirements import text
from router.times import to_ms
from router.waiting import Kind
from santral.simulation.roles import Arrival, Coming, Reply
from santral.whatif.record import End, Fate, How, Offered

_HOW = {Reply.ACCEPTS: How.ACCEPTS, Reply.DECLINES: How.DECLINES, Reply.MISSES: How.MISSES}


@dataclass(slots=True)
class Story:
    """A wait while it is looked on."""

    id: str
    at: int
    kind: Kind
    pool: str
    preferred: str | None
    end: End = End.WAITING
    ended: int | None = None
    agent: str | None = None
    done: int | None = None
    offers: list[Offered] = field(default_factory=list)
    offered: int | None = None  # to `agent` since then, and they have not answered
    decision: Decision | None = None

    @property
    def fate(self) -> Fate:
        """What became of it."""
        decision = self.decision
        why, asked = ((), "") if decision is None else (decision.chosen, text(decision.needs))
        agent = self.agent if self.end is End.ANSWERED else None
        return Fate(self.end, self.ended, agent, self.done, tuple(self.offers), why, asked)


class Log:
    """A watch (santral.simulation.roles.Watch). `stories` are in the order in which the waits began."""

    def __init__(self, config: Config) -> None:
        self.stories: dict[str, Story] = {}
        self.comings: list[Coming] = []
        self._config = config

    def arrived(self, arrival: Arrival) -> None:
        """A wait begins."""
        self.stories[arrival.id] = Story(arrival.id, arrival.at, arrival.kind, arrival.pool, arrival.preferred)

    def decided(self, decision: Decision) -> None:
        """Remember whom it is offered to."""
        story = self.stories[decision.conversation]
        story.decision, story.agent = decision, decision.agent
        if self._config.offer_seconds(story.kind.queue, story.kind.channel) is not None:
            story.offered = to_ms(decision.at)

    def answered(self, arrival: Arrival, agent: str, at: int) -> None:
        """The wait is over."""
        story = self.stories[arrival.id]
        story.end, story.ended = End.ANSWERED, at
        self._over(story, How.ACCEPTS, at)

    def left(self, arrival: Arrival, at: int) -> None:
        """The customer gave up, perhaps while it was offered."""
        story = self.stories[arrival.id]
        story.end, story.ended = End.LEFT, at
        self._over(story, How.WITHDRAWN, at)

    def turned_away(self, arrival: Arrival) -> None:
        """There was no place."""
        story = self.stories[arrival.id]
        story.end, story.ended = End.TURNED_AWAY, arrival.at

    def refused(self, arrival: Arrival, agent: str, at: int, reply: Reply) -> None:
        """It waits on."""
        self._over(self.stories[arrival.id], _HOW[reply], at)

    def held(self, arrival: Arrival, agent: str, since: int, until: int) -> None:
        """Units are free again: the agent is done with it, or an offer was withdrawn."""
        story = self.stories[arrival.id]
        if story.end is End.ANSWERED:
            story.done = until
        else:
            self._over(story, How.WITHDRAWN, until)

    def came(self, agent: str, presence: str, at: int) -> None:
        """An agent's presence."""
        self.comings.append(Coming(at, agent, presence))

    def ends(self, at: int) -> None:
        """The record does: what is offered stands."""
        for story in self.stories.values():
            self._over(story, How.STANDS, at)

    @staticmethod
    def _over(story: Story, how: How, at: int) -> None:
        if story.offered is not None:
            story.offers.append(Offered(story.agent or "", story.offered, how, at))
            story.offered = None
