"""Records of traffic as files: JSON lines, the first of which says what the rest is; gzipped where the name ends in .gz.

{"santral": "traffic", "v": 1, "source": "table", "since": ..., "until": ..., "config": {...}, "versions": [[at, version]], ...}
{"presence": [at, agent, presence]}
{"standing": [agent, presence, idle since, missed, paused until, wraps up until]}     how an agent stood at the beginning
{"act": [agent, at]}                                                                  something that an agent did
{"held": [agent, at, until, units, channel, queue whose wrap-up follows, missed]}     other work
{"kind": {...}, "pool": ...}                                                          a class of waits; they are numbered as they come
{"wait": id, "at": ..., "kind": 0, "end": "answered", "t": ..., "agent": ..., "done": ..., "offers": [[agent, at, how, until]], ...}
{"end": {"lines": 1234, "waits": 1200}}                                               the last line, counted with it: the file is whole
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from router.config import Config
from router.waiting import Kind, kind_of
from santral.simulation.roles import Coming
from santral.whatif.record import Act, End, Fate, Held, How, Offered, Record, Said, Standing, Wait

FORMAT = 1


class BadRecord(Exception):
    """A file is no record of traffic that this release reads; the message says where and why."""


def write(record: Record, path: Path) -> None:
    """Write a record; the same record gives the same bytes. Raises OSError."""
    with path.open("wb") as raw:
        if path.name.endswith(".gz"):
            with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed, TextIOWrapper(packed, "utf-8") as file:
                _write(record, file)
        else:
            with TextIOWrapper(raw, "utf-8") as file:
                _write(record, file)


def read(path: Path, progress: Callable[[int], None] = lambda _: None) -> Record:
    """A record from its file; `progress` is told how many lines were read. Raises BadRecord, OSError."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.name.endswith(".gz") else path.open(encoding="utf-8") as f:
            return _read(path.name, f, progress)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadRecord(f"{path.name}: cannot be read: {error}") from None


# --- written -------------------------------------------------------------------------------------------------------


def _write(record: Record, file: TextIO) -> None:
    count = 1
    for line in _lines(record):
        _put(line, file)
        count += 1
    _put({"end": {"lines": count, "waits": len(record.waits)}}, file)


def _put(line: Mapping[str, Any], file: TextIO) -> None:
    file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def _lines(record: Record) -> Iterator[Mapping[str, Any]]:
    yield {
        "santral": "traffic",
        "v": FORMAT,
        "source": record.source,
        **({"name": record.name} if record.name else {}),
        "since": record.since,
        "until": record.until,
        **({"places": record.places} if record.places is not None else {}),
        **({"unread": record.unread} if record.unread else {}),
        **({"paces": dict(record.paces)} if record.paces else {}),
        "versions": [list(one) for one in record.versions],
        "config": _ordered(record.config.model_dump(), json.loads(record.config.model_dump_json())),
    }
    for coming in record.comings:
        yield {"presence": list(coming)}
    for one in record.standing:
        yield {"standing": [one.agent, one.presence, one.idle_since, one.missed, one.paused_until, one.wrap_until]}
    for act in record.acts:
        yield {"act": [act.agent, act.at]}
    for held in record.held:
        yield {"held": [held.agent, held.at, held.until, held.units, held.channel, held.rests, held.missed]}
    numbered: dict[tuple[Kind, str], int] = {}
    for wait in record.waits:
        key = wait.kind, wait.pool
        if key not in numbered:
            numbered[key] = len(numbered)
            yield {"kind": wait.kind.data(), "pool": wait.pool}
        yield _some(_wait(wait, numbered[key]))


def _ordered(one: Any, told: Any) -> Any:
    """What JSON tells of a value, with its sets sorted: they have another order in each process."""
    if isinstance(one, frozenset | set):
        return sorted(told)
    if isinstance(one, Mapping):
        return {name: _ordered(part, said) for part, (name, said) in zip(one.values(), told.items(), strict=True)}
    if isinstance(one, list | tuple):
        return [_ordered(part, said) for part, said in zip(one, told, strict=True)]
    return told


def _wait(wait: Wait, kind: int) -> dict[str, Any]:
    fate, said = wait.fate, wait.said
    return {
        "wait": wait.id,
        "of": wait.conversation if wait.conversation != wait.id else None,
        "at": wait.at,
        "kind": kind,
        "end": fate.end.value,
        "t": fate.at,
        "agent": fate.agent,
        "done": fate.done,
        "offers": [[one.agent, one.at, one.how.value, one.until] for one in fate.offers] or None,
        "why": list(fate.why) or None,
        "asked": fate.asked or None,
        "preferred": wait.preferred,
        "sla": wait.sla,
        "inbox": wait.inbox,
        "inferred": wait.inferred or None,
        "barred": [list(one) for one in wait.barred] or None,
        "rests": None if wait.rests else False,
        "said": None if said is None else _some(_said(said)),
    }


