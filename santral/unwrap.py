"""From a file to the requests in it: a raw body, a recorded request, or a Lambda event around either.

Nothing is fetched and no signature is checked; what stands elsewhere (an object in S3) is reported as ignored.
"""

from __future__ import annotations

import base64
import codecs
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from channels import ses
from channels.base import Request
from channels.reading import epoch_time, iso_time
from router.errors import Unparsable
from router.messages import Ignored
from santral.inner import each

MAX_DEPTH = 6  # SQS around SNS around SES is three

Found = Request | Ignored | ses.SendingEvent


def unwrap(data: bytes, now: datetime) -> Iterator[Found]:
    """Every request in the bytes. `now` is when they were received, unless an envelope says. Raise Unparsable."""
    yield from _bytes(data, now, 0)


def _bytes(data: bytes, now: datetime, depth: int) -> Iterator[Found]:
    """JSON that is a known envelope is opened; anything else is a body."""
    if depth > MAX_DEPTH:
        raise Unparsable(f"more than {MAX_DEPTH} envelopes around one another")
    value = _json(data)
    found = _opened(value, now, depth) if isinstance(value, dict) else None
    several = [item for item in each(data) if isinstance(item, (dict, list))] if value is None else []
    for item in several:
        yield from _bytes(_encoded(item), now, depth + 1)
    if found is not None:
        yield from found
    elif not several:
        yield Request(body=data, received_at=now)


def _opened(value: dict[str, Any], now: datetime, depth: int) -> Iterator[Found] | None:
    """What is in an envelope; None if it is none."""
    context = value.get("requestContext")
    if isinstance(value.get("Records"), list):
        return _records(value["Records"], now, depth)
    if isinstance(context, dict) and isinstance(context.get("connectionId"), str):
        return iter([_socket(value, context, now)])
    if isinstance(context, dict) or ("httpMethod" in value and "headers" in value):
        return _inside(_http(value, context if isinstance(context, dict) else {}, now), depth)
    if isinstance(value.get("method"), str) and ({"headers", "body", "body_text", "body_base64"} & value.keys()):
        return _inside(_record(value, now), depth)
    if isinstance(value.get("headers"), dict) and ({"body", "body_text", "body_base64"} & value.keys()):
        return _inside(_record(value, now), depth)
    if isinstance(value.get("Type"), str) and {"TopicArn", "Message"} & value.keys():
        return _sns(value, now, depth)
    if "detail-type" in value and "detail" in value:
        return _event(value, now)
    if ses.is_notification(value):
        return _ses(value, now)
    return None


def _records(records: list[Any], now: datetime, depth: int) -> Iterator[Found]:
    for record in records:
        if not isinstance(record, dict):
            raise Unparsable("a record is no object")
        source = record.get("eventSource") or record.get("EventSource")
        if source == "aws:sqs":
            sent = epoch_time(_mapping(record.get("attributes")).get("SentTimestamp"))
            yield from _bytes(_encoded(record.get("body")), sent or now, depth + 1)
        elif source == "aws:sns":
            yield from _sns(_mapping(record.get("Sns")), now, depth)
        elif source in ("aws:ses", "aws:s3"):
            yield from _ses({"Records": [record]}, now)
        else:
            yield Ignored(what="record", reason=f"no channel reads records of {source}")


def _sns(envelope: Mapping[str, Any], now: datetime, depth: int) -> Iterator[Found]:
    """SNS's envelope, from Lambda, from HTTPS or through SQS."""
    message = envelope.get("Message")
    if envelope.get("Type", "Notification") != "Notification":
        yield Ignored(what=str(envelope["Type"]), reason="a subscription's handshake")
    elif isinstance(message, str) and message.startswith("Successfully validated SNS topic"):
        yield Ignored(what="notification", reason="SES's word that it may publish to the topic")
    else:
        published = iso_time(envelope.get("Timestamp"))
        yield from _bytes(_encoded(message), published or now, depth + 1)


def _event(value: Mapping[str, Any], now: datetime) -> Iterator[Found]:
    """EventBridge: SES's events are in the detail; S3's name an object."""
    detail = _mapping(value["detail"])
    if value.get("source") == "aws.ses":
        yield from _ses(detail, now)
    elif value.get("source") == "aws.s3":
        bucket, key = _mapping(detail.get("bucket")).get("name"), _mapping(detail.get("object")).get("key")
        yield Ignored(what="object", reason=f"s3://{bucket}/{key} is not fetched")
    else:
        yield Ignored(what="event", reason=f"no channel reads events of {value.get('source')}")


