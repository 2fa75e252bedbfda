"""Another version of the configuration: what is held, who holds it and what waits go where it wants them, and nothing is counted twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from router.adopting import adopt, displaced
from router.config import Config
from router.conversations import Conversation, State
from router.exchange import Exchange
from tests.kit.promises import Seen, check
from tests.kit.world import CONFIG, World


@pytest.fixture
def world() -> Iterator[World]:
    """A world whose table is in memory."""
    with World(memory=True) as made:
        yield made


def version(name: str, *, queues: dict[str, str] | None = None, pools: dict[str, str] | None = None) -> Config:
    """The usual one with some queues renamed, and queues and agents in these pools."""
    queues, pools = queues or {}, pools or {}

    def placed(one: dict[str, Any]) -> dict[str, Any]:
        return {**one, "name": queues.get(one["name"], one["name"]), "pool": pools.get(one["name"], "main")}

    inboxes = [{**one, "queue": queues.get(one["queue"], one["queue"])} for one in CONFIG["inboxes"]]
    return Config.model_validate(
        {
            **CONFIG,
            "version": name,
            "inboxes": inboxes,
            "queues": [placed(one) for one in CONFIG["queues"]],
            "agents": [placed(one) for one in CONFIG["agents"]],
        }
    )


ALL_AWAY = dict.fromkeys(("genel", "chat", "ayse", "mehmet"), "yeni")


def held(world: World, count: int = 1) -> list[Conversation]:
    """Ayşe is in and has so many conversations."""
    world.come_in("ayse")
    for number in range(count):
        world.sms(sender=f"+1555010{number}")
        world.pump()
    found = world.conversations()
    assert [c.agent for c in found] == ["ayse"] * count
    return found


def listed(world: World, query: str = "agent=ayse", user: str = "ayse") -> list[str]:
    """What a desk shows."""
    status, page = world.call("GET", "/v1/conversations", query=query, user=user)
    assert status == 200, page
    return sorted(one["id"] for one in page["conversations"])


def rows(world: World, agent: str = "ayse") -> list[tuple[str, int]]:
    """In which pools an agent has a row, and what is free there."""
    return [(pool, load.free) for (pool, name), load in Seen.of(world).loads.items() if name == agent]


def in_each_state(world: World) -> dict[State, str]:
    """One conversation of Ayşe's in each state in which somebody has one."""
    offering = {**CONFIG, "version": "offering", "routing": {"offers": {"sms": 600}}}
    world.apply(Config.model_validate(offering))
    world.come_in("ayse")
    found: dict[State, str] = {}
    for number, state in enumerate((State.ACTIVE, State.PENDING, State.SNOOZED, State.OFFERED)):
        world.sms(sender=f"+1555010{number}")
        world.pump()
        (new,) = {c.id for c in world.conversations()} - set(found.values())
        found[state] = new
        if state is not State.OFFERED:
            assert world.call("POST", f"/v1/conversations/{new}/accept", {})[0] == 200
        if state is State.PENDING:
            world.reply(new)
        if state is State.SNOOZED:
            until = world.now.replace(hour=23).isoformat()
            assert world.call("POST", f"/v1/conversations/{new}/snooze", {"until": until})[0] == 200
        world.pump()
    assert {c.state: c.id for c in world.conversations()} == found
    return found


@pytest.mark.parametrize(
    ("after", "queue", "pool"),
    [
        (version("renamed", queues={"genel": "satis"}), "satis", "main"),
        (version("moved", pools=ALL_AWAY), "genel", "yeni"),
        (version("both", queues={"genel": "satis"}, pools=ALL_AWAY), "satis", "yeni"),
    ],
    ids=lambda one: one.version if isinstance(one, Config) else "",
)
def test_what_an_agent_holds_follows_its_queue_in_every_state(
    world: World, after: Config, queue: str, pool: str
) -> None:
    found = in_each_state(world)
    free = rows(world)[0][1]
    world.apply(after)
    assert listed(world) == sorted(found.values()), "nothing is out of sight before the sweep"
    world.pump(sweep_too=True)
    assert {c.state: c.id for c in world.conversations()} == found, "whoever has it keeps it"
    assert {(c.queue, c.pool, c.agent) for c in world.conversations()} == {(queue, pool, "ayse")}
    assert listed(world) == listed(world, f"queue={queue}", "sef") == sorted(found.values())
    home = after.agent("ayse")
    assert home is not None
    assert rows(world) == [(home.pool, free)]
    check(world, settled=False)


