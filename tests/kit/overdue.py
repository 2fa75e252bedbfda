"""Many conversations whose clocks ran out while nobody looked, as an outage leaves them, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from router.aws import rows
from router.aws.codec import Item
from router.aws.table import Table
from router.conversations import Conversation, State
from router.sla import Clock
from router.targets import Target
from router.timeline import EMPTY, What
from router.times import to_ms
from router.waiting import place
from tests.kit import values as v


def overdue(number: int, at: datetime) -> Conversation:
    """One whose first answer was due then; every other one has an agent, the rest stand in their line."""
    began = at - timedelta(hours=1)
    timeline = EMPTY.wrote(What.HEARD, to_ms(began)).became(What.WAITING, to_ms(began), "genel")
    made = v.conversation(
        f"p_{number:024d}", opened_at=began, waiting_since=began, last_inbound_at=began, timeline=timeline,
        clocks=(Clock(Target.FIRST_RESPONSE, began, at, at),), follow=(), follow_at=None, links=(),
    )  # fmt: skip
    if number % 2:
        timeline = timeline.became(What.ACTIVE, to_ms(began) + 1, "ayse")
        return replace(made, state=State.ACTIVE, agent="ayse", waiting_since=None, timeline=timeline)
    return replace(made, stub=f"{place(began)}#{made.id}")


def items(count: int, now: datetime) -> Iterator[Item]:
    """So many of them as items, a millisecond between two, the last due just before `now`."""
    for number in range(count):
        yield rows.conversation_item(overdue(number, now - timedelta(milliseconds=count - number)))


def told(table: Table, count: int) -> Counter[str]:
    """How often the history of each of so many tells of its breach; read one by one, for a table that is too large to be scanned."""
    found: Counter[str] = Counter()
    for number in range(count):
        conversation = _id_of(number)
        found[conversation] = sum(entry.what == "breach" for entry in table.histories(conversation))
    return found


def waiting_still(table: Table, count: int) -> list[str]:
    """Those of so many that do not hold their breach, or wait for something still, or are not there."""
    left = []
    for start in range(0, count, 100):
        ids = [_id_of(number) for number in range(start, min(count, start + 100))]
        found = table.conversations(ids)
        left += [one for one in ids if one not in found or not _over(found[one])]
    return left


def _id_of(number: int) -> str:
    return overdue(number, v.NOW).id


def breaches(found: Iterable[Item]) -> Counter[str]:
    """How often each conversation's history tells of a breach, of all items of a table."""
    told: Counter[str] = Counter()
    for item in found:
        if item["pk"].startswith("H#") and item["wt"] == "breach":
            told[item["pk"].removeprefix("H#")] += 1
    return told


def left_over(found: Iterable[Item]) -> list[str]:
    """Of all items of a table, the conversations that do not hold their breach, or wait for something still."""
    return [one.id for one in map(rows.to_conversation, filter(_is_conversation, found)) if not _over(one)]


def _is_conversation(item: dict[str, Any]) -> bool:
    return bool(item["pk"].startswith("P#") and item["sk"].startswith("open#"))


def _over(conversation: Conversation) -> bool:
    clock = conversation.first_response
    return clock is not None and clock.breached and conversation.due_at is None
