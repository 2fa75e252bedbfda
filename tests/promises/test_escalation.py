"""Escalation in a whole world: warned, breached, moved, notified, told, made good; each once, whatever is looked at how often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from router.config import Config
from router.conversations import Conversation, State
from router.due import on_timer
from router.keeping import save
from router.promises import CALLED, Promise
from router.sends import SendState
from router.signals import timer_of
from router.staff import is_staff
from tests.kit.promises import Seen, check
from tests.kit.world import CONFIG, World

LATE = {"tr": "{name}, yanıtımız gecikti; {expected} yanıtlıyoruz. {company}", "en": "We are late: {expected}."}
SORRY = {"tr": "Özür dileriz, {name}. Kodunuz: {voucher}. {due} arıyoruz.", "en": "Sorry: {voucher}."}
ESCALATING: dict[str, Any] = {
    **CONFIG,
    "version": "escalating",
    "queues": [
        {**CONFIG["queues"][0], "sla": "slow"},
        {**CONFIG["queues"][1], "sla": "quick"},
        CONFIG["queues"][2],
    ],
    "webhooks": [{"name": "crm", "url": "https://crm.example.com/in", "secret": "crm", "events": ["contact.joined"]}],
    "sla": [
        {
            "name": "quick",
            "first_response": "30s",
            "escalate": [
                {"at": 75, "raise_by": 1},
                {"at": 90, "raise_by": 1, "watch": ["mehmet"]},
                {
                    "at": "breach",
                    "queue": "uzman",
                    "relax": True,
                    "notify": {"desk": True, "email": ["lead@example.com"], "webhook": ["crm"]},
                    "tell": LATE,
                },
            ],
        },
        {
            "name": "slow",
            "first_response": 10,
            "remind": 10,
            "reminders": 5,
            "escalate": [
                {"at": "warning", "raise_by": 1},
                {"at": "breach", "tell": LATE},
                {"at": "reminder", "notify": {"email": ["lead@example.com"]}},
                {
                    "at": "breach",
                    "targets": ["promise"],
                    "tell": SORRY,
                    "voucher": "OZUR",
                    "call": {"queue": "uzman", "within": "2h"},
                },
            ],
        },
    ],
}


@pytest.fixture
def world() -> Iterator[World]:
    with World(ESCALATING, streaming=True) as world:
        yield world


def chat(world: World) -> Conversation:
    world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    return one(world)


def one(world: World) -> Conversation:
    (found,) = world.conversations()
    return found  # type: ignore[no-any-return]


def stages(world: World, conversation: str) -> list[tuple[str, int]]:
    found = sorted(
        Seen.of(world).history[conversation], key=lambda entry: (entry["at"], entry["detail"].get("share", 0))
    )
    return [(e["what"], e["detail"]["share"]) for e in found if e["what"] in ("warning", "breach", "reminder")]


def automatic(world: World) -> list[str]:
    return [s.message.text for s in Seen.of(world).sends.values() if not is_staff(s.conversation)]


def mailed(world: World) -> list[Any]:
    return [send for send in Seen.of(world).sends.values() if is_staff(send.conversation)]


def test_a_chat_of_thirty_seconds_is_warned_by_its_timers_and_its_breach_moves_notifies_and_tells(world: World) -> None:
    before = chat(world)
    world.pass_time(seconds=22.5)
    world.ring()
    world.pump()
    assert (stages(world, before.id), one(world).priority) == ([("warning", 75)], 4)
    world.pass_time(seconds=4.5)
    world.ring()
    world.pump()
    assert (one(world).priority, one(world).watchers) == (3, ("mehmet",))
    assert automatic(world) == []
    world.pass_time(seconds=3)
    world.ring()
    world.pump()
    after = one(world)
    assert stages(world, after.id) == [("warning", 75), ("warning", 90), ("breach", 100)]
    assert (after.queue, after.priority, after.waiting_since) == ("uzman", 3, before.waiting_since)
    (text,) = automatic(world)
    assert text.startswith("Zeynep, yanıtımız gecikti; yaklaşık 60 dakika içinde yanıtlıyoruz.")
    (mail,) = mailed(world)
    assert (mail.state, mail.to) == (SendState.SENT, "lead@example.com")
    assert "Merhaba" not in mail.message.text
    assert f"/desk#{after.id}" in mail.message.text
    (event,) = world.receiver.events
    assert event["type"] == "conversation.escalated"
    assert event["data"]["actions"] == ["queue", "told", "desk", "mailed", "webhooks"]
    world.come_in("usta")
    world.pump()
    assert one(world).agent == "usta"
    path = f"/v1/conversations/{after.id}/explanation"
    lines = world.call("GET", path, query="language=tr", role="supervisor")[1]["story"]
    breach = next(line for line in lines if line["what"] == "breach")
    assert breach["text"].startswith("İlk yanıtın süresi doldu")
    assert "“uzman” kuyruğuna taşındı." in breach["details"]
    check(world)


def test_whoever_watches_a_conversation_hears_of_it(world: World) -> None:
    world.x.sockets.open("watch1=", "A#mehmet", {"agent": "mehmet", "pool": "main"}, world.now)
    chat(world)
    world.pass_time(seconds=27)
    world.ring()
    frames = [frame for to, frame in world.pushes if to == "watch1="]
    assert {"type": "conversation", "conversation": one(world).id, "reason": "warning"} in frames
    shown = world.call("GET", f"/v1/conversations/{one(world).id}", user="mehmet")[1]["conversation"]
    assert shown["watchers"] == ["mehmet"]


def test_a_watcher_lists_what_they_watch_whoever_has_it_until_it_is_done(world: World) -> None:
    def watched(user: str) -> list[str]:
        status, page = world.call("GET", "/v1/conversations", query="watching=me", user=user)
        assert status == 200, page
        return [found["id"] for found in page["conversations"]]

    one_ = chat(world).id
    assert watched("mehmet") == []
    world.pass_time(seconds=27)
    world.ring()
    world.pump()
    assert (watched("mehmet"), watched("ayse")) == ([one_], [])
    world.come_in("ayse")
    world.pump()
    assert (one(world).agent, watched("mehmet")) == ("ayse", [one_])
    world.call("POST", f"/v1/conversations/{one_}/resolve", {})
    assert watched("mehmet") == []
    assert world.call("GET", "/v1/conversations", query="watching=ayse", user="mehmet")[0] == 422


def test_whoever_watches_hears_of_answers_too(world: World) -> None:
    chat(world)
    world.pass_time(seconds=27)
    world.ring()
    world.come_in("ayse")
    world.pump()
    world.x.sockets.open("watch1=", "A#mehmet", {"agent": "mehmet", "pool": "main"}, world.now)
    world.reply(one(world).id)
    assert [frame["reason"] for to, frame in world.pushes if to == "watch1="] == ["changed"]


def at_their_desk(world: World, agent: str, presence: str) -> None:
    """An agent is in this state, with a page open: what it is pushed goes to `<agent>=`."""
    assert world.call("POST", f"/v1/agents/{agent}/presence", {"presence": presence}, user=agent)[0] == 200
    world.x.sockets.open(f"{agent}=", f"A#{agent}", {"agent": agent, "pool": "main"}, world.now)
    world.x.sockets.agent_connected("main", agent, f"{agent}=")


def reasons(world: World, agent: str) -> list[str]:
    """Why an agent's page was told of the conversation."""
    return [frame["reason"] for to, frame in world.pushes if to == f"{agent}=" and frame["type"] == "conversation"]


