"""What of a configuration has no fault of its own, so that the rest of it is judged while some of it is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from router.written import like
from santral.config_places import Fault, steps_of

WHO = frozenset({"agents", "calendars", "inboxes", "presences", "routing", "skills"})
"""The sections that say who can take what, and when. Of queues, each says so for itself."""
_ASIDE: Mapping[str, frozenset[str]] = {
    "queues": frozenset({"priority", "first_response_minutes", "offer_seconds", "wrap_up_seconds"}),
    "agents": frozenset({"display_name"}),
    "skills": frozenset({"description"}),
    "presences": frozenset({"label"}),
    "inboxes": frozenset({"display_name", "address"}),
    "routing": frozenset({"handle_minutes", "offers", "reopen_hours", "absent_minutes", "fallback"}),
}
"""Fields on which nothing else leans: with one of them at fault, all else of its item holds as it is written."""
_STANDING = {"display_name": "-", "address": "-"}
"""What stands for those of them that must be there."""


@dataclass(slots=True)
class SoundSections:
    """The sections as written, without what is at fault; `unsure` are those that lack more than fields that stand aside."""

    sections: dict[str, Any] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)

    def keep(self, section: str, model: type[BaseModel], content: Any, faults: Sequence[Fault]) -> None:
        """Keep what of one file's section has none of its faults."""
        paths = [steps_of(one.field.partition(" (")[0]) for one in faults]
        if isinstance(content, list):
            kept = self.sections.setdefault(section, [])
            for index, item in enumerate(content):
                wrong = [path[2:] for path in paths if path[1:2] == [index]]
                left = _left(section, model, item, wrong) if wrong else item
                if left is not None:
                    kept.append(left)
                else:
                    self.unsure.add(section)
            if any(len(path) < 2 for path in paths):
                self.unsure.add(section)
        elif (left := _left(section, model, content, [path[1:] for path in paths]) if paths else content) is not None:
            self.sections[section] = left
        else:
            self.unsure.add(section)


def _left(section: str, model: type[BaseModel], item: Any, wrong: Iterable[Sequence[Any]]) -> Any:
    """An item without its fields at fault; None where something else may lean on one of these."""
    if not isinstance(item, dict) or not all(wrong := list(wrong)):
        return None
    names = {str(path[0]) for path in wrong}
    names |= meant(names - model.model_fields.keys(), model, item)
    if names & model.model_fields.keys() - _ASIDE.get(section, frozenset()):
        return None
    left = {key: value for key, value in item.items() if key not in names}
    left |= {key: _STANDING[key] for key in names & _STANDING.keys() & model.model_fields.keys()}
    try:
        model.model_validate(left)
    except ValidationError:
        return None
    return left


def meant(unknown: Iterable[str], model: type[BaseModel], item: Mapping[Any, Any]) -> set[str]:
    """What fields that are not known may mean, of those that are not written: the one that is like it, else any."""
    absent = model.model_fields.keys() - item.keys()
    return {one for name in unknown for one in ({near for near in absent if like(name, [near])} or absent)}
