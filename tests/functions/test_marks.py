"""Tags, spam and blocked people at the API; and what a blocked person writes."""

from __future__ import annotations

from typing import Any

import pytest

from router.conversations import State
from tests.kit.crash import jump, settle
from tests.kit.promises import Seen, check
from tests.kit.world import World

BOSS: dict[str, Any] = {"user": "yonetici", "role": "supervisor"}


@pytest.fixture
def conversation(world: World) -> str:
    """One conversation that Ayşe has."""
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    world.pass_time(seconds=1)
    return str(world.conversations()[0].id)


def mark(world: World, conversation: str, what: str, body: dict[str, Any] | None = None, **how: Any) -> dict[str, Any]:
    status, answer = world.call("POST", f"/v1/conversations/{conversation}/{what}", body or {}, **how)
    assert status == 200, answer
    return dict(answer["conversation"] or {})


def test_tags_are_put_on_and_taken_off(world: World, conversation: str) -> None:
    assert mark(world, conversation, "tags", {"add": ["vip", "iade"]})["tags"] == ["iade", "vip"]
    world.pass_time(seconds=1)
    assert mark(world, conversation, "tags", {"add": ["vip"], "remove": ["iade", "none"]})["tags"] == ["vip"]
    history = world.call("GET", f"/v1/conversations/{conversation}")[1]["history"]
    assert [(e["what"], e["detail"]) for e in history if e["what"] == "tag"] == [
        ("tag", {"add": ["iade", "vip"], "remove": []}),
        ("tag", {"add": [], "remove": ["iade"]}),
    ]


def test_tags_are_slugs_and_at_most_twenty(world: World, conversation: str) -> None:
    path = f"/v1/conversations/{conversation}/tags"
    for body in ({"add": ["Ödeme"]}, {"add": ["a" * 41]}, {"add": ["a"], "remove": ["a"]}, {"put": ["a"]}):
        assert world.call("POST", path, body)[0] == 422
    mark(world, conversation, "tags", {"add": [f"t{n}" for n in range(20)]})
    status, answer = world.call("POST", path, {"add": ["one-more"]})
    assert status == 422
    assert answer["field"] == "add"


def test_what_a_conversation_is_about_is_said_changed_and_taken_off(world: World, conversation: str) -> None:
    for category in ("order", "complaint", "complaint", None):
        assert mark(world, conversation, "category", {"category": category})["category"] == category
        world.pass_time(seconds=1)
    history = world.call("GET", f"/v1/conversations/{conversation}")[1]["history"]
    assert [e["detail"] for e in history if e["what"] == "category"] == [
        {"from": None, "to": "order"},
        {"from": "order", "to": "complaint"},
        {"from": "complaint", "to": None},
    ]
    for body in ({}, {"category": "Ödeme"}, {"category": ["a"]}):
        status, answer = world.call("POST", f"/v1/conversations/{conversation}/category", body)
        assert (status, answer["field"]) == (422, "category")


