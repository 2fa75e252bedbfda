"""What every concept of the table stands on: the calls, the deployment's key, transactions and lists."""

from __future__ import annotations

from datetime import datetime

from router.aws.codec import from_ms
from router.aws.dynamo import Change, Dynamo, Key


class Store:
    """The table as its parts share it. Methods that return a Change are parts of a transaction that the use case puts together."""

    def __init__(self, dynamo: Dynamo, key: bytes) -> None:
        self.dynamo = dynamo
        self.key = key

    def commit(self, *changes: Change) -> None:
        """All or nothing. Raises Lost with the names of the changes whose condition failed."""
        self.dynamo.commit(*changes)

    def listed(
        self, lk: str, *, prefix: str | None = None, after: str | None = None, limit: int = 50
    ) -> list[tuple[Key, str]]:
        """Keys and sort keys of a list (open#queue, done#queue, parked, quarantine, audit#day): 1 call."""
        found = []
        for item in self.dynamo.query(
            lk, index="list", after=after, prefix=prefix if after is None else None, limit=limit
        ):
            if prefix is not None and not item["ls"].startswith(prefix):
                break
            found.append(((item["pk"], item["sk"]), item["ls"]))
        return found

    @staticmethod
    def mark_time(mark: str) -> datetime:
        """The time at the head of a list's sort key."""
        return from_ms(int(mark.partition("#")[0]))
