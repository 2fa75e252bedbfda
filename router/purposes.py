"""What a message that we write first is for: consent, caps and quiet hours go by it."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What a message is for. The law asks for consent beforehand to marketing; service may be declined; the rest has to arrive."""

    TRANSACTIONAL = "transactional"  # what was ordered: an invoice, a delivery
    SERVICE = "service"  # what is about it: a survey, a reminder
    MARKETING = "marketing"  # İYS: "ticari elektronik ileti"
