"""Fetch: the files of a message, from its provider into our own bucket, each by itself (P1, P10), and the name of who wrote.

The attempt is recorded before the first call, so that a crash costs an attempt and never a file: the message stays due. A
file that is fetched twice lies twice under one name. Nothing of a provider's address is logged or told: it may hold a token.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from router.errors import Rejected, SantralError, Temporary, TooLarge
from router.exchange import Exchange
from router.filetypes import offered_name, type_of
from router.hints import tell_owner
from router.messages import Attachment
from router.naming import introduce
from router.records import Unfetched
from router.signals import Fetch, Signal, Timer

if TYPE_CHECKING:
    from router.wire import HttpResponse

MOST = 25_000_000
"""Bytes of one file: what fits into a function's memory several times, and more than any channel's ordinary files."""
MAX_ATTEMPTS = 6
STEPS = 4
"""Calls on the way to one file: asking where it lies, a redirect, the file, and one to spare."""
_BUSY = timedelta(minutes=3)  # longer than the function may run
_STARTS_WITHIN = timedelta(seconds=70)  # with what one call may take it stays within the function's timeout
_DELAYS = (30, 300, 1800, 3600 * 4, 3600 * 19)  # with MAX_ATTEMPTS about a day
_TIMER_REACH = timedelta(minutes=15)


class _Later(Exception):
    """There is no time left in this attempt."""


def fetch(x: Exchange, message_id: str) -> list[Signal]:
    """One attempt at all files a message still lacks; what must follow. A provider's failure is recorded, not raised."""
    found = x.table.unfetched(message_id)
    if found is None or (found.attempts and found.due_at > x.now()):
        return []  # done, or another attempt is under way or is to wait
    begun = x.table.begin_fetch(found, x.now() + _BUSY)
    if begun is None:
        return []
    started = x.now()
    waits: list[float | None] = []
    pressed = False
    for number, attachment in enumerate(begun.message.attachments):
        if not attachment.unfetched:
            continue
        try:
            if found.attempts >= MAX_ATTEMPTS:  # each attempt before broke off without a word
                raise Rejected("the provider's file could not be taken in; it was tried for a day")
            kept = _one(x, begun, number, attachment, started)
        except _Later:
            pressed = True
            break
        except (Rejected, TooLarge, Temporary) as error:
            wait = _wait(x, error)
            if wait is not None and begun.attempts < MAX_ATTEMPTS:
                waits.append(wait)
                continue
            kept = attachment.model_copy(update={"problem": _words(error), "url": None})
            x.count("FileGivenUp", 1)
        after = x.table.keep_file(begun, number, kept)
        if after is None:
            return []  # somebody else changed the message: it stays due, and is looked at anew
        begun = after
    try:
        introduce(x, begun.message, begun.conversation)
    except Temporary as error:
        if begun.attempts < MAX_ATTEMPTS:
            waits.append(error.retry_after)
    return _finish(x, begun, waits, pressed)


def _one(x: Exchange, begun: Unfetched, number: int, attachment: Attachment, started: datetime) -> Attachment:
    """Fetch one file and keep it. Raises Rejected, TooLarge, Temporary, and _Later when this attempt has taken long."""
    try:
        answer = _answer(x, begun, attachment, started)
        content_type = type_of(answer.body, answer.headers.get("content-type"), attachment.content_type)
        ref = x.blobs.put(f"media/{begun.message.id}/{number}", answer.body, content_type)
    except (SantralError, _Later):
        raise
    except Exception as error:  # a fault of ours in one file must not hold the others
        x.log("file fault", {"message": begun.message.id, "number": number, "why": type(error).__name__})
        raise Temporary("something broke on our side") from None
    x.count("FileFetched", 1)
    name = attachment.filename or offered_name(answer.headers.get("content-disposition"))
    found = {"ref": ref, "size": len(answer.body), "content_type": content_type, "filename": name, "url": None}
    return attachment.model_copy(update=found)


def _answer(x: Exchange, begun: Unfetched, attachment: Attachment, started: datetime) -> HttpResponse:
    inbox = x.inbox(begun.message.inbox)
    if inbox is None:
        raise Temporary(f"inbox '{begun.message.inbox}' is no longer in the configuration")
    channel = x.channel(inbox.channel)
    credentials = x.credentials(inbox)
    answer: HttpResponse | None = None
    for _ in range(STEPS + 1):
        if x.now() - started > _STARTS_WITHIN:
            raise _Later
        request = channel.fetch(attachment, inbox, credentials, answer)
        if request is None:
            if answer is None or not answer.body:
                raise Temporary("the provider gave an empty file")
            return answer
        answer = x.get(request, MOST, channel.media_hosts)
    raise Rejected("the provider sends from one address to the next without giving the file")


def _wait(x: Exchange, error: Rejected | TooLarge | Temporary) -> float | None:
    """Seconds the provider asks to wait, 0 when it did not say; None when it is no use. Wrong credentials may be put right."""
    if isinstance(error, Temporary):
        return error.retry_after or 0
    if isinstance(error, Rejected) and error.credentials:
        x.count("CredentialsRefused", 1)
        return 0
    return None


def _words(error: SantralError) -> str:
    text = str(error)
    if isinstance(error, Temporary) or (isinstance(error, Rejected) and error.credentials):
        text = f"not fetched after {MAX_ATTEMPTS} attempts: {text}"
    return text[:300]


def _finish(x: Exchange, begun: Unfetched, waits: list[float | None], pressed: bool) -> list[Signal]:
    """Say when to go on, if anything is left, and tell the agent what changed."""
    signals: list[Signal] = []
    at = None
    if pressed:
        at = x.now()
    elif waits:
        own = _DELAYS[min(begun.attempts, len(_DELAYS)) - 1]
        at = x.now() + timedelta(seconds=max(own, *(min(wait or 0, 3600) for wait in waits)))
        x.count("FileRetried", len(waits))
    if not x.table.end_fetch(begun, at):
        return []
    if at is not None and at - x.now() <= _TIMER_REACH:
        signals.append(Timer(f"M#{begun.message.id}", "m", at))
    tell_owner(x, x.table.conversation(begun.conversation), "changed")
    return signals


def refetch(x: Exchange, found: Unfetched) -> list[Signal]:
    """A message's files are due: ask for them (again). It stays due until an attempt begins."""
    return [Fetch(found.message.id)] if found.due_at <= x.now() else []
