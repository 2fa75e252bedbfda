"""The configuration that a journey goes on under: its steps and texts as when it began, what the company has decided as it is now.

Quiet hours, caps, complaints, holidays and inboxes hold for everybody at once: a journey that began before them is no exception.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from router.config import Config
from router.exchange import Exchange


def under(x: Exchange, version: str) -> Exchange:
    """The exchange under the version that something began under, but for what holds at once. Where that is gone, the one in force."""
    then, now = x.under(version), x.config()
    if then.config().version == now.version:
        return then
    config = _joint(_Config(then.config()), _Config(now))
    return replace(then, config=lambda: config)


class _Config:
    """A configuration that is known by its version."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Config) and self.config.version == other.config.version

    def __hash__(self) -> int:
        return hash(self.config.version)


@lru_cache(maxsize=32)
def _joint(then: _Config, now: _Config) -> Config:
    holds = {"outreach": now.config.outreach, "calendars": now.config.calendars, "inboxes": now.config.inboxes}
    version = f"{then.config.version}~{now.config.version}"
    return then.config.model_copy(update={**holds, "version": version})
