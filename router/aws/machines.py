"""Machine clients in one partition: a call reads one item of it, the list is one query."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Key, put, update
from router.aws.store import Store
from router.machines import Client, Secret

_PARTITION = "CLIENTS"


class Machines(Store):
    """Clients under their ids, which are derived from their names: the key keeps names apart."""

    def new_client(self, client: Client) -> Change:
        """A client of a new name: 2 T."""
        return put("client", _item(replace(client, version=1)), "attribute_not_exists(#pk)")

    def save_client(self, before: Client, after: Client) -> Change:
        """Change a client unless somebody changed it since: 2 T."""
        return put("client", _item(replace(after, version=before.version + 1)), "#v = :v", {"v": before.version})

    def client_seen(self, client: str, now: datetime, before: datetime) -> None:
        """Note a use unless one was noted since `before`: 1 W. Raises Lost otherwise."""
        values = {"now": to_ms(now), "before": to_ms(before)}
        condition = "attribute_exists(#pk) AND (attribute_not_exists(#lu) OR #lu <= :before)"
        self.commit(update("client", _key(client), "SET #lu = :now", values, condition))

    def client(self, client: str) -> Client | None:
        """A client by id, consistently, so that a revoked one is refused at once: 1 R."""
        item = self.dynamo.get(_key(client))
        return _client(item) if item else None

    def clients(self) -> list[Client]:
        """All clients, by name: 1 call, 1 R for about ten."""
        return sorted((_client(item) for item in self.dynamo.query(_PARTITION)), key=lambda c: c.name)


def _key(client: str) -> Key:
    return _PARTITION, client


def _item(c: Client) -> Item:
    pk, sk = _key(c.id)
    secrets = [[s.number, s.hash, to_ms(s.created_at), to_ms(s.until) if s.until else None] for s in c.secrets]
    rest = {"nm": c.name, "sc": list(c.scopes), "at": to_ms(c.created_at), "by": c.created_by, "se": secrets}
    return {
        "pk": pk, "sk": sk, "v": c.version, "lu": to_ms(c.last_used_at) if c.last_used_at else None,
        "rv": to_ms(c.revoked_at) if c.revoked_at else None, "d": pack(rest),
    }  # fmt: skip


def _client(item: Item) -> Client:
    rest = unpack(item["d"])
    return Client(
        id=item["sk"],
        name=rest["nm"],
        scopes=tuple(rest["sc"]),
        created_at=from_ms(rest["at"]),
        created_by=rest["by"],
        secrets=tuple(
            Secret(number, hash_, from_ms(at), from_ms(until) if until is not None else None)
            for number, hash_, at, until in rest["se"]
        ),
        last_used_at=from_ms(item["lu"]) if "lu" in item else None,
        revoked_at=from_ms(item["rv"]) if "rv" in item else None,
        version=item["v"],
    )
