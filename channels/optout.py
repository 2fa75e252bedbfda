"""A message that is nothing but "stop", "start" or "help", and whether the provider has answered it already.

Sources: Twilio, "Twilio Support for Opt-out Keywords (SMS STOP Filtering)", "Customize users' opt-in and opt-out experience
with Advanced Opt-Out" and "Opt-out keywords" (Proxy); AWS End User Messaging, "Required opt-out keywords". RET is the word of
Turkey's commercial messages (İYS), İPTAL that of its operators.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from router.keywords import Keywords, folded
from router.messages import ChannelName, Direction, Kind, Message, Provider

Word = Literal["stop", "start", "help"]

_QUOTES = "\"'`´‘’‚“”„«»‹›"
_FINAL = ".!,;:…。！"  # no question mark: "İptal?" asks, and orders nothing


def _words(line: str) -> tuple[str, ...]:
    return tuple(line.split(", "))


# `everywhere` is what orders nothing but that. The others end a message service by SMS; in an app, or on a button of ours, "cancel"
# and "iptal" answer the agent who asked what to do with the order.
# No YES, EVET or ONAY, though Twilio takes YES: consent is not read out of what answers an agent's question every day.
BUILT_IN = (
    Keywords(
        language="en",
        stop=_words(
            "STOP, STOPALL, STOP ALL, UNSUBSCRIBE, CANCEL, END, QUIT, OPTOUT, OPT-OUT, OPT OUT, REVOKE, REMOVE, TD"
        ),
        everywhere=_words("STOP, STOPALL, STOP ALL, UNSUBSCRIBE, OPTOUT, OPT-OUT, OPT OUT"),
        start=_words("START, UNSTOP, SUBSCRIBE, OPTIN, OPT-IN, OPT IN"),
        help=_words("HELP, INFO"),
    ),
    Keywords(
        language="tr",
        stop=_words(
            "RET, İPTAL, DUR, DURDUR, AYRIL, ÇIK, ÇIKIŞ, ABONELİKTEN ÇIK, ABONELİK İPTAL, SMS RET, SMS İPTAL, MESAJ RET, LİSTEDEN ÇIK"
        ),
        everywhere=_words("RET, ABONELİKTEN ÇIK, ABONELİK İPTAL, LİSTEDEN ÇIK"),
        start=_words("BAŞLAT, BAŞLA, ABONE OL"),
        help=_words("YARDIM, BİLGİ"),
    ),
    Keywords(
        language="de",
        stop=_words("STOPP, ABMELDEN, ABBESTELLEN, AUSTRAGEN, BEENDEN"),
        everywhere=_words("STOPP, ABMELDEN, ABBESTELLEN, AUSTRAGEN"),
        start=_words("STARTEN, ANMELDEN, ABONNIEREN"),
        help=_words("HILFE"),
    ),
    Keywords(
        language="fr",
        stop=_words("ARRÊT, ARRÊTE, ARRÊTER, ARRETT, DÉSABONNER, DÉSINSCRIRE, DÉSINSCRIPTION"),
        everywhere=_words("ARRÊT, DÉSABONNER, DÉSINSCRIRE, DÉSINSCRIPTION"),
        start=_words("DÉMARRER"),
        help=_words("AIDE"),
    ),
    Keywords(
        language="es",
        stop=_words("BAJA, PARAR, DETENER, CANCELAR"),
        everywhere=_words("BAJA"),
        start=_words("INICIAR, COMENZAR, SUSCRIBIR, ALTA"),
        help=_words("AYUDA, INFORMACIÓN"),
    ),
)
"""By language. A configuration's `keywords` replace those of a language list by list."""
_LISTS: tuple[Word, ...] = ("stop", "start", "help")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What each word means, folded; `everywhere` are those for stop that count outside SMS; `twofold` would mean two things."""

    meaning: Mapping[str, Word]
    everywhere: Set[str]
    twofold: Set[str]


@lru_cache(maxsize=8)
def lexicon(own: tuple[Keywords, ...] = ()) -> Lexicon:
    """The words of all languages, a company's own in place of the built-in ones; one that would mean two things means stop before all."""
    meaning: dict[str, Word] = {folded("STOP"): "stop"}
    twofold: set[str] = set()
    for which in _LISTS:
        for word in _listed(own, which):
            if meaning.setdefault(word, which) != which:
                twofold.add(word)
    everywhere = {folded("STOP"), *(word for word in _listed(own, "everywhere") if meaning.get(word) == "stop")}
    return Lexicon(meaning, everywhere, twofold)