def test_conversations_are_listed_by_tag_page_by_page(world: World, conversation: str) -> None:
    for number in range(30):
        world.sms("x", sender=f"+155501{number:04d}")
    world.pump()
    tagged = [c.id for c in world.conversations()[::7]]
    for one in tagged:
        mark(world, one, "tags", {"add": ["vip"]})
    found: list[str] = []
    cursor = ""
    while True:
        status, page = world.call("GET", "/v1/conversations", query=f"tag=vip&limit=2{cursor}")
        assert status == 200
        found += [c["id"] for c in page["conversations"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert sorted(found) == sorted(tagged)
    assert world.call("GET", "/v1/conversations", query="tag=none")[1]["conversations"] == []


def test_looking_for_a_rare_tag_reads_a_bounded_part(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from router import browsing

    monkeypatch.setattr(browsing, "READS", 3)
    for number in range(40):
        world.sms("x", sender=f"+155501{number:04d}")
    world.pump()
    status, page = world.call("GET", "/v1/conversations", query="tag=none&limit=5")
    assert (status, page["conversations"]) == (200, [])
    assert page["next"] is not None
    last = world.call("GET", "/v1/conversations", query=f"tag=none&limit=5&cursor={page['next']}")[1]
    assert last == {"conversations": [], "next": None}


def test_spam_is_done_and_frees_its_agent(world: World, conversation: str) -> None:
    shown = mark(world, conversation, "spam", {})
    assert (shown["state"], shown["spam"], shown["agent"]) == ("resolved", True, "ayse")
    load = world.x.table.load("main", "ayse")
    assert load is not None
    assert load.free == load.units
    settle(world)
    check(world)


def test_spam_in_the_line_can_be_marked_by_anybody(world: World) -> None:
    world.sms("kazandınız")
    world.pump()
    (waiting,) = world.conversations()
    assert mark(world, waiting.id, "spam")["state"] == "resolved"
    settle(world)
    check(world)


def test_only_its_agent_or_a_supervisor_marks_a_conversation_as_spam(world: World, conversation: str) -> None:
    assert world.call("POST", f"/v1/conversations/{conversation}/spam", {}, user="mehmet")[0] == 403
    assert mark(world, conversation, "spam", **BOSS)["spam"] is True
    assert world.call("POST", f"/v1/conversations/{conversation}/spam", {}, **BOSS)[0] == 409


def test_who_was_not_blocked_is_heard_again_and_judged_anew(world: World, conversation: str) -> None:
    mark(world, conversation, "spam")
    world.pass_time(seconds=1)
    world.sms("gerçek bir müşteriyim")
    world.pump()
    (found,) = world.conversations()
    assert (found.state, found.spam, found.agent) == (State.ACTIVE, False, "ayse")


def test_no_spam_after_all_waits_again_and_its_author_is_heard(world: World, conversation: str) -> None:
    assert world.call("POST", f"/v1/conversations/{conversation}/not-spam", {})[0] == 409
    mark(world, conversation, "spam", {"block": True})
    world.pass_time(seconds=1)
    world.sms("neden?")
    world.pump()
    assert mark(world, conversation, "not-spam")["spam"] is False
    world.pump()
    (found,) = world.conversations()
    assert (found.state, found.agent) == (State.ACTIVE, "ayse")
    assert world.call("GET", f"/v1/contacts/{found.contact}")[1]["blocked_at"] is None
    assert world.texts(conversation) == ["Merhaba", "neden?"]
    settle(world)
    check(world)


@pytest.mark.parametrize("days", [0, 30])
def test_what_a_blocked_person_writes_is_kept_and_reaches_nobody(world: World, conversation: str, days: int) -> None:
    contact = world.conversations()[0].contact
    status, shown = world.call("POST", f"/v1/contacts/{contact}/block", {}, **BOSS)
    assert (status, bool(shown["blocked_at"])) == (200, True)
    assert shown["conversations"][0]["state"] == "resolved"
    world.pump()
    jump(world, days=days, seconds=1)
    pushes, decisions = len(world.pushes), _decisions(world)
    world.sms("alo")
    world.mail("x", sender="baska@example.net")  # somebody else
    world.pump()
    settle(world)
    check(world)
    newest = max((c for c in world.conversations() if c.contact == contact), key=lambda c: c.number)
    assert newest.state is State.RESOLVED
    assert (newest.follow, newest.due_at, newest.stub) == ((), None, None)
    assert newest.number == (1 if days == 0 else 2)
    assert world.texts(newest.id)[-1] == "alo"
    assert [f for _, f in world.pushes[pushes:] if f.get("conversation") == newest.id] == []
    assert _decisions(world)[newest.id] == decisions.get(newest.id, 0)
    assert world.providers.calls == []


def _decisions(world: World) -> dict[str, int]:
    seen = Seen.of(world)
    return {c: sum(e["what"] == "decision" for e in seen.history[c]) for c in seen.conversations}


def test_a_block_resolves_all_that_is_open_and_frees_every_agent(world: World) -> None:
    world.come_in("ayse")
    for to in ("destek@example.com", "help@shop.example"):
        world.mail("Merhaba", to=to)
        world.pump()
    first, second = world.conversations()
    assert first.contact == second.contact
    assert (first.agent, second.agent) == ("ayse", "ayse")
    assert world.call("POST", f"/v1/contacts/{first.contact}/block", {}, **BOSS)[0] == 200
    assert {c.state for c in world.conversations()} == {State.RESOLVED}
    load = world.x.table.load("main", "ayse")
    assert load is not None
    assert (load.free, load.counts.get("email", 0)) == (load.units, 0)
    settle(world)
    check(world)


def test_an_unblocked_person_is_routed_again(world: World, conversation: str) -> None:
    contact = world.conversations()[0].contact
    for what in ("block", "unblock"):
        assert world.call("POST", f"/v1/contacts/{contact}/{what}", {})[0] == 403
        assert world.call("POST", f"/v1/contacts/{contact}/{what}", {}, **BOSS)[0] == 200
        assert world.call("POST", f"/v1/contacts/{contact}/{what}", {}, **BOSS)[0] == 409
    assert world.call("POST", "/v1/contacts/p_nobody/block", {}, **BOSS)[0] == 404
    world.pass_time(seconds=1)
    world.sms("sağ olun")
    world.pump()
    assert world.conversations()[0].state is State.ACTIVE
    whats = [
        e["what"]
        for e in world.call("GET", "/v1/audit", user="a", role="admin", query=f"subject=contact:{contact}")[1][
            "entries"
        ]
    ]
    assert sorted(whats) == ["block", "unblock"]


def test_a_joined_address_of_a_blocked_person_is_blocked_too(world: World, conversation: str) -> None:
    world.mail("ben de oyum")
    world.pump()
    sms, mail = sorted({c.contact for c in world.conversations()}, key=lambda c: c != world.conversations()[0].contact)
    assert world.call("POST", f"/v1/contacts/{sms}/join", {"contact": mail}, **BOSS)[0] == 200
    assert world.call("POST", f"/v1/contacts/{mail}/block", {}, **BOSS)[1]["id"] == sms
    world.pass_time(seconds=1)
    world.mail("yine ben")
    world.pump()
    settle(world)
    check(world)
    assert {c.state for c in world.conversations()} <= {State.RESOLVED, State.CLOSED}
