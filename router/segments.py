"""How many parts an SMS is sent and billed in, which characters make it dear, and how it would read without them.

Sources: 3GPP TS 23.038 (alphabet, extension table), 23.040 (the header of a concatenated part); AWS End User Messaging, "SMS
character limits"; Twilio, "What is the SMS character limit?". The Turkish tables of 23.038 (national language shifts) are used by
neither: ş, Ş, ğ, Ğ, ı, İ and a small ç cost UCS-2, while Ç, ö, Ö, ü and Ü are in the default alphabet.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a second septet: they count two
GSM = GSM_BASIC | GSM_EXTENDED
GSM_SINGLE, GSM_PART = 160, 153  # septets; a part of several gives seven to its header
UCS2_SINGLE, UCS2_PART = 70, 67  # UTF-16 code units

# What people write for these where they have no such key. Accents are taken off besides.
_PLAIN = str.maketrans(
    {
        "ı": "i", "‘": "'", "’": "'", "‚": "'", "′": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "…": "...", "•": "-", "·": "-", "`": "'", "´": "'",
        "₺": "TL", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "œ": "oe", "Œ": "OE", "ð": "d", "þ": "th", "\t": " ",
        "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "", "\u00ad": "", "\u2028": "\n", "\u2029": "\n",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segments:
    """How a text travels. `units` are septets or UTF-16 code units; `parts` joined are the text.

    `costly` are the characters, each once and as they come, that alone make it UCS-2.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    parts: tuple[str, ...]
    costly: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Parts that are sent, and billed; an empty text is one."""
        return len(self.parts)


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in the GSM alphabet instead, and the parts it saves. `replaced`: what was written, and what stands for it."""

    text: str
    saves: int
    replaced: tuple[tuple[str, str], ...]


def split(text: str) -> Segments:
    """The parts of a text. A two-unit character (extension, surrogate pair) is never cut: it opens the next part."""
    costly = () if GSM.issuperset(text) else tuple(dict.fromkeys(char for char in text if char not in GSM))
    if not costly:
        encoding: Literal["GSM-7", "UCS-2"] = "GSM-7"
        sizes = [1] * len(text) if GSM_BASIC.issuperset(text) else [2 if char in GSM_EXTENDED else 1 for char in text]
        single, part = GSM_SINGLE, GSM_PART
    else:
        encoding = "UCS-2"
        sizes = [2 if ord(char) > 0xFFFF else 1 for char in text]
        single, part = UCS2_SINGLE, UCS2_PART
    units = sum(sizes)
    return Segments(encoding, units, (text,) if units <= single else tuple(_cut(text, sizes, part)), costly)


def parts_of(text: str) -> tuple[str, ...]:
    """The SMS a text is sent and billed as; an empty one is one."""
    return split(text).parts


def plainer(text: str) -> Plain | None:
    """The text with `s` for `ş`, `'` for `’` and so on; None where it needs no UCS-2, keeps a character that does, or saves no part."""
    now = split(text)
    swaps = {char: _without_marks(char) for char in now.costly}
    if not swaps or not GSM.issuperset("".join(swaps.values())):
        return None
    plain = text.translate({ord(char): swap for char, swap in swaps.items()})
    saves = now.count - split(plain).count
    return Plain(plain, saves, tuple(swaps.items())) if saves > 0 else None


def _without_marks(char: str) -> str:
    apart = unicodedata.normalize("NFKD", char.translate(_PLAIN))
    return "".join(one for one in apart if not unicodedata.combining(one)).translate(_PLAIN)


def _cut(text: str, sizes: list[int], part: int) -> list[str]:
    parts: list[str] = []
    start = used = 0
    for index, size in enumerate(sizes):
        if used + size > part:
            parts.append(text[start:index])
            start, used = index, 0
        used += size
    parts.append(text[start:])
    return parts