def _said(said: Said) -> dict[str, Any]:
    return {
        "config": said.config,
        "matched": list(said.matched) or None,
        "failed": list(said.failed) or None,
        "message": said.message,
        "saw": dict(said.saw) if said.saw is not None else None,
        "facts": dict(said.facts) if said.facts is not None else None,
        "part": None if said.whole else True,
    }


def _some(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


# --- read ----------------------------------------------------------------------------------------------------------


def _read(name: str, lines: Iterable[str], progress: Callable[[int], None]) -> Record:
    number, every = 1, enumerate(lines, 1)
    try:
        _, first = next(every, (0, ""))
        head = _headed(name, first)
        kinds: list[tuple[Kind, str]] = []
        waits: list[Wait] = []
        comings: list[Coming] = []
        standing: list[Standing] = []
        held: list[Held] = []
        acts: list[Act] = []
        adds: Mapping[str, Callable[[Any], None]] = {  # a wait has a kind and an end too, so it comes first
            "wait": lambda one: waits.append(_to_wait(one, kinds)),
            "kind": lambda one: kinds.append((kind_of(one["kind"]), str(one["pool"]))),
            "presence": lambda one: comings.append(Coming(*one["presence"])),
            "standing": lambda one: standing.append(Standing(*one["standing"])),
            "held": lambda one: held.append(Held(*one["held"])),
            "act": lambda one: acts.append(Act(*one["act"])),
        }
        end: Mapping[str, int] | None = None
        for number, line in every:
            if end is not None:
                raise BadRecord(f"{name}, line {number}: comes after the record's end: keep one record in a file")
            one = json.loads(line)
            what = _what(one, adds)
            if what == "end":
                end = one["end"]
            elif what is None:
                raise BadRecord(f"{name}, line {number}: is of an unknown kind; known are {', '.join((*adds, 'end'))}")
            else:
                adds[what](one)
            progress(number)
        _whole(name, end, {"lines": number, "waits": len(waits)})
        return Record(
            head["source"], head["since"], head["until"], Config.model_validate(head["config"]), tuple(waits), tuple(comings),
            tuple(standing), tuple(held), tuple(acts), tuple((at, version) for at, version in head["versions"]), head.get("paces", {}),
            head.get("places"), head.get("name", ""), head.get("unread", 0),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        why = " ".join(str(error).split())[:200]
        raise BadRecord(f"{name}, line {number}: cannot be read: {type(error).__name__}: {why}") from None


def _what(one: object, known: Iterable[str]) -> str | None:
    """What a line tells of."""
    return next((what for what in (*known, "end") if what in one), None) if isinstance(one, dict) else None


def _whole(name: str, end: Mapping[str, int] | None, found: Mapping[str, int]) -> None:
    """Is all there that was written? Raises BadRecord."""
    anew = "copy the whole file, or record it anew"
    last = f"{name}, line {found['lines']}"
    if end is None:
        raise BadRecord(f'{last}: the record is cut short here, before its last line {{"end": ...}}: {anew}')
    for what, count in found.items():
        if end[what] != count:
            raise BadRecord(f"{last}: the record ends with {count} {what}, and had {end[what]}: {anew}")


def _headed(name: str, line: str) -> dict[str, Any]:
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("santral") != "traffic":
        raise BadRecord(f'{name} is no record of traffic: its first line is not {{"santral": "traffic", ...}}')
    version = head.get("v")
    if version != FORMAT:
        later = isinstance(version, int) and version > FORMAT
        why = f"is newer than {FORMAT}, which this release of Santral reads: use a later one" if later else "is unknown"
        raise BadRecord(f"{name}: its format {version} {why}")
    return head


def _to_wait(one: Mapping[str, Any], kinds: list[tuple[Kind, str]]) -> Wait:
    kind, pool = kinds[one["kind"]]
    offers = tuple(Offered(agent, at, How(how), until) for agent, at, how, until in one.get("offers", ()))
    fate = Fate(
        End(one["end"]), one.get("t"), one.get("agent"), one.get("done"), offers, tuple(one.get("why", ())), one.get("asked", "")
    )  # fmt: skip
    return Wait(
        one["wait"], one.get("of", one["wait"]), one["at"], kind, pool, fate, one.get("preferred"), one.get("sla"),
        one.get("inbox"), _to_said(one["said"]) if "said" in one else None, one.get("inferred", False),
        tuple((agent, until) for agent, until in one.get("barred", ())), one.get("rests", True),
    )  # fmt: skip


def _to_said(one: Mapping[str, Any]) -> Said:
    return Said(
        one["config"], tuple(one.get("matched", ())), tuple(one.get("failed", ())), one.get("message"), one.get("saw"), one.get("facts"),
        not one.get("part", False),
    )  # fmt: skip
