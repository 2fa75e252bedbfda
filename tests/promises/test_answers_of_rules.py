"""What a rule lets leave by itself: instead of the queue's words, under the same conditions, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.kit.crash import Ground
from tests.kit.promises import check
from tests.kit.world import World
from tests.promises.test_automatic_answers import ANSWERS, AUTOMATIC, FRIDAY_EVENING, automatic, resolve, sms
from tests.promises.test_rules import ruled

QUEUE = "Hello, we have your message and answer in about 60 minutes."
CARGO = "Hello, your parcel is traced; we answer in about 15 minutes."
REFUND = "Refunds take three days."
RULES: tuple[dict[str, Any], ...] = (
    {
        "name": "cargo",
        "when": 'message.text.mentions(["parcel", "kargo*"])',
        "sla": "quick",
        "answer": {"en": "Hello {name}, your parcel is traced; we answer {expected}.", "tr": "Kargonuz yolda."},
    },
    {"name": "refund", "when": 'message.text.mentions(["refund"])', "answer": {"en": REFUND}},
    {"name": "dutch", "when": 'message.text.mentions(["pakket"])', "answer": {"nl": "Onderweg."}},
)
MADE = ruled(*RULES, sla=[{"name": "quick", "first_response": 15}])
WITH_QUEUE = MADE | {name: AUTOMATIC[name] for name in ("calendars", "answers")}


@pytest.fixture
def world(ground: Ground) -> World:
    """At noon of a Monday in Istanbul, with answers of the queue and of rules."""
    return ground.begin(WITH_QUEUE)


def test_it_leaves_instead_of_the_queue_s_and_names_the_rule_s_target(world: World) -> None:
    sms(world, "Where is my parcel?")
    sms(world, "hello", sender="+15550100008")
    assert automatic(world) == [CARGO, QUEUE]
    check(world)


def test_it_is_in_the_customer_s_language(world: World) -> None:
    world.mail("kargom nerede")
    world.pump()
    assert automatic(world) == ["Kargonuz yolda."]


def test_where_the_rule_has_no_words_for_the_customer_the_queue_s_leave(world: World) -> None:
    sms(world, "pakket")
    assert automatic(world) == [QUEUE]


def test_a_queue_without_answers_needs_none(ground: Ground) -> None:
    world = ground.begin(MADE)
    sms(world, "Where is my parcel?")
    sms(world, "hello", sender="+15550100008")
    assert automatic(world) == [CARGO]


def test_the_same_rule_s_leaves_once_within_the_window_and_another_s_may(world: World) -> None:
    for text in ("parcel?", "parcel??", "refund?", "hello?"):
        sms(world, text)
        resolve(world)
        world.pass_time(minutes=30)
    assert automatic(world) == [CARGO, REFUND]


def test_an_address_gets_no_more_than_its_most_whatever_rules_say(world: World) -> None:
    for text in ("parcel", "refund", "parcel", "refund", "parcel"):
        sms(world, text)
        resolve(world)
        world.pass_time(minutes=30)
    assert automatic(world) == [CARGO, REFUND, CARGO]


def test_a_further_message_brings_none(world: World) -> None:
    sms(world, "hello")
    sms(world, "refund, please")
    assert automatic(world) == [QUEUE]


def test_while_it_is_closed_out_of_hours_goes_before_it(world: World) -> None:
    world.now = FRIDAY_EVENING
    sms(world, "Where is my parcel?")
    assert automatic(world) == ["We are closed and back on Monday at 09:00."]


def test_while_it_is_closed_and_nothing_is_said_of_that_it_leaves(ground: Ground) -> None:
    answers = {name: value for name, value in ANSWERS.items() if name != "out_of_hours"}
    world = ground.begin(WITH_QUEUE | {"answers": [answers]})
    world.now = FRIDAY_EVENING + timedelta(hours=1)
    for _ in range(2):
        sms(world, "parcel?")
        resolve(world)
    assert automatic(world) == ["Hello, your parcel is traced; we answer on Monday from 09:00."]


def test_a_robot_gets_none(world: World) -> None:
    world.mail("refund parcel kargo", headers={"Auto-Submitted": "auto-replied"})
    world.mail("refund parcel kargo", sender="no-reply@example.net")
    world.pump()
    assert automatic(world) == []
