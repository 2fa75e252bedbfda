"""What must hold of a world, whatever happened to it. `check` names everything that does not.

Some promises hold after every single write (`check(world, settled=False)`): the load is right, a conversation has one
owner, the line and what waits agree, whatever must follow is due. The rest holds once queues are drained and the sweep
has run: nothing is overdue, nobody waits while somebody has room, every send is settled, the ledger and the messages agree.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from router.aws.badges import shown, wearers
from router.aws.codec import from_ms, to_ms, unpack
from router.aws.consents import to_consent
from router.aws.outreach import _row, to_journey
from router.aws.rows import conversation_item, to_contact, to_conversation, to_load, to_message, to_send
from router.config import Agent
from router.consents import Consent
from router.conversations import Conversation, State
from router.floor import Floor
from router.ids import digest
from router.journeys import Journey
from router.keeping import kept
from router.loads import Load
from router.matching import Rules, decide_one
from router.messages import ChannelName, Direction, Message
from router.outreach_values import OutreachRow
from router.records import Call, Contact
from router.replaying import Kept, replay
from router.requirements import Requirement, met, text
from router.sends import Send, SendState
from router.signals import waiting_row
from router.snapshots import Roster, again, canonical
from router.staff import is_staff
from tests.kit.outreach_promises import journeys_hold
from tests.kit.world import World


@dataclass
class Seen:
    """The table, read as what it holds."""

    world: World
    conversations: dict[str, Conversation] = field(default_factory=dict)
    open_: dict[str, dict[str, Any]] = field(default_factory=dict)  # open conversations' items, by id
    inbound: dict[str, tuple[Message, str]] = field(default_factory=dict)
    notes: dict[str, tuple[Message, str]] = field(default_factory=dict)
    sends: dict[str, Send] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)  # the sends' items
    loads: dict[tuple[str, str], Load] = field(default_factory=dict)
    misplaced: list[str] = field(default_factory=list)
    shown: dict[str, dict[int, str]] = field(default_factory=dict)
    worn: dict[int, str] = field(default_factory=dict)
    classes: set[tuple[str, str]] = field(default_factory=set)
    line: dict[tuple[str, str, str], str] = field(default_factory=dict)  # pool, class, place -> conversation
    rosters: dict[str, Roster] = field(default_factory=dict)
    contacts: set[str] = field(default_factory=set)
    people: dict[str, Contact] = field(default_factory=dict)
    journeys: dict[tuple[str, str, str], Journey] = field(default_factory=dict)
    outreach: dict[str, OutreachRow] = field(default_factory=dict)
    consents: dict[str, Consent] = field(default_factory=dict)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    ledger: list[tuple[Call, list[str]]] = field(default_factory=list)
    quarantined: list[Call] = field(default_factory=list)
    due: list[tuple[str, int]] = field(default_factory=list)
    applied_at: int = 0  # when the version in force was put there, in milliseconds

    @classmethod
    def of(cls, world: World) -> Seen:
        """Read everything."""
        seen = cls(world)
        for item in world.items():
            seen._file(item)
        return seen

    def _file(self, item: dict[str, Any]) -> None:
        kind, _, name = item["pk"].partition("#")
        sk: str = item["sk"]
        if "due" in item:
            self.due.append((item["pk"], item["due"]))
        if kind == "P" and sk == "contact":
            self.contacts.add(name)
            self.people[name] = to_contact(item)
        elif kind == "P" and sk.startswith("tour#"):
            journey = to_journey(item)
            self.journeys[journey.key] = journey
        elif kind == "P" and sk == "outreach" and "v" in item:
            self.outreach[name] = _row(item)
        elif kind == "P" and sk.startswith("consent#"):
            consent = to_consent(item)
            self.consents[consent.id] = consent
        elif kind == "P" and sk.startswith(("open#", "past#")):
            conversation = to_conversation(item)
            self.conversations[conversation.id] = conversation
            if sk.startswith("open#"):
                self.open_[conversation.id] = item
        elif kind == "M":
            self._file_message(item)
        elif kind == "POOL":
            if sk.startswith("A#"):
                self._file_load(name, item)
            elif sk == "P":
                self.shown[name] = shown(item)
            elif sk.startswith("C#") and "z" not in item:
                self.classes.add((name, sk[2:]))
        elif kind == "BADGES":
            self.worn |= wearers([item])
        elif kind == "REST":
            self._file_load(name, item)
        elif kind == "ROSTER":
            kept = unpack(item["d"])
            self.rosters[name] = Roster(kept["pool"], kept["states"])
        elif kind == "WAIT":
            pool, _, line = name.partition("#")
            self.line[pool, line, sk] = sk.split("#", 1)[1]
        elif kind == "H":
            at = int(sk.partition("#")[0])
            self.history[name].append(
                {"id": sk.partition("#")[2], "at": at, "what": item["wt"], "detail": unpack(item["d"])}
            )
        elif (kind, sk) == ("CFG", "places"):
            self.applied_at = item["t"]
        elif kind == "IN":
            self.ledger.append((self.world.x.intake._unpack(item["d"]), item["ids"]))
        elif kind == "Q":
            self.quarantined.append(self.world.x.intake._unpack(item["d"]))

    def _file_load(self, pool: str, item: dict[str, Any]) -> None:
        load = to_load(item)
        assert (pool, load.agent) not in self.loads, f"{load.agent} has two rows in pool '{pool}'"
        self.loads[pool, load.agent] = load
        if item["pk"].startswith("POOL#") != load.has_room:
            self.misplaced.append(load.agent)

    def _file_message(self, item: dict[str, Any]) -> None:
        if "st" in item:
            send = to_send(item)
            self.sends[send.id] = send
            self.rows[send.id] = item
            return
        message = to_message(item)
        kind = self.inbound if message.direction is Direction.INBOUND else self.notes
        kind[message.id] = message, item["cv"]

    def resends(self, send: str) -> int:
        """How often a person asked for it to leave again."""
        entries = (entry for entries in self.history.values() for entry in entries)
        return sum(entry["what"] == "resend" and entry["detail"]["message"] == send for entry in entries)

    def agent(self, name: str) -> Agent | None:
        """An agent as configured."""
        return self.world.x.config().agent(name)


def check(world: World, *, settled: bool = True) -> None:
    """Raise AssertionError with every broken promise. `settled`: queues drained, time passed, swept."""
    problems = list(broken(world, settled=settled))
    if problems:
        raise AssertionError("\n".join(["broken promises:", *(f"- {problem}" for problem in problems)]))


def broken(world: World, *, settled: bool = True) -> Iterator[str]:
    """Every promise that does not hold, in words."""
    seen = Seen.of(world)
    yield from _one_open_conversation(seen)
    yield from _everything_belongs_somewhere(seen)
    yield from _load_is_right(seen)
    yield from _the_line_is_the_waiting(seen)
    yield from _decisions_are_kept(seen)
    yield from _what_follows_is_due(seen)
    yield from _nothing_left_twice(seen)
    yield from _answers_left_in_order(seen)
    yield from _what_was_promised_stands_where_somebody_keeps_it(seen)
    yield from journeys_hold(seen, settled=settled)
    if settled:
        yield from _decisions_replay(seen)
        yield from _nothing_is_forgotten(seen)
        yield from _nobody_waits_for_an_idle_agent(seen)
        yield from _all_stands_where_the_configuration_has_it(seen)
        yield from _the_ledger_agrees(seen)


def _one_open_conversation(seen: Seen) -> Iterator[str]:
    """P3. The open slot is a key, so what can go wrong is its past: a gap, or two that are alive."""
    numbers: dict[tuple[str, str], list[Conversation]] = defaultdict(list)
    for c in seen.conversations.values():
        numbers[c.contact, c.group].append(c)
    for (contact, group), found in numbers.items():
        found.sort(key=lambda c: c.number)
        if [c.number for c in found] != list(range(1, len(found) + 1)):
            yield f"P3: {contact} in '{group}' has conversations {[c.number for c in found]}, not 1 to {len(found)}"
        for c in found[:-1]:
            if c.state is not State.CLOSED:
                yield f"P3: {c.id} is past, yet {c.state}"


def _everything_belongs_somewhere(seen: Seen) -> Iterator[str]:
    """P1, P2: every message is in a conversation that exists, and every conversation holds a message and has a contact."""
    filled = set()
    for message, conversation in (*seen.inbound.values(), *seen.notes.values()):
        filled.add(conversation)
        if conversation not in seen.conversations:
            yield f"P1: message {message.id} is in {conversation}, which does not exist"
    for send in seen.sends.values():
        if send.journey is None and send.conversation not in seen.conversations and not is_staff(send.conversation):
            yield f"P1: answer {send.id} is in {send.conversation}, which does not exist"
    found = [(message, seen.conversations.get(c)) for message, c in seen.inbound.values()]
    said = Counter((m.provider, m.external_id, c.group) for m, c in found if c is not None)
    for (provider, external_id, group), times in said.items():
        if times > 1:
            yield f"P2: {provider}'s message {external_id} is stored {times} times in '{group}'"
    for c in seen.conversations.values():
        if filled.isdisjoint((c.id, *c.merged)) and not any(
            e["what"] in ("parted", "start") for e in seen.history[c.id]
        ):
            yield f"P1: {c.id} holds no message of its customer"
        if c.contact not in seen.contacts:
            yield f"P1: {c.id} has no contact"


def _load_is_right(seen: Seen) -> Iterator[str]:
    """P5: what an agent holds and what their item says, for everybody; one owner, who may and can."""
    for name in seen.misplaced:
        yield f"P7: {name} has room and stands among those without, or the other way round"
    for (pool, name), load in seen.loads.items():
        badges = [badge for badge, wearer in seen.worn.items() if wearer == name]
        if badges != ([] if load.badge is None else [load.badge]):
            yield f"P6: {name} wears the badge {load.badge}, and {badges} are theirs"
        listed = seen.shown.get(pool, {}).get(-1 if load.badge is None else load.badge, "offline")
        if listed != load.presence:
            yield f"P6: {name} is {load.presence} and is shown as {listed}"
    for name, times in Counter(name for _, name in seen.loads).items():
        if times > 1:
            yield f"P5: {name} has rows in {times} pools"
    held: dict[str, list[Conversation]] = defaultdict(list)
    for c in seen.conversations.values():
        if c.state.held and c.agent is None:
            yield f"P5: {c.id} is {c.state} and has no agent"
        if c.state is State.WAITING and c.agent is not None:
            yield f"P5: {c.id} waits, yet {c.agent} has it"
        if c.state is State.OFFERED and c.offer_until is None:
            yield f"P7: {c.id} is offered to {c.agent} for ever"
        if c.state is State.SNOOZED and c.snoozed_until is None:
            yield f"P7: {c.id} is put aside for ever"
        if c.state.held and c.agent is not None:
            held[c.agent].append(c)
            agent = seen.agent(c.agent)
            asked = _asked(seen, c)
            if agent is not None and asked and not any(met(needs, agent.levels) for needs in asked):
                yield f"P5: {c.agent} has {c.id} without {' or '.join(map(text, asked))}"
    for (_, name), load in seen.loads.items():
        mine = held.pop(name, [])
        units, counts = sum(c.units for c in mine), Counter(str(c.channel) for c in mine)
        if load.free + units != load.units:
            yield f"P5: {name} has {load.free} free of {load.units}, and conversations of {units} units"
        if load.free < 0 and not any(_given_before(seen, c) for c in mine):  # another version may have taken units away
            yield f"P5: {name} is over capacity by {-load.free} units"
        if {k: v for k, v in load.counts.items() if v} != dict(counts):
            yield f"P5: {name} counts {dict(load.counts)}, and holds {dict(counts)}"
        agent = seen.agent(name)
        given = Counter(str(c.channel) for c in mine if not _overruled(seen, c))
        for channel, most in agent.limits.items() if agent is not None else ():
            if given[channel] > most:
                yield f"P5: {name} holds {given[channel]} of {channel}, at most {most} are allowed"
    for name, mine in held.items():
        yield f"P5: {name} holds {[c.id for c in mine]} and is in no roster"


def _asked(seen: Seen, c: Conversation) -> list[Requirement]:
    """What a conversation asks for while it waits; nothing where a supervisor or an older version gave it, or its queue is gone."""
    if _overruled(seen, c) or _given_before(seen, c) or seen.world.x.config().queue(c.queue) is None:
        return []
    return [rung.needs for rung in seen.world.x.config().ladder(c.queue, c.kind.steps, c.kind.language)]


def _overruled(seen: Seen, c: Conversation) -> bool:
    """Was it a supervisor who gave it away, over everything but units?"""
    return any(entry["what"] == "assign" for entry in seen.history[c.id])


def _given_before(seen: Seen, c: Conversation) -> bool:
    """Was it given away before the version in force was there, or by a function that had another? It may be in another queue by now."""
    entry = next((e for one in (c.id, *c.merged) for e in seen.history[one] if e["id"] == c.decision), None)
    version = seen.world.x.config().version
    if entry is None or entry["detail"].get("decision", entry["detail"]).get("config", version) != version:
        return True
    return bool(seen.applied_at > entry["at"])


def _the_line_is_the_waiting(seen: Seen) -> Iterator[str]:
    """P7: every place in a line is a waiting conversation's, which knows it."""
    for (pool, line, place), conversation in seen.line.items():
        c = seen.conversations.get(conversation)
        if c is None or c.id not in seen.open_:
            yield f"P7: {conversation} has a place in line {pool}/{line} and is not open"
        elif (c.state, c.stub, c.pool, c.kind.key) != (State.WAITING, place, pool, line):
            yield f"P7: {c.id} has place {place} in {pool}/{line}; itself it is {c.state} at {c.stub} in {c.pool}/{c.kind.key}"
    for c in seen.conversations.values():
        if c.stub is None:
            continue
        if c.state is not State.WAITING:
            yield f"P7: {c.id} is {c.state} and has a place in line"
        elif (c.pool, c.kind.key, c.stub) not in seen.line:
            yield f"P7: {c.id} believes in a place {c.stub} that is not there"