def test_what_nobody_has_is_told_to_every_desk_of_its_pool_once(world: World) -> None:
    at_their_desk(world, "ayse", "away")
    at_their_desk(world, "mehmet", "away")  # watches from the second warning on
    chat(world)
    world.pass_time(seconds=31)
    world.sweep()
    assert (reasons(world, "ayse"), reasons(world, "mehmet")) == (["breach"], ["breach"])


def test_who_was_offered_what_moves_elsewhere_is_told_that_it_is_gone(world: World) -> None:
    offers = {"version": "offers", "routing": {"offers": {"webchat": 60}}}
    world.apply(Config.model_validate({**ESCALATING, **offers}))
    at_their_desk(world, "ayse", "online")
    chat(world)
    assert (one(world).state, one(world).agent) == (State.OFFERED, "ayse")
    world.pass_time(seconds=31)
    world.ring()
    assert (one(world).state, one(world).agent) == (State.WAITING, None)
    assert reasons(world, "ayse") == ["offered", "breach", "withdrawn"]


def test_two_steps_at_one_breach_mail_an_address_once(world: World) -> None:
    quick, slow = ESCALATING["sla"]
    mailing = {"at": "breach", "notify": {"email": ["lead@example.com"]}}
    twice = [{**quick, "escalate": [mailing, {**mailing, "raise_by": 1}]}, slow]
    world.apply(Config.model_validate({**ESCALATING, "version": "twice", "sla": twice}))
    chat(world)
    world.pass_time(seconds=31)
    world.sweep()
    world.pump()
    assert (one(world).priority, [mail.to for mail in mailed(world)]) == (4, ["lead@example.com"])


def test_looked_at_again_nothing_is_done_twice(world: World) -> None:
    before = chat(world)
    world.pass_time(seconds=31)
    timer = timer_of(before.id, world.now)
    for _ in range(3):
        world.x.queues.send(on_timer(world.x, timer), world.now)
        world.pump()
        world.sweep()
        world.pump()
    assert stages(world, before.id) == [("warning", 75), ("warning", 90), ("breach", 100)]
    assert one(world).priority == 3
    assert len(automatic(world)) == 1
    assert len(mailed(world)) == 1
    assert len(world.receiver.events) == 1
    check(world)


