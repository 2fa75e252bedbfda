"""What may be said between the parts of a configuration while some are at fault: nothing that mending those could make untrue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from router.calendars import Calendar
from router.config import Agent, Config, Inbox, Queue
from santral.config_places import Fault, Where, steps_of

_MISSING = re.compile(r"there is no (?P<kind>queue|inbox|calendar|sla|segment|template) '(?P<name>[^']*)'")
_NO_QUEUE = re.compile(r"answers of queue '(?P<name>[^']*)': there is no such queue")
_SECTIONS = {"queue": "queues", "inbox": "inboxes", "calendar": "calendars", "sla": "sla", "segment": "segments",
             "template": "templates"}  # fmt: skip
_LOOKS_UP = re.compile(r"\binbox\.|\bcalendar\b|\bconversation\.(?:queue|inbox|agent)\b")
_RELIES = {
    "there is no skill '": {"skills", "agents"},
    "there is no tier '": {"routing"},
    "no agent ": {"agents", "skills", "queues", "inboxes"},
    "no queue belongs to it": {"queues"},
    "no inbox has the brand": {"inboxes"},
}
"""By what a sentence says: the sections that must be whole for it to be true."""


class Broken:
    """The sections that are not whole, and those of which not even all names are known."""

    def __init__(
        self, written: Mapping[str, Any], faults: Sequence[Fault], sections: Sequence[str], unsure: Set[str]
    ) -> None:
        """`written`: the items of each section as the files have them; `unsure`: the sections
        of which something is left out that a sentence may lean on.

        A fault that is in no section may be any's.
        """
        firsts = [(steps_of(fault.field) or [""])[0] for fault in faults]
        everything = any(first not in sections for first in firsts)
        self.sections = set(sections if everything else unsure)
        at_fault = set(sections) if everything else {str(first) for first in firsts}
        nameless = {name for name in at_fault if not all(map(_named, _items(written.get(name))))}
        unread = {fault.field for fault in faults if fault.field in sections}
        self.blind = at_fault if everything else nameless | unread

    def leaves(self, sentence: str, where: Where) -> bool:
        """Is the sentence true of the files whatever is at fault in them? `where` has the names of all items."""
        if (found := _NO_QUEUE.search(sentence)) is not None:
            return "queues" not in self.blind and ("queues", found["name"]) not in where
        if (found := _MISSING.search(sentence)) is not None:
            section = _SECTIONS[found["kind"]]
            return section not in self.blind and (section, found["name"]) not in where
        return not any(says in sentence and needed & self.sections for says, needed in _RELIES.items())


def of_conditions(found: Iterable[Fault], broken: Broken, faults: Iterable[Fault]) -> list[Fault]:
    """What is told of conditions: where not all names can be read, nothing that looks them up."""
    if not broken.blind & {"inboxes", "queues", "agents", "calendars"} and not any(
        ".brand" in fault.field for fault in faults
    ):
        return list(found)
    return [fault for fault in found if _LOOKS_UP.search(fault.what) is None]


def names_of(written: Mapping[str, Any]) -> Config:
    """What conditions may name: inboxes, their brands, queues, agents, calendars, whatever else is wrong with them."""

    def all_of(section: str, *fields: str) -> Iterator[dict[str, Any]]:
        for item in _items(written.get(section)):
            if _named(item) and "name" in item:
                yield {field: item[field] for field in fields if field in item}

    return Config.model_construct(
        inboxes=tuple(Inbox.model_construct(**one) for one in all_of("inboxes", "name", "brand")),
        queues=tuple(Queue.model_construct(**one) for one in all_of("queues", "name")),
        agents=tuple(Agent.model_construct(**one) for one in all_of("agents", "name")),
        calendars=tuple(Calendar.model_construct(**one) for one in all_of("calendars", "name")),
    )


def _items(content: Any) -> list[Any]:
    return content if isinstance(content, list) else []


def _named(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name", item.get("queue")), str)
