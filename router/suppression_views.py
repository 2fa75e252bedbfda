"""What the API takes and gives of addresses that nothing is sent to."""

from __future__ import annotations

from pydantic import Field

from router.messages import Time
from router.views import Body, View


class SuppressionBody(Body):
    """An address that is to get nothing more on a channel."""

    channel: str = Field(max_length=20)
    address: str = Field(min_length=1, max_length=320)
    reason: str = Field(
        min_length=1, max_length=300, description="for colleagues: it is shown to whoever wants to write there"
    )


class LiftBody(Body):
    """An address that may be written to again."""

    channel: str = Field(max_length=20)
    address: str = Field(min_length=1, max_length=320)


class SuppressionView(View):
    """An address that nothing is sent to, and why."""

    channel: str
    address: str
    reason: str
    source: str = Field(description="opt-out, complaint, bounce, by hand, or a provider's error code")
    at: Time


class SuppressionPage(View):
    """Addresses of one channel, those stopped first come first."""

    suppressions: tuple[SuppressionView, ...]
    next: str | None = None
