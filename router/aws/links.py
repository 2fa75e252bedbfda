"""Tracked links under their codes: where they lead, whose message they stood in, and how often they were followed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Key, put, update
from router.aws.store import Store
from router.followed import Followed

KEPT = timedelta(days=400)
"""A link leads somewhere for so long: as long as the journey that it belongs to is kept."""


class Links(Store):
    """Put once, counted in place: a click is one write, however many come at once."""

    def new_link(self, link: Followed) -> Change:
        """Store a link once: 2 T, half of that alone. Lost: it is there, as it is when a send is made again."""
        return put("link", _item(link), "attribute_not_exists(#pk)")

    def link(self, code: str) -> Followed | None:
        """One link by its code: 1 R."""
        item = self.dynamo.get(_key(code))
        return to_link(item) if item is not None else None

    def links(self, codes: Iterable[str]) -> list[Followed]:
        """Several by code, those that there are: 1 call for 100."""
        return [to_link(item) for item in self.dynamo.get_many(map(_key, codes)).values()]

    def clicked(self, code: str, at: datetime, *, first: bool) -> Change:
        """A person followed it: 1 W. With `first` only if nobody had before them; the time of the first stays."""
        values = {"one": 1, "at": to_ms(at)}
        nobody = " AND attribute_not_exists(#fc)" if first else ""
        expression = "SET #fc = if_not_exists(#fc, :at), #lc = :at ADD #n :one"
        return update("click", _key(code), expression, values, "attribute_exists(#pk)" + nobody)


def _key(code: str) -> Key:
    return f"L#{code}", "l"


def _item(link: Followed) -> Item:
    pk, sk = _key(link.code)
    rest: dict[str, Any] = {
        "u": link.url, "sd": link.send, "nr": link.number, "co": link.contact, "ca": link.campaign or None,
        "oc": link.occurrence or None, "cr": to_ms(link.created_at),
    }  # fmt: skip
    ttl = int((link.created_at + KEPT).timestamp())
    return {
        "pk": pk,
        "sk": sk,
        "d": pack({name: value for name, value in rest.items() if value is not None}),
        "ttl": ttl,
    }


def to_link(item: Item) -> Followed:
    """The link an item holds."""
    rest = unpack(item["d"])
    return Followed(
        code=item["pk"].removeprefix("L#"),
        url=rest["u"],
        send=rest["sd"],
        number=rest["nr"],
        contact=rest["co"],
        created_at=from_ms(rest["cr"]),
        campaign=rest.get("ca", ""),
        occurrence=rest.get("oc", ""),
        clicks=item.get("n", 0),
        first_click_at=from_ms(item["fc"]) if "fc" in item else None,
        last_click_at=from_ms(item["lc"]) if "lc" in item else None,
    )
