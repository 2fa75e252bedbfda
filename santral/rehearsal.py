"""Outreach on a clock of its own, in this process: the use cases of production over a table in memory, with providers that take everything.

Nothing is played by other rules here: campaigns are set off, planned, judged, composed, rendered and delivered by the functions that do
it in production. Different is what they stand on: no AWS, no network, queues that are a list, and time that jumps to what is due next.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from channels import optout, registry
from router.aws.blobs import Blobs
from router.aws.bus import Bus
from router.aws.dynamo import Key
from router.aws.intake import Intake
from router.aws.outreach import to_journey
from router.aws.queues import Queues
from router.aws.sockets import Sockets
from router.aws.table import Table
from router.campaigns import Send as Step
from router.composing import price_of, variant_of
from router.config import Config, Inbox
from router.contact_rows import Row, Taken, take_in
from router.due import attend, on_timer
from router.errors import Invalid, NotFound, Rejected
from router.exchange import Exchange
from router.happened import About, tell
from router.ids import digest
from router.journeys import Journey, program
from router.match import match
from router.messages import ChannelName
from router.once import User
from router.outreach import handle
from router.outreach_values import MILLIONTHS
from router.purposes import Purpose
from router.segments import split
from router.sends import Send, SendState
from router.signals import Deliver, Launch, Plan, Signal, Timer, Wake, Walk
from router.signals import Step as Go
from router.times import from_ms, to_ms
from router.wire import HttpRequest, HttpResponse
from santral.memory import MemoryDynamo

URL = "https://santral.example.com"
"""The public URL, where nobody says another: links are as long as their deployment's is."""
WE = User("rehearsal", frozenset(("admin",)))
REFUSED = "the provider refuses it"
_AT_ONCE = 25
_ORDERS = (Launch, Plan, Go, Walk, Deliver)
# What each provider says of a message that it took, in one body: Twilio, SES, Meta, WhatsApp, Telegram.
_TAKEN = {
    "sid": "SM{id}", "status": "queued", "MessageId": "{id}", "message_id": "m_{id}", "messages": [{"id": "wamid.{id}"}],
    "ok": True, "result": {"message_id": 1, "chat": {"id": 1}},
}  # fmt: skip
_ANSWER = json.dumps(_TAKEN)


@dataclass(frozen=True, slots=True)
class Left:
    """A message that left: which of which journey, when, and what it cost."""

    at: datetime
    send: Send
    journey: Journey
    template: str
    variant: str
    purpose: Purpose | None
    cost: float

    @property
    def channel(self) -> ChannelName:
        """Its channel."""
        return self.send.message.channel

    @property
    def parts(self) -> int:
        """How many messages it is billed as: an SMS by its parts."""
        return split(self.send.message.text).count if self.channel is ChannelName.SMS else 1


class _Listed(Queues):
    """The queues: a list that is worked off in order."""

    def __init__(self) -> None:
        super().__init__(None, {}, b"")
        self.waiting: deque[Signal] = deque()

    def send(self, signals: Iterable[Signal], now: datetime | None = None) -> None:  # noqa: ARG002 - they wait for nothing
        """Put them behind what is there."""
        self.waiting.extend(signals)


