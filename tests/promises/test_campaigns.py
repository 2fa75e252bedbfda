"""Campaigns over the whole way: set off, planned, judged, sent, and what came of it (P9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from router.journeys import Journey
from router.times import from_ms
from router.wire import HttpResponse
from tests.kit.outreach import SHOP, contact_of, fire, journeys, launch, meet, phone, sends, shop, stages
from tests.kit.world import World

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Twelve o'clock in Istanbul."""


@pytest.fixture
def world() -> Iterator[World]:
    with World(SHOP, memory=True) as world:
        yield world


def test_a_broadcast_reaches_everybody_who_consented_once(world: World) -> None:
    meet(world, range(30))
    meet(world, range(30, 33), marketing=None)
    meet(world, range(33, 35), marketing=False)
    launch(world, "bayram", NOON)
    launch(world, "bayram", NOON)
    world.pump()
    fire(world, "bayram", NOON)
    world.pump(sweep_too=True)
    assert stages(world) == {"ended:done": 30, "ended:consent.none": 3, "ended:consent.withdrawn": 2}
    assert len(sends(world)) == 30
    assert {one.state for one in sends(world)} == {"sent"}


def one(world: World) -> Journey:
    """The only journey there is."""
    (found,) = journeys(world)
    return found


def bought(world: World, number: int, *, id_: str = "1", total: int = 100) -> None:
    """The shop tells of a purchase."""
    about = {"contact": {"channel": "sms", "address": phone(number)}}
    body = {"type": "purchase.completed", **about, "data": {"order": {"total": total}}}
    status, answer = world.call("POST", "/v1/events", body, user="yonetici", role="admin", key=f"purchase-{id_}")
    assert status in (200, 201), answer


def later(world: World, **by: float) -> None:
    """Time passes, and whatever is due is done."""
    world.pass_time(**by)
    world.ring()
    world.sweep()
    world.pump()
    world.ring()
    world.pump()


def test_a_thank_you_waits_and_leaves_once(world: World) -> None:
    meet(world, [1])
    bought(world, 1)
    bought(world, 1)
    world.pump()
    assert one(world).stage == "waiting"
    later(world, hours=2)
    assert (one(world).stage, one(world).why, len(sends(world))) == ("ended", "done", 1)
    assert sends(world)[0].message.text == "Thank you for 100 TL"
    assert sends(world)[0].state == "sent"


def test_who_complains_after_the_thank_you_was_planned_does_not_get_it(world: World) -> None:
    meet(world, [1])
    bought(world, 1)
    world.pump()
    world.sms("Şikayetim var, paket kırık geldi", sender=phone(1))
    world.pump()
    (conversation,) = world.conversations()
    status, body = world.call(
        "POST", f"/v1/conversations/{conversation.id}/category", {"category": "complaint"}, role="supervisor"
    )
    assert status == 200, body
    later(world, hours=2)
    assert (one(world).stage, one(world).why, sends(world)) == ("ended", "support.complaint", [])
    status, body = world.call("GET", f"/v1/contacts/{one(world).contact}/outreach", role="supervisor")
    assert status == 200, body
    assert body["journeys"][0]["told"] == f"Not sent: a complaint is not resolved ({conversation.id})."


def test_what_comes_in_quiet_hours_is_held_until_they_end(world: World) -> None:
    meet(world, [1])
    world.now = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)  # 20:30 in Istanbul: two hours later it is quiet
    bought(world, 1)
    world.pump()
    later(world, hours=2)
    assert (one(world).stage, one(world).why) == ("held", "quiet")
    assert from_ms(one(world).due or 0) == datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
    assert sends(world) == []
    later(world, hours=11)
    assert (one(world).stage, len(sends(world))) == ("ended", 1)


def test_a_paused_campaign_sends_nothing_and_goes_on_where_it_stood(world: World) -> None:
    meet(world, range(5))
    admin: dict[str, Any] = {"user": "yonetici", "role": "admin"}
    assert world.call("POST", "/v1/campaigns/bayram/pause", {}, **admin)[0] == 200
    launch(world, "bayram", NOON)
    world.pump()
    assert sends(world) == []
    status, body = world.call("GET", "/v1/campaigns/bayram/status", **admin)
    assert (status, body["state"], body["pending"]) == (200, "paused", 5)
    assert world.call("POST", "/v1/campaigns/bayram/resume", {}, **admin)[0] == 200
    world.pump()
    assert stages(world) == {"ended:done": 5}
    status, body = world.call("GET", "/v1/campaigns/bayram/status", **admin)
    assert (body["state"], body["looked"], body["sent"], body["cost"]) == ("done", 5, 5, 0.25)


def test_a_cancelled_campaign_ends_and_stays_ended(world: World) -> None:
    meet(world, range(5))
    admin: dict[str, Any] = {"user": "yonetici", "role": "admin"}
    world.call("POST", "/v1/campaigns/bayram/pause", {}, **admin)
    launch(world, "bayram", NOON)
    world.pump()
    world.pass_time(seconds=1)
    assert world.call("POST", "/v1/campaigns/bayram/cancel", {}, **admin)[0] == 200
    world.pump()
    assert (stages(world), sends(world)) == ({"ended:cancelled": 5}, [])
    assert world.call("GET", "/v1/campaigns/bayram/status", **admin)[1]["state"] == "cancelled"


