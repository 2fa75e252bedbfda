"""Which messages are the answer to a survey, and which only look like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.scores import RANGES, ScoreKind
from router.survey_replies import Said, may_be, read

CSAT, NPS, CES = ScoreKind.CSAT, ScoreKind.NPS, ScoreKind.CES
KINDS = st.sampled_from([CSAT, NPS, CES])

SCORES: list[tuple[str, ScoreKind, int]] = [
    ("5", CSAT, 5), (" 5 ", CSAT, 5), ("5.", CSAT, 5), ("5!!!", CSAT, 5), ("(4)", CSAT, 4), ("5️⃣", CSAT, 5), ("５", CSAT, 5),
    ("5/5", CSAT, 5), ("4 / 5", CSAT, 4), ("5 üzerinden 4", CSAT, 4), ("4 out of 5", CSAT, 4), ("10 üzerinden 8", NPS, 8),
    ("5 puan", CSAT, 5), ("5 PUAN", CSAT, 5), ("4 yıldız", CSAT, 4), ("4 YILDIZ", CSAT, 4), ("4 yildiz", CSAT, 4), ("5 stars", CSAT, 5),
    ("puanım 4", CSAT, 4), ("PUANIM 4", CSAT, 4), ("Puanim: 4", CSAT, 4), ("notum 5", CSAT, 5), ("benim puanım 4", CSAT, 4),
    ("my score is 9", NPS, 9), ("I'd say 8", NPS, 8), ("4 veriyorum", CSAT, 4), ("5 puan verdim", CSAT, 5),
    ("beş", CSAT, 5), ("BEŞ", CSAT, 5), ("bes", CSAT, 5), ("Beş puan", CSAT, 5), ("beş yıldız", CSAT, 5), ("dört", CSAT, 4),
    ("ÜÇ", CSAT, 3), ("iki", CSAT, 2), ("İKİ", CSAT, 2), ("IKI", CSAT, 2), ("ıkı", CSAT, 2), ("bir", CSAT, 1), ("BİR", CSAT, 1),
    ("five", CSAT, 5), ("Ten", NPS, 10), ("on", NPS, 10), ("sıfır", NPS, 0), ("SIFIR", NPS, 0), ("0", NPS, 0), ("10", NPS, 10),
    ("10/10", NPS, 10), ("7", CES, 7), ("yedi", CES, 7), ("7/7", CES, 7),
    ("★★★★★", CSAT, 5), ("★★★★☆", CSAT, 4), ("⭐️⭐️⭐️", CSAT, 3),
    ("evet", CSAT, 5), ("EVET", CSAT, 5), ("Evet.", CSAT, 5), ("hayır", CSAT, 1), ("HAYIR", CSAT, 1), ("hayir", CSAT, 1),
    ("yes", CSAT, 5), ("No", CSAT, 1), ("yes", CES, 7), ("hayır", CES, 1), ("👍", CSAT, 5), ("👍🏽", CSAT, 5), ("👍👍", CSAT, 5),
    ("👎", CSAT, 1),
    ("çok memnunum", CSAT, 5), ("ÇOK MEMNUNUM", CSAT, 5), ("cok memnunum", CSAT, 5), ("Çok memnun kaldım.", CSAT, 5), ("memnunum", CSAT, 4),
    ("memnun değilim", CSAT, 2), ("MEMNUN DEĞİLİM", CSAT, 2), ("memnun degilim", CSAT, 2), ("hiç memnun kalmadım", CSAT, 1),
    ("hayır, memnun değilim", CSAT, 2), ("evet çok memnun kaldım", CSAT, 5), ("kararsızım", CSAT, 3), ("very satisfied", CSAT, 5),
    ("I'm very satisfied", CSAT, 5), ("not satisfied", CSAT, 2), ("very dissatisfied", CSAT, 1), ("neutral", CSAT, 3), ("harika", CSAT, 5),
    ("berbat", CSAT, 1), ("çok kolaydı", CES, 7), ("zordu", CES, 2), ("very easy", CES, 7),
    ("5 teşekkürler", CSAT, 5), ("5, teşekkür ederim", CSAT, 5), ("Teşekkürler, 5", CSAT, 5), ("merhaba 4", CSAT, 4), ("5 👍", CSAT, 5),
    ("5 çok memnun kaldım", CSAT, 5), ("5 - harika", CSAT, 5), ("10 thanks!", NPS, 10), ("5 😊", CSAT, 5), ("5 :)", CSAT, 5),
]  # fmt: skip

BESIDES: list[tuple[str, ScoreKind, int, str]] = [
    ("5 ama kargo geç geldi", CSAT, 5, "ama kargo geç geldi"),
    ("2, kargo gelmedi", CSAT, 2, "kargo gelmedi"),
    ("1\nKimse beni aramadı", CSAT, 1, "Kimse beni aramadı"),
    ("3/5 - paket yırtıktı", CSAT, 3, "paket yırtıktı"),
    ("9: very quick", NPS, 9, "very quick"),
    ("4 puan çünkü geç geldi", CSAT, 4, "çünkü geç geldi"),
    ("4 because it was late", CSAT, 4, "because it was late"),
    ("beş ama geç geldi", CSAT, 5, "ama geç geldi"),
    ("Memnun değilim, ürün kırık çıktı", CSAT, 2, "ürün kırık çıktı"),
    ("çok memnunum ama kutu ezikti", CSAT, 5, "ama kutu ezikti"),
    ("güzel ama pahalı", CSAT, 4, "ama pahalı"),
    ("puanım 2. \nBir daha almam", CSAT, 2, "Bir daha almam"),
]

NONE: list[tuple[str, ScoreKind]] = [
    ("5 adet istiyorum", CSAT), ("3. gün oldu hâlâ gelmedi", CSAT), ("3 gün oldu", CSAT), ("3.gün", CSAT), ("2 numara büyük geldi", CSAT),
    ("5 tane daha alabilir miyim", CSAT), ("5?", CSAT), ("5, 6 gün oldu", CSAT), ("5-6 gün oldu", CSAT), ("10:30'da geldi", NPS),
    ("5'i bozuk çıktı", CSAT), ("4,5", CSAT), ("4.5", CSAT), ("6", CSAT), ("0", CSAT), ("11", NPS), ("8", CES), ("-5", CSAT), ("05", CSAT),
    ("5+", CSAT), ("%5", CSAT), ("5%", CSAT), ("5 %", CSAT), ("5 TL", CSAT), ("5₺", CSAT), ("3/10", CSAT), ("4/5", NPS),
    ("3/5 tarihinde geldi", CSAT),
    ("123456", CSAT), ("4 yıldız", NPS), ("★★★★★", NPS), ("evet", NPS), ("👍", NPS), ("çok memnunum", NPS), ("beş yıldızlı otel", CSAT),
    ("bir sorum var", CSAT), ("Bir, kargom nerede", CSAT), ("on numara", NPS), ("one more thing", CSAT), ("No 5 sokak", CSAT),
    ("evet, siparişimi iptal edin", CSAT), ("hayır, adres yanlış", CSAT), ("iyi günler, siparişim nerede", CSAT), ("iyi günler", CSAT),
    ("5 memnun değilim", CSAT), ("puanım 4000", CSAT), ("puanım 4 gözüküyor neden böyle", CSAT), ("10 puanım vardı", NPS),
    ("puanım kaç", CSAT), ("", CSAT), ("   ", CSAT), ("merhaba", CSAT), ("teşekkürler", CSAT), ("siparişim 5 gündür yok", CSAT),
    ("5 ama 6 da olur mu?", CSAT), ("super mario siparişim", CSAT), ("iki buçuk", CSAT), ("STOP", CSAT),
    ("★★★★★★", CSAT), ("kolay iade nasıl yapılır", CES), ("0532 111 22 33", NPS), ("1 2 3", CSAT), ("5 5", CSAT),
]  # fmt: skip

THINGS = (
    "gün",
    "adet",
    "tane",
    "lira",
    "saat",
    "paket",
    "sipariş",
    "ürün",
    "kişi",
    "ay",
    "yıl",
    "days",
    "items",
    "orders",
    "times",
)


@pytest.mark.parametrize(("text", "kind", "value"), SCORES)
def test_it_is_a_score_and_nothing_else(text: str, kind: ScoreKind, value: int) -> None:
    assert read(text, kind, "tr") == Said(value)


@pytest.mark.parametrize(("text", "kind", "value", "rest"), BESIDES)
def test_it_is_a_score_and_somebody_reads_what_is_said_besides(
    text: str, kind: ScoreKind, value: int, rest: str
) -> None:
    assert read(text, kind, "tr") == Said(value, rest)


@pytest.mark.parametrize(("text", "kind"), NONE)
def test_it_is_a_message_like_any_other(text: str, kind: ScoreKind) -> None:
    assert read(text, kind, "tr") is None


@given(KINDS, st.integers(-200, 200))
def test_a_number_is_a_score_exactly_within_its_kind_s_range(kind: ScoreKind, number: int) -> None:
    least, most = RANGES[kind]
    expected = Said(number) if least <= number <= most else None
    assert read(str(number), kind) == expected
    assert read(f"{number}/{most}", kind) == expected
    assert read(f"  {number} puan! ", kind) == expected


@given(KINDS, st.text())
def test_whatever_is_written_the_reader_answers_within_the_range(kind: ScoreKind, text: str) -> None:
    said = read(text, kind)
    assert said is None or RANGES[kind][0] <= said.value <= RANGES[kind][1]


@given(
    KINDS,
    st.integers(0, 10),
    st.sampled_from(THINGS),
)
def test_a_number_of_something_is_no_score(kind: ScoreKind, number: int, thing: str) -> None:
    for text in (
        f"{number} {thing}",
        f"{number}. {thing}",
        f"{number} {thing} oldu",
        f"{number}{thing}",
        f"{thing} {number}",
    ):
        assert read(text, kind) is None


@given(st.sampled_from([(text, kind, value) for text, kind, value in SCORES if text.isascii()]))
def test_case_makes_no_difference(one: tuple[str, ScoreKind, int]) -> None:
    text, kind, value = one
    assert read(text.upper(), kind) == read(text.lower(), kind) == Said(value)


@given(KINDS, st.integers(0, 10), st.sampled_from(["ama kutu ezikti", "but it was late", "çünkü geç geldi"]))
def test_what_follows_a_but_is_told(kind: ScoreKind, number: int, rest: str) -> None:
    least, most = RANGES[kind]
    expected = Said(number, rest) if least <= number <= most else None
    assert read(f"{number} {rest}", kind) == expected


@given(
    KINDS,
    st.sampled_from([*(one[0] for one in SCORES), *(one[0] for one in BESIDES), *(one[0] for one in NONE)]),
    st.integers(0, 2000),
)
def test_whatever_is_a_score_may_be_one(kind: ScoreKind, text: str, more: int) -> None:
    long = text + "\nve sonra" + " bir şey daha" * more
    for one in (text, long):
        if read(one, kind, "tr") is not None:
            assert may_be(one)
