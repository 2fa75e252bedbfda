"""Where a customer can be reached, and from where, as the API shows it."""

from __future__ import annotations

from datetime import UTC, datetime

from router.answers import closed_since, limits_of
from router.config import Inbox
from router.conversations import Way
from router.exchange import Exchange
from router.limits import Limits
from router.views import InboxView, WayView

_EVER = datetime.max.replace(tzinfo=UTC)  # every window is closed by then


def way_view(x: Exchange, way: Way) -> WayView:
    """Where an answer can go, until when, and what it may hold; an inbox that is gone takes nothing."""
    inbox = x.config().inbox(way.inbox)
    limits = limits_of(x.channel(inbox.channel), way.channel) if inbox is not None else Limits()
    return WayView(
        channel=str(way.channel),
        inbox=way.inbox,
        address=way.address,
        heard_at=way.heard_at,
        open_until=closed_since(limits, way, inbox, _EVER, human=True) if inbox is not None else None,
        templates=limits.templates,
        buttons=limits.buttons,
        button_title=limits.button_title,
        menu=limits.menu,
        menu_title=limits.menu_title,
    )


def inbox_view(x: Exchange, inbox: Inbox) -> InboxView:
    """Where an agent may write from."""
    channel = x.channel(inbox.channel)
    carried = next((name for name in channel.limits if inbox.address.startswith(f"{name}:")), channel.channel)
    limits = channel.limits[carried]
    return InboxView(
        name=inbox.name,
        channel=str(carried),
        address=inbox.address,
        display_name=inbox.display_name,
        brand=inbox.brand,
        templates=limits.templates,
        window=limits.window is not None,
    )