def test_a_queue_that_is_gone_leaves_what_is_held_with_its_inbox_and_that_with_the_first_queue(world: World) -> None:
    held(world)
    (before,) = world.conversations()
    assert (
        world.call("POST", f"/v1/conversations/{before.id}/transfer", {"queue": "uzman"}, role="supervisor")[0] == 200
    )
    world.come_in("usta")
    world.pump()
    assert world.conversations()[0].agent == "usta"
    world.pass_time(seconds=1)
    queues = [one for one in CONFIG["queues"] if one["name"] != "uzman"]
    world.apply(Config.model_validate({**CONFIG, "version": "no experts", "queues": queues}))
    world.pump(sweep_too=True)
    (after,) = world.conversations()
    assert (after.queue, after.agent) == ("genel", "usta")
    check(world, settled=False)
    chat = [{**one, "queue": "chat"} for one in CONFIG["inboxes"] if one["name"] == "chat"]
    queues = [one for one in queues if one["name"] == "chat"]
    world.apply(Config.model_validate({**CONFIG, "version": "chat only", "inboxes": chat, "queues": queues}))
    world.pump(sweep_too=True)
    (last,) = world.conversations()
    assert (last.queue, last.agent) == ("chat", "usta")
    check(world, settled=False)


def test_p7_what_an_absent_agent_owes_goes_back_to_the_line_of_a_renamed_queue(world: World) -> None:
    held(world)
    assert world.call("POST", "/v1/agents/ayse/presence", {"presence": "away"})[0] == 200
    world.apply(version("renamed", queues={"genel": "satis"}))
    world.come_in("mehmet")
    for _ in range(8):
        world.pass_time(seconds=4)
        world.pump(sweep_too=True)
    (conversation,) = world.conversations()
    assert (conversation.queue, conversation.agent) == ("satis", "mehmet")
    assert rows(world) == [("main", 12)]
    check(world)


def test_p7_an_agent_who_is_gone_with_their_whole_pool_keeps_nobody_waiting(world: World) -> None:
    world.apply(version("apart", pools=ALL_AWAY))
    held(world)
    agents = [one for one in CONFIG["agents"] if one["name"] != "ayse"]
    world.apply(Config.model_validate({**CONFIG, "version": "without her", "agents": agents}))
    world.come_in("mehmet")
    for _ in range(7):
        world.pass_time(seconds=4)
        world.pump(sweep_too=True)
    (conversation,) = world.conversations()
    assert (conversation.pool, conversation.agent) == ("main", "mehmet")
    assert rows(world) == [("yeni", 12)]
    check(world)


def test_p5_an_agent_moved_to_another_pool_takes_what_they_hold_along_and_comes_back_with_it(world: World) -> None:
    first, second = held(world, 2)
    away = version("away", pools={"uzman": "ustalar", "usta": "ustalar", "ayse": "ustalar"})
    world.apply(away)
    world.pump(sweep_too=True)
    assert rows(world) == [("ustalar", 6)]
    assert {c.pool for c in world.conversations()} == {"main"}, "their queue stayed where it was"
    check(world, settled=False)
    assert world.call("POST", f"/v1/conversations/{first.id}/resolve", {})[0] == 200
    world.pump()
    assert rows(world) == [("ustalar", 9)]
    assert world.call("GET", "/v1/agents/ayse")[1]["free"] == 9
    world.sms(sender="+15550107")
    world.pump()
    assert world.conversations()[-1].agent is None, "she is of another pool"
    world.apply(version("back again"))
    world.pump(sweep_too=True)
    world.pump()
    assert rows(world) == [("main", 6)]
    assert {c.agent for c in world.conversations() if c.state is State.ACTIVE} == {"ayse"}
    assert world.call("POST", f"/v1/conversations/{second.id}/resolve", {})[0] == 200
    check(world, settled=False)


