"""An agent's load and what changes it. Values only; the table swaps one for the next if nobody changed it meanwhile (P5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from router.errors import Lost


@dataclass(frozen=True, slots=True)
class Load:
    """An agent in a pool's roster: presence, what is free of `units`, and what they hold per channel, whichever pool that is of.

    An agent has one row. Who is available and has `threshold` units free, the least that any work weighs, stands among those with
    room.
    """

    agent: str
    presence: str
    free: int
    units: int
    counts: Mapping[str, int]
    idle_since: datetime
    pool: str = "main"
    connection: str | None = None
    by_desk: bool = False  # came in with a desk, whose closing means something
    lost_at: datetime | None = None  # the sweep saw an online agent without a desk
    presence_since: datetime | None = None
    paused_until: datetime | None = None  # missed too many offers in a row
    wrap_until: datetime | None = None  # works on what follows from a resolved conversation
    missed: int = 0  # offers in a row
    available: bool = True  # gets conversations in this presence
    threshold: int = 1
    offers: Mapping[str, datetime] = field(
        default_factory=dict
    )  # made to them, until when; answered ones may be among them
    moved_in: str | None = None  # the presence they had in the partition that this row was moved from
    badge: int | None = None  # the number that shows their presence; None: none was given to them yet
    version: int = 0

    @property
    def has_room(self) -> bool:
        """Could they take anything at all?"""
        return self.available and self.free >= self.threshold


def taken(
    load: Load, units: int, channel: str, limit: int | None, now: datetime, offer: tuple[str, datetime] | None = None,
    version: int | None = None,
) -> Load:  # fmt: skip
    """One conversation more; with `offer`, this one until then, if they accept it. Raises Lost when there is no room for it."""
    held = load.counts.get(channel, 0)
    if load.free < units or (limit is not None and held >= limit):
        raise Lost(["agent"])
    offers = load.offers
    if offer is not None:
        offers = {conversation: until for conversation, until in offers.items() if until > now} | {offer[0]: offer[1]}
    counts = {**load.counts, channel: held + 1}
    version = load.version if version is None else version
    return _with(load, load.free - units, counts, now, load.paused_until, load.wrap_until, load.missed, offers, version)


def given_back(
    load: Load,
    held: Iterable[tuple[int, str]],
    now: datetime,
    wrap_until: datetime | None = None,
    *,
    active: bool = False,
) -> Load:
    """Conversations less, each with its units and channel. `active`: by what they did themselves, so nothing counts as missed."""
    counts, free = dict(load.counts), load.free
    for units, channel in held:
        counts[channel] = counts.get(channel, 0) - 1
        free += units
    paused_until, missed = (None, 0) if active else (load.paused_until, load.missed)
    wrap_until = wrap_until or load.wrap_until
    return _with(load, free, counts, now, paused_until, wrap_until, missed, load.offers, load.version)


def _with(
    load: Load, free: int, counts: Mapping[str, int], idle_since: datetime, paused_until: datetime | None,
    wrap_until: datetime | None, missed: int, offers: Mapping[str, datetime], version: int,
) -> Load:  # fmt: skip
    """What giving and taking change. Written out, since `replace` takes three times as long and these are done all the time."""
    return Load(
        load.agent, load.presence, free, load.units, counts, idle_since, load.pool, load.connection, load.by_desk, load.lost_at,
        load.presence_since, paused_until, wrap_until, missed, load.available, load.threshold, offers, load.moved_in, load.badge,
        version,
    )  # fmt: skip


def settled(load: Load, units: int, *, available: bool, threshold: int) -> Load:
    """Under another version: their units, whether they get conversations in their presence, and the least that work weighs.

    Who holds more than they have by now has less than nothing free, and gets nothing until that is over.
    """
    free = load.free + units - load.units
    return replace(load, units=units, free=free, available=available, threshold=threshold)


def acted(load: Load) -> Load:
    """They did something: no offer counts as missed any more, and no pause goes on."""
    return replace(load, missed=0, paused_until=None)


def missing(load: Load, units: int, channel: str, missed: int, paused_until: datetime | None, now: datetime) -> Load:
    """They let an offer time out."""
    return replace(
        given_back(load, [(units, channel)], now),
        missed=missed,
        paused_until=paused_until or (load.paused_until if load.paused_until and load.paused_until > now else None),
    )


def present(
    before: Load | None, pool: str, agent: str, presence: str, units: int, connection: str | None, now: datetime, *,
    available: bool, threshold: int,
) -> Load:  # fmt: skip
    """They come in, go away or leave, in the pool that is theirs by now; a pause or wrap-up ends by it.

    Units that the configuration changed are added or taken.
    """
    if before is None:
        return Load(
            agent, presence, units, units, {}, now, pool, connection, by_desk=connection is not None, presence_since=now,
            available=available, threshold=threshold,
        )  # fmt: skip
    return replace(
        before,
        pool=pool,
        presence=presence,
        units=units,
        free=before.free + units - before.units,
        presence_since=now,
        idle_since=now if available and before.presence != presence else before.idle_since,
        connection=connection or before.connection,
        by_desk=connection is not None,
        lost_at=None,
        paused_until=None,
        wrap_until=None,
        missed=0,
        available=available,
        threshold=threshold,
    )
