"""Campaigns, stopped at each of their calls: set off, gone through, judged, sent, heard, and decided on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from functions import api
from router.aws.queues import read_outreach
from router.errors import Unknown
from router.outreach import handle
from router.sends import SendState
from router.signals import Launch, Plan, Step
from router.wire import HttpRequest, HttpResponse
from tests.kit.crash import MODES, Act, Ground, Scenario, provider_says
from tests.kit.events import LambdaContext, http_event
from tests.kit.outreach import ADMIN, SHOP, contact_of, journeys, launch, meet, phone, sends, shop, stages
from tests.kit.world import World

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
SAGOL = {**SHOP["campaigns"][1], "steps": [{"send": "tesekkur"}]}
TEMPLATES: list[dict[str, Any]] = [
    *SHOP["templates"],
    {"name": "link", "purpose": "service", "channels": {"sms": {"en": "Look: https://shop.example/yeni"}}},
]


def campaign(name: str, **more: Any) -> dict[str, Any]:
    at = {"at": "2026-03-02T12:00", "zone": "Europe/Istanbul"}
    return {
        "name": name, "starts": at, "everyone": True, "track": False, "stale": "8h", "steps": [{"send": "duyuru"}], **more,
    }  # fmt: skip


def with_(*campaigns: dict[str, Any]) -> dict[str, Any]:
    return shop(campaigns=list(campaigns), templates=TEMPLATES, version="crash")


ONE = with_(campaign("bayram"))
TWO = with_(campaign("bayram", importance=70), campaign("indirim", importance=30))
EACH = with_(campaign("bayram", starts={"at": "2026-03-02T12:00", "zone": "recipient"}))
BOUGHT = with_(SAGOL)
CARE = with_(
    {
        "name": "nasil", "starts": {"conversation": "resolved"}, "track": False,
        "steps": [{"send": "link"}],
    }
)  # fmt: skip
WAITS = with_(
    {
        "name": "yeni", "starts": {"event": "cart.abandoned"}, "exits": ["reply", "purchase.completed"],
        "goal": {"of": "purchase.completed"},
        "steps": [{"send": "link"}, {"wait_for": "click", "within": "20m", "then": [{"send": "duyuru"}], "otherwise": []}],
    }
)  # fmt: skip
HAND = with_(campaign("bayram", starts={"by_hand": True}))
POOR = with_(campaign("bayram", budget={"most": 0.12}))


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A shop of its own."""
    with World(SHOP, memory=True) as world:
        yield Ground(world)


def met(count: int = 3, **how: Any) -> Callable[[World], None]:
    def arrange(world: World) -> None:
        world.now = NOON
        meet(world, range(count), **how)

    return arrange


THREE = met()


def launched(batches: int = 0, *names: str, people: Callable[[World], None] = THREE) -> Callable[[World], None]:
    """Campaigns were set off, and so many batches of what follows are done."""

    def arrange(world: World) -> None:
        people(world)
        for name in names or ("bayram",):
            launch(world, name, NOON)
        for _ in range(batches):
            world.work("outreach")

    return arrange


def step_by_step(world: World) -> None:
    """The next batch, of which nothing is followed at once."""
    batch = world.take("outreach")
    for message in batch:
        world.x.queues.send(handle(world.x, read_outreach(message["Body"])), world.now)
    world._told("outreach", batch, set())


def claimed(world: World) -> None:
    """A message each is claimed, and to be delivered."""
    launched(2)(world)
    step_by_step(world)
    assert {one.state for one in sends(world)} == {SendState.QUEUED}


def counted(world: World) -> dict[str, int]:
    """How many messages the providers took, or may have taken, for whom."""
    found: dict[str, int] = {}
    known = {one.id: one for one in sends(world)}
    for id_ in world.providers.left:
        journey = known[id_].journey if id_ in known else None
        if journey is not None:
            found[journey[0]] = found.get(journey[0], 0) + 1
    return found


def everybody_got_one(world: World, _: Any) -> None:
    """One message each, or a parked one where a call was cut off."""
    found = stages(world)
    assert {*found} <= {"ended:done", "parked:parked"}, found
    assert sum(found.values()) == 3
    assert all(times == 1 for times in counted(world).values())
    assert len(counted(world)) >= found.get("ended:done", 0)
    adds_up(world, "bayram", 3)


def adds_up(world: World, name: str, count: int) -> None:
    status, body = world.call("GET", f"/v1/campaigns/{name}/status", **ADMIN)
    assert status == 200
    assert body["looked"] == count == body["outside"] + body["journeys"], body
    assert body["journeys"] == body["sent"] + body["pending"] + body["parked"] + body["dropped"], body


