"""Values as items and back. Attributes that expressions touch stand alone; all else is one compressed blob `d`.

pk                    sk                 item                     index keys
--------------------  -----------------  -----------------------  --------------------------------------------------
P#<contact>           contact            a contact                list (lk = contacts#<0..7>), but for joined ones
P#<contact>           consent#<purpose>  that the contact's own address may be     list (lk = consents#<channel>)
                      #<time>#<0|1>#<id> written to for a purpose, or no longer
P#<contact>           outreach           what caps count of them, journeys that go on
P#<contact>           tour#<campaign>#.. a journey, by its occurrence   due; list (lk = tours#<campaign>#<0..7>)
P#<contact>           open#<group>       the latest conversation  due (dk, due); list (lk = open#<queue>|done#<queue>)
P#<contact>           past#<group>#<n>   earlier conversations    list
P#<contact>           score#<time>#<id>  what they answered to a survey, by when it was asked
M#<message>           m                  a message or send        conversation (cv, at); list (lk = parked); due: a send
                                                                  until it is settled, a message while it lacks files
H#<conversation>      <time>#<id>        decisions, what people   list (lk = audit#<day>)
                                         did
REF#<digest>          r                  an id on the wire -> our send
POOL#<pool>           A#<agent>          roster: who is in with room for something
REST#<pool>           A#<agent>          roster: all others, who are away or full
SEAT#<agent>          s                  in which pool that agent's one row stands
POOL#<pool>           P                  which badges are in which presence
BADGES                <page>             who wears each of 270 badges, which never changes
POOL#<pool>           C#<kind>           a class of the waiting line that is, or was, not empty
POOL#<pool>           R                  the hash of the roster that decisions name, and since when
ROSTER#<hash>         r                  a roster as decisions saw it
WAIT#<pool>#<kind>    <since>#<c>        the waiting line of a class
A#<agent>, V#<contact> conn#<id>         open sockets
CONN#<id>             s                  whose socket it is
T#<digest>            t                  single-use tickets
K#<digest>            k                  what an Idempotency-Key did
E#<event>              e                  what happened elsewhere  conversation (cv = contact, at)
CLIENTS               <client>           a machine that calls the API
SAVED                 sr_<id>, /<word>   saved replies, and whose their shortcuts are
IN#<5 min>#<shard>    <id>               the intake ledger, with the raw payload
Q#<id>                q                  quarantine               list (lk = quarantine)
U#<id>                u                  a file that an agent uploads
L#<code>              l                  a tracked link, with its clicks, 400 days
AUTO#<digest>         n                  automatic answers to one address within a day
SUP#<digest>          s                  an address that nothing is sent to         list (lk = suppressed#<channel>)
X#<day>#<0..3>        <time>#<message>   what a search reads: a message's folded words, 90 days
W#<delivery>          w                  an event on its way to a webhook           due; list (lk = hooks)
HOOK#<webhook>        off                it answered that it is gone: nothing is sent to it
CFG                   current, v#<hash>  the configuration
CFG                   places             queues and pools that versions named and under which something may still stand
PROOF#<contact>       code               a one-time code on its way                  due: once typed, until joined
PROOF#<contact|address|inbox> sent       when codes were sent for or to it
HOUR#<hour>#<0..7>    <conversation>     it counts in that hour (YYYYMMDDHH, UTC), 400 days
HOUR#<hour>#<0..7>    score#<id>         a score of no conversation, which counts in that hour, 400 days
AGAIN                 <hour>#<hour>#<..> hours that are over and are to be counted again, first and last
OPEN#<hour>           <page>             conversations that were open at its end, 400 days
COUNTED#<day>         <hh>               that an hour was counted; <hh>#L#<..> its cells, <hh>#A#<..> those of agents, 3 years
CAMPAIGN#<campaign>   control            paused, cancelled, what it has spent
CAMPAIGN#<campaign>   run#<run>          a run over an audience; part#<run>#<0..7> how far each part of it has come; due until it is through
CAMPAIGN#<campaign>   spent#<run>        what it has cost, where it has a budget        list (lk = campaigns): it has none left, or asks
RATE#<inbox>          r                  until when turns at its provider are taken
SWEEP                 <name>             leases and cursors
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Key
from router.conversations import Conversation, State, Way
from router.ids import digest, split_conversation_id
from router.loads import Load
from router.messages import ChannelName, Message, Proof, ReceiptStatus
from router.outreach_values import PARTS, Listed, part_of
from router.promises import Promise
from router.records import Contact, Identity
from router.scores import Score, ScoreKind
from router.sends import Send, SendState
from router.sla import Clock
from router.targets import Target
from router.timeline import read
from router.visits import Visit

DUE_SHARDS = 8


def due_shard(pk: str) -> str:
    """The due index is spread, so that no partition takes all its writes."""
    return f"due#{zlib.crc32(pk.encode()) % DUE_SHARDS}"


def due_keys(pk: str, due_at: datetime | None) -> Item:
    """Index keys of something that must be looked at; none when nothing is due."""
    return {} if due_at is None else {"dk": due_shard(pk), "due": to_ms(due_at)}


# --- conversations -------------------------------------------------------------------------------------------------


def conversation_keys(conversation_id: str) -> tuple[Key, Key] | None:
    """Where a conversation may be: the contact's open slot, or its past."""
    parts = split_conversation_id(conversation_id)
    if parts is None:
        return None
    contact, group, number = parts
    return (f"P#{contact}", f"open#{group}"), (f"P#{contact}", f"past#{group}#{number:06d}")


