"""The one schema, version 1: every inbound and outbound message on every channel, and every receipt.

All times are aware and in UTC. Three clocks are kept apart: `sent_at` is what the author's device claims (an e-mail's
Date), `provider_at` is when the provider took the message, `received_at` is when we did. `occurred_at` picks the one
that orders a conversation. Of a provider that tells whole seconds, `turn` says who spoke first within one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1
MOST_TURNS = 2**53
"""Turns are below this: every JSON reader has them whole, and sixteen digits sort as they do."""
_END_OF_SECOND = timedelta(milliseconds=999)


def to_utc(value: datetime) -> datetime:
    """Express an aware time in UTC. Raises ValueError where UTC has no such year."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("this time is beyond what UTC's calendar holds") from None


Time = Annotated[AwareDatetime, AfterValidator(to_utc)]


class ChannelName(StrEnum):
    """Where the customer writes."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    INSTAGRAM = "instagram"
    TELEGRAM = "telegram"
    WEBCHAT = "webchat"


class Provider(StrEnum):
    """Who carries it."""

    SES = "ses"
    TWILIO = "twilio"
    AWS_EUM = "aws-eum"
    META = "meta"
    TELEGRAM = "telegram"
    SANTRAL = "santral"


class Direction(StrEnum):
    """Inbound is from the customer; outbound is to the customer; a note stays inside."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    NOTE = "note"


class Kind(StrEnum):
    """What a message is. UNKNOWN keeps its raw payload: nothing is dropped because it is new to us."""

    MESSAGE = "message"
    AUTO_REPLY = "auto_reply"  # an out-of-office or another robot's answer (RFC 3834)
    BULK = "bulk"  # newsletters and list mail
    BOUNCE = "bounce"  # a delivery status notification (RFC 3464)
    COMPLAINT = "complaint"  # an abuse report (RFC 5965)
    REACTION = "reaction"
    EDIT = "edit"
    DELETION = "deletion"
    POSTBACK = "postback"
    SYSTEM = "system"
    UNKNOWN = "unknown"

    @property
    def automatic(self) -> bool:
        """A machine wrote it: never answered automatically, never restarts a clock."""
        return self in _AUTOMATIC

    @property
    def passing(self) -> bool:
        """It asks for no answer: no clock restarts, and nothing resolved is reopened."""
        return self in _AUTOMATIC or self in _ABOUT_ANOTHER

    @property
    def quiet(self) -> bool:
        """Alone it is no reason for an agent to look: a conversation it begins is resolved already."""
        return self in _QUIET


_AUTOMATIC = frozenset({Kind.AUTO_REPLY, Kind.BULK, Kind.BOUNCE, Kind.COMPLAINT, Kind.SYSTEM})
_ABOUT_ANOTHER = frozenset({Kind.REACTION, Kind.EDIT, Kind.DELETION})
_QUIET = (_AUTOMATIC | _ABOUT_ANOTHER) - {Kind.BULK, Kind.EDIT}


class Proof(StrEnum):
    """How well the sender's address is proved. Only STRONG joins identities by itself."""

    NONE = "none"  # the address is only claimed (mail without aligned DMARC)
    WEAK = "weak"  # the provider vouches for the call, the address can still be forged (SMS)
    STRONG = "strong"  # aligned DMARC, a signed session, a provider's own account


class Verdict(StrEnum):
    """A check's outcome, in SES's words."""

    PASS = "pass"
    FAIL = "fail"
    GRAY = "gray"
    PROCESSING_FAILED = "processing_failed"
    DISABLED = "disabled"


class Model(BaseModel):
    """Frozen. Fields that a newer version wrote are passed over: while a deploy goes on, both versions read each other's messages."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        defer_build=True,
        hide_input_in_errors=True,
        json_schema_extra={"additionalProperties": False},
    )


class Party(Model):
    """An address on a channel. `address` is normalised: lower-case e-mail, E.164 phone, provider's user id."""

    address: str
    name: str | None = None
    also: tuple[str, ...] = Field(
        default=(), description="other ids of the same person on this channel, as the provider says in the same call"
    )


