"""E-mail in and out, over our own samples: who wrote, what a reader sees, how it threads, what is proved, what is sent."""

import base64
import email
import email.policy
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels import mime
from channels.base import HttpResponse, Outgoing, Request
from channels.email import Email
from router import ids
from router.config import Inbox
from router.errors import NotFound, Refused, Rejected, Temporary, TooLarge, Unknown, Unparsable
from router.messages import (
    ChannelName,
    Direction,
    Kind,
    Message,
    Parsed,
    Party,
    Proof,
    Provider,
    ReceiptStatus,
    Verdict,
)

SAMPLES = Path(__file__).parent / "samples" / "email"
NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
KEY = b"k" * 32
INBOX = Inbox(
    name="destek",
    channel="email",
    address="destek@example.com",
    queue="genel",
    language="tr",
    display_name="Örnek Destek",
)
EMAIL = Email()


def parse(raw: bytes, envelope: Mapping[str, Any] | None = None, inbox: Inbox = INBOX) -> Parsed:
    return EMAIL.parse(Request(body=raw, envelope=envelope or {}, received_at=NOW, raw_ref="s3://mail/1"), inbox, KEY)


def sample(name: str, envelope: Mapping[str, Any] | None = None) -> Message:
    return parse((SAMPLES / f"{name}.eml").read_bytes(), envelope).messages[0]


def envelope(dmarc: str = "PASS", **mail: Any) -> dict[str, Any]:
    return {
        "mail": {"messageId": "ses-1", "timestamp": "2026-03-12T07:04:33.250Z", "source": "isil@example.org", **mail},
        "receipt": {
            "recipients": ["Destek+TOK3N@example.com", "kopya@example.com"],
            "spamVerdict": {"status": "PASS"},
            "virusVerdict": {"status": "DISABLED"},
            "spfVerdict": {"status": "GRAY"},
            "dkimVerdict": {"status": "PASS"},
            "dmarcVerdict": {"status": dmarc},
        },
    }


def plain(headers: str, body: str = "hello\n") -> bytes:
    return (headers.strip("\n") + "\n\n" + body).encode()


# What a reader sees


def test_windows_1254_is_read_with_its_dots_and_the_address_is_lowered_without_them() -> None:
    message = sample("tr-windows-1254")
    assert message.sender == Party(address="ayse.yilmaz@ornek.com.tr", name="Ayşe Yılmaz")
    assert message.subject == "Siparişim gelmedi, İstanbul şubesi"
    assert "İstanbul'daki şubeye ulaşmamış. Öğrenebilir misiniz?" in message.text
    assert message.spoken.endswith("Öğrenebilir misiniz?")
    assert message.sent_at == datetime(2026, 3, 10, 5, 15, 42, tzinfo=UTC)
    assert (message.kind, message.direction, message.problems) == (Kind.MESSAGE, Direction.INBOUND, ())


def test_turkish_under_a_latin_1_label_is_read_as_turkish_and_said_so() -> None:
    message = sample("tr-mislabelled-latin1")
    assert message.subject == "Fatura adresi değişikliği"
    assert message.text == "Faturayı yeni şirket adresime gönderin lütfen, ağustos sonuna kadar ödeyeceğim."
    assert any("windows-1254" in problem for problem in message.problems)


def test_icelandic_under_its_own_label_stays_icelandic() -> None:
    raw = (
        b"From: a@example.is\nContent-Type: text/plain; charset=iso-8859-1\n\n"
        + "Góðan daginn, þetta er bréf".encode("latin-1")
    )
    assert parse(raw).messages[0].text == "Góðan daginn, þetta er bréf"


