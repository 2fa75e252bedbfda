"""Files that lie with us, given out: to agents for minutes, to the customer's page and to providers for an hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from router.errors import Conflict, NotFound, Rejected, Unparsable
from router.exchange import Exchange
from router.filetypes import disposition, kept_type, name_of, type_of
from router.limits import Limits
from router.messages import Attachment, Message
from router.receive import MAX_MAIL_BYTES
from router.sends import Send

FOR_AGENTS = timedelta(minutes=5)
FOR_OTHERS = timedelta(hours=1)


def open_file(x: Exchange, message_id: str, number: int) -> tuple[str, datetime, str, str, int]:
    """Address, its end, name, type and size of a message's file. Raises NotFound, Conflict while it is being fetched.

    A mail's file is taken out of the raw mail when somebody first asks for it, and kept like the others.
    """
    found = x.table.message(message_id)
    message = found.message if isinstance(found, Send) else found
    if message is None or not 0 <= number < len(message.attachments):
        raise NotFound("there is no such message, or it has no such file")
    attachment = message.attachments[number]
    ref = _place(x, message, number, attachment)
    kept = x.blobs.look(ref)
    if kept is None and attachment.ref is not None and attachment.ref.startswith("part:"):
        kept = _taken_out(x, message, number, attachment)
    if kept is None:
        raise NotFound("the file is no longer kept: files are deleted after the time that the deployment states")
    size, kind = kept
    kind = kept_type(kind)
    name = name_of(attachment.filename, kind, number)
    until = x.now() + FOR_AGENTS
    return x.blobs.link(ref, FOR_AGENTS, kind, disposition(name, kind)), until, name, kind, size


def _place(x: Exchange, message: Message, number: int, attachment: Attachment) -> str:
    """Where the file lies, or will when it was taken out of its mail."""
    ref = attachment.ref or ""
    if ref.startswith("s3://"):
        return ref
    if ref.startswith("part:"):
        return f"s3://{x.blobs.bucket}/media/{message.id}/{number}"
    if attachment.problem is not None:
        raise NotFound(f"the file could not be fetched: {attachment.problem}")
    if attachment.unfetched:
        raise Conflict("the file is still being fetched from the provider; try again in a moment")
    raise NotFound("the provider told of the file without saying where it is")


def _taken_out(x: Exchange, message: Message, number: int, attachment: Attachment) -> tuple[int, str]:
    try:
        raw = _raw_mail(x, message.raw_ref or "")
        data = x.part(raw, int((attachment.ref or "").removeprefix("part:")))
    except NotFound:
        raise NotFound("the raw mail is no longer kept, and its files with it") from None
    except (Unparsable, ValueError):
        raise NotFound("the file cannot be taken out of the raw mail") from None
    kind = type_of(data, attachment.content_type)
    x.blobs.put(f"media/{message.id}/{number}", data, kind)
    return len(data), kind


def _raw_mail(x: Exchange, ref: str) -> bytes:
    if ref.startswith("s3://"):
        return x.blobs.get(ref, MAX_MAIL_BYTES)
    call = x.intake.raw(ref) if ref.startswith("intake:") else None
    if call is None:
        raise NotFound("there is no raw mail")
    return x.intake.body(call)


def shown(x: Exchange, message: Message) -> list[dict[str, Any]]:
    """A message's files for the customer's page, each with an address for an hour."""
    found = []
    for number, attachment in enumerate(message.attachments):
        if attachment.ref is not None and attachment.ref.startswith("s3://"):
            kind = kept_type(attachment.content_type)
            found.append(
                {
                    "filename": name_of(attachment.filename, kind, number),
                    "content_type": kind,
                    "size": attachment.size,
                    "url": _link(x, attachment, number),
                }
            )
    return found


def carried(x: Exchange, message: Message, limits: Limits) -> tuple[Message, tuple[bytes, ...]]:
    """An answer as its channel wants the files: their bytes beside it, or an address for an hour in each.

    Raises Rejected when one is no longer kept, Temporary when it cannot be read now.
    """
    if not limits.upload:
        linked = [a.model_copy(update={"url": _secure(_link(x, a, n))}) for n, a in enumerate(message.attachments)]
        return message.model_copy(update={"attachments": tuple(linked)}), ()
    try:
        return message, tuple(x.blobs.get(attachment.ref or "") for attachment in message.attachments)
    except NotFound:
        raise Rejected("a file of the answer is no longer kept", code="file") from None


def _secure(url: str) -> str:
    """Providers are given https alone; a local run's S3 speaks none, which the players there know."""
    return "https://" + url.removeprefix("http://") if url.startswith("http://") else url


def _link(x: Exchange, attachment: Attachment, number: int) -> str:
    kind = kept_type(attachment.content_type)
    name = name_of(attachment.filename, kind, number)
    return x.blobs.link(attachment.ref or "", FOR_OTHERS, kind, disposition(name, kind))
