"""Receive: verify, parse, enter in the ledger, queue. After the 2xx nothing can be lost (P1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from router.config import Inbox
from router.errors import NotFound, SantralError, TooLarge, Unparsable
from router.exchange import Exchange
from router.ids import contact_id, digest
from router.messages import Direction, Message, Parsed, Proof, Receipt
from router.records import Call
from router.shared import neighbours, served_by, shares, shares_of, unclaimed
from router.signals import Route
from router.wire import Request, Response

MAX_WEBHOOK_BYTES = 1024 * 1024
MAX_MAIL_BYTES = 40 * 1024 * 1024  # what SES accepts


def sender_contact(key: bytes, message: Message) -> str:
    """Whose message it is. Without an address, nobody's but its own: such messages must never meet in one conversation."""
    if message.direction is Direction.OUTBOUND and message.recipients:  # somebody answered in the provider's own app
        return contact_id(key, str(message.channel), message.recipients[0].address, proved=True)
    address = message.sender.address or message.id
    proved = message.authenticity.proof is not Proof.NONE
    return contact_id(key, str(message.channel), address, proved=proved)


def routed(key: bytes, message: Message, again: str = "", *, config: str | None = None) -> Route:
    """A message on its way to `route`; one sender's messages stay in order. It is routed under the version it was received under."""
    body: dict[str, Any] = {"m": message.model_dump(mode="json", exclude_defaults=True)}
    if config is not None:
        body["config"] = config
    return Route(sender_contact(key, message), message.id, body, again)


def reported(key: bytes, receipt: Receipt, again: str = "") -> Route:
    """A receipt on its way to `route`."""
    body = {"r": receipt.model_dump(mode="json", exclude_defaults=True)}
    return Route(digest(key, "receipt", receipt.send_id or receipt.id), receipt.id, body, again)


def receive(x: Exchange, channel_name: str, inbox_name: str, request: Request) -> Response:
    """One call of a provider's. Raises Refused (nothing stored), NotFound for an inbox we do not have, TooLarge."""
    inbox = x.inbox(inbox_name)
    if inbox is None or inbox.channel != channel_name:
        raise NotFound(f"there is no inbox '{inbox_name}' on channel '{channel_name}'")
    channel = x.channel(channel_name)
    credentials = x.credentials(inbox)
    challenge = channel.challenge(request, inbox, credentials)
    if challenge is not None:
        return challenge
    if len(request.body) > MAX_WEBHOOK_BYTES:
        raise TooLarge(f"the body has {len(request.body)} bytes; the limit is {MAX_WEBHOOK_BYTES}")
    channel.verify(request, inbox, credentials, x.now())
    call = Call(
        channel=channel_name,
        inbox=inbox_name,
        received_at=request.received_at,
        body=request.body,
        query=request.query,
        content_type=request.headers.get("content-type", ""),
    )
    try:
        found = shares(x, call, request, inbox)
    except Unparsable as error:
        quarantine(x, call, str(error))
        return channel.acknowledge(Parsed())
    if found.nobodys:  # kept apart from the call as the ledger has it: that one is not for a person to decide on
        kept = replace(call, inbox="", envelope={"secret": inbox.secret})
        quarantine(x, kept, unclaimed(channel_name, found.nobodys))
    accept(x, found.taken)
    return channel.acknowledge(found.taken[0][1])


def quarantine(x: Exchange, call: Call, reason: str) -> None:
    """Keep what cannot be read, count it, and raise no error to the provider."""
    x.intake.quarantine(call, reason)
    x.count("Quarantined", 1)


