"""Where a recorded wait stands under another configuration: its queue, tier, priority, weight, target and pool.

Only what the recorded configuration explains is changed: what people gave a conversation stays as they gave it. A rule whose condition
is the same held or not as it is on record, so another queue or tier of it needs no message; one with another condition is judged again
from what is known. What a condition asks for and nobody kept is unknown, and then all that the rules said stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from router import background
from router.conditions import Failed, compiled
from router.config import Config, Inbox, Rule
from router.facts import scope_of
from router.grounds import nodes
from router.messages import Kind as Of
from router.messages import Message
from router.rules import NOTHING, Outcome, judge
from router.times import from_ms
from router.waiting import Kind
from santral.whatif.playing import Place
from santral.whatif.record import Record, Said, Wait

Messages = Callable[[Wait], Message | None]
"""The message that a wait began with, where it is still there."""
_PERSONAL = frozenset(("text", "subject", "payload", "sender"))


class Unknown(Failed):
    """Nobody knows what a condition asks for. One side of an `and` or `or` that settles it does so all the same."""


@dataclass
class Changes:
    """What another configuration makes of a record's waits before any is given to anybody."""

    places: dict[str, Place] = field(default_factory=dict)
    rules: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)  # matched before and now
    judged: int = 0  # began by a message, and what the rules say of it now is known
    unjudged: int = 0  # and is not
    homeless: dict[str, int] = field(default_factory=dict)  # waits in queues that are no more


def changes(record: Record, config: Config, messages: Messages = lambda _: None) -> Changes:
    """Every wait under another configuration."""
    found, again = Changes(), _Judging(record.config, config, messages)
    for wait in record.waits:
        said = wait.said
        before = after = None
        if said is not None:
            before, after = again.before(said), again.after(wait, said)
            if after is None:
                found.unjudged += 1
            else:
                found.judged += 1
                if set(after.matched) != set(said.matched):
                    found.rules[wait.id] = said.matched, after.matched
        place = placed(wait, record.config, config, before, after)
        if config.queue(wait.kind.queue) is None and (after is None or after.queue is None):
            found.homeless[wait.kind.queue] = found.homeless.get(wait.kind.queue, 0) + 1
        if place != Place(wait.kind, wait.pool, wait.sla):
            found.places[wait.id] = place
    return found


def placed(wait: Wait, old: Config, new: Config, before: Outcome | None, after: Outcome | None) -> Place:
    """A wait's class and pool under `new`; `before` and `after` are what the rules said and say, None where that is not known."""
    kind = wait.kind
    if before is None or after is None:
        before = after = NOTHING
        queue = kind.queue
    else:
        first, last = (_inbox_queue(config, wait.inbox) for config in (old, new))
        said = after.queue or last
        queue = said if said is not None and kind.queue == (before.queue or first or kind.queue) else kind.queue
    home = new.queue(queue) or new.queue(_inbox_queue(new, wait.inbox) or "") or next(iter(new.queues), None)
    if home is None:
        return Place(kind, wait.pool, wait.sla)
    tier = _instead(kind.tier, before.tier, after.tier, None)
    sla = _instead(wait.sla, before.sla, after.sla, None)
    was = old.queue(kind.queue)
    usual = was.priority if was is not None else None
    priority = home.priority if before.priority is None and kind.priority == usual else kind.priority
    priority = _instead(priority, before.priority, after.priority, home.priority)
    units = kind.units
    if units == old.routing.weight(kind.channel):
        units = new.routing.weight(kind.channel)
    target = kind.target
    if target == _target(old, wait.sla, kind.queue, kind.tier, kind.channel):
        target = _target(new, sla, home.name, tier, kind.channel)
    require = _instead(kind.require, None if before.require == "[]" else before.require, after.require, "[]")
    if before.require == "[]" and after.require != "[]" and kind.require == "[]":
        require = after.require
    language = _instead(kind.language, _plain(before.language), _plain(after.language), kind.language)
    there = Kind(home.name, kind.channel, units, priority, target, kind.brand, language, tier, require)
    return Place(there, home.pool, sla)


def _instead(recorded: Any, before: Any, after: Any, usual: Any) -> Any:
    """What is said now, if what was said then is what was on record; `usual` where nothing is said any more."""
    if recorded != before and not (before is None and recorded == usual):
        return recorded
    if after is not None:
        return after
    return recorded if before is None else usual


def _plain(language: str | None) -> str | None:
    return None if language is None else language.partition("-")[0].lower()


def _target(config: Config, sla: str | None, queue: str, tier: str | None, channel: str) -> int:
    return round(config.target(sla, queue, tier, channel).total_seconds())


def _inbox_queue(config: Config, name: str | None) -> str | None:
    inbox = config.inbox(name) if name is not None else None
    return None if inbox is None else inbox.queue


# --- the rules -----------------------------------------------------------------------------------------------------