def test_p5_who_comes_in_before_the_sweep_has_seen_the_new_version_has_one_row_all_the_same(world: World) -> None:
    held(world, 2)
    world.apply(version("moved", pools=ALL_AWAY))
    assert rows(world) == [("main", 6)]
    assert world.call("GET", "/v1/agents/ayse")[1]["free"] == 6
    world.come_in("ayse")
    assert rows(world) == [("yeni", 6)]
    world.apply(version("back again"))
    assert world.call("POST", "/v1/agents/ayse/presence", {"presence": "offline"})[0] == 200
    assert rows(world) == [("main", 6)]
    check(world, settled=False)
    world.pump(sweep_too=True)
    assert Seen.of(world).shown == {"main": {}, "yeni": {}}


def test_p7_a_desk_that_closes_after_its_agent_was_moved_is_noticed(world: World) -> None:
    world.come_in("ayse")
    _, ticket = world.call("POST", "/v1/socket-tickets")
    world.socket("CONNECT", "desk1=", protocols=["santral.v1", f"ticket.{ticket['ticket']}"])
    world.apply(version("moved", pools=ALL_AWAY))
    world.pump(sweep_too=True)
    world.socket("DISCONNECT", "desk1=")
    for _ in range(4):
        world.pump(sweep_too=True)
    assert world.call("GET", "/v1/agents/ayse")[1]["presence"] == "away"
    check(world, settled=False)


def test_p7_of_two_versions_within_a_minute_the_first_one_s_pools_and_queues_are_not_forgotten(world: World) -> None:
    """The sweep never saw the version in between; under it people came in, were given work, and waited."""
    world.pump(sweep_too=True)
    world.apply(
        version("between", queues={"genel": "arada"}, pools=dict.fromkeys(("genel", "chat", "ayse", "mehmet"), "ara"))
    )
    (had,) = held(world)
    for number in range(5):
        world.sms(sender=f"+1555020{number}")
        world.pump()
    waits = [c.id for c in world.conversations() if c.state is State.WAITING]
    assert waits
    world.apply(version("last"))
    assert had.id in listed(world)
    assert set(waits) <= set(listed(world, "state=waiting", "sef"))
    world.pump(sweep_too=True)
    assert {(c.queue, c.pool) for c in world.conversations()} == {("genel", "main")}
    assert [pool for pool, _ in rows(world)] == ["main"]
    check(world, settled=False)


def test_names_are_kept_while_anything_stands_under_them_and_then_forgotten(world: World) -> None:
    (conversation,) = held(world)
    world.apply(version("renamed", queues={"genel": "satis"}, pools=ALL_AWAY))
    world.pump(sweep_too=True)
    world.pass_time(hours=2)
    world.pump(sweep_too=True)
    named = world.x.table.named()
    assert (set(named.queues), set(named.pools)) == ({"satis", "chat", "uzman"}, {"main", "yeni"}), (
        "the experts' pool is main still"
    )
    assert world.call("POST", f"/v1/conversations/{conversation.id}/resolve", {})[0] == 200
    world.apply(version("again", queues={"genel": "baska"}, pools=dict.fromkeys((*ALL_AWAY, "uzman", "usta"), "yeni")))
    world.pump(sweep_too=True)
    world.pass_time(hours=2)
    world.pump(sweep_too=True)
    named = world.x.table.named()
    assert (set(named.queues), set(named.pools)) == ({"satis", "baska", "chat", "uzman"}, {"yeni"}), (
        "what is done is listed there"
    )
    assert listed(world, "state=resolved", "sef") == [conversation.id]


def test_p7_a_step_that_is_due_for_one_whose_queue_is_gone_goes_on_in_its_new_queue(world: World) -> None:
    """A timer that rings before the sweep has seen the new version."""
    steps = [{"needs": "genel>=5", "seconds": 30}]
    queues = [{**one, "steps": steps} if one["name"] == "genel" else one for one in CONFIG["queues"]]
    agents = [{**one, "skills": {"genel": 5}} if one["name"] == "mehmet" else one for one in CONFIG["agents"]]
    world.apply(Config.model_validate({**CONFIG, "version": "steps", "queues": queues, "agents": agents}))
    world.come_in("ayse")
    world.sms()
    world.pump()
    assert world.conversations()[0].look_at is not None
    world.apply(version("renamed", queues={"genel": "satis"}))
    world.pass_time(seconds=31)
    world.ring()
    world.pump()
    (conversation,) = world.conversations()
    assert (conversation.queue, conversation.agent) == ("satis", "ayse")
    check(world, settled=False)


