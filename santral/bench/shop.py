"""A shop that writes first: eight campaigns, of which three compete with the one that is measured, and recipients of whom all is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from router.config import Config
from router.consents import Consent, How, standing
from router.conversations import Conversation, State, Way
from router.ids import contact_id
from router.messages import ChannelName, Proof
from router.outreach_values import OutreachRow, Person
from router.purposes import Purpose
from router.records import Contact, Identity
from router.slots import Ledger, Slot, local_day
from router.times import to_ms
from router.zones import zone
from santral.cel import check
from santral.cel_outreach import words

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Noon in Istanbul, where every second recipient is said to be; of the others the number says it, or nothing does."""
CAMPAIGN = "bahar"
SMS = {
    "en": "{{ name }}, 20 % off in {{ city }} until Sunday: https://shop.example/spring/2026 Stop: {{ unsubscribe }}",
    "tr": "{{ name }}, pazara kadar {{ city }} icin %20 indirim: https://shop.example/bahar/2026 Cikis: {{ unsubscribe }}",
}
MAIL = {"en": {"subject": "Spring is here, {{ name }}", "text": SMS["en"]}}
WHATSAPP = {
    "tr": {"approved": "bahar", "body": "{{1}}, bahar geldi: {{2}}", "parameters": ["{{ name }}", "{{ city }}"]}
}
_SEGMENT = (
    'contact.tags.exists(tag, tag == "bulten") && contact.number("siparis") >= 2.0 && contact.language in ["tr", "en"]'
)
_DAY = timedelta(days=1)


def _campaign(name: str, starts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": name, "starts": starts, "steps": [{"send": "duyuru"}], "values": {"city": {"contact": "sehir"}},
        "channels": ["sms", "email", "whatsapp"], **more,
    }  # fmt: skip


SHOP: dict[str, Any] = {
    "version": "bench-outreach",
    "inboxes": [
        {"name": "sms", "channel": "twilio", "address": "+15550100", "queue": "genel", "secret": "twilio", "language": "tr"},
        {
            "name": "wa", "channel": "whatsapp", "address": "+15550106", "queue": "genel", "secret": "whatsapp",
            "settings": {"phone_number_id": "104200000000077"},
        },
        {"name": "mail", "channel": "email", "address": "shop@example.com", "queue": "genel", "display_name": "Shop"},
    ],
    "queues": [{"name": "genel", "skill": "genel"}],
    "agents": [{"name": "ayse", "display_name": "Ayşe", "skills": ["genel"]}],
    "segments": [{"name": "duzenli", "when": _SEGMENT}],
    "templates": [
        {
            "name": "duyuru", "purpose": "marketing", "needs": {"name": "Ada", "city": "Bursa"},
            "channels": {"sms": SMS, "email": MAIL, "whatsapp": WHATSAPP},
        },
        {"name": "not", "purpose": "service", "channels": {"sms": {"en": "Thank you."}}},
    ],
    "campaigns": [
        _campaign(
            CAMPAIGN, {"cron": "0 12 * * mon", "zone": "recipient"}, segment="duzenli", holdout_percent=5, utm={"utm_source": "shop"}
        ),
        _campaign("haftalik", {"cron": "30 10 * * fri", "zone": "recipient"}, segment="duzenli", importance=60),
        _campaign("dogum", {"birthday": "10:00"}, everyone=True, importance=80),
        _campaign("once", {"at": "2026-03-04T11:00", "zone": "Europe/Istanbul"}, everyone=True, importance=70),
        _campaign("kucuk", {"cron": "0 15 * * thu", "zone": "Europe/Istanbul"}, everyone=True, importance=20),
        *(_campaign(f"olay-{n}", {"event": f"shop.event{n}"}, steps=[{"send": "not"}]) for n in range(3)),
    ],
    "outreach": {
        "zone": "Europe/Istanbul", "prices": {"sms": 0.0079, "email": 0.0001}, "rates": {"sms": 10000, "mail": 10000, "wa": 10000},
        "caps": {"marketing": {"day": 1, "week": 5, "reserve": 1}, "service": {"day": 2}}, "confirm_above_percent": 100,
    },
}  # fmt: skip


def configuration() -> Config:
    """Its configuration, whose conditions are checked."""
    plain = Config.model_validate({**SHOP, "segments": [], "campaigns": []})
    segments = [{**one, "checked": check(one["when"], plain, words(plain))} for one in SHOP["segments"]]
    return Config.model_validate({**SHOP, "segments": segments})


def person(key: bytes, number: int, *channels: str) -> Person:
    """A recipient whom the campaign is for, with an address on each of these channels (SMS and mail without any).

    They consented there, have a resolved conversation, and four messages left for them before.
    """
    since = NOW - 200 * _DAY - timedelta(seconds=number)
    first, *joined = (_address(key, ChannelName(one), number, since) for one in channels or ("sms", "email"))
    contact = Contact(
        first.contact, first.channel, first.address, Proof.STRONG, since, name="Ada", language="tr" if number % 2 else "en",
        joined=tuple(joined), zone="Europe/Istanbul" if number % 2 else None,
        birthday=f"1990-{number % 12 + 1:02d}-{number % 28 + 1:02d}", tags=("bulten", "istanbul"),
        attributes=(("sehir", "Bursa"), ("siparis", 2 + number % 9)),
    )  # fmt: skip
    consents = [
        Consent(
            f"k_{number}_{one.channel}",
            one.channel,
            one.address,
            Purpose.MARKETING,
            True,
            since,
            How.FORM,
            "form",
            since,
        )
        for one in contact.identities
    ]
    heard, inbox = NOW - 20 * _DAY, {"sms": "sms", "email": "mail", "whatsapp": "wa"}[first.channel]
    talk = Conversation(
        contact=contact.id, group="default", number=1, state=State.RESOLVED, channel=first.channel, inbox=inbox, queue="genel",
        pool="main", units=1, priority=5, address=first.address, opened_at=heard, resolved_at=heard, language="tr",
        ways=(Way(first.channel, inbox, first.address, heard),),
    )  # fmt: skip
    slots = tuple(_left(number, days) for days in (8, 6, 4, 2))
    return Person(contact, (talk,), standing(consents), row=OutreachRow(Ledger(1, slots)))


def _address(key: bytes, channel: ChannelName, number: int, since: datetime) -> Identity:
    address = f"k{number}@example.net" if channel is ChannelName.EMAIL else f"+90532{number:07d}"
    return Identity(channel, address, Proof.STRONG, contact_id(key, channel, address, proved=True), since)


def _left(number: int, days: int) -> Slot:
    at = to_ms(NOW - days * _DAY)
    return Slot(
        f"m_{number}.{days}", "haftalik" if days % 4 else "not", "marketing" if days % 4 else "service", 60, False, at, at,
        local_day(at, zone("Europe/Istanbul")), at + 86_400_000, True,
    )  # fmt: skip
