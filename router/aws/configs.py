"""The applied configuration: immutable versions, one pointer that is flipped atomically, and a log of what was in force."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from router.aws.codec import from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Dynamo, put
from router.aws.places import naming
from router.conditions import compiled
from router.config import Config
from router.errors import Conflict, Invalid, Lost, NotFound

_FRESH_SECONDS = 5.0
_MOST_PAST = 4
_POINTER = ("CFG", "current")


@dataclass(frozen=True, slots=True)
class InForce:
    """The pointer as it was read: a version, and how many times one was put in force. Nothing yet: empty and 0."""

    version: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Applied:
    """A version was put in force: the `number`-th time, when, by whom, in place of which (`before`, empty for none).

    `back`: by a rollback. `note` is what they wrote about it, such as a commit.
    """

    number: int
    version: str
    at: datetime
    by: str = ""
    before: str = ""
    back: bool = False
    note: str = ""


class Configs:
    """Reads the current version at most every five seconds, and a version's content once."""

    def __init__(self, dynamo: Dynamo, clock: Callable[[], float] = time.monotonic) -> None:
        self._dynamo = dynamo
        self._clock = clock
        self._current: Config | None = None
        self._past: dict[str, Config] = {}
        self._looked_at = float("-inf")

    def apply(
        self, config: Config, *, by: str = "", note: str = "", seen: InForce | None = None, at: datetime | None = None
    ) -> Applied | None:
        """Store a version (once) and point at it; None if it is in force already.

        `seen` is the pointer that was looked at before deciding. Raises Conflict if another version came into force since.
        """
        body = pack(config.model_dump(mode="json"))  # with all defaults: a release that changes one changes no version
        with suppress(Lost):  # that version is stored: the same content
            self._dynamo.commit(
                put("version", {"pk": "CFG", "sk": f"v#{config.version}", "d": body}, "attribute_not_exists(#pk)")
            )
        return self._point(config.version, by=by, note=note, seen=seen, at=at, back=False)

    def roll_back(
        self, version: str, *, by: str = "", note: str = "", seen: InForce | None = None, at: datetime | None = None
    ) -> Applied | None:
        """Point at a stored version again; None if it is in force. Raises NotFound, Invalid (unreadable) and Conflict."""
        self.readable(version)
        return self._point(version, by=by, note=note, seen=seen, at=at, back=True)

    def _point(
        self, version: str, *, by: str, note: str, seen: InForce | None, at: datetime | None, back: bool
    ) -> Applied | None:
        seen = seen or self.in_force()
        if seen.version == version and self.in_force() == seen:
            return None
        done = Applied(seen.number + 1, version, at or datetime.now(UTC), by, seen.version, back, note)
        pointer = {"pk": _POINTER[0], "sk": _POINTER[1], "ver": version, "n": done.number}
        if not seen.version:
            flip = put("pointer", pointer, "attribute_not_exists(#pk)")
        elif not seen.number:  # written before there was a log
            flip = put("pointer", pointer, "#ver = :ver AND attribute_not_exists(#n)", {"ver": seen.version})
        else:
            flip = put("pointer", pointer, "#n = :n", {"n": seen.number})
        entry = {
            "pk": "CFG", "sk": f"a#{done.number:010d}", "ver": version, "t": to_ms(done.at), "by": by, "before": done.before,
            "back": back, "note": note,
        }  # fmt: skip
        try:
            self._dynamo.commit(flip, put("applied", entry, "attribute_not_exists(#pk)"), self._naming(done))
        except Lost:
            now = self.in_force().version
            raise Conflict(
                f"version {now} was put in force meanwhile, so {version} was not: look at what changed, and try again"
            ) from None
        self.look_again()
        return done

    def _naming(self, done: Applied) -> Change:
        """The queues and pools of a version, and of the one before it, which may have been applied when they were not remembered."""
        queues: set[str] = set()
        pools: set[str] = set()
        for version in (done.before, done.version):
            with suppress(NotFound, ValueError, TypeError, KeyError):  # what cannot be read was never worked by
                config = self.version(version)
                queues |= config.queue_names
                pools |= config.pool_names
        return naming(queues, pools, done.number, done.at)

    def in_force(self) -> InForce:
        """The pointer, read now."""
        pointer = self._dynamo.get(_POINTER)
        return InForce() if pointer is None else InForce(pointer["ver"], pointer.get("n", 0))

    def history(self, limit: int | None = None) -> list[Applied]:
        """What was put in force, the newest first."""
        items = self._dynamo.query("CFG", prefix="a#", backwards=True, limit=limit)
        return [
            Applied(int(i["sk"][2:]), i["ver"], from_ms(i["t"]), i["by"], i["before"], i["back"], i["note"])
            for i in items
        ]

    def look_again(self) -> None:
        """Read at the next use, however fresh the last reading is."""
        self._looked_at = float("-inf")

    def current(self) -> Config:
        """The configuration in force. Raises NotFound before the first `apply`."""
        now = self._clock()
        if self._current is not None and now - self._looked_at < _FRESH_SECONDS:
            return self._current
        pointer = self._dynamo.get(_POINTER)
        if pointer is None:
            raise NotFound("no configuration is applied yet: run `santral config apply`")
        if self._current is None or self._current.version != pointer["ver"]:
            self._current = self.version(pointer["ver"])
        self._looked_at = now
        return self._current

    def version(self, version: str) -> Config:
        """One applied version. Raises NotFound."""
        item = self._dynamo.get(("CFG", f"v#{version}"))
        if item is None:
            raise NotFound(f"there is no configuration version {version}")
        data = unpack(item["d"])
        if "hours" in data:  # as releases before calendars called them
            data["calendars"] = data.pop("hours")
        for policy in data.get("sla", ()):
            if "first_response_minutes" in policy:  # as releases that had no other target wrote it
                policy["first_response"] = policy.pop("first_response_minutes")
        return Config.model_validate(data)

    def once(self, version: str) -> Config:
        """One applied version, read once by this process: versions never change. Raises NotFound."""
        found = self._past.get(version)
        if found is None:
            while len(self._past) >= _MOST_PAST:
                del self._past[next(iter(self._past))]
            found = self._past[version] = self.version(version)
        return found

    def readable(self, version: str) -> Config:
        """A version whose every part this code knows. Raises NotFound, and Invalid with what it does not know."""
        from router.audience import trees  # for who looks before going back

        try:
            config = self.version(version)
            for tree in (*(rule.checked for rule in config.rules if rule.checked is not None), *trees(config)):
                compiled(tree)
        except (ValueError, TypeError, KeyError, IndexError) as error:  # ValidationError is a ValueError
            why = " ".join(str(error).split())
            raise Invalid(f"version {version} cannot be read by this release of Santral: {why}") from None
        return config


def version_before(history: Sequence[Applied]) -> str | None:
    """Where a rollback goes that names no version; `history` is the newest first. None if there is nothing before.

    A rollback takes back what it went past: after A, B, C and one rollback the next one goes to A, not to C.
    """
    standing: list[str] = []
    for one in reversed(history):
        if not standing and one.before:
            standing.append(one.before)
        if one.back and one.version in standing:
            while standing[-1] != one.version:
                standing.pop()
        else:
            standing.append(one.version)
    return standing[-2] if len(standing) > 1 else None
