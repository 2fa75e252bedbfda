"""What a customer filled into a form of WhatsApp's (a Flow, an address): answers as lines, and the files among them.

Facts are from Meta's pages "Flows: Receiving the Flow Response", "Media upload components" and "Address messages".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from channels.reading import clean, json_object
from channels.whatsapp_values import amount, media_type, text, word
from router.errors import Unparsable
from router.messages import Attachment

_MOST_FILES = 50  # Meta: ten in one answer
_DEEPEST = 8


def read(part: Mapping[str, Any]) -> tuple[str, str, tuple[Attachment, ...]]:
    """The text for a reader, the answers as they came, and the files. The flow's token is no answer."""
    given = part.get("response_json")
    try:
        answers = given if isinstance(given, dict) else json_object(text(given).encode("utf-8", "replace"))
    except Unparsable:
        answers = {}
    found = {name: value for name, value in answers.items() if name != "flow_token"}
    lines = [word(part.get("body")), *_lines(found, _DEEPEST)]
    said = clean("\n".join(line for line in lines if line))  # JSON within JSON: cleaned once more
    payload = clean(json.dumps(given, ensure_ascii=False)) if isinstance(given, dict) else text(given)
    return said, payload, tuple(_files(found, _DEEPEST))[:_MOST_FILES]


def _lines(answers: Mapping[str, Any], depth: int) -> Iterator[str]:
    """One line an answer; what an answer holds in turn follows it."""
    for name, value in answers.items():
        values = value if isinstance(value, list) else [value]
        if said := ", ".join(one for item in values if (one := _answer(item))):
            yield f"{name}: {said}"
        for item in values:
            if isinstance(item, dict) and not _is_file(item) and depth:
                yield from _lines(item, depth - 1)


def _answer(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return (word(value.get("file_name")) or "a file") if _is_file(value) else ""
    return amount(value)


def _is_file(value: Mapping[str, Any]) -> bool:
    return bool(word(value.get("id")) and text(value.get("mime_type")))


def _files(value: object, depth: int) -> Iterator[Attachment]:
    if isinstance(value, dict) and _is_file(value):
        yield Attachment(
            filename=clean(word(value.get("file_name"))) or None,
            content_type=media_type(value.get("mime_type")) or "application/octet-stream",
            media_id=clean(word(value.get("id"))),
        )
    elif depth and isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _files(item, depth - 1)
