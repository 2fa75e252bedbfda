"""One-time codes: six digits sent to an address, and typed back by whoever wants to prove that it is theirs.

A code is stored nowhere: it is derived from the deployment's key and the id of the send that carries it, and put into the
text on its way out. So neither table, history, search, stream nor agent ever sees one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from router.config import Config, Inbox
from router.conversations import FOLLOW_WITHIN, Conversation
from router.errors import Conflict, Invalid, Lost, SantralError, Temporary
from router.exchange import Exchange
from router.hints import tell_owner
from router.ids import digest, equal
from router.messages import ChannelName, Direction, Kind, Message, Party, Proof, Template
from router.people import resolve
from router.proofs import CODE, vouch
from router.records import CodesSent, Verification
from router.sends import Send, SendState

if TYPE_CHECKING:
    from router.aws.dynamo import Change

LIFE = timedelta(minutes=10)
MOST_TRIES = 5
VISITOR = "visitor"
"""Who asked, where it was no agent."""
MASK = "••••••"
_FOR_ADDRESS, _FOR_CONTACT = (3, timedelta(hours=1)), (10, timedelta(days=1))
_BY_VISITORS = 100
"""Codes an hour that all visitors of an inbox may ask for together: anybody may open a chat, and a mail costs our name."""
_TRIES = 6
_SENDERS = {ChannelName.EMAIL: "email", ChannelName.SMS: "twilio", ChannelName.WHATSAPP: "whatsapp"}
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_TEXTS = {
    "en": ("Your code", "Your code is {code}. It is good for ten minutes. If you did not ask for it, ignore this message."),
    "tr": ("Doğrulama kodunuz", "Kodunuz: {code}. On dakika geçerlidir. Siz istemediyseniz bu mesajı dikkate almayın."),
}  # fmt: skip


def code_of(key: bytes, send: str) -> str:
    """The six digits that a send carries."""
    found = hashlib.blake2b(b"one-time code\0" + send.encode("ascii", "replace"), key=key[:64], digest_size=16).digest()
    return f"{int.from_bytes(found, 'big') % 1_000_000:06d}"


def carries_code(message: Message) -> bool:
    """Is it ours, with a code in it?"""
    return message.kind is Kind.SYSTEM and message.direction is Direction.OUTBOUND and MASK in message.text


def too_late(message: Message, now: datetime) -> bool:
    """Does it carry a code that is good for nothing any more?"""
    return carries_code(message) and now >= message.received_at + LIFE


def filled(key: bytes, message: Message) -> Message:
    """A message as it leaves: with its code, if it carries one."""
    if not carries_code(message):
        return message
    code = code_of(key, message.id)
    template = message.template
    if template is not None:
        template = template.model_copy(update={"parameters": tuple(p.replace(MASK, code) for p in template.parameters)})
    return message.model_copy(update={"text": message.text.replace(MASK, code), "template": template})


def address_of(channel: str, address: str) -> tuple[ChannelName, str]:
    """A channel that carries codes, and an address as it is kept. Raises Invalid."""
    if channel not in {str(one) for one in _SENDERS}:
        raise Invalid(f"a code goes by {', '.join(_SENDERS)}", field="channel")
    name = ChannelName(channel)
    plain = address.strip().lower() if name is ChannelName.EMAIL else re.sub(r"[\s().\-\u00a0]", "", address)
    if name is not ChannelName.EMAIL and plain.startswith("00"):
        plain = f"+{plain[2:]}"
    right = _MAIL if name is ChannelName.EMAIL else _E164
    if len(plain) > 320 or not plain.isascii() or not right.fullmatch(plain):
        how = "name@example.com" if name is ChannelName.EMAIL else "+ and the country's code first"
        raise Invalid(f"this is no address of {name}; write it as {how}", field="address")
    return name, plain


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody wants an address proved for a contact. `id` is the same when it is asked again."""

    id: str
    contact: str
    conversation: Conversation
    channel: ChannelName
    address: str
    asked_by: str
    inbox: str | None = None  # the chat's, where a visitor asks


def planned(x: Exchange, asked: Request) -> tuple[list[Change], Verification, Send | None]:
    """What sending a code writes. To an address that nothing is sent to, nothing leaves, and the asker is not told.

    Raises Conflict when there were too many, Invalid when no inbox of the brand can send it.
    """
    now = x.now()
    inbox = _sender(x.config(), asked.conversation, asked.channel)
    names = [f"a_{digest(x.key, 'asked', str(asked.channel), asked.address)}", asked.contact]
    limits = [_FOR_ADDRESS, _FOR_CONTACT]
    if asked.inbox is not None:
        names.append(f"i_{asked.inbox}")
        limits.append((_BY_VISITORS, timedelta(hours=1)))
    changes: list[Change] = []
    for name, before, (most, within) in zip(names, x.table.asked(names), limits, strict=True):
        recent = tuple(at for at in before.times if at > now - within)
        if len(recent) >= most:
            raise Conflict("too many codes were asked for; try again later")
        changes.append(x.table.asked_again(name, before, CodesSent((*recent, now), before.version + 1), now + within))
    made = Verification(asked.contact, asked.channel, asked.address, asked.id, now + LIFE, asked.asked_by)
    changes.append(x.table.new_verification(made))
    if x.table.suppression(str(asked.channel), asked.address) is not None:
        return changes, made, None
    send = _send(x, asked, inbox, now)
    return [*changes, x.table.new_send(send)], made, send


