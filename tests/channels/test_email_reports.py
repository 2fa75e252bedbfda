"""Bounces, robots and lists as they come: in many languages, often without any machine-readable part."""

from datetime import UTC, datetime

import pytest

from channels.base import Request
from channels.email import Email
from router.config import Inbox
from router.messages import Kind, Parsed

NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
INBOX = Inbox(name="support", channel="email", address="support@example.com", queue="q")
COMMON = "To: support@example.com\nDate: Tue, 10 Mar 2026 09:30:00 +0300\nContent-Type: text/plain; charset=utf-8\n"


def parse(headers: str, body: str = "hello\n") -> Parsed:
    raw = (headers.strip("\n") + "\n" + COMMON + "\n" + body).encode()
    return Email().parse(Request(body=raw, received_at=NOW), INBOX, b"k" * 32)


DAEMON = "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\n"
BOUNCES = {
    "german Exchange": (
        'Return-Path: <>\nFrom: "Microsoft Outlook" <postmaster@firma.example>\nSubject: Unzustellbar: Ihre Anfrage',
        (
            "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:\n\nmax@firma.example<mailto:max@firma.example>\n"
            "Die E-Mail-Adresse konnte nicht gefunden werden.\n\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\n"
            "Ursprüngliche Nachrichtenkopfzeilen:\n\nReceived: from a\nMessage-ID: <sent-1@example.com>\n"
        ),
        [("bounced", "max@firma.example", True, "sent-1@example.com")],
    ),
    "turkish": (
        "Return-Path: <>\nFrom: postmaster@ornek.example\nSubject: İletilemedi: Siparişiniz",
        "Aşağıdaki alıcılara teslim edilemedi:\n\n<veli@ornek.example>: 550 5.1.1 Kullanıcı bilinmiyor\n",
        [("bounced", "veli@ornek.example", True, None)],
    ),
    "turkish delay": (
        DAEMON + "Subject: Teslimat gecikti",
        "İletiniz henüz teslim edilmedi; denemeye devam edilecek.\n\n  veli@ornek.example\n    451 4.7.1 daha sonra deneyin\n",
        [("delayed", "veli@ornek.example", False, None)],
    ),
    "french": (
        DAEMON + "Subject: Échec de la remise",
        "Votre message n'a pas pu être remis à :\n\n  <jean@fai.example>\n\nboîte pleine\n",
        [("bounced", "jean@fai.example", None, None)],
    ),
    "japanese, two lines": (
        "From: MAILER-DAEMON@mail.example\nSubject: 配信できませんでした",
        "<taro@mail.example>: user unknown\n",
        [("bounced", "taro@mail.example", True, None)],
    ),
    "over quota": (
        "Return-Path: <>\nFrom: Postmaster@tel.example\nSubject: Mail System Error - Returned Mail",
        "The user(s) account is temporarily over quota.\n\n<hana@tel.example>\n",
        [("bounced", "hana@tel.example", None, None)],
    ),
    "exim's warning": (
        DAEMON + "Subject: Warning: message 1abc-00 delayed 24 hours",
        (
            "A message that you sent has not yet been delivered to one or more of its recipients.\n\n  a@slow.example\n"
            "    Delay reason: 451 4.7.1 greylisted\n\nNo action is required. Delivery attempts will continue for some time.\n"
        ),
        [("delayed", "a@slow.example", False, None)],
    ),
    "several addresses, ours among them": (
        DAEMON + "X-Failed-Recipients: a@x.example, b@x.example\nSubject: Mail delivery failed",
        "A message from support@example.com failed:\n\n  a@x.example\n    550 5.1.1 unknown\n  b@x.example\n    452 4.2.2 full\n",
        [("bounced", "a@x.example", True, None), ("bounced", "b@x.example", False, None)],
    ),
}


@pytest.mark.parametrize("name", BOUNCES)
def test_a_bounce_of_words_names_who_failed(name: str) -> None:
    headers, body, expected = BOUNCES[name]
    parsed = parse(headers, body)
    assert parsed.messages[0].kind is Kind.BOUNCE
    assert [(r.status.value, r.recipient, r.permanent, r.external_id) for r in parsed.receipts] == expected


