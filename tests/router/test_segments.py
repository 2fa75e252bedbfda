"""Segments: the figures of AWS's table, then what holds for every text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.limits import utf16
from router.segments import (
    GSM_BASIC,
    GSM_EXTENDED,
    GSM_PART,
    GSM_SINGLE,
    UCS2_PART,
    UCS2_SINGLE,
    parts_of,
    plainer,
    split,
)

GSM = st.text(alphabet=st.sampled_from(sorted(GSM_BASIC | GSM_EXTENDED)), max_size=700)
ANY = st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("👋😀çş’")), max_size=300)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # the euro may not straddle: 152, 153, 1
        ("ş" * 70, "UCS-2", 70, 1),
        ("ş" * 71, "UCS-2", 71, 2),
        ("ş" * 134, "UCS-2", 134, 2),
        ("👋" * 35, "UCS-2", 70, 1),
        ("👋" * 36, "UCS-2", 72, 2),
        ("👋" * 67, "UCS-2", 134, 3),  # 33 fit into 67 units, not 33 and a half
        ("Ç", "GSM-7", 1, 1),
        ("ç", "UCS-2", 1, 1),
        ("it’s", "UCS-2", 4, 1),
        ("^{}\\[~]|€", "GSM-7", 18, 1),
    ],
)
def test_known_texts(text: str, encoding: str, units: int, count: int) -> None:
    found = split(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


def test_the_alphabet_has_128_characters_and_its_escape() -> None:
    assert len(GSM_BASIC) == 127
    assert not GSM_BASIC & GSM_EXTENDED


@given(GSM)
def test_gsm_texts_stay_whole_and_no_part_is_over_its_size(text: str) -> None:
    found = split(text)
    sizes = [sum(2 if c in GSM_EXTENDED else 1 for c in part) for part in found.parts]
    assert "".join(found.parts) == text
    assert found.encoding == "GSM-7"
    assert max(sizes) <= (GSM_SINGLE if found.count == 1 else GSM_PART)
    assert sum(sizes) == found.units
    assert (found.count == 1) == (found.units <= GSM_SINGLE)


@given(ANY)
def test_any_text_stays_whole_and_surrogate_pairs_are_not_cut(text: str) -> None:
    found = split(text)
    assert "".join(found.parts) == text
    if found.encoding == "UCS-2":
        sizes = [len(part.encode("utf-16-le")) // 2 for part in found.parts]
        assert max(sizes) <= (UCS2_SINGLE if found.count == 1 else UCS2_PART)
        assert sum(sizes) == found.units == utf16(text)
    assert all(part for part in found.parts) or not text


@given(ANY, ANY)
def test_a_longer_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert split(text + more).count >= split(text).count


@pytest.mark.parametrize("letter", "şŞğĞıİç")
def test_one_letter_that_only_turkish_has_costs_ucs2(letter: str) -> None:
    assert split(letter).encoding == "UCS-2"
    assert len(parts_of("a" * 100)) == 1
    assert len(parts_of("a" * 100 + letter)) == 2


@pytest.mark.parametrize("letter", "ÇöÖüÜ")
def test_turkish_letters_of_the_gsm_alphabet_cost_nothing(letter: str) -> None:
    assert split(letter).encoding == "GSM-7"
    assert len(parts_of("a" * 159 + letter)) == 1


@given(ANY)
def test_the_parts_of_a_text_are_the_text(text: str) -> None:
    assert "".join(parts_of(text)) == text
    assert len(parts_of(text)) == split(text).count


def _oracle(text: str) -> int:
    """Parts counted another way: letters are put into envelopes, one at a time, each letter as its bytes on the air."""
    if all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in text):
        # Eight-bit stand-ins for septets: one byte for a letter of the table, escape and letter for one of the extension.
        letters = [b"\x1b." if letter in "\f^{}\\[~]|€" else b"." for letter in text]
        whole, room = 160, (140 - 6) * 8 // 7  # 140 bytes of user data, six of them the header, in septets
    else:
        letters = [letter.encode("utf-16-be") for letter in text]
        whole, room = 140, 140 - 6
    if len(b"".join(letters)) <= whole:
        return 1
    envelopes = [b""]
    for letter in letters:
        if len(envelopes[-1] + letter) > room:
            envelopes.append(b"")
        envelopes[-1] += letter
    return len(envelopes)


@given(st.one_of(GSM, ANY))
def test_the_count_is_that_of_bytes_put_into_envelopes(text: str) -> None:
    assert split(text).count == _oracle(text)


def test_the_characters_that_make_it_dear_are_named_once_in_their_order() -> None:
    assert split("Siparişiniz yolda, iyi günler İşte ş").costly == ("ş", "İ")
    assert split("Urun yolda €").costly == ()


def test_a_turkish_text_is_half_as_dear_without_the_letters_that_only_turkish_has() -> None:
    found = plainer("Sayın müşterimiz, siparişiniz bugün kargoya verildi. Takip: https://example.com/t/123456")
    assert found is not None
    assert found.text == "Sayin müsterimiz, siparisiniz bugün kargoya verildi. Takip: https://example.com/t/123456"
    assert (found.saves, found.replaced) == (1, (("ı", "i"), ("ş", "s")))
    assert split(found.text).encoding == "GSM-7"


@pytest.mark.parametrize("text", ["", "Merhaba", "ş", "👋 " + "ş" * 100, "Здравствуйте " * 10])
def test_nothing_is_suggested_that_saves_nothing_or_is_not_possible(text: str) -> None:
    assert plainer(text) is None


@given(st.text(alphabet=st.sampled_from("abcçÇğĞıIiİöÖşŞüÜ’“”–… \n.,1€"), max_size=400))
def test_what_is_suggested_is_in_the_gsm_alphabet_and_keeps_what_costs_nothing(text: str) -> None:
    found = plainer(text)
    if found is None:
        by_hand = text.translate(str.maketrans("çğĞıİşŞ’“”–", 'cgGiIsS\'""-')).replace("…", "...")
        assert split(by_hand).count >= split(text).count
        return
    assert split(found.text).encoding == "GSM-7"
    assert found.saves == split(text).count - split(found.text).count > 0
    kept = [letter for letter in text if letter in GSM_BASIC or letter in GSM_EXTENDED]
    ahead = iter(found.text)
    assert all(letter in ahead for letter in kept)  # in their order