@pytest.mark.parametrize(
    ("label", "data", "text"),
    [
        ("windows-1254", "ışğİŞĞ".encode("cp1254"), "ışğİŞĞ"),
        ("iso-8859-9", "çöü ışğ".encode("iso8859-9"), "çöü ışğ"),
        ("us-ascii", "şeker".encode(), "şeker"),
        ("utf-8", "şeker".encode("cp1254"), "şeker"),
        ("utf-8", "yarım kal".encode() + b"\xc4", "yarım kal\ufffd"),
        ("iso-2022-jp", "日本語".encode("iso2022_jp"), "日本語"),
        ("us-ascii", "日本語".encode("iso2022_jp"), "日本語"),
        ("ks_c_5601-1987", "한국어".encode("cp949"), "한국어"),
        ("gb2312", "简体字".encode("gb18030"), "简体字"),
        ("koi8-r", "почта".encode("koi8-r"), "почта"),
        ("x-unknown", "adres değişti".encode("cp1254"), "adres değişti"),
        ("no-such-charset", "adres değişti".encode(), "adres değişti"),
        ("zlib", b"plain", "plain"),
        ("idna", b"plain", "plain"),
    ],
)
def test_charsets_right_wrong_and_unknown(label: str, data: bytes, text: str) -> None:
    raw = b"From: a@example.org\nContent-Type: text/plain; charset=" + label.encode() + b"\n\n" + data + b"\n"
    assert parse(raw).messages[0].text == text


def test_html_alone_becomes_text_and_loses_everything_that_runs_or_loads() -> None:
    message = sample("tr-outlook-html")
    assert message.sender.address == "berk@ornek.com.tr"
    assert message.raw is not None
    assert message.raw["reply_to"] == "berk.sahin@example.net"
    assert "İade etmek istiyorum — kutu açılmadı." in message.text
    assert "Ürünü iade edebilirsiniz." in message.text
    assert "Ürünü iade" not in message.spoken
    assert "alert" not in message.text
    assert message.html is not None
    for gone in ("script", "track.example.net", "javascript", "onclick", "style"):
        assert gone not in message.html
    assert 'src="cid:logo@ornek"' in message.html
    (logo,) = message.attachments
    assert (logo.filename, logo.content_id, logo.inline, logo.size) == ("logo.png", "logo@ornek", True, 70)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<div style="display:none">preview<div>line</div></div><p>Merhaba</p>', "Merhaba"),
        ('<p>a<span style="VISIBILITY : hidden">b</span>c</p>', "ac"),
        ('<img style="display:none" alt="dot"><p>Merhaba</p>', "Merhaba"),
        ('<p style="display:none">all there is</p>', "all there is"),
    ],
)
def test_what_no_reader_sees_is_left_out_unless_it_is_all(html: str, text: str) -> None:
    found = parse(plain("From: a@example.org\nContent-Type: text/html", html)).messages[0]
    assert found.text == text
    assert "style" not in (found.html or "")


def test_an_alternative_of_several_parts_is_kept_whole() -> None:
    """Apple Mail puts the HTML before and after a file into one alternative."""

    def part(kind: str, body: str) -> str:
        return f"Content-Type: {kind}\n\n{body}\n"

    rich = [
        part("text/html", "<p>before</p>"),
        part("application/pdf; name=a.pdf", "x"),
        part("text/html", "<p>after</p>"),
    ]
    mixed = "Content-Type: multipart/mixed; boundary=in\n\n--in\n" + "--in\n".join(rich) + "--in--\n"
    body = "--out\n" + part("text/plain", "before and after") + "--out\n" + mixed + "--out--\n"
    found = parse(plain("From: a@example.org\nContent-Type: multipart/alternative; boundary=out", body)).messages[0]
    assert (found.text, found.html) == ("before and after", "<p>before</p><p>after</p>")
    assert [file.filename for file in found.attachments] == ["a.pdf"]


def test_attachments_are_listed_by_part_and_can_be_fetched_by_it() -> None:
    message = sample("en-attachments")
    assert (message.text, message.html) == ("See the two files.", "<p>See the <i>two</i> files.</p>")
    assert message.sender == Party(address="sam@example.org", name="Sam")
    pdf, forwarded = message.attachments
    assert (pdf.filename, pdf.content_type, pdf.size, pdf.ref) == ("fatura Şubat.pdf", "application/pdf", 9, "part:4")
    assert (forwarded.filename, forwarded.content_type) == ("forwarded as a file.eml", "message/rfc822")
    raw = (SAMPLES / "en-attachments.eml").read_bytes()
    assert mime.part_content(raw, 4)[1] == b"%PDF-1.4\n"
    with pytest.raises(NotFound):
        mime.part_content(raw, 40)