REASONS = {
    "a reason on its own line": (
        "It was rejected and discarded.\n\nreject reason: Mailbox full\ntarget mail address: a@x.example\n",
        ("reject reason: Mailbox full", "5.2.2", True),
    ),
    "a reason, and nothing said for how long": (
        "It could not be delivered.\n\nReason: Mailbox full\nRecipient a@x.example\n",
        ("Reason: Mailbox full", None, None),
    ),
    "a scrap before it": (
        "<a@x.example>:\nRemote host said: 550 5.1.1 User unknown\n",
        ("550 5.1.1 User unknown", "5.1.1", True),
    ),
    "only a scrap": ("It could not be delivered:\n\n<a@x.example>:\n", (None, None, None)),
    "a link of Outlook's": (
        "It could not be delivered:\n\na@x.example<mailto:a@x.example>\nNo such mailbox. 550 5.1.1\n",
        ("No such mailbox. 550 5.1.1", "5.1.1", True),
    ),
}


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_is_told_without_scraps(name: str) -> None:
    body, expected = REASONS[name]
    (receipt,) = parse(DAEMON + "Subject: Mail delivery failed", body).receipts
    assert (receipt.detail, receipt.code, receipt.permanent) == expected


def report(kind: str, part: str, fields: str) -> Parsed:
    headers = f"From: MAILER-DAEMON@mx.example\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary=b\n"
    raw = headers + f"\n--b\nContent-Type: text/plain\n\nA report.\n--b\nContent-Type: {part}\n\n{fields}\n--b--\n"
    return Email().parse(Request(body=raw.encode(), received_at=NOW), INBOX, b"k" * 32)


@pytest.mark.parametrize(
    ("fields", "kind", "status"),
    [
        ("Action: failed\nStatus: 5.1.1", Kind.BOUNCE, "bounced"),
        ("Action: delayed\nStatus: 4.4.1", Kind.BOUNCE, "delayed"),
        ("Action: unheard-of\nStatus: 5.0.0", Kind.BOUNCE, "unknown"),
        ("Action: deliverable\nStatus: 2.1.5", Kind.AUTO_REPLY, "unknown"),
        ("Action: delivered\nStatus: 2.0.0", Kind.AUTO_REPLY, "delivered"),
        ("Action: relayed\nStatus: 2.0.0", Kind.AUTO_REPLY, "sent"),
    ],
)
def test_only_what_did_not_arrive_bounced(fields: str, kind: Kind, status: str) -> None:
    parsed = report("delivery-status", "message/delivery-status", f"Final-Recipient: rfc822; a@x.example\n{fields}\n")
    assert (parsed.messages[0].kind, [r.status.value for r in parsed.receipts]) == (kind, [status])


@pytest.mark.parametrize(
    ("feedback", "kind", "status"),
    [
        ("abuse", Kind.COMPLAINT, "complained"),
        ("auth-failure", Kind.AUTO_REPLY, "unknown"),
        ("not-spam", Kind.AUTO_REPLY, "unknown"),
    ],
)
def test_a_failed_authentication_is_nobodys_complaint(feedback: str, kind: Kind, status: str) -> None:
    fields = f"Feedback-Type: {feedback}\nOriginal-Rcpt-To: a@x.example\n"
    parsed = report("feedback-report", "message/feedback-report", fields)
    assert (parsed.messages[0].kind, [r.status.value for r in parsed.receipts]) == (kind, [status])


PEOPLE = [
    ("From: ali@x.example\nSubject: Teslimat başarısız", "Siparişim teslim edilemedi, 550 TL ödedim. ali@x.example\n"),
    (
        "From: ali@x.example\nSubject: Fwd: Undeliverable: order",
        "Why?\n\n--- Forwarded message ---\nFrom: postmaster@x.example\nb@x.example could not be delivered: 550 5.1.1\n",
    ),
    ("From: delivery@courier.example\nSubject: Delivery failed for parcel 5", "We could not deliver the parcel.\n"),
    ("From: a@x.example\nSubject: Re: Out of office hours?", "When do you open?\n"),
    ("From: a@x.example\nSubject: Out of office - can you still help?", "When do you open?\n"),
    ("From: a@x.example\nSubject: Urlaub in Antalya", "Ich möchte buchen.\n"),
    ("From: a@x.example\nAuto-Submitted: no\nX-Autoreply: no\nSubject: hi", "hello\n"),
    ("From: no-reply@shop.example\nReply-To: a@x.example\nSubject: Contact form", "Please call me.\n"),
    ("From: a@x.example\nList-ID: <support.example.com>\nPrecedence: list\nSubject: by our own group", "help\n"),
    ("From: a@x.example\nX-Auto-Response-Suppress: DR, RN, NRN\nSubject: order", "help\n"),
]


