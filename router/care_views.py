"""What wants a person, and who did what: parked sends, quarantined calls, the audit."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from router.messages import Time
from router.views import View


class ParkedView(View):
    """A send whose outcome nobody knows, or that failed for good and wants a person."""

    id: str
    conversation: str
    channel: str
    recipient: str
    text: str
    reason: str
    attempts: int
    since: Time


class ParkedPage(View):
    """Parked sends, oldest first."""

    parked: tuple[ParkedView, ...]
    next: str | None = None


class QuarantineView(View):
    """An authentic call that could not be read."""

    id: str
    channel: str
    inbox: str
    reason: str
    received_at: Time
    bytes: int


class QuarantinePage(View):
    """Quarantined calls, oldest first."""

    quarantine: tuple[QuarantineView, ...]
    next: str | None = None


class AuditView(View):
    """Who did what to what."""

    at: Time
    who: str
    what: str
    subject: str
    detail: dict[str, Any] = Field(default={})


class AuditPage(View):
    """A day's entries, oldest first."""

    entries: tuple[AuditView, ...]
    next: str | None = None