def test_a_sweep_that_runs_out_of_time_leaves_all_in_reach_and_the_next_ones_go_on(world: World) -> None:
    found = [c.id for c in held(world, 3)]
    world.apply(version("both", queues={"genel": "satis"}, pools=ALL_AWAY))

    def ticking() -> datetime:
        world.pass_time(seconds=8)
        return world.now

    moved = []
    world.x.now, standing = ticking, world.x.now
    for _ in range(5):
        moved.append(adopt(world.x))
        assert listed(world) == sorted(found)
        check(world, settled=False)
    world.x.now = standing
    assert max(moved) < 4, "none of them did it all"
    assert sum(moved) == 4
    assert {(c.queue, c.pool, c.agent) for c in world.conversations()} == {("satis", "yeni", "ayse")}
    assert rows(world) == [("yeni", 3)]


def test_a_supervisor_who_assigns_one_whose_queue_is_gone_is_told_to_wait_for_its_new_one(world: World) -> None:
    world.sms()
    world.pump()
    (conversation,) = world.conversations()
    world.come_in("ayse")
    world.apply(version("renamed", queues={"genel": "satis"}))
    path, body = f"/v1/conversations/{conversation.id}/assign", {"agent": "ayse"}
    status, said = world.call("POST", path, body, user="sef", role="supervisor")
    assert (status, "configuration" in str(said)) == (409, True), said
    world.sweep()
    status, said = world.call("POST", path, body, user="sef", role="supervisor")
    assert status == 200, said
    check(world, settled=False)


def agents(name: str, *, gone: str = "", offers: int = 0, **units: int) -> Config:
    """The usual one with other units for some agents, without one of them, with offers of so many seconds."""
    config = version(name)
    kept = tuple(a.model_copy(update={"units": units.get(a.name, a.units)}) for a in config.agents if a.name != gone)
    routing = config.routing.model_copy(update={"offers": {"sms": offers} if offers else {}})
    return config.model_copy(update={"agents": kept, "routing": routing})


@pytest.mark.parametrize(("units", "waiting", "free"), [(30, 0, 24), (2, 1, -1)])
def test_p5_units_that_another_version_gives_or_takes_count_from_the_next_sweep_on(
    world: World, units: int, waiting: int, free: int
) -> None:
    """Without a word of the agent's; and whoever waits is looked at again."""
    world.apply(agents("small", ayse=3))
    world.come_in("ayse")
    for number in range(2):
        world.sms(sender=f"+1555010{number}")
        world.pump()
    assert rows(world) == [("main", 0)]
    world.apply(agents("other units", ayse=units))
    world.pump(sweep_too=True)
    assert (sum(c.state is State.WAITING for c in world.conversations()), rows(world)) == (waiting, [("main", free)])


def test_what_is_offered_to_one_whom_another_version_does_not_have_is_withdrawn_and_cannot_be_accepted(
    world: World,
) -> None:
    world.apply(agents("offers", offers=600))
    (one,) = held(world)
    assert one.state is State.OFFERED
    world.apply(agents("without her", offers=600, gone="ayse"))
    status, answer = world.call("POST", f"/v1/conversations/{one.id}/accept", {}, user="ayse")
    assert (status, "you are no agent any more" in answer["detail"]) == (403, True)
    world.pump(sweep_too=True)
    (after,) = world.conversations()
    assert (after.state, after.agent) == (State.WAITING, None)
    told = [entry for entry in world.x.table.history_of(one.id) if entry.what == "withdrawn"]
    assert [entry.detail["presence"] for entry in told] == ["offline"]


def test_what_takes_several_sweeps_to_look_through_is_looked_through_to_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine seconds for each conversation: a sweep's twenty are over before all are looked at."""
    one, two, three = (c.id for c in held(world, 3))
    status, _ = world.call("POST", f"/v1/conversations/{one}/transfer", {"queue": "chat"})
    assert status == 200
    world.pump()
    looked: list[str] = []

    def slowly(x: Exchange, conversation: Conversation) -> Conversation | None:
        world.pass_time(seconds=9)
        looked.append(conversation.id)
        return displaced(x, conversation)

    monkeypatch.setattr("router.adopting.displaced", slowly)
    world.apply(version("slow"))
    for _ in range(20):
        world.sweep()
    assert set(looked) == {one, two, three}
    looked.clear()
    world.sweep()
    assert looked == []
