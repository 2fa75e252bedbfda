"""Deadlines, follow-ups and sends that fell due, by timer and by sweep."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from router.aws.outreach import journey_key
from router.aws.queues import Queues
from router.errors import Temporary, Unknown
from router.signals import Timer, journey_timer
from router.wire import HttpRequest, HttpResponse
from tests.kit.world import START, World


def history(world: World, conversation: str, what: str) -> list[dict[str, Any]]:
    """The lines of a conversation's history of one kind."""
    entries = world.call("GET", f"/v1/conversations/{conversation}")[1]["history"]
    return [entry for entry in entries if entry["what"] == what]


def test_a_deadline_within_fifteen_minutes_gets_a_timer_and_one_beyond_does_not(world: World) -> None:
    world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    assert world.queued("timers") == 1
    world.mail()
    world.pump()
    assert world.queued("timers") == 1


def test_a_journey_s_timer_names_where_the_table_keeps_it() -> None:
    key = ("p_1", "bahar", "2026-12-01T10:00")
    timer = journey_timer(*key, START)
    assert (timer.pk, timer.sk) == journey_key(*key)


def test_a_breach_by_timer_is_recorded_once_and_keeps_the_place_in_line(world: World) -> None:
    world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    (before,) = world.conversations()
    assert before.first_response is not None
    timer = Timer(f"P#{before.contact}", f"open#{before.group}", before.first_response.due_at)
    world.pass_time(minutes=1)
    from router.due import on_timer

    for _ in range(2):
        world.x.queues.send(on_timer(world.x, timer), world.now)
        world.pump()
    world.sweep()
    world.pump()
    (after,) = world.conversations()
    assert (after.priority, after.stub) == (before.priority, before.stub)
    assert len(history(world, after.id, "breach")) == 1
    assert world.counts["SlaBreached"] == 1
    waiting = world.call("GET", "/v1/conversations", query="state=waiting")[1]["conversations"]
    assert [c["id"] for c in waiting] == [after.id]
    world.come_in("ayse")
    world.pump()
    assert world.conversations()[0].agent == "ayse"
    assert world.items("WAIT#") == []


def test_a_timer_that_rings_early_is_set_again(world: World) -> None:
    from router.due import on_timer

    timer = Timer("P#x", "open#default", world.now + timedelta(minutes=20))
    assert on_timer(world.x, timer) == [timer]


def test_an_answer_in_time_leaves_nothing_due(world: World) -> None:
    world.come_in("ayse")
    world.mail()
    world.pump()
    (conversation,) = world.conversations()
    world.reply(conversation.id)
    world.pump()
    world.pass_time(hours=3)
    world.sweep()
    assert world.counts.get("SlaBreached", 0) == 0
    assert [item for item in world.items() if "due" in item] == []


def test_a_breach_of_a_mail_is_found_by_the_sweep(world: World) -> None:
    world.come_in("ayse")
    world.mail()
    world.pump()
    world.pass_time(minutes=59)
    world.sweep()
    assert world.counts.get("SlaBreached", 0) == 0
    world.pass_time(minutes=1)
    world.sweep()
    world.sweep()
    assert world.counts["SlaBreached"] == 1


def test_two_sweeps_at_once_are_one(world: World) -> None:
    from router.sweeping import sweep

    world.mail()
    world.pump()
    world.pass_time(hours=2)
    assert sweep(world.x, "first") == 1
    assert sweep(world.x, "second") == 0


def _fails(error: Exception, times: int) -> Any:
    left = [times]

    def answer(_: HttpRequest) -> HttpResponse:
        if left[0] > 0:
            left[0] -= 1
            raise error
        return HttpResponse(201, {}, json.dumps({"sid": "SM" + "9" * 32}).encode())

    return answer


@pytest.fixture
def answered(world: World) -> str:
    """A conversation by SMS that Ayşe is about to answer."""
    world.come_in("ayse")
    world.sms()
    world.pump()
    return str(world.conversations()[0].id)


def test_a_temporary_failure_is_tried_again_after_what_the_provider_asked(world: World, answered: str) -> None:
    world.providers.answer = _fails(Temporary("busy", retry_after=60), 1)
    message = world.reply(answered)["message"]["id"]
    world.pump()
    send = world.x.table.sends([message])[message]
    assert (send.state, send.due_at) == ("queued", world.now + timedelta(seconds=60))
    world.pass_time(seconds=61)
    world.sweep()
    world.pump()
    assert world.x.table.sends([message])[message].shown == "sent"
    assert len(world.providers.calls) == 2


def test_a_second_answer_waits_for_the_first_and_leaves_after_it(world: World, answered: str) -> None:
    world.providers.answer = _fails(Temporary("busy"), 1)
    world.reply(answered, "Bir")
    world.pump()
    world.reply(answered, "İki")
    world.pump()
    assert len(world.providers.calls) == 1
    for _ in range(4):
        world.pass_time(seconds=20)
        world.sweep()
        world.pump()
    bodies = [call.body for call in world.providers.calls]
    assert [b"Bir" in body for body in bodies] == [True, True, False]


