"""Codes that make good a broken promise: the same for the same promise, however often it is asked for. Pure."""

from __future__ import annotations

import hashlib
import hmac

_LETTERS = "234679ACDEFGHJKMNPQRTUVWXY"
"""None that looks or sounds like another: no 0 and O, 1, I and L, 5 and S, 8 and B, 2 and Z."""
_GROUPS, _SIZE = 2, 4


def code(key: bytes, prefix: str, promise: str) -> str:
    """`OZUR-7K4M-Q2XD`: the prefix and 37 bits that nobody can guess who does not have the key."""
    number = int.from_bytes(hmac.digest(key, f"voucher\0{prefix}\0{promise}".encode(), hashlib.sha256))
    letters = ""
    for _ in range(_GROUPS * _SIZE):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return "-".join((prefix, *(letters[at : at + _SIZE] for at in range(0, len(letters), _SIZE))))
