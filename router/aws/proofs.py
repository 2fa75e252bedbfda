"""One-time codes on their way, and how many were sent: everything but the codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Key, put, update
from router.aws.rows import due_keys
from router.aws.store import Store
from router.errors import Lost
from router.messages import ChannelName
from router.records import CodesSent, Verification

_REMEMBERED = timedelta(days=1)


class Proofs(Store):
    """One verification at a time for a contact; counts under contact, address and inbox."""

    def verification(self, contact: str) -> Verification | None:
        """What a contact was asked to prove last: 1 R."""
        item = self.dynamo.get(_key(contact))
        return to_verification(item) if item else None

    def verifications(self, contacts: Iterable[str]) -> list[Verification]:
        """What several contacts were asked to prove: 1 call."""
        return [to_verification(item) for item in self.dynamo.get_many(map(_key, contacts)).values()]

    def new_verification(self, made: Verification) -> Change:
        """A new code; the one before it counts no more, unless it came back and is still to be joined: 2 T."""
        pk, sk = _key(made.contact)
        item: Item = {
            "pk": pk, "sk": sk, "ch": str(made.channel), "sd": made.send, "un": to_ms(made.until), "by": made.asked_by,
            "tr": made.tries, "d": pack({"ad": made.address}), "ttl": int((made.until + _REMEMBERED).timestamp()),
        }  # fmt: skip
        return put("verification", item, "attribute_not_exists(#due)")

    def tried(self, found: Verification, *, right: bool, due_at: datetime) -> Change:
        """A try, unless somebody else tried meanwhile; the right one is due until it is joined: 1 W, +1 when right."""
        values = {"sd": found.send, "tr": found.tries, "one": found.tries + 1}
        expression = "SET #tr = :one"
        if right:
            values |= {"ok": 1, **due_keys(_key(found.contact)[0], due_at)}
            expression += ", #ok = :ok, #dk = :dk, #due = :due REMOVE #ttl"
        condition = "#sd = :sd AND #tr = :tr AND attribute_not_exists(#ok)"
        return update("try", _key(found.contact), expression, values, condition)

    def finished(self, found: Verification) -> None:
        """It is joined: nothing is due any more: 1 W +1."""
        values = {"sd": found.send, "ttl": int((found.until + _REMEMBERED).timestamp())}
        try:
            self.commit(
                update("verification", _key(found.contact), "SET #ttl = :ttl REMOVE #dk, #due", values, "#sd = :sd")
            )
        except Lost:
            return  # a newer code has taken its place

    def asked(self, names: Sequence[str]) -> list[CodesSent]:
        """When codes were last sent for each of these names: 1 call."""
        found = self.dynamo.get_many((f"PROOF#{name}", "sent") for name in names)
        items = [found.get((f"PROOF#{name}", "sent")) for name in names]
        return [CodesSent(tuple(map(from_ms, item["at1"])), item["v"]) if item else CodesSent() for item in items]

    def asked_again(self, name: str, before: CodesSent, after: CodesSent, until: datetime) -> Change:
        """One more, unless somebody else asked meanwhile: 2 T."""
        item: Item = {
            "pk": f"PROOF#{name}", "sk": "sent", "at1": [to_ms(at) for at in after.times], "v": after.version,
            "ttl": int(until.timestamp()) + 3600,
        }  # fmt: skip
        return put("asked", item, "attribute_not_exists(#pk) OR #v = :v", {"v": before.version})


def _key(contact: str) -> Key:
    return f"PROOF#{contact}", "code"


def to_verification(item: Item) -> Verification:
    """The verification an item holds."""
    return Verification(
        contact=item["pk"].removeprefix("PROOF#"),
        channel=ChannelName(item["ch"]),
        address=unpack(item["d"])["ad"],
        send=item["sd"],
        until=from_ms(item["un"]),
        asked_by=item["by"],
        tries=item["tr"],
        typed="ok" in item,
    )
