"""The configuration's YAML files: read from a directory, checked, and named by their content's hash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from router import config_checks
from router.business import LOOK_AHEAD, Business
from router.calendars import Calendar, made
from router.campaigns import Campaign
from router.config import Config
from router.errors import Invalid
from router.written import UNCHECKED
from santral import (
    answer_texts,
    config_deadlines,
    config_faults,
    config_yaml,
    outreach_files,
    rule_files,
    template_texts,
)
from santral.config_places import Fault, Places, Where, steps_of
from santral.config_sound import WHO, SoundSections
from santral.config_whole import Broken, names_of, of_conditions
from santral.config_words import either, plainly
from santral.public_holidays import looked_up

__all__ = ["LISTS", "Attempt", "BadConfiguration", "Fault", "attempt", "check", "files", "load", "version_of"]

LISTS: dict[str, type[BaseModel]] = {
    name: get_args(field.annotation)[0]
    for name, field in Config.model_fields.items()
    if get_origin(field.annotation) is tuple
}
"""The sections that are lists, with the model of an item."""
SINGLES: dict[str, type[BaseModel]] = {
    name: field.annotation
    for name, field in Config.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
}
"""The sections that there is one of."""
_LOOSE = {"loose": True}
"""Fields alone are judged: what does not fit together is told with all other faults."""


_PATH = r"[a-z_]+(?:\[\d+\])?(?:\.[A-Za-z0-9_-]+(?:\[\d+\])?)*"
_NAMED = re.compile(rf"^(answers of queue|[a-z]+) '([^']*)'(?:: ({_PATH}):)?")
_SINGLE = re.compile(rf"^(outreach): ({_PATH}):")
_QUOTED = re.compile(r"'([^']*)'")
_WAY = re.compile(r"(dict|frozenset|tuple)\[")
_PLURALS = {"inbox": "inboxes", "answers of queue": "answers", "sla": "sla", "keywords": "keywords"}
_CALLED = {"answers": "queue", "keywords": "language"}
"""What an item is known by in sections where that is not its name."""


class BadConfiguration(Invalid):
    """The files do not make a configuration; `faults` says why, all of them at once."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults), field=faults[0].field or None)
        self.faults = faults


def files(directory: Path) -> list[Path]:
    """The files that make the configuration: all *.yaml and *.yml of a directory, not those of its folders."""
    return sorted([*directory.glob("*.yaml"), *directory.glob("*.yml")])


def load(directory: Path) -> Config:
    """The configuration in the files of a directory, its version set. Raises BadConfiguration."""
    paths = files(directory)
    if not paths:
        raise BadConfiguration([Fault(str(directory), "", "there is no *.yaml file here")])
    faults: list[Fault] = []
    config = attempt(directory.name, paths, faults).config
    if config is None or faults:
        raise BadConfiguration(faults)
    return config.model_copy(update={"version": version_of(config)})


@dataclass(frozen=True, slots=True)
class Attempt:
    """What some files say, None where a file or a field is at fault; their sections as written, and those whose names are not all known.

    `rest` is what is not at fault where a field is, if that is enough to say who could take what of the queues that it has.
    """

    config: Config | None
    written: Mapping[str, Any]
    blind: Collection[str] = ()
    rest: Config | None = None


def attempt(directory: str, paths: Sequence[Path], faults: list[Fault]) -> Attempt:
    """Read files. What is wrong with them is added to `faults`; `directory` stands in for a file that is not known."""
    found: list[Fault] = []
    made = _loaded(directory, paths, found)
    if found:
        places = Places(paths)
        faults += [places.told(fault) for fault in found]
    return made


