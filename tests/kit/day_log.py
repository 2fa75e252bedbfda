"""A day at a contact centre, driven through the API, and what the driver itself wrote down of it.

The log knows what was seen from outside: who wrote, in whose hands each conversation is after a step, when agents came and went. What
it comes to is counted here from that alone, for the measures to be held against.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from router.times import to_ms
from tests.kit.world import World

LINE, HAD, HELD = ("waiting", "offered"), ("active", "pending"), ("offered", "active", "pending")


@dataclass
class Word:
    """A promise: until when, and when it was said to be kept."""

    due: int
    ended: int | None = None


class Seen(NamedTuple):
    """From then on it was so. `fresh`: it stands in line anew."""

    at: int
    state: str
    queue: str
    agent: str | None
    fresh: bool = False


@dataclass
class Log:
    """What happened, by conversation and by agent."""

    world: World
    seen: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    presence: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    snoozed: dict[str, int] = field(default_factory=dict)  # until when
    words: dict[str, list[Word]] = field(default_factory=lambda: defaultdict(list))
    scored: list[tuple[int, int]] = field(default_factory=list)
    minutes: dict[str, int] = field(default_factory=dict)  # how soon a queue answers the first time
    wrote: dict[str, list[tuple[int, str | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )  # None: the customer
    senders: dict[str, str] = field(default_factory=dict)  # by sender, whose conversation it is
    new: str | None = None  # who wrote for the first time just now
    units: int = 3

    def heard(self, sender: str) -> None:
        """A customer wrote."""
        if sender in self.senders:
            self.wrote[self.senders[sender]].append((to_ms(self.world.now), None))
        else:
            self.new = sender

    def look(self, *, lined: bool = False) -> None:
        """Write down what is otherwise than it was. `lined`: whatever changed hands stood in line between."""
        now = to_ms(self.world.now)
        memory = self.world.memory
        assert memory is not None
        for item in memory.items():
            if not item["pk"].startswith("P#") or not item["sk"].startswith("open#"):
                continue
            found = self.seen[item["pk"]]
            was = found[-1] if found else None
            if was is None and self.new is not None:
                self.senders[self.new], self.new = item["pk"], None
                self.wrote[item["pk"]].append((now, None))
            state, queue, agent, at = item["st"], item["q"], item.get("ag"), now
            if state == "waiting":
                agent = None
            if was is not None and (was.state, was.queue, was.agent) == (state, queue, agent):
                continue
            other = was is not None and was.state in HAD and agent != was.agent
            fresh = was is None or (state in LINE and was.state not in LINE) or (lined and other and state in HAD)
            fresh = fresh or (was is not None and was.state in ("resolved", "snoozed") and state in HAD)
            fresh = fresh or (was is not None and queue != was.queue)
            if was is not None and was.state == "snoozed":
                at = min(now, self.snoozed[item["pk"]])  # it waits since then, whenever that is noticed
            if was is None or (fresh and state not in ("waiting", "resolved")):
                found.append(Seen(at, "waiting", queue, None, fresh=True))
                at = now
            if (state, agent) != (found[-1].state, found[-1].agent) or found[-1].at != now:
                found.append(Seen(at, state, queue, agent, fresh=fresh and state == "waiting"))

    def came(self, agent: str, presence: str) -> None:
        """An agent changed theirs."""
        self.presence[agent].append((to_ms(self.world.now), presence))

    def counts(self, start: int, end: int) -> dict[str, Any]:
        """What a queue, and an agent, come to in [start, end)."""
        queues: dict[str, Counter[str]] = defaultdict(Counter)
        waits: dict[str, list[int]] = defaultdict(list)
        taken: dict[str | None, list[int]] = defaultdict(list)
        agents: dict[str, Counter[str]] = defaultdict(Counter)
        for pk, told in self.seen.items():
            target = self.minutes[told[-1].queue] * 60_000
            _conversation(told, start, end, queues, waits, taken)
            _in_time(told, target, start, end, queues, agents)
            _answered(self.wrote[pk], told, target, start, end, queues, agents)
            _handled(told, start, end, queues)
            _promised(self.words[pk], told, start, end, queues)
            self._held(told, start, end, agents)
        for agent, states in self.presence.items():
            _presence(states, start, end, agents[agent])
        return {
            "queues": {queue: dict(+found) for queue, found in queues.items() if +found},
            "waits": {queue: sorted(found) for queue, found in waits.items() if found},
            "taken": {agent: sorted(found) for agent, found in taken.items()},
            "agents": {agent: dict(+found) for agent, found in agents.items() if +found},
        }

    def _held(self, told: list[Seen], start: int, end: int, agents: Any) -> None:
        for one, until in _stretches(told, end):
            if one.state in HELD and one.agent is not None:
                states = self.presence[one.agent]
                for number, (since, presence) in enumerate(states):
                    gone = states[number + 1][0] if number + 1 < len(states) else end
                    if presence == "online":
                        low, high = max(one.at, since, start), min(until, gone, end)
                        agents[one.agent]["held"] += max(0, high - low) * self.units


def _stretches(told: list[Seen], end: int) -> list[tuple[Seen, int]]:
    return [(one, told[n + 1].at if n + 1 < len(told) else max(end, one.at)) for n, one in enumerate(told)]


def _conversation(told: list[Seen], start: int, end: int, queues: Any, waits: Any, taken: Any) -> None:
    inside = [start <= one.at < end for one in told]
    lined: int | None = None
    opened = told[0].at
    for number, one in enumerate(told):
        was = told[number - 1] if number else None
        if was is None:
            queues[one.queue]["begun"] += inside[number]
        elif was.state == "resolved":
            queues[one.queue]["reopens"] += inside[number]
        if one.fresh:
            lined = one.at
        if one.state in HAD and lined is not None:
            if inside[number]:
                waits[one.queue].append(one.at - lined)
                taken[one.agent].append(one.at - lined)
            lined = None
        if one.state == "resolved":
            if lined is not None:
                queues[one.queue]["given_up"] += inside[number]
            name = "resolved" if one.agent is not None else "alone"
            queues[one.queue][name] += inside[number]
            if one.agent is not None and number + 1 < len(told):
                queues[one.queue]["reopened"] += inside[number]
        if one.state in ("resolved", "snoozed"):
            lined = None
    for one, until in _stretches(told, end):
        if one.state == "active":
            queues[one.queue]["active_ms"] += max(0, min(until, end) - max(one.at, start))
    before = [one for one in told if one.at < end]
    if before and before[-1].state != "resolved":
        for number, one in enumerate(before[1:], 1):
            opened = one.at if before[number - 1].state == "resolved" else opened
        queues[before[-1].queue]["open"] += 1
        queues[before[-1].queue]["open_ms"] += end - opened
        queues[before[-1].queue]["line"] += before[-1].state in LINE


def _in_time(told: list[Seen], target: int, start: int, end: int, queues: Any, agents: Any) -> None:
    waits: Any = defaultdict(list)
    taken: Any = defaultdict(list)
    _conversation(told, start, end, defaultdict(Counter), waits, taken)
    for found, whole in ((queues, waits), (agents, taken)):
        for key, each in whole.items():
            found[key]["in_time"] += sum(wait <= target for wait in each)


def _answered(
    wrote: list[tuple[int, str | None]],
    told: list[Seen],
    target: int,
    start: int,
    end: int,
    queues: Any,
    agents: Any,
) -> None:
    """First answers: the customer asks, and a time runs but while it is the customer's turn, or nobody's."""
    events: list[tuple[int, int, Seen | str | None]] = sorted(
        [(at, 0, who) for at, who in wrote] + [(one.at, 1, one) for one in told], key=lambda event: event[:2]
    )
    asked = answered = False
    since: int | None = None  # it runs since then
    used = 0
    state = "resolved"

    def ended(at: float, by: str | None, *, met: bool = False) -> None:
        due = None if since is None else since + target - used
        late = due is not None and due < at
        if due is not None and late:
            there = [seen for seen in told if seen.at <= due][-1]
            by = by or (there.agent if there.state in HAD else None)
        counts = due if late else int(at) if met else None
        if counts is not None and start <= counts < end:
            name = f"{'missed' if late else 'met'}.first_response"
            queues[[seen for seen in told if seen.at <= counts][-1].queue][name] += 1
            if by is not None:
                agents[by][name] += 1

    for at, _, event in events:
        if isinstance(event, Seen):
            runs = event.state not in ("pending", "snoozed", "resolved")
            if event.state == "resolved" and asked:
                ended(at, event.agent)
                asked, since = False, None
            if asked and since is not None and not runs and since + target - used >= at:
                used, since = used + at - since, None
            elif asked and since is None and runs:
                since = at
            state = event.state
        elif event is None:
            if state == "resolved":
                answered = False
            if not answered and not asked:
                asked, since, used = True, at, 0
                state = "waiting" if state == "resolved" else state
        else:
            if asked:
                ended(at, event, met=True)
            asked, since, answered = False, None, True
    if asked:
        ended(float("inf"), None)


def _handled(told: list[Seen], start: int, end: int, queues: Any) -> None:
    """Whenever one who had it has it no more: so long it was theirs to answer, and perhaps it went to another queue or agent."""
    having: Seen | None = None
    worked = 0
    for number, one in enumerate(told):
        has = one.state in HAD
        if having is not None and (not has or one.agent != having.agent):
            counts = queues[having.queue]
            counts["handled"] += start <= one.at < end
            counts["handled_ms"] += worked if start <= one.at < end else 0
            counts["transfers"] += start <= one.at < end and (
                has or (one.state == "waiting" and one.queue != having.queue)
            )
            having, worked = None, 0
        if has and having is None:
            having = one
        if one.state == "active" and number + 1 < len(told):
            worked += told[number + 1].at - one.at


def _promised(words: list[Word], told: list[Seen], start: int, end: int, queues: Any) -> None:
    for one in words:
        at = one.due if one.ended is None else min(one.ended, one.due)
        if start <= at < end:
            queue = [seen.queue for seen in told if seen.at <= at][-1]
            queues[queue]["promises_kept" if one.ended is not None and one.ended <= one.due else "promises_broken"] += 1


def _presence(states: list[tuple[int, str]], start: int, end: int, found: Counter[str]) -> None:
    for number, (since, presence) in enumerate(states):
        was = states[number - 1][1] if number else "offline"
        if start <= since < end:
            found["joined"] += was == "offline" != presence
            found["left"] += was != "offline" == presence
        until = states[number + 1][0] if number + 1 < len(states) else end
        if presence != "offline":
            found[f"presence.{presence}"] += max(0, min(until, end) - max(since, start))
