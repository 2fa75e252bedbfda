"""Fifty rules over one message of a kilobyte, in process: conditions of every kind that docs/rules.md names."""

from __future__ import annotations

import timeit
from dataclasses import dataclass
from datetime import UTC, datetime

from router.config import Config, Rule
from router.facts import facts_of
from router.messages import ChannelName, Direction, Message, Party, Provider
from router.records import Known
from router.rules import judge
from santral.cel import check

CONDITIONS = (
    'message.channel == "sms" && message.text.startsWith("x")',
    'message.sender.domain in ["a.example", "b.example", "c.example"]',
    'now.getHours("Europe/Istanbul") >= 18 || !open("ofis")',
    "conversation.number > 2 && !contact.known",
    'message.text.mentions(["iade*", "şikayet*", "kargo*"])',
    'size(contact.channels) > 1 && contact.language == "tr"',
    'message.subject.contains("fatura") && message.files > 0',
    'inbox.name == "destek" && message.proof == "strong"',
    'message.language == "tr" && message.kind == "message"',
    'now - contact.since > duration("720h")',
)
TEXT = "Merhaba, " + "siparişim nerede acaba? " * 40


@dataclass(frozen=True, slots=True)
class Judged:
    """Microseconds for one message: making its facts, and judging it by so many rules."""

    rules: int
    facts: float
    judging: float


def measure(config: Config, count: int = 50, rounds: int = 500) -> Judged:
    """The least of five runs. `config` gives the inbox `destek` and the hours `ofis`, as the sample configuration does."""
    rules = tuple(
        Rule(name=f"r{n}", when=when, checked=check(when, config), tags=(f"t{n}",))
        for n in range(count)
        for when in [CONDITIONS[n % len(CONDITIONS)]]
    )
    config = config.model_copy(update={"rules": rules})
    inbox = next(one for one in config.inboxes if one.name == "destek")
    message = Message(
        id="m_1",
        channel=ChannelName.EMAIL,
        provider=Provider.SES,
        inbox=inbox.name,
        direction=Direction.INBOUND,
        sender=Party(address="deniz@example.net"),
        text=TEXT,
        received_at=datetime.now(UTC),
    )
    known = Known(None, None, None)
    facts = facts_of(message, known, inbox, config)
    runs = (
        min(timeit.repeat(once, number=rounds, repeat=5)) / rounds * 1e6
        for once in (lambda: facts_of(message, known, inbox, config), lambda: judge(config, facts))
    )
    made, judged = runs
    return Judged(count, made, judged)