def test_broken_headers_are_read_as_a_person_would() -> None:
    message = sample("broken-headers")
    assert message.sender == Party(address="ilker@example.org", name="İlker Çağ")
    assert message.subject == "bozuk başlıklar"
    assert [party.address for party in message.recipients] == ["destek@example.com", "ikinci@example.com"]
    assert message.text == "Satır boş bırakılmadan başlayan gövde"
    assert (message.sent_at, message.threading.message_id) == (None, None)
    assert len(message.problems) >= 3


def test_flowed_lines_are_joined_and_answers_between_quotations_are_kept() -> None:
    message = sample("en-reply-inline")
    assert "so I wrote: is there any other way to order?" in message.text
    assert message.spoken.startswith("> Which size do you need?")
    assert message.spoken.endswith("Blue.")
    assert message.threading.in_reply_to == ("q-1@example.com",)
    assert ("Lovelace; Ada", "ada@example.org") in [(p.name, p.address) for p in message.recipients]


def test_old_mac_line_ends_and_uuencoded_files() -> None:
    assert sample("cr-only").text == "Line one\nLine two"
    assert sample("en-uuencode").text == "The log is below.\n\n[uuencoded file: log.txt]\n\nThanks."


def test_a_file_without_headers_is_one_text_and_an_empty_one_is_unparsable() -> None:
    message = parse(b"just some words\nfrom nobody\n").messages[0]
    assert (message.text, message.sender.address) == ("just some words\nfrom nobody", "")
    for nothing in (b"", b"  \r\n\n"):
        with pytest.raises(Unparsable):
            parse(nothing)


def test_plain_text_behind_base64_is_kept() -> None:
    body = base64.encodebytes("Merhaba, ürün nerede?".encode()).decode() + "-- \nlist footer with spaces\n"
    raw = plain("From: a@example.org\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", body)
    text = parse(raw).messages[0].text
    assert "Merhaba, ürün nerede?" in text
    assert "list footer with spaces" in text


# Who, where, when


@pytest.mark.parametrize(
    ("header", "address", "name"),
    [
        ('"Öz, Can" <CAN@Example.ORG>', "can@example.org", "Öz, Can"),
        ("can@example.org (Can)", "can@example.org", "Can"),
        ("=?utf-8?q?Can_=C3=96z_<can@example.org>?=", "can@example.org", "Can Öz"),
        ("=?utf-8?B?w5Y=?= =?utf-8?B?eg==?= <can@örnek.com.tr>", "can@xn--rnek-4qa.com.tr", "Öz"),
        ("Can <can@example.org", "can@example.org", "Can"),
        ("can@example.org www.example.org", "can@example.org", None),
        ("İPEK@EXAMPLE.ORG", "İpek@example.org", None),
    ],
)
def test_senders(header: str, address: str, name: str | None) -> None:
    message = parse(plain(f"From: {header}")).messages[0]
    assert (message.sender.address, message.sender.name) == (address, name)


def test_a_comma_without_quotes_does_not_make_the_surname_an_author() -> None:
    found = parse(plain("From: Yılmaz, Işıl <isil@example.org>\nSubject: x"), envelope()).messages[0]
    assert found.sender == Party(address="isil@example.org", name="Yılmaz, Işıl")
    assert found.authenticity.proof is Proof.NONE
    assert found.problems[0] == "a comma in the From's name without quotes: not proved"


@pytest.mark.parametrize(
    ("headers", "author"),
    [
        ("Reply-To: Işıl <isil@example.org>", Party(address="isil@example.org", name="Işıl")),
        (
            "X-Original-From: Işıl <isil@example.org>\nReply-To: destek@example.com",
            Party(address="isil@example.org", name="Işıl"),
        ),
        ("X-Original-Sender: isil@example.org\nList-ID: <destek.example.com>", Party(address="isil@example.org")),
    ],
)
def test_what_comes_in_the_inboxs_own_name_is_its_authors(headers: str, author: Party) -> None:
    """A form on the company's pages, or its mailing group, writes as the inbox: an answer there would reach nobody."""
    raw = plain(f"From: Site <Destek@example.com>\nTo: destek@example.com\n{headers}\nSubject: x")
    found = parse(raw, envelope()).messages[0]
    assert (found.sender, found.kind, found.authenticity.proof) == (author, Kind.MESSAGE, Proof.NONE)


