"""Turns at a provider: a token bucket that is leased in blocks, so that many processes together keep an inbox's rate.

A block is a second's worth. A turn that lies ahead is kept for the message that got it; one that has passed unused is let go.
"""

from __future__ import annotations

from collections import deque

from router.answers import limits_of
from router.config import Inbox
from router.exchange import Exchange
from router.messages import ChannelName

MOST = 50
"""Turns of one lease."""
SOON = 1_000
"""A turn within so many milliseconds is now: functions do not wait."""
FIRST = 0.25
"""The share of a rate that is for what one person waits for; the rest is for audiences."""
_OLD = 2_000
_UNUSED = 60_000


def rate_of(x: Exchange, inbox: Inbox, channel: ChannelName) -> float | None:
    """Messages a second: as the configuration says, else what the provider allows; None without a limit."""
    return x.config().outreach.rates.get(inbox.name) or limits_of(x.channel(inbox.channel), channel).sends_per_second


def turn(x: Exchange, inbox: Inbox, channel: ChannelName, now: int, *, first: bool) -> int:
    """When a message may leave by an inbox: now, or a turn that is kept for it, in milliseconds. A call for each block.

    `first` are those that one person waits for, such as what they bought: a quarter of the rate is theirs alone, so that they stand
    behind no broadcast, and what of it was not used within a minute is theirs at once.
    """
    rate = rate_of(x, inbox, channel)
    if rate is None:
        return now
    lane = f"{inbox.name}#first" if first else inbox.name
    share = rate * (FIRST if first else 1 - FIRST)
    leased: deque[int] = x.turns.setdefault(lane, deque())
    while leased and leased[0] < now - (_UNUSED if first else _OLD):
        leased.popleft()
    if not leased:
        count = max(1, min(MOST, int(share)))
        apart = 1000 / share
        begin = x.table.turns(lane, count, apart, now - (_UNUSED if first else 0))
        leased.extend(begin + round(number * apart) for number in range(count))
    found = leased.popleft()
    return now if found <= now + SOON else found