def _decisions_are_kept(seen: Seen) -> Iterator[str]:
    """P6: an assignment has its record."""
    for c in seen.conversations.values():
        kept = {e["id"] for one in (c.id, *c.merged) for e in seen.history[one]}
        if c.decision is not None and c.decision not in kept:
            yield f"P6: the decision {c.decision} that gave {c.id} to {c.agent} is not kept"


def _decisions_replay(seen: Seen) -> Iterator[str]:
    """P6: every decision, made again from what it saw, has the same bytes."""
    for entries in seen.history.values():
        for entry in entries:
            if entry["what"] != "decision":
                continue
            kept = entry["detail"]
            roster = seen.rosters.get(kept["seen"]["roster"])
            if roster is None:
                yield f"P6: decision {entry['id']} names a roster that was not kept"
            elif seen.world.x.config().version == kept["config"]:
                made = canonical(again(kept, roster, seen.world.x.config()))
                if made != canonical(kept):
                    yield f"P6: decision {entry['id']} replays otherwise:\n{canonical(kept)}\n{made}"
            if "rules" in kept:
                x = seen.world.x
                result = replay(Kept(x.table, x.blobs, x.version), entry["id"], "table")
                if not result.same:
                    yield f"P6: decision {entry['id']}: {result.problem} {result.differences}"


