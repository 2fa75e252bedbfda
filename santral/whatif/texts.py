"""A comparison for a terminal: no wider than it is, and no wider than 80 columns where nobody knows."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from santral.whatif import telling
from santral.whatif.comparing import Comparison
from santral.whatif.words import Words


def text(c: Comparison, words: Words, config: str, width: int = 80, *, colour: bool = False) -> str:
    """All of it."""
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=colour, color_system="auto" if colour else None, highlight=False
    )
    console.print(Text(telling.title(c, words, config), style="bold"))
    for line in telling.about(c, words):
        console.print(Text(line))
    console.print()
    console.print(_figures(c, words))
    console.print()
    console.print(Text(telling.moves(c, words)))
    for which, name in (("queues", "queue"), ("tiers", "tier"), ("channels", "channel")):
        found = telling.parts(c, words, which)
        if which == "queues" or len(found) > 1:
            console.print()
            console.print(_parts(name, telling.PARTS, found, words))
    console.print()
    agents, others = telling.desks(c, words)
    console.print(_parts("agent", telling.DESKS, agents, words))
    if others:
        console.print(Text(words("more_agents", n=words.number(others)), style="dim"))
    if c.moves.most:
        console.print()
        console.print(Text(words("most"), style="bold"))
        for one in c.moves.most:
            before, after = (
                telling.ended(f, w, words) for f, w in zip((one.before, one.after), one.waited, strict=True)
            )
            console.print(Text(f"{one.wait}  {words.time(one.at)}"))
            console.print(Text(f"  {before} → {after}"))
            console.print(Text(f"  {telling.why(one, words)}", style="dim"))
    console.print()
    console.print(Text(words("sure"), style="bold"))
    for sentence in telling.sureness(c, words):
        row = Table.grid(padding=(0, 1, 0, 0))
        row.add_row("-", Text(sentence))
        console.print(row)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _figures(c: Comparison, words: Words) -> Table:
    table = _table(["", words("happened"), words("replayed"), words("changed"), ""])
    for row in telling.rows(c, words):
        good = "" if row.good is None else f" {words('better' if row.good else 'worse')}"
        style = "" if row.good is None else "green" if row.good else "red"
        table.add_row(row.name, row.happened, row.replayed, row.changed, Text(row.difference + good, style=style))
    return table


def _parts(name: str, columns: Sequence[str], found: Sequence[telling.Part], words: Words) -> Table:
    table = _table([words(name), *map(words, columns)])
    for part in found:
        table.add_row(part.name, *part.cells)
    return table


def _table(columns: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    return table
