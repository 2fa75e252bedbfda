"""Tables of figures that keep within a width: names are folded and columns go into a table below, but no figure is ever cut."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

_GAP = "  "
_NAME = 24  # characters, after which a name is folded

Column = list[list[str]]
"""The lines of each of its cells, all as wide as the widest."""


def table(rows: Sequence[Sequence[str]], width: int, below: range = range(0)) -> str:
    """Headings are the first row, names the first column.

    Where not all of it fits, the columns `below` come under the others, in as many tables as it takes, each with the names.
    """
    size = max(8, min(_NAME, width // 3))
    names, *figures = (_column(cells, size, named=at == 0) for at, cells in enumerate(zip(*rows, strict=True)))
    if _wide([names, *figures]) <= width:
        return "\n".join(_lines([names, *figures]))
    apart = [column for at, column in enumerate(figures, 1) if at in below]
    first = [column for at, column in enumerate(figures, 1) if at not in below]
    blocks = [block for part in (first, apart) for block in _blocks(names, part, width)]
    return "\n\n".join("\n".join(_lines(block)) for block in blocks)


def folded(text: str, width: int) -> str:
    """Sentences, each of whose lines is broken where it is too long."""
    return "\n".join(textwrap.fill(line, width, break_on_hyphens=False) for line in text.split("\n"))


def _column(cells: Sequence[str], size: int, *, named: bool) -> Column:
    lines = [textwrap.wrap(cell, size) or [""] if named or row == 0 else [cell] for row, cell in enumerate(cells)]
    wide = max(len(line) for cell in lines for line in cell)
    return [[line.ljust(wide) if named else line.rjust(wide) for line in cell] for cell in lines]


def _blocks(names: Column, columns: Sequence[Column], width: int) -> Iterator[list[Column]]:
    """As many columns beside the names as fit, one at least."""
    block = [names]
    for column in columns:
        if len(block) > 1 and _wide([*block, column]) > width:
            yield block
            block = [names]
        block.append(column)
    if len(block) > 1:
        yield block


def _wide(columns: Sequence[Column]) -> int:
    return sum(len(column[0][0]) + len(_GAP) for column in columns) - len(_GAP)


def _lines(columns: Sequence[Column]) -> Iterator[str]:
    empty = [" " * len(column[0][0]) for column in columns]
    for row in zip(*columns, strict=True):
        for line in zip_longest(*row):
            yield _GAP.join(cell or blank for cell, blank in zip(line, empty, strict=True)).rstrip()
