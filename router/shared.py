"""One URL, several inboxes: a provider that calls by app, not by account, is read for each account that we have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from router.config import Inbox
from router.exchange import Exchange
from router.messages import Parsed
from router.records import Call
from router.wire import Request

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Shares:
    """What each inbox took of a call, and the accounts in it that none of them has."""

    taken: list[tuple[Call, Parsed]]
    nobodys: tuple[str, ...] = ()


def shares(x: Exchange, call: Call, request: Request, inbox: Inbox) -> Shares:
    """The call, read for the inbox whose URL was called and for its neighbours. Raises Unparsable."""
    beside = neighbours(x, inbox)
    found = shares_of(x, call, request, [inbox, *beside])
    if found.nobodys:
        x.look_again()  # an inbox may be newer than the configuration in hand
        newer = neighbours(x, inbox)
        if newer != beside:
            return shares_of(x, call, request, [inbox, *newer])
    return found


def neighbours(x: Exchange, inbox: Inbox) -> list[Inbox]:
    """The other inboxes that a call to this one may be about: of the same channel, by the same credentials."""
    if inbox.secret is None or not x.channel(inbox.channel).shared:
        return []
    return [other for other in served_by(x, inbox.channel, inbox.secret) if other.name != inbox.name]


def served_by(x: Exchange, channel: str, secret: object) -> list[Inbox]:
    """The inboxes of a channel that have these credentials."""
    return [inbox for inbox in x.config().inboxes if (inbox.channel, inbox.secret) == (channel, secret)]


def shares_of(x: Exchange, call: Call, request: Request, inboxes: Sequence[Inbox]) -> Shares:
    """The call, read for the first inbox and, as far as that one is not meant, for the others. Raises Unparsable.

    What names no account at all is the first one's alone.
    """
    channel = x.channel(call.channel)
    taken: list[tuple[Call, Parsed]] = []
    known: set[str] = set()
    left: dict[str, None] = {}
    for number, inbox in enumerate(inboxes):
        parsed = channel.parse(request, inbox, x.key)
        taken.append((replace(call, inbox=inbox.name), _new(parsed, known)))
        elsewhere = dict.fromkeys(one.account for one in parsed.ignored if one.account is not None)
        left = elsewhere if number == 0 else {account: None for account in left if account in elsewhere}
        if not left:
            break
    others = {str(account) for inbox in inboxes for account in _listed(inbox.settings.get("not_ours"))}
    return Shares(taken, tuple(account for account in left if account not in others))


def unclaimed(channel: str, accounts: Sequence[str]) -> str:
    """Why a call is kept that no inbox took all of, and what to do."""
    named = ", ".join(f"'{account}'" if account else "one that is not named" for account in accounts[:_SHOWN])
    more = f" and {len(accounts) - _SHOWN} more" if len(accounts) > _SHOWN else ""
    return (
        f"no inbox of channel '{channel}' with these credentials has the account {named}{more}: add an inbox and retry, or "
        "write it into the setting `not_ours` of one if others answer there; what our inboxes have was taken"
    )


def _new(parsed: Parsed, known: set[str]) -> Parsed:
    """Without what an inbox before took; brands have ids of their own, so a message is known by the provider's."""
    messages = tuple(one for one in parsed.messages if (one.external_id or one.id) not in known)
    receipts = tuple(one for one in parsed.receipts if one.id not in known)
    known |= {one.external_id or one.id for one in messages} | {one.id for one in receipts}
    return parsed.model_copy(update={"messages": messages, "receipts": receipts})


def _listed(value: object) -> Iterator[object]:
    yield from value if isinstance(value, list) else ()
