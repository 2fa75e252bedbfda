"""A tracked link is followed: its reader is led on, and a person's click is counted and told to the journey that waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from router.errors import Lost, Temporary
from router.exchange import Exchange
from router.followed import Followed
from router.links import read_code
from router.onward import HEARD, heard
from router.prefetchers import by_a_person
from router.signals import Step

_UNKNOWN: Mapping[str, str] = {
    "en": "This link leads nowhere any more. Please open the one in the message that you got, or write to us.",
    "tr": "Bu bağlantı artık geçerli değil. Lütfen size gelen mesajdaki bağlantıyı açın ya da bize yazın.",
}
_KEPT = "%:/?#[]@!$&'()*+,;=-._~|"  # written as it is: RFC 3986's own characters, and what is quoted already
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Link · Bağlantı</title><link rel="stylesheet" href="/web/base.css"><link rel="stylesheet" href="/web/leaf.css"></head>
<body><main><h1>Link · Bağlantı</h1>
{body}
</main></body></html>
"""


def followed(x: Exchange, code: str, *, method: str, headers: Mapping[str, str]) -> tuple[int, str]:
    """302 and where the link leads, else 404 and a page. Only what we stored is led to, so nobody makes a link of ours lead elsewhere.

    Headers have small names. What cannot be counted now is not: its reader is led on all the same.
    """
    read = read_code(code)
    link = x.table.link(read) if read is not None else None
    url = _led_to(link.url) if link is not None else None
    if link is None or url is None:
        return 404, _PAGE.format(body="\n".join(f'<p lang="{tag}">{text}</p>' for tag, text in _UNKNOWN.items()))
    if by_a_person(method, headers):
        try:
            _count(x, link)
        except Temporary:
            x.count("ClickUncounted", 1)
    return 302, url


def _count(x: Exchange, link: Followed) -> None:
    """Count a click; with the first one its journey hears of it in the same transaction, and goes on at once."""
    now = x.now()
    of_a_journey = bool(link.campaign and link.occurrence)
    if link.first_click_at is None:
        told = heard(x, link.contact, link.campaign, link.occurrence, "click", now) if of_a_journey else []
        try:
            x.table.commit(x.table.clicked(link.code, now, first=True), *told)
        except Lost as lost:
            if HEARD in lost.names:
                of_a_journey = False  # it is long over
            if "click" in lost.names or not of_a_journey:
                _again(x, link)
        if of_a_journey:
            step = Step(link.contact, link.campaign, link.occurrence, f"{link.code}.click")
            with suppress(Temporary):  # the journey is due: the sweep finds it
                x.queues.send([step], now)
    else:
        _again(x, link)
    x.count("Clicked", 1)


def _again(x: Exchange, link: Followed) -> None:
    with suppress(Lost):  # it expired since it was read
        x.table.commit(x.table.clicked(link.code, x.now(), first=False))


def _led_to(url: str) -> str | None:
    """An address as a header has it, in ASCII; None for what is no http or https, whoever stored it."""
    try:
        parts = urlsplit(url)
        host = parts.netloc if parts.netloc.isascii() else _ascii(parts)
    except ValueError:  # UnicodeError is one
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    rest = (quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, quote(host, safe=_KEPT), *rest))


def _ascii(parts: SplitResult) -> str:
    """A host with letters of its own, as the domain name system has it."""
    host = (parts.hostname or "").encode("idna").decode("ascii")
    return host if parts.port is None else f"{host}:{parts.port}"