def test_an_event_that_very_many_journeys_wait_for_is_taken_in_and_all_of_them_hear_of_it() -> None:
    steps = [{"wait_for": "order.delivered", "within": "30d", "then": [], "otherwise": [{"send": "tesekkur"}]}]
    waits = {"name": "sagol", "starts": {"event": "order.placed"}, "values": {"total": 1}, "steps": steps, "exits": []}
    with World(shop(campaigns=[waits]), memory=True) as world:
        meet(world, [1])
        about = {"contact": {"channel": "sms", "address": phone(1)}}
        for number in range(110):
            world.call(
                "POST",
                "/v1/events",
                {"type": "order.placed", **about},
                user="yonetici",
                role="admin",
                key=f"placed-{number}",
            )
        world.pump()
        assert stages(world) == {"waiting:": 110}
        status, answer = world.call(
            "POST", "/v1/events", {"type": "order.delivered", **about}, user="yonetici", role="admin"
        )
        assert status in (200, 201), answer
        later(world, minutes=1)
        world.pump()
        assert stages(world) == {"ended:done": 110}


def test_a_mail_of_very_many_links_leaves_with_its_addresses_as_they_are() -> None:
    text = " ".join(f"https://www.example.com/{number}" for number in range(110))
    templates = [
        {"name": "cok", "purpose": "service", "channels": {"email": {"en": {"subject": "Links", "text": text}}}}
    ]
    many = {"name": "bulten", "starts": {"by_hand": True}, "everyone": True, "steps": [{"send": "cok"}]}
    with World(shop(campaigns=[many], templates=templates), memory=True) as world:
        row = {"addresses": [{"channel": "email", "address": "ada@example.net"}], "language": "en"}
        world.call("POST", "/v1/contact-rows", {"rows": [row]}, user="yonetici", role="admin")
        world.call("POST", "/v1/campaigns/bulten/run", {"confirmed": True}, user="yonetici", role="admin")
        world.pump()
        (sent,) = sends(world)
        assert (str(sent.state), "https://www.example.com/109" in sent.message.text, world.items("L#")) == (
            "sent",
            True,
            [],
        )


def test_who_turns_out_to_be_one_person_has_the_caps_of_one() -> None:
    caps = {"marketing": {"day": 1, "week": 7}}
    plain = {"starts": {"by_hand": True}, "everyone": True, "track": False, "steps": [{"send": "duyuru"}]}
    both = [{"name": name, **plain} for name in ("bir", "iki")]
    outreach = {"zone": "Europe/Istanbul", "caps": caps}
    with World(shop(campaigns=both, outreach=outreach), memory=True) as world:
        admin: dict[str, Any] = {"user": "yonetici", "role": "admin"}
        meet(world, [1])
        world.call("POST", "/v1/campaigns/bir/run", {"confirmed": True}, **admin, key="a")
        world.pump()
        meet(world, [2])
        joined = world.call(
            "POST", f"/v1/contacts/{contact_of(world, 2)}/join", {"contact": contact_of(world, 1)}, role="supervisor"
        )
        assert joined[0] == 200, joined
        world.call("POST", "/v1/campaigns/iki/run", {"confirmed": True}, **admin, key="b")
        world.pump()
        assert (len(sends(world)), stages(world)) == (1, {"ended:done": 1, "held:cap.day": 1})


def test_a_message_that_waited_is_judged_by_who_its_person_is_by_now(world: World) -> None:
    meet(world, [1, 2])
    bought(world, 1)
    world.pump()
    world.providers.answer = lambda _: HttpResponse(429)
    later(world, hours=2)
    assert [str(one.state) for one in sends(world)] == ["queued"]
    world.sms("Şikayetim var", sender=phone(2))
    world.pump()
    (conversation,) = world.conversations()
    world.call("POST", f"/v1/conversations/{conversation.id}/category", {"category": "complaint"}, role="supervisor")
    joined = world.call(
        "POST", f"/v1/contacts/{contact_of(world, 2)}/join", {"contact": contact_of(world, 1)}, role="supervisor"
    )
    assert joined[0] == 200, joined
    world.providers.answer = None
    later(world, minutes=10)
    assert [str(one.state) for one in sends(world)] == ["discarded"]


def test_what_leaves_a_day_late_counts_on_the_day_on_which_it_leaves() -> None:
    caps = {"service": {"day": 1, "week": 7}}
    thanks = {
        "name": "sagol",
        "starts": {"event": "purchase.completed"},
        "values": {"total": 1},
        "steps": [{"send": "tesekkur"}],
        "stale": "3d",
    }
    outreach = {"zone": "Europe/Istanbul", "caps": caps, "rates": {"sms": 1000}}
    with World(shop(campaigns=[thanks], outreach=outreach), memory=True) as late:
        meet(late, [1])
        late.now = datetime(2026, 3, 2, 17, 50, tzinfo=UTC)  # ten to nine in the evening there
        late.providers.answer = lambda _: HttpResponse(429)
        bought(late, 1)
        late.pump()
        late.providers.answer = None
        late.now = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)
        later(late, minutes=5)
        assert [str(one.state) for one in sends(late)] == ["sent"]
        bought(late, 1, id_="2")
        late.pump()
        assert stages(late) == {"ended:done": 1, "held:cap.day": 1}
