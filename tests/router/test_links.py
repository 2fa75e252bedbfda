"""Tracked links: what is replaced and what is not, that every click leads where the text said, and what an SMS costs by it."""

from __future__ import annotations

from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.links import LENGTH, Tracked, addresses, code_of, effect, read_code, tracked, with_utm

KEY, BASE = b"k" * 32, "https://go.example.com"
URL = "https://shop.example/urun?a=1&b=2#renk"


def made(text: str, html: str | None = None, **how: object) -> Tracked:
    return tracked(text, html, key=KEY, send_id="m_abc", base=BASE, **how)  # type: ignore[arg-type]


def short(number: int = 1) -> str:
    return f"{BASE}/l/{code_of(KEY, 'm_abc', number)}"


class Hrefs(HTMLParser):
    """The addresses of links as a mail program reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str | None] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs).get("href"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Bkz. {URL}.", [URL]),
        (f"({URL})", [URL]),
        (f"<{URL}>", [URL]),
        ("https://tr.wikipedia.org/wiki/Ada_(ay)", ["https://tr.wikipedia.org/wiki/Ada_(ay)"]),
        ("Bak: http://a.example, https://b.example!", ["http://a.example", "https://b.example"]),
        ("“https://a.example/ş”", ["https://a.example/ş"]),
        ("https://a.example/x…", ["https://a.example/x"]),
        ("HTTPS://A.EXAMPLE/X", ["HTTPS://A.EXAMPLE/X"]),
        ("https://a.example:8080/?q=x;y", ["https://a.example:8080/?q=x;y"]),
        ("www.a.example mailto:a@b.example ftp://a.example xhttp://a.example", []),
        ("http:// https://. https://?x https://[", []),
        ("", []),
    ],
)
def test_addresses_end_where_the_sentence_goes_on(text: str, found: list[str]) -> None:
    assert addresses(text) == found


def test_an_address_is_one_link_in_text_and_html() -> None:
    html = f"<p>a</p>\n<a class='x' HREF='{escape(URL)}'>{URL}</a>\n<a href=https://b.example>b</a>"
    done = made(f"{URL} ve {URL}, https://b.example.", html)
    assert done.text == f"{short()} ve {short()}, {short(2)}."
    assert done.html == f'<p>a</p>\n<a class=\'x\' HREF="{short()}">{URL}</a>\n<a href="{short(2)}">b</a>'
    assert [(link.number, link.written, link.url) for link in done.links] == [
        (1, URL, URL),
        (2, "https://b.example", "https://b.example"),
    ]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="mailto:a@b.example">x</a>',
        '<a href="tel:+90">x</a>',
        '<a href="#top">x</a>',
        '<a href="/path">x</a>',
        '<a href="javascript:alert(1)">x</a>',
        "<a>x</a>",
        "<a href>x</a>",
        '<img src="https://a.example/x.png">',
        '<link href="https://a.example/x.css">',
        '<!-- <a href="https://a.example">x</a> -->',
        '<style>a { content: "<a href=https://a.example>" }</style>',
        '<a title="href=https://a.example" href="#">x</a>',
        "https://a.example",
        "&lt;a href=https://a.example&gt;",
        '<a href="https://a.example',
        "",
    ],
)
def test_of_html_only_the_addresses_of_links_are_touched(html: str) -> None:
    done = made("", html)
    assert (done.html, done.links) == (html, ())


def test_what_is_not_to_be_tracked_is_not() -> None:
    out, marked = "https://shop.example/u/1", "https://shop.example/sozlesme?a=1&b=2"
    html = (
        f'<a href="{out}">x</a><a data-untracked href="{escape(marked)}">y</a>'
        f'<a href="{escape(URL)}" data-untracked="yes" class="z">z</a>'
    )
    done = made(f"{out} {marked} {URL} {short()}", html, untracked={out})
    assert done.text == f"{out} {marked} {URL} {short()}"
    assert done.html == f'<a href="{out}">x</a><a href="{escape(marked)}">y</a><a href="{escape(URL)}" class="z">z</a>'
    assert done.links == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<a title="x href=https://b.example y" href="{}">', '<a title="x href=https://b.example y" href="{}">'),
        ("<a title='a > b' href='{}'/>", "<a title='a > b' href=\"{}\"/>"),
        ('<a href="{}" href="https://b.example">', '<a href="{}" href="https://b.example">'),
        ("<a\n  class=x\n  href = {}\n>", '<a\n  class=x\n  href = "{}"\n>'),
        ('<a data-href="https://b.example" href="{}">', '<a data-href="https://b.example" href="{}">'),
        ('<a href="  {} ">', '<a href="{}">'),
    ],
)
def test_the_address_is_found_among_a_tags_attributes(before: str, after: str) -> None:
    done = made("", before.format("https://a.example/?a=1&amp;b=2"))
    assert done.html == after.format(short())
    assert [link.url for link in done.links] == ["https://a.example/?a=1&b=2"]


@pytest.mark.parametrize(
    ("url", "led"),
    [
        ("https://a.example", "https://a.example?utm_source=sms&utm_campaign=bahar+2026"),
        ("https://a.example/?a=1#b", "https://a.example/?a=1&utm_source=sms&utm_campaign=bahar+2026#b"),
        ("https://a.example/?utm_source=x", "https://a.example/?utm_source=x&utm_campaign=bahar+2026"),
        ("https://a.example/?UTM_SOURCE=&utm_campaign=y", "https://a.example/?UTM_SOURCE=&utm_campaign=y"),
        ("https://a.example/?", "https://a.example/?utm_source=sms&utm_campaign=bahar+2026"),
        ("https://a.example/#?a", "https://a.example/?utm_source=sms&utm_campaign=bahar+2026#?a"),
    ],
)
def test_a_campaigns_parameters_are_added_where_there_are_none(url: str, led: str) -> None:
    utm = {"utm_source": "sms", "utm_campaign": "bahar 2026"}
    assert with_utm(url, utm) == led
    (link,) = made("", f'<a href="{escape(url)}">x</a>', utm=utm).links
    assert (link.written, link.url) == (url, led)
    assert parse_qs(urlsplit(led).query)["utm_campaign"] in (["bahar 2026"], ["y"])
    assert with_utm(url, {}) == url


WORDS = st.text(alphabet="aşı .,!()<>\"'&;:/#?=\n", max_size=12)
URLS = st.sampled_from(
    ["https://a.example", "http://b.example/x?y=1&z=2", "https://c.example/%C5%9F#d", "https://a.example/(x)", f"{BASE}/l/old", "https://"]
)  # fmt: skip


@given(st.lists(st.one_of(WORDS, URLS), max_size=12).map(" ".join))
def test_putting_the_addresses_back_gives_the_text(text: str) -> None:
    done = made(text)
    back = done.text
    for link in done.links:
        assert f"{BASE}/l/{link.code}" in done.text
        back = back.replace(f"{BASE}/l/{link.code}", link.url)
    assert back == text
    assert {link.written for link in done.links} == {url for url in addresses(text) if not url.startswith(f"{BASE}/l/")}


@given(st.lists(st.tuples(WORDS, URLS, st.sampled_from("\"'")), max_size=6))
def test_every_link_of_an_html_leads_where_it_led(parts: list[tuple[str, str, str]]) -> None:
    html = "".join(
        f"<p>{escape(word)}</p><a id=x href={mark}{escape(url)}{mark}>{escape(url)}</a>" for word, url, mark in parts
    )
    done = made("", html)
    assert done.html is not None
    leads = {f"{BASE}/l/{link.code}": link.url for link in done.links}
    assert [leads.get(str(url), url) for url in Hrefs(done.html).found] == Hrefs(html).found
    assert unescape(done.html).count("<p>") == unescape(html).count("<p>")


@given(st.text(alphabet="<>a href=\"'-!/ \nşhttps://a.example", max_size=60))
def test_no_html_is_too_broken(html: str) -> None:
    done = made(html, html)
    assert done.html is not None
    assert done == made(html, html)
    assert (done.html == html) or done.links


@given(st.text(max_size=30), st.integers(1, 50))
def test_a_code_is_the_same_each_time_and_reads_back_however_it_is_typed(send: str, number: int) -> None:
    code = code_of(KEY, send, number)
    assert code == code_of(KEY, send, number)
    assert len(code) == LENGTH >= 10
    assert not set(code) & set("ilou")
    assert read_code(code) == read_code(code.upper()) == code
    assert read_code(code.replace("1", "l").replace("0", "O")) == code


def test_codes_differ_by_send_by_number_and_by_key() -> None:
    codes = {code_of(key, f"m_{n}", n2) for key in (KEY, b"other" * 8) for n in range(50) for n2 in range(1, 21)}
    assert len(codes) == 2000


@pytest.mark.parametrize(
    "text", ["", "short", "u" * LENGTH, "0" * 11, "0" * 13, "ş" * LENGTH, "../../etc/pw", "0" * 12 + "\n"]
)
def test_what_can_be_no_code_is_none(text: str) -> None:
    assert read_code(text) is None


def test_the_price_of_a_short_link_in_an_sms_is_told() -> None:
    long = "Kampanya: https://shop.example/kampanya/bahar/2026/kadin-ayakkabi?renk=kirmizi&numara=38 " + "a" * 90
    spared = effect(long, made(long).text)
    assert (spared.before.count, spared.after.count, spared.more) == (2, 1, -1)
    brief = "https://a.example " + "a" * 142
    assert effect(brief, made(brief).text).more == 1
