"""The applied configuration: immutable versions and one pointer, flipped atomically."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from router.aws.codec import pack, unpack
from router.aws.dynamo import Dynamo, put
from router.config import Config
from router.errors import Lost, NotFound

_FRESH_SECONDS = 5.0


class Configs:
    """Reads the current version at most every five seconds, and a version's content once."""

    def __init__(self, dynamo: Dynamo, clock: Callable[[], float] = time.monotonic) -> None:
        self._dynamo = dynamo
        self._clock = clock
        self._current: Config | None = None
        self._looked_at = float("-inf")

    def apply(self, config: Config) -> None:
        """Store a version (once) and point at it."""
        body = pack(config.model_dump(mode="json", exclude_defaults=True))
        with suppress(Lost):  # that version is stored: the same content
            self._dynamo.commit(
                put("version", {"pk": "CFG", "sk": f"v#{config.version}", "d": body}, "attribute_not_exists(#pk)")
            )
        self._dynamo.commit(put("pointer", {"pk": "CFG", "sk": "current", "ver": config.version}))
        self._looked_at = float("-inf")

    def look_again(self) -> None:
        """Read at the next use, however fresh the last reading is."""
        self._looked_at = float("-inf")

    def current(self) -> Config:
        """The configuration in force. Raises NotFound before the first `apply`."""
        now = self._clock()
        if self._current is not None and now - self._looked_at < _FRESH_SECONDS:
            return self._current
        pointer = self._dynamo.get(("CFG", "current"))
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
        return Config.model_validate(unpack(item["d"]))