def test_an_unknown_outcome_is_never_repeated_and_a_person_decides(world: World, answered: str) -> None:
    world.providers.answer = _fails(Unknown("the line broke"), 1)
    message = world.reply(answered)["message"]["id"]
    world.pump()
    assert world.x.table.sends([message])[message].state == "unknown"
    world.pass_time(minutes=6)
    world.sweep()
    world.pump()
    _, page = world.call("GET", "/v1/parked", role="supervisor")
    assert [p["id"] for p in page["parked"]] == [message]
    assert len(world.providers.calls) == 1
    assert world.call("POST", f"/v1/parked/{message}/resend", role="supervisor")[0] == 200
    world.pump()
    assert world.x.table.sends([message])[message].shown == "sent"
    assert world.call("GET", "/v1/parked", role="supervisor")[1]["parked"] == []


def test_a_receipt_settles_an_unknown_outcome(world: World, answered: str) -> None:
    world.providers.answer = _fails(Unknown("the line broke"), 1)
    message = world.reply(answered)["message"]["id"]
    world.pump()
    fields = {"MessageSid": "SM" + "7" * 32, "MessageStatus": "delivered", "To": "+15550199", "From": "+15550100"}
    world.webhook("twilio", "sms", fields, query=f"send={message}")
    world.pump()
    world.pass_time(minutes=10)
    world.sweep()
    send = world.x.table.sends([message])[message]
    assert (send.state, send.shown) == ("sent", "delivered")
    assert world.call("GET", "/v1/parked", role="supervisor")[1]["parked"] == []


def test_receipts_in_any_order_end_in_the_same_word(world: World, answered: str) -> None:
    message = world.reply(answered)["message"]["id"]
    world.pump()
    for status in ("delivered", "sent", "queued", "sending"):
        fields = {"MessageSid": "SM" + "7" * 32, "MessageStatus": status, "To": "+15550199", "From": "+15550100"}
        world.webhook("twilio", "sms", fields, query=f"send={message}")
        world.pump()
    assert world.x.table.sends([message])[message].shown == "delivered"


def test_eight_temporary_failures_park_a_send(world: World, answered: str) -> None:
    world.providers.answer = _fails(Temporary("down"), 99)
    message = world.reply(answered)["message"]["id"]
    world.pump()
    for _ in range(12):
        world.pass_time(hours=19)
        world.sweep()
        world.pump()
    assert len(world.providers.calls) == 8
    assert world.x.table.sends([message])[message].state == "parked"


def test_what_was_received_and_never_routed_is_sent_again_and_counted(world: World) -> None:
    world.sms("Kayıp olmasın")
    world.sqs.purge_queue(QueueUrl=world.urls["inbound"])
    world.pass_time(minutes=20)
    world.sweep()
    assert world.counts["IntakeGap"] == 1
    world.pump()
    assert [c.preview for c in world.conversations()] == ["Kayıp olmasın"]
    world.pass_time(minutes=20)
    world.sweep()
    assert world.counts["IntakeGap"] == 1


def test_a_clear_no_that_comes_after_somebody_gave_the_attempt_up_still_counts(world: World, answered: str) -> None:
    """A second delivery called the attempt unknown while the first was still talking to the provider, who was busy."""
    from router.deliver import deliver

    message = world.reply(answered)["message"]["id"]

    def busy(_: HttpRequest) -> HttpResponse:
        deliver(world.x, message)
        assert world.x.table.sends([message])[message].state == "unknown"
        raise Temporary("busy")

    world.providers.answer = busy
    world.pump()
    assert world.x.table.sends([message])[message].state == "queued"
    world.providers.answer = None
    world.pass_time(minutes=1)
    world.sweep()
    world.pump()
    assert world.x.table.sends([message])[message].state == "sent"


class Heard:
    """An SQS client that only listens."""

    def __init__(self) -> None:
        self.delays: list[int] = []

    def send_message(self, **message: Any) -> None:
        """Remember how long it is to be held back."""
        self.delays.append(message["DelaySeconds"])


@pytest.mark.parametrize(("milliseconds", "seconds"), [(-5000, 0), (0, 0), (1, 1), (1400, 2), (2000, 2), (10**9, 900)])
def test_a_timer_never_rings_before_its_time_unless_that_is_beyond_what_a_queue_can_hold(
    milliseconds: int, seconds: int
) -> None:
    heard = Heard()
    at = START + timedelta(milliseconds=milliseconds)
    Queues(heard, {"timers": "url"}, b"k").send([Timer("P#x", "open#default", at)], START)
    assert heard.delays == [seconds]
