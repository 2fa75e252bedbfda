"""A match reads some pages of each line, side by side, and gives away what it would give away if it had read them all (P7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from router.floor import Floor
from router.match import HEADS
from router.matching import Rules
from router.signals import waiting_row
from router.waiting import WaitingRow
from santral.bench.trips import POOL, Place
from tests.kit.amount import times
from tests.kit.floors import of_all

Line = list[tuple[int, int, bool]]
"""Who waits in a class: so many, for so many seconds, and whether they are kept from the one agent for a while."""
some = st.sampled_from((1, 2, HEADS - 1, HEADS, HEADS + 1, 2 * HEADS + 1))
waits = st.sampled_from((1, 30, 55, 100, 290, 400, 3_000, 3_700, 10_000, 20_000))
line = st.lists(st.tuples(some, waits, st.booleans()), max_size=4).filter(
    lambda line: sum(number for number, _, barred in line if barred) < 5 * HEADS  # as far as a match looks past them
)
lines = st.lists(line, min_size=1, max_size=5)


class Scene:
    """One agent with six units free, and lines of these classes."""

    def __init__(self, made: list[Line]) -> None:
        self.place = Place(2, 0)
        agent = next(load.agent for load in self.place.table.everybody(POOL) if load.available)
        (skills,) = (one.skills for one in self.place.config.agents if one.name == agent)
        kinds = [kind for kind in self.place.kinds if kind[0] in skills]
        until = self.place.now + timedelta(hours=1)
        table = self.place.table
        for kind, line in zip(kinds[::5], made, strict=False):
            for waited, barred in [(waited, barred) for number, waited, barred in line for _ in range(number)]:
                row = waiting_row(self.place.conversation(kind, float(waited)))
                row = replace(row, barred=((agent, until),) if barred else ())
                table.commit(*table.line_up(row, POOL, known=False))
        self.place.free_one()

    def rows(self) -> list[WaitingRow]:
        """All who wait."""
        table = self.place.table
        kinds = table.pool(POOL).kinds.values()
        return [row for kind in kinds for row in table.heads(POOL, kind, 1_000)]

    def best(self) -> list[str]:
        """What is given away by who has read everything."""
        found, rows, given_away = self.place.table.pool(POOL), self.rows(), []
        floor = Floor(self.place.config, POOL, found.loads, self.place.now, found.others)
        rules = Rules(self.place.config, POOL)
        while decision := of_all(floor, rows, rules, self.place.now):
            given_away.append(decision.conversation)
            floor.claimed(decision.agent or "", decision.row.units, decision.row.channel, self.place.now)
            rows = [row for row in rows if row.conversation != decision.conversation]
        return given_away


@given(lines)
@settings(deadline=None, max_examples=times(150))
def test_it_gives_away_what_it_would_give_away_if_it_had_read_everybody_in_line(made: list[Line]) -> None:
    scene = Scene(made)
    best, before = scene.best(), {row.conversation for row in scene.rows()}
    assert scene.place.run("one agent is free", ()).claims == len(best)
    assert before - {row.conversation for row in scene.rows()} == set(best)
