"""Whatever the bytes, reading mail raises nothing but Unparsable, yields what JSON can carry, and ends soon."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.base import Request
from channels.email import Email
from channels.html_text import sanitise, text_from
from channels.ses import SendingEvent, parse_event, work_items
from router.config import Inbox
from router.errors import Unparsable
from tests.kit.amount import times

SAMPLES = sorted((Path(__file__).parent / "samples" / "email").glob("*.eml"))
NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
INBOX = Inbox(name="support", channel="email", address="support@example.com", queue="q")
LIMIT = 3.0  # seconds of CPU, with room for a slow machine

TOKENS = st.sampled_from(
    [
        *(
            b"From: ",
            b"To: a@b.c, ",
            b"Subject: =?utf-8?B?",
            b"?=",
            b"=?x?Q?=C3",
            b"Content-Type: multipart/mixed; boundary=b\n",
        ),
        *(
            b"Content-Type: text/html; charset=utf-16\n",
            b"Content-Type: text/plain; charset=utf-7; format=flowed\n",
            b"\n\n",
        ),
        *(
            b"\n--b\n",
            b"\n--b--\n",
            b"Content-Transfer-Encoding: base64\n",
            b"Content-Transfer-Encoding: x-uuencode\n",
            b"\r",
            b"\n",
        ),
        *(
            b"Content-Transfer-Encoding: quoted-printable\n",
            b"Content-Disposition: attachment; filename*0*=utf-8''%FF\n",
        ),
        *(
            b"Content-Type: message/rfc822\n",
            b"Content-Type: message/delivery-status\n",
            b"Final-Recipient: rfc822;",
            b"Status: 5.1.1\n",
        ),
        *(
            b"Date: Tue, 99 Mar 2026 25:61:00 +9999\n",
            b"Message-ID: <",
            b"References: <a@b> <",
            b"> On 1 Jan 2026 10:10 a@b wrote:\n",
        ),
        *(
            b"begin 644 x\n",
            b"+2AA-",
            b"\xff\xfe",
            b"\x00",
            b"\x1b$B",
            b"<div><!--",
            b"&#xD800;",
            b"(((",
            b'"""',
            b"<<<",
            b"+" * 50,
        ),
        *(
            b"Return-Path: <>\n",
            b"From: MAILER-DAEMON@x.y\n",
            b"could not be delivered",
            b"\xc4\xb0",
            b"\xdd",
            b"\xe2\x80\xa8",
        ),
    ]
)


def check(raw: bytes, envelope: dict[str, Any] | None = None) -> None:
    started = time.process_time()
    try:
        parsed = Email().parse(Request(body=raw, envelope=envelope or {}, received_at=NOW), INBOX, b"k" * 32)
    except Unparsable:
        return
    json.loads(parsed.model_dump_json())
    assert time.process_time() - started < LIMIT


@settings(max_examples=times(300), deadline=None)
@given(st.binary(max_size=2_000))
def test_arbitrary_bytes(raw: bytes) -> None:
    check(raw)


@settings(max_examples=times(500), deadline=None)
@given(st.lists(TOKENS | st.binary(max_size=20), max_size=60).map(b"".join))
def test_bytes_that_look_like_mail(raw: bytes) -> None:
    check(raw)


@settings(max_examples=times(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 40), TOKENS | st.binary(max_size=30)), max_size=6),
)
def test_mutated_samples(path: Path, edits: list[tuple[int, int, bytes]]) -> None:
    raw = path.read_bytes()
    for start, length, put in edits:
        at = start % (len(raw) + 1)
        raw = raw[:at] + put + raw[at + length :]
    check(raw)