def stand(**wanted: int) -> Callable[[World, Any], None]:
    """How many stand where; with underscores for what separates stage and reason."""

    def expect(world: World, _: Any) -> None:
        found = {name.replace(":", "__").replace(".", "_"): count for name, count in stages(world).items()}
        assert found == wanted
        assert all(times == 1 for times in counted(world).values())

    return expect


def sent_or_parked(count: int, *, calls: int = 1) -> Callable[[World, Any], None]:
    def expect(world: World, _: Any) -> None:
        found = stages(world)
        assert {*found} <= {"ended:done", "parked:parked", "watched:done"}, found
        assert sum(found.values()) == count
        assert all(times <= calls for times in counted(world).values())

    return expect


def says(status: int, body: bytes = b"{}") -> Callable[[World], None]:
    """The provider answers each SMS so, but those by mail go."""

    def set_(world: World) -> None:
        def answer(request: HttpRequest) -> HttpResponse:
            return provider_says(status, body) if "twilio" in request.url else world.providers.take(request)

        world.providers.answer = answer

    return set_


def once(status: int) -> Callable[[World], None]:
    """The provider answers the first call so."""

    def set_(world: World) -> None:
        calls = len(world.providers.calls)
        providers = world.providers

        def answer(request: HttpRequest) -> HttpResponse:
            return provider_says(status) if len(providers.calls) == calls + 1 else providers.take(request)

        providers.answer = answer

    return set_


def breaks(world: World) -> None:
    """Every call leaves, and no answer comes."""

    def answer(_: HttpRequest) -> HttpResponse:
        raise Unknown("the line broke")

    world.providers.answer = answer


def both(*parts: Callable[[World], Any]) -> Callable[[World], Any]:
    def arrange(world: World) -> Any:
        found = None
        for part in parts:
            found = part(world)
        return found

    return arrange


def event(kind: str, number: int = 0) -> Act:
    """The shop tells of something, until it is taken."""

    def act(world: World, _: Any) -> bool:
        about = {"channel": "sms", "address": phone(number)}
        body = {"type": kind, "contact": about, "data": {"order": {"total": 100}}}
        status, answer = world.call("POST", "/v1/events", body, key=f"{kind}-{number}", **ADMIN)
        assert status in (200, 201, 500, 503), answer
        return status < 300

    return act


def does(what: str, name: str = "bayram", body: dict[str, Any] | None = None) -> Act:
    """An administrator decides, until it is taken."""

    def act(world: World, _: Any) -> bool:
        status, answer = world.call("POST", f"/v1/campaigns/{name}/{what}", body or {}, key=f"{what}-it", **ADMIN)
        assert status in (200, 201, 500, 503), answer
        return status < 300

    return act


def decided(what: str, name: str = "bayram") -> Callable[[World], None]:
    def arrange(world: World) -> None:
        assert does(what, name)(world, None)

    return arrange


def with_mail(world: World) -> None:
    """They have an address as well."""
    sms, mail = {"channel": "sms", "address": phone(0)}, {"channel": "email", "address": "biri@example.net"}
    row = {"addresses": [sms, mail], "language": "en"}
    assert world.call("POST", "/v1/contact-rows", {"rows": [row]}, **ADMIN)[0] == 200


def told(kind: str) -> Callable[[World], None]:
    def arrange(world: World) -> None:
        assert event(kind)(world, None)

    return arrange


def bought(batches: int) -> Callable[[World], None]:
    """Somebody bought something and is thanked; so many batches are done."""

    def arrange(world: World) -> None:
        met(1)(world)
        told("purchase.completed")(world)
        for _ in range(batches):
            world.work("outreach")

    return arrange


def withdrawn(world: World) -> None:
    """It waits for two minutes, in which they withdraw."""
    claimed(world)
    world.pass_time(minutes=2)
    rows = []
    for number in range(3):
        place = {"channel": "sms", "address": phone(number)}
        rows.append(
            {
                "addresses": [place],
                "consents": [{**place, "given": False, "at": "2026-03-02T09:01:00Z", "source": "form"}],
            }
        )
    assert world.call("POST", "/v1/contact-rows", {"rows": rows}, **ADMIN)[0] == 200


def complains(world: World, _: Any) -> bool:
    """A complaint of theirs is opened at this moment, and another campaign's word comes."""
    world.sms("Şikayetim var", sender=phone(0))
    for name in ("inbound", "match"):
        world.work(name)
    (conversation,) = world.conversations()
    path = f"/v1/conversations/{conversation.id}/category"
    assert world.call("POST", path, {"category": "complaint"}, role="supervisor")[0] == 200
    return True


