"""What happens to the person of a case, done as in production: messages routed, events told, conversations resolved, links followed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from router import campaigning, desk, happened, marks
from router.campaigns import Campaign
from router.clicks import followed
from router.conversations import Conversation
from router.happened import About
from router.ids import message_id
from router.messages import Authenticity, ChannelName, Direction, Message, Party, Proof
from router.outreach_facts import brand_of, carried
from router.parts import Answer
from router.route import route, tell_agent
from router.unsubscribing import answered as unsubscribed
from santral.journey_cases import Act
from santral.rehearsal import WE, Left, Rehearsal

_LINK = re.compile(r"/l/([0-9a-z]+)")
_UNSUBSCRIBE = re.compile(r"/u/([0-9a-z]+)")
_BROWSER = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "accept": "text/html"}


class Impossible(Exception):
    """A case asks for what cannot happen; the message says why."""


class Acts:
    """What one person of a rehearsal does, and what is done to them."""

    def __init__(
        self,
        rehearsal: Rehearsal,
        contact: str,
        campaign: Campaign,
        addresses: Sequence[tuple[ChannelName, str]],
        name: str | None,
    ) -> None:
        self._rehearsal = rehearsal
        self._contact = contact
        self._campaign = campaign
        self._addresses = addresses
        self._name = name
        self._number = 0

    def do(self, act: Act) -> None:
        """Have it happen, and what follows from it."""
        if act.event is not None:
            about = About(contact=self._contact)
            happened.tell(self._rehearsal.x, WE, self._key(), act.event, about, None, act.data)
        elif act.says is not None:
            self._say(act.says, act.channel)
        elif act.resolved:
            self._resolve()
        elif act.clicks:
            self._click()
        elif act.stops:
            self._say("STOP", self._last().channel)
        elif act.unsubscribes:
            self._unsubscribe()
        elif act.fails is not None:
            self._rehearsal.refuses.add(act.fails)
        elif act.score is not None:
            self._say(str(act.score), self._last().channel)
        elif act.decided is not None:
            {"pause": campaigning.pause, "resume": campaigning.resume, "cancel": campaigning.cancel}[act.decided](
                self._rehearsal.x, WE, self._campaign.name, self._key()
            )
        if act.category is not None:
            marks.categorise(self._rehearsal.x, WE, self._conversation().id, act.category, self._key())
        self._rehearsal.work()

    def run(self, campaign: Campaign) -> None:
        """Somebody sets a campaign off by hand."""
        campaigning.run_now(self._rehearsal.x, WE, campaign.name, self._key(), confirmed=True)
        self._rehearsal.work()

    def _key(self) -> str:
        self._number += 1
        return f"act-{self._contact}-{self._number}"

    def _last(self) -> Left:
        mine = self._left()
        if not mine:
            raise Impossible(
                f"nothing has reached them by {self._rehearsal.now:%Y-%m-%d %H:%M} UTC that they could answer to"
            )
        return mine[-1]

    def _left(self) -> list[Left]:
        return [one for one in self._rehearsal.left if one.journey.contact == self._contact]

    def _brand(self) -> str:
        return brand_of(self._campaign, self._rehearsal.config)

    def _conversation(self) -> Conversation:
        found = self._rehearsal.x.table.open_conversation(self._contact, self._brand())
        if found is None:
            raise Impossible("they have no conversation: let them write first, with `says`")
        return found

    # --- what they do -------------------------------------------------------------------------------------------------

    def _say(self, text: str, channel: ChannelName | None) -> None:
        """They write, where they were written to last, else from their first address."""
        x, now = self._rehearsal.x, self._rehearsal.now
        left = [one for one in self._left() if channel in (None, one.channel)]
        addresses = dict(reversed(self._addresses))
        by = channel or (left[-1].channel if left else self._addresses[0][0])
        address = left[-1].send.to if left else addresses.get(by)
        if address is None:
            raise Impossible(f"they have no address on {by} from which to write")
        inboxes = [one for one in x.config().inboxes if one.brand == self._brand() and carried(one) is by]
        inbox = x.config().inbox(left[-1].send.message.inbox) if left else next(iter(inboxes), None)
        if inbox is None:
            raise Impossible(f"no inbox of {self._brand()} takes {by}")
        provider = x.channel(inbox.channel).provider
        key = self._key()
        message = Message(
            id=message_id(x.key, str(provider), inbox.brand, key),
            external_id=key,
            channel=by,
            provider=provider,
            inbox=inbox.name,
            direction=Direction.INBOUND,
            sender=Party(address=address, name=self._name),
            recipients=(Party(address=inbox.address),),
            text=text,
            received_at=now,
            authenticity=Authenticity(proof=Proof.WEAK if by is ChannelName.SMS else Proof.STRONG),
        )
        routed = route(x, message)
        x.queues.send(routed.signals, now)
        tell_agent(x, routed)

    def _click(self) -> None:
        """They follow the first short link of the last message."""
        message = self._last().send.message
        found = _LINK.search(message.text) or _LINK.search(message.html or "")
        if found is None:
            raise Impossible("there is no tracked link in the last message")
        followed(self._rehearsal.x, found[1], method="GET", headers=_BROWSER)

    def _unsubscribe(self) -> None:
        """They follow the unsubscribe link of the last message, and confirm."""
        send = self._last().send
        found = _UNSUBSCRIBE.search(send.message.text) or _UNSUBSCRIBE.search(send.unsubscribe_url or "")
        if found is None:
            raise Impossible("there is no unsubscribe link in the last message")
        unsubscribed(self._rehearsal.x, found[1], b"confirm=1")

    # --- what is done -------------------------------------------------------------------------------------------------

    def _resolve(self) -> None:
        """An agent answers their conversation, unless one has, and resolves it."""
        x, found = self._rehearsal.x, self._conversation()
        if found.state.done:
            raise Impossible("their conversation is resolved already")
        if found.last_outbound_at is None or found.last_outbound_at < found.opened_at:
            desk.reply(x, WE, found.id, Answer("Tamam."), self._key())
            self._rehearsal.work()
        desk.resolve(x, WE, found.id, self._key())
