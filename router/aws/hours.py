"""What hours are counted from and what was counted: what counts in which hour, what was open at its end, and its cells.

Nothing here names a person but agents by their user names.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from router.aws.codec import Item, pack, unpack
from router.aws.dynamo import Change, Key, put
from router.aws.store import Store
from router.measures import Answer
from router.touched import HOUR, Touched, hour_named, hour_of, name_of

SHARDS = 8
KEEP_INPUT = 400 * 86_400
"""Which conversations count in an hour is kept for so long (seconds): so long it can be counted again."""
KEEP_CELLS = 1100 * 86_400
"""What was counted is kept for three years (seconds)."""
_PAGE = 1000
_ANSWER = "score#"
"""What the row of a score of no conversation begins with; no conversation's id does."""


@dataclass(frozen=True, slots=True)
class Again:
    """Hours that are over and are to be counted again, first and last; `conversation` counts in them as well."""

    key: Key
    first: int
    last: int
    conversation: str | None


@dataclass(frozen=True, slots=True)
class Counted:
    """An hour that was counted: its cells by their keys' text, of conversations and of agents."""

    hour: int
    lines: dict[str, Any]
    desks: dict[str, Any]


class Hours(Store):
    """Rows of hours. They are written without conditions, so that writing them twice is writing them once."""

    def touch(self, conversation: str, touched: Touched, mark: str) -> list[Change]:
        """It counts in these hours: 2 T each. `mark` is unique to the change that is made."""
        changes = [put("hour", _member(conversation, hour)) for hour in touched.hours]
        for first, last in touched.again:
            item = {"pk": "AGAIN", "sk": f"{name_of(first)}#{name_of(last)}#{mark}", "c": conversation}
            changes.append(put("again", item))
        return changes

    def enter(self, conversation: str, hours: Iterable[int]) -> None:
        """It counts in these hours as well, which are over: 1 W each."""
        self.dynamo.write_many(_member(conversation, hour) for hour in hours)

    def enter_answer(self, id_: str, answer: Answer) -> Change:
        """A score of no conversation counts in its hour: 2 T. What is counted of it stands here, and does not say whose it is."""
        kept = [answer.at, answer.kind, answer.value, answer.channel, answer.language]
        return put("answer", {**_member(f"{_ANSWER}{id_}", hour_of(answer.at)), "d": pack({"of": kept})})

    def members(self, hour: int) -> list[str]:
        """Which conversations count in an hour by what happened in it: 8 calls, 1 R for 60."""
        return self.entered(hour)[0]

    def entered(self, hour: int) -> tuple[list[str], list[Answer]]:
        """Which conversations count in an hour by what happened in it, and scores of none: 8 calls, 1 R for 60."""
        asked: list[tuple[str, dict[str, Any]]] = [(f"HOUR#{name_of(hour)}#{shard}", {}) for shard in range(SHARDS)]
        found = sorted((item for items in self.dynamo.query_many(asked) for item in items), key=lambda item: item["sk"])
        conversations = [item["sk"] for item in found if not item["sk"].startswith(_ANSWER)]
        return conversations, [_answer(item) for item in found if item["sk"].startswith(_ANSWER)]

    def again(self, limit: int = 1000) -> list[Again]:
        """Hours to be counted again, the earliest first: 1 call."""
        return [_again(item) for item in self.dynamo.query("AGAIN", limit=limit)]

    def count_again(self, first: int, last: int, mark: str) -> None:
        """These hours are to be counted again, because one before them changed: 1 W."""
        self.commit(put("again", {"pk": "AGAIN", "sk": f"{name_of(first)}#{name_of(last)}#{mark}"}))

    def went_on(self, done: Iterable[Again], after: int) -> None:
        """The hours of these up to one were counted; what is behind it is still to be: 2 W each. The rest is written first."""
        rows = list(done)
        self.dynamo.write_many(_rest(row, after) for row in rows if row.last > after)
        self.dynamo.write_many((), [row.key for row in rows])

    def open_then(self, hour: int) -> list[str]:
        """Which conversations were open at its end: 1 call, 5 R for 1,000."""
        pages = self.dynamo.query(f"OPEN#{name_of(hour)}")
        return [one for item in pages for one in unpack(item["d"])["ids"]]

    def keep_open(self, hour: int, ids: Sequence[str]) -> None:
        """Which conversations are open at its end: 20 W for 1,000."""
        pk = f"OPEN#{name_of(hour)}"
        ttl = hour * 3600 + KEEP_INPUT
        pages = [
            {"pk": pk, "sk": f"{start // _PAGE:04d}", "d": pack({"ids": ids[start : start + _PAGE]}), "ttl": ttl}
            for start in range(0, len(ids), _PAGE)
        ]
        known = {item["sk"] for item in self.dynamo.query(pk)}
        self.dynamo.write_many(pages, [(pk, sk) for sk in sorted(known - {page["sk"] for page in pages})])

    def keep_counted(self, hour: int, lines: Mapping[str, Any], desks: Mapping[str, Any]) -> None:
        """What was counted in an hour, instead of what was before: 1 W a cell; a head says that it was counted, and comes last."""
        pk, hh = _day(hour)
        ttl = hour * 3600 + KEEP_CELLS
        cells = {f"{hh}#L#{name}": data for name, data in lines.items()}
        cells |= {f"{hh}#A#{name}": data for name, data in desks.items()}
        known = {item["sk"] for item in self.dynamo.query(pk, prefix=f"{hh}#")}
        items = ({"pk": pk, "sk": sk, "d": pack(data), "ttl": ttl} for sk, data in cells.items())
        self.dynamo.write_many(items, [(pk, sk) for sk in sorted(known - set(cells))])
        self.commit(put("counted", {"pk": pk, "sk": hh, "ttl": ttl}))

    def was_counted(self, hour: int) -> bool:
        """Was it ever: 1 R."""
        return self.dynamo.get(_day(hour)) is not None

    def counted(self, first: int, last: int) -> list[Counted]:
        """The hours of one day that were counted, both ends included, in order: 1 call, 1 R for 15 cells."""
        pk, since = _day(first)
        until = _day(last)[1]
        found: dict[str, Counted] = {}
        for item in self.dynamo.query(pk, between=(since, until + "~")):
            hh, _, rest = item["sk"].partition("#")
            if not rest:  # the head stands before its cells
                found[hh] = Counted(hour_named(pk.removeprefix("COUNTED#") + hh), {}, {})
            elif hh in found:
                letter, _, name = rest.partition("#")
                (found[hh].lines if letter == "L" else found[hh].desks)[name] = unpack(item["d"])
        return list(found.values())

    def presence(self, agent: str, start: int, end: int) -> list[tuple[int, str]]:
        """An agent's presence from before a time (milliseconds) until another, each with its time: 2 calls, 2 R."""
        pk = f"H#agent:{agent}"
        before = self.dynamo.query(pk, before=f"{start:013d}", backwards=True, page=5)
        first = next((item for item in before if item["wt"] == "presence"), None)
        within = [
            item for item in self.dynamo.query(pk, between=(f"{start:013d}", f"{end:013d}")) if item["wt"] == "presence"
        ]
        return [(int(item["sk"][:13]), unpack(item["d"])["presence"]) for item in ([first] if first else []) + within]


def _member(conversation: str, hour: int) -> Item:
    shard = zlib.crc32(conversation.encode()) % SHARDS
    return {"pk": f"HOUR#{name_of(hour)}#{shard}", "sk": conversation, "ttl": hour * HOUR // 1000 + KEEP_INPUT}


def _answer(item: Item) -> Answer:
    return Answer(*unpack(item["d"])["of"])


def _again(item: Item) -> Again:
    first, last, _ = item["sk"].split("#", 2)
    return Again((item["pk"], item["sk"]), hour_named(first), hour_named(last), item.get("c"))


def _rest(row: Again, after: int) -> Item:
    mark = row.key[1].split("#", 2)[2]
    return {"pk": "AGAIN", "sk": f"{name_of(after + 1)}#{name_of(row.last)}#{mark}", "c": row.conversation}


def _day(hour: int) -> tuple[str, str]:
    name = name_of(hour)
    return f"COUNTED#{name[:8]}", name[8:]