@pytest.mark.parametrize(("headers", "body"), PEOPLE)
def test_a_person_is_not_taken_for_a_robot(headers: str, body: str) -> None:
    parsed = parse(headers, body)
    assert (parsed.messages[0].kind, parsed.receipts) == (Kind.MESSAGE, ())


ROBOTS = [
    "Auto-Submitted: auto-replied",
    'Auto-Submitted: auto-generated; owner-email="x@y.example"',
    "Auto-Submitted: auto-notified",
    "X-Autoreply: yes",
    "X-Autorespond: out",
    "X-Auto-Response-Suppress: All",
    "Precedence: auto_reply",
    "Return-Path: <>",
    "Subject: Otomatik Yanıt: Siparişiniz",
    "Subject: OTOMATİK YANIT",
    "Subject: =?windows-1254?Q?Otomatik_cevap:_izindeyim?=",
    "Subject: Ofis dışındayım",
    "Subject: OFİS DIŞINDA: Siparişiniz",
    "Subject: Ofis dışı yanıtı",
    "Subject: Yıllık izin bildirimi",
    "Subject: Abwesenheitsnotiz: Anfrage",
    "Subject: Automatische Antwort: Anfrage",
    "Subject: Abwesend bis 5. Mai",
    "Subject: =?utf-8?Q?R=C3=A9ponse_automatique_:_commande?=",
    "Subject: Absence du bureau",
    "Subject: Respuesta automática: pedido",
    "Subject: Risposta automatica: ordine",
    "Subject: Automatisch antwoord: bestelling",
    "Subject: Автоответ: заказ",
    "Subject: 自動返信: 注文",
    "Subject: Automatic reply: order",
    "Subject: Out of Office: order",
    "Subject: Away until May 5",
]


@pytest.mark.parametrize("header", ROBOTS)
def test_robots_are_known_by_one_strong_sign(header: str) -> None:
    message = parse("From: a@x.example\n" + header).messages[0]
    assert message.kind is Kind.AUTO_REPLY
    assert message.kind.automatic


@pytest.mark.parametrize(
    "header",
    [
        "List-Unsubscribe: <mailto:u@shop.example>",
        "List-Id: News <news.shop.example>",
        "Precedence: bulk",
        "Precedence: junk",
    ],
)
def test_newsletters_are_bulk(header: str) -> None:
    assert parse("From: news@shop.example\nSubject: 50 %\n" + header).messages[0].kind is Kind.BULK


def test_a_person_may_write_about_what_is_out_of_an_office() -> None:
    assert parse("From: a@x.example\nSubject: Ofis dışı toplantı teklifi").messages[0].kind is Kind.MESSAGE


def test_the_reason_is_told_where_the_line_with_the_recipient_says_none() -> None:
    body = "The following recipient: full@mail.example\nReason: Mailbox full 452 4.2.2 over quota\n"
    (receipt,) = parse("From: postmaster@mail.example\nReturn-Path: <>\nSubject: Returned Mail", body).receipts
    assert (receipt.recipient, receipt.code, receipt.permanent) == ("full@mail.example", "4.2.2", False)
    assert receipt.detail == "Reason: Mailbox full 452 4.2.2 over quota"


def test_a_forwarded_bounce_is_the_persons_mail() -> None:
    inner = "From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=i\n\n"
    inner += (
        "--i\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; b@x.example\nAction: failed\n--i--\n"
    )
    raw = "From: a@x.example\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nsee\n--o\nContent-Type: message/rfc822\n\n"
    parsed = Email().parse(Request(body=(raw + inner + "--o--\n").encode(), received_at=NOW), INBOX, b"k" * 32)
    assert (parsed.messages[0].kind, parsed.receipts) == (Kind.MESSAGE, ())


def test_a_read_receipt_is_a_receipt() -> None:
    raw = (
        "From: a@x.example\nSubject: Read: hi\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nwas displayed\n--b\nContent-Type: message/disposition-notification\n\n"
        "Final-Recipient: rfc822; a@x.example\nOriginal-Message-ID: <sent@example.com>\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n--b--\n"
    )
    parsed = Email().parse(Request(body=raw.encode(), received_at=NOW), INBOX, b"k" * 32)
    (receipt,) = parsed.receipts
    assert (parsed.messages[0].kind, receipt.status.value) == (Kind.AUTO_REPLY, "read")
    assert (receipt.external_id, receipt.recipient) == ("sent@example.com", "a@x.example")
