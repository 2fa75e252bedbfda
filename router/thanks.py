"""Is a message nothing but thanks? Then it asks for no answer, and no clock starts for it.

A small rule, on purpose: every word is one of thanks, greeting or agreement in the message's language or in English, one at least is of
thanks, and there are few of them. Whoever adds any other word ("thanks, but it is still broken") is answered.
"""

from __future__ import annotations

import re
import unicodedata

from router.search import folded

MOST = 12
"""Words; who writes more says more than thanks."""

_THANKS: dict[str, str] = {
    "tr": "teşekkür teşekkürler teşekkürlerimle tşk tşkler sağol sağolun sağolasın sağ eyvallah minnettarım minnettarız",
    "en": "thanks thank thx thnx ty cheers appreciated appreciate",
    "de": "danke dankeschön dank",
    "fr": "merci",
    "es": "gracias",
}
"""One of these must be there. Agreement alone ("ok", "tamam") may be the answer to a question, and somebody has to act on it."""
_BESIDE: dict[str, str] = {
    "tr": (
        "ederim ederiz ediyorum ol olun tamam tamamdır peki olur oldu anladım anlaştık süper harika mükemmel ok okey çok size sana "
        "herkese hepinize için ilginiz ilginize yardımınız yardımlarınız cevabınız yanıtınız bilgi bilgilendirme hızlı iyi güzel "
        "günler akşamlar geceler çalışmalar haftalar hafta sonları dilerim dileriz kolay gelsin görüşmek üzere selamlar saygılar "
        "saygılarımla sevgiler hoşça kalın merhaba ve de da bu kadar gayet"
    ),
    "en": (
        "ok okay great perfect awesome excellent brilliant cool super lovely fine understood noted got it you so very much many a "
        "lot again for your the help reply answer support quick fast response and all that's that is this have nice good day evening "
        "weekend night one too bye goodbye regards best kind works now hi hello team i we really"
    ),
    "de": (
        "ok okay alles klar super prima perfekt verstanden passt vielen sehr schön für die ihre eure schnelle hilfe antwort und "
        "schönen tag noch abend gruß grüße mfg liebe ihnen euch dir es"
    ),
    "fr": (
        "ok d'accord parfait super entendu compris beaucoup bien pour votre aide réponse et bonne journée soirée à vous tout "
        "cordialement"
    ),
    "es": "ok vale perfecto genial entendido muchas mil por su tu ayuda respuesta y buen día tarde todo",
}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*", re.UNICODE)
_OF_THANKS = frozenset("🙏❤♥🤗🥰😍💐🌹🌸💙💚💛🧡💜🤍")
_SIGNS = _OF_THANKS | frozenset("👍👌😊🙂😀😃😄😁✅💯🎉👏")
_PLAIN = re.compile(r"[\s.,!;:()\-–—*~^\"'’️\U0001F3FB-\U0001F3FF\u200d]+")


def only_thanks(text: str, language: str | None) -> bool:
    """Is this nothing but thanks, in that language or, where it is not known, in any?"""
    if not text.strip() or "?" in text or len(text) > 200 or any(letter.isdigit() for letter in text):
        return False
    text = unicodedata.normalize("NFC", text)
    words = [_small(word) for word in _WORD.findall(text)]
    rest = _PLAIN.sub("", _WORD.sub("", text))
    signs = [one for one in rest if one in _SIGNS]
    if len(signs) != len(rest) or len(words) > MOST:
        return False
    thanked = any(sign in _OF_THANKS for sign in signs)
    if not words:
        return thanked
    short = (language or "").partition("-")[0].lower()
    for name in (short, "en") if short in _THANKS else _THANKS:
        thanks, beside = _words(name)
        if all(word in thanks or word in beside for word in words) and (
            thanked or any(word in thanks for word in words)
        ):
            return True
    return False


def _small(word: str) -> str:
    return folded(word.replace("’", "'"))


_known: dict[str, tuple[frozenset[str], frozenset[str]]] = {}


def _words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    found = _known.get(language)
    if found is None:
        thanks, beside = (frozenset(map(_small, table.get(language, "").split())) for table in (_THANKS, _BESIDE))
        found = _known[language] = thanks, beside
    return found
