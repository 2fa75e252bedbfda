"""Consents, beside the contact that an address is by itself: joining people moves none of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Key, put
from router.aws.store import Store
from router.consents import Consent, How
from router.ids import contact_id
from router.messages import ChannelName
from router.purposes import Purpose


class Consents(Store):
    """Records are added under purpose and time, never changed: the last of a purpose is the one that holds."""

    def new_consent(self, consent: Consent) -> Change:
        """Add a record once: 2 T +1 for each KB, half of that alone."""
        return put("consent", self._consent_item(consent), "attribute_not_exists(#pk)")

    def add_consent(self, consent: Consent) -> Change:
        """The same in the transaction of what says so, where a record that is there already must hold nothing up."""
        return put("consent", self._consent_item(consent))

    def consent(self, channel: ChannelName, address: str, purpose: Purpose) -> Consent | None:
        """The record that holds for an address and a purpose; None when nothing was ever said: 1 R."""
        pk = self._consents_of(channel, address)
        found = self.dynamo.query(pk, prefix=f"consent#{purpose}#", backwards=True, limit=1)
        return next(map(to_consent, found), None)

    def consents(self, channel: ChannelName, address: str, purposes: Iterable[Purpose] = Purpose) -> list[Consent]:
        """An address's newest 100 records of each purpose: a call for each."""
        pk = self._consents_of(channel, address)
        return [
            to_consent(item)
            for purpose in purposes
            for item in self.dynamo.query(pk, prefix=f"consent#{purpose}#", backwards=True, limit=100)
        ]

    def known_consents(self, consents: Iterable[Consent]) -> frozenset[str]:
        """Which of these records are there already, by id: 1 call."""
        keys = {self._consent_key(one): one.id for one in consents}
        return frozenset(keys[key] for key in self.dynamo.get_many(keys))

    def consents_recorded(
        self, channel: ChannelName, *, after: str | None, limit: int
    ) -> tuple[list[Consent], str | None]:
        """A channel's records in the order in which they were written down, and where to go on: 2 calls."""
        listed = self.listed(f"consents#{channel}", after=after, limit=limit)
        found = self.dynamo.get_many(key for key, _ in listed)
        kept = [to_consent(found[key]) for key, _ in listed if key in found]
        return kept, listed[-1][1] if len(listed) == limit else None

    def _consents_of(self, channel: str, address: str) -> str:
        return "P#" + contact_id(self.key, str(channel), address, proved=True)

    def _consent_key(self, consent: Consent) -> Key:
        return self._consents_of(consent.channel, consent.address), f"consent#{consent.purpose}#{consent.mark}"

    def _consent_item(self, c: Consent) -> Item:
        pk, sk = self._consent_key(c)
        rest: dict[str, Any] = {
            "id": c.id, "ch": str(c.channel), "ad": c.address, "at": to_ms(c.at), "gi": c.given, "ho": str(c.how), "wo": c.who,
            "rc": to_ms(c.recorded_at), "tx": c.text, "so": c.source, "me": c.merchant or None,
        }  # fmt: skip
        listed = {"lk": f"consents#{c.channel}", "ls": f"{to_ms(c.recorded_at):013d}#{c.id}"}
        return {"pk": pk, "sk": sk, "d": pack({k: v for k, v in rest.items() if v is not None}), **listed}


def to_consent(item: Item) -> Consent:
    """The record an item holds."""
    rest = unpack(item["d"])
    return Consent(
        id=rest["id"],
        channel=ChannelName(rest["ch"]),
        address=rest["ad"],
        purpose=Purpose(_parts(item)[1]),
        given=rest["gi"],
        at=from_ms(rest["at"]),
        how=How(rest["ho"]),
        who=rest["wo"],
        recorded_at=from_ms(rest["rc"]),
        text=rest.get("tx"),
        source=rest.get("so"),
        merchant=rest.get("me", False),
    )


def _parts(item: Item) -> Sequence[str]:
    return str(item["sk"]).split("#")
