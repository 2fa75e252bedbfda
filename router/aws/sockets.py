"""Open WebSocket connections, their tickets, and pushes. A push is a hint: losing one loses nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from router.aws.codec import Item, pack, to_ms, unpack
from router.aws.dynamo import Dynamo, delete, put, update
from router.aws.rosters import Rosters, swap
from router.errors import Lost, SantralError, Temporary
from router.ids import digest

_TRIES = 6
_LIFE = timedelta(hours=2, minutes=10)  # API Gateway closes a socket after two hours


class Sockets:
    """Whose connection is whose, and the way to push. `owner` is `A#<agent>` or `V#<contact>`."""

    def __init__(self, dynamo: Dynamo, client: Any, key: bytes) -> None:
        self._dynamo = dynamo
        self._client = client
        self._key = key

    def open(
        self, connection: str, owner: str, session: Mapping[str, Any], now: datetime, others: Sequence[str] = ()
    ) -> None:
        """Remember a connection under itself and under its owner: 4 T; `others` are owners whose frames it gets too: 2 T each."""
        ttl = int((now + _LIFE).timestamp())
        item: Item = {"pk": f"CONN#{connection}", "sk": "s", "o": owner, "d": pack(session), "ttl": ttl}
        self._dynamo.commit(
            put("connection", item | ({"os": list(others)} if others else {})),
            *(
                put("owner", {"pk": one, "sk": f"conn#{connection}", "at": f"{to_ms(now):013d}", "ttl": ttl})
                for one in (owner, *others)
            ),
        )

    def close(self, connection: str) -> dict[str, Any] | None:
        """Forget a connection; what it was, if it was known."""
        item = self._dynamo.take((f"CONN#{connection}", "s"), "attribute_exists(#pk)", {})
        if item is None:
            return None
        owners = (item["o"], *item.get("os", ()))
        self._dynamo.commit(*(delete("owner", (owner, f"conn#{connection}")) for owner in owners))
        return {"owner": item["o"], **unpack(item["d"])}

    def gone(self, connection: str) -> None:
        """Forget a connection. An agent's other open one takes its place beside their load, or none does."""
        session = self.close(connection)
        if session is not None and "pool" in session:
            others = self.of(session["owner"])
            self.agent_connected(session["pool"], session["agent"], others[-1] if others else None)

    def session(self, connection: str) -> dict[str, Any] | None:
        """Whose connection it is: 1 R."""
        item = self._dynamo.get((f"CONN#{connection}", "s"))
        return {"owner": item["o"], **unpack(item["d"])} if item else None

    def of(self, owner: str) -> list[str]:
        """The owner's open connections, newest last: 1 call."""
        items: list[Item] = sorted(self._dynamo.query(owner, prefix="conn#"), key=lambda i: i["at"])
        return [item["sk"].removeprefix("conn#") for item in items]

    def push(self, connection: str, frame: Mapping[str, Any]) -> bool:
        """Send one frame; False when the connection is gone (it is then forgotten) or cannot take it now."""
        data = json.dumps(frame, ensure_ascii=False, separators=(",", ":"), default=str).encode()
        try:
            self._client.post_to_connection(ConnectionId=connection, Data=data)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if code in ("GoneException", "410") or status == 410:
                self.gone(connection)
            return False
        except BotoCoreError:
            return False
        return True

    def allows(self, owner: str, now: datetime, most: int) -> bool:
        """Count one frame of an owner's in this minute; False beyond `most`: 1 W, one more in a new minute.

        A table that does not answer counts nothing: whether the frame can be taken is not decided here.
        """
        minute = int(now.timestamp()) // 60
        key, values = (owner, "rate"), {"m": minute, "one": 1, "most": most}
        try:
            self._dynamo.commit(update("rate", key, "ADD #n :one", values, "#m = :m AND #n < :most"))
        except Temporary:
            return True
        except Lost:
            fresh: Item = {"pk": owner, "sk": "rate", "m": minute, "n": 1, "ttl": minute * 60 + 3600}
            try:
                self._dynamo.commit(put("rate", fresh, "attribute_not_exists(#m) OR #m < :m", {"m": minute}))
            except Temporary:
                return True
            except Lost:
                return False
        return True

    def tell(self, owner: str, frame: Mapping[str, Any], hint: str | None = None) -> bool:
        """Push to a known connection, or to all the owner has; True if any took it."""
        try:
            if hint is not None and self.push(hint, frame):
                return True
            taken = [self.push(connection, frame) for connection in self.of(owner) if connection != hint]
        except (SantralError, ClientError, BotoCoreError):
            return False  # a hint that cannot be given must not undo what was done
        return any(taken)

    def tell_all(self, owners: Iterable[str], frame: Mapping[str, Any]) -> None:
        """Push to several owners."""
        for owner in owners:
            self.tell(owner, frame)

    def give_ticket(self, ticket: str, session: Mapping[str, Any], now: datetime, life: timedelta) -> None:
        """Store a single-use ticket by its hash: 1 W."""
        expires = now + life
        item: Item = {"pk": f"T#{self._hash(ticket)}", "sk": "t", "e": to_ms(expires), "d": pack(session)}
        self._dynamo.commit(put("ticket", item | {"ttl": int(expires.timestamp()) + 3600}, "attribute_not_exists(#pk)"))

    def use_ticket(self, ticket: str, now: datetime) -> dict[str, Any] | None:
        """Spend a ticket; None if it is unknown, spent or late. A second use finds nothing: 1 W."""
        item = self._dynamo.take((f"T#{self._hash(ticket)}", "t"), "#e >= :now", {"now": to_ms(now)})
        return unpack(item["d"]) if item else None

    def agent_connected(self, pool: str, agent: str, connection: str | None) -> None:
        """Keep the newest connection beside the agent's load, where a match finds it without asking: 1 call, 1 W.

        `pool` is where they were when the connection was opened.
        """
        rosters = Rosters(self._dynamo, self._key)
        for _ in range(_TRIES):
            load = rosters.seated(pool, agent)
            if load is None:
                return  # not in the roster: presence will add it
            opened = replace(load, connection=connection, by_desk=True, lost_at=None)
            after = opened if connection else replace(load, connection=None)
            try:
                self._dynamo.commit(*swap("agent", load, after))
            except Lost:
                continue
            return

    def _hash(self, ticket: str) -> str:
        return digest(self._key, "ticket", ticket)
