"""Route and record a receipt, stopped at each of their calls."""

from typing import Any

import pytest

from router.conversations import State
from tests.kit.crash import MODES, Ground, Scenario, jump, settle
from tests.kit.promises import said
from tests.kit.world import SID, World
from tests.promises.test_returning import EXPERT
from tests.promises.test_rules import SPECIAL


def to_route(world: World, text: str = "Merhaba", sender: str = "+15550199") -> None:
    """A message lies in the inbound queue."""
    assert world.sms(text, sender=sender)["statusCode"] == 200


def states(world: World) -> list[str]:
    """Every conversation's state, oldest first."""
    return [str(c.state) for c in world.conversations()]


def first(world: World) -> None:
    world.come_in("ayse")
    to_route(world)


def first_with_ayse(world: World, _: Any) -> None:
    assert list(said(world).values()) == [["Merhaba"]]
    (conversation,) = world.conversations()
    assert (conversation.state, conversation.agent) == (State.ACTIVE, "ayse")


def first_and_nobody(world: World) -> None:
    to_route(world)


def first_in_line(world: World, _: Any) -> None:
    assert states(world) == ["waiting"]
    assert len(world.items("WAIT#")) == 1


def complaint(world: World) -> None:
    """Two agents are in; the rules choose the one who is not the inbox's."""
    world.come_in("ayse", "usta")
    to_route(world, "şikayetim var")


def with_the_expert(world: World, _: Any) -> None:
    (conversation,) = world.conversations()
    assert (conversation.queue, conversation.agent, conversation.tags) == ("uzman", "usta", ("complaint",))


def first_mail(world: World) -> None:
    world.come_in("ayse")
    world.mail("Merhaba")


def first_of_two_brands(world: World) -> None:
    world.come_in("ayse")
    world.mail("Merhaba", to=["destek@example.com", "help@shop.example"])


def one_in_each_brand(world: World, _: Any) -> None:
    assert list(said(world).values()) == [["Merhaba"], ["Merhaba"]]


def first_chat(world: World) -> None:
    world.come_in("ayse")
    world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba"})


def further(world: World) -> None:
    first(world)
    world.pump()
    world.pass_time(seconds=10)
    to_route(world, "Orada mısınız?")


def further_joined(world: World, _: Any) -> None:
    assert list(said(world).values()) == [["Merhaba", "Orada mısınız?"]]
    assert states(world) == ["active"]


def further_while_waiting(world: World) -> None:
    to_route(world)
    world.pump()
    world.pass_time(seconds=10)
    to_route(world, "Orada mısınız?")


def further_still_in_line(world: World, _: Any) -> None:
    assert list(said(world).values()) == [["Merhaba", "Orada mısınız?"]]
    assert states(world) == ["waiting"]


def resolved(world: World) -> None:
    """A conversation that was answered and resolved."""
    first(world)
    world.pump()
    (conversation,) = world.conversations()
    world.reply(conversation.id, "Buyurun")
    world.pump()
    assert world.call("POST", f"/v1/conversations/{conversation.id}/resolve", {})[0] == 200
    world.pump()
    world.pass_time(seconds=30)


def reopened(world: World) -> None:
    resolved(world)
    to_route(world, "Bir şey daha")


def open_again(world: World, _: Any) -> None:
    assert list(said(world).values()) == [["Merhaba", "Buyurun", "Bir şey daha"]]
    assert states(world) == ["active"]


def expired(world: World) -> None:
    resolved(world)
    jump(world, days=8)
    to_route(world, "Yeni bir konu")


def a_new_one(world: World, _: Any) -> None:
    assert list(said(world).values()) == [["Merhaba", "Buyurun"], ["Yeni bir konu"]]
    assert states(world) == ["closed", "active"]


def third_complaint(world: World) -> None:
    """Twice resolved; the third message lies in the inbound queue, and the expert is in."""
    world.come_in("ayse", "usta")
    for _ in range(2):
        to_route(world, "şikayetim var")
        world.pump()
        (conversation,) = world.conversations()
        assert world.call("POST", f"/v1/conversations/{conversation.id}/resolve", {}, role="supervisor")[0] == 200
        world.pump()
        jump(world, hours=25)
    to_route(world, "şikayetim var")


def reopened_for_the_expert(world: World, _: Any) -> None:
    (conversation,) = world.conversations()
    assert (conversation.agent, conversation.rules) == ("usta", ("complaint", "third"))
    assert (len(conversation.visits), len(conversation.heard)) == (3, 3)