NAMES = [
    *(
        "mail",
        "receipt",
        "messageId",
        "timestamp",
        "source",
        "recipients",
        "headers",
        "commonHeaders",
        "from",
        "name",
        "value",
    ),
    *(
        "action",
        "bounce",
        "eventType",
        "notificationType",
        "bouncedRecipients",
        "emailAddress",
        "tags",
        "santral-send",
        "s3",
    ),
    *("dmarcVerdict", "status", "content", "Records", "Sns", "Message", "body"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES) | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@settings(max_examples=times(300), deadline=None)
@given(st.dictionaries(st.sampled_from(["mail", "receipt", "x"]), JSON), st.sampled_from([b"", b"From: a@b.c\n\nhi"]))
def test_arbitrary_envelopes(envelope: dict[str, Any], raw: bytes) -> None:
    check(raw, envelope)


@settings(max_examples=times(300), deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["Records", "mail", "receipt", "notificationType", "eventType", "bounce", "Sns", "content"]),
        JSON,
    )
)
def test_arbitrary_events(event: dict[str, Any]) -> None:
    for item in work_items(event):
        if isinstance(item, SendingEvent):
            assert item.sender is None or item.sender
            parse_event(item.payload, INBOX, b"k" * 32, NOW).model_dump_json()


BOMBS = {
    "encoded words": b"Subject: " + b"=?utf-8?B?xLA=?= " * 12_000 + b"\n\nx",
    "quotes": b"From: " + b'"' * 60_000 + b"\n\nx",
    "addresses": b"To: " + b"a@b.c," * 40_000 + b"\n\nx",
    "references": b"References: " + b"<a@b.c> " * 25_000 + b"\n\nx",
    "brackets": b"References: " + b"<" * 200_000 + b"\n\nx",
    "comments": b"From: " + b"(" * 200_000 + b"\n\nx",
    "parameters": b"Content-Type: text/plain" + b"; a=b" * 40_000 + b"\n\nx",
    "boundary lines": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b--x\n" * 300_000,
    "garbage headers": b"From: a@b.c\n" + (b"garbage line\n" * 99 + b"X-A: b\n") * 180 + b"\nx",
    "flowed": b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 300_000,
    "nested html": b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
    "open comments": b"Content-Type: text/html\n\n" + b"<!--" * 200_000,
    "ampersands": b"Content-Type: text/html\n\n" + b"&" * 500_000,
    "deep quotations": b"Content-Type: text/html\n\n" + b"<blockquote>" * 190 + b"<p>x" * 20_000,
    "a robot's spaces": b"From: MAILER-DAEMON@x.y\nSubject: failed\n\n" + b" " * 250_000,
    "a robot's lines": b"From: MAILER-DAEMON@x.y\nSubject: failed\n\n" + b"\n" * 250_000,
    "a robot's rules": b"From: MAILER-DAEMON@x.y\nSubject: failed\n\n" + b"-" * 250_000,
    "a robot's headers": b"From: MAILER-DAEMON@x.y\nSubject: failed\n\n" + b"From: a\n " * 30_000,
    "a robot's addresses": b"From: MAILER-DAEMON@x.y\nSubject: failed\n\ncould not be delivered\n" + b"a@b.c " * 40_000,
    "local parts": b"From: MAILER-DAEMON@x.y\nSubject: failed\n\ncould not be delivered\n" + b"a" * 250_000,
    "status blocks": b"Content-Type: message/delivery-status\n\n" + b"Final-Recipient: rfc822; a@b.c\n\n" * 8_000,
    "uuencode": b"From: a@b.c\n\n" + b"begin 644 a\n" * 20_000,
    "base64 letters": b"Content-Transfer-Encoding: base64\n\n" + b"A" * 1_900_000,
    "one long line": b"From: a@b.c\n\n" + b"x" * 2_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_mail_made_to_be_slow_is_not(name: str) -> None:
    check(BOMBS[name])


@settings(max_examples=times(300), deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<b>", "<blockquote>", "</blockquote>", "<pre>", "\n", "x ", "&lt;", "<img alt='a'>", "<"]
        )
    )
)
def test_html_becomes_text_without_tags(pieces: list[str]) -> None:
    clean = sanitise("".join(pieces))
    assert "<script" not in clean
    assert "<p>" not in text_from(clean)
