"""Segments and campaigns as they stand in the YAML files: every condition checked, those of steps inside others among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from router.config import Config
from santral.cel_outreach import words
from santral.cel_types import Words
from santral.condition_files import Conditions, conditions, tree
from santral.config_places import Fault, Step

SECTIONS = ("segments", "campaigns")
_INSIDE = ("then", "otherwise")
_STARTS = ("at", "cron", "birthday", "event", "conversation", "by_hand")


class _Reading(NamedTuple):
    """One campaign, while its steps are gone through."""

    name: str
    places: Conditions
    config: Config
    words: Words
    faults: list[Fault]


def checked(
    paths: Sequence[Path], written: Mapping[str, Any], config: Config, faults: list[Fault]
) -> dict[str, list[Any]]:
    """Both sections with their conditions' trees, where they are written. What is wrong is added to `faults`, all at once."""
    each: dict[str, Callable[..., dict[str, Any]]] = {"segments": _segment, "campaigns": _campaign}
    done: dict[str, list[Any]] = {}
    for section in SECTIONS:
        items = written.get(section)
        if isinstance(items, list):
            places = conditions(paths, section)
            done[section] = [
                each[section](dict(item), places, config, faults) for item in items if isinstance(item, dict)
            ]
    return done


def written_trees(item: Any) -> Iterator[str]:
    """The ways to trees that are written in a campaign's steps: they are made when the files are read."""
    for way, step in _steps(item.get("steps") if isinstance(item, dict) else None, ("steps",)):
        if "checked" in step:
            yield f"{_path(way)}.checked"


def _segment(item: dict[str, Any], places: Conditions, config: Config, faults: list[Fault]) -> dict[str, Any]:
    name = str(item.get("name"))
    if isinstance(item.get("when"), str):
        place = places.get((name, ("when",)))
        item["checked"] = tree(item["when"], config, words(config), place, f"segment {name}", "segments", faults)
    return item


def _campaign(item: dict[str, Any], places: Conditions, config: Config, faults: list[Fault]) -> dict[str, Any]:
    name, starts = str(item.get("name")), item.get("starts")
    known = [key for key in _STARTS if key in starts] if isinstance(starts, dict) else []
    event, conversation = (not known or one in known for one in ("event", "conversation"))
    if isinstance(item.get("when"), str):
        place, own = places.get((name, ("when",))), words(config, event=event, conversation=conversation)
        item["checked"] = tree(item["when"], config, own, place, f"campaign {name}", "campaigns", faults)
    variants = [variant for _, step in _steps(item.get("steps"), ("steps",)) for variant in _variants(step)]
    inner = words(config, event=event, conversation=conversation, variants=variants)
    reading = _Reading(name, places, config, inner, faults)
    if isinstance(item.get("steps"), list):
        item["steps"] = _read(item["steps"], ("steps",), reading)
    return item


def _read(steps: list[Any], way: tuple[Step, ...], reading: _Reading) -> list[Any]:
    """The steps with their trees."""
    done = []
    for number, step in enumerate(steps):
        if not isinstance(step, dict):
            done.append(step)
            continue
        here = (*way, number)
        one = {key: value for key, value in step.items() if key != "checked"}
        if isinstance(one.get("when"), str):
            place, whose = (
                reading.places.get((reading.name, (*here, "when"))),
                f"campaign {reading.name}, {_path(here)}",
            )
            one["checked"] = tree(one["when"], reading.config, reading.words, place, whose, "campaigns", reading.faults)
        one |= {key: _read(one[key], (*here, key), reading) for key in _INSIDE if isinstance(one.get(key), list)}
        done.append(one)
    return done


def _steps(steps: Any, way: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], dict[str, Any]]]:
    """All steps that are mappings, with the way to each."""
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict):
            yield (*way, number), step
            for key in _INSIDE:
                yield from _steps(step.get(key), (*way, number, key))


def _variants(step: dict[str, Any]) -> Iterator[str]:
    variants = step.get("variants")
    for variant in variants if isinstance(variants, list) else ():
        if isinstance(variant, dict) and isinstance(variant.get("name"), str):
            yield variant["name"]


def _path(way: tuple[Step, ...]) -> str:
    """`steps[1].then[0]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in way).removeprefix(".")
