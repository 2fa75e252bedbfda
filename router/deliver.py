"""Deliver: carry one answer to the customer, at most once, in order (P2, P4).

The attempt is recorded before the call and the outcome after it. An attempt whose outcome was never recorded is not
repeated: a receipt settles it, or after a while a person. Our own web chat is the exception: a message there is stored for
the customer's page to read, and pushing it twice shows it once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from router.answers import Instead, instead, limits_of
from router.attachments import carried, shown
from router.codes import filled, too_late
from router.config import Inbox
from router.consenting import withdrawn
from router.consents import How
from router.errors import NotFound, Rejected, Temporary, Unknown
from router.exchange import Exchange
from router.hints import tell_owner
from router.ids import contact_id, conversation_token, wire_of
from router.messages import ChannelName, Kind, Provider
from router.optouts import SOURCE as OPTED_OUT
from router.records import Suppression
from router.sends import MAX_ATTEMPTS, SETTLE, Send, SendState, retry_delay
from router.signals import Signal, Step, Timer, delivery
from router.staff import is_staff
from router.wire import Outgoing

if TYPE_CHECKING:
    from channels.base import Channel
    from router.aws.dynamo import Change

_BEHIND = timedelta(seconds=5)
FRESH = timedelta(minutes=1)
"""So long what the customer had asked for when the answer was written is believed; a later try looks again."""
HOLD = timedelta(minutes=5)
"""How long an inbox whose credentials are refused sends nothing: somebody is being woken meanwhile."""
_TRIES = 6


def deliver(x: Exchange, send_id: str, previous: str | None = None) -> list[Signal]:
    """Carry a send one step further; what must follow. Raises nothing for a provider's failure: it is recorded."""
    known = x.table.sends([i for i in (send_id, previous) if i])
    send = known.get(send_id)
    if send is None:
        raise NotFound(f"there is no outbound message {send_id}")
    if send.journey is not None:
        return [*_carried(x, send, known.get(previous or "")), _told(send)]
    return _carried(x, send, known.get(previous or ""))


def _told(send: Send) -> Signal:
    """The journey that a message belongs to hears that something has come of it."""
    return Step(*(send.journey or ("", "", "")), f"{send.id}.{send.attempts}.{send.state}")


def _tell(x: Exchange, send: Send) -> None:
    """The page of whoever has the conversation. What we write first stands in a thread that is nobody's: no look is needed."""
    if send.journey is None:
        tell_owner(x, x.table.conversation(send.conversation), "changed")


def _carried(x: Exchange, send: Send, before: Send | None) -> list[Signal]:
    if send.state.settled:
        return []
    inbox = x.inbox(send.message.inbox)
    if inbox is None:
        x.table.give_up(
            send, SendState.PARKED, f"inbox '{send.message.inbox}' is no longer in the configuration", x.now()
        )
        return []
    channel = x.channel(inbox.channel)
    if send.state is not SendState.QUEUED and channel.carrier != "socket":
        if send.state is SendState.SENDING:
            x.table.postpone(
                send, SendState.UNKNOWN, x.now() + SETTLE, "the attempt was interrupted; waiting for a receipt"
            )
        return []
    if before is not None and not before.state.settled:
        return _wait_behind(x, send, before)
    return _attempt(x, send, inbox, channel)


def _wait_behind(x: Exchange, send: Send, before: Send) -> list[Signal]:
    """Its predecessor has not left: look again just after that one is due."""
    at = max(before.due_at or x.now(), x.now()) + _BEHIND
    x.table.postpone(send, SendState.QUEUED, at, None)
    return _timer(x, send, at)