def accept(
    x: Exchange, calls: Sequence[tuple[Call, Parsed]], again: str = "", entered_at: datetime | None = None
) -> None:
    """Ledger first, then the queue. If one of the two fails the other suffices; if both do, the provider must retry.

    The ledger watches over what customers wrote. Receipts and echoes of answers given elsewhere are not in it: an echo of our
    own answer is a receipt, and no message is stored for it.
    """
    calls = [(call, fitting) for call, parsed in calls if (fitting := _fitting(x, call, parsed)) is not None]
    entries = [(call, written) for call, parsed in calls if (written := [m.id for m in parsed.messages if _written(m)])]
    ledger_failed = False
    refs: Sequence[str | None] = [None] * len(entries)
    try:
        refs = x.intake.record(entries, entered_at) if entries else []
    except (SantralError, OSError):
        ledger_failed = True
        x.count("LedgerMissed", len(entries))
    by_message = {i: ref for (_, ids), ref in zip(entries, refs, strict=True) for i in ids}
    signals: list[Route] = []
    for _, parsed in calls:
        for message in parsed.messages:
            ref = by_message.get(message.id)
            signals.append(
                routed(
                    x.key,
                    message if ref is None else message.model_copy(update={"raw_ref": ref}),
                    again,
                    config=x.config().version,
                )
            )
        signals += [reported(x.key, receipt, again) for receipt in parsed.receipts]
    try:
        x.queues.send(signals, x.now())
    except (SantralError, OSError):
        unwatched = any(parsed.receipts or not all(map(_written, parsed.messages)) for _, parsed in calls)
        if ledger_failed or unwatched:
            raise
        x.count("QueueMissed", len(signals))  # the ledger has it: the sweep will send it
    x.count("Received", sum(len(ids) for _, ids in entries))


def _written(message: Message) -> bool:
    return message.direction is not Direction.OUTBOUND


def _fitting(x: Exchange, call: Call, parsed: Parsed) -> Parsed | None:
    """A call's messages as queue and table can hold them; one that cannot be made to fit is for a person to look at."""
    if len(call.body) < _SURELY_FITS:
        return parsed
    try:
        return parsed.model_copy(update={"messages": tuple(_fit(x, message) for message in parsed.messages)})
    except TooLarge as error:
        quarantine(x, call, str(error))
        return None


_SURELY_FITS = 8_000  # bytes of a raw call: thrice its text, six bytes a character, is still less than the limits below
_MAX_STORED = 330_000  # bytes of UTF-8 JSON: an item holds 400 KB with all else that stands in it
_MAX_QUEUED = 900_000  # bytes of ASCII JSON: a queue message holds 1 MiB


def _fit(x: Exchange, message: Message) -> Message:
    """A message that queue and table can hold. What is cut is said so, and the raw payload keeps all of it.

    The HTML goes first (half a document is none, and the text says the same), then the reply without its quotes, then the
    end of the text. Raises TooLarge when even that does not help.
    """
    cut = message
    gone: list[str] = []
    for name in ("html", "reply_text"):
        if not _fits(cut) and getattr(cut, name):
            cut = cut.model_copy(update={name: None})
            gone.append(name)
    length = len(cut.text)
    while not _fits(cut):
        if length < 1000:
            raise TooLarge("the message's addresses, references or details are too large to keep")
        length = length * 2 // 3
        cut = cut.model_copy(update={"text": message.text[:length]})
    if cut is message:
        return message
    if len(cut.text) < len(message.text):
        gone.append("the end of the text")
    x.count("TextCut", 1)
    note = f"too long to keep whole: {', '.join(gone)} left out; all of it is in the raw payload"
    return cut.model_copy(update={"problems": (*message.problems, note)})


def _fits(message: Message) -> bool:
    data = message.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(data, ensure_ascii=False)
    return len(text.encode("utf-8", "surrogatepass")) <= _MAX_STORED and len(json.dumps(data)) <= _MAX_QUEUED


def inboxes_for(x: Exchange, recipients: Sequence[str]) -> dict[str, Inbox]:
    """The mail inboxes some recipients name, one per thread group, in the order of the recipients."""
    found = _inboxes_for(x, recipients)
    if not found:
        x.look_again()  # an inbox may be newer than the configuration in hand
        found = _inboxes_for(x, recipients)
    return found


def _inboxes_for(x: Exchange, recipients: Sequence[str]) -> dict[str, Inbox]:
    config = x.config()
    found: dict[str, Inbox] = {}
    for recipient in recipients:
        inbox = config.inbox_by_address("email", recipient)
        if inbox is not None:
            found.setdefault(inbox.brand, inbox)
    return found


