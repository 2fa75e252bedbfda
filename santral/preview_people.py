"""Whom a preview is for: the people of a file, or those of a running stack, read and never written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

from router.audience import conditions, events
from router.campaigns import Branch, every
from router.consenting import Said, take_in
from router.consents import Consent, How, standing
from router.contact_row_views import ContactRowBody
from router.contact_rows import Row, Taken
from router.errors import Invalid
from router.messages import ChannelName
from router.profile import Changes
from router.purposes import Purpose
from router.records import Suppression
from santral.api_client import segment
from santral.contact_files import Reader, Refusal
from santral.rehearsal import WE, Rehearsal

if TYPE_CHECKING:
    from router.campaigns import Campaign
    from router.config import Config
    from santral.api_client import ApiClient

_AT_ONCE = 25
_PAGE = 100
_SIDE_BY_SIDE = 8
_Events = tuple[tuple[str, datetime, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A person: what a row says, since when they are known, and what nothing is sent to."""

    row: Row
    since: datetime | None = None
    consents: tuple[Said, ...] = ()
    suppressed: tuple[Suppression, ...] = ()
    events: _Events = ()
    line: int = 0
    """Where it stands in a file."""
    met: bool = False
    """Have they been met as they are? A file's row may not say as much of somebody."""

    @property
    def addresses(self) -> tuple[tuple[ChannelName, str], ...]:
        """By channel, the first one first."""
        return tuple((ChannelName(channel), address) for channel, address in self.row.addresses)

    def meet(self, rehearsal: Rehearsal) -> Taken | Invalid:
        """Put them into a rehearsal's table, as they became known; its clock then shows now, or later."""
        now = max(datetime.now(UTC), rehearsal.now)
        rehearsal.now = self.since or now
        (taken,) = rehearsal.meet([self.row], met=self.met)
        rehearsal.now = now
        for start in range(0, len(self.consents), _AT_ONCE):
            take_in(rehearsal.x, WE, self.consents[start : start + _AT_ONCE])
        for one in self.suppressed:
            rehearsal.x.table.commit(rehearsal.x.table.suppress(one))
        if self.events and isinstance(taken, Taken):
            rehearsal.remember(taken.contact, self.events)
        return taken


def of_file(data: bytes, reader: Reader) -> Iterator[Known | Refusal]:
    """The rows of a file, as `santral contacts import` reads them. Raises BadFile."""
    for line, row in reader.rows(data):
        if isinstance(row, Refusal):
            yield row
        else:
            yield Known(ContactRowBody.model_validate(row).row(), line=line)


def channels_of(config: Config, campaign: Campaign) -> list[ChannelName]:
    """Those that its templates have texts for."""
    names = {name for step in campaign.sends for name in step.templates}
    written = {ChannelName(channel) for one in config.templates if one.name in names for channel, _ in one.texts}
    return sorted(written)


def looked_back(config: Config, campaign: Campaign, at: datetime) -> datetime | None:
    """From when on its conditions look at events; None where they do not."""
    branches = (step.checked for step in every(campaign.steps) if isinstance(step, Branch))
    days = [count for tree in (*conditions(config, campaign), *branches) for count in events(tree).values()]
    return at - timedelta(days=max(days)) if days else None


@dataclass
class Stack:
    """The contacts of a running stack by its API. Consents and suppressions are read first: they are listed by channel.

    `since` is from when on events are read, a call for each person, where conditions look at them.
    """

    api: ApiClient
    channels: Iterable[ChannelName]
    since: datetime | None = None
    _consents: dict[tuple[str, str], dict[Purpose, Consent]] = field(default_factory=dict)
    _suppressed: dict[tuple[str, str], Suppression] = field(default_factory=dict)

    def people(self) -> Iterator[Known]:
        """Page by page."""
        for channel in self.channels:
            self._read(channel)
        rows = self.api.pages("/v1/contact-rows", "rows", limit=_PAGE)
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
            while page := list(islice(rows, _PAGE)):
                events: Iterable[_Events] = repeat(())
                if self.since is not None:
                    events = threads.map(self._events, [row["id"] for row in page])
                for row, happened in zip(page, events, strict=False):
                    yield replace(self._known(row), events=happened)

    def _events(self, contact: str) -> _Events:
        """What happened to a person since then, the newest first."""
        found: list[tuple[str, datetime, Mapping[str, Any]]] = []
        for one in self.api.pages(f"/v1/contacts/{segment(contact)}/events", "events", limit=100):
            at = datetime.fromisoformat(one["time"])
            if self.since is None or at < self.since:
                break
            found.append((one["type"], at, one["data"]))
        return tuple(found)

    def _read(self, channel: ChannelName) -> None:
        for one in self.api.pages("/v1/consents", "consents", channel=str(channel), limit=100):
            consent = _consent(one)
            held = self._consents.setdefault((str(channel), consent.address), {})
            before = held.get(consent.purpose)
            found = standing([consent] if before is None else [before, consent])
            held[consent.purpose] = next(iter(found.values()))
        for one in self.api.pages("/v1/suppressions", "suppressions", channel=str(channel), limit=100):
            at = datetime.fromisoformat(one["at"])
            key = (str(channel), one["address"])
            self._suppressed[key] = Suppression(*key, one["reason"], one["source"], at)

    def _known(self, row: Mapping[str, Any]) -> Known:
        places = tuple((one["channel"], one["address"]) for one in row["addresses"])
        plain = ("name", "language", "preferred", "zone", "birthday", "attributes")
        changes = Changes(tags=tuple(row.get("tags", ())), **{name: row.get(name) for name in plain})
        consents = tuple(
            Said(str(c.channel), c.address, c.purpose, c.given, c.how, c.at, merchant=c.merchant)
            for place in places
            for c in self._consents.get(place, {}).values()
        )
        stopped = tuple(one for place in places if (one := self._suppressed.get(place)) is not None)
        since = datetime.fromisoformat(row["first_seen_at"])
        return Known(Row(places, changes), since, consents, stopped, met=True)


def _consent(one: Mapping[str, Any]) -> Consent:
    return Consent(
        one["id"], ChannelName(one["channel"]), one["address"], Purpose(one["purpose"]), one["given"],
        datetime.fromisoformat(one["at"]), How(one["how"]), one["who"], datetime.fromisoformat(one["recorded_at"]),
        one.get("text"), one.get("source"), bool(one.get("merchant")),
    )  # fmt: skip
