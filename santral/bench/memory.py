"""The calls of the table in memory, which a simulator makes by the million: each alone, without the making of its changes."""

from __future__ import annotations

import timeit
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from router.aws.codec import Item
from router.aws.dynamo import Change, delete, put, update
from santral.memory import MemoryDynamo

FULL = 100_000
"""How many wait in the fuller table."""
LINE = "WAIT#main#genel/sms"
BLOB = b"x" * 400


@dataclass(frozen=True, slots=True)
class Calls:
    """Microseconds for one call, in a table where so many conversations wait in one line.

    `query` reads ten of them; `commit` is a first message, `claim` its assignment, of four changes each.
    """

    waiting: int
    get: float
    query: float
    commit: float
    claim: float


def measure(waiting: int, rounds: int = 2000) -> Calls:
    """The least of five runs of each; a claim cannot be repeated, so each run has conversations of its own."""
    table, runs = MemoryDynamo(), range(5)
    made = [Waiting(number) for number in range(waiting + len(runs) * rounds)]
    table.write_many(one.conversation for one in made[:waiting])
    table.write_many(one.stub for one in made[:waiting])
    table.write_many([ayse(waiting)])
    key = made[0].key
    routed = [[one.routed() for one in made[waiting + run * rounds :][:rounds]] for run in runs]
    claimed = [[one.claimed() for one in made[waiting + run * rounds :][:rounds]] for run in runs]
    return Calls(
        waiting,
        get=_each(lambda: table.get(key), rounds),
        query=_each(lambda: list(table.query(LINE, limit=10)), rounds),
        commit=min(_all(table, changes) for changes in routed),
        claim=min(_all(table, changes) for changes in claimed),
    )


def _each(call: Callable[[], object], rounds: int) -> float:
    return min(timeit.repeat(call, number=rounds, repeat=5)) / rounds * 1e6


def _all(table: MemoryDynamo, transactions: Sequence[Sequence[Change]]) -> float:
    def commit() -> None:
        for changes in transactions:
            table.commit(*changes)

    return timeit.timeit(commit, number=1) / len(transactions) * 1e6


def ayse(version: int) -> Item:
    """The agent that all are given to; each claim swaps her row by its version."""
    return {
        "pk": "POOL#main", "sk": "A#ayse", "p": "online", "f": 10**9, "u": 10**9, "k_sms": version, "i": 1, "t": 1, "v": version
    }  # fmt: skip


class Waiting:
    """A conversation as routing writes it, and as matching takes it out of its line."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.id = f"c_{number:032x}.default.1"
        self.key = f"P#{number:032x}", "open#default"
        self.place = f"2#{number:013d}#{self.id}"

    @property
    def conversation(self) -> Item:
        """Its item, as large as most are."""
        return {
            "pk": self.key[0], "sk": self.key[1], "st": "waiting", "n": 1, "ch": "sms", "q": "genel", "p": "main", "s": "genel",
            "un": 3, "pr": 2, "ws": self.number, "w": self.place, "v": 1, "fw": "wake", "fa": 5, "d": BLOB, "cs": self.number,
            "ct": 3600, "dk": f"due#{self.number % 8}", "due": self.number,
        }  # fmt: skip

    @property
    def stub(self) -> Item:
        """Its place in the line."""
        return {"pk": LINE, "sk": self.place, "q": "genel", "ch": "sms", "un": 3, "dl": self.number}

    def routed(self) -> list[Change]:
        """A first message: itself, its author, their conversation and its place in the line."""
        message: Item = {"pk": f"M#{self.number}", "sk": "m", "cv": self.id, "at": f"{self.number:013d}#m", "d": BLOB}
        contact: Item = {"pk": self.key[0], "sk": "contact", "ch": "sms", "v": 1, "d": BLOB}
        fresh = "attribute_not_exists(#pk)"
        return [
            put("message", message, fresh), put("contact", contact, fresh), put("conversation", self.conversation, fresh),
            put("stub", self.stub),
        ]  # fmt: skip

    def claimed(self) -> list[Change]:
        """Given to an agent: their units, the conversation, its place in the line, and the decision."""
        sets = {"st": "active", "ag": "ayse", "dc": f"d_{self.number}", "lk": "open#genel", "ls": f"ayse#{self.place}"}
        still = {"waiting": "waiting", "n": 1, "skill": "genel", "since": self.number, "place": self.place, "one": 1}
        decision: Item = {
            "pk": f"H#{self.id}",
            "sk": f"{self.number:013d}#d",
            "wt": "decision",
            "wo": "match",
            "d": BLOB,
        }
        return [
            put("agent", ayse(self.number + 1), "#v = :seen", {"seen": self.number}),
            update(
                "conversation", self.key,
                "SET " + ", ".join(f"#{name} = :{name}" for name in sets) + " REMOVE #fw, #fa, #w, #dk, #due ADD #v :one",
                {**sets, **still}, "#st = :waiting AND #n = :n AND #s = :skill AND #ws = :since AND #w = :place",
            ),
            delete("stub", (LINE, self.place)),
            put("history", decision),
        ]  # fmt: skip
