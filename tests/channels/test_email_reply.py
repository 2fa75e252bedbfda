"""Reply extraction: what is new, in several languages; what looks like a quotation and is none; and its time."""

import time

import pytest

from channels.email_reply import reply_of

CUT = {
    "zoho": "Tamam.\n\n---- On Thu, 12 Mar 2026 10:15:00 +0300 Destek <destek@example.com> wrote ----\n\n> Olur mu?\n",
    "zoho tr": "Tamam.\n\n---- Per, 12 Mar 2026 10:15:00 +0300 Destek <destek@example.com> yazdı ----\n\n> Olur mu?\n",
    "gmail tr": "Tamam.\n\n12 Mart 2026 Per 10:15 tarihinde Destek <destek@example.com> şunu yazdı:\n\n> Olur mu?\n",
    "gmail tr new": "Tamam.\n\nDestek <destek@example.com>, 12 Mar 2026 Per, 10:15 tarihinde şunu yazdı:\n\n> Olur mu?\n",
    "gmail tr wrapped": "Tamam.\n\nDestek <destek@example.com>, 12 Mar 2026 Per, 10:15\ntarihinde şunu yazdı:\n\n> Olur mu?\n",
    "apple tr": "Tamam.\n\nDestek <destek@example.com> şunları yazdı (12 Mar 2026 10:15):\n\n> Olur mu?\n",
    "yahoo tr": "Tamam.\n\n    12 Mart 2026 Perşembe 10:15:00 GMT+3 tarihinde Destek <d@example.com> şunu yazdı:  \n\n Olur mu?",
    "outlook tr": "Tamam.\n\nKimden: Destek <d@example.com>\nGönderilme: 12 Mart 2026 Perşembe 10:15\nKime: Ali\nKonu: Soru\n\nOlur mu?",
    "outlook tr rule": "Tamam.\n\n-----Orijinal Mesaj-----\nKimden: Destek\nKonu: Soru\n\nOlur mu?",
    "özgün": "Tamam.\n\n-----Özgün İleti-----\nGönderen: Destek\nTarih: 12 Mart 2026\nKonu: Soru\n\nOlur mu?",
    "iphone tr": "Tamam.\n\niPhone'umdan gönderildi\n\n> Destek <destek@example.com> şunları yazdı (12 Mar 2026 10:15):\n> \n> Olur mu?",
    "android tr": "Tamam.\n\nAndroid için Outlook'u edinin\n________________________________\nFrom: Destek <d@example.com>\n"
    "Sent: Thursday, March 12, 2026 10:15\nTo: Ali\nSubject: Soru\n\nOlur mu?",
    "forward tr": "Tamam.\n\n---------- Yönlendirilmiş ileti ---------\nGönderen: Destek <d@example.com>\n"
    "Date: 12 Mar 2026 Per, 10:15\n\nOlur mu?",
    "sign-off tr": "Tamam.\n\nSaygılarımla,\nAli Veli\n0532 000 00 00",
    "en": "Tamam.\n\nOn Thu, Mar 12, 2026 at 10:15 AM Support <s@example.com> wrote:\n> ok?",
    "de": "Tamam.\n\nAm Do., 12. März 2026 um 10:15 Uhr schrieb Support <s@example.com>:\n> ok?",
    "fr": "Tamam.\n\nLe jeu. 12 mars 2026 à 10:15, Support <s@example.com> a écrit :\n> ok?",
    "es": "Tamam.\n\nEl jue, 12 mar 2026 a las 10:15, Support (<s@example.com>) escribió:\n> ok?",
    "unknown language": "Tamam.\n\n2026-03-12 10:15 Support <s@example.com>:\n> ok?",
    "signature": "Tamam.\n-- \nAli Veli\nÖrnek A.Ş.",
    "bottom": "On Thu, Mar 12, 2026 at 10:15 AM Support <s@example.com> wrote:\n> ok?\n> really?\n\nTamam.",
    "crlf": "Tamam.\r\n\r\nOn Thu, Mar 12, 2026 at 10:15 AM Support <s@example.com> wrote:\r\n> ok?\r\n",
}

WHOLE = [
    "Merhaba, 3 Mart 2026 tarihinde verdiğim sipariş gelmedi. Eşim de size yazdı:\ncevap yok.",
    "On 3 March I asked about the order. You wrote: it will come. It did not.",
    "From: Istanbul\nTo: Ankara\nDate: 5 May\n\nPlease book this flight.",
    "SELECT 1 -- a comment\n--flag --other\nend",
    "I sent it from my desk this morning, sent from my own account.\nStill nothing.",
    "Ürün | Adet\n-----------\nKalem | 3",
    "İyi günler,\nsiparişim nerede?",
    "Teşekkürler",
    "👍",
    "> yalnızca alıntı",
    "-- \nonly a signature",
    "---------- Forwarded message ----------\nFrom: A <a@example.org>\nDate: today\nSubject: s\n\nAll of it is forwarded.",
    "",
]


@pytest.mark.parametrize("name", CUT)
def test_history_and_signature_are_left_out(name: str) -> None:
    assert reply_of(CUT[name]) == "Tamam."


@pytest.mark.parametrize("text", WHOLE)
def test_what_only_looks_like_history_stays(text: str) -> None:
    assert reply_of(text) is None


def test_an_answer_right_under_a_short_question_is_no_wrapped_part_of_it() -> None:
    introduction = "12 Mart 2026 Per 10:15 tarihinde Destek <destek@example.com> şunu yazdı:\n"
    between = "> Rengi?\nMavi\n> Bedeni?\nKüçük\n"
    assert reply_of(introduction + between) == between.strip()


def test_answers_between_quotations_stay_with_their_questions() -> None:
    text = "> Beden?\n\nM\n\n> Renk?\n\nMavi\n\n-- \nAli"
    assert reply_of(text) == "> Beden?\n\nM\n\n> Renk?\n\nMavi"


@pytest.mark.parametrize(
    "text",
    [
        "a\n" * 130_000,
        "On 2026 10:10 a@b\n" * 14_000,
        "On 1 wrote:\n" * 20_000,
        ">a\nb\n" * 50_000,
        "From: a\n" * 30_000,
        " " * 260_000,
        "-" * 260_000,
        "(" * 260_000,
        ("x" + " " * 500 + "\n") * 500,
        ("-" * 80 + "\n") * 3_000,
    ],
    ids=["lines", "on", "wrote", "quotes", "from", "spaces", "dashes", "brackets", "trailing", "rules"],
)
def test_time_is_bounded_on_texts_made_to_be_slow(text: str) -> None:
    started = time.process_time()
    reply_of(text)
    assert time.process_time() - started < 2
