"""Contacts taken in as the rows of a file. A row is a person by their addresses, with what is known and consented.

Our own systems vouch for a row: an address that nobody has is the person's whom the row's other addresses name. What belongs to two people
is refused, because a slip in a file must join nobody. The same row again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from router.consenting import MOST_AT_ONCE, Said, consent_of
from router.desk import renamed
from router.errors import Conflict, Invalid, Lost, Temporary
from router.exchange import Exchange
from router.ids import contact_id, digest
from router.messages import ChannelName, Proof
from router.once import User
from router.people import MOST_JOINED, resolve
from router.profile import Changes, changed
from router.records import Contact, Identity
from router.suppressions import place_of

if TYPE_CHECKING:
    from router.aws.dynamo import Change

IMPORT = "import"
_TRIES = 6
_MOST_ADDRESSES = 5
Outcome = Literal["created", "changed", "unchanged"]
Place = tuple[ChannelName, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a file. The first address is where a new contact stands."""

    addresses: tuple[tuple[str, str], ...]
    changes: Changes
    consents: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row."""

    outcome: Outcome
    contact: str


def take_in(x: Exchange, user: User, rows: Sequence[Row], *, met: bool = False) -> list[Taken | Invalid]:
    """Each row by itself, in their order: what became of it, or why it is refused. Administrators and machines.

    A machine whose rows tell of consents needs `consents:write` too. Raises Refused, and Temporary when contention does not end;
    what was taken in till then stays, and the repeat finds it. `met`: they were met elsewhere, and this is a copy, with visitors of
    the web chat and as many addresses as they have.
    """
    if not user.machine:
        user.need("admin")
    if any(row.consents for row in rows):
        user.need_scope("consents:write")
    if not 0 < len(rows) <= MOST_AT_ONCE:
        raise Invalid(f"send from 1 to {MOST_AT_ONCE} rows", field="rows")
    answer: list[Taken | Invalid] = []
    for row in rows:
        try:
            answer.append(_taken(x, user, row, met=met))
        except Invalid as refused:
            answer.append(refused)
        except Conflict as refused:
            answer.append(Invalid(str(refused)))
    x.count("ContactRowsIn", sum(isinstance(one, Taken) for one in answer))
    return answer


def _taken(x: Exchange, user: User, row: Row, *, met: bool) -> Taken:
    places = list(dict.fromkeys(place_of(*one) for one in row.addresses))
    if not 0 < len(places) <= (1 + MOST_JOINED if met else _MOST_ADDRESSES):
        raise Invalid(f"a row has from 1 to {_MOST_ADDRESSES} addresses", field="addresses")
    if not met and any(channel is ChannelName.WEBCHAT for channel, _ in places):
        raise Invalid("a visitor of the web chat cannot be made beforehand", field="addresses")
    said = [consent_of(x, one, user.name) for one in row.consents]
    if strange := [one for one in said if (one.channel, one.address) not in places]:
        raise Invalid(f"the consent is of an {strange[0].channel} address that the row has not", field="consents")
    for _ in range(_TRIES):
        before, fresh = _known(x, places)
        person = before or _new(x, *fresh[0])
        named = _with(x, person, fresh if before is not None else fresh[1:])
        after = changed(named, row.changes, x.now().date())
        known = x.table.known_consents(said)
        changes: list[Change] = [
            x.table.new_consent(one) for one in {one.id: one for one in said}.values() if one.id not in known
        ]
        if before is None:
            changes.append(x.table.new_contact(after))
        elif after != before:
            changes += renamed(x, before, after)[0]
        if not changes:
            return Taken("unchanged", person.id)
        changes += [_alias(x, place, person.id) for place in fresh if place != (person.channel, person.address)]
        entry = "h_" + digest(
            x.key, IMPORT, person.id, str(person.version), row.changes.words, *(one.id for one in said)
        )
        changes.append(x.table.history(f"contact:{person.id}", IMPORT, user.name, {}, x.now(), entry))
        try:
            x.table.commit(*changes)
        except Lost:
            continue  # somebody changed them meanwhile, or met them
        return Taken("created" if before is None else "changed", person.id)
    raise Temporary("somebody else keeps changing it; try again")


def _known(x: Exchange, places: Sequence[Place]) -> tuple[Contact | None, list[Place]]:
    """Whose these addresses are, and those that are nobody's. Raises Invalid where they are two people's."""
    found = {place: resolve(x, _id(x, place)) for place in places}
    people = {one.id: one for one in found.values() if one is not None}
    if len(people) > 1:
        raise Invalid("its addresses belong to different people: join them by hand, or correct it", field="addresses")
    person = next(iter(people.values()), None)
    theirs = (
        {(i.channel, i.address) for i in person.identities} if person is not None else set()
    )  # met between two reads
    return person, [place for place, one in found.items() if one is None and place not in theirs]


def _id(x: Exchange, place: Place) -> str:
    return contact_id(x.key, str(place[0]), place[1], proved=True)


def _new(x: Exchange, channel: ChannelName, address: str) -> Contact:
    return Contact(_id(x, (channel, address)), channel, address, Proof.WEAK, x.now())


def _with(x: Exchange, person: Contact, fresh: Sequence[Place]) -> Contact:
    """The person with further addresses, as a proof would add them."""
    if len(person.identities) + len(fresh) > MOST_JOINED:
        raise Invalid(f"a person has at most {MOST_JOINED} addresses", field="addresses")
    more = [Identity(*place, Proof.WEAK, _id(x, place), x.now(), IMPORT) for place in fresh]
    return replace(person, joined=(*person.joined, *more)) if more else person


def _alias(x: Exchange, place: Place, into: str) -> Change:
    return x.table.new_contact(Contact(_id(x, place), *place, Proof.WEAK, x.now(), into=into))
