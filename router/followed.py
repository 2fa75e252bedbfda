"""A tracked link as it is kept: where it leads, in which message it stood, and who followed it when. Values only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.links import Link


@dataclass(frozen=True, slots=True)
class Followed:
    """A link of one send. `campaign` and `occurrence` are those of the journey that it belongs to, empty where it is of none."""

    code: str
    url: str
    send: str
    number: int
    contact: str
    created_at: datetime
    campaign: str = ""
    occurrence: str = ""
    clicks: int = 0
    first_click_at: datetime | None = None
    last_click_at: datetime | None = None


def followed_links(
    links: Iterable[Link], *, send: str, contact: str, at: datetime, campaign: str = "", occurrence: str = ""
) -> list[Followed]:
    """What is to be stored of the links of a message, as `router.links.tracked` made them."""
    return [Followed(one.code, one.url, send, one.number, contact, at, campaign, occurrence) for one in links]
