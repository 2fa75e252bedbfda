"""Addresses that nothing is sent to: listed, stopped by hand, and lifted, with the audit saying by whom.

The audit and the ids of what was done hold no address; the contact of the address is its subject.
"""

from __future__ import annotations

import re

from router.errors import Invalid, NotFound
from router.exchange import Exchange
from router.ids import contact_id, digest
from router.messages import ChannelName
from router.once import Plan, Result, User, once
from router.records import Suppression

BY_HAND = "by hand"
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")


def suppressions(
    x: Exchange, channel: str | None, cursor: str | None, limit: int
) -> tuple[list[Suppression], str | None]:
    """A channel's addresses and where to go on. Raises Invalid."""
    if channel is None:
        raise Invalid("say ?channel=", field="channel")
    if cursor is not None and not re.fullmatch(r"\d{13}#[a-z2-7]{24}", cursor):
        raise Invalid("this cursor is not one of ours", field="cursor")
    return x.table.suppressions(str(_channel(channel)), after=cursor, limit=limit)


def stop(x: Exchange, user: User, channel: str, address: str, reason: str, key: str) -> Suppression:
    """Send nothing more to an address; a second reason replaces the first. Raises Invalid for what is no address."""
    user.need("supervisor")
    name, plain = place_of(channel, address)
    stopped = Suppression(name, plain, reason, BY_HAND, x.now())

    def plan(digest_: str) -> Plan:
        entry = x.table.history(
            _subject(x, name, plain), "suppress", user.name, {"channel": name}, x.now(), f"h_{digest_}"
        )
        return Plan([x.table.suppress(stopped), entry], Result())

    once(x, user, key, digest(x.key, "suppress", name, plain, reason), plan)
    return x.table.suppression(name, plain) or stopped


def lift(x: Exchange, user: User, channel: str, address: str, key: str) -> None:
    """Write to an address again. Raises NotFound when nothing stops it."""
    user.need("admin")
    name, plain = place_of(channel, address)

    def plan(digest_: str) -> Plan:
        stopped = x.table.suppression(name, plain)
        if stopped is None:
            raise NotFound(f"nothing stops that address on {name}")
        detail = {"channel": name, "source": stopped.source, "since": stopped.at.isoformat()}
        entry = x.table.history(_subject(x, name, plain), "lift", user.name, detail, x.now(), f"h_{digest_}")
        return Plan([x.table.lift(name, plain), entry], Result())

    once(x, user, key, digest(x.key, "lift", name, plain), plan)


def _subject(x: Exchange, channel: str, address: str) -> str:
    return "contact:" + contact_id(x.key, channel, address, proved=True)


def place_of(channel: str, address: str) -> tuple[ChannelName, str]:
    """A channel and an address as it is kept. Raises Invalid."""
    name, plain = _channel(channel), address.strip()
    if name is ChannelName.EMAIL:
        plain = plain.lower()
    right = {ChannelName.EMAIL: _MAIL, ChannelName.SMS: _E164}.get(name)
    if not plain or (right is not None and not right.fullmatch(plain)):
        raise Invalid(f"this is no address of {name}", field="address")
    return name, plain


def _channel(channel: str) -> ChannelName:
    try:
        return ChannelName(channel)
    except ValueError:
        raise Invalid(f"the channels are {', '.join(ChannelName)}", field="channel") from None