def _attempt(x: Exchange, send: Send, inbox: Inbox, channel: Channel) -> list[Signal]:
    if too_late(send.message, x.now()):
        x.table.give_up(send, SendState.DISCARDED, "the code in it is good for nothing any more", x.now(), listed=False)
        return []
    until = x.held.get(inbox.name)
    if until is not None and until > x.now():
        x.table.postpone(send, SendState.QUEUED, until, "held: our credentials were refused; see the alarm")
        return _timer(x, send, until)
    if send.journey is not None and (taken := _judged_again(x, send)) is not None:
        return taken
    if _stopped(x, send):
        return []
    if not x.table.begin_attempt(send, x.now() + SETTLE):
        return []
    send = replace(send, state=SendState.SENDING, attempts=send.attempts + 1)
    try:
        external, wire = None, None
        if channel.carrier == "socket":
            _push(x, send)
        else:
            request = channel.render(_outgoing(x, send, inbox, channel), x.credentials(inbox))
            external = channel.interpret(x.carry(request))
            wire = _wire(x, channel, external)
    except Temporary as error:
        return _later(x, send, error)
    except Rejected as error:
        return _held(x, send, inbox, error) if error.credentials else _refused(x, send, error)
    except Unknown as error:
        x.table.postpone(send, SendState.UNKNOWN, x.now() + SETTLE, str(error))
        x.count("SendUnknown", 1)
        return []
    if not x.table.sent(send, external, wire, x.now()):
        x.count("OutcomeKnownOtherwise", 1)  # a person settled it meanwhile, or a receipt failed it
    x.count("Sent", 1)
    _tell(x, send)
    return []


def _judged_again(x: Exchange, send: Send) -> list[Signal] | None:
    """What keeps an outreach message back that has waited since it was judged: held, or taken back; None if it may leave."""
    from router.rejudging import Back, rejudged

    found = rejudged(x, send, waited=x.now() - send.message.received_at >= FRESH)
    if found is None:
        return None
    if isinstance(found, Back):
        x.table.give_up(send, SendState.DISCARDED, found.error, x.now(), listed=False)
        return []
    x.table.postpone(send, SendState.QUEUED, found, None)
    return _timer(x, send, found)


def _stopped(x: Exchange, send: Send) -> bool:
    """Did the customer opt out, or their address die, while this waited? What answers STOP itself leaves all the same."""
    message = send.message
    if message.kind is Kind.SYSTEM or x.now() - message.received_at < FRESH:
        return False
    stopped = x.table.suppression(str(message.channel), send.to)
    if stopped is None or not stopped.stands(_heard_at(x, send)):
        return False
    reason = f"nothing is sent to this address on {message.channel} since {stopped.at:%Y-%m-%d}: {stopped.reason}"
    if x.table.give_up(send, SendState.FAILED, reason, x.now(), listed=send.journey is None):
        x.count("SendFailed", 1)
        _tell(x, send)
    return True


def _held(x: Exchange, send: Send, inbox: Inbox, error: Rejected) -> list[Signal]:
    """Our own credentials are refused: nothing of this inbox leaves for a while, and nothing is lost or given up.

    That it is held is kept where it runs, to spare the provider a call for each waiting answer; the sends themselves are due.
    """
    at = x.now() + HOLD
    x.held[inbox.name] = at
    x.table.postpone(send, SendState.QUEUED, at, f"held: {error}", forgiven=True)
    x.count("CredentialsRefused", 1)
    _tell(x, send)
    return _timer(x, send, at)


def _refused(x: Exchange, send: Send, error: Rejected) -> list[Signal]:
    """The channel refused it for good. A dead address gets nothing more; the words go by another channel if there is one."""
    now = x.now()
    suppression: list[Change] = []
    if error.suppress:
        source = OPTED_OUT if error.asked else error.code or "provider"
        stopped = Suppression(str(send.message.channel), send.to, str(error), source, now)
        suppression.append(x.table.suppress(stopped))
        x.count("Suppressed", 1)
    if error.asked:
        name = f"{send.id}.{send.attempts}"
        suppression += withdrawn(x, send.message.channel, send.to, How.PROVIDER, now, str(error), name)
    other = _given_up(x, send, str(error), now, suppression)
    x.count("SendFailed", 1)
    _tell(x, send)
    return [delivery(one) for one in other.sends]


def _given_up(x: Exchange, send: Send, error: str, now: datetime, more: list[Change]) -> Instead:
    """Record the failure with what goes instead; nothing does if somebody settled the send meanwhile."""
    for tries in range(_TRIES):
        other = instead(x, send, now)
        if tries == _TRIES - 1:
            other = replace(other, numbered=None)
        reason = f"{error}; sent by {other.sends[0].message.channel} instead" if other.sends else error
        listed = not other.sends and send.journey is None  # a journey goes on by itself, and says why it ended
        if x.table.give_up(send, SendState.FAILED, reason, now, *more, *other.changes(x), listed=listed):
            return other
        if other.numbered is None:
            break  # it was not the conversation that changed
    return Instead()


