"""An outbound message's way to the customer: queued, sending, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from router.messages import Message, ReceiptStatus

SETTLE = timedelta(minutes=5)
"""How long a send whose outcome is unknown waits for a receipt before a person is asked."""
MAX_ATTEMPTS = 8
"""Temporary failures before a send is parked: with the delays below that is about a day."""
_DELAYS = (5, 30, 120, 600, 1800, 3600 * 4, 3600 * 18)


class SendState(StrEnum):
    """Where a send stands. Only QUEUED, SENDING and UNKNOWN may still leave or settle."""

    QUEUED = "queued"
    SENDING = "sending"  # an attempt was recorded; its outcome was not, yet
    UNKNOWN = "unknown"  # an attempt was interrupted: a receipt or a person settles it
    SENT = "sent"
    FAILED = "failed"
    PARKED = "parked"
    DISCARDED = "discarded"

    @property
    def settled(self) -> bool:
        """May the next message of the conversation leave?"""
        return self not in (SendState.QUEUED, SendState.SENDING, SendState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Send:
    """One outbound message and its state. `attempts` counts calls begun; `due_at` is when the sweep must look.

    `forgiven` are those of them that speak for no end: our credentials were refused, or a person has sent it again since.
    """

    message: Message
    conversation: str
    state: SendState
    attempts: int = 0
    forgiven: int = 0
    due_at: datetime | None = None
    previous: str | None = None
    to: str = ""
    reply_to_wire: str | None = None
    references: tuple[str, ...] = ()
    error: str | None = None
    external_id: str | None = None
    receipt: ReceiptStatus | None = None
    settled_at: datetime | None = None
    tried: tuple[str, ...] = ()  # channels that refused the same words before
    numbered: tuple[str, ...] = ()  # payloads of the numbered list in its text
    unsubscribe_url: str | None = None  # outreach: where its receiver declines more of it (router/unsubscribing.py)
    journey: tuple[str, str, str] | None = None  # outreach: whose, of which campaign, of which occurrence

    @property
    def id(self) -> str:
        """The message's id is the send's."""
        return self.message.id

    @property
    def failures(self) -> int:
        """How often the provider has put it off, this attempt among them."""
        return self.attempts - self.forgiven

    @property
    def shown(self) -> str:
        """One word for the agent: the furthest the message is known to have come."""
        if self.receipt is not None and self.state is SendState.SENT and self.receipt.rank > ReceiptStatus.SENT.rank:
            return {ReceiptStatus.BOUNCED: "failed", ReceiptStatus.DELAYED: "sent"}.get(self.receipt, str(self.receipt))
        return str(self.state)


def retry_delay(attempt: int, asked: float | None) -> timedelta:
    """How long to wait after the `attempt`-th temporary failure (from 1); a provider's Retry-After is obeyed up to an hour."""
    own = _DELAYS[min(attempt, len(_DELAYS)) - 1]
    return timedelta(seconds=max(own, min(asked or 0, 3600)))
