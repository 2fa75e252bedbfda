"""What people answered to surveys, beside them; and, until it stands elsewhere, what they were asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Key, put
from router.aws.store import Store
from router.ids import digest
from router.surveys import Asked, Rating, packed, unpacked


class Ratings(Store):
    """Under when it was asked and a hash of the message that asked: the key is the guarantee that each survey counts once."""

    def new_rating(self, rating: Rating) -> Change:
        """Keep an answer, once for each survey: 2 T."""
        pk, sk = self._rating_key(rating.asked)
        rest: dict[str, Any] = {
            "as": packed([rating.asked])[0], "vl": rating.value, "ho": rating.how, "at": to_ms(rating.at), "tx": rating.text,
            "ag": rating.agent, "ra": rating.raised,
        }  # fmt: skip
        item: Item = {"pk": pk, "sk": sk, "d": pack({name: value for name, value in rest.items() if value is not None})}
        return put("rating", item, "attribute_not_exists(#pk)")

    def rating(self, asked: Asked) -> Rating | None:
        """What was answered to a survey; None so far: 1 R."""
        item = self.dynamo.get(self._rating_key(asked))
        return to_rating(item) if item is not None else None

    def ratings(self, contact: str, limit: int = 20) -> list[Rating]:
        """A contact's answers, those to the newest surveys first: 1 call, 1 R for some ten."""
        found = self.dynamo.query(f"P#{contact}", prefix="score#", backwards=True, limit=limit)
        return [to_rating(item) for item in found]

    def ratings_of(self, people: Sequence[Sequence[str]], limit: int = 20) -> list[list[Rating]]:
        """The answers of each of several people, by all their contacts, those to the newest surveys of a contact first: 1 call each."""
        how = {"prefix": "score#", "backwards": True, "limit": limit}
        pages = iter(self.dynamo.query_many([(f"P#{contact}", how) for contacts in people for contact in contacts]))
        return [[to_rating(item) for _ in contacts for item in next(pages)] for contacts in people]

    def surveys_asked(self, contact: str) -> tuple[Asked, ...]:
        """What a person was asked, as their outreach row has it: 1 R."""
        item = self.dynamo.get((f"P#{contact}", "outreach"))
        return unpacked(contact, item.get("sv", ())) if item is not None else ()

    def _rating_key(self, asked: Asked) -> Key:
        return f"P#{asked.contact}", f"score#{to_ms(asked.at):013d}#{digest(self.key, 'rating', asked.send, size=10)}"


def to_rating(item: Item) -> Rating:
    """The answer an item holds."""
    rest = unpack(item["d"])
    (asked,) = unpacked(item["pk"].removeprefix("P#"), [rest["as"]])
    return Rating(asked, rest["vl"], rest["ho"], from_ms(rest["at"]), rest.get("tx"), rest.get("ag"), rest.get("ra"))