def bounce(world: World) -> None:
    """A robot's answer to nothing of ours: kept, and nobody is called."""
    world.come_in("ayse")
    world.mail("Ofiste değilim", headers={"Auto-Submitted": "auto-replied"})


def kept_quietly(world: World, _: Any) -> None:
    assert list(said(world).values()) == [["Ofiste değilim"]]
    assert states(world) == ["resolved"]


def batch(world: World) -> None:
    """Two customers, three messages, one delivery."""
    world.come_in("ayse")
    to_route(world, "1")
    to_route(world, "A", "+15550188")
    world.pass_time(seconds=1)
    to_route(world, "2")


def all_of_the_batch(world: World, _: Any) -> None:
    assert sorted(said(world).values()) == [["1", "2"], ["A"]]
    assert states(world) == ["active", "active"]


def lost_inbox(world: World) -> None:
    """The inbox left the configuration while its message was under way."""
    to_route(world)
    config = world.x.config()
    world.apply(config.model_copy(update={"version": "test-2", "inboxes": config.inboxes[:3]}))


def lost_version(world: World) -> None:
    """And the version under which the message was received is no longer to be had."""
    to_route(world)
    config = world.x.config()
    world.lose_version()
    world.apply(config.model_copy(update={"version": "test-2", "inboxes": config.inboxes[:3]}))


def in_its_conversation(world: World, _: Any) -> None:
    """Routed under the version it began with."""
    assert states(world) == ["waiting"]
    assert not world.items("Q#")


def kept_for_a_person(world: World, _: Any) -> None:
    assert len(world.items("Q#")) == 1
    assert not world.conversations()


def answered(world: World) -> str:
    """An answer that Twilio took; its send id."""
    first(world)
    world.pump()
    (conversation,) = world.conversations()
    body = world.reply(conversation.id, "Buyurun")
    world.pump()
    world.pass_time(seconds=5)
    return str(body["message"]["id"])


def report(world: World, send: str, status: str) -> None:
    """Twilio's status callback."""
    fields = {"MessageSid": f"SM{1:032d}", "AccountSid": SID, "MessageStatus": status, "To": "+15550199"}
    assert world.webhook("twilio", "sms", fields, query=f"send={send}")["statusCode"] == 200


def delivered(world: World) -> str:
    send = answered(world)
    report(world, send, "delivered")
    return send


def shown_delivered(world: World, send: str) -> None:
    assert world.x.table.sends([send])[send].receipt == "delivered"


def undelivered(world: World) -> str:
    send = answered(world)
    report(world, send, "undelivered")
    return send


def shown_failed(world: World, send: str) -> None:
    assert world.x.table.sends([send])[send].shown == "failed"
    status, body = world.call("GET", "/v1/parked", role="supervisor")
    assert status == 200
    assert [row["id"] for row in body["parked"]] == [send]


SCENARIOS = [
    Scenario("route.first", first, first_with_ayse, queue="inbound"),
    Scenario("route.first, nobody in", first_and_nobody, first_in_line, queue="inbound"),
    Scenario("route.first mail", first_mail, first_with_ayse, queue="inbound"),
    Scenario("route.first of two brands", first_of_two_brands, one_in_each_brand, queue="inbound"),
    Scenario("route.first chat", first_chat, first_with_ayse, queue="inbound"),
    Scenario("route.by rules", complaint, with_the_expert, queue="inbound", config=SPECIAL),
    Scenario("route.further", further, further_joined, queue="inbound"),
    Scenario("route.further, in line", further_while_waiting, further_still_in_line, queue="inbound"),
    Scenario("route.reopens", reopened, open_again, queue="inbound"),
    Scenario("route.reopens by rules", third_complaint, reopened_for_the_expert, queue="inbound", config=EXPERT),
    Scenario("route.expired", expired, a_new_one, queue="inbound"),
    Scenario("route.automatic", bounce, kept_quietly, queue="inbound"),
    Scenario("route.batch", batch, all_of_the_batch, queue="inbound"),
    Scenario("route.inbox gone meanwhile", lost_inbox, in_its_conversation, queue="inbound"),
    Scenario("route.lost inbox", lost_version, kept_for_a_person, queue="inbound"),
    Scenario("receipt.delivered", delivered, shown_delivered, queue="inbound"),
    Scenario("receipt.failed", undelivered, shown_failed, queue="inbound"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_routing_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)


def test_settling_twice_changes_nothing(ground: Ground) -> None:
    """The kit's own clockwork adds nothing to a world that has settled."""
    world = ground.begin()
    first(world)
    settle(world)
    before = said(world), states(world)
    settle(world)
    assert (said(world), states(world)) == before