class Authenticity(Model):
    """What is known about the sender, and how."""

    proof: Proof = Proof.NONE
    method: str | None = Field(default=None, description="dmarc, twilio-signature, session...")
    spf: Verdict | None = None
    dkim: Verdict | None = None
    dmarc: Verdict | None = None
    spam: Verdict | None = None
    virus: Verdict | None = None


class Attachment(Model):
    """A file, by reference. `ref` is `s3://bucket/key` or `part:N`, the N-th part (depth first, from 0) of the raw mail.

    A provider that says only the family gives `image/*`, `video/*`, `audio/*`; what is fetched says the type.
    """

    filename: str | None = None
    content_type: str
    size: int | None = Field(default=None, ge=0, description="bytes, decoded")
    content_id: str | None = None
    inline: bool = False
    ref: str | None = None
    url: str | None = Field(default=None, description="the provider's URL, not yet fetched")
    media_id: str | None = Field(default=None, description="the provider's id of the file, to be asked for")
    problem: str | None = Field(default=None, description="why it was not fetched, for people")

    @property
    def unfetched(self) -> bool:
        """Is it still with the provider?"""
        return self.ref is None and self.problem is None and bool(self.url or self.media_id)


class Option(Model):
    """Something to tap: a quick reply, or a link where `url` is given."""

    title: str = Field(min_length=1, max_length=200)
    payload: str | None = Field(default=None, max_length=200, description="what comes back; by default the title")
    url: str | None = None


class Template(Model):
    """A message the provider approved beforehand: the only one that may open a closed window (WhatsApp)."""

    name: str
    language: str
    parameters: tuple[str, ...] = Field(default=(), description="the body's variables, in order")


class Threading(Model):
    """What the message says about the conversation it belongs to; none of it is believed before it is checked."""

    tokens: tuple[str, ...] = Field(default=(), description="candidate conversation tokens, from envelope recipients")
    message_id: str | None = Field(default=None, description="RFC 5322 Message-ID without <>")
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = Field(default=(), description="oldest first, as in the header")


