"""Who comes back: a reopening is judged like a beginning, the third contact on one subject reaches the expert, nothing counts twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from router.conversations import Conversation, State
from tests.kit.crash import Ground
from tests.kit.promises import check
from tests.kit.world import World
from tests.promises.test_one_person import join, mail_contact, separate, sms_contact
from tests.promises.test_rules import ruled

CUSTOMER = "+15550100007"
COMPLAINT = {
    "name": "complaint",
    "when": 'message.text.mentions(["şikayet*"])',
    "category": "complaint",
    "sla": "quick",
}
THIRD = {
    "name": "third",
    "when": 'message.text.mentions(["şikayet*"]) && conversation.contactsInDays("complaint", 30) >= 3',
    "queue": "uzman",
    "priority": 1,
}
QUICK = [{"name": "quick", "first_response": 15}]
EXPERT = ruled(COMPLAINT, THIRD, sla=QUICK)


def begin(ground: Ground, config: dict[str, Any] = EXPERT) -> World:
    world = ground.begin(config)
    world.come_in("ayse", "usta")
    return world


def write(world: World, text: str = "şikayetim var", **how: Any) -> Conversation:
    """The customer writes; their latest conversation."""
    assert world.sms(text, sender=CUSTOMER, **how)["statusCode"] == 200
    world.pump()
    return latest(world)


def latest(world: World) -> Conversation:
    found: Conversation = max(world.conversations(), key=lambda one: one.number)
    return found


def resolve(world: World, **passes: float) -> None:
    """The latest conversation is resolved, and then time passes."""
    assert world.call("POST", f"/v1/conversations/{latest(world).id}/resolve", {}, role="supervisor")[0] == 200
    world.pump()
    world.pass_time(**passes)


def test_the_third_complaint_reaches_the_expert_though_it_reopens_the_first(ground: Ground) -> None:
    world = begin(ground)
    queues = []
    for _ in range(3):
        found = write(world)
        queues.append((found.number, found.queue, found.agent))
        resolve(world, days=2)
    assert queues == [(1, "genel", "ayse"), (1, "genel", "ayse"), (1, "uzman", "usta")]
    check(world)


def test_the_third_complaint_reaches_the_expert_though_each_is_a_new_conversation(ground: Ground) -> None:
    world = begin(ground)
    found = []
    for _ in range(4):
        found.append(write(world).queue)
        resolve(world, days=9)
    assert found == ["genel", "genel", "uzman", "uzman"]
    resolve_ = latest(world)
    assert (resolve_.number, resolve_.rules) == (4, ("complaint", "third"))
    check(world)


def test_what_lies_outside_the_days_is_not_counted(ground: Ground) -> None:
    world = begin(ground)
    for _ in range(4):
        assert write(world).queue == "genel"
        resolve(world, days=16)


def test_another_subject_is_not_counted(ground: Ground) -> None:
    world = begin(ground)
    for text in ("merhaba", "kargom nerede", "şikayetim var", "teşekkürler"):
        assert write(world, text).queue == "genel"
        resolve(world, days=9)


def test_further_messages_and_one_that_comes_twice_are_no_further_contacts(ground: Ground) -> None:
    world = begin(ground)
    for _ in range(3):
        assert write(world, sid="SM" + "7" * 32).queue == "genel"
        assert write(world, "şikayetim sürüyor").queue == "genel"
    found = latest(world)
    assert (len(found.visits), len(found.heard)) == (1, 4)
    check(world)


def test_a_message_from_before_it_was_resolved_reopens_it_and_is_no_contact_of_its_own(ground: Ground) -> None:
    world = begin(ground)
    world.mail("şikayetim var")
    world.pump()
    world.pass_time(minutes=5)
    held_up = world.post_mail("şikayetim var, bir de şu")
    world.pass_time(minutes=5)
    before = latest(world)
    resolve(world, hours=1)
    world.mail_event(held_up)
    world.pump()
    after = latest(world)
    assert (after.state, after.visits, len(after.heard)) == (State.ACTIVE, before.visits, 2)


def test_people_s_tags_and_category_count_like_the_rules(ground: Ground) -> None:
    world = begin(ground)
    marks: dict[str, dict[str, Any]] = {"tags": {"add": ["complaint"]}, "category": {"category": "complaint"}}
    for what, body in marks.items():
        one = write(world, "merhaba")
        assert world.call("POST", f"/v1/conversations/{one.id}/{what}", body)[0] == 200
        resolve(world, days=9)
    assert write(world).queue == "uzman"


def test_a_queue_that_people_chose_stays_but_for_a_rule_about_coming_back(ground: Ground) -> None:
    always = {"name": "always", "queue": "genel", "tags": ["seen"]}
    world = begin(ground, ruled(THIRD, always, COMPLAINT, sla=QUICK))
    moved = write(world)
    body = {"queue": "chat"}
    assert world.call("POST", f"/v1/conversations/{moved.id}/transfer", body, role="supervisor")[0] == 200
    world.pump()
    queues = []
    for _ in range(2):
        resolve(world, days=2)
        queues.append(write(world).queue)
    assert queues == ["chat", "uzman"]
    check(world)


def test_what_the_rules_do_not_say_stays_as_people_left_it(ground: Ground) -> None:
    world = begin(ground)
    one = write(world)
    marks: dict[str, dict[str, Any]] = {"tags": {"add": ["vip"]}, "category": {"category": "order"}}
    for what, body in marks.items():
        assert world.call("POST", f"/v1/conversations/{one.id}/{what}", body)[0] == 200
    resolve(world, days=1)
    back = write(world, "merhaba")
    assert (back.queue, back.tags, back.category, back.sla) == ("genel", ("vip",), "order", "quick")
    assert back.first_response is not None
    assert back.first_response.due_at == back.first_response.started_at + timedelta(minutes=15)
    assert back.rules == ()


def test_who_answers_what_we_wrote_first_is_judged(ground: Ground) -> None:
    world = begin(ground, ruled({**COMPLAINT, "queue": "uzman"}, sla=QUICK))
    body = {"inbox": "sms", "address": CUSTOMER, "text": "Siparişiniz yolda.", "queue": "genel"}
    assert world.call("POST", "/v1/conversations", body, user="mehmet")[0] in (200, 201)
    world.pump()
    found = write(world)
    assert (found.number, found.queue, found.category, len(found.visits)) == (1, "uzman", "complaint", 1)
    check(world)


def test_a_conversation_that_we_begin_forgets_nothing(ground: Ground) -> None:
    world = begin(ground)
    for _ in range(2):
        write(world)
        resolve(world, days=9)
    body = {"inbox": "sms", "address": CUSTOMER, "text": "Nasıl gidiyor?"}
    assert world.call("POST", "/v1/conversations", body, user="mehmet")[0] in (200, 201)
    world.pump()
    found = write(world)
    assert (found.number, found.queue) == (3, "uzman")


def test_what_nobody_is_to_look_at_is_neither_judged_nor_counted(ground: Ground) -> None:
    world = begin(ground)
    one = write(world)
    assert world.call("POST", f"/v1/contacts/{one.contact}/block", {}, role="supervisor")[0] == 200
    world.pump()
    world.pass_time(days=1)
    before = latest(world)
    after = write(world)
    assert (after.state, after.visits, after.heard) == (State.RESOLVED, before.visits, before.heard)
    assert (after.rules, after.queue, after.sla) == (before.rules, before.queue, before.sla)


def test_two_people_who_are_one_have_one_memory_and_apart_again_each_their_own(ground: Ground) -> None:
    world = ground.begin(EXPERT)
    world.come_in("ayse", "mehmet", "usta")
    world.mail("şikayetim var")
    world.pump()
    world.pass_time(minutes=5)
    world.sms("şikayetim var")
    world.pump()
    mail, sms = mail_contact(world), sms_contact(world)
    join(world, mail, sms)
    world.pump()
    (joint,) = [one for one in world.conversations() if not one.state.done]
    assert (len(joint.heard), len(joint.visits)) == (2, 1)
    separate(world, mail, sms)
    world.pump()
    found = {one.contact: one for one in world.conversations()}
    assert [len(found[contact].heard) for contact in (mail, sms)] == [1, 1]
    check(world)


@pytest.mark.parametrize(("hours", "expected"), [(24, "genel"), (720, "uzman")])
def test_messages_of_the_last_hours_are_counted_over_conversations(ground: Ground, hours: int, expected: str) -> None:
    often = {"name": "often", "when": f"contact.messagesInHours({hours}) >= 4", "queue": "uzman"}
    world = begin(ground, ruled(often))
    for _ in range(3):
        write(world, "alo")
    resolve(world, days=9)
    assert write(world, "alo").queue == expected


def test_no_more_is_remembered_than_a_few_and_nothing_personal(ground: Ground) -> None:
    world = begin(ground)
    for _ in range(25):
        write(world, "alo, ben Zeynep")
        resolve(world, hours=1)
    found = latest(world)
    assert (len(found.heard), len(found.visits)) == (20, 11)
    assert all(isinstance(time, int) for time in found.heard)
    assert {word for visit in found.visits for word in visit.about or ()} == set()
    (item,) = [item for item in world.items("P#") if item["sk"].startswith("open#")]
    assert len(item["d"]) < 700