@pytest.mark.parametrize(
    "reply_to", ["", "Reply-To: destek+TOKEN@example.com", "Reply-To: a@example.org, b@example.org"]
)
def test_the_inboxs_own_name_stays_where_nobody_else_is_named(reply_to: str) -> None:
    raw = plain(f"From: destek@example.com\n{reply_to or 'X-None: 1'}\nSubject: x")
    assert parse(raw, envelope()).messages[0].sender.address == "destek@example.com"


def test_the_envelope_says_who_got_it_when_and_with_which_token() -> None:
    message = sample("tr-reply-gmail", envelope())
    assert [party.address for party in message.recipients] == ["destek+tok3n@example.com", "kopya@example.com"]
    assert message.threading.tokens == ("tok3n",)
    assert message.provider_at == datetime(2026, 3, 12, 7, 4, 33, 250_000, tzinfo=UTC)
    assert message.occurred_at == message.provider_at
    assert message.threading.in_reply_to == ("0102-abc@eu-west-1.amazonses.com",)
    assert message.threading.references == ("first@example.org", "0102-abc@eu-west-1.amazonses.com")
    assert message.raw_ref == "s3://mail/1"


def test_without_an_envelope_the_token_comes_from_delivered_to_or_to() -> None:
    assert sample("tr-reply-gmail").threading.tokens == ("tok3n",)
    message = parse(plain("From: a@example.org\nDelivered-To: destek+ABC@example.com\nTo: list@example.net")).messages[
        0
    ]
    assert message.threading.tokens == ("abc",)


def test_only_aligned_dmarc_proves_the_author() -> None:
    proved = sample("tr-reply-gmail", envelope()).authenticity
    assert (proved.proof, proved.method, proved.dmarc) == (Proof.STRONG, "dmarc", Verdict.PASS)
    assert (proved.virus, proved.spf, proved.spam) == (Verdict.DISABLED, Verdict.GRAY, Verdict.PASS)
    assert sample("tr-reply-gmail", envelope("FAIL")).authenticity.proof is Proof.NONE
    assert sample("tr-reply-gmail", envelope("GRAY")).authenticity.proof is Proof.NONE
    assert sample("tr-reply-gmail").authenticity.proof is Proof.NONE


@pytest.mark.parametrize(
    "header",
    [
        "From: victim@bank.example, evil@example.org",
        "From: victim@bank.example\nFrom: evil@example.org",
        "Sender: evil@example.org",
        "From: nobody",
    ],
)
def test_a_from_that_dmarc_cannot_speak_for_proves_nothing(header: str) -> None:
    message = parse(plain(header), envelope()).messages[0]
    assert message.authenticity.dmarc is Verdict.PASS
    assert message.authenticity.proof is Proof.NONE


def test_an_author_that_ses_read_otherwise_is_not_proved() -> None:
    other = envelope(commonHeaders={"from": ["someone@else.example"]})
    assert parse(plain("From: a@example.org"), other).messages[0].authenticity.proof is Proof.NONE


# One mail is one id


def test_one_mail_by_two_ways_is_one_and_another_mail_under_its_id_is_another() -> None:
    raw = (SAMPLES / "tr-reply-gmail.eml").read_bytes()
    first = parse(raw, envelope()).messages[0]
    hop = parse(
        b"Received: from elsewhere\r\nDelivered-To: kopya@example.com\r\n" + raw, envelope(messageId="ses-2")
    ).messages[0]
    unix = parse(raw.replace(b"\r\n", b"\n")).messages[0]
    assert first.id == hop.id == unix.id
    assert first.id == ids.message_id(KEY, "ses", INBOX.brand, first.external_id or "")
    for before, after in ((b"eksik", b"fazla"), (b"isil@", b"ali@"), (b"10:04:31", b"10:04:32")):
        assert parse(raw.replace(before, after)).messages[0].id != first.id
    other_brand = INBOX.model_copy(update={"brand": "other"})
    assert parse(raw, inbox=other_brand).messages[0].id != first.id


def test_without_a_message_id_ses_names_the_mail_and_else_its_bytes_do() -> None:
    raw = plain("From: a@example.org\nMessage-ID: not an id")
    assert parse(raw, envelope()).messages[0].external_id == "ses-1"
    bare = parse(raw).messages[0].external_id
    assert bare is not None
    assert bare == parse(raw).messages[0].external_id != parse(raw + b"!").messages[0].external_id


