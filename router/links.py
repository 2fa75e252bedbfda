"""Tracked links: addresses of a message replaced by short ones of ours, so that clicks are counted. Values only: nothing is stored here.

`https://<public>/l/<code>`: twelve characters of Crockford's base32 (60 bits of a keyed hash over the send and the link's number),
so the same send has the same links however often it is made, and nobody guesses one. Whoever stores a link writes it under its
code on condition that there is none: two sends share a code once in some billion links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote_plus, urlsplit

from router.ids import digest
from router.segments import Segments, split

LENGTH = 12
"""Characters of a code."""
_OURS = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghjkmnpqrstvwxyz")
_READ = str.maketrans("ilo", "110")
_CODE = re.compile(rf"[0-9a-hjkmnp-tv-z]{{{LENGTH}}}")
_URL = re.compile(r"(?<![\w@])https?://[^\s<>\"“”‘’`{}|\\^]+", re.IGNORECASE)
_CLOSING = {")": "(", "]": "["}
_ATTRIBUTE = re.compile(r"""(?P<name>[\s/]+[^\s/>=]+)(?P<is>\s*=\s*)?(?(is)(?P<value>"[^"]*"|'[^']*'|[^\s>]*))""")
_UNTRACKED = "data-untracked"
_Short = Callable[[str], str]
"""The short address of one, or itself."""


@dataclass(frozen=True, slots=True)
class Link:
    """One address of a message. `url` is where a click leads: `written`, with the campaign's parameters."""

    code: str
    number: int
    written: str
    url: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """A message with short links, and what each stands for, in the order of their numbers, which begin at 1."""

    text: str
    html: str | None
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What short links do to an SMS."""

    before: Segments
    after: Segments

    @property
    def more(self) -> int:
        """Parts it is billed as beyond what it would be; negative: it is spared so many."""
        return self.after.count - self.before.count


def effect(before: str, after: str) -> Effect:
    """An SMS without and with short links."""
    return Effect(split(before), split(after))


def code_of(key: bytes, send_id: str, number: int) -> str:
    """The code of a send's link: no i, l, o or u in it."""
    return digest(key, "link", send_id, str(number), size=8)[:LENGTH].translate(_OURS)


def read_code(text: str) -> str | None:
    """The code as it was made, also where somebody typed it in capitals or took 1 for l; None if it can be none."""
    code = text.lower().translate(_READ)
    return code if _CODE.fullmatch(code) else None


def tracked(
    text: str, html: str | None, *, key: bytes, send_id: str, base: str,
    untracked: Collection[str] = (), utm: Mapping[str, str] | None = None,
) -> Tracked:  # fmt: skip
    """The message with short links below `base` (https://example.com). An address is one link, however often it stands there.

    Not replaced: those of `untracked`, `<a data-untracked>`, links of ours, what is no http or https. `utm`: parameters by name,
    each added where the address has none of that name.
    """
    start = f"{base.rstrip('/')}/l/"
    spared = {*untracked, *(() if html is None else _marked(html))}
    links: dict[str, Link] = {}

    def short(url: str) -> str:
        if url in spared or url.startswith(start) or not _is_web(url):
            return url
        if url not in links:
            number = len(links) + 1
            links[url] = Link(code_of(key, send_id, number), number, url, with_utm(url, utm or {}))
        return start + links[url].code

    short_text = _in_text(text, short)
    short_html = None if html is None else _in_html(html, short)
    return Tracked(short_text, short_html, tuple(links.values()))


def addresses(text: str) -> list[str]:
    """The http and https addresses in a text, as they come; what ends the sentence is no part of them."""
    return [text[begin:end] for begin, end in _places(text)]


def with_utm(url: str, utm: Mapping[str, str]) -> str:
    """An address with a campaign's parameters: before its fragment, and none that it has already."""
    rest, mark, fragment = url.partition("#")
    path, _, query = rest.partition("?")
    has = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}
    more = [f"{quote_plus(name)}={quote_plus(value)}" for name, value in utm.items() if name.lower() not in has]
    if not more:
        return url
    return f"{path}?{'&'.join([query, *more] if query else more)}{mark}{fragment}"


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


# --- text -----------------------------------------------------------------------------------------------------------


def _places(text: str) -> Iterator[tuple[int, int]]:
    for found in _URL.finditer(text):
        url = found[0]
        while url:
            last = url[-1]
            opens = _CLOSING.get(last)
            if last in ".,;:!?'*_~…»" or (opens is not None and url.count(last) > url.count(opens)):
                url = url[:-1]
            else:
                break
        if _is_web(url):
            yield found.start(), found.start() + len(url)


def _in_text(text: str, short: _Short) -> str:
    pieces, done = [], 0
    for begin, end in _places(text):
        pieces += [text[done:begin], short(text[begin:end])]
        done = end
    return "".join([*pieces, text[done:]])


# --- HTML -----------------------------------------------------------------------------------------------------------


class _Tags(HTMLParser):
    """The start tags of links, each with its place in the source; comments, styles and scripts have none."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0, *(found.end() for found in re.finditer("\n", html))]
        self.found: list[tuple[int, str, Mapping[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Keep a link's."""
        source = self.get_starttag_text()
        if tag in ("a", "area") and source is not None:
            line, column = self.getpos()
            self.found.append((self._lines[line - 1] + column, source, dict(reversed(attrs))))


def _marked(html: str) -> Iterator[str]:
    """Addresses of links that say that they are not tracked; the same address in the text is not tracked either."""
    for _, _, attributes in _Tags(html).found:
        url = attributes.get("href")
        if _UNTRACKED in attributes and url:
            yield url.strip()


def _in_html(html: str, short: _Short) -> str:
    pieces, done = [], 0
    for start, source, _ in _Tags(html).found:
        name = re.match(r"<\w+", source)
        cut = 0 if name is None else name.end()
        pieces += [html[done:start], source[:cut], _attributes(source[cut:], short)]
        done = start + len(source)
    return "".join([*pieces, html[done:]])


def _attributes(source: str, short: _Short) -> str:
    """A tag's attributes with its first href replaced, as browsers take the first, and without our mark."""
    seen = False

    def one(found: re.Match[str]) -> str:
        nonlocal seen
        name = found["name"].strip(" \t\r\n\f/").lower()
        if name == _UNTRACKED:
            return ""
        if name != "href" or seen or not found["value"]:
            return found[0]
        seen = True
        return found["name"] + found["is"] + _attribute(found["value"], short)

    return _ATTRIBUTE.sub(one, source)


def _attribute(written: str, short: _Short) -> str:
    """The value of an attribute as it was written, or with its short address in quotes."""
    bare = written[1:-1] if written[:1] in "\"'" else written
    url = unescape(bare).strip()
    new = short(url)
    return written if new == url else f'"{escape(new)}"'
