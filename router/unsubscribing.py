"""Unsubscribing by a link: a page that asks, and the POST that does it, by the page's own form or a mail program's button (RFC 8058).

The link names one outbound message of ours, with a MAC: nobody can make one, and it says nothing of whom it is for. Whoever holds it may
withdraw the consent to marketing of the address that the message went to, and nothing else: answers of people still reach it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from router.automatic import company
from router.consenting import by_event
from router.consents import How
from router.errors import Lost, Temporary
from router.exchange import Exchange
from router.ids import contact_id, digest, read_unsubscribe_token, unsubscribe_token
from router.purposes import Purpose
from router.sends import Send

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_TRIES = 6
_READ = 4_096  # bytes of a body: both forms are a line
_CONFIRMED = "confirm"
# RFC 8058, section 3.2: the pair comes as multipart/form-data, or as application/x-www-form-urlencoded.
_PART = re.compile(r'name="?List-Unsubscribe"?[ \t]*\r?\n(?:[^\r\n]+\r?\n)*\r?\nOne-Click[ \t]*\r?\n', re.IGNORECASE)

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Unsubscribe",
        "ask": "Do you want no more news and offers from {company}?",
        "button": "Unsubscribe",
        "done": "Done. {company} sends you no more news and offers here.",
        "still": "You still get answers to what you write, and what you have ordered.",
        "unknown": "This link is not valid. Please open the one in the message that you got, or write to us.",
    },
    "tr": {
        "title": "Abonelikten çık",
        "ask": "{company} size artık haber ve kampanya göndermesin mi?",
        "button": "Abonelikten çık",
        "done": "Tamam. {company} size buradan artık haber ve kampanya göndermeyecek.",
        "still": "Yazdıklarınızın yanıtını ve siparişlerinizle ilgili mesajları almaya devam edersiniz.",
        "unknown": "Bu bağlantı geçerli değil. Lütfen size gelen mesajdaki bağlantıyı açın ya da bize yazın.",
    },
}
_PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/web/base.css"></head>
<body><main><h1>{title}</h1>
{body}
</main></body></html>
"""


def url_of(x: Exchange, send_id: str) -> str | None:
    """Where the receiver of an outbound message unsubscribes; None where the deployment has no public URL."""
    return f"{x.public_url}/u/{unsubscribe_token(x.key, send_id)}" if x.public_url else None


def asking(x: Exchange, token: str) -> tuple[int, str]:
    """The page behind a link, with its status. It changes nothing."""
    send = _send(x, token)
    if send is None:
        return _unknown()
    words, language, who = _about(x, send)
    form = f'<form method="post"><button type="submit" name="{_CONFIRMED}" value="1">{words["button"]}</button></form>'
    return 200, _page(language, words["title"], words["ask"].format(company=who), form)


def answered(x: Exchange, token: str, body: bytes) -> tuple[int, str]:
    """What a POST to the link does, and the page that says so. Without the form's word, or the mail program's, it only asks."""
    send = _send(x, token)
    if send is None:
        return _unknown()
    how = _asked(body)
    if how is None:
        return asking(x, token)
    _withdraw(x, send, how)
    words, language, who = _about(x, send)
    return 200, _page(language, words["title"], words["done"].format(company=who), f"<p>{words['still']}</p>")


def _withdraw(x: Exchange, send: Send, how: How) -> None:
    """Once for each consent that held: who consents anew can decline anew by the same link. Raises Temporary under contention."""
    channel = send.message.channel
    for _ in range(_TRIES):
        held = x.table.consent(channel, send.to, Purpose.MARKETING)
        if held is not None and not held.given:
            return
        name = digest(x.key, "unsubscribed", send.id, held.id if held is not None else "")
        at = x.now() if held is None else max(x.now(), held.at)
        consent = by_event(x, channel, send.to, how, at, f"the link in {send.id}", name, given=False)
        whose = "contact:" + contact_id(x.key, str(channel), send.to, proved=True)
        detail = {"channel": str(channel), "how": str(how), "message": send.id}
        changes: list[Change] = [
            x.table.new_consent(consent),
            x.table.history(whose, "unsubscribed", "customer", detail, x.now(), f"h_{name}"),
            x.table.remember(name, {"what": "unsubscribed"}, x.now()),
        ]
        try:
            x.table.commit(*changes)
        except Lost:
            continue  # both of a double click came at once
        x.count("Unsubscribed", 1)
        return
    raise Temporary("somebody else keeps changing it; try again")


def _send(x: Exchange, token: str) -> Send | None:
    send_id = read_unsubscribe_token(x.key, token)
    return x.table.sends([send_id]).get(send_id) if send_id is not None else None


def _asked(body: bytes) -> How | None:
    """By which way a POST asks; None when it says neither."""
    text = body[:_READ].decode("latin-1")
    form = parse_qs(text)
    if form.get("List-Unsubscribe") == ["One-Click"] or _PART.search(text):
        return How.ONE_CLICK
    return How.LINK if form.get(_CONFIRMED) == ["1"] else None


def _about(x: Exchange, send: Send) -> tuple[Mapping[str, str], str, str]:
    """The words for its receiver, their language, and who we are."""
    inbox = x.inbox(send.message.inbox)
    said = send.message.language or (inbox.language if inbox is not None else "en")
    language = said.partition("-")[0].lower()
    language = language if language in _WORDS else "en"
    return _WORDS[language], language, company(inbox) if inbox is not None else send.message.inbox


def _unknown() -> tuple[int, str]:
    """The same for every link that is none of ours, in both languages: it tells nobody anything."""
    told = [f'<p lang="{language}">{words["unknown"]}</p>' for language, words in _WORDS.items()]
    return 404, _PAGE.format(language="en", title="Unsubscribe · Abonelikten çık", body="\n".join(told))


def _page(language: str, title: str, text: str, more: str) -> str:
    return _PAGE.format(language=language, title=title, body=f"<p>{escape(text)}</p>\n{more}")