# Limits


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"a" * (mime.MAX_BYTES + 1), TooLarge),
        (b"From: a@b.c\nX-A: " + b"x\n " * 200_000 + b"\n\nhi", TooLarge),
        (b"X: y\n" * 3_000 + b"\nhi", TooLarge),
        (b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 600 + b"--b--", TooLarge),
        (
            b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(60)) + b"\nx\n",
            TooLarge,
        ),
        (b"Content-Type: message/rfc822\n\n" * 60 + b"x", TooLarge),
    ],
    ids=["bytes", "header-bytes", "headers", "parts", "depth", "messages-in-messages"],
)
def test_bombs_are_refused_with_the_limit_named(raw: bytes, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"\d"):
        parse(raw)


def test_a_very_long_text_is_cut_and_said_so() -> None:
    message = parse(plain("From: a@example.org\nContent-Type: text/plain; charset=utf-8", "ş" * 300_000)).messages[0]
    assert len(message.text.encode()) == 256 * 1024
    assert any("cut" in problem for problem in message.problems)


# A notification without the mail


def test_a_notification_without_body_is_a_message_of_its_headers() -> None:
    described = {
        "messageId": "ses-9",
        "timestamp": "2026-03-12T07:04:33.250Z",
        "commonHeaders": {"from": ["Işıl <isil@example.org>"], "subject": "Merhaba", "messageId": "<m@example.org>"},
    }
    message = parse(b"", {"mail": described, "receipt": {"recipients": ["destek@example.com"]}}).messages[0]
    assert (message.sender.address, message.subject, message.text) == ("isil@example.org", "Merhaba", "")
    assert message.threading.message_id == "m@example.org"
    assert "body not in this event" in message.problems


# The channel's other duties


def test_verify_lets_ses_and_bare_files_through_and_refuses_anything_else() -> None:
    EMAIL.verify(Request(received_at=NOW, envelope=envelope()), INBOX, {}, NOW)
    EMAIL.verify(Request(received_at=NOW), INBOX, {}, NOW)
    strangers: list[dict[str, Any]] = [{"hello": 1}, {"mail": {}, "receipt": {}}, {"mail": "x"}]
    for strange in strangers:
        with pytest.raises(Refused):
            EMAIL.verify(Request(received_at=NOW, envelope=strange), INBOX, {}, NOW)
    assert EMAIL.challenge(Request(received_at=NOW), INBOX, {}) is None
    assert EMAIL.acknowledge(Parsed()).status == 200


def outgoing(**changes: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "id": "m_abc",
        "channel": ChannelName.EMAIL,
        "provider": Provider.SES,
        "inbox": "destek",
        "direction": Direction.OUTBOUND,
        "sender": Party(address=INBOX.address),
        "recipients": (Party(address="isil@example.org", name="Öztürk, Işıl"),),
        "subject": "Re: YNT: Re: Sipariş 12345",
        "text": "Merhaba,\nürün yola çıktı.\n",
        "received_at": NOW,
    }
    around = {
        name: changes.pop(name)
        for name in ("in_reply_to", "references", "automatic", "reply_address", "mark", "unsubscribe_url")
        if name in changes
    }
    return Outgoing(message=Message(**fields | changes), inbox=INBOX, **around)


def sent(out: Outgoing) -> tuple[dict[str, Any], email.message.EmailMessage]:
    request = EMAIL.render(out, {"configuration_set": "santral"})
    assert (request.method, request.url, request.sign) == ("POST", "ses:/v2/email/outbound-emails", "ses")
    body = json.loads(request.body)
    raw = base64.b64decode(body["Content"]["Raw"]["Data"])
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.count(b"\n") == raw.count(b"\r\n")
    return body, email.message_from_bytes(raw, policy=email.policy.default)


