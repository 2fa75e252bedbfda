"""How many parts an SMS is sent and billed in.

Sources: 3GPP TS 23.038; AWS End User Messaging, "SMS character limits"; Twilio, "What is the SMS character limit?". The
Turkish tables of 23.038 (national language shifts) are used by neither: ş, ğ, ı, İ and a small ç cost UCS-2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a second septet: they count two
GSM_SINGLE, GSM_PART = 160, 153  # septets; a part of several gives seven to its header
UCS2_SINGLE, UCS2_PART = 70, 67  # UTF-16 code units


@dataclass(frozen=True, slots=True)
class Segments:
    """How a text travels. `units` are septets or UTF-16 code units; `parts` joined are the text."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    parts: tuple[str, ...]

    @property
    def count(self) -> int:
        """Parts that are sent, and billed; an empty text is one."""
        return len(self.parts)


def split(text: str) -> Segments:
    """The parts of a text. A two-unit character (extension, surrogate pair) is never cut: it opens the next part."""
    if all(char in GSM_BASIC or char in GSM_EXTENDED for char in text):
        encoding: Literal["GSM-7", "UCS-2"] = "GSM-7"
        sizes = [2 if char in GSM_EXTENDED else 1 for char in text]
        single, part = GSM_SINGLE, GSM_PART
    else:
        encoding = "UCS-2"
        sizes = [2 if ord(char) > 0xFFFF else 1 for char in text]
        single, part = UCS2_SINGLE, UCS2_PART
    units = sum(sizes)
    return Segments(encoding, units, (text,) if units <= single else tuple(_cut(text, sizes, part)))


def parts_of(text: str) -> tuple[str, ...]:
    """The SMS a text is sent and billed as; an empty one is one."""
    return split(text).parts


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