def _loaded(directory: str, paths: Sequence[Path], faults: list[Fault]) -> Attempt:
    merged: dict[str, Any] = {}
    sound = SoundSections()
    where: Where = {}
    for path in paths:
        about = path.stem if path.stem in (*LISTS, *SINGLES) else ""
        for section, content in config_yaml.read(path, faults, about=about).items():
            before = len(faults)
            _merge(merged, where, path.name, section, content, faults)
            if (model := LISTS.get(section) or SINGLES.get(section)) is not None:
                sound.keep(section, model, content, faults[before:])
    rules = merged.pop("rules", [])
    if faults:
        broken = Broken({**merged, "rules": rules}, faults, (*LISTS, *SINGLES), sound.unsure)
        _look_up_holidays(sound.sections, paths, directory, faults)
        rest = None
        with suppress(ValidationError):
            rest = Config.model_validate(sound.sections, context=_LOOSE)
            faults += _between(rest, where, broken, paths, directory)
        found: list[Fault] = []
        rule_files.checked(paths, rules, names_of(merged), found)
        outreach_files.checked(paths, merged, names_of(merged), found)
        faults += of_conditions(found, broken, faults)
        return Attempt(None, merged, broken.blind, None if WHO & broken.sections else rest)
    _look_up_holidays(merged, paths, directory, faults)
    try:
        config = Config.model_validate(merged, context=_LOOSE)
        merged |= {"rules": rule_files.checked(paths, rules, config, faults)}
        merged |= outreach_files.checked(paths, merged, config, faults)
        config = Config.model_validate(merged, context=_LOOSE)
    except ValidationError as error:
        faults += _crossing(error, Places(paths), directory)
        return Attempt(None, merged)
    told = {fault.what for fault in faults}
    sentences = [one for one in config_checks.faults(config) if not (told and one.endswith(UNCHECKED))]
    faults += _told("", sentences, Places(paths), directory)
    with suppress(ValueError) if sentences else nullcontext():  # what names nothing may be looked up in vain
        faults += list(config_faults.faults(config, where, directory))
        faults += list(answer_texts.faults(config, where, directory))
        faults += list(template_texts.faults(config, where, directory))
    faults += _told("", config_deadlines.faults(config, round(time() * 1000)), Places(paths), directory)
    return Attempt(config, merged)


def _between(config: Config, where: Where, broken: Broken, paths: Sequence[Path], directory: str) -> Iterator[Fault]:
    """Faults between the parts that have none themselves."""
    sentences = [one for one in config_checks.faults(config) if not one.endswith(UNCHECKED)]
    return _told("", [one for one in sentences if broken.leaves(one, where)], Places(paths), directory)


def _look_up_holidays(merged: dict[str, Any], paths: Sequence[Path], directory: str, faults: list[Fault]) -> None:
    """Put each calendar in place of what is written of it, with its holidays."""
    calendars, sentences = [], []
    for item in merged.get("calendars", ()):
        calendar = Calendar.model_validate(item)
        try:
            calendar = looked_up(calendar)
        except ValueError as error:
            sentences.append(f"calendar '{calendar.name}': holidays: {error}")
        if Business(calendar).opens(round(time() * 1000)) is None:
            never = f"is closed for the next {LOOK_AHEAD} days: no deadline by it would ever come"
            sentences.append(f"calendar '{calendar.name}': {never}")
        calendars.append(calendar)
    if calendars:
        merged["calendars"] = calendars
    if sentences:
        faults += _told("", sentences, Places(paths), directory)