def planned(*names: str) -> Callable[[World], None]:
    """Both campaigns' journeys are put, and wait in the queue."""

    def arrange(world: World) -> None:
        met(1)(world)
        for name in names:
            for order in handle(world.x, Launch(name, NOON)):
                assert isinstance(order, Plan)
                assert handle(world.x, order) == []

    return arrange


def looks(world: World, _: Any) -> bool:
    """All journeys are looked at by somebody else."""
    for one in journeys(world):
        world.x.queues.send(handle(world.x, Step(*one.key, "")), world.now)
    return True


def the_greater_left(world: World, _: Any) -> None:
    """Of two for one slot."""
    for one in journeys(world):
        wanted = {"ended:done", "parked:parked"} if one.campaign == "bayram" else {"ended:cap.day", "held:cap.day"}
        assert f"{one.stage}:{one.why}" in wanted
    assert all(times == 1 for times in counted(world).values())


def one_or_none(world: World, _: Any) -> None:
    """Nobody gets two, and who is cancelled or complains gets one at most."""
    assert all(times == 1 for times in counted(world).values())
    ended = {f"{one.stage}:{one.why}" for one in journeys(world)}
    fine = {
        "ended:done",
        "ended:cancelled",
        "ended:support.complaint",
        "parked:parked",
        "watched:done",
        "ended:exit",
        "ended:complaint",
    }
    assert ended <= fine, ended


def waiting(world: World) -> str:
    """Somebody got a message with a link, and it is waited for what they do; the link's code."""
    met(1)(world)
    told("cart.abandoned")(world)
    world.pump()
    assert stages(world) == {"waiting:": 1}
    (link,) = world.items("L#")
    return str(link["pk"]).removeprefix("L#")


def clicks(world: World, code: Any) -> bool:
    answer = api.handler(http_event("GET", f"/l/{code}", b"", {"user-agent": BROWSER}), LambdaContext())
    assert answer["statusCode"] in (302, 500, 503)
    return bool(answer["statusCode"] == 302)


def replies(world: World) -> str:
    """They reply, which lies in the queue."""
    code = waiting(world)
    world.sms("Olur", sender=phone(0))
    return code


def clicked(world: World, code: Any) -> None:
    """The click led on to the next message, unless nobody could count it."""
    found = stages(world)
    assert {*found} <= {"watched:done", "parked:parked", "watched:click"}, found
    assert len(world.providers.left) <= 2


def bought_meanwhile(world: World, _: Any) -> None:
    (one,) = [one for one in journeys(world) if one.campaign == "yeni"]
    assert (str(one.stage), one.reached) == ("ended", True)
    assert one.why in ("exit", "done")  # done, where it was told only after they had been waited for


def conversation(world: World) -> str:
    """Somebody wrote and was answered; Ayşe is about to resolve it."""
    world.now = NOON
    meet(world, [0])
    world.come_in("ayse")
    world.sms("Siparişim nerede", sender=phone(0))
    world.pump()
    (found,) = world.conversations()
    world.reply(found.id)
    world.pump()
    return str(found.id)


def resolves(world: World, id_: Any) -> bool:
    status, answer = world.call("POST", f"/v1/conversations/{id_}/resolve", {}, key="resolve-it")
    assert status in (200, 500, 503), answer
    return status == 200


def stopped(world: World, _: Any) -> None:
    """Two messages are within the budget; the third waits."""
    found = stages(world)
    assert found.get("ended:done", 0) + found.get("parked:parked", 0) == 2, found
    assert sum(found.values()) == 3
    assert found["held:budget"] == 1


def asks(world: World) -> None:
    """A run for all of a hundred waits to be confirmed."""
    from router.outreach_values import Run
    from router.times import to_ms

    met()(world)
    run = Run(
        "bayram", "2026-03-02T12:00", world.x.config().version, to_ms(NOON), "2026-03-02T12:00", asking=True, share=90
    )
    world.x.table.commit(world.x.table.new_run(run))


def joined(world: World) -> None:
    """Of two people one is found to be the other, before their journeys are looked at."""
    launched(2, people=met(2))(world)
    first, second = contact_of(world, 0), contact_of(world, 1)
    status, answer = world.call("POST", f"/v1/contacts/{first}/join", {"contact": second}, role="supervisor")
    assert status == 200, answer


def joined_once(world: World, _: Any) -> None:
    """They have one journey that sends, and one that says so."""
    assert all(times == 1 for times in counted(world).values())
    found = stages(world)
    assert found.get("ended:done", 0) + found.get("parked:parked", 0) == 1, found
    assert found["ended:joined"] == 1


def refused(world: World, _: Any) -> None:
    """By the provider; or nobody knows, where the call was cut off."""
    found = stages(world)
    assert found["ended:failed"] + found["parked:parked"] == 3, found
    assert found["ended:failed"] >= 2


