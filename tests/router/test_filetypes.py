"""What a file is kept and served as: a browser never runs one of a customer's."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from router.filetypes import BYTES, SHOWN, clean_name, disposition, kept_type, name_of, offered_name, type_of
from tests.kit.providers import PNG

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 50


@pytest.mark.parametrize(
    ("data", "said", "kept"),
    [
        (PNG, "image/png", "image/png"),
        (PNG, "image/jpeg", "image/png"),
        (JPEG, "image/*", "image/jpeg"),
        (JPEG, None, "image/jpeg"),
        (b"%PDF-1.7", "application/pdf; charset=binary", "application/pdf"),
        (b"a,b\n1,2", "text/csv", "text/csv"),
        (b"Merhaba", "text/plain;charset=utf-8", "text/plain"),
        (b"OggS\0", "audio/ogg; codecs=opus", "audio/ogg"),
        (b"PK\3\4", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"who knows", "application/octet-stream", BYTES),
        (b"who knows", None, BYTES),
        (b"who knows", "image/png", BYTES),
        (b"who knows", "image/jpg", BYTES),
        (b"x", "application/x-msdownload", BYTES),
        (b"x", "nonsense", BYTES),
    ],
)  # fmt: skip
def test_a_type_is_what_was_said_unless_the_bytes_say_otherwise(data: bytes, said: str | None, kept: str) -> None:
    assert type_of(data, said) == kept


@pytest.mark.parametrize("said", ["image/png", "text/plain", "application/pdf", "video/mp4", "text/html", None])
@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>", b" \n\t<!DOCTYPE html>", b"\xef\xbb\xbf<svg xmlns=", b"<?xml version='1.0'?><svg>", b"<SCRIPT>",
        b"<!-- x --><script>", b"<iframe src=x>", b"MZ\x90\0", b"\x7fELF\2", b"#!/bin/sh\n", b"\xca\xfe\xba\xbe", b"<a href=x>",
        "<html>".encode("utf-16"), "<html>".encode("utf-16-be"),
    ],
)  # fmt: skip
def test_pages_and_programs_are_bytes_whatever_they_are_called(data: bytes, said: str | None) -> None:
    assert type_of(data, said) == BYTES


@pytest.mark.parametrize(
    "said",
    ["text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/javascript", "text/css", "text/javascript",
     "multipart/related", "application/x-shockwave-flash", "application/hta", "text/html;charset=utf-7"],
)  # fmt: skip
def test_types_that_a_browser_runs_are_served_as_bytes(said: str) -> None:
    assert kept_type(said) == BYTES
    assert type_of(b"harmless", said) == BYTES


@given(st.binary(max_size=200), st.sampled_from(["image/png", "text/html", "text/plain", "image/*", "", "x"]))
def test_what_browsers_show_always_is_what_it_says(data: bytes, said: str) -> None:
    kept = type_of(data, said)
    assert kept not in SHOWN or data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")) or data[8:12] == b"WEBP"
    assert kept == kept_type(kept)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\a\\b.exe", "b.exe"), ("a\r\nX: y.png", "aX: y.png"), ("gpj.\u202eexe", "gpj.exe"),
        ("", None), ("...", None), (None, None), ("x" * 300 + ".pdf", "x" * 146 + ".pdf"), ("fatura şubat.pdf", "fatura şubat.pdf"),
    ],
)  # fmt: skip
def test_a_name_has_no_folders_controls_or_turned_endings(given_: str | None, kept: str | None) -> None:
    assert clean_name(given_) == kept


@given(st.text(max_size=300), st.sampled_from(["image/png", "application/pdf"]))
@example("''", "image/png")
def test_a_disposition_is_one_line_of_ascii_that_gives_the_name_back(name: str, kind: str) -> None:
    named = name_of(name, kind, 0)
    header = disposition(named, kind)
    assert header.isascii()
    assert header.isprintable()
    assert re.fullmatch(r'(inline|attachment); filename="[^"\\]*"; filename\*=UTF-8\'\'[^;\s"]+', header)
    assert unquote(header.rpartition("''")[2]) == named
    assert header.startswith("inline") == (kind == "image/png")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('inline; filename="a b.png"', "a b.png"), ("attachment; filename=a.png", "a.png"),
        ("attachment; filename=\"x\"; filename*=UTF-8''%C5%9Fubat.pdf", "şubat.pdf"), ("inline", None), (None, None),
        ('attachment; filename="../../x"', "x"),
    ],
)  # fmt: skip
def test_a_provider_s_name_for_a_file_is_read(header: str | None, name: str | None) -> None:
    assert offered_name(header) == name


def test_a_file_without_a_name_gets_its_number_and_ending() -> None:
    assert name_of(None, "image/jpeg", 0) == "file-1.jpg"
    assert name_of(None, BYTES, 2) == "file-3"
