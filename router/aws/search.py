"""The search's rows: a partition a day and shard, in time order. `publish` writes them from the stream, off the hot path."""

from __future__ import annotations

from collections.abc import Iterable

from router.aws import rows
from router.aws.codec import Item, from_ms, to_ms
from router.aws.dynamo import Key
from router.aws.store import Store
from router.messages import ChannelName, Direction, Message
from router.search import IndexRow


def search_partition(day: str, shard: int) -> str:
    """The partition of one day's shard."""
    return f"X#{day}#{shard}"


def search_key(row: IndexRow) -> Key:
    """Where a row stands: `X#<day>#<shard>`, `<time>#<message>`."""
    return search_partition(row.day, row.shard), f"{to_ms(row.at):013d}#{row.message}"


def search_item(row: IndexRow) -> Item:
    """A row as an item, at most 1 KB for most languages: conversation, channel, direction, words."""
    pk, sk = search_key(row)
    return {
        "pk": pk, "sk": sk, "c": row.conversation, "ch": str(row.channel), "di": str(row.direction), "t": row.text,
        "ttl": int(row.expires_at.timestamp()),
    }  # fmt: skip


def to_index_row(item: Item) -> IndexRow:
    """The row an item holds."""
    ms, _, message = item["sk"].partition("#")
    return IndexRow(
        message=message,
        conversation=item["c"],
        channel=ChannelName(item["ch"]),
        direction=Direction(item["di"]),
        at=from_ms(int(ms)),
        text=item["t"],
    )


class Search(Store):
    """One row a message. Its key is the message's own, so writing it twice leaves one."""

    def index(self, rows: Iterable[IndexRow], gone: Iterable[IndexRow] = ()) -> None:
        """Write rows, and take away those whose words are gone: 1 call for 25, 1 W each. A row must be in one of the two."""
        self.dynamo.write_many([search_item(row) for row in rows], [search_key(row) for row in gone])

    def indexed(self, day: str, shard: int, *, before: str | None, limit: int) -> list[tuple[str, IndexRow]]:
        """Rows of one shard of a day with their places, the newest first: 1 call, 1 R for 8 KB."""
        found = self.dynamo.query(search_partition(day, shard), before=before, limit=limit, backwards=True, soon=True)
        return [(item["sk"], to_index_row(item)) for item in found]

    def texts(self, messages: Iterable[str]) -> dict[str, Message]:
        """Messages and answers by id, those that are still there: 1 call for 100, 1 R each."""
        found = self.dynamo.get_many(rows.message_key(message) for message in messages)
        return {message.id: message for message in map(rows.to_message, found.values())}
