"""A message that is nothing but "stop", "start" or "help", and whether the provider has answered it already.

Sources: Twilio, "Twilio Support for Opt-out Keywords (SMS STOP Filtering)", "Customize users' opt-in and opt-out experience
with Advanced Opt-Out" and "Opt-out keywords" (Proxy); AWS End User Messaging, "Required opt-out keywords". RET is the word of
Turkey's commercial messages (İYS), İPTAL that of its operators.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Literal

from router.messages import ChannelName, Direction, Kind, Message, Provider

Word = Literal["stop", "start", "help"]

_QUOTES = "\"'`´‘’‚“”„«»‹›"
_FINAL = ".!,;:…。！"  # no question mark: "İptal?" asks, and orders nothing
_BLANKS = re.compile(r"\s+")


def _folded(text: str) -> str:
    """One form for all cases and accents; the four Turkish i are one letter, whichever the keyboard made of them."""
    text = unicodedata.normalize("NFKD", text).casefold()
    kept = (char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) not in ("Mn", "Cf"))
    return _BLANKS.sub(" ", "".join(kept).replace("ı", "i")).strip()


def _words(*lines: str) -> frozenset[str]:
    return frozenset(_folded(word) for line in lines for word in line.split(", "))


STOP = _words(
    "STOP, STOPALL, STOP ALL, UNSUBSCRIBE, CANCEL, END, QUIT, OPTOUT, OPT-OUT, OPT OUT, REVOKE, REMOVE, TD",
    "RET, İPTAL, DUR, DURDUR, ÇIK, ÇIKIŞ, ABONELİKTEN ÇIK, ABONELİK İPTAL, SMS RET, SMS İPTAL",
    "STOPP, ABMELDEN, ABBESTELLEN, AUSTRAGEN, BEENDEN",
    "ARRÊT, ARRÊTE, ARRÊTER, ARRETT, DÉSABONNER, DÉSINSCRIRE, DÉSINSCRIPTION",
    "BAJA, PARAR, DETENER, CANCELAR",
)
# What orders nothing but that. The others end a message service by SMS; in an app, or on a button of ours, "cancel" and "iptal"
# answer the agent who asked what to do with the order.
UNMISTAKABLE = _words(
    "STOP, STOPALL, STOP ALL, UNSUBSCRIBE, OPTOUT, OPT-OUT, OPT OUT",
    "RET, ABONELİKTEN ÇIK, ABONELİK İPTAL",
    "STOPP, ABMELDEN, ABBESTELLEN, AUSTRAGEN",
    "ARRÊT, DÉSABONNER, DÉSINSCRIRE, DÉSINSCRIPTION",
    "BAJA",
)
# No YES, EVET or ONAY, though Twilio takes YES: consent is not read out of what answers an agent's question every day.
START = _words(
    "START, UNSTOP, SUBSCRIBE, OPTIN, OPT-IN, OPT IN",
    "BAŞLAT, BAŞLA, ABONE OL",
    "STARTEN, ANMELDEN, ABONNIEREN",
    "DÉMARRER",
    "INICIAR, COMENZAR, SUSCRIBIR, ALTA",
)
HELP = _words(
    "HELP, INFO",
    "YARDIM, BİLGİ",
    "HILFE",
    "AIDE",
    "AYUDA, INFORMACIÓN",
)
_MEANING: Mapping[str, Word] = {
    **dict.fromkeys(HELP, "help"),
    **dict.fromkeys(START, "start"),
    **dict.fromkeys(STOP, "stop"),
}

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


def word_of(text: str) -> Word | None:
    """What a text that is exactly one keyword asks for; None for any other, as providers have it ("STOP PLEASE" is none)."""
    if len(text) > _LONGEST:
        text = text.strip()
        if len(text) > _LONGEST:
            return None
    return _MEANING.get(_bare(text))


def _bare(text: str) -> str:
    return _folded(text).lstrip(_QUOTES + " ").rstrip(_QUOTES + _FINAL + " ")


def asked(message: Message) -> Asked | None:
    """What an inbound message asks for by a keyword, by the provider's own word (Advanced Opt-Out) or by its text."""
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
    word = word_of(message.spoken)
    if message.channel is not ChannelName.SMS and word == "stop" and _bare(message.spoken) not in UNMISTAKABLE:
        return None
    if message.kind is Kind.POSTBACK and word != "stop":
        return None  # what was tapped is a button's title
    return Asked(word, answered=_answers_itself(message)) if word else None


def _answers_itself(message: Message) -> bool:
    """Whether this provider answers this keyword to this number. Twilio does not for a short code on its own."""
    text = message.text.strip()
    if message.channel is not ChannelName.SMS or not text.isascii():
        return False
    to_short_code = any(party.address.isdigit() for party in message.recipients)  # a number has its +
    return text.lower() in _ANSWERED.get(message.provider, frozenset()) and not (
        message.provider is Provider.TWILIO and to_short_code
    )