class _Judging:
    """The rules of two configurations over one record."""

    def __init__(self, old: Config, new: Config, messages: Messages) -> None:
        self.old, self.new, self.messages = old, new, messages
        self._free = {rule.name: rule.model_copy(update={"when": None, "checked": None}) for rule in new.rules}
        self._old_free = {rule.name: rule.model_copy(update={"when": None, "checked": None}) for rule in old.rules}
        self._known = {rule.name: self._as_before(rule) for rule in new.rules}
        self._runs = {rule.name: compiled(rule.checked) for rule in new.rules if rule.checked is not None}
        self._kept = {rule.name: _keeps(old, _only(new, rule)) for rule in new.rules}
        self._place = {rule.name: number for number, rule in enumerate(old.rules)}
        self._outcomes: dict[tuple[bool, tuple[str, ...]], Outcome] = {}

    def before(self, said: Said) -> Outcome:
        """What the rules said, by the names of those that held."""
        held = [name for name in said.matched if name in self._old_free] if said.config == self.old.version else []
        return self._outcome(False, tuple(held))

    def after(self, wait: Wait, said: Said) -> Outcome | None:
        """What they say now; None where that is not known."""
        held, scope = [], None
        for rule in self.new.rules:
            holds = self._on_record(rule, said)
            if holds is None:
                if scope is None:
                    scope = self._scope(wait, said)
                holds = self._judged(rule, scope)
            if holds is None:
                return None
            if holds:
                held.append(rule.name)
                if rule.stop:
                    break
        return self._outcome(True, tuple(held))

    def _outcome(self, new: bool, held: tuple[str, ...]) -> Outcome:
        key = new, held
        if key not in self._outcomes:
            config, free = (self.new, self._free) if new else (self.old, self._old_free)
            rules = tuple(free[name] for name in held)
            self._outcomes[key] = judge(config.model_copy(update={"rules": rules}), {}) if rules else NOTHING
        return self._outcomes[key]

    def _as_before(self, rule: Rule) -> str | None:
        """The recorded rule that has the same condition, and so held for the same messages."""
        asks = {node[1] for node in nodes(rule.checked) if node[0] in ("get", "ask") and len(node) > 1}
        if ("clock" in asks and self.old.calendars != self.new.calendars) or (
            "inbox" in asks and self.old.inboxes != self.new.inboxes
        ):
            return None
        same = [one.name for one in self.old.rules if one.checked is not None and one.checked == rule.checked]
        return rule.name if rule.name in same else next(iter(same), None)

    def _on_record(self, rule: Rule, said: Said) -> bool | None:
        if rule.when is None:
            return True
        name = self._known[rule.name]
        if name is None or said.config != self.old.version:
            return None
        if name in said.matched:
            return True
        if not said.whole:
            return None
        stopped = (self._place[one.name] for one in self.old.rules if one.stop and one.name in said.matched)
        return False if self._place[name] < min(stopped, default=len(self._place)) else None

    def _scope(self, wait: Wait, said: Said) -> Mapping[str, Any]:
        message = self.messages(wait)
        inbox = self.new.inbox(message.inbox if message is not None else wait.inbox or "")
        kept = said.config == self.old.version and said.saw is not None
        if message is not None and message.withdrawn_at is None and inbox is not None:
            scope = dict(scope_of(message, background.again(said.saw or {}, ""), inbox, self.new))
        else:
            scope = self._without_message(said, inbox)
        scope["contact"] = _Part(scope["contact"], frozenset(("name",)) if kept else None)
        if not kept:
            scope["memory"] = _Part(None)
            scope["conversation"] = _Part(None)
        return scope

    def _without_message(self, said: Said, inbox: Inbox | None) -> dict[str, Any]:
        facts = said.facts
        scope: dict[str, Any] = dict.fromkeys(("message", "inbox", "contact", "conversation", "memory", "clock"))
        if facts is None or inbox is None:
            return {name: _Part(None) for name in scope} | {"now": _Part(None)}
        made: Any = SimpleNamespace(
            channel=facts["channel"], kind=Of(facts["kind"]), language=facts.get("language"), occurred_at=from_ms(facts["at"]),
            spoken="", subject="", payload="", sender=SimpleNamespace(address="", name=""), attachments=(None,) * facts.get("files", 0),
            authenticity=SimpleNamespace(proof=facts["proof"]),
        )  # fmt: skip
        scope |= scope_of(made, background.again(said.saw or {}, ""), inbox, self.new)
        scope["message"] = _Part(scope["message"], _PERSONAL)
        return scope

    def _judged(self, rule: Rule, scope: Mapping[str, Any]) -> bool | None:
        if not self._kept[rule.name]:
            return None
        try:
            return self._runs[rule.name](scope) is True
        except Unknown:
            return None
        except Failed:
            return False


_BEFORE = frozenset(
    ("contact.channels", "contact.since", "conversation.number", "conversation.tags_before", "conversation.category_before")
)  # fmt: skip


def _keeps(old: Config, asking: Config) -> bool:
    """Is all that these rules ask of what was before kept by the rules of the time?"""
    asks, kept = background.wanted_by(asking), background.wanted_by(old)
    of_before = asks.facts & _BEFORE
    return of_before <= kept.facts and asks.hours <= kept.hours and asks.words <= kept.words and asks.days <= kept.days


def _only(config: Config, rule: Rule) -> Config:
    return config.model_copy(update={"rules": (rule,)})


class _Part:
    """Facts of which some are not known; all of them, where `unknown` is None."""

    def __init__(self, facts: Any, unknown: frozenset[str] | None = None) -> None:
        self._facts, self._unknown = facts, unknown

    def __getattr__(self, name: str) -> Any:
        if self._unknown is None or name in self._unknown:
            raise Unknown(f"{name} is not on record")
        return getattr(self._facts, name)
