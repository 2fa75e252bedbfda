"""Identifiers. All are keyed hashes, so they carry no personal data, and are derived, so a repeat gives the same one."""

from __future__ import annotations

import base64
import hashlib
import hmac

_NO_TIME = 253_402_300_800_000  # milliseconds: the year 10000


def digest(key: bytes, *parts: str, size: int = 15) -> str:
    """Lower-case base32 of a keyed BLAKE2b over the parts; `size` bytes (15 gives 24 characters)."""
    return base64.b32encode(_hashed(key, parts, size)).decode("ascii").rstrip("=").lower()


def fraction(key: bytes, *parts: str) -> float:
    """A number above 0 and below 1 that the parts always give, spread evenly over different parts: chance that can be repeated."""
    return ((int.from_bytes(_hashed(key, parts, 8), "big") >> 12) + 0.5) / 2**52


def _hashed(key: bytes, parts: tuple[str, ...], size: int) -> bytes:
    h = hashlib.blake2b(key=key[:64], digest_size=size)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        h.update(len(data).to_bytes(4, "big") + data)
    return h.digest()


def message_id(key: bytes, provider: str, scope: str, external_id: str) -> str:
    """An inbound message's id. `scope` keeps apart what one provider id means in two places (the thread group)."""
    return "m_" + digest(key, "message", provider, scope, external_id)


def send_id(key: bytes, version: str, contact: str, occurrence: str, step: str) -> str:
    """The id of what a campaign sends somebody: `version` is the campaign and its version, `occurrence` which firing of its trigger.

    It is the outbound message's id, so a run that is interrupted and repeated writes the same record, whose condition then fails.
    """
    return "m_" + digest(key, "outreach", version, contact, occurrence, step)


def receipt_id(key: bytes, provider: str, external_id: str, status: str, recipient: str) -> str:
    """A receipt's id: one per message, status and recipient."""
    return "r_" + digest(key, "receipt", provider, external_id, status, recipient)


def contact_id(key: bytes, channel: str, address: str, *, proved: bool) -> str:
    """The contact an address belongs to until it is joined elsewhere; an unproved claim to an address is someone else."""
    return "p_" + digest(key, "contact", channel, address, "proved" if proved else "claimed")


def conversation_id(contact: str, group: str, number: int) -> str:
    """`c_<contact>.<thread group>.<n>`: says where the item is, so no look-up is needed."""
    return f"c_{contact.removeprefix('p_')}.{group}.{number}"


def split_conversation_id(value: str) -> tuple[str, str, int] | None:
    """The contact, thread group and number in a conversation id; None if it is not one."""
    if not value.startswith("c_"):
        return None
    contact, _, rest = value[2:].partition(".")
    group, _, number = rest.rpartition(".")
    if not contact or not group or not number.isascii() or not number.isdigit() or str(int(number)) != number:
        return None
    return "p_" + contact, group, int(number)


def first_thread(conversation: str) -> str | None:
    """Where what we write first to the person of a conversation stands: its contact's conversation number 0 with the brand."""
    place = split_conversation_id(conversation)
    return None if place is None else conversation_id(place[0], place[1], 0)


def decision_id(conversation: str, ms: int, what: str, number: int = 1) -> str:
    """`d_<conversation>.<time>-<what>`: says where its record is. `what` is `match` or `wait`; the time is hexadecimal milliseconds.

    The second of one kind and millisecond ends in `.2`, and so on.
    """
    return f"d_{conversation.removeprefix('c_')}.{ms:x}-{what}" + (f".{number}" if number > 1 else "")


def split_decision_id(value: str) -> tuple[str, int] | None:
    """The conversation and the time (milliseconds) in a decision's id; None if it is not one."""
    stem, _, end = value.rpartition("-")[0].rpartition(".")
    conversation = "c_" + stem.removeprefix("d_")
    if not value.startswith("d_") or split_conversation_id(conversation) is None:
        return None
    try:
        ms = int(end, 16)
    except ValueError:
        return None
    return (conversation, ms) if end.isalnum() and ms < _NO_TIME else None


def conversation_token(key: bytes, send_id: str) -> str:
    """What stands after the + of a reply address: the outbound message's id and a MAC; 37 case-insensitive characters."""
    body = send_id.removeprefix("m_")
    return body + digest(key, "token", body, size=8)


def read_token(key: bytes, token: str) -> str | None:
    """The outbound message a token names; None when we never made it."""
    token = token.lower()
    body, mac = token[:24], token[24:]
    return "m_" + body if equal(mac, digest(key, "token", body, size=8)) else None


def unsubscribe_token(key: bytes, send_id: str) -> str:
    """What stands at the end of an unsubscribe link: the outbound message's id and a MAC of this purpose alone; 40 characters."""
    body = send_id.removeprefix("m_")
    return body + digest(key, "unsubscribe", body, size=10)


def read_unsubscribe_token(key: bytes, token: str) -> str | None:
    """The outbound message an unsubscribe link names; None when we never made it."""
    body, mac = token[:24], token[24:]
    return "m_" + body if equal(mac, digest(key, "unsubscribe", body, size=10)) else None


def survey_token(key: bytes, send_id: str) -> str:
    """What stands at the end of a survey's link: the outbound message's id and a MAC of this purpose alone; 40 characters."""
    body = send_id.removeprefix("m_")
    return body + digest(key, "survey", body, size=10)


def read_survey_token(key: bytes, token: str) -> str | None:
    """The outbound message whose survey a link answers; None when we never made it."""
    body, mac = token[:24], token[24:]
    return "m_" + body if equal(mac, digest(key, "survey", body, size=10)) else None


def wire_of(provider: str, external_id: str) -> str:
    """How a provider's id of a message is looked up; a mail's Message-ID stands for itself."""
    return f"{provider}:{external_id}"


def equal(a: str, b: str) -> bool:
    """Compare secrets in constant time; strings of any characters."""
    return hmac.compare_digest(a.encode("utf-8", "surrogatepass"), b.encode("utf-8", "surrogatepass"))
