"""What a journey hears of its person: written in the transaction of what they did, so that it is never lost."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from router.exchange import Exchange

if TYPE_CHECKING:
    from router.aws.dynamo import Change

Deed = Literal["click", "score"]
HEARD = "heard"
"""The name of the change whose condition fails where the journey is not there any more."""


def heard(x: Exchange, contact: str, campaign: str, occurrence: str, what: Deed, at: datetime) -> list[Change]:  # noqa: ARG001 - journeys are not stored yet
    """What tells a journey of it; nothing where there is none."""
    return []
