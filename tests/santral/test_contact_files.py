"""Files of contacts as people write them: encodings, separators, headers in two languages, days, numbers, and rows that are refused."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santral.contact_export import collected
from santral.contact_files import BadFile, Reader, Refusal, birthday, decoded, scalar

READER = Reader(date(2026, 3, 2), "TR", "Europe/Istanbul")
TURKISH = (
    "Ad;Soyad;E-Posta;Cep Telefonu;Doğum Tarihi;Etiketler;Şehir;Sipariş Sayısı\r\n"
    "Şule;Işık;Sule@Example.NET;0532 111 22 33;29.02.2000;vip, bayi;İzmir;3\r\n"
)


def read(text: str | bytes, reader: Reader = READER) -> list[Any]:
    data = text.encode() if isinstance(text, str) else text
    return [row for _, row in reader.rows(data)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1254", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_a_turkish_file_is_read_in_every_usual_encoding_and_separator(encoding: str, separator: str) -> None:
    text = TURKISH.replace("vip, bayi", "vip").replace(";", separator)
    (row,) = read(text.encode(encoding))
    assert row == {
        "addresses": [
            {"channel": "email", "address": "sule@example.net"},
            {"channel": "sms", "address": "+905321112233"},
        ],
        "name": "Şule Işık",
        "birthday": "2000-02-29",
        "tags": ["vip"],
        "attributes": {"sehir": "İzmir", "siparis_sayisi": 3},
    }


@pytest.mark.parametrize(
    "header", ["E-posta,AD SOYAD", "EMAIL,Full Name", "e-mail,İsim Soyisim", "Eposta Adresi,müşteri adı"]
)
def test_headers_are_known_by_their_names_in_two_languages_and_any_case(header: str) -> None:
    (row,) = read(f"{header}\na@example.com,Ada\n")
    assert (row["addresses"][0]["channel"], row["name"]) == ("email", "Ada")


def test_quoted_cells_may_hold_separators_and_lines() -> None:
    (first, second) = read('email,note\na@example.com,"one, and\ntwo"\nb@example.com,x\n')
    assert first["attributes"] == {"note": "one, and\ntwo"}
    assert [line for line, _ in READER.rows(b'email,note\na@example.com,"one\ntwo"\nb@example.com,x\n')] == [2, 4]
    assert second["addresses"][0]["address"] == "b@example.com"


@pytest.mark.parametrize(
    ("header", "cells", "column", "says"),
    [
        ("email", "nobody", "email", "no address of email"),
        ("E-posta;Doğum Tarihi", "a@example.com;30.02.2000", "Doğum Tarihi", "no day"),
        ("email;birthday", "a@example.com;03/04/1990", "birthday", "may be two days"),
        ("email;time zone", "a@example.com;Istanbul", "time zone", "no time zone"),
        ("email;dil", "a@example.com;çince", "dil", "no language tag"),
        ("email;preferred", "a@example.com;faks", "preferred", "no channel"),
        ("telefon", "12", "telefon", "too few"),
        ("telefon", "çok", "telefon", "no phone number"),
        ("email;ad", ";Ada", "email", "no address"),
        ("email;ad", "a@example.com;Ada;1", "", "3 cells"),
        ("telefon;SMS İzni", "05321112233;belki", "SMS İzni", "neither yes nor no"),
        ("telefon;SMS İzni", "05321112233;evet", "consent_at", "proves nothing"),
        ("telefon;SMS İzni;İzin Tarihi", "05321112233;evet;dün", "İzin Tarihi", "no time"),
        ("email;city", "a@example.com;" + "x" * 501, "city", "at most 500"),
    ],
)
def test_a_row_is_refused_with_its_column_and_reason(header: str, cells: str, column: str, says: str) -> None:
    (row,) = read(f"{header}\n{cells}\n")
    assert isinstance(row, Refusal)
    assert (row.line, row.column) == (2, column)
    assert says in row.reason


def test_a_consent_by_a_channel_that_the_row_has_no_address_of_is_of_nobody() -> None:
    assert read("email;sms izni\na@example.com;evet\n") == [
        {"addresses": [{"channel": "email", "address": "a@example.com"}]}
    ]


def test_a_number_without_a_country_needs_one_to_be_said() -> None:
    (row,) = read("phone\n0532 111 22 33\n", Reader(date(2026, 3, 2)))
    assert isinstance(row, Refusal)
    assert "--country" in row.reason
    (row,) = read("phone\n0090 532 111 22 33\n", Reader(date(2026, 3, 2)))
    assert row == {"addresses": [{"channel": "sms", "address": "+905321112233"}]}


def test_consent_keeps_when_and_whence_it_was_said() -> None:
    text = "telefon;e-posta;sms izni;e-posta izni;izin tarihi;izin kaynağı\n05321112233;a@example.com;EVET;Hayır;01.02.2026 10:30;HS_WEB\n"
    (row,) = read(text)
    at = "2026-02-01T10:30:00+03:00"
    assert row["consents"] == [
        {"channel": "email", "address": "a@example.com", "given": False, "at": at, "source": "HS_WEB"},
        {"channel": "sms", "address": "+905321112233", "given": True, "at": at, "source": "HS_WEB"},
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ad;soyad\nAda;Lovelace\n", "no column is an address"),
        ("", "no column is an address"),
        ("telefon;gsm\n1;2\n", "two columns are 'sms'"),
        ("email;" + "uzun" * 11 + "\n", "no attribute's name"),
        (b"PK\x03\x04\0\0\0", "neither UTF-8 nor Windows-1254"),
        ("email,note" + "x" * 200_000, "field larger than field limit"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_as_a_whole(text: str | bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        read(text)


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(data: bytes) -> None:
    try:
        rows = read(b"email;ad\n" + data)
    except BadFile:
        return
    assert all(isinstance(row, (dict, Refusal)) for row in rows)


@given(st.text(max_size=100))
def test_what_is_utf_8_is_read_as_it_is(text: str) -> None:
    if "\0" not in text and not text.startswith("\ufeff"):
        assert decoded(text.encode()) == text
        assert decoded(text.encode("utf-8-sig")) == text


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("29.02.2000", "2000-02-29"),
        ("1.3.1990", "1990-03-01"),
        ("31/12/1980", "1980-12-31"),
        ("12/31/1980", "1980-12-31"),
        ("29.02", "02-29"),
        ("02-29", "02-29"),
        ("1990-03-01", "1990-03-01"),
        ("05/05/1990", "1990-05-05"),
        ("x", "x"),
    ],
)
def test_days_are_read_as_they_are_written(text: str, day: str) -> None:
    assert birthday(text) == day


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), ("0042", "0042"), ("1.50", 1.5), ("True", True), ("12,5", "12,5"), ("-0", "-0")]
)
def test_what_can_only_be_a_number_is_one(text: str, value: Any) -> None:
    assert (scalar(text), type(scalar(text))) == (value, type(value))


# --- out and in again ----------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20).filter(
    lambda text: not text.startswith("'")
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": TEXTS,
                "attributes": st.dictionaries(
                    st.sampled_from(["city", "orders", "vip"]),
                    st.one_of(TEXTS, st.integers(-999, 999), st.booleans()),
                    max_size=3,
                ),
                "tags": st.lists(st.sampled_from(["vip", "bayi"]), unique=True),
            }
        ),
        max_size=4,
    )
)
def test_what_goes_out_comes_in_again(people: list[dict[str, Any]]) -> None:
    fixed = {
        "language": "tr",
        "preferred": None,
        "zone": "Europe/Istanbul",
        "birthday": "02-29",
        "first_seen_at": "2026-03-02T09:00:00Z",
    }
    rows = [
        {**fixed, **one, "id": f"p_{n}", "addresses": [{"channel": "email", "address": f"a{n}@example.com"}]}
        for n, one in enumerate(people)
    ]
    out = io.StringIO(newline="")
    with collected(rows) as written:
        assert written(out) == len(rows)
    back = read(out.getvalue())
    assert len(back) == len(rows)
    for row, one in zip(rows, back, strict=True):
        assert isinstance(one, dict)
        assert (one["addresses"], one["name"], one.get("tags", [])) == (row["addresses"], row["name"], row["tags"])
        said = {
            name: scalar(str(value).lower() if isinstance(value, bool) else str(value))
            for name, value in row["attributes"].items()
        }
        assert one.get("attributes", {}) == said


def test_no_cell_is_a_formula() -> None:
    row = {
        "id": "p_1", "addresses": [{"channel": "sms", "address": "+905321112233"}], "name": '=HYPERLINK("http://x")', "language": None,
        "preferred": None, "zone": None, "birthday": None, "tags": ["@x"], "attributes": {"a": "-1+2", "b": -1}, "first_seen_at": "",
    }  # fmt: skip
    out = io.StringIO(newline="")
    with collected([json.loads(json.dumps(row))]) as written:
        written(out)
    (cells,) = csv.DictReader(io.StringIO(out.getvalue()))
    assert cells["name"].startswith("'=")
    assert (cells["tags"], cells["a"], cells["b"], cells["sms"]) == ("'@x", "'-1+2", "-1", "+905321112233")
