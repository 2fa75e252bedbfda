"""What a reader sees of formatted text: a message's entities, and rich messages made of blocks.

Facts are from the Bot API's page: "MessageEntity" (offsets count UTF-16 units), "RichText" and "RichBlock".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from channels.telegram_values import items, number, part, parts, place, text

# What lies in a block or a run of text, in the order it is read. Their names, not the blocks' types: a type that comes
# after these words were written is read all the same.
_READ = (
    "summary",
    "text",
    "alternative_text",
    "expression",
    "button",
    "items",
    "blocks",
    "cells",
    "buttons",
    "caption",
    "credit",
)
_LINES = frozenset({"items", "blocks", "buttons"})  # each of these is a line of its own


def with_links(words: str, entities: Iterable[Mapping[str, Any]]) -> str:
    """The text, each hidden link behind the words that hold it: `our shop (https://lamps.example)`."""
    units = words.encode("utf-16-le", "surrogatepass")
    links: list[tuple[int, str]] = []
    for entity in entities:
        offset, length, url = number(entity, "offset"), number(entity, "length"), text(entity, "url")
        if offset is None or length is None or not url or offset < 0 or length <= 0:
            continue
        end = 2 * (offset + length)
        words_are_it = length < len(url) + 8 and _same(units[2 * offset : end].decode("utf-16-le", "replace"), url)
        if end <= len(units) and not words_are_it:
            half = 0xDC <= units[end + 1] <= 0xDF if end < len(units) else False
            links.append((end + 2 if half else end, url))
    found: list[bytes] = []
    done = 0
    for end, url in sorted(links):
        found += [units[done:end], f" ({url})".encode("utf-16-le", "surrogatepass")]
        done = end
    return b"".join([*found, units[done:]]).decode("utf-16-le", "replace")


def _same(words: str, url: str) -> bool:
    """Whether the words say the link already: Telegram adds the scheme and the last slash."""
    bare = url.partition("://")[2] or url
    return words.strip().rstrip("/") in (url.rstrip("/"), bare.rstrip("/"))


def rich(message: Any) -> str:
    """All the text of a RichMessage, a line a block."""
    return "\n".join(_lines(items(message, "blocks")))


def _lines(values: list[Any]) -> list[str]:
    return [line for value in values if (line := _run(value).strip())]


def _run(value: Any) -> str:
    """A RichText or a block, in a row."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_run(item) for item in value)
    if not isinstance(value, dict):
        return ""
    found = [line for name in _READ if (line := _field(value, name))]
    if isinstance(value.get("location"), dict):
        found.append(place(value["location"]))
    read = ("\n" if _LINES & value.keys() or "cells" in value or "caption" in value else " ").join(found)
    if label := text(value, "label"):  # of an item in a list: `1.`, a bullet
        read = f"{label} {read}"
    url = text(value, "url")
    return f"{read} ({url})" if url and read and not _same(read, url) else read


def _field(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    if name in _LINES and isinstance(found, list):
        return "\n".join(_lines(found))
    if name == "cells" and isinstance(found, list):
        return "\n".join("\t".join(_run(cell) for cell in row) for row in found if isinstance(row, list))
    return _run(found)


def pictures(message: Any) -> list[Mapping[str, Any]]:
    """The blocks of a RichMessage that hold a file, wherever they stand."""
    found: list[Mapping[str, Any]] = []
    waiting = [*reversed(parts(message, "blocks"))]
    while waiting:
        block = waiting.pop()
        found.append(block)
        inner = [*parts(block, "blocks"), *(b for item in parts(block, "items") for b in parts(item, "blocks"))]
        waiting += reversed(inner)
    return [block for block in found if part(block, text(block, "type")) or items(block, "photo")]