def test_a_reply_threads_carries_our_id_and_says_re_once_in_the_customers_language() -> None:
    body, mail = sent(
        outgoing(
            in_reply_to="CAGa-1@mail.example.org",
            references=("first@example.org",),
            reply_address="destek+tok@example.com",
        )
    )
    assert mail["Subject"] == "Ynt: Sipariş 12345"
    assert mail["From"].addresses[0].display_name == "Örnek Destek"
    assert mail["To"].addresses[0].display_name == "Öztürk, Işıl"
    assert mail["In-Reply-To"] == "<CAGa-1@mail.example.org>"
    assert mail["References"].split() == ["<first@example.org>", "<CAGa-1@mail.example.org>"]
    assert mail["Reply-To"].addresses[0].addr_spec == "destek+tok@example.com"
    assert mail["X-Santral-Send"] == "m_abc"
    assert mail["Auto-Submitted"] is None
    assert mail.get_content().splitlines() == ["Merhaba,", "ürün yola çıktı."]
    assert body["Destination"] == {"ToAddresses": ["isil@example.org"]}
    assert body["FromEmailAddress"] == "destek@example.com"
    assert body["EmailTags"] == [{"Name": "santral-send", "Value": "m_abc"}]
    assert body["ConfigurationSetName"] == "santral"


def test_outreach_says_how_a_mail_program_unsubscribes() -> None:
    _, mail = sent(outgoing(unsubscribe_url="https://santral.example.com/u/abc"))
    assert mail["List-Unsubscribe"] == "<https://santral.example.com/u/abc>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    _, local = sent(outgoing(unsubscribe_url="http://127.0.0.1:3000/u/abc"))  # RFC 8058 wants https
    assert (local["List-Unsubscribe"], local["List-Unsubscribe-Post"]) == ("<http://127.0.0.1:3000/u/abc>", None)
    _, answer = sent(outgoing())
    assert answer["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "url", ["https://x/u/a>, <mailto:x@y", "https://x/\r\nBcc: a@b", "javascript:1", "https://x/ş", ""]
)
def test_an_unsubscribe_link_cannot_break_out_of_its_header(url: str) -> None:
    with pytest.raises(Rejected):
        sent(outgoing(unsubscribe_url=url))


def test_what_we_send_we_read_again_as_it_was() -> None:
    mark = ids.conversation_token(KEY, "m_abcdefghijklmnopqrstuvwx")
    out = outgoing(html="<p>Merhaba</p>", in_reply_to="a@b", language="en", mark=mark)
    request = EMAIL.render(out, {})
    raw = base64.b64decode(json.loads(request.body)["Content"]["Raw"]["Data"])
    assert request == EMAIL.render(out, {})
    message = parse(raw).messages[0]
    assert (message.subject, message.html) == ("Re: Sipariş 12345", "<p>Merhaba</p>")
    assert message.text == "Merhaba,\nürün yola çıktı."
    assert message.sender == Party(address="destek@example.com", name="Örnek Destek")
    assert message.kind is Kind.AUTO_REPLY  # our own mail that came back must not be answered


@pytest.mark.parametrize("key", [b"o" * 32, None], ids=["another company's mark", "no mark"])
def test_what_another_santral_sent_is_a_persons_mail(key: bytes | None) -> None:
    mark = ids.conversation_token(key, "m_abcdefghijklmnopqrstuvwx") if key else "m_abcdefghijklmnopqrstuvwx"
    message = parse(plain(f"From: ada@other.example\nX-Santral-Send: {mark}")).messages[0]
    assert message.kind is Kind.MESSAGE


EMPTY_LINES = {
    "two stay": ("a\n\n\nb\n", "a\n\n\nb"),
    "more are two": ("a\n\n\n\n \n\nb\n", "a\n\n\nb"),
    "without width": ("a\n\u200b\n\nb\n\n\u200b\u200b\n\n\ufeff\n\nc\n", "a\n\n\nb\n\n\nc"),
    "within words": ("a\u200bb\n", "a\u200bb"),
}


@pytest.mark.parametrize("name", EMPTY_LINES)
def test_empty_lines_in_a_row_are_two_at_most(name: str) -> None:
    body, text = EMPTY_LINES[name]
    raw = plain("From: a@example.org\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit", body)
    assert parse(raw).messages[0].text == text


def test_an_automatic_answer_says_so() -> None:
    assert sent(outgoing(in_reply_to="a@b", automatic=True))[1]["Auto-Submitted"] == "auto-replied"
    assert sent(outgoing(automatic=True))[1]["Auto-Submitted"] == "auto-generated"
    assert sent(outgoing())[1]["Subject"] == "Re: YNT: Re: Sipariş 12345"


