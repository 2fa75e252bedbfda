"""The page of a survey: it asks, and its form answers. Opening it records nothing, because mail scanners follow links.

The link names one outbound message of ours, with a MAC: nobody can make one, and it says nothing of whom it is for. Whoever holds it may
give that survey's one score, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import parse_qs

from router.automatic import company
from router.exchange import Exchange
from router.ids import read_survey_token, split_conversation_id, survey_token
from router.people import resolve
from router.scores import RANGES
from router.sends import Send
from router.surveying import answered, pending
from router.surveys import LONGEST, Asked, Rating

_READ = 32_768  # bytes of a body: a comment of 2,000 characters, nine bytes each

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Your opinion",
        "csat": "How satisfied are you with {company}?",
        "csat.least": "Not at all satisfied",
        "csat.most": "Very satisfied",
        "nps": "How likely are you to recommend {company} to a friend or colleague?",
        "nps.least": "Not at all likely",
        "nps.most": "Extremely likely",
        "ces": "How easy was it to get what you needed from {company}?",
        "ces.least": "Very difficult",
        "ces.most": "Very easy",
        "choose": "Please choose a number.",
        "comment": "Would you like to tell us why? (optional)",
        "send": "Send",
        "thanks": "Thank you!",
        "done": "We have your answer: {score} ({least} to {most}).",
        "looked": "We are sorry that it was not as it should be. Somebody of {company} will look at it.",
        "known": "We already have your answer to this question: {score} ({least} to {most}). Thank you!",
        "over": "This survey is closed. If you would like to tell us something, please write to us.",
        "unknown": "This link is not valid. Please open the one in the message that you got, or write to us.",
    },
    "tr": {
        "title": "Görüşünüz",
        "csat": "{company} hizmetinden ne kadar memnunsunuz?",
        "csat.least": "Hiç memnun değilim",
        "csat.most": "Çok memnunum",
        "nps": "{company} firmasını bir arkadaşınıza veya iş arkadaşınıza önerme olasılığınız nedir?",
        "nps.least": "Kesinlikle önermem",
        "nps.most": "Kesinlikle öneririm",
        "ces": "{company} ile işinizi halletmek ne kadar kolaydı?",
        "ces.least": "Çok zordu",
        "ces.most": "Çok kolaydı",
        "choose": "Lütfen bir sayı seçin.",
        "comment": "Nedenini bize anlatmak ister misiniz? (isteğe bağlı)",
        "send": "Gönder",
        "thanks": "Teşekkür ederiz!",
        "done": "Yanıtınızı aldık: {score} ({least}–{most}).",
        "looked": "Beklediğiniz gibi olmadığı için üzgünüz. {company} ekibinden biri ilgilenecek.",
        "known": "Bu sorunun yanıtını sizden daha önce aldık: {score} ({least}–{most}). Teşekkür ederiz!",
        "over": "Bu anket kapandı. Bize bir şey söylemek isterseniz lütfen yazın.",
        "unknown": "Bu bağlantı geçerli değil. Lütfen size gelen mesajdaki bağlantıyı açın ya da bize yazın.",
    },
}
_PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/web/base.css"><link rel="stylesheet" href="/web/leaf.css"></head>
<body class="leaf"><main>
{body}
</main></body></html>
"""
_FORM = """<form method="post">
<fieldset class="scores {kind}" aria-describedby="ends"><legend><h1>{question}</h1></legend>
{wrong}<div class="choices">
{choices}
</div>
<p class="ends" id="ends"><span>{least} = {first}</span> <span>{most} = {last}</span></p></fieldset>
<p class="comment"><label for="text">{comment}</label><textarea id="text" name="text" rows="4" maxlength="{longest}">{text}</textarea></p>
<button class="primary" type="submit">{send}</button>
</form>"""
_CHOICE = '<label><input type="radio" name="score" value="{value}" required><span>{value}</span></label>'


def url_of(x: Exchange, send_id: str) -> str | None:
    """Where the receiver of a survey answers it; None where the deployment has no public URL."""
    return f"{x.public_url}/s/{survey_token(x.key, send_id)}" if x.public_url else None


def asking(x: Exchange, token: str) -> tuple[int, str]:
    """The page behind a link, with its status. It changes nothing, whatever its query says."""
    found = _found(x, token)
    if found is None:
        return _unknown()
    send, asked = found
    if asked is None:
        return _said(x, send, "over", 410)
    known = x.table.rating(asked)
    return _form(x, send, asked) if known is None else _had(x, send, known)