def _ses(value: Mapping[str, Any], now: datetime) -> Iterator[Found]:
    """SES's word on a received mail or on a sent one, or S3's on an object.

    Only SES's SNS action brings the MIME along; of a mail that lies elsewhere there is what the notification tells.
    """
    for item in ses.work_items(value):
        if isinstance(item, ses.SendingEvent):
            yield item
        elif isinstance(item, ses.Skipped):
            yield Ignored(what="notification", reason=item.reason)
        elif not _tells(item):
            place = f"s3://{item.bucket}/{item.key}" if isinstance(item, ses.Fetch) else "the mail"
            yield Ignored(what="object", reason=f"{place} is not fetched")
        else:
            mail, receipt = (_mapping(item.envelope.get(name)) for name in ("mail", "receipt"))
            yield Request(
                body=item.body if isinstance(item, ses.Inline) else b"",
                envelope=item.envelope,
                received_at=iso_time(receipt.get("timestamp")) or iso_time(mail.get("timestamp")) or now,
                raw_ref=f"s3://{item.bucket}/{item.key}" if isinstance(item, ses.Fetch) else None,
            )


def _tells(item: ses.Fetch | ses.Inline) -> bool:
    """Whether there is anything of the mail here: its MIME or its headers."""
    mail = _mapping(item.envelope.get("mail"))
    return bool((isinstance(item, ses.Inline) and item.body) or mail.get("headers") or mail.get("commonHeaders"))


def _socket(event: Mapping[str, Any], context: Mapping[str, Any], now: datetime) -> Found:
    """A WebSocket API's event. No session is stored here, so a stand-in visitor speaks."""
    kind = context.get("eventType")
    if kind in ("CONNECT", "DISCONNECT"):
        return Ignored(what=f"${str(kind).lower()}", reason="the connection's life, not the conversation's")
    if event.get("body") is None:
        raise Unparsable("the event has no body")
    envelope = {
        "visitor": "unknown",
        "connection": context["connectionId"],
        "request_time": context.get("requestTimeEpoch"),
        "message_id": context.get("messageId"),
    }
    received_at = epoch_time(context.get("requestTimeEpoch")) or now
    return Request(body=_body(event), method="MESSAGE", envelope=envelope, received_at=received_at)


def _http(event: Mapping[str, Any], context: Mapping[str, Any], now: datetime) -> Request:
    """An HTTP API's event (format 2.0), a REST API's (1.0), a function URL's or a load balancer's."""
    headers = _headers(event.get("headers"), event.get("multiValueHeaders"))
    http = _mapping(context.get("http"))
    path = event.get("rawPath") or event.get("path") or "/"
    query = event.get("rawQueryString") or ""
    host = context.get("domainName") or headers.get("host") or "localhost"
    return Request(
        body=_body(event),
        headers=headers,
        method=str(http.get("method") or event.get("httpMethod") or "POST"),
        url=f"https://{host}{path}" + (f"?{query}" if query else ""),
        query=str(query),
        received_at=epoch_time(context.get("timeEpoch") or context.get("requestTimeEpoch")) or now,
    )


def _record(record: Mapping[str, Any], now: datetime) -> Request:
    """A request as it was recorded: method, headers, url, body_text or body_base64, or a `body` that may be read already."""
    headers = _headers(record.get("headers"), None)
    content_type = record.get("content_type")
    if isinstance(content_type, str):
        headers.setdefault("content-type", content_type)
    encoded = record.get("body_base64")
    text = record["body_text"] if "body_text" in record else record.get("body")
    body = _base64(encoded) if isinstance(encoded, str) else _encoded(text)
    url = str(record.get("url") or "")
    return Request(
        body=body,
        headers=headers,
        method=str(record.get("method") or "POST"),
        url=url,
        query=url.partition("#")[0].partition("?")[2],
        received_at=now,
    )


def _inside(request: Request, depth: int) -> Iterator[Found]:
    """The request itself, or what is in it where its body is one more envelope (SNS by HTTPS)."""
    value = _json(request.body)
    found = _opened(value, request.received_at, depth + 1) if isinstance(value, dict) and depth < MAX_DEPTH else None
    return iter([request]) if found is None else found


def _body(event: Mapping[str, Any]) -> bytes:
    body = event.get("body")
    return _base64(body) if event.get("isBase64Encoded") is True and isinstance(body, str) else _encoded(body)


def _encoded(body: object) -> bytes:
    """Text as UTF-8; an object, as test events have it, as JSON; nothing as nothing."""
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    return b"" if body is None else json.dumps(body).encode()


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        raise Unparsable("a body is not the base64 it is said to be") from None


def _headers(headers: object, multiple: object) -> dict[str, str]:
    """Lower-case names; several values of one joined by a comma."""
    found = {str(name).lower(): str(value) for name, value in _mapping(headers).items() if value is not None}
    for name, values in _mapping(multiple).items():
        if isinstance(values, list):
            found.setdefault(str(name).lower(), ",".join(str(value) for value in values))
    return found


def _json(data: bytes) -> object:
    if data.removeprefix(codecs.BOM_UTF8).lstrip()[:1] != b"{":
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
