"""Whom a campaign is for and when: each recipient's own time, birthdays, segments, the guard, budgets, variants and the holdout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from router.config import Config
from router.fitting import belonging
from router.outreach_values import Run
from router.times import from_ms, to_ms
from router.wire import HttpResponse
from tests.kit.outreach import (
    ADMIN,
    SMS,
    compiled,
    contact_of,
    fire,
    journeys,
    launch,
    meet,
    phone,
    sends,
    shop,
    stages,
)
from tests.kit.world import SID, World

ZONES = ("Pacific/Auckland", "Europe/Istanbul", "Europe/London", "America/New_York", "Pacific/Pago_Pago")


def campaign(**fields: Any) -> dict[str, Any]:
    """A campaign of one marketing SMS, whose links are left as they are."""
    return {"name": "bayram", "everyone": True, "track": False, "steps": [{"send": "duyuru"}], **fields}


def tick(world: World, name: str, until: datetime) -> None:
    """The quarters of an hour until then, each told by the schedule, and what follows from them."""
    while world.now < until:
        world.now = (world.now + timedelta(minutes=15)).replace(second=0, microsecond=0)
        fire(world, name, world.now)
        world.pump()


def test_in_each_recipient_s_own_zone_everybody_hears_of_it_at_ten_once() -> None:
    starts = {"at": "2026-03-03T10:00", "zone": "recipient"}
    with World(shop(campaigns=[campaign(starts=starts)]), memory=True) as world:
        for number, zone in enumerate(ZONES):
            meet(world, [number], zone=zone)
        world.now = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
        tick(world, "bayram", datetime(2026, 3, 3, 22, 0, tzinfo=UTC))
        times = {one.to: one.message.received_at for one in sends(world)}
        assert times == {
            phone(0): datetime(2026, 3, 2, 21, 0, tzinfo=UTC),
            phone(1): datetime(2026, 3, 3, 7, 0, tzinfo=UTC),
            phone(2): datetime(2026, 3, 3, 10, 0, tzinfo=UTC),
            phone(3): datetime(2026, 3, 3, 15, 0, tzinfo=UTC),
            phone(4): datetime(2026, 3, 3, 21, 0, tzinfo=UTC),
        }
        assert {one.occurrence for one in journeys(world)} == {"2026-03-03T10:00"}


def test_who_moves_to_another_zone_in_between_does_not_get_it_twice() -> None:
    starts = {"at": "2026-03-03T10:00", "zone": "recipient"}
    with World(shop(campaigns=[campaign(starts=starts)]), memory=True) as world:
        meet(world, [0], zone="Europe/Istanbul")
        world.now = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
        tick(world, "bayram", datetime(2026, 3, 3, 8, 0, tzinfo=UTC))
        assert len(sends(world)) == 1
        place = {"channel": "sms", "address": phone(0)}
        row = {"addresses": [place], "zone": "America/New_York"}
        assert world.call("POST", "/v1/contact-rows", {"rows": [row]}, **ADMIN)[0] == 200
        tick(world, "bayram", datetime(2026, 3, 3, 16, 0, tzinfo=UTC))
        assert len(sends(world)) == 1


def test_after_an_outage_the_next_look_goes_on_where_the_last_one_stopped() -> None:
    starts = {"at": "2026-03-03T10:00", "zone": "recipient"}
    with World(shop(campaigns=[campaign(starts=starts)]), memory=True) as world:
        for number, zone in enumerate(ZONES):
            meet(world, [number], zone=zone)
        world.now = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)
        fire(world, "bayram", world.now)  # nobody's time has come since the last quarter
        world.now = datetime(2026, 3, 3, 10, 15, tzinfo=UTC)  # Istanbul and London were missed
        fire(world, "bayram", world.now)
        world.pump()
        assert sorted(one.to for one in sends(world)) == [phone(1), phone(2)]


def test_a_birthday_is_wished_on_the_day_at_the_time_and_on_29_february_the_day_before() -> None:
    starts = {"birthday": "10:00"}
    with World(shop(campaigns=[campaign(starts=starts)]), memory=True) as world:
        for number, birthday in enumerate(("1990-02-28", "02-29", "1984-03-01", None)):
            known: dict[str, Any] = {"birthday": birthday} if birthday else {}
            meet(world, [number], **known)
        world.now = datetime(2027, 2, 27, 20, 0, tzinfo=UTC)
        tick(world, "bayram", datetime(2027, 3, 1, 20, 0, tzinfo=UTC))
        assert {one.to: one.message.received_at.day for one in sends(world)} == {
            phone(0): 28,
            phone(1): 28,
            phone(2): 1,
        }
        assert {one.message.received_at.hour for one in sends(world)} == {7}


def test_a_segment_is_judged_when_the_campaign_begins() -> None:
    config = shop(
        segments=[{"name": "izmir", "when": 'contact.text("city") == "İzmir" && consent.marketing("sms") == "given"'}],
        campaigns=[campaign(starts={"by_hand": True}, everyone=False, segment="izmir")],
    )
    with World(compiled(config), memory=True) as world:
        meet(world, range(3), attributes={"city": "İzmir"})
        meet(world, range(3, 5), attributes={"city": "Ankara"})
        meet(world, [5], marketing=None, attributes={"city": "İzmir"})
        assert world.call("POST", "/v1/campaigns/bayram/run", {"confirmed": True}, **ADMIN)[0] == 200
        world.pump()
        status = world.call("GET", "/v1/campaigns/bayram/status", **ADMIN)[1]
        assert (status["looked"], status["outside"], status["journeys"], status["sent"]) == (6, 3, 3, 3)


def test_a_run_for_most_of_all_contacts_waits_until_somebody_confirms_it() -> None:
    config = shop(
        segments=[{"name": "hepsi", "when": 'contact.language != "xx"'}],
        campaigns=[
            campaign(starts={"at": "2026-03-02T12:00", "zone": "Europe/Istanbul"}, everyone=False, segment="hepsi")
        ],
    )
    with World(compiled(config), memory=True) as world:
        meet(world, range(120))
        launch(world, "bayram", world.now)
        world.pump()
        status = world.call("GET", "/v1/campaigns/bayram/status", **ADMIN)[1]
        assert (status["state"], status["share"], sends(world)) == ("asking", 100, [])
        assert world.counts["CampaignAsks"] == 1
        assert world.call("POST", "/v1/campaigns/bayram/confirm", {"run": status["run"]}, **ADMIN)[0] == 200
        world.pump()
        assert len(sends(world)) == 120
        again = world.call("POST", "/v1/campaigns/bayram/run", {}, **ADMIN)
        assert (again[0], "100 %" in again[1]["detail"]) == (409, True)


def test_a_budget_stops_the_campaign_before_it_is_passed() -> None:
    starts = {"at": "2026-03-02T12:00", "zone": "Europe/Istanbul"}
    with World(shop(campaigns=[campaign(starts=starts, budget={"most": 0.27})]), memory=True) as world:
        meet(world, range(10))
        launch(world, "bayram", world.now)
        world.pump()
        status = world.call("GET", "/v1/campaigns/bayram/status", **ADMIN)[1]
        assert (status["state"], status["sent"], status["cost"], status["pending"]) == ("out_of_budget", 5, 0.25, 5)
        assert (status["reasons"], status["told"]) == ({"budget": 5}, {"budget": "held: the budget is spent"})


def test_a_campaign_that_gets_more_money_goes_on_with_who_waits() -> None:
    starts = {"at": "2026-03-02T12:00", "zone": "Europe/Istanbul"}
    with World(shop(campaigns=[campaign(starts=starts, budget={"most": 0.27})]), memory=True) as world:
        meet(world, range(10))
        launch(world, "bayram", world.now)
        world.pump()
        assert len(sends(world)) == 5
        more = shop(version="outreach-2", campaigns=[campaign(starts=starts, budget={"most": 0.42})])
        world.apply(Config.model_validate(more))
        assert world.call("POST", "/v1/campaigns/bayram/resume", {}, **ADMIN)[0] == 200
        world.pump()
        assert len(sends(world)) == 8
        assert world.call("GET", "/v1/campaigns/bayram/status", **ADMIN)[1]["state"] == "out_of_budget"


def test_each_run_has_the_whole_budget_and_what_was_refused_costs_nothing() -> None:
    caps = {"marketing": {"day": 9, "week": 9}}
    outreach = {"zone": "Europe/Istanbul", "prices": {"sms": 0.05}, "rates": {"sms": 1000}, "caps": caps}
    with World(
        shop(campaigns=[campaign(starts={"by_hand": True}, budget={"most": 0.16})], outreach=outreach), memory=True
    ) as world:
        meet(world, range(5))
        dead = HttpResponse(400, {}, b'{"code": 21211, "message": "not a number"}')
        world.providers.answer = lambda asked: dead
        assert world.call("POST", "/v1/campaigns/bayram/run", {"confirmed": True}, **ADMIN, key="one")[0] == 200
        world.pump()
        assert world.call("GET", "/v1/campaigns/bayram/status", **ADMIN)[1]["cost"] == 0
        world.providers.answer = None
        world.pass_time(seconds=1)
        meet(world, range(10, 14))
        assert world.call("POST", "/v1/campaigns/bayram/run", {"confirmed": True}, **ADMIN, key="two")[0] == 200
        world.pump()
        assert world.call("GET", "/v1/campaigns/bayram/status", **ADMIN)[1]["cost"] == 0.15


def test_a_campaign_that_is_switched_off_sends_nothing_more_until_it_is_on_again() -> None:
    with World(shop(campaigns=[campaign(starts={"by_hand": True})]), memory=True) as world:
        meet(world, range(3))
        assert world.call("POST", "/v1/campaigns/bayram/pause", {}, **ADMIN)[0] == 200
        assert world.call("POST", "/v1/campaigns/bayram/run", {}, **ADMIN)[0] == 200
        world.pump()
        off = shop(version="outreach-2", campaigns=[campaign(starts={"by_hand": True}, enabled=False)])
        world.apply(Config.model_validate(off))
        assert world.call("POST", "/v1/campaigns/bayram/resume", {}, **ADMIN)[0] == 200
        world.pump()
        assert sends(world) == []
        world.apply(Config.model_validate(shop(version="outreach-3", campaigns=[campaign(starts={"by_hand": True})])))
        world.pass_time(minutes=16)
        world.sweep()
        world.pump()
        assert len(sends(world)) == 3


def test_variants_and_the_holdout_are_drawn_once_and_compared_by_the_goal() -> None:
    templates = [{"name": name, "purpose": "marketing", "channels": {"sms": SMS}} for name in ("sade", "indirim")]
    variants = [{"name": name, "template": name} for name in ("sade", "indirim")]
    config = shop(
        templates=templates,
        campaigns=[
            campaign(
                starts={"by_hand": True},
                steps=[{"variants": variants}],
                holdout_percent=20,
                goal={"of": "purchase.completed", "within": "7d"},
            )
        ],
    )
    with World(config, memory=True) as world:
        meet(world, range(60))
        assert world.call("POST", "/v1/campaigns/bayram/run", {"confirmed": True}, **ADMIN)[0] == 200
        world.pump()
        drawn = {one.contact: one.variant for one in journeys(world) if one.sent}
        held = {one.contact for one in journeys(world) if one.why == "holdout"}
        assert len(drawn) + len(held) == 60
        assert min(*Counter(drawn.values()).values(), len(held)) > 3
        buyers = [number for number in range(60) if drawn.get(contact_of(world, number)) == "indirim"]
        for number in buyers:
            about = {"contact": {"channel": "sms", "address": phone(number)}}
            body = {"type": "purchase.completed", **about}
            world.call("POST", "/v1/events", body, **ADMIN, key=f"purchase-{number}")
        world.pump()
        variants_ = {
            one["name"]: one for one in world.call("GET", "/v1/campaigns/bayram/status", **ADMIN)[1]["variants"]
        }
        assert {name: one["reached"] for name, one in variants_.items()} == {
            "indirim": len(buyers), "sade": 0, "holdout": 0,
        }  # fmt: skip
        assert variants_["indirim"]["low"] > 0
        assert sum(one["people"] for one in variants_.values()) == 60
        world.pass_time(days=8)
        world.sweep()
        world.pump()
        assert {one.stage for one in journeys(world)} == {"ended"}


def test_what_one_channel_refuses_leaves_by_the_next() -> None:
    templates = [
        {
            "name": "duyuru", "purpose": "service",
            "channels": {"sms": {"en": "Hello"}, "email": {"en": {"subject": "Hello", "text": "Hello"}}},
        }
    ]  # fmt: skip
    config = shop(templates=templates, campaigns=[campaign(starts={"by_hand": True}, channels=["sms", "email"])])
    with World(config, memory=True) as world:
        row = {
            "addresses": [{"channel": "sms", "address": phone(1)}, {"channel": "email", "address": "ada@example.net"}],
            "zone": "Europe/Istanbul", "language": "en",
        }  # fmt: skip
        world.call("POST", "/v1/contact-rows", {"rows": [row]}, **ADMIN)
        dead = HttpResponse(400, {}, b'{"code": 21614, "message": "not a mobile number"}')
        world.providers.answer = lambda asked: dead if "twilio" in asked.url else world.providers.take(asked)
        assert world.call("POST", "/v1/campaigns/bayram/run", {"confirmed": True}, **ADMIN)[0] == 200
        world.pump()
        assert [(str(one.message.channel), str(one.state)) for one in sorted(sends(world), key=lambda s: s.message.received_at)] == [
            ("sms", "failed"), ("email", "sent"),
        ]  # fmt: skip
        assert stages(world) == {"ended:done": 1}
        assert world.call("GET", "/v1/parked", role="supervisor")[1]["parked"] == []


def test_an_inbox_s_rate_is_kept_and_everybody_has_a_turn() -> None:
    starts = {"at": "2026-03-02T12:00", "zone": "Europe/Istanbul"}
    outreach = {"zone": "Europe/Istanbul", "rates": {"sms": 2}}
    with World(shop(campaigns=[campaign(starts=starts)], outreach=outreach), memory=True) as world:
        meet(world, range(20))
        launch(world, "bayram", world.now)
        world.pump()
        began = world.now
        at_once = len(sends(world))
        assert 0 < at_once <= 4
        for _ in range(15):
            world.pass_time(seconds=1)
            world.ring()
            world.pump()
        assert len(sends(world)) == 20
        times = sorted((one.message.received_at - began).total_seconds() for one in sends(world))
        for second in range(12):
            within = sum(second <= time < second + 1 for time in times)
            assert within <= 4, times
        assert from_ms(max(one.ended or 0 for one in journeys(world))) - began >= timedelta(seconds=8)


def test_what_a_provider_took_and_could_not_deliver_leaves_by_the_next_channel_too() -> None:
    templates = [
        {
            "name": "duyuru", "purpose": "service",
            "channels": {"sms": {"en": "Hello"}, "email": {"en": {"subject": "Hello", "text": "Hello"}}},
        }
    ]  # fmt: skip
    config = shop(templates=templates, campaigns=[campaign(starts={"by_hand": True}, channels=["sms", "email"])])
    with World(config, memory=True) as world:
        both = [{"channel": "sms", "address": phone(1)}, {"channel": "email", "address": "ada@example.net"}]
        row = {"addresses": both, "zone": "Europe/Istanbul", "language": "en"}
        world.call("POST", "/v1/contact-rows", {"rows": [row]}, **ADMIN)
        assert world.call("POST", "/v1/campaigns/bayram/run", {"confirmed": True}, **ADMIN)[0] == 200
        world.pump()
        (first,) = sends(world)
        fields = {
            "MessageSid": f"SM{1:032d}",
            "AccountSid": SID,
            "MessageStatus": "undelivered",
            "To": phone(1),
            "ErrorCode": "30005",
        }
        for _ in range(2):  # Twilio tells it twice
            assert world.webhook("twilio", "sms", fields, query=f"send={first.id}")["statusCode"] == 200
        world.pump()
        assert sorted((str(one.message.channel), one.shown) for one in sends(world)) == [
            ("email", "sent"),
            ("sms", "failed"),
        ]
        assert stages(world) == {"ended:done": 1}
        status = world.call("GET", "/v1/campaigns/bayram/status", **ADMIN)[1]
        assert (status["sent"], status["messages"], status["channels"]) == (1, 1, {"email": 1})


def test_stop_is_no_answer_and_ends_what_would_still_come() -> None:
    steps = [{"send": "duyuru"}, {"wait_for": "reply", "within": "1d", "then": [{"send": "duyuru"}], "otherwise": []}]
    caps = {"marketing": {"day": 5, "week": 5}}
    config = shop(
        campaigns=[campaign(starts={"by_hand": True}, steps=steps)], outreach={"zone": "Europe/Istanbul", "caps": caps}
    )
    with World(config, memory=True) as world:
        meet(world, [1, 2])
        assert world.call("POST", "/v1/campaigns/bayram/run", {"confirmed": True}, **ADMIN)[0] == 200
        world.pump()
        world.sms("RET", sender=phone(1))
        world.sms("Nasıl alabilirim?", sender=phone(2))
        world.pump()
        assert Counter(one.to for one in sends(world)) == {phone(1): 1, phone(2): 2}


def test_who_gives_a_stopped_campaign_more_lets_it_go_on_and_what_stopped_is_told_every_minute() -> None:
    starts = {"at": "2026-03-02T12:00", "zone": "Europe/Istanbul"}
    with World(shop(campaigns=[campaign(starts=starts, budget={"most": 0.1})]), memory=True) as world:
        meet(world, range(6))
        launch(world, "bayram", world.now)
        world.pump()
        world.counts.clear()
        world.sweep()
        assert (len(sends(world)), world.counts["CampaignsStopped"]) == (2, 1)
        richer = shop(version="richer", campaigns=[campaign(starts=starts, budget={"most": 1})])
        world.apply(Config.model_validate(richer))
        assert world.call("POST", "/v1/campaigns/bayram/resume", {}, **ADMIN)[0] == 200
        world.pump()
        world.counts.clear()
        world.sweep()
        assert (len(sends(world)), world.counts["CampaignsStopped"]) == (6, 0)


def test_a_campaign_that_is_switched_off_stops_at_once() -> None:
    starts = {"at": "2026-03-02T12:00", "zone": "Europe/Istanbul"}
    steps = [{"send": "duyuru"}, {"wait": "1h"}, {"send": "duyuru"}]
    config = shop(campaigns=[campaign(starts=starts, steps=steps)], outreach={"zone": "Europe/Istanbul", "caps": {}})
    with World(config, memory=True) as world:
        meet(world, [1])
        launch(world, "bayram", world.now)
        world.pump()
        off = shop(version="off", campaigns=[campaign(starts=starts, steps=steps, enabled=False)])
        world.apply(Config.model_validate(off))
        world.pass_time(hours=2)
        world.sweep()
        world.pump()
        assert len(sends(world)) == 1


def test_a_segment_is_counted_over_all_contacts_before_it_is_used() -> None:
    config = compiled(shop(segments=[{"name": "izmir", "when": 'contact.text("city") == "İzmir"'}], campaigns=[]))
    with World(config, memory=True) as world:
        meet(world, range(150), attributes={"city": "Ankara"})
        meet(world, range(150, 157), attributes={"city": "İzmir"})
        looked, members, cursor = 0, list[str](), ""
        while True:
            status, page = world.call(
                "GET", "/v1/segments/izmir", query=f"cursor={cursor}", user="sef", role="supervisor"
            )
            assert status == 200, page
            looked, members = looked + page["looked"], members + [one["contact"] for one in page["members"]]
            if page["next"] is None:
                break
            cursor = page["next"].replace("#", "%23")
        assert looked == 157
        assert sorted(members) == sorted(contact_of(world, number) for number in range(150, 157))
        assert world.call("GET", "/v1/segments/yok", user="sef", role="supervisor")[0] == 404
        assert world.call("GET", "/v1/segments/izmir", query="cursor=9.", user="sef", role="supervisor")[0] == 422


def test_an_occurrence_in_recipients_zones_asks_once_is_confirmed_once_and_is_counted_together() -> None:
    starts = {"at": "2026-03-03T10:00", "zone": "recipient"}
    config = shop(
        segments=[{"name": "hepsi", "when": 'contact.language != "xx"'}],
        campaigns=[campaign(starts=starts, everyone=False, segment="hepsi", holdout_percent=10, goal={"of": "click"})],
    )
    with World(compiled(config), memory=True) as world:
        meet(world, range(80), zone="Europe/Istanbul")
        meet(world, range(80, 110), zone="Europe/London")
        meet(world, range(110, 120), zone="America/New_York")
        world.now = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
        tick(world, "bayram", datetime(2026, 3, 3, 10, 30, tzinfo=UTC))
        status = world.call("GET", "/v1/campaigns/bayram/status", **ADMIN)[1]
        assert (status["run"], status["state"], status["share"]) == ("2026-03-03T10:00", "asking", 100)
        assert (world.counts["CampaignAsks"], sends(world)) == (1, [])
        assert world.call("POST", "/v1/campaigns/bayram/confirm", {"run": status["run"]}, **ADMIN)[0] == 200
        world.pump()
        tick(world, "bayram", datetime(2026, 3, 4, 12, 0, tzinfo=UTC))
        status = world.call("GET", "/v1/campaigns/bayram/status", **ADMIN)[1]
        assert (status["run"], status["state"], status["looked"], status["outside"]) == (
            "2026-03-03T10:00",
            "done",
            120,
            0,
        )
        assert status["sent"] + status["reasons"]["holdout"] == 120
        assert len({one.to for one in sends(world)}) == len(sends(world)) == status["sent"]
        assert world.call("GET", "/v1/campaigns/bayram", **ADMIN)[1]["runs"] == ["2026-03-03T10:00"]


def stopped(world: World) -> int:
    """How many entries the list has that the alarm counts."""
    return len(world.x.table.listed("campaigns", limit=1000))


def test_whatever_waits_for_a_person_is_off_the_list_when_its_campaign_is_resumed_or_cancelled() -> None:
    with World(shop(campaigns=[campaign(starts={"by_hand": True})]), memory=True) as world:
        table, now = world.x.table, to_ms(world.now)
        for number in range(90):
            run = Run("bayram", f"2026-02-28T{number:02}", "outreach-1", now - 1000 - number, asking=True, share=80)
            table.commit(table.new_run(run))
            table.commit(table.spent_up("bayram", f"run-{number}", now - 1000))
            table.commit(table.spent_up("another", f"run-{number}", now - 1000))
        assert stopped(world) == 270
        assert world.call("POST", "/v1/campaigns/bayram/resume", {}, **ADMIN, key="a")[0] == 200
        assert stopped(world) == 180  # those that ask wait to be confirmed
        table.commit(table.spent_up("bayram", "run-0", now + 1000))
        assert world.call("POST", "/v1/campaigns/bayram/resume", {}, **ADMIN, key="a")[0] == 200
        assert stopped(world) == 181  # it has spent more since, and a repeat of the call does not know of that
        world.pass_time(minutes=1)
        assert world.call("POST", "/v1/campaigns/bayram/cancel", {}, **ADMIN)[0] == 200
        assert stopped(world) == 90
        assert not any(one.waits for one in table.runs("bayram", None))


def test_who_is_cancelled_in_one_zone_is_cancelled_in_all_of_them() -> None:
    starts = {"at": "2026-03-03T10:00", "zone": "recipient"}
    with World(shop(campaigns=[campaign(starts=starts)]), memory=True) as world:
        meet(world, [0], zone="Europe/Istanbul")
        meet(world, [1], zone="America/New_York")
        world.now = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
        tick(world, "bayram", datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
        assert world.call("POST", "/v1/campaigns/bayram/cancel", {}, **ADMIN)[0] == 200
        tick(world, "bayram", datetime(2026, 3, 4, 12, 0, tzinfo=UTC))
        assert [one.to for one in sends(world)] == [phone(0)]


def test_a_run_whose_orders_are_lost_is_gone_through_all_the_same() -> None:
    with World(shop(campaigns=[campaign(starts={"by_hand": True})]), memory=True) as world:
        meet(world, range(3))
        assert world.call("POST", "/v1/campaigns/bayram/run", {"confirmed": True}, **ADMIN)[0] == 200
        world.sqs.purge_queue(QueueUrl=world.urls["outreach"])
        world.pass_time(minutes=7)
        world.sweep()
        world.pump()
        assert len(sends(world)) == 3
        world.pass_time(minutes=7)
        world.sweep()
        world.pump()
        assert [item for item in world.items("CAMPAIGN#") if "due" in item] == []


def test_what_one_person_waits_for_stands_behind_no_broadcast() -> None:
    outreach = {"zone": "Europe/Istanbul", "rates": {"sms": 1}}
    thanks = {"name": "sagol", "starts": {"event": "purchase.completed"}, "track": False, "steps": [{"send": "selam"}]}
    templates = [
        *shop()["templates"],
        {"name": "selam", "purpose": "transactional", "channels": {"sms": {"en": "Thanks"}}},
    ]
    config = shop(templates=templates, campaigns=[campaign(starts={"by_hand": True}), thanks], outreach=outreach)
    with World(config, memory=True) as world:
        meet(world, range(100))
        assert world.call("POST", "/v1/campaigns/bayram/run", {"confirmed": True}, **ADMIN)[0] == 200
        world.pump()
        about = {"contact": {"channel": "sms", "address": phone(99)}}
        world.call("POST", "/v1/events", {"type": "purchase.completed", **about}, **ADMIN)
        world.pump()
        assert "Thanks" in [one.message.text for one in sends(world)]
        assert len(sends(world)) < 10


def test_tightened_quiet_hours_hold_for_what_has_begun() -> None:
    steps = [{"wait": "2h"}, {"send": "duyuru"}]
    with World(shop(campaigns=[campaign(starts={"by_hand": True}, steps=steps)]), memory=True) as world:
        meet(world, [1])
        assert world.call("POST", "/v1/campaigns/bayram/run", {"confirmed": True}, **ADMIN)[0] == 200
        world.pump()
        tight = {"zone": "Europe/Istanbul", "hours": [{"send": {"mon-sun": ["16:00-18:00"]}}]}
        world.apply(Config.model_validate(shop(version="tight", campaigns=[], outreach=tight)))
        world.pass_time(hours=2)
        world.sweep()
        world.pump()
        assert (stages(world), sends(world)) == ({"held:quiet": 1}, [])


def test_what_somebody_got_and_answered_before_they_were_joined_is_their_history() -> None:
    config = compiled(
        shop(
            segments=[
                {"name": "aldi", "when": "history.sentInDays(2) == 1"},
                {"name": "almadi", "when": "history.last_outreach < timestamp('2000-01-01T00:00:00Z')"},
                {"name": "begendi", "when": 'history.lastScore("nps") == 9'},
            ],
            templates=[{"name": "sor", "purpose": "marketing", "channels": {"sms": {"en": "0-10? {{ survey }} {{ unsubscribe }}"}}}],
            campaigns=[campaign(starts={"by_hand": True}, steps=[{"send": "sor", "survey": "nps"}])],
        )
    )  # fmt: skip
    with World(config, memory=True) as world:
        meet(world, [0])
        assert world.call("POST", "/v1/campaigns/bayram/run", {"confirmed": True}, **ADMIN)[0] == 200
        world.pump()
        world.pass_time(minutes=5)
        world.sms("9", sender=phone(0))
        world.pump()
        meet(world, [1, 2, 3])
        path, other = f"/v1/contacts/{contact_of(world, 1)}/join", contact_of(world, 0)
        assert world.call("POST", path, {"contact": other}, role="supervisor")[0] == 200

        def inside(name: str) -> list[str]:
            found = []
            for part in range(8):
                query = f"cursor={part}."
                status, page = world.call("GET", f"/v1/segments/{name}", query=query, user="sef", role="supervisor")
                assert status == 200, page
                found += [one["contact"] for one in page["members"]]
            return found

        assert contact_of(world, 1) in inside("aldi")
        assert contact_of(world, 1) in inside("begendi")
        assert sorted(inside("almadi")) == sorted(contact_of(world, number) for number in (2, 3))
        world.pass_time(days=3)
        assert inside("aldi") == []


def test_what_conditions_look_at_is_asked_for_a_whole_page_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    when = 'history.sentInDays(30) == 0 && history.lastScore("csat") < 3 && history.eventsInDays("a.b", 9) == 0'
    config = compiled(shop(segments=[{"name": "yeni", "when": when}], campaigns=[]))
    with World(config, memory=True) as world:
        meet(world, range(20))
        people = [one for one in world.x.table.people([contact_of(world, number) for number in range(20)]) if one]
        segment, dynamo = world.x.config().segment("yeni"), world.x.table.dynamo
        asked: list[int] = []
        many = dynamo.query_many

        def counted(some: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[dict[str, Any]]]:
            asked.append(len(some))
            return many(some)

        monkeypatch.setattr(dynamo, "query_many", counted)
        assert segment is not None
        assert belonging(world.x, segment, people) == [True] * 20
        brands = len({one.brand for one in world.x.config().inboxes})
        assert asked == [20, 20, 20 * brands]
