"""A world whose queues are plain lists: for thousands of people, where asking moto costs more than all that is tested.

They do what the design needs of SQS: a group's messages in order, and none while one of it is being handled; a message again that was
not deleted; no second one under a deduplication id within five minutes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.kit.world import World

_BATCH = 10
_SWALLOWS = timedelta(minutes=5)


@dataclass
class _Message:
    id: str
    body: str
    sent: datetime
    group: str | None
    dedup: str | None
    times: int = 0
    hidden: bool = False


@dataclass
class Lists:
    """In place of the SQS client. `around` gets each call, as the crash kit's does."""

    world: World
    names: Mapping[str, str]  # url -> name
    queues: dict[str, dict[str, _Message]] = field(default_factory=lambda: defaultdict(dict))
    swallowed: dict[tuple[str, str], datetime] = field(default_factory=dict)
    around: Callable[[str, Callable[[], Any]], Any] | None = None
    serial: int = 0

    def send_message(self, *, QueueUrl: str, **entry: Any) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        """One message."""
        return self._call("send_message", QueueUrl, [entry])

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        """Up to ten."""
        assert len(Entries) <= _BATCH
        return self._call("send_message_batch", QueueUrl, Entries)

    def _call(self, name: str, url: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
        def put() -> dict[str, Any]:
            for entry in entries:
                self._put(self.names[url], entry)
            return {}

        answer: dict[str, Any] = put() if self.around is None else self.around(name, put)
        return answer

    def _put(self, name: str, entry: Mapping[str, Any]) -> None:
        dedup, now = entry.get("MessageDeduplicationId"), self.world.now
        if dedup is not None:
            until = self.swallowed.get((name, dedup))
            if until is not None and until > now:
                return
            self.swallowed[name, dedup] = now + _SWALLOWS
        self.serial += 1
        id_ = f"{self.serial:08d}"
        self.queues[name][id_] = _Message(id_, entry["MessageBody"], now, entry.get("MessageGroupId"), dedup)

    def take(self, name: str) -> list[_Message]:
        """The next batch, hidden until it is told what became of it."""
        found: list[_Message] = []
        held: set[str] = set()
        for message in self.queues[name].values():
            if len(found) == _BATCH:
                break
            if message.group is not None and (message.hidden or message.group in held):
                held.add(message.group)
            elif not message.hidden and not self._later(name, message):
                found.append(message)
        for message in found:
            message.hidden, message.times = True, message.times + 1
        return found

    def _later(self, name: str, message: _Message) -> bool:
        return name in ("timers", "hooks") and json.loads(message.body)["at"] > self.world.now.timestamp() * 1000

    def told(self, name: str, id_: str, *, failed: bool) -> None:
        """A message was handled, or comes again."""
        if not failed:
            self.queues[name].pop(id_, None)
        elif id_ in self.queues[name]:
            self.queues[name][id_].hidden = False


class PlainWorld(World):
    """A world on lists, its table in memory."""

    lists: Lists

    def __enter__(self) -> PlainWorld:
        super().__enter__()
        return self

    def _make(self) -> None:
        super()._make()
        self.lists = Lists(self, {url: name for name, url in self.urls.items()})
        self.exchange.queues._client = self.lists

    def take(self, name: str) -> list[dict[str, Any]]:
        """Receive a batch, which nobody else sees until it is handled."""
        return [
            {
                "MessageId": one.id, "ReceiptHandle": one.id, "Body": one.body,
                "Attributes": {
                    "ApproximateReceiveCount": str(one.times), "SentTimestamp": str(round(one.sent.timestamp() * 1000)),
                    **({"MessageGroupId": one.group} if one.group else {}),
                    **({"MessageDeduplicationId": one.dedup} if one.dedup else {}),
                },
            }
            for one in self.lists.take(name)
        ]  # fmt: skip

    def _told(self, name: str, received: list[dict[str, Any]], failed: set[str]) -> None:
        for message in received:
            self.lists.told(name, message["MessageId"], failed=message["MessageId"] in failed)

    def queued(self, name: str) -> int:
        """How many messages a queue holds."""
        return len(self.lists.queues[name])