def _listed(own: tuple[Keywords, ...], which: str) -> Iterator[str]:
    """The words of a list in all languages, folded: a company's own where it has any, else the built-in ones."""
    lists: dict[str, tuple[str, ...]] = {}
    for one in (*BUILT_IN, *own):
        lists[one.language] = getattr(one, which) or lists.get(one.language, ())
    for words in lists.values():
        yield from map(folded, words)


# What a provider answers by itself, compared as it compares: the whole text but for case and blanks.
_ANSWERED: Mapping[Provider, Set[str]] = {
    Provider.TWILIO: {
        *("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"),
        *("start", "unstop", "help", "info"),
    },
    Provider.AWS_EUM: {
        *("arret", "cancel", "end", "opt-out", "optout", "quit", "remove", "stop", "td", "unsubscribe"),
        "help",
    },
}
_LONGEST = 60  # characters: no keyword is longer, whatever surrounds it


@dataclass(frozen=True, slots=True)
class Asked:
    """What the customer asked for by a keyword. `answered`: the provider has, so we must not."""

    word: Word
    answered: bool


def word_of(text: str, own: tuple[Keywords, ...] = ()) -> Word | None:
    """What a text that is exactly one keyword asks for; None for any other, as providers have it ("STOP PLEASE" is none)."""
    if len(text) > _LONGEST:
        text = text.strip()
        if len(text) > _LONGEST:
            return None
    return lexicon(own).meaning.get(_bare(text))


def _bare(text: str) -> str:
    return folded(text).lstrip(_QUOTES + " ").rstrip(_QUOTES + _FINAL + " ")


def asked(message: Message, own: tuple[Keywords, ...] = ()) -> Asked | None:
    """What an inbound message asks for by a keyword, by the provider's own word (Advanced Opt-Out) or by its text.

    `own` are the configuration's words. What the provider has obeyed by itself counts whatever they are.
    """
    if message.direction is not Direction.INBOUND or message.kind not in (Kind.MESSAGE, Kind.POSTBACK):
        return None
    said = (message.raw or {}).get("OptOutType") if message.provider is Provider.TWILIO else None
    match said.strip().upper() if isinstance(said, str) else None:
        case "STOP":
            return Asked("stop", answered=True)
        case "START":
            return Asked("start", answered=True)
        case "HELP":
            return Asked("help", answered=True)
    answered = _answers_itself(message)
    word = word_of(message.spoken, own) or (word_of(message.text) if answered else None)
    if (
        message.channel is not ChannelName.SMS
        and word == "stop"
        and _bare(message.spoken) not in lexicon(own).everywhere
    ):
        return None
    if message.kind is Kind.POSTBACK and word != "stop":
        return None  # what was tapped is a button's title
    return Asked(word, answered) if word else None


def _answers_itself(message: Message) -> bool:
    """Whether this provider answers this keyword to this number. Twilio does not for a short code on its own."""
    text = message.text.strip()
    if message.channel is not ChannelName.SMS or not text.isascii():
        return False
    to_short_code = any(party.address.isdigit() for party in message.recipients)  # a number has its +
    return text.lower() in _ANSWERED.get(message.provider, frozenset()) and not (
        message.provider is Provider.TWILIO and to_short_code
    )