def _went_otherwise(seen: Seen, send: Send) -> bool:
    """Did its words go by another channel?"""
    key = seen.world.x.key
    return any("m_" + digest(key, "instead", send.id, channel) in seen.sends for channel in ChannelName)


def _what_follows_is_due(seen: Seen) -> Iterator[str]:
    """Whatever must still happen stands in the due index, in time."""
    for c in seen.conversations.values():
        item = seen.open_.get(c.id)
        if item is None:
            continue
        for counted in (c, kept(c, seen.world.x.config(), seen.world.now)):
            if counted.due_at is not None and item.get("due", float("inf")) > to_ms(counted.due_at):
                by = f"{counted.due_at:%H:%M:%S}"
                yield f"due: {c.id} must be looked at by {by}, its item says {_clock(item.get('due'))}"
        if c.state is State.WAITING and c.stub is None and "wake" not in c.follow:
            yield f"P7: {c.id} waits, is in no line, and nobody is to be woken for it"
        listed = conversation_item(c).get("lk")
        if item.get("lk") != listed:
            yield f"list: {c.id} is listed under {item.get('lk')}, not {listed}"
    due = {pk for pk, _ in seen.due}
    for message, _ in seen.inbound.values():
        if any(one.unfetched for one in message.attachments) and f"M#{message.id}" not in due:
            yield f"due: message {message.id} lacks files and nobody will look for them"
    for send in seen.sends.values():
        item = seen.rows[send.id]
        if not send.state.settled and "due" not in item:
            yield f"due: answer {send.id} is {send.state} and nobody will look at it"
        if send.state.settled and "due" in item:
            yield f"due: answer {send.id} is {send.state} and still due"
        is_failed = send.state is SendState.FAILED or (send.state is SendState.SENT and send.shown == "failed")
        is_failed = is_failed and send.journey is None  # its journey goes on, and says why it ended
        wants = send.state is SendState.PARKED or (is_failed and not _went_otherwise(seen, send))
        if wants != (item.get("lk") == "parked"):
            yield f"list: answer {send.id} is {send.shown} and {'not ' if wants else ''}among the parked"


