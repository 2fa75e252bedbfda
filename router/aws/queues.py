"""The queues between our functions. Group ids are keyed hashes; bodies hold what the next function needs, and nothing else knows them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from router.aws.codec import from_ms, to_ms
from router.errors import Temporary
from router.ids import digest
from router.signals import Deliver, Due, Fetch, Hook, Launch, Plan, Route, SetAside, Signal, Step, Timer, Wake, Walk
from router.waiting import WaitingRow, kind_of

_MAX_BATCH_BYTES = 900_000  # SQS takes 1 MiB a batch; headroom for attributes

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""What Scheduler puts the time into that it fires for: docs.aws.amazon.com/scheduler, "Adding context attributes"."""
LAUNCHES = "launch"
"""The group of all launches: there are few, and each only begins a run."""


class Queues:
    """Sends signals, batched per queue. Raises Temporary when one was not taken."""

    def __init__(self, client: Any, urls: Mapping[str, str], key: bytes) -> None:
        self._client = client
        self._urls = urls  # inbound, match, outbound, outreach, timers, media, hooks, due, aside
        self._key = key

    def send(self, signals: Iterable[Signal], now: datetime | None = None) -> None:
        """Send each signal to its queue, ten a call."""
        by_queue: dict[str, list[dict[str, Any]]] = {}
        for signal in signals:
            name, entry = self._entry(signal, now or datetime.now(UTC))
            by_queue.setdefault(name, []).append(entry)
        for name, entries in by_queue.items():
            for batch in _batches(entries):
                try:
                    self._send_batch(name, batch)
                except (ClientError, BotoCoreError) as error:
                    raise Temporary(f"queue {name} took nothing: {error}") from error

    def _send_batch(self, name: str, batch: list[dict[str, Any]]) -> None:
        if len(batch) == 1:
            self._client.send_message(QueueUrl=self._urls[name], **batch[0])
            return
        entries = [{"Id": str(number), **entry} for number, entry in enumerate(batch)]
        answer = self._client.send_message_batch(QueueUrl=self._urls[name], Entries=entries)
        failed = answer.get("Failed", [])
        if failed:
            raise Temporary(f"queue {name} refused {len(failed)} of {len(batch)} messages: {failed[0].get('Code')}")

    def _entry(self, signal: Signal, now: datetime) -> tuple[str, dict[str, Any]]:
        match signal:
            case Route():
                return "inbound", _fifo(signal.body, signal.group, signal.event_id + signal.again)
            case Wake():
                body = {"pool": signal.pool, "waiting": _row(signal.waiting) if signal.waiting else None}
                group = digest(self._key, "pool", signal.pool)
                return "match", _fifo(body, group, signal.event_id)
            case Deliver():
                body = {"send": signal.send, "conversation": signal.conversation, "previous": signal.previous}
                return "outreach" if signal.bulk else "outbound", _fifo(body, signal.conversation, signal.event_id)
            case Launch() | Plan() | Step() | Walk():
                return "outreach", self._outreach(signal)
            case Timer():
                timer = {"pk": signal.pk, "sk": signal.sk, "at": to_ms(signal.at)}
                return "timers", {"MessageBody": _json(timer), "DelaySeconds": _delay(signal.at, now)}
            case Hook():
                hook = {"delivery": signal.delivery, "webhook": signal.webhook, "at": to_ms(signal.at)}
                return "hooks", {"MessageBody": _json(hook), "DelaySeconds": _delay(signal.at, now)}
            case Due():
                return "due", _fifo({"shard": signal.shard}, f"shard-{signal.shard}", signal.event_id)
            case SetAside():
                aside = {"pk": signal.pk, "sk": signal.sk, "sequence": signal.sequence, "why": signal.why}
                return "aside", {"MessageBody": _json(aside)}
            case Fetch():
                return "media", {"MessageBody": _json({"message": signal.message})}

    def _outreach(self, signal: Launch | Plan | Step | Walk) -> dict[str, Any]:
        match signal:
            case Launch():
                at = to_ms(signal.at)
                return _fifo({"launch": signal.campaign, "at": at}, LAUNCHES, f"{signal.campaign}.{at}")
            case Plan(campaign, run, part, cursor):
                body = {"plan": {"campaign": campaign, "run": run, "part": part, "cursor": cursor}}
                group = f"plan-{part}-{digest(self._key, 'run', campaign, run)}"
                return _fifo(body, group, f"{campaign}.{run}.{part}.{cursor}")
            case Walk(campaign, shard, cursor, salt):
                body = {"walk": {"campaign": campaign, "shard": shard, "cursor": cursor, "salt": salt}}
                return _fifo(
                    body, f"walk-{shard}-{campaign}", digest(self._key, "walk", campaign, str(shard), cursor, salt)
                )
            case Step(contact, campaign, occurrence):
                step = {"contact": contact, "campaign": campaign, "occurrence": occurrence}
                return _fifo({"step": step}, digest(self._key, "contact", contact), signal.event_id)


