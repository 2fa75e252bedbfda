"""How a story tells deadlines: that one came near, passed or was still missed, and what the policy had done then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from router.explaining_telling import IN_LINE, Telling
from router.records import Entry


def stage(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    """A warning, a breach or a reminder, with what was done."""
    due = detail["due_at"]
    time = t.reader.clock(datetime.fromisoformat(due), entry.at) if due is not None else "?"
    target = detail.get("target", "first_response")
    line = t.add(entry, f"{entry.what}.{target}", time=time, share=detail.get("share"))
    for action in detail.get("actions") or ():
        for key, values in _did(t, entry, action):
            t.detail(line, f"did.{key}", **values)
        if "queue" in action:
            t.queue = str(action["queue"][1])
        if (t.standing == "offered" and "queue" in action) or (t.standing == "done" and "call" in action):
            t.waits_afresh()
        elif t.standing in IN_LINE and ("queue" in action or "relaxed" in action):
            t.rung = None  # its steps are others by now


def _did(t: Telling, entry: Entry, action: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What one escalation did, as sentences with their parts."""
    reader = t.reader
    if "priority" in action:
        before, after = action["priority"]
        yield "priority", {"before": before, "after": after}
    if "queue" in action:
        yield "queue", {"queue": reader.quoted(action["queue"][1])}
    if "relaxed" in action:
        yield "relaxed", {}
    if "watchers" in action:
        yield "watchers", {"names": reader.listed([reader.agent(name) for name in action["watchers"]])}
    if "told" in action:
        yield "told" if action["told"] else "untold", {}
    if "voucher" in action:
        yield "voucher", {"code": action["voucher"]}
    if "call" in action:
        yield "call", {"time": reader.clock(datetime.fromisoformat(action["call"]["due_at"]), entry.at)}
    if "desk" in action:
        yield "desk", {}
    if "mailed" in action and reader.names:
        yield "mailed", {"to": reader.listed(list(map(str, action["mailed"])))}
    if "webhooks" in action:
        yield "webhooks", {"names": reader.listed(list(map(str, action["webhooks"])))}
