"""Consent is recorded: by a colleague, an integration, a word of the customer's, a carrier's error; and read back with its proof.

Whatever records consent adds to what is there. Ids are made of what was said, so the same said again (a redelivery, a file that is
imported twice) is the same record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from router.consents import Consent, How, standing
from router.errors import Invalid, Lost, NotFound, Temporary
from router.exchange import Exchange
from router.ids import digest
from router.messages import ChannelName
from router.once import Plan, Result, User, once
from router.people import resolve
from router.purposes import Purpose
from router.records import Contact
from router.suppressions import place_of
from router.times import to_ms

if TYPE_CHECKING:
    from router.aws.dynamo import Change

MOST_AT_ONCE = 25
_FIRST = datetime(1990, 1, 1, tzinfo=UTC)
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said of one address. `at`: now, without it."""

    channel: str
    address: str
    purpose: Purpose
    given: bool
    how: How
    at: datetime | None = None
    text: str | None = None
    source: str | None = None
    merchant: bool = False


def consent_of(x: Exchange, said: Said, who: str) -> Consent:
    """What was said as a record. Raises Invalid for what is no address, and for a time that cannot be."""
    channel, address = place_of(said.channel, said.address)
    now = _kept(x.now())
    at = _kept(said.at or now)
    if not _FIRST <= at <= now:
        raise Invalid("a consent's time lies in the past, and not before 1990", field="at")
    parts = (
        channel,
        address,
        said.purpose,
        str(said.given),
        str(to_ms(at)),
        said.how,
        said.text or "",
        said.source or "",
    )
    id_ = "k_" + digest(x.key, "consent", *map(str, parts), str(said.merchant))
    return Consent(
        id_, channel, address, said.purpose, said.given, at, said.how, who, now, said.text, said.source, said.merchant
    )


def record(x: Exchange, user: User, contact: str, said: Said, key: str) -> Consent:
    """A colleague or an integration records what a person said of an address of theirs. Raises NotFound, Invalid."""
    person = _person(x, contact)
    consent = consent_of(x, said, user.name)
    if (consent.channel, consent.address) not in {(i.channel, i.address) for i in person.identities}:
        raise Invalid(f"this person has no such address on {consent.channel}", field="address")

    def plan(digest_: str) -> Plan:
        detail = {"channel": str(said.channel), "purpose": str(said.purpose), "given": said.given, "how": str(said.how)}
        entry = x.table.history(f"contact:{person.id}", "consent", user.name, detail, x.now(), f"h_{digest_}")
        new = [] if x.table.known_consents([consent]) else [x.table.new_consent(consent)]
        return Plan([*new, entry], Result(subject=consent.id))

    asked = (said.channel, said.address, said.purpose, said.given, said.how, said.at, said.text, said.source)
    made = once(x, user, key, digest(x.key, "consent", contact, *map(str, asked), str(said.merchant)), plan)
    if made.subject == consent.id:
        return consent
    kept = x.table.consents(consent.channel, consent.address)  # the key's first answer, with the time of then
    return next((one for one in kept if one.id == made.subject), consent)


def take_in(x: Exchange, user: User, rows: Sequence[Said]) -> list[Consent | Invalid | None]:
    """Several at once, of whoever has those addresses, known or not: each the record that was added, None where it was there, or why not.

    Administrators and machines. Done again it changes nothing. Raises Temporary when contention does not end.
    """
    if not user.machine:
        user.need("admin")
    if not 0 < len(rows) <= MOST_AT_ONCE:
        raise Invalid(f"send from 1 to {MOST_AT_ONCE} rows", field="rows")
    judged: list[Consent | Invalid] = []
    for said in rows:
        try:
            judged.append(consent_of(x, said, user.name))
        except Invalid as refused:
            judged.append(refused)
    records = {one.id: one for one in judged if isinstance(one, Consent)}
    for _ in range(_TRIES):
        known = x.table.known_consents(records.values())
        try:
            if new := [x.table.new_consent(one) for id_, one in records.items() if id_ not in known]:
                x.table.commit(*new)
        except Lost:
            continue  # the same rows came in twice at once
        x.count("ConsentsIn", len(new))
        told = set(known)
        answer: list[Consent | Invalid | None] = []
        for row in judged:
            answer.append(None if isinstance(row, Consent) and row.id in told else row)
            told.update({row.id} if isinstance(row, Consent) else ())
        return answer
    raise Temporary("somebody else keeps changing it; try again")


def of_person(x: Exchange, contact: str) -> tuple[list[Consent], list[Consent]]:
    """What holds of a person's addresses, and all records of it, the newest first. Raises NotFound."""
    person = _person(x, contact)
    places = dict.fromkeys((i.channel, i.address) for i in person.identities)
    records = [one for channel, address in places for one in x.table.consents(channel, address)]
    held = sorted(standing(records).values(), key=lambda one: (one.channel, one.address, one.purpose))
    return held, sorted(records, key=lambda one: one.mark, reverse=True)


def withdrawn(
    x: Exchange, channel: ChannelName, address: str, how: How, at: datetime, why: str, id_: str
) -> list[Change]:
    """No marketing to an address any more. `id_` is of the event that says so: the transaction it stands in is the event's own."""
    return [x.table.add_consent(by_event(x, channel, address, how, at, why, id_, given=False))]


def regained(x: Exchange, channel: ChannelName, address: str, at: datetime, why: str, id_: str) -> list[Change]:
    """START takes back the customer's own STOP, and is no consent of somebody who had given none before: 1 call."""
    records = x.table.consents(channel, address, (Purpose.MARKETING,))
    held = next(iter(standing(records).values()), None)
    if held is None or held.given or held.how is not How.MESSAGE or not any(one.given for one in records):
        return []
    return [x.table.add_consent(by_event(x, channel, address, How.MESSAGE, at, why, id_, given=True))]


def by_event(
    x: Exchange, channel: ChannelName, address: str, how: How, at: datetime, why: str, id_: str, *, given: bool
) -> Consent:
    """A record of consent to marketing that an event makes; the same event makes the same id."""
    name = "k_" + digest(x.key, "consent by", id_, str(channel), address)
    who = "customer" if how is not How.PROVIDER else "provider"
    return Consent(name, channel, address, Purpose.MARKETING, given, _kept(at), how, who, _kept(x.now()), why)


def _kept(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _person(x: Exchange, contact: str) -> Contact:
    found = resolve(x, contact)
    if found is None:
        raise NotFound(f"there is no contact {contact}")
    return found