def everybody_got_one_or_waits(world: World, _: Any) -> None:
    """Paused before it was looked at, or after it had left."""
    assert {*stages(world)} <= {"planned:", "ended:done"}
    assert all(times == 1 for times in counted(world).values())
    assert world.x.table.control("bayram").paused
    adds_up(world, "bayram", 3)


SCENARIOS = [
    Scenario("launch", launched(), everybody_got_one, queue="outreach", config=ONE),
    Scenario("launch, by each zone", launched(), everybody_got_one, queue="outreach", config=EACH),
    Scenario("plan", launched(1), everybody_got_one, queue="outreach", config=ONE),
    Scenario("step, claims", launched(2), everybody_got_one, queue="outreach", config=ONE),
    Scenario("step, holds", launched(2, people=met(zone="America/New_York")), stand(held__quiet=3), queue="outreach", config=ONE),
    Scenario("step, ends", launched(2, people=met(marketing=None)), stand(ended__consent_none=3), queue="outreach", config=ONE),
    Scenario("deliver", claimed, everybody_got_one, queue="outreach", config=ONE),
    Scenario("deliver, put off", both(claimed, once(429)), everybody_got_one, queue="outreach", config=ONE),
    Scenario("deliver, cut off", both(claimed, breaks), stand(parked__parked=3), queue="outreach", config=ONE),
    Scenario("deliver, refused", both(claimed, says(400)), refused, queue="outreach", config=ONE),
    Scenario(
        "deliver, refused, by mail", both(met(1), with_mail, says(400), told("purchase.completed"), step_by_step),
        sent_or_parked(1), queue="outreach", config=BOUGHT,
    ),
    Scenario("deliver, judged again", withdrawn, stand(ended__consent_withdrawn=3), queue="outreach", config=ONE),
    Scenario("deliver, cancelled", both(claimed, decided("cancel")), stand(ended__cancelled=3), queue="outreach", config=ONE),
    Scenario("event, sets off", met(1), sent_or_parked(1), event("purchase.completed"), config=BOUGHT),
    Scenario("event, ends", waiting, bought_meanwhile, event("purchase.completed"), config=WAITS),
    Scenario("resolution", conversation, sent_or_parked(1, calls=1), resolves, config=CARE),
    Scenario("reply", replies, stand(watched__reply=1), queue="inbound", config=WAITS),
    Scenario("click", waiting, clicked, clicks, config=WAITS),
    Scenario("pause", launched(2), everybody_got_one_or_waits, does("pause"), config=ONE),
    Scenario("resume", both(launched(1), decided("pause"), lambda w: w.pump()), everybody_got_one, does("resume"), config=ONE),
    Scenario("cancel", both(launched(1), decided("pause"), lambda w: w.pump()), stand(ended__cancelled=3), does("cancel"), config=ONE),
    Scenario("confirm", asks, everybody_got_one, does("confirm", body={"run": "2026-03-02T12:00"}), config=ONE),
    Scenario("run by hand", met(), everybody_got_one, does("run", body={"confirmed": True}), config=HAND),
    Scenario(
        "walk", both(launched(1), decided("pause"), lambda w: w.pump(), decided("resume")), everybody_got_one, queue="outreach", config=ONE,
    ),
    Scenario("budget", launched(2), stopped, queue="outreach", config=POOR),
    Scenario("joined", joined, joined_once, queue="outreach", config=ONE),
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_campaign_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)


RACES = [
    Scenario(
        "two for one slot", planned("bayram", "indirim"), the_greater_left, queue="outreach", other=looks, config=TWO,
    ),
    Scenario(
        "two for one slot, the lesser first", planned("indirim", "bayram"), the_greater_left, queue="outreach", other=looks, config=TWO,
    ),
    Scenario("cancelled while it is claimed", launched(2), one_or_none, queue="outreach", other=does("cancel"), config=ONE),
    Scenario("cancelled while it leaves", claimed, one_or_none, queue="outreach", other=does("cancel"), config=ONE),
    Scenario("a complaint while it is claimed", launched(2), one_or_none, queue="outreach", other=complains, config=ONE),
    Scenario("a complaint while it leaves", claimed, one_or_none, queue="outreach", other=complains, config=ONE),
    Scenario(
        "an event while it is claimed", both(met(1), told("cart.abandoned")), one_or_none, queue="outreach",
        other=event("purchase.completed"), config=WAITS,
    ),
]  # fmt: skip


@pytest.mark.parametrize("scenario", RACES, ids=lambda scenario: scenario.name)
def test_what_comes_in_between_is_seen_or_comes_after(ground: Ground, scenario: Scenario) -> None:
    ground.run(scenario, "pause")