def slot(conversation: Conversation) -> Key:
    """The contact's one open slot in the thread group: the key is the guarantee (P3)."""
    return f"P#{conversation.contact}", f"open#{conversation.group}"


def list_keys(conversation: Conversation) -> Item:
    """Where it is listed. A waiting conversation is in its waiting line instead, which costs nothing more."""
    if conversation.state.done:
        at = conversation.resolved_at or conversation.opened_at
        return {"lk": f"done#{conversation.queue}", "ls": list_mark(conversation.agent or "-", at, conversation.id)}
    if conversation.agent is not None:
        at = conversation.waiting_since or conversation.opened_at
        return {"lk": f"open#{conversation.queue}", "ls": list_mark(conversation.agent, at, conversation.id)}
    return {}


def list_mark(agent: str, at: datetime, conversation_id: str) -> str:
    """A conversation's place in a list: whose, since when, which. Unique, or two of one instant would share a page's end."""
    return f"{agent}#{to_ms(at):013d}#{conversation_id}"


def conversation_item(c: Conversation, key: Key | None = None) -> Item:
    """A conversation as an item, about 600 bytes."""
    pk, sk = key or slot(c)
    rest: dict[str, Any] = {
        "in": c.inbox, "ad": c.address, "nm": c.name, "pf": str(c.proof), "sb": c.subject, "lg": c.language, "pv": c.preview,
        "op": to_ms(c.opened_at), "li": _ms(c.last_inbound_at), "lo": _ms(c.last_outbound_at), "lw": c.last_inbound_wire,
        "rf": list(c.references), "rs": _ms(c.resolved_at), "ln": list(c.links), "os": list(c.options), "tg": list(c.tags),
        "sp": c.spam or None, "mg": list(c.merged), "it": c.into, "pc": list(c.pace or ()),
        "tg1": c.target if c.target != 3600 else None, "ti": c.tier, "rq": c.require if c.require != "[]" else None,
        "wa": list(c.watchers), "la": c.last_agent, "ba": [[name, to_ms(until)] for name, until in c.barred],
        "bc": c.because, "ru": list(c.rules), "rx": list(c.rule_faults), "ak": _ms(c.acknowledged_at), "to": _ms(c.told_opens),
        "ca": c.category, "sla": c.sla, "bb": c.began_by and str(c.began_by), "qc": c.queue_chosen or None, "ab": c.acknowledged_by,
        "he": _gaps(c.heard), "vi": [[v.at, list(v.about)] if v.about is not None else [v.at] for v in c.visits],
        "pm": [_promise_data(promise) for promise in c.promises],
        "sc": [[to_ms(s.at), str(s.kind), s.value, s.by, s.agent] for s in c.scores],
        "cl": [_clock_data(clock) for clock in c.clocks],
        "wy": [[str(w.channel), w.inbox, w.address, to_ms(w.heard_at), w.wire] for w in c.ways],
    }  # fmt: skip
    item: Item = {
        "pk": pk, "sk": sk, "st": str(c.state), "n": c.number, "ch": str(c.channel), "q": c.queue, "p": c.pool, "s": c.kind.key,
        "un": c.units, "pr": c.priority, "ws": _ms(c.waiting_since), "ag": c.agent, "ac": c.agent_connection, "ls1": c.last_send,
        "dc": c.decision, "w": c.stub, "v": c.version, "tl": [c.timeline.text()],
        "ou": _ms(c.offer_until), "su": _ms(c.snoozed_until), "lk1": _ms(c.look_at), "rg": c.told_step or None,
        "fw": ",".join(c.follow) or None, "fa": _ms(c.follow_at),
        "d": pack({k: v for k, v in rest.items() if v not in (None, [], "")}),
    }  # fmt: skip
    return item | due_keys(pk, c.due_at) | list_keys(c)


