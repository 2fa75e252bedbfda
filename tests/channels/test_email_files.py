"""Files in a mail we send, read again by the standard library and by our own reader."""

from __future__ import annotations

import base64
import email
import email.policy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels import registry
from channels.base import Outgoing
from channels.email_files import MOST_FILES, MOST_TOGETHER
from channels.mime import parse_mail
from router.config import Inbox
from router.errors import Rejected
from router.messages import Attachment, ChannelName, Direction, Message, Party, Provider

INBOX = Inbox(name="destek", channel="email", address="destek@example.com", queue="genel", language="tr")
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 20
NAMES = [
    "fatura.pdf",
    "fatura şubat.pdf",
    'Ölçü "tablosu" (son).xlsx',
    "発注書.pdf",
    "çok uzun bir dosya adı " * 6 + ".pdf",
    "a" * 140 + ".txt",
    "100%.pdf",
    "🎉.png",
    "quote\\back;semi=colon.txt",
]


def mail(*names: str | None, text: str = "Ektedir.", content_type: str = "application/pdf", **more: Any) -> bytes:
    """The raw mail with a file of each name."""
    files = tuple(Attachment(filename=name, content_type=content_type, size=len(PDF)) for name in names)
    message = Message(
        id="m_1", channel=ChannelName.EMAIL, provider=Provider.SES, inbox="destek", direction=Direction.OUTBOUND,
        sender=Party(address="destek@example.com"), recipients=(Party(address="a@example.net"),), text=text, attachments=files,
        received_at=datetime(2026, 3, 2, tzinfo=UTC), **more,
    )  # fmt: skip
    request = registry.get("email").render(Outgoing(message, INBOX, files=(PDF,) * len(files)), {})
    return base64.b64decode(json.loads(request.body)["Content"]["Raw"]["Data"])


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_as_it_was_written_by_others_and_by_us(name: str) -> None:
    raw = mail(name)
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    (file,) = parsed.iter_attachments()
    ours = [part for part in parse_mail(raw).root.walk() if part.disposition == "attachment"]
    wanted = name.replace("\\", "_")
    assert file.get_filename() == wanted
    assert [part.filename for part in ours] == [wanted]
    assert file.get_content() == PDF
    assert max(map(len, raw.split(b"\r\n"))) <= 100


def test_the_text_comes_first_and_every_file_whole_and_in_order() -> None:
    raw = mail("1.pdf", "2.pdf", "3.pdf", html="<p>Ektedir.</p>")
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert parsed.get_content_type() == "multipart/mixed"
    body = parsed.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "Ektedir."
    files = list(parsed.iter_attachments())
    assert [file.get_filename() for file in files] == ["1.pdf", "2.pdf", "3.pdf"]
    assert {file.get_content() for file in files} == {PDF}
    assert parsed["X-Santral-Send"] == "m_1"


def test_a_file_alone_is_a_mail_and_one_without_a_name_gets_one() -> None:
    parsed = email.message_from_bytes(mail(None, text=""), policy=email.policy.default)
    assert [file.get_filename() for file in parsed.iter_attachments()] == ["file-1"]


@pytest.mark.parametrize("kind", ["text/html\r\nX-Evil: 1", "multipart/mixed", "message/rfc822", "nonsense", ""])
def test_a_type_that_is_none_or_not_base64_s_is_bytes(kind: str) -> None:
    raw = mail("a.bin", content_type=kind)
    (file,) = email.message_from_bytes(raw, policy=email.policy.default).iter_attachments()
    assert file.get_content_type() == "application/octet-stream"
    assert b"X-Evil" not in raw


def test_it_is_the_same_mail_each_time_it_is_rendered() -> None:
    assert mail("a.pdf") == mail("a.pdf")


@pytest.mark.parametrize(("count", "size"), [(MOST_FILES + 1, 1), (3, MOST_TOGETHER // 3 + 1), (1, None)])
def test_more_than_the_mail_carries_is_refused_before_it_is_sent(count: int, size: int | None) -> None:
    files = tuple(Attachment(filename="a", content_type="image/png") for _ in range(count))
    message = Message(
        id="m_1", channel=ChannelName.EMAIL, provider=Provider.SES, inbox="destek", direction=Direction.OUTBOUND,
        sender=Party(address="destek@example.com"), recipients=(Party(address="a@example.net"),), attachments=files,
        received_at=datetime(2026, 3, 2, tzinfo=UTC),
    )  # fmt: skip
    data = () if size is None else (b"x" * size,) * count
    with pytest.raises(Rejected) as refused:
        registry.get("email").render(Outgoing(message, INBOX, files=data), {})
    assert refused.value.code == "attachments"