def _what_was_promised_stands_where_somebody_keeps_it(seen: Seen) -> Iterator[str]:
    """Nothing is open in a conversation that is done, and no promise to a customer is open in two, or it would break twice."""
    places: dict[str, list[str]] = defaultdict(list)
    for c in seen.conversations.values():
        for promise in c.promises:
            if promise.open:
                places[promise.id].append(c.id)
                if c.state.done:
                    yield f"promise {promise.id} is open in {c.id}, which is {c.state}"
    for promise_id, found in places.items():
        if len(found) > 1:
            yield f"promise {promise_id} is open in {', '.join(found)}"


def _nothing_left_twice(seen: Seen) -> Iterator[str]:
    """P2: a provider took each send at most once, but for those a person sent again; and none that was never asked for."""
    for send_id, times in Counter(seen.world.providers.left).items():
        send = seen.sends.get(send_id)
        if send is None:
            yield f"P2: {send_id} left, and no such answer is stored"
        elif times > 1 + seen.resends(send_id):
            yield f"P2: answer {send_id} ('{send.message.text}') left {times} times"
    for send in seen.sends.values():
        socket = send.message.channel == "webchat"
        if send.state is SendState.SENT and not socket and send.id not in seen.world.providers.left:
            yield f"P2: answer {send.id} is marked sent, and never left"