def _clock_data(c: Clock) -> list[Any]:
    """A clock in some 30 bytes: times after its start."""
    start = to_ms(c.started_at)
    after = [None if at is None else to_ms(at) - start for at in (c.due_at, c.next_at, c.ended_at)]
    return [str(c.target), start, *after, c.acted, int(c.met)]


def _clock(data: Sequence[Any]) -> Clock:
    target, start, due, coming, ended, acted, met = data
    due_at, next_at, ended_at = (None if at is None else from_ms(start + at) for at in (due, coming, ended))
    return Clock(Target(target), from_ms(start), due_at, next_at, acted, ended_at, bool(met))


def _promise_data(p: Promise) -> list[Any]:
    """A promise: times after it was made."""
    made = to_ms(p.made_at)
    after = [None if at is None else to_ms(at) - made for at in (p.due_at, p.ended_at, p.next_at)]
    return [p.id, made, *after, p.by, p.what, [int(p.answer), int(p.kept), int(p.taken_back), p.acted], p.source]


def _promise(data: Sequence[Any]) -> Promise:
    id_, made, due, ended, coming, by, what, (answer, kept, taken_back, acted), source = data
    ended_at, next_at = (None if at is None else from_ms(made + at) for at in (ended, coming))
    made_at, due_at, flags = from_ms(made), from_ms(made + due), (bool(answer), ended_at, bool(kept), bool(taken_back))
    return Promise(id_, made_at, due_at, by, what, *flags, next_at, acted, source)


def _gaps(times: Sequence[int]) -> list[int]:
    """The first of some times, then what lies between: short numbers."""
    return [time - before for before, time in zip((0, *times), times, strict=False)]


