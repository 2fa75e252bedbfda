"""Who is new: agents of a changed configuration whom the record does not have, and when they are there. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from santral.simulation.roles import Coming
from santral.whatif.record import Record, Standing
from santral.whatif.views import times_there


def unfit(record: Record, hours: Mapping[str, str]) -> str | None:
    """Why nobody can have these hours; `hours` names for each new agent the colleague whose they are. None: they can."""
    there = times_there(record, record.config)
    for new, colleague in hours.items():
        if new in there:
            return f"'{new}' is on record, with hours of their own"
        if colleague not in there:
            return f"'{colleague}' was never in on record; who was: {', '.join(sorted(there)) or 'nobody'}"
    return None


def joined(record: Record, hours: Mapping[str, str]) -> Record:
    """The record in which each new agent comes and goes with a colleague. What a colleague missed or wraps up is theirs alone."""
    if not hours:
        return record
    with_whom: dict[str, list[str]] = {}
    for new, colleague in hours.items():
        with_whom.setdefault(colleague, []).append(new)

    def comings() -> Iterator[Coming]:
        for one in record.comings:
            if one.agent not in hours:
                yield one
                yield from (one._replace(agent=new) for new in with_whom.get(one.agent, ()))

    def standing() -> Iterator[Standing]:
        for one in record.standing:
            if one.agent not in hours:
                yield one
                yield from (Standing(new, one.presence, one.idle_since) for new in with_whom.get(one.agent, ()))

    return replace(record, comings=tuple(comings()), standing=tuple(standing()))