def _answers_left_in_order(seen: Seen) -> Iterator[str]:
    """P4: an answer leaves after the one before it, unless that one was handed to a person."""
    first: dict[str, int] = {}
    for number, send_id in enumerate(seen.world.providers.left):
        first.setdefault(send_id, number)
    for send in seen.sends.values():
        before = seen.sends.get(send.previous or "")
        if before is None or seen.resends(before.id):
            continue
        if send.id in first and first.get(before.id, -1) > first[send.id]:
            yield f"P4: '{send.message.text}' left before '{before.message.text}'"
        if send.id in first and not before.state.settled:
            yield f"P4: '{send.message.text}' left while '{before.message.text}' is {before.state}"


def _nothing_is_forgotten(seen: Seen) -> Iterator[str]:
    """P1, P7: queues are empty, nothing is overdue, no send is open but those that are to be tried again later."""
    for name in ("inbound", "match", "outbound", "outreach", "media"):
        left = seen.world.queued(name)
        if left:
            yield f"P1: {left} messages are left in queue {name}"
    for pk, due in seen.due:
        if due <= to_ms(seen.world.now):
            yield f"due: {pk} is overdue since {_clock(due)}"
    for c in seen.conversations.values():
        if c.follow:
            yield f"P7: {c.id} still has to be followed by {', '.join(c.follow)}"
    for send in seen.sends.values():
        if send.state in (SendState.SENDING, SendState.UNKNOWN):
            yield f"P2: answer {send.id} is {send.state}: it should have been settled or parked"