def _since_heard(x: Exchange, send: Send, channel: Channel) -> timedelta | None:
    """How long ago the customer last wrote there, from the second on; looked up only where the provider asks."""
    if limits_of(channel, send.message.channel).window is None:
        return None
    heard_at = _heard_at(x, send)
    return max(timedelta(0), x.now() - heard_at.replace(microsecond=0)) if heard_at is not None else None


def _heard_at(x: Exchange, send: Send) -> datetime | None:
    """When the customer last wrote from where a send goes; None: never."""
    conversation = x.table.standing(send.conversation)
    ways = conversation.ways if conversation is not None else ()
    return next((way.heard_at for way in ways if (way.inbox, way.address) == (send.message.inbox, send.to)), None)


def _wire(x: Exchange, channel: Channel, external: str | None) -> str | None:
    """The id by which others will name it: in replies by mail, in Meta's receipts; None where our own id comes back."""
    if not external:
        return None
    if channel.channel is ChannelName.EMAIL:
        return f"{external}@{x.mail_host}"
    return wire_of(channel.provider, external) if channel.provider is Provider.META else None


def _outgoing(x: Exchange, send: Send, inbox: Inbox, channel: Channel) -> Outgoing:
    local, _, domain = inbox.address.rpartition("@")
    ours = is_staff(send.conversation)  # an answer to it would be nobody's
    reply_address = f"{local}+{conversation_token(x.key, send.id)}@{domain}" if local and domain and not ours else None
    message, files = carried(x, send.message, limits_of(channel, send.message.channel))
    return Outgoing(
        message=filled(x.key, message),
        files=files,
        inbox=inbox,
        reply_address=reply_address,
        mark=conversation_token(x.key, send.id),
        in_reply_to=send.reply_to_wire,
        references=send.references,
        status_url=f"{x.public_url}/webhooks/{inbox.channel}/{inbox.name}?send={send.id}" if x.public_url else None,
        automatic=send.message.author == "auto",
        since_heard=_since_heard(x, send, channel),
        unsubscribe_url=send.unsubscribe_url,
    )


def _push(x: Exchange, send: Send) -> None:
    """Hand a chat message to the customer's open pages; those that are closed will read it when they come back."""
    message = send.message
    contact = contact_id(x.key, str(message.channel), send.to, proved=True)
    frame = {"type": "message", "message": chat_view(x, send)}
    x.sockets.tell(f"V#{contact}", frame)


def chat_view(x: Exchange, send: Send) -> dict[str, object]:
    """An outbound message as the customer's page sees it."""
    message = send.message
    return {
        "id": message.id,
        "direction": "outbound",
        "text": message.text,
        "at": message.occurred_at.isoformat().replace("+00:00", "Z"),
        "author": message.sender.name,
        "cursor": message.cursor,
        **({"attachments": shown(x, message)} if message.attachments else {}),
    }


def _later(x: Exchange, send: Send, error: Temporary) -> list[Signal]:
    if send.failures >= MAX_ATTEMPTS:
        x.table.give_up(send, SendState.PARKED, f"not taken after {send.failures} attempts: {error}", x.now())
        x.count("ParkedSends", 1)
        return []
    at = x.now() + retry_delay(send.failures, error.retry_after)
    x.table.postpone(send, SendState.QUEUED, at, str(error))
    x.count("SendRetried", 1)
    return _timer(x, send, at)


def _timer(x: Exchange, send: Send, at: datetime) -> list[Signal]:
    if at - x.now() <= timedelta(minutes=15):
        return [Timer(f"M#{send.id}", "m", at)]
    return []


def settle(x: Exchange, send: Send) -> list[Signal]:
    """A send is due: queue it again, or stop waiting for a receipt and ask a person. Nothing is guessed."""
    now = x.now()
    if send.due_at is None or send.due_at > now or send.state.settled:
        return []
    if send.state is SendState.QUEUED:
        again = now + timedelta(seconds=60)
        if not x.table.postpone(send, SendState.QUEUED, again, None):
            return []
        return [delivery(send, f".{int(now.timestamp())}")]
    inbox = x.config().inbox(send.message.inbox)
    if inbox is not None and x.channel(inbox.channel).carrier == "socket":
        x.table.postpone(send, SendState.QUEUED, now, None)
        return [delivery(send, f".{int(now.timestamp())}")]
    if x.table.give_up(send, SendState.PARKED, "nobody knows whether it left: no outcome and no receipt", now):
        x.count("ParkedSends", 1)
    return [] if send.journey is None else [_told(send)]
