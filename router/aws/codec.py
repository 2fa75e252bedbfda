"""How values become attributes: scalars as they are, the rest as one compressed blob, so that an item stays within 1 KB.

A write unit is 1 KB and a transaction doubles it, so bytes are money: the blob is JSON without defaults, deflated with
a dictionary of the words that every message holds (a 1 KB e-mail comes to about 600 bytes, JSON and all).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from router.times import from_ms, to_ms

__all__ = ["Item", "attribute", "from_ms", "marshal", "pack", "to_ms", "unmarshal", "unpack"]

Item = dict[str, Any]

# Never change these bytes: stored blobs need them. A better dictionary gets a new leading byte in `pack`.
_WORDS = (
    b'"authenticity":{"proof":"strong","method":"twilio-signature","session","dmarc","spf":"pass","dkim":"pass","dmarc":"pass",'
    b'"spam":"pass","virus":"pass"}"attachments":[{"filename":"content_type":"image/jpeg","application/pdf","size":"inline":true,'
    b'"ref":"part:"}]"problems":["raw":{"reply_to":"NumSegments":"1","threading":{"tokens":["message_id":"in_reply_to":['
    b'"references":["provider":"santral","twilio","ses","channel":"webchat","sms","email","raw_ref":"intake:","s3://'
    b'"direction":"inbound","outbound","note","kind":"message","author":"recipients":[{"address":"@example.com","name":"'
    b'"language":"tr","en","html":"<p></p><br><div>","reply_text":"subject":"Re: Ynt: ","text":"Merhaba, Hello, bir ve i\xc3\xa7in '
    b'te\xc5\x9fekk\xc3\xbcr ederim please the order sipari\xc5\x9f\\n\\n"sender":{"address":"+90","+1555"@gmail.com","name":"'
    b'"inbox":"support","destek","external_id":"m_","sent_at":"2026-","provider_at":"2026-","received_at":"2026-'
    b'T00:00:00Z"}{"id":"m_'
)


def pack(value: Mapping[str, Any]) -> bytes:
    """JSON, deflated; the first byte names the dictionary."""
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "surrogatepass")
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, _WORDS)
    return b"\x01" + deflate.compress(data) + deflate.flush()


def unpack(data: bytes) -> dict[str, Any]:
    """The value `pack` was given."""
    if data[:1] != b"\x01":
        raise ValueError(f"a blob that starts with {data[:1]!r} was written by a newer version")
    inflate = zlib.decompressobj(-15, zdict=_WORDS)
    value: dict[str, Any] = json.loads(
        (inflate.decompress(data[1:]) + inflate.flush()).decode("utf-8", "surrogatepass")
    )
    return value


def marshal(item: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Python values as DynamoDB's; None is left out. boto3's serialiser wants Decimals and is an order slower."""
    return {name: attribute(value) for name, value in item.items() if value is not None}


def attribute(value: Any) -> dict[str, Any]:
    """One value, typed."""
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (int, float)):
        return {"N": str(value)}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, (set, frozenset)):
        return {"SS": sorted(value)}
    if isinstance(value, (list, tuple)):
        return {"L": [attribute(v) for v in value]}
    if isinstance(value, Mapping):
        return {"M": marshal(value)}
    raise TypeError(f"no attribute type for {type(value).__name__}")


def unmarshal(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """DynamoDB's values as Python's; numbers are int where they can be."""
    return {name: _value(value) for name, value in item.items()}


def _value(typed: Mapping[str, Any]) -> Any:
    ((kind, value),) = typed.items()
    if kind == "N":
        return int(value) if value.lstrip("-").isdigit() else float(value)
    if kind == "L":
        return [_value(v) for v in value]
    if kind == "M":
        return unmarshal(value)
    if kind == "SS":
        return frozenset(value)
    return value