def _nobody_waits_for_an_idle_agent(seen: Seen) -> Iterator[str]:
    """P7: who waits could be taken by nobody, and every line is in its pool's directory."""
    for pool, line, _ in seen.line:
        if (pool, line) not in seen.classes:
            yield f"P7: line {pool}/{line} is not empty and its pool does not know of it"
    config, now = seen.world.x.config(), seen.world.now
    for c in seen.conversations.values():
        if c.state is not State.WAITING or config.queue(c.queue) is None:
            continue
        floor = Floor(config, c.pool, [load for (pool, _), load in seen.loads.items() if pool == c.pool], now)
        judged = decide_one(floor, waiting_row(c), Rules(config, c.pool), now)
        if judged.fit:
            yield f"P7: {c.id} waits while {floor.crew.named(judged.fit)} could take it"


def _all_stands_where_the_configuration_has_it(seen: Seen) -> Iterator[str]:
    """Decision 14: whatever version it came under, what is open is of a queue that there is, and agents are in their pools."""
    config = seen.world.x.config()
    for (pool, name), load in seen.loads.items():
        agent = config.agent(name)
        if agent is not None and agent.pool != pool:
            yield f"14: {name}, {load.presence}, stands in pool '{pool}' and is of '{agent.pool}'"
    for c in seen.conversations.values():
        queue = config.queue(c.queue)
        if not c.state.done and (queue is None or queue.pool != c.pool):
            yield f"14: {c.id} is {c.state} in queue '{c.queue}' of pool '{c.pool}', which the configuration does not have"


def _the_ledger_agrees(seen: Seen) -> Iterator[str]:
    """P1: received = routed + quarantined, by id; and what was routed was received, unless the ledger was down."""
    entered = {message for _, ids in seen.ledger for message in ids}
    for call, ids in seen.ledger:
        for message in set(ids) - set(seen.inbound):
            if not any(_is_about(kept, call, message) for kept in seen.quarantined):
                yield f"P1: message {message} was received, and is in no conversation and not in quarantine"
    if not seen.world.counts.get("LedgerMissed"):
        for message in set(seen.inbound) - entered:
            yield f"P1: message {message} was routed, and is not in the ledger"


def _is_about(kept: Call, call: Call, message: str) -> bool:
    if kept.channel == "queue":
        return message.encode() in kept.body
    return (kept.body, kept.body_ref) == (call.body, call.body_ref)


def _clock(ms: int | None) -> str:
    return "nothing" if ms is None else f"{from_ms(ms):%H:%M:%S}"


def said(world: World) -> dict[str, list[str]]:
    """What each conversation holds, in its order, the oldest conversation first: customers' texts, answers and notes."""
    seen = Seen.of(world)
    oldest_first = sorted(seen.conversations.values(), key=lambda c: (c.opened_at, c.id))
    found: dict[str, list[Message]] = {c.id: [] for c in oldest_first}
    for message, conversation in (*seen.inbound.values(), *seen.notes.values()):
        found[conversation].append(message)
    for send in seen.sends.values():
        found[send.conversation].append(send.message)
    return {c: [m.text.strip() for m in sorted(ms, key=lambda m: m.cursor)] for c, ms in found.items()}
