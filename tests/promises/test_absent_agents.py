"""An agent who is gone keeps nobody waiting: the desk's end is noticed, and what they owe goes back to the line (P7)."""

from __future__ import annotations

from router.config import Config
from router.conversations import State
from tests.kit.promises import check
from tests.kit.world import CONFIG, World


def open_desk(world: World, agent: str = "ayse", connection: str = "desk1=") -> str:
    status, ticket = world.call("POST", "/v1/socket-tickets", user=agent)
    assert status == 201, ticket
    protocols = ["santral.v1", f"ticket.{ticket['ticket']}"]
    assert world.socket("CONNECT", connection, protocols=protocols)["statusCode"] == 200
    return connection


def presence(world: World, agent: str = "ayse") -> str:
    return str(world.call("GET", f"/v1/agents/{agent}")[1]["presence"])


def minutes(world: World, count: int) -> None:
    for _ in range(count):
        world.pass_time(seconds=4)
        world.pump(sweep_too=True)  # which lets 56 seconds pass


def test_p7_an_agent_whose_desk_closed_is_away_and_the_unanswered_go_to_a_colleague(world: World) -> None:
    world.come_in("ayse")
    desk = open_desk(world)
    world.sms()
    world.pump()
    assert world.conversations()[0].agent == "ayse"
    world.socket("DISCONNECT", desk)
    minutes(world, 1)
    assert presence(world) == "online"
    minutes(world, 2)
    assert presence(world) == "away"
    world.come_in("mehmet")
    minutes(world, 4)
    (conversation,) = world.conversations()
    assert (conversation.state, conversation.agent) == (State.ACTIVE, "mehmet")
    assert world.x.table.load("main", "ayse").free == 12  # type: ignore[union-attr]
    said = [entry.what for entry in world.x.table.histories(conversation.id)]
    assert "returned" in said
    check(world)


def test_p7_an_agent_in_any_presence_that_gets_work_is_away_when_the_desk_stays_closed(world: World) -> None:
    backoffice = {"name": "backoffice", "available": True}
    world.apply(Config.model_validate({**CONFIG, "version": "backoffice", "presences": [backoffice]}))
    assert world.call("POST", "/v1/agents/ayse/presence", {"presence": "backoffice"})[0] == 200
    desk = open_desk(world)
    world.sms()
    world.pump()
    assert world.conversations()[0].agent == "ayse"
    world.socket("DISCONNECT", desk)
    minutes(world, 3)
    assert presence(world) == "away"
    minutes(world, 4)
    assert world.conversations()[0].agent is None
    check(world)


def test_p7_a_reload_is_no_absence(world: World) -> None:
    world.come_in("ayse")
    desk = open_desk(world)
    world.socket("DISCONNECT", desk)
    minutes(world, 1)
    open_desk(world, connection="desk2=")
    minutes(world, 5)
    assert presence(world) == "online"


def test_p7_an_agent_who_never_opened_a_desk_is_not_missed(world: World) -> None:
    world.come_in("ayse")
    minutes(world, 10)
    assert presence(world) == "online"


def test_p7_a_push_into_a_gone_socket_counts_as_its_end(world: World) -> None:
    world.come_in("ayse")
    desk = open_desk(world)
    world.x.sockets.gone(desk)
    minutes(world, 4)
    assert presence(world) == "away"


def test_p7_what_the_customer_owes_stays_with_an_agent_at_lunch(world: World) -> None:
    world.come_in("ayse")
    world.sms()
    world.pump()
    (conversation,) = world.conversations()
    world.reply(conversation.id)
    world.pump()
    assert world.call("POST", "/v1/agents/ayse/presence", {"presence": "away"})[0] == 200
    minutes(world, 12)
    assert world.conversations()[0].agent == "ayse"
    world.sms("Teşekkürler, peki ne zaman?")
    world.pump()
    world.come_in("mehmet")
    minutes(world, 3)
    assert world.conversations()[0].agent == "ayse"
    minutes(world, 3)
    (conversation,) = world.conversations()
    assert conversation.agent == "mehmet"
    check(world)


def test_a_page_that_floods_is_slowed_and_loses_nothing(world: World) -> None:
    connection = world.open_chat()
    answers = [world.frame(connection, {"type": "message", "id": f"c{n}", "text": "x"})[0] for n in range(130)]
    assert [answer["type"] for answer in answers[:120]] == ["ack"] * 120
    assert {(answer["type"], answer["code"]) for answer in answers[120:]} == {("error", "later")}
    assert answers[125]["id"] == "c125"
    world.pass_time(minutes=1)
    (again,) = world.frame(connection, {"type": "message", "id": "c125", "text": "x"})
    assert again["type"] == "ack"


def test_what_was_handed_on_after_an_answer_is_not_left_with_an_absent_agent(world: World) -> None:
    world.come_in("ayse", "mehmet")
    world.sms()
    world.pump()
    (one,) = world.conversations()
    first = str(one.agent)
    other = "mehmet" if first == "ayse" else "ayse"
    world.reply(one.id, "Bakıyorum", user=first)
    world.pump()
    world.pass_time(minutes=1)
    assert world.call("POST", f"/v1/conversations/{one.id}/transfer", {"queue": one.queue}, user=first)[0] == 200
    world.pump()
    assert world.conversations()[0].agent == other
    world.call("POST", f"/v1/agents/{other}/presence", {"presence": "offline"}, user=other)
    for _ in range(10):
        world.pass_time(minutes=1)
        world.pump(sweep_too=True)
    assert world.conversations()[0].agent == first