def to_conversation(item: Item) -> Conversation:
    """The conversation an item holds."""
    kind, group, *_ = item["sk"].split("#")
    if kind not in ("open", "past"):
        raise ValueError(f"{item['sk']} is not a conversation")
    rest = unpack(item["d"])
    return Conversation(
        contact=item["pk"].removeprefix("P#"),
        group=group,
        number=item["n"],
        state=State(item["st"]),
        channel=ChannelName(item["ch"]),
        inbox=rest["in"],
        queue=item["q"],
        pool=item["p"],
        units=item["un"],
        priority=item["pr"],
        address=rest["ad"],
        opened_at=from_ms(rest["op"]),
        waiting_since=_at(item.get("ws")),
        name=rest.get("nm"),
        proof=Proof(rest.get("pf", "none")),
        subject=rest.get("sb"),
        language=rest.get("lg"),
        preview=rest.get("pv", ""),
        agent=item.get("ag"),
        agent_connection=item.get("ac"),
        timeline=read(item.get("tl", ())),
        promises=tuple(_promise(one) for one in rest.get("pm", ())),
        scores=tuple(Score(from_ms(at), ScoreKind(kind), *rest_) for at, kind, *rest_ in rest.get("sc", ())),
        clocks=tuple(_clock(one) for one in rest.get("cl", ())),
        follow=tuple(item["fw"].split(",")) if item.get("fw") else (),
        follow_at=_at(item.get("fa")),
        last_inbound_at=_at(rest.get("li")),
        last_outbound_at=_at(rest.get("lo")),
        last_inbound_wire=rest.get("lw"),
        references=tuple(rest.get("rf", ())),
        last_send=item.get("ls1"),
        resolved_at=_at(rest.get("rs")),
        links=tuple(rest.get("ln", ())),
        ways=tuple(Way(ChannelName(w[0]), w[1], w[2], from_ms(w[3]), w[4]) for w in rest.get("wy", ())),
        options=tuple(rest.get("os", ())),
        tags=tuple(rest.get("tg", ())),
        rules=tuple(rest.get("ru", ())),
        because=rest.get("bc"),
        rule_faults=tuple(rest.get("rx", ())),
        spam=bool(rest.get("sp")),
        merged=tuple(rest.get("mg", ())),
        into=rest.get("it"),
        acknowledged_at=_at(rest.get("ak")),
        told_opens=_at(rest.get("to")),
        category=rest.get("ca"),
        sla=rest.get("sla"),
        began_by=ChannelName(rest["bb"]) if "bb" in rest else None,
        queue_chosen=bool(rest.get("qc")),
        acknowledged_by=rest.get("ab"),
        heard=tuple(accumulate(rest.get("he", ()))),
        visits=tuple(Visit(v[0], tuple(v[1]) if len(v) > 1 else None) for v in rest.get("vi", ())),
        pace=(rest["pc"][0], rest["pc"][1]) if rest.get("pc") else None,
        target=rest.get("tg1", 3600),
        tier=rest.get("ti"),
        require=rest.get("rq", "[]"),
        watchers=tuple(rest.get("wa", ())),
        last_agent=rest.get("la"),
        barred=tuple((name, from_ms(until)) for name, until in rest.get("ba", ())),
        offer_until=_at(item.get("ou")),
        snoozed_until=_at(item.get("su")),
        told_step=item.get("rg", 0),
        look_at=_at(item.get("lk1")),
        decision=item.get("dc"),
        stub=item.get("w"),
        version=item["v"],
    )


# --- messages and sends --------------------------------------------------------------------------------------------


def message_key(message_id: str) -> Key:
    """A message lives under its own id, which is the provider's in our words: a second delivery fails its condition."""
    return f"M#{message_id}", "m"


_SHORT = {"id", "schema_version"}


def message_item(message: Message, conversation: str) -> Item:
    """An inbound message or a note, about as many bytes as its text."""
    pk, sk = message_key(message.id)
    body = message.model_dump(mode="json", exclude_defaults=True, exclude=_SHORT)
    return {"pk": pk, "sk": sk, "cv": conversation, "at": message.cursor, "d": pack(body)}


def to_message(item: Item) -> Message:
    """The message an item holds."""
    return Message.model_validate({"id": item["pk"].removeprefix("M#"), **unpack(item["d"])})