def test_no_header_can_be_injected() -> None:
    evil = "x\r\nBcc: all@example.org\r\n\r\nbody"
    _, mail = sent(
        outgoing(
            subject=evil,
            recipients=(Party(address="a@example.org", name=evil),),
            in_reply_to="a@b>\r\nBcc: c@example.org\r\nX: <",
            references=(evil, "ok@example.org"),
        )
    )
    assert mail["Bcc"] is None
    assert "Bcc" in mail["Subject"]
    assert (mail["References"], mail["In-Reply-To"]) == ("<ok@example.org>", None)
    for address in ("a@example.org\r\nBcc: b@example.org", "no-at", "two words@example.org", "ş@example.org", "a@"):
        with pytest.raises(Rejected):
            EMAIL.render(outgoing(recipients=(Party(address=address),)), {})
    with pytest.raises(Rejected):
        EMAIL.render(outgoing(recipients=()), {})


def answer(status: int, body: Any = None, **headers: str) -> HttpResponse:
    return HttpResponse(status, headers, json.dumps(body).encode() if body is not None else b"<html>")


def test_what_ses_answers_says_what_to_do_next() -> None:
    assert EMAIL.interpret(answer(200, {"MessageId": "0102-x"})) == "0102-x"
    for response in (answer(200), answer(200, {}), answer(408), answer(500, {}), answer(504)):
        with pytest.raises(Unknown):
            EMAIL.interpret(response)
    for response in (
        answer(429, {}, **{"Retry-After": "7"}),
        answer(503),
        answer(400, {}, **{"x-amzn-ErrorType": "LimitExceededException:http://x"}),
    ):
        with pytest.raises(Temporary) as later:
            EMAIL.interpret(response)
        assert later.value.retry_after == (7 if response.status == 429 else None)
    for code, ours in (
        ("MessageRejected", False),
        ("BadRequestException", False),
        ("AccountSuspendedException", True),
        ("SendingPausedException", True),
        ("MailFromDomainNotVerifiedException", True),
    ):
        with pytest.raises(Rejected) as refused:
            EMAIL.interpret(answer(400, {"__type": f"com.amazonaws.sesv2#{code}", "message": "no"}))
        assert (refused.value.code, refused.value.credentials) == (code, ours)
    with pytest.raises(Rejected) as denied:
        EMAIL.interpret(answer(403, {"message": "The security token is invalid"}))
    assert denied.value.credentials


def test_reports_carry_our_send_id_back() -> None:
    parsed = parse((SAMPLES / "en-dsn-mixed.eml").read_bytes())
    assert parsed.messages[0].kind is Kind.BOUNCE
    assert [(r.status, r.recipient, r.permanent, r.code) for r in parsed.receipts] == [
        (ReceiptStatus.BOUNCED, "gone@example.net", True, "5.1.1"),
        (ReceiptStatus.DELAYED, "late@example.net", False, "4.4.7"),
        (ReceiptStatus.DELIVERED, "here@example.net", None, "2.0.0"),
    ]
    assert {r.send_id for r in parsed.receipts} == {"m_qrstuvwxyz234567abcdefgh"}
    assert {r.external_id for r in parsed.receipts} == {"0102-ghi@eu-west-1.amazonses.com"}
    assert len({r.id for r in parsed.receipts}) == 3
    again = parse((SAMPLES / "en-dsn-mixed.eml").read_bytes())
    assert [r.id for r in again.receipts] == [r.id for r in parsed.receipts]


def test_a_bounce_of_words_alone_and_a_complaint() -> None:
    (bounced,) = parse((SAMPLES / "tr-bounce-text.eml").read_bytes()).receipts
    assert (bounced.status, bounced.recipient, bounced.code) == (ReceiptStatus.BOUNCED, "musteri@ornek.com.tr", "5.2.2")
    assert (bounced.external_id, bounced.send_id) == ("0102-def@eu-west-1.amazonses.com", "m_abcdefghijklmnopqrstuvwx")
    parsed = parse((SAMPLES / "en-complaint.eml").read_bytes())
    assert parsed.messages[0].kind is Kind.COMPLAINT
    (complained,) = parsed.receipts
    assert (complained.status, complained.recipient, complained.send_id) == (
        ReceiptStatus.COMPLAINED,
        "angry@isp.example",
        "m_222222222222222222222222",
    )