class Rehearsal:
    """One configuration at a time that only `advance` moves. `refuses` are channels whose provider refuses everything."""

    def __init__(self, config: Config, at: datetime, *, key: bytes = b"rehearsal", url: str = URL) -> None:
        self.now = at
        self.config = config
        self.refuses: set[ChannelName] = set()
        self.left: list[Left] = []
        self._url = url.rstrip("/")
        self._key = key
        self._queues = _Listed()
        self._channel: ChannelName | None = None
        self._number = 0
        self._stuck: dict[Key, datetime] = {}
        self.dynamo = MemoryDynamo()
        self.x = self._exchange()

    def _exchange(self) -> Exchange:
        key, dynamo = self._key, self.dynamo
        return Exchange(
            table=Table(dynamo, key),
            intake=Intake(dynamo, Blobs(None, "none"), key),
            blobs=Blobs(None, "none"),
            queues=self._queues,
            sockets=Sockets(dynamo, None, key),
            config=lambda: self.config,
            version=lambda _version: self.config,
            applied=tuple,
            credentials=_credentials,
            channel=registry.get,
            carry=self._carry,
            get=_nothing,
            part=_nothing,
            bus=Bus(None, "none"),
            post=lambda _request: 200,
            hook_secrets=lambda _name: (),
            keyword=optout.asked,
            key=key,
            now=lambda: self.now,
            public_url=self._url,
        )

    def forget(self, at: datetime) -> None:
        """As at the beginning, at this time: nobody is known and nothing has left."""
        self.now = at
        self.left.clear()
        self._stuck.clear()
        self._queues.waiting.clear()
        self.dynamo = MemoryDynamo()
        self.x = self._exchange()

    # --- people -------------------------------------------------------------------------------------------------------

    def meet(self, rows: Sequence[Row], *, met: bool = False) -> list[Taken | Invalid]:
        """Take people in as a file's rows, as `POST /v1/contact-rows` does; `met`: as somebody has met them, in the web chat too."""
        taken: list[Taken | Invalid] = []
        for start in range(0, len(rows), _AT_ONCE):
            taken += take_in(self.x, WE, rows[start : start + _AT_ONCE], met=met)
        return taken

    def remember(self, contact: str, told: Iterable[tuple[str, datetime, Mapping[str, Any]]]) -> None:
        """What other systems told of somebody before: kept as it is in production, and nothing is set off by it."""
        now, config = self.now, self.config
        off = tuple(one.model_copy(update={"enabled": False}) for one in config.campaigns)
        self.config = config.model_copy(update={"campaigns": off})
        for number, (kind, at, data) in enumerate(sorted(told, key=lambda one: one[1])):
            self.now = at
            tell(self.x, WE, f"before-{contact}-{number}", kind, About(contact=contact), at, data)
        self.now, self.config = now, config

    def journeys(self, contact: str | None = None) -> list[Journey]:
        """All there are, or somebody's, in the order in which they began."""
        if contact is not None:
            found = self.x.table.journeys_of(contact)
        else:
            found = [to_journey(item) for item in self.dynamo.items() if item["sk"].startswith("tour#")]
        return sorted(found, key=lambda one: (one.began, one.campaign, one.occurrence))

    # --- time ---------------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """Carry out all that waits in the queues, and what follows from it."""
        waiting = self._queues.waiting
        while waiting:
            waiting.extend(self._done(waiting.popleft()))

    def send(self, *signals: Signal) -> None:
        """Put orders into the queues, and carry them out."""
        self._queues.send(signals)
        self.work()

    def advance(self, until: datetime) -> None:
        """Jump from due time to due time until then, doing what is due."""
        self.work()
        while (at := self._next(until)) is not None:
            self.now = max(self.now, at)
            self._attend()
            self.work()
        self.now = max(self.now, until)

    def _next(self, until: datetime) -> datetime | None:
        """When something is due next; what was attended to and is still due by the same time is not looked at again."""
        firsts = (next(iter(self._due(shard, until, len(self._stuck) + 1)), None) for shard in self._shards)
        return min((at for _, at in filter(None, firsts)), default=None)

    def _attend(self) -> None:
        for shard in self._shards:
            for key, at in list(self._due(shard, self.now)):
                self._stuck[key] = at
                self._queues.waiting.extend(attend(self.x, key))

    def _due(self, shard: int, until: datetime, limit: int | None = None) -> Iterator[tuple[Key, datetime]]:
        found = self.x.table.due(shard, until, limit=limit)
        return ((key, at) for key, at in found if self._stuck.get(key) != at)

    @property
    def _shards(self) -> range:
        return range(self.x.table.due_shards)

    # --- what waits in the queues -------------------------------------------------------------------------------------

    def _done(self, signal: Signal) -> Sequence[Signal]:
        """Carry one out; what must follow. Timers of later are in the due index, and who else is told does not matter here."""
        if isinstance(signal, Deliver):
            return self._deliver(signal)
        if isinstance(signal, _ORDERS):
            return handle(self.x, signal)
        if isinstance(signal, Timer) and signal.at <= self.now:
            return on_timer(self.x, signal)
        if isinstance(signal, Wake):
            match(self.x, [signal])
        return ()

    def _deliver(self, order: Deliver) -> Sequence[Signal]:
        before = self.x.table.sends([order.send])[order.send]
        self._channel = before.message.channel
        follows = handle(self.x, order)
        if before.journey is not None and not before.state.settled:
            after = self.x.table.sends([order.send])[order.send]
            if after.state is SendState.SENT:
                self.left.append(self._left(after, *before.journey))
        return follows

    def _left(self, send: Send, contact: str, name: str, occurrence: str) -> Left:
        journey = self.x.table.journey(contact, name, occurrence)
        campaign = self.config.campaign(name)
        assert journey is not None
        assert campaign is not None
        step = program(campaign.steps)[journey.at].step
        assert isinstance(step, Step)
        variant, template = variant_of(self._key, campaign, step, contact)
        of = self.config.template(template)
        cost = price_of(self.config, send.message.channel, send.message.text) / MILLIONTHS
        return Left(self.now, send, journey, template, variant, of.purpose if of is not None else None, cost)

    def _carry(self, _request: HttpRequest) -> HttpResponse:
        if self._channel in self.refuses:
            raise Rejected(f"{self._channel}: {REFUSED}", code="rehearsal")
        self._number += 1
        return HttpResponse(200, {}, _ANSWER.replace("{id}", f"{self._number:032d}").encode())


def due_at(journey: Journey) -> datetime | None:
    """When a journey goes on."""
    return from_ms(journey.due) if journey.due is not None else None


def key_of(*parts: str) -> bytes:
    """A signing key that is the same for the same content, so that ids, variants and holdouts are."""
    return digest(b"rehearsal", *parts, size=30).encode()


def later(at: datetime, seconds: float) -> datetime:
    """So many seconds later, in whole milliseconds."""
    return from_ms(to_ms(at + timedelta(seconds=seconds)))


def _credentials(inbox: Inbox) -> Mapping[str, str]:
    return dict.fromkeys(registry.get(inbox.channel).secrets, "0" * 34)


def _nothing(*_: object) -> NoReturn:
    raise NotFound("a rehearsal has no files")