class Message(Model):
    """One message, whatever carried it."""

    schema_version: Literal[1] = 1
    id: str = Field(
        description="ours; for inbound derived from provider, scope and external_id, so a redelivery has the same"
    )
    external_id: str | None = Field(
        default=None, description="the provider's id of this message; outbound: after it was sent"
    )
    channel: ChannelName
    provider: Provider
    inbox: str = Field(description="the configured inbox it came to or leaves from")
    direction: Direction
    kind: Kind = Kind.MESSAGE
    sender: Party
    recipients: tuple[Party, ...] = ()
    subject: str | None = None
    text: str = Field(default="", description="all of the text, as a reader sees it")
    reply_text: str | None = Field(
        default=None, description="the text without quoted history and signature, where that differs"
    )
    html: str | None = Field(default=None, description="sanitised")
    language: str | None = Field(default=None, description="BCP 47, where the channel or the mail says so")
    attachments: tuple[Attachment, ...] = ()
    refers_to: str | None = Field(
        default=None, description="the provider's id of the message it quotes, reacts to, edits or withdraws"
    )
    payload: str | None = Field(default=None, description="postbacks: what the tapped button carries")
    album: str | None = Field(default=None, description="the provider's id of several messages shown as one")
    options: tuple[Option, ...] = Field(default=(), description="outbound: what the customer may tap")
    template: Template | None = Field(
        default=None, description="outbound: sent in place of the text, which says the same"
    )
    sent_at: Time | None = None
    provider_at: Time | None = None
    received_at: Time
    turn: int | None = Field(
        default=None,
        ge=0,
        lt=MOST_TURNS,
        description="where `provider_at` is a whole second: the message's place among those of that second, later is greater",
    )
    threading: Threading = Threading()
    authenticity: Authenticity = Authenticity()
    raw_ref: str | None = Field(default=None, description="where the raw payload is kept: s3://bucket/key or intake:ID")
    raw: dict[str, Any] | None = Field(
        default=None, description="provider details worth keeping, small; whole payload for UNKNOWN"
    )
    problems: tuple[str, ...] = Field(
        default=(), description="what was wrong with the raw message and how it was read all the same"
    )
    withdrawn_at: Time | None = Field(default=None, description="the author took it back: its words are gone")
    author: str | None = Field(
        default=None,
        description="outbound and notes: the agent, 'auto', or 'elsewhere' for an echo of the provider's own app",
    )

    @property
    def occurred_at(self) -> datetime:
        """The time that orders a conversation: the provider's, else the author's if believable, else ours.

        Of a provider that tells whole seconds, it is the latest that the told second and our receiving it leave: what we
        had said before we received it stands before it. Never after `received_at`, never outside the provider's second
        but for that.
        """
        if self.provider_at is not None:
            told = self.provider_at if self.turn is None else self.provider_at + _END_OF_SECOND
            return min(told, self.received_at)
        if self.sent_at is not None and timedelta(days=-30) < self.sent_at - self.received_at <= timedelta(0):
            return self.sent_at
        return self.received_at

    @property
    def cursor(self) -> str:
        """Its place in the conversation: milliseconds, then its turn, then id, so that two at the same instant keep one order.

        What has a turn stands before what we said in the very millisecond: digits sort before ids, and we answer what we have.
        """
        turn = "" if self.turn is None else f"{self.turn:016d}."
        return f"{round(self.occurred_at.timestamp() * 1000):013d}#{turn}{self.id}"

    @property
    def spoken(self) -> str:
        """What the author newly said: the reply without its quotes where one was found."""
        return self.text if self.reply_text is None else self.reply_text


class ReceiptStatus(StrEnum):
    """A provider's word on an outbound message. Ranks say which word wins when they arrive out of order."""

    UNKNOWN = "unknown"
    QUEUED = "queued"
    SENT = "sent"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"

    @property
    def rank(self) -> int:
        """A receipt is applied only if its rank is higher than what is known."""
        return _RANK[self]


_RANK = {
    ReceiptStatus.UNKNOWN: 0,
    ReceiptStatus.QUEUED: 1,
    ReceiptStatus.SENT: 2,
    ReceiptStatus.DELAYED: 3,
    ReceiptStatus.FAILED: 4,
    ReceiptStatus.BOUNCED: 4,
    ReceiptStatus.DELIVERED: 5,
    ReceiptStatus.READ: 6,
    ReceiptStatus.COMPLAINED: 7,
}


class Receipt(Model):
    """One provider's report on one recipient of one outbound message."""

    schema_version: Literal[1] = 1
    id: str = Field(description="derived like a message's; a redelivered receipt has the same")
    channel: ChannelName
    provider: Provider
    inbox: str
    status: ReceiptStatus
    provider_status: str = Field(description="the provider's own word")
    external_id: str | None = Field(
        default=None, description="the provider's id of the outbound message; mail: its Message-ID"
    )
    send_id: str | None = Field(default=None, description="ours, where the provider carried it back")
    recipient: str | None = None
    upto: Time | None = Field(
        default=None, description="a watermark: it is about everything sent to the recipient until then"
    )
    permanent: bool | None = Field(default=None, description="failures: will it ever work? None: not said")
    code: str | None = None
    detail: str | None = None
    at: Time
    received_at: Time
    raw: dict[str, Any] | None = None


class Ignored(Model):
    """A part of a payload that is understood and deliberately neither message nor receipt."""

    what: str
    reason: str
    account: str | None = Field(
        default=None,
        description="set where it is about another account (page, number) than the inbox's: that one's id, empty if it names none",
    )


class Parsed(Model):
    """All that one request held."""

    messages: tuple[Message, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    ignored: tuple[Ignored, ...] = ()