def test_what_was_moved_is_still_late_everywhere_and_its_policy_goes_on(world: World) -> None:
    goes_on = [{**ESCALATING["sla"][0], "remind": 10}, ESCALATING["sla"][1]]
    goes_on[0]["escalate"] = [*goes_on[0]["escalate"], {"at": "reminder", "raise_by": 1}]
    world.apply(Config.model_validate({**ESCALATING, "version": "goes-on", "sla": goes_on}))
    before = chat(world)
    world.pass_time(seconds=31)
    world.sweep()
    world.pump()
    (clock,) = one(world).clocks
    assert (one(world).queue, clock.due_at) == ("uzman", before.opened_at + timedelta(seconds=30))
    assert world.bus is not None
    (breached,) = [e["data"] for e in world.bus.events if e["type"] == "conversation.breached"]
    assert breached["due_at"] == "2026-03-02T09:00:30Z"
    world.pass_time(minutes=11)
    world.sweep()
    world.pump()
    assert stages(world, before.id)[-1] == ("reminder", 101)
    assert one(world).priority == 2


def test_what_was_missed_stands_in_the_history_in_its_order(world: World) -> None:
    before = chat(world)
    world.pass_time(seconds=31)
    world.sweep()
    world.pump()
    shown = world.call("GET", f"/v1/conversations/{before.id}")[1]["history"]
    assert [e["detail"]["share"] for e in shown if "share" in e["detail"]] == [75, 90, 100]


def test_after_an_outage_of_an_hour_every_step_is_done_once_and_one_reminder(world: World) -> None:
    world.sms()
    world.pump()
    world.pass_time(hours=1)
    for _ in range(2):
        world.sweep()
        world.pump()
    found = one(world)
    assert stages(world, found.id) == [("warning", 75), ("warning", 90), ("breach", 100), ("reminder", 105)]
    assert found.priority == 3
    assert len(automatic(world)) == 1
    assert len(mailed(world)) == 1
    check(world)


def test_what_somebody_has_stays_theirs_and_they_are_told(world: World) -> None:
    world.come_in("ayse")
    found = chat(world)
    assert found.agent == "ayse"
    world.pass_time(seconds=31)
    world.sweep()
    world.pump()
    after = one(world)
    assert (after.queue, after.agent, after.state) == ("chat", "ayse", State.ACTIVE)
    assert len(automatic(world)) == 1


def test_an_address_that_opted_out_is_told_nothing(world: World) -> None:
    world.sms()
    world.pump()
    world.sms("STOP")
    world.pump()
    before = len(automatic(world))
    world.pass_time(minutes=11)
    world.sweep()
    world.pump()
    assert len(automatic(world)) == before
    breach = [e for e in Seen.of(world).history[one(world).id] if e["what"] == "breach"]
    assert [e["detail"]["actions"] for e in breach] == [[{"told": None}]]


def promised(world: World, minutes: float = 30) -> Conversation:
    """Ayşe answered, and promised to send something."""
    world.come_in("ayse")
    world.sms()
    world.pump()
    before = one(world)
    world.reply(before.id)
    world.pump()
    before = one(world)
    promise = Promise("pr_1", world.now, world.now + timedelta(minutes=minutes), "ayse", "fatura", answer=False)
    world.x.table.commit(*save(world.x, before, replace(before, promises=(promise,))).changes)
    return one(world)


@pytest.mark.parametrize("code_first", [False, True])
def test_a_broken_promise_is_made_good_once_by_a_code_and_a_call(world: World, *, code_first: bool) -> None:
    if code_first:
        quick, slow = ESCALATING["sla"]
        turned = [quick, {**slow, "escalate": slow["escalate"][::-1]}]
        world.apply(Config.model_validate({**ESCALATING, "version": "turned", "sla": turned}))
    promised(world)
    world.pass_time(minutes=31)
    for _ in range(2):
        world.sweep()
        world.pump()
    after = one(world)
    assert (after.queue, after.agent) == ("genel", "ayse")
    _, call = after.promises
    assert (call.by, call.answer) == (CALLED, False)
    (text,) = [text for text in automatic(world) if text.startswith(("Özür", "Sorry"))]
    assert world.bus is not None
    vouchers = [e["data"]["voucher"] for e in world.bus.events if e["type"] == "conversation.escalated"]
    breach = next(e for e in Seen.of(world).history[after.id] if e["what"] == "breach" and e["detail"].get("actions"))
    (made_good,) = [action for action in breach["detail"]["actions"] if "told" in action]  # one text left
    code = made_good["voucher"]
    assert code in text
    assert [one for one in vouchers if one is not None] == [code]
    world.pass_time(hours=3)
    for _ in range(2):
        world.sweep()
        world.pump()
    assert len(one(world).promises) == 2
    assert sum("OZUR" in text for text in automatic(world)) == 1


def test_a_version_without_the_policy_leaves_what_was_done_as_it_is(world: World) -> None:
    before = chat(world)
    world.pass_time(seconds=31)
    world.sweep()
    world.pump()
    world.apply(Config.model_validate({**CONFIG, "version": "plain"}))
    world.pass_time(minutes=5)
    world.sweep()
    world.pump()
    assert one(world).id == before.id
    assert len(automatic(world)) == 1
    check(world)