def send_item(send: Send) -> Item:
    """An outbound message with its state."""
    item = message_item(send.message, send.conversation)
    item |= {
        "st": str(send.state), "na": send.attempts, "pv": send.previous, "to": send.to, "er": send.error, "x": send.external_id,
        "rw": send.reply_to_wire, "rf": ",".join(send.references) or None, "tr": ",".join(send.tried) or None,
        "nb": list(send.numbered) or None, "uu": send.unsubscribe_url, "jn": list(send.journey) if send.journey else None,
    }  # fmt: skip
    return item | due_keys(item["pk"], send.due_at)


def to_send(item: Item) -> Send:
    """The send an item holds. Raises ValueError for a message that is not outbound."""
    if "st" not in item:
        raise ValueError(f"{item['pk']} is not an outbound message")
    return Send(
        message=to_message(item),
        conversation=item["cv"],
        state=SendState(item["st"]),
        attempts=item["na"],
        forgiven=item.get("nf", 0),
        due_at=_at(item.get("due")),
        previous=item.get("pv"),
        to=item.get("to", ""),
        reply_to_wire=item.get("rw"),
        references=tuple(item["rf"].split(",")) if item.get("rf") else (),
        error=item.get("er"),
        external_id=item.get("x"),
        receipt=ReceiptStatus(item["rc"]) if "rc" in item else None,
        settled_at=_at(item.get("sa")),
        tried=tuple(item["tr"].split(",")) if item.get("tr") else (),
        numbered=tuple(item.get("nb", ())),
        unsubscribe_url=item.get("uu"),
        journey=(item["jn"][0], item["jn"][1], item["jn"][2]) if "jn" in item else None,
    )


# --- contacts ------------------------------------------------------------------------------------------------------


def contact_key(contact: str) -> Key:
    """A contact stands beside their conversations."""
    return f"P#{contact}", "contact"


def contact_item(contact: Contact) -> Item:
    """A contact as an item."""
    pk, sk = contact_key(contact.id)
    rest = {"j": [_identity(i) for i in contact.joined], "ap": list(contact.apart)}
    rest |= {"le": [list(one) for one in contact.lent]}
    rest |= {"tz": contact.zone, "bd": contact.birthday, "tg": list(contact.tags), "at": dict(contact.attributes)}
    rest = {name: value for name, value in rest.items() if value}
    return {
        "pk": pk, "sk": sk, "ch": str(contact.channel), "ad": contact.address, "pf": str(contact.proof),
        "fs": to_ms(contact.first_seen_at), "nm": contact.name, "lg": contact.language, "it": contact.into,
        "pc": contact.preferred, "bl": _ms(contact.blocked_at), "v": contact.version,
        "d": pack(rest) if rest else None,
    } | contact_list_keys(contact)  # fmt: skip


CONTACT_SHARDS = PARTS
"""All contacts are listed in so many partitions of the list index, so that no one takes all its writes."""
_NUMBERS = (ChannelName.SMS, ChannelName.WHATSAPP)


def contact_list_keys(contact: Contact) -> Item:
    """Where a contact is listed: by when they were first seen, which never changes. One that is part of another is not.

    Behind that stands what says whether a campaign's time has come for them, so that others need not be read: their zone, the beginning
    of their number, their birthday.
    """
    if contact.into is not None:
        return {}
    shard = part_of(contact.id)
    numbers = (i.address for i in contact.identities if i.channel in _NUMBERS and i.address.startswith("+"))
    where = (contact.zone or "", next(numbers, "")[:5], (contact.birthday or "")[-5:])
    return {"lk": f"contacts#{shard}", "ls": "#".join((f"{to_ms(contact.first_seen_at):013d}", contact.id, *where))}


def to_listed(mark: str) -> Listed:
    """A contact as the list has them."""
    since, contact, *where = mark.split("#")
    zone, prefix, birthday = (*where, "", "", "")[:3]
    return Listed(contact, f"{since}#{contact}", zone, prefix, birthday)


def behind(cursor: str) -> str | None:
    """What comes after a contact in their list, wherever that person is by now; None from the beginning."""
    return f"{cursor}~" if cursor else None


