"""The event bus: EventBridge, for others to listen to. Source: EventBridge API Reference, "PutEvents"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from router.catalogue import Event

SOURCE = "santral"
"""EventBridge's `source` of every event."""
_BATCH = 10  # entries a call; 256 KB together, of which ten of ours take four


class Bus:
    """Puts events, ten a call. What it does not take it names, so that it comes again."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def put(self, events: Sequence[tuple[Event, str]]) -> set[int]:
        """Put events with their bodies; the places of those that were not taken."""
        refused: set[int] = set()
        for start in range(0, len(events), _BATCH):
            batch = events[start : start + _BATCH]
            try:
                answer = self._client.put_events(Entries=[self._entry(event, body) for event, body in batch])
            except (ClientError, BotoCoreError):
                refused |= set(range(start, start + len(batch)))
                continue
            if answer.get("FailedEntryCount"):
                refused |= {start + n for n, entry in enumerate(answer["Entries"]) if entry.get("ErrorCode")}
        return refused

    def _entry(self, event: Event, body: str) -> dict[str, Any]:
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": event.type,
            "Detail": body,
            "Time": event.time,
            "Resources": [],
        }
