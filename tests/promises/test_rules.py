"""Rules on their way: a message that begins a conversation is judged once, and no fault of a rule keeps it from its agent."""

from __future__ import annotations

from typing import Any

from router.config import Config
from santral.cel import check as checked
from tests.kit.crash import Ground
from tests.kit.promises import check
from tests.kit.world import CONFIG, World

COMPLAINT = 'message.text.mentions(["şikayet*"]) && message.channel == "sms"'
TRIED = 'int(message.text) > 100 || message.text == "yüz"'


def ruled(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The tests' configuration with rules, as its files would be read, and with more sections."""
    config = Config.model_validate(CONFIG)
    trees = [{**rule, "checked": checked(rule["when"], config)} if "when" in rule else rule for rule in rules]
    return {**CONFIG, "version": "ruled", "rules": trees, **more}


SPECIAL = ruled(
    {"name": "complaint", "when": COMPLAINT, "queue": "uzman", "priority": 1, "tags": ["complaint"], "language": "tr"},
    {"name": "numbers", "when": TRIED, "tags": ["number"]},
    {"name": "again", "when": 'conversation.number == 2 && "complaint" in conversation.tags_before', "priority": 2},
)


def begin(ground: Ground) -> World:
    world = ground.begin(SPECIAL)
    world.come_in("ayse", "usta")
    return world


def test_a_complaint_goes_to_the_expert_first_whoever_else_is_free(ground: Ground) -> None:
    world = begin(ground)
    world.sms("SIKAYETIM VAR", sender="+15550100007")
    world.pump()
    (conversation,) = world.conversations()
    assert (conversation.queue, conversation.agent, conversation.priority) == ("uzman", "usta", 1)
    assert (conversation.tags, conversation.rules, conversation.language) == (("complaint",), ("complaint",), "tr")
    check(world)


def test_what_no_rule_is_about_goes_where_its_inbox_says(ground: Ground) -> None:
    world = begin(ground)
    world.mail("Şikayetim var")  # by mail: the rule is for text messages
    world.pump()
    (conversation,) = world.conversations()
    assert (conversation.queue, conversation.priority, conversation.tags) == ("genel", 5, ())


def test_p2_a_message_that_comes_twice_is_judged_once(ground: Ground) -> None:
    world = begin(ground)
    for _ in range(2):
        world.sms("şikayetim var", sender="+15550100007", sid="SM" + "7" * 32)
        world.pump()
    (conversation,) = world.conversations()
    assert (conversation.tags, len(world.texts(conversation.id))) == (("complaint",), 1)
    check(world)


def test_a_rule_that_fails_is_recorded_and_the_conversation_reaches_its_queue(ground: Ground) -> None:
    world = begin(ground)
    world.sms("Merhaba", sender="+15550100007")
    world.pump()
    (conversation,) = world.conversations()
    assert conversation.rule_faults == ("numbers: a text is not a whole number",)
    assert (conversation.queue, conversation.agent) == ("genel", "ayse")
    assert world.counts["RuleFailed"] == 1
    check(world)


def test_a_further_message_moves_nothing_and_the_next_conversation_knows_of_the_last(ground: Ground) -> None:
    world = begin(ground)
    world.sms("Merhaba", sender="+15550100007")
    world.pump()
    world.sms("şikayetim var", sender="+15550100007")
    world.pump()
    (conversation,) = world.conversations()
    assert (conversation.queue, conversation.tags) == ("genel", ())
    world.call("POST", f"/v1/conversations/{conversation.id}/resolve", {}, user="ayse")
    world.pass_time(days=30)
    world.sms("şikayetim var", sender="+15550100007")
    world.pump()
    second = max(world.conversations(), key=lambda one: one.number)
    world.call("POST", f"/v1/conversations/{second.id}/resolve", {}, user="usta")
    world.pass_time(days=30)
    world.sms("merhaba", sender="+15550100007")
    world.pump()
    third = max(world.conversations(), key=lambda one: one.number)
    assert [one.rules for one in (second, third)] == [("complaint",), ()]
    assert third.number == 3