def _delay(at: datetime, now: datetime) -> int:
    """Seconds until then: never early, and at most what a queue can."""
    return min(900, max(0, math.ceil((at - now).total_seconds())))


def _fifo(body: Mapping[str, Any], group: str, event_id: str) -> dict[str, Any]:
    return {
        "MessageBody": _json(body),
        "MessageGroupId": group,
        "MessageDeduplicationId": event_id if len(event_id) <= 128 else digest(b"dedup", event_id, size=30),
    }


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=True, separators=(",", ":"))


def _batches(entries: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for entry in entries:
        length = len(entry["MessageBody"])
        if batch and (len(batch) == 10 or size + length > _MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        yield batch


def _row(row: WaitingRow) -> dict[str, Any]:
    return {
        "c": row.conversation, "k": row.kind.data(), "ws": to_ms(row.since),
        "dl": to_ms(row.alarm_at) if row.alarm_at else None,
        "al": to_ms(row.accept_at) if row.accept_at else None, "w": row.stub, "pa": row.preferred,
        "ba": [[name, to_ms(until)] for name, until in row.barred], "bc": row.because,
        "rg": row.told_step,
    }  # fmt: skip


def read_wake(body: str) -> Wake:
    """A wake-up from its message body. Raises KeyError or ValueError on a body we never wrote.

    One that an older version wrote has no class: the conversation is found by the sweep.
    """
    data = json.loads(body)
    row = data.get("waiting")
    waiting = None
    if row is not None and "k" in row:
        waiting = WaitingRow(
            conversation=row["c"],
            kind=kind_of(row["k"]),
            since=from_ms(row["ws"]),
            alarm_at=from_ms(row["dl"]) if row.get("dl") is not None else None,
            accept_at=from_ms(row["al"]) if row.get("al") is not None else None,
            stub=row.get("w"),
            preferred=row.get("pa"),
            barred=tuple((name, from_ms(until)) for name, until in row.get("ba", ())),
            told_step=row.get("rg", 0),
            because=row.get("bc"),
        )
    return Wake(data["pool"], "", waiting)


def read_deliver(body: str) -> Deliver:
    """A delivery from its message body."""
    data = json.loads(body)
    return Deliver(data["conversation"], data["send"], "", data.get("previous"))


def read_timer(body: str) -> Timer:
    """A timer from its message body."""
    data = json.loads(body)
    return Timer(data["pk"], data["sk"], from_ms(data["at"]))


def read_fetch(body: str) -> str:
    """The message whose files are asked for."""
    return str(json.loads(body)["message"])


def read_hook(body: str) -> Hook:
    """A webhook to post from its message body."""
    data = json.loads(body)
    return Hook(data["delivery"], data["webhook"], from_ms(data["at"]))


def read_due(body: str) -> int:
    """The shard in which something is due."""
    return int(json.loads(body)["shard"])


def read_outreach(body: str, sent: datetime | None = None) -> Launch | Plan | Step | Walk | Deliver:
    """What is to be done for a campaign, from its message body. Raises KeyError or ValueError on a body that nobody of us wrote.

    A launch is EventBridge Scheduler's own message, or ours. `sent` is when the queue took it, in whose minute it was meant where
    nobody put the scheduled time in: the local emulator does not.
    """
    data = json.loads(body)
    if "launch" in data:
        return Launch(str(data["launch"]), _scheduled(data["at"], sent))
    if "plan" in data:
        plan = data["plan"]
        return Plan(plan["campaign"], plan["run"], int(plan["part"]), plan["cursor"])
    if "walk" in data:
        walk = data["walk"]
        return Walk(walk["campaign"], int(walk["shard"]), walk["cursor"], walk["salt"])
    if "step" in data:
        return Step(data["step"]["contact"], data["step"]["campaign"], data["step"]["occurrence"], "")
    return Deliver(data["conversation"], data["send"], "", data.get("previous"), bulk=True)


def _scheduled(at: object, sent: datetime | None) -> datetime:
    if isinstance(at, int) and not isinstance(at, bool):
        return from_ms(at)
    if at == SCHEDULED_TIME and sent is not None:
        return sent.replace(second=0, microsecond=0)
    found = datetime.fromisoformat(str(at))
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
