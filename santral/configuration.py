"""The configuration's YAML files: read from a directory, checked, and named by their content's hash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from router.config import Agent, Config, Inbox, Queue, Routing
from router.errors import Invalid

LISTS: dict[str, type[BaseModel]] = {"inboxes": Inbox, "queues": Queue, "agents": Agent}
_NAMED = re.compile(r"^(inbox|queue|agent) '([^']*)'")
_SECTION = {"inbox": "inboxes", "queue": "queues", "agent": "agents"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: in which file, at which field, and what."""

    file: str
    field: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: {self.what}" if self.field else f"{self.file}: {self.what}"


class BadConfiguration(Invalid):
    """The files do not make a configuration; `faults` says why, all of them at once."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults), field=faults[0].field or None)
        self.faults = faults


def load(directory: Path) -> Config:
    """The configuration in all *.yaml files of a directory, its version set. Raises BadConfiguration."""
    paths = sorted([*directory.glob("*.yaml"), *directory.glob("*.yml")])
    if not paths:
        raise BadConfiguration([Fault(str(directory), "", "there is no *.yaml file here")])
    faults: list[Fault] = []
    merged: dict[str, Any] = {}
    where: dict[tuple[str, str], str] = {}
    for path in paths:
        for section, content in _read(path, faults).items():
            _merge(merged, where, path.name, section, content, faults)
    if faults:
        raise BadConfiguration(faults)
    try:
        config = Config.model_validate(merged)
    except ValidationError as error:
        raise BadConfiguration(_crossing(error, where, directory.name)) from None
    return config.model_copy(update={"version": version_of(config)})


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


def _merge(
    merged: dict[str, Any],
    where: dict[tuple[str, str], str],
    file: str,
    section: str,
    content: Any,
    faults: list[Fault],
) -> None:
    if section == "format":
        merged["format"] = content
    elif section == "routing":
        if "routing" in merged:
            faults.append(Fault(file, section, "is already in another file"))
        _check(Routing, content, file, section, faults)
        merged["routing"] = content
    elif section in LISTS:
        if not isinstance(content, list):
            faults.append(Fault(file, section, "must be a list"))
            return
        for index, item in enumerate(content):
            _check(LISTS[section], item, file, f"{section}[{index}]", faults)
            if isinstance(item, dict) and isinstance(item.get("name"), str):
                where.setdefault((section, item["name"]), file)
        merged.setdefault(section, []).extend(content)
    else:
        known = ", ".join([*LISTS, "routing", "format"])
        faults.append(Fault(file, section, f"is not known here; known are {known}"))


def _check(model: type[BaseModel], item: Any, file: str, place: str, faults: list[Fault]) -> None:
    try:
        model.model_validate(item)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            at = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"])
            name = f" ({item['name']})" if isinstance(item, dict) and "name" in item else ""
            faults.append(Fault(file, f"{place}{at}{name}", detail["msg"]))


def _crossing(error: ValidationError, where: dict[tuple[str, str], str], directory: str) -> list[Fault]:
    """Faults between files; the file is the one that defines what the sentence begins with."""
    faults = []
    for detail in error.errors(include_url=False):
        cause = detail.get("ctx", {}).get("error")
        for sentence in (str(cause) if cause is not None else detail["msg"]).split("; "):
            named = _NAMED.match(sentence)
            file = where.get((_SECTION[named[1]], named[2])) if named else None
            faults.append(Fault(file or directory, ".".join(str(part) for part in detail["loc"]), sentence))
    return faults


class _Loader(yaml.SafeLoader):
    """Refuses a key given twice: YAML lets the last one win without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"the key '{key}' is given twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _read(path: Path, faults: list[Fault]) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        faults.append(Fault(path.name, f"line {mark.line + 1}" if mark else "", error.problem or "is not YAML"))
        return {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.append(Fault(path.name, "", f"is not YAML: {error}"))
        return {}
    if content is None:
        return {}
    if not isinstance(content, dict):
        faults.append(Fault(path.name, "", "must be a mapping at its top"))
        return {}
    return {str(key): value for key, value in content.items()}