def _identity(i: Identity) -> list[Any]:
    return [str(i.channel), i.address, str(i.proof), i.contact, to_ms(i.since), i.method]


def to_contact(item: Item) -> Contact:
    """The contact an item holds."""
    rest = unpack(item["d"]) if "d" in item else {}
    return Contact(
        id=item["pk"].removeprefix("P#"),
        channel=ChannelName(item["ch"]),
        address=item["ad"],
        proof=Proof(item["pf"]),
        first_seen_at=from_ms(item["fs"]),
        name=item.get("nm"),
        language=item.get("lg"),
        joined=tuple(
            Identity(ChannelName(i[0]), i[1], Proof(i[2]), i[3], from_ms(i[4]), i[5]) for i in rest.get("j", ())
        ),
        apart=tuple(rest.get("ap", ())),
        lent=tuple((name, contact) for name, contact in rest.get("le", ())),
        zone=rest.get("tz"),
        birthday=rest.get("bd"),
        tags=tuple(rest.get("tg", ())),
        attributes=tuple(rest.get("at", {}).items()),
        into=item.get("it"),
        preferred=item.get("pc"),
        blocked_at=_at(item.get("bl")),
        version=item.get("v", 0),
    )


def load_key(pool: str, agent: str, *, room: bool) -> Key:
    """Who has room stands in the pool's own partition, which a match reads; all others beside it."""
    return f"{'POOL' if room else 'REST'}#{pool}", f"A#{agent}"


def seat_key(agent: str) -> Key:
    """In which pool an agent's one row stands."""
    return f"SEAT#{agent}", "s"


def load_item(load: Load) -> Item:
    """A roster row, about 100 bytes, 50 more for each offer that may stand."""
    pk, sk = load_key(load.pool, load.agent, room=load.has_room)
    item: Item = {
        "pk": pk, "sk": sk, "p": load.presence, "f": load.free, "u": load.units, "i": to_ms(load.idle_since), "c": load.connection,
        "hs": 1 if load.by_desk else None, "lf": _ms(load.lost_at), "ps": _ms(load.presence_since), "pu": _ms(load.paused_until),
        "of": [f"{to_ms(until)} {conversation}" for conversation, until in load.offers.items()] or None,
        "wu": _ms(load.wrap_until), "ms": load.missed or None, "na": None if load.available else 1, "t": load.threshold, "b": load.moved_in,
        "bg": load.badge, "v": load.version,
    }  # fmt: skip
    return item | {f"k_{channel}": count for channel, count in load.counts.items() if count}


def to_load(item: Item) -> Load:
    """The roster row an item holds."""
    offers = [one.partition(" ") for one in item.get("of", ())]
    return Load(
        agent=item["sk"].removeprefix("A#"),
        presence=item["p"],
        free=item["f"],
        units=item["u"],
        counts={name[2:]: value for name, value in item.items() if name.startswith("k_")},
        idle_since=from_ms(item["i"]),
        pool=item["pk"].partition("#")[2],
        connection=item.get("c"),
        by_desk="hs" in item,
        lost_at=_at(item.get("lf")),
        presence_since=_at(item.get("ps")),
        paused_until=_at(item.get("pu")),
        wrap_until=_at(item.get("wu")),
        missed=item.get("ms", 0),
        available="na" not in item,
        threshold=item.get("t", 1),
        offers={conversation: from_ms(int(until)) for until, _, conversation in offers},
        moved_in=item.get("b"),
        badge=item.get("bg"),
        version=item.get("v", 0),
    )


def reference_key(key: bytes, wire_id: str) -> Key:
    """An id that we put on the wire (a Message-ID), to find our send again."""
    bare = wire_id.strip(" \t\r\n<>").lower()
    return f"REF#{digest(key, 'reference', bare)}", "r"


def _ms(value: datetime | None) -> int | None:
    return None if value is None else to_ms(value)


def _at(value: Any) -> datetime | None:
    return None if value is None else from_ms(value)
