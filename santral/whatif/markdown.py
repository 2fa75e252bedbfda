"""A comparison in GitHub's Markdown, fit for a comment on a pull request: the figures first, the rest folded away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from santral.whatif import telling
from santral.whatif.comparing import Comparison
from santral.whatif.words import Words

MARK = "<!-- santral whatif -->"
"""The last line, by which a workflow finds the comment that it wrote before."""


def markdown(c: Comparison, words: Words, config: str) -> str:
    """All of it."""
    return "\n".join(_lines(c, words, config)) + "\n"


def _lines(c: Comparison, words: Words, config: str) -> Iterator[str]:
    yield f"### {_plain(telling.title(c, words, config))}"
    yield ""
    yield "<br>".join(_plain(line) for line in telling.about(c, words))
    yield ""
    heads = ["", words("happened"), words("replayed"), f"**{words('changed')}**", words("difference")]
    yield from _table(heads, [_row(row, words) for row in telling.rows(c, words)])
    yield ""
    yield _plain(telling.moves(c, words))
    yield ""
    yield from _folded(words("parts"), _parts(c, words))
    yield from _folded(words("agents"), _agents(c, words))
    if c.moves.most:
        yield from _folded(words("most"), _most(c, words))
    yield from _folded(words("sure"), (f"- {_plain(one)}" for one in telling.sureness(c, words)))
    yield MARK


def _row(row: telling.Row, words: Words) -> list[str]:
    judged = "" if row.good is None else f" {words('better' if row.good else 'worse')}"
    return [row.name, row.happened, row.replayed, f"**{row.changed}**", row.difference + judged]


def _parts(c: Comparison, words: Words) -> Iterator[str]:
    yield words("arrows")
    yield ""
    for which, name in (("queues", "queue"), ("tiers", "tier"), ("channels", "channel")):
        yield from _of(name, telling.PARTS, telling.parts(c, words, which), words)
        yield ""


def _of(name: str, columns: Sequence[str], found: Sequence[telling.Part], words: Words) -> Iterator[str]:
    return _table([words(name), *map(words, columns)], [[part.name, *part.cells] for part in found])


def _agents(c: Comparison, words: Words) -> Iterator[str]:
    found, others = telling.desks(c, words)
    yield from _of("agent", telling.DESKS, found, words)
    if others:
        yield ""
        yield words("more_agents", n=words.number(others))


def _most(c: Comparison, words: Words) -> Iterator[str]:
    heads = [words("wait"), words("before"), words("after"), words("why")]
    lines = []
    for one in c.moves.most:
        before, after = (telling.ended(f, w, words) for f, w in zip((one.before, one.after), one.waited, strict=True))
        lines.append([f"`{one.wait}` {words.time(one.at)}", before, after, telling.why(one, words)])
    return _table(heads, lines, right=False)


def _folded(name: str, lines: Iterator[str]) -> Iterator[str]:
    yield f"<details><summary>{name}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"
    yield ""


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]], *, right: bool = True) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|---|{'|'.join('--:' if right else '---' for _ in heads[1:])}|"
    for line in lines:
        yield f"| {' | '.join(_cell(cell) for cell in line)} |"


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|").replace("\n", " ")


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
