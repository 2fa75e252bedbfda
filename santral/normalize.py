"""What a channel makes of files: its messages and receipts in the one schema. No signature is checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from channels import ses
from channels.base import Channel, Request
from channels.reading import clean
from router.config import Inbox
from router.errors import SantralError, Unparsable
from router.messages import Ignored, Parsed
from santral import inner
from santral.unwrap import Found, unwrap

KEY = b"santral normalize"  # ids are the same in every run, and no deployment's
MAX_FILE = 64 * 1024 * 1024
_ADDRESSES = {"email": "unknown@invalid"}


def files(paths: list[Path]) -> Iterator[Path]:
    """The files themselves, and those below directories in order; hidden ones are left out."""
    for path in paths:
        if path.is_dir():
            below = (p for p in path.rglob("*") if not any(part.startswith(".") for part in p.relative_to(path).parts))
            yield from sorted(p for p in below if p.is_file())
        else:
            yield path


def normalize(channel: Channel, path: Path, now: datetime) -> dict[str, Any]:
    """One file's messages, receipts and ignored parts as JSON values; what could not be read is told in `error`."""
    result: dict[str, Any] = {"file": clean(str(path)), "messages": [], "receipts": [], "ignored": [], "error": None}
    errors: list[str] = []
    try:
        for found in unwrap(_read(path), now):
            for one in _completed(channel, found):
                try:
                    text = _parse(channel, one, now).model_dump_json()  # by text: what JSON cannot hold shows here
                except Unparsable as error:
                    errors.append(f"{type(error).__name__}: {error}")
                    continue
                for name, value in json.loads(text).items():
                    result[name] += value
    except FileNotFoundError:
        errors.append("no such file")
    except OSError as error:
        errors.append(error.strerror or type(error).__name__)
    except SantralError as error:
        errors.append(f"{type(error).__name__}: {error}")
    except Exception as error:  # the outermost edge: one bad file never hides the others
        errors.append(f"unexpected {type(error).__name__}: {error}")
    result["error"] = clean("; ".join(dict.fromkeys(errors))) or None
    return result


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise Unparsable(f"the file is larger than {MAX_FILE >> 20} MB")
    return data


def _completed(channel: Channel, found: Found) -> Iterator[Found]:
    """The calls in a request's body. A body that is a call, or nothing that is known, is left as it is."""
    read = inner.values(found.body) if isinstance(found, Request) else []
    calls = [call for value in read for call in inner.calls(channel.name, value)]
    plain = isinstance(found, Request) and found.body.lstrip()[:1] == b"{"  # no byte order mark, no UTF-16
    if not isinstance(found, Request) or not calls or (plain and calls == read):
        yield found
        return
    for call in calls:
        yield call if isinstance(call, Ignored) else replace(found, body=json.dumps(call).encode("ascii"))


def _parse(channel: Channel, found: Found, now: datetime) -> Parsed:
    if isinstance(found, Ignored):
        return Parsed(ignored=(found,))
    if isinstance(found, ses.SendingEvent) and channel.name != "email":
        return Parsed(ignored=(Ignored(what="event", reason="SES's word on a mail"),))
    if channel.name == "email" and isinstance(found, Request) and not found.envelope and _is_json(found.body):
        raise Unparsable("JSON that is no notification of SES")
    inbox = Inbox(name="normalize", channel=channel.name, address=_ADDRESSES.get(channel.name, "unknown"), queue="main")
    if isinstance(found, ses.SendingEvent):
        return ses.parse_event(found.payload, inbox, KEY, now)
    return channel.parse(_prepared(channel, found, inbox), inbox, KEY)


def _is_json(body: bytes) -> bool:
    if body.lstrip()[:1] not in (b"{", b"["):
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _prepared(channel: Channel, request: Request, inbox: Inbox) -> Request:
    """What the transport would have added: a web chat frame's session."""
    if channel.carrier != "socket":
        return request
    stored = {"inbox": inbox.name, "visitor": "unknown"}
    return replace(request, body=request.body.strip(), envelope=stored | dict(request.envelope))
