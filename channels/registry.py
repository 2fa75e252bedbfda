"""Which channels there are. A channel is imported when first asked for, so a cold start pays only for what it uses."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from channels.base import Channel
from router.errors import NotFound

_CHANNELS = {
    "email": "channels.email:Email",
    "telegram": "channels.telegram:Telegram",
    "instagram": "channels.instagram:Instagram",
    "messenger": "channels.messenger:Messenger",
    "twilio": "channels.twilio:Twilio",
    "webchat": "channels.webchat:WebChat",
    "whatsapp": "channels.whatsapp:WhatsApp",
}


def names() -> tuple[str, ...]:
    """Every registered name, sorted."""
    return tuple(sorted(_CHANNELS))


@cache
def get(name: str) -> Channel:
    """The channel of that name; NotFound for an unregistered one."""
    where = _CHANNELS.get(name)
    if where is None:
        raise NotFound(f"there is no channel '{name}'; there are: {', '.join(names())}")
    module, _, attribute = where.partition(":")
    channel: Channel = getattr(import_module(module), attribute)()
    return channel
