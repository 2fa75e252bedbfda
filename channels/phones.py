"""Phone addresses: E.164 numbers, short codes and alphanumeric sender names, told apart without a numbering plan."""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9][0-9]{4,14}")
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_SENDER_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &._+\-]{1,11}")
_PUNCTUATION = re.compile(r"[\s().\-\u00a0]")


def normalise(value: str) -> str | None:
    """`+` and digits for a number, digits for a short code, lower case for a sender name; None for what is neither."""
    value = value.strip()
    plain = _PUNCTUATION.sub("", value)
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    if _E164.fullmatch(plain) or _SHORT_CODE.fullmatch(plain):
        return plain
    return value.lower() if _SENDER_NAME.fullmatch(value) else None


def can_receive(address: str) -> bool:
    """Whether a message can be sent there: a number or a short code; a sender name only ever sends."""
    return bool(_E164.fullmatch(address) or _SHORT_CODE.fullmatch(address))
