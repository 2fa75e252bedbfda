"""A shop with campaigns: its configuration, its contacts, and what came of everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from router.config import Config
from router.ids import contact_id
from router.journeys import Journey
from router.outreach import handle
from router.sends import Send
from router.signals import Launch
from santral.config_places import Fault
from santral.outreach_files import checked
from tests.kit.world import CONFIG, World

ADMIN: dict[str, Any] = {"user": "yonetici", "role": "admin"}
SMS = {"en": "Sale at the shop. Stop: {{ unsubscribe }}", "tr": "Bayram indirimi basladi. Cikis: {{ unsubscribe }}"}
SHOP: dict[str, Any] = {
    **CONFIG,
    "version": "outreach-1",
    "inboxes": [one for one in CONFIG["inboxes"] if one["name"] in ("destek", "sms")],
    "queues": [one for one in CONFIG["queues"] if one["name"] != "chat"],
    "templates": [
        {"name": "duyuru", "purpose": "marketing", "channels": {"sms": SMS}},
        {
            "name": "tesekkur", "purpose": "service", "needs": {"total": 10},
            "channels": {
                "sms": {"en": "Thank you for {{ total | number }} TL"},
                "email": {"en": {"subject": "Thanks", "text": "Thank you for {{ total | number }} TL"}},
            },
        },
    ],
    "campaigns": [
        {
            "name": "bayram", "starts": {"at": "2026-03-02T12:00", "zone": "Europe/Istanbul"}, "everyone": True, "track": False,
            "steps": [{"send": "duyuru"}],
        },
        {
            "name": "sagol", "starts": {"event": "purchase.completed"}, "values": {"total": {"event": "order.total"}}, "track": False,
            "steps": [{"wait": "2h"}, {"send": "tesekkur"}],
        },
    ],
    "outreach": {"zone": "Europe/Istanbul", "prices": {"sms": 0.05}, "rates": {"sms": 1000}},
}  # fmt: skip


def shop(**changes: Any) -> dict[str, Any]:
    """The shop with other sections."""
    return {**SHOP, **changes}


def phone(number: int) -> str:
    """A number that belongs to nobody."""
    return f"+1555{number:07d}"


def contact_of(world: World, number: int) -> str:
    """The contact of such a number."""
    return contact_id(world.x.key, "sms", phone(number), proved=True)


def meet(world: World, numbers: Iterable[int], *, marketing: bool | None = True, **fields: Any) -> None:
    """Contacts with a number each, who consented to marketing, declined it, or said nothing."""
    rows = []
    for number in numbers:
        place = {"channel": "sms", "address": phone(number)}
        row: dict[str, Any] = {"addresses": [place], "zone": "Europe/Istanbul", "language": "en", **fields}
        if marketing is not None:
            row["consents"] = [{**place, "given": marketing, "at": "2026-02-01T10:00:00Z", "source": "form"}]
        rows.append(row)
    for start in range(0, len(rows), 25):
        status, body = world.call("POST", "/v1/contact-rows", {"rows": rows[start : start + 25]}, **ADMIN)
        assert status == 200, body
        assert all(one["outcome"] == "created" for one in body["rows"]), body


def launch(world: World, campaign: str, at: datetime) -> None:
    """The campaign's schedule fires."""
    world.x.queues.send([Launch(campaign, at)], world.now)


def fire(world: World, campaign: str, at: datetime) -> None:
    """The same without the queue, which would swallow a second one."""
    world.x.queues.send(handle(world.x, Launch(campaign, at)), world.now)


def journeys(world: World) -> list[Journey]:
    """All there are."""
    from router.aws.outreach import to_journey

    return [to_journey(item) for item in world.items("P#") if item["sk"].startswith("tour#")]


def stages(world: World) -> Mapping[str, int]:
    """How many stand where, and why."""
    return Counter(f"{one.stage}:{one.why}" for one in journeys(world))


def sends(world: World) -> list[Send]:
    """All messages of campaigns."""
    from router.aws.rows import to_send

    return [to_send(item) for item in world.items("M#") if "jn" in item]


def config(**changes: Any) -> Config:
    """The shop's configuration."""
    return Config.model_validate(shop(**changes))


def compiled(config: dict[str, Any]) -> dict[str, Any]:
    """With the conditions' trees, as reading the files puts them in."""
    loose = Config.model_validate(config, context={"loose": True})
    faults: list[Fault] = []
    found = {**config, **checked([], config, loose, faults)}
    assert not faults, faults
    return found
