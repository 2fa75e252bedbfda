"""Those who listen: the table's stream as Lambda hands it over, the event bus, and a webhook's receiver."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from moto.dynamodb.models import dynamodb_backends

from router.wire import HttpRequest

ACCOUNT, REGION = "123456789012", "eu-central-1"  # moto's own
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"a toy secret of thirty-two bytes").decode()
TEMPLATE = Path(__file__).resolve().parents[2] / "infra" / "template.yaml"


@dataclass
class Receiver:
    """Somebody's server behind a webhook: every post, and the status to answer."""

    posts: list[HttpRequest] = field(default_factory=list)
    answer: Callable[[HttpRequest], int] | None = None
    around: Callable[[str, Callable[[], int]], int] | None = None

    def __call__(self, request: HttpRequest) -> int:
        if self.around is not None:
            return self.around("webhook", lambda: self._answer(request))
        return self._answer(request)

    def _answer(self, request: HttpRequest) -> int:
        self.posts.append(request)
        return 204 if self.answer is None else self.answer(request)

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was posted, read."""
        return [json.loads(post.body) for post in self.posts]


class _Loader(yaml.SafeLoader):
    """Reads a template; intrinsic functions become their text."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: f"!{tag}")


@cache
def _filters(reader: str) -> tuple[dict[str, Any], ...]:
    template = yaml.load(TEMPLATE.read_text(), _Loader)
    source = template["Resources"][f"{reader.capitalize()}Function"]["Properties"]["Events"]["Stream"]["Properties"]
    return tuple(json.loads(one["Pattern"]) for one in source["FilterCriteria"]["Filters"])


def passes(pattern: Any, value: Any) -> bool:
    """EventBridge's patterns, as far as the template uses them: names all, values any, exact or by prefix."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(passes(part, value.get(name)) for name, part in pattern.items())
    return any(
        str(value).startswith(wanted["prefix"]) if isinstance(wanted, dict) else value == wanted for wanted in pattern
    )


READERS = ("publish", "archive")


class Stream:
    """What moto's table wrote, through each reader's filter in the template, in Lambda's shape; at most a hundred at a time."""

    def __init__(self) -> None:
        self._pending: dict[str, list[dict[str, Any]]] = {reader: [] for reader in READERS}

    def gather(self, now: datetime) -> None:
        """Take over what was written: moto copies all it keeps with every transaction."""
        shard = self._shard()
        for record in shard.items:
            shaped = _shaped(record.record, now)
            for reader, pending in self._pending.items():
                if any(passes(pattern, shaped) for pattern in _filters(reader)):
                    pending.append(shaped)
        shard.starting_sequence_number += len(shard.items)
        shard.items = []

    def batch(self, now: datetime, reader: str = "publish") -> list[dict[str, Any]]:
        """The next records of a reader; the same ones until they are told."""
        self.gather(now)
        return self._pending[reader][:100]

    def told(self, batch: list[dict[str, Any]], again: str | None, reader: str = "publish") -> int:
        """Go on behind what was told; how many records that were."""
        places = [record["dynamodb"]["SequenceNumber"] for record in batch]
        done = places.index(again) if again is not None else len(batch)
        del self._pending[reader][:done]
        return done

    def save(self) -> Any:
        """Where it stands."""
        shard = self._shard()
        pending = {reader: list(records) for reader, records in self._pending.items()}
        return pending, list(shard.items), shard.starting_sequence_number

    def restore(self, saved: Any) -> None:
        """Back to there."""
        shard = self._shard()
        pending, written, shard.starting_sequence_number = saved
        self._pending = {reader: list(records) for reader, records in pending.items()}
        shard.items = list(written)

    @staticmethod
    def _shard() -> Any:
        return dynamodb_backends[ACCOUNT][REGION].tables["santral"].stream_shard


def _shaped(record: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    stream = {**record["dynamodb"], "ApproximateCreationDateTime": float(int(now.timestamp()))}
    for image in ("NewImage", "OldImage"):
        if image in stream:
            stream[image] = {name: _attribute(value) for name, value in stream[image].items()}
    return {**record, "dynamodb": stream}


def _attribute(typed: Mapping[str, Any]) -> Mapping[str, Any]:
    value = typed.get("B")
    return {"B": base64.b64encode(value).decode()} if isinstance(value, bytes) else typed


class Bus:
    """The event bus, and everything that it took, in order. Moto's own rules want a library more."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def make(self, events: Any, ours: Any) -> None:
        """Put it in place, and listen to what `ours`, the client under test, puts into it."""
        events.create_event_bus(Name="santral")
        ours.meta.events.register("before-parameter-build.events.PutEvents", self._asked)
        ours.meta.events.register("after-call.events.PutEvents", self._taken)

    @staticmethod
    def _asked(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["entries"] = params["Entries"]

    def _taken(self, parsed: Mapping[str, Any], context: Mapping[str, Any], **_: Any) -> None:
        for entry, answer in zip(context["entries"], parsed["Entries"], strict=True):
            if "EventId" in answer:
                self.heard.append(entry)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events themselves."""
        return [json.loads(entry["Detail"]) for entry in self.heard]

    def types(self) -> list[str]:
        """What happened, in order."""
        return [entry["DetailType"] for entry in self.heard]