def version_of(config: Config) -> str:
    """The content's hash: the same configuration has the same version, however its files are cut."""
    content = json.dumps(
        config.model_dump(exclude={"version"}),
        default=sorted,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _merge(merged: dict[str, Any], where: Where, file: str, section: str, content: Any, faults: list[Fault]) -> None:
    if section == "format":
        merged["format"] = content
    elif section in SINGLES:
        if section in merged:
            faults.append(Fault(file, section, "is already in another file"))
        where.setdefault((section, ""), file)
        check(SINGLES[section], content, file, section, faults)
        merged[section] = content
    elif section in LISTS:
        if not content and content in (None, []):
            faults.append(Fault(file, "", f"defines no {section}"))
            return
        if not isinstance(content, list):
            faults.append(Fault(file, section, "must be a list"))
            return
        for index, item in enumerate(content):
            check(LISTS[section], item, file, f"{section}[{index}]", faults)
            name = item.get(_CALLED.get(section, "name")) if isinstance(item, dict) else None
            if isinstance(name, str):
                where.setdefault((section, name), file)
        merged.setdefault(section, []).extend(content)
    else:
        known = ", ".join([*LISTS, *SINGLES, "format"])
        faults.append(Fault(file, section, f"is not known here; known are {known}"))


def check(model: type[BaseModel], item: Any, file: str, place: str, faults: list[Fault]) -> None:
    """Add what is wrong with one item, each field by its path from `place`, with the item's name."""
    name = f" ({item['name']})" if isinstance(item, dict) and "name" in item else ""
    if isinstance(item, dict):
        written = (field for field in sorted(made(model)) if field in item)
        faults += [
            Fault(file, f"{place}.{field}{name}", "is made when the files are read, not written") for field in written
        ]
        written_inside = outreach_files.written_trees(item) if model is Campaign else ()
        faults += [
            Fault(file, f"{place}.{way}{name}", "is made when the files are read, not written")
            for way in written_inside
        ]
    try:
        model.model_validate(item)
    except ValidationError as error:
        details = error.errors(include_url=False)
        ways = {one["loc"][:-1] for one in details if _is_way(one["loc"][-1:])}  # fields with two ways to write them
        deeper = {
            loc
            for loc in ways
            if any(len(one["loc"]) > len(loc) + 1 and one["loc"][: len(loc)] == loc for one in details)
        }
        short = {one["loc"] for one in details if one["type"] == "too_short"}
        hollow = {
            loc for loc in short if any(len(one["loc"]) > len(loc) and one["loc"][: len(loc)] == loc for one in details)
        }  # pydantic counts the sound items only
        told: dict[str, list[str]] = {}
        for detail in details:
            if detail["type"] == "too_short" and detail["loc"] in hollow:
                continue
            if _is_way(detail["loc"][-1:]) and detail["loc"][:-1] in deeper:
                continue  # it is written in the other way, and that one's faults are told
            steps = [part for part in detail["loc"] if part != "[key]" and not _is_way((part,))]
            at = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in steps)
            told.setdefault(at, []).append(plainly(model, detail))
        faults += [Fault(file, f"{place}{at}{name}", what) for at, words in told.items() for what in either(words)]


def _is_way(last: tuple[Any, ...]) -> bool:
    """Pydantic names the ways a field may be written, such as `dict[constrained-str,constrained-int]`, inside its path."""
    return bool(last) and isinstance(last[0], str) and _WAY.match(last[0]) is not None


def _crossing(error: ValidationError, places: Places, directory: str) -> Iterator[Fault]:
    """Faults between parts; file and line are those of what the sentence begins with."""
    for detail in error.errors(include_url=False):
        cause, field = detail.get("ctx", {}).get("error"), ".".join(map(str, detail["loc"]))
        yield from _told(field, _sentences(str(cause) if cause is not None else detail["msg"]), places, directory)


def _told(field: str, sentences: Iterable[str], places: Places, directory: str) -> Iterator[Fault]:
    for sentence in sentences:
        named, single = _NAMED.match(sentence), _SINGLE.match(sentence)
        place = places.of(_section(named[1]), named[2], *steps_of(named[3] or "")) if named else None
        if single is not None:
            place = places.inside(single[1], *steps_of(single[2]))
        if named and not named[3]:
            quoted = _QUOTED.search(sentence, named.end())
            place = places.second(_section(named[1]), named[2], quoted[1] if quoted else None) or place
        yield (
            Fault(directory, field, sentence)
            if place is None
            else Fault(place.file, field, sentence, place.line, place.column)
        )


def _sentences(text: str) -> list[str]:
    """Each fault of several; a part that names nothing belongs to what stands before it."""
    found: list[str] = []
    for part in text.split("; "):
        named = _NAMED.match(part)
        if found and (named is None or _section(named[1]) not in LISTS):
            found[-1] += f"; {part}"
        else:
            found.append(part)
    return found


def _section(kind: str) -> str:
    return _PLURALS.get(kind, f"{kind}s")