def _sender(config: Config, conversation: Conversation, channel: ChannelName) -> Inbox:
    """The inbox of the conversation's brand that sends it, one of the customer's language if there is one."""
    fitting = [i for i in config.inboxes if i.brand == conversation.group and i.channel == _SENDERS[channel]]
    if channel is ChannelName.WHATSAPP:  # free texts go only to who wrote there within a day
        fitting = [i for i in fitting if i.settings.get("code_template")]
    if not fitting:
        raise Invalid(f"no inbox of this brand can send a code by {channel}", field="channel")
    language = _language(conversation)
    return next((i for i in fitting if i.language.partition("-")[0] == language), fitting[0])


def _language(conversation: Conversation) -> str:
    return "tr" if (conversation.language or "").partition("-")[0] == "tr" else "en"


def _send(x: Exchange, asked: Request, inbox: Inbox, now: datetime) -> Send:
    language = _language(asked.conversation)
    subject, text = _TEXTS[language]
    template = None
    if asked.channel is ChannelName.WHATSAPP:
        said = str(inbox.settings.get("code_language") or language)
        template = Template(name=str(inbox.settings["code_template"]), language=said, parameters=(MASK,))
    message = Message(
        id=asked.id,
        channel=asked.channel,
        provider=x.channel(inbox.channel).provider,
        inbox=inbox.name,
        direction=Direction.OUTBOUND,
        kind=Kind.SYSTEM,
        sender=Party(address=inbox.address, name=inbox.display_name),
        recipients=(Party(address=asked.address),),
        subject=subject,
        text=text.format(code=MASK),
        template=template,
        language=language,
        received_at=now,
        author="auto",
    )
    return Send(message, asked.conversation.id, SendState.QUEUED, due_at=now + FOLLOW_WITHIN, to=asked.address)


# --- typed back ----------------------------------------------------------------------------------------------------


def open_now(found: Verification | None, now: datetime) -> bool:
    """May its code still be typed?"""
    return found is not None and now < found.until and (found.typed or found.tries < MOST_TRIES)


def typed(x: Exchange, contact: str, code: str) -> tuple[Verification | None, bool]:
    """Count a try: the open verification as it stands now, and whether this was its code. None when there is none open.

    The try counts before anybody is told, so that any number of guesses at once has five; the right code is due with it.
    """
    for _ in range(_TRIES):
        found = x.table.verification(contact)
        if found is None or not open_now(found, x.now()):
            return None, False
        right = equal(code, code_of(x.key, found.send))
        if found.typed:
            return found, right
        try:
            x.table.commit(x.table.tried(found, right=right, due_at=x.now() + FOLLOW_WITHIN))
        except Lost:
            continue
        return replace(found, tries=found.tries + 1, typed=right), right
    raise Temporary("somebody else types codes for this contact; try again")


def finish(x: Exchange, found: Verification) -> None:
    """The code came back: the address is this person's. Raises Conflict when it is somebody else's for another reason."""
    try:
        person = vouch(x, found.contact, found.channel, found.address, CODE)
    except Conflict:
        x.table.finished(found)
        raise
    x.table.finished(found)
    x.count("AddressProved", 1)
    for conversation in x.table.slots(person):
        tell_owner(x, conversation, "changed")


def overdue(x: Exchange, found: Verification) -> None:
    """Whoever took the right code died before the address was joined."""
    with suppress(Conflict):
        finish(x, found)


@dataclass(frozen=True, slots=True)
class Typed:
    """A message that is a code somebody asked this person for: how it is stored, and what is written with it."""

    message: Message
    verification: Verification
    right: bool
    change: Change


def in_message(x: Exchange, message: Message, contacts: Sequence[str]) -> Typed | None:
    """Is a message, all of it, the code an agent asked for? Asks the table only about six digits from a proved sender: 1 call.

    From the very address that the code went to it proves nothing: that is another person until it is joined.
    """
    text = message.spoken.strip()
    if not (len(text) == 6 and text.isascii() and text.isdigit()) or message.kind is not Kind.MESSAGE:
        return None
    if message.authenticity.proof is not Proof.STRONG or message.direction is not Direction.INBOUND:
        return None
    for found in x.table.verifications(contacts):
        if found.asked_by == VISITOR or found.typed or not open_now(found, x.now()):
            continue
        if (found.channel, found.address) == (message.channel, message.sender.address):
            continue
        right = equal(text, code_of(x.key, found.send))
        change = x.table.tried(found, right=right, due_at=x.now() + FOLLOW_WITHIN)
        hidden = {"text": MASK, "reply_text": None, "html": None, "raw": None}
        after = replace(found, tries=found.tries + 1, typed=right)
        return Typed(message.model_copy(update=hidden) if right else message, after, right, change)
    return None


def proved_by(x: Exchange, found: Typed | None) -> None:
    """After the message is stored: join, if it was the code. What fails here is due, and the sweep does it."""
    if found is not None and found.right:
        with suppress(SantralError):
            finish(x, found.verification)


def person_has_proof(x: Exchange, contact: str) -> bool:
    """Is anything of this person's proved? Who only claims an address cannot be given a proved one (P10)."""
    person = resolve(x, contact)
    return person is not None and any(i.proof is Proof.STRONG for i in person.identities)