def receive_mail(x: Exchange, request: Request, recipients: Sequence[str], envelope: Mapping[str, Any]) -> None:
    """One raw mail with its envelope. It reaches each thread group once, however many of our addresses it names."""
    slim = slim_envelope(envelope)
    call = Call("email", "", request.received_at, body=request.body, body_ref=request.raw_ref, envelope=slim)
    inboxes = inboxes_for(x, recipients)
    if not inboxes:
        quarantine(
            x,
            call,
            "no inbox has any of the recipients' addresses: "
            + ", ".join(f"…@{r.rpartition('@')[2]}" for r in recipients[:5]),
        )
        return
    channel = x.channel("email")
    calls: list[tuple[Call, Parsed]] = []
    for inbox in inboxes.values():
        mine = Call(
            "email", inbox.name, request.received_at, body=request.body, body_ref=request.raw_ref, envelope=slim
        )
        try:
            calls.append((mine, channel.parse(request, inbox, x.key)))
        except Unparsable as error:
            quarantine(x, mine, str(error))
    accept(x, calls)


def fetch_mail(x: Exchange, ref: str, envelope: Mapping[str, Any]) -> bytes | None:
    """A mail from its bucket. What is too large to read stays there, named in the quarantine; a missing one raises NotFound."""
    try:
        return x.blobs.get(ref, MAX_MAIL_BYTES)
    except TooLarge as error:
        quarantine(x, Call("email", "", x.now(), body_ref=ref, envelope=slim_envelope(envelope)), str(error))
        return None


def slim_envelope(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an SES notification that parsing needs again; the headers are in the mail itself."""
    mail = envelope.get("mail")
    receipt = envelope.get("receipt")
    kept: dict[str, Any] = {}
    if isinstance(mail, Mapping):
        kept["mail"] = {k: mail[k] for k in ("timestamp", "messageId", "source", "destination") if k in mail}
    if isinstance(receipt, Mapping):
        kept["receipt"] = {k: v for k, v in receipt.items() if k not in ("action", "processingTimeMillis")}
    return kept


def again(x: Exchange, call: Call, salt: str, *, whole: bool = False) -> int:
    """Parse a kept call once more and queue its messages; how many. Raises Unparsable if it still cannot be read.

    It keeps the time it was received, which may be all the time it has; the ledger watches over it anew from now.
    `whole`: for every inbox it may be about, not only for the one it was entered for.
    """
    if call.channel == "queue":  # a queue message of ours that could not be routed
        x.queues.send([_queued(x, call, salt)], x.now())
        return 1
    inboxes = _inboxes_again(x, call, whole=whole)
    if not inboxes:
        raise Unparsable(f"there is still no inbox for it ('{call.inbox}')")
    request = Request(
        body=x.intake.body(call),
        headers={"content-type": call.content_type} if call.content_type else {},
        query=call.query,
        envelope=call.envelope or {},
        received_at=call.received_at,
        raw_ref=call.body_ref,
    )
    found = shares_of(x, call, request, inboxes)
    accept(x, found.taken, salt, x.now())
    if whole and found.nobodys:
        raise Unparsable(unclaimed(call.channel, found.nobodys))
    return sum(len(parsed.messages) + len(parsed.receipts) for _, parsed in found.taken)


def _inboxes_again(x: Exchange, call: Call, *, whole: bool) -> list[Inbox]:
    """The inboxes a kept call is read for: its own, those its recipients name, or those its provider's URL serves."""
    envelope = call.envelope or {}
    inbox = x.inbox(call.inbox)
    if inbox is not None:
        return [inbox, *neighbours(x, inbox)] if whole else [inbox]
    if "secret" in envelope:
        x.look_again()
        return served_by(x, call.channel, envelope["secret"])
    return list(inboxes_for(x, envelope.get("receipt", {}).get("recipients", [])).values())[:1]


def _queued(x: Exchange, call: Call, salt: str) -> Route:
    try:
        event = json.loads(x.intake.body(call))
        if "r" in event:
            return reported(x.key, Receipt.model_validate(event["r"]), salt)
        return routed(x.key, Message.model_validate(event["m"]), salt)
    except (ValueError, TypeError, KeyError):
        raise Unparsable("the queue message is not one of ours") from None