def posted(x: Exchange, token: str, body: bytes) -> tuple[int, str]:
    """What the form's POST does, and the page that says so. Without a score of the survey's range it only asks."""
    found = _found(x, token)
    if found is None:
        return _unknown()
    send, asked = found
    if asked is None:
        return _said(x, send, "over", 410)
    form = parse_qs(body[:_READ].decode("utf-8", "replace"), max_num_fields=20)
    written, text = (form.get(name, [""])[0].strip() for name in ("score", "text"))
    text = text.replace("\x00", "")[:LONGEST]
    known = x.table.rating(asked)
    if known is not None:
        return _had(x, send, known)
    least, most = RANGES[asked.kind]
    if not (written.isascii() and written.isdigit() and len(written) <= 2 and least <= int(written) <= most):
        return _form(x, send, asked, text, wrong=True)
    rating = answered(x, asked, send, int(written), text)
    if rating.value != int(written):
        return _had(x, send, rating)  # the other of two who answered at once
    words, language, who = _about(x, send, asked)
    lines = [f"<h1>{words['thanks']}</h1>", f"<p>{_filled(words['done'], rating)}</p>"]
    if rating.raised is not None:
        lines.append(f"<p>{escape(words['looked'].replace('{company}', who))}</p>")
    return 200, _page(language, words, lines)


def _found(x: Exchange, token: str) -> tuple[Send, Asked | None] | None:
    """The message of a link, and what it asked as long as that may be answered; None for what is no link of ours."""
    send_id = read_survey_token(x.key, token)
    send = x.table.sends([send_id]).get(send_id) if send_id is not None else None
    parts = split_conversation_id(send.conversation) if send is not None else None
    if send is None or parts is None:
        return None
    asked = _of(pending(x, parts[0]), send)
    if asked is None:  # its person may have become part of another since
        person = resolve(x, parts[0])
        asked = _of(pending(x, person.id), send) if person is not None and person.id != parts[0] else None
    return send, asked


def _of(asked: Iterable[Asked], send: Send) -> Asked | None:
    return next((one for one in asked if one.send == send.id), None)


def _form(x: Exchange, send: Send, asked: Asked, text: str = "", *, wrong: bool = False) -> tuple[int, str]:
    words, language, who = _about(x, send, asked)
    least, most = RANGES[asked.kind]
    kind = str(asked.kind)
    form = _FORM.format(
        kind=kind,
        question=escape(words[kind].replace("{company}", who)),
        wrong=f'<p class="wrong" role="alert">{words["choose"]}</p>\n' if wrong else "",
        choices="\n".join(_CHOICE.format(value=value) for value in range(least, most + 1)),
        least=least,
        most=most,
        first=words[f"{kind}.least"],
        last=words[f"{kind}.most"],
        comment=words["comment"],
        longest=LONGEST,
        text=escape(text),
        send=words["send"],
    )
    return 422 if wrong else 200, _page(language, words, [form])


def _had(x: Exchange, send: Send, rating: Rating) -> tuple[int, str]:
    words, language, _ = _about(x, send, rating.asked)
    return 200, _page(language, words, [f"<h1>{words['title']}</h1>", f"<p>{_filled(words['known'], rating)}</p>"])


def _said(x: Exchange, send: Send, what: str, status: int) -> tuple[int, str]:
    words, language, _ = _about(x, send, None)
    return status, _page(language, words, [f"<h1>{words['title']}</h1>", f"<p>{words[what]}</p>"])


def _filled(text: str, rating: Rating) -> str:
    least, most = RANGES[rating.kind]
    return text.format(score=rating.value, least=least, most=most)


def _about(x: Exchange, send: Send, asked: Asked | None) -> tuple[Mapping[str, str], str, str]:
    """The words for its receiver, their language, and who we are."""
    inbox = x.inbox(send.message.inbox)
    said = (asked.language if asked is not None else None) or send.message.language
    said = said or (inbox.language if inbox is not None else "en")
    language = said.partition("-")[0].lower()
    language = language if language in _WORDS else "en"
    return _WORDS[language], language, company(inbox) if inbox is not None else send.message.inbox


def _unknown() -> tuple[int, str]:
    """The same for every link that is none of ours, in both languages: it tells nobody anything."""
    told = [f'<p lang="{language}">{words["unknown"]}</p>' for language, words in _WORDS.items()]
    title = " · ".join(words["title"] for words in _WORDS.values())
    return 404, _PAGE.format(language="en", title=title, body="\n".join([f"<h1>{title}</h1>", *told]))


def _page(language: str, words: Mapping[str, str], lines: Iterable[str]) -> str:
    return _PAGE.format(language=language, title=words["title"], body="\n".join(lines))
