"""P4: a conversation shows provider-time order; answers leave in order; late arrivals correct the clocks."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from router.errors import Unknown
from router.wire import HttpRequest, HttpResponse
from tests.kit.crash import Ground, failing, settle
from tests.kit.meta import call, number_call
from tests.kit.promises import Seen, check, said
from tests.kit.providers import send_of
from tests.kit.users import NUMBER, whatsapp, with_apps
from tests.kit.world import CONFIG, START, World


@pytest.fixture
def quick(ground: Ground) -> World:
    """A world with WhatsApp, which tells whole seconds, at the beginning of one."""
    return ground.begin(with_apps(CONFIG))


WORDS = ("I", "want", "to", "cancel", "my", "order")


def written(*texts: str, at: int) -> dict[str, object]:
    """Messages of one second in one call of WhatsApp's; `at` in seconds since 1970."""
    return number_call(*((NUMBER, "905550000042", f"wamid.{text}", text) for text in texts), at=at)


def test_a_mail_that_was_delayed_takes_its_place_and_moves_the_clock_back(world: World) -> None:
    early = world.post_mail("1")
    written = world.now
    world.pass_time(minutes=7)
    world.mail("2")
    world.pump()
    (conversation,) = world.conversations()
    assert conversation.first_response.started_at == world.now
    world.pass_time(minutes=1)
    world.mail_event(early)
    world.pump()
    check(world, settled=False)
    (conversation,) = world.conversations()
    assert world.texts(conversation.id) == ["1", "2"]
    assert conversation.first_response.started_at == conversation.waiting_since == written
    assert conversation.preview == "2"  # of the newest, not of the last to come


def test_the_earlier_deadline_of_a_late_arrival_is_kept_when_somebody_takes_the_conversation(world: World) -> None:
    early = world.post_mail("1")
    deadline = world.now.timestamp() + 3600
    world.pass_time(minutes=7)
    world.mail("2")
    world.pump()
    world.mail_event(early)
    world.pump()
    world.come_in("ayse")
    world.pump()
    check(world)
    (item,) = [item for item in world.items("P#") if item["sk"].startswith("open#")]
    assert item["due"] == deadline * 1000


def test_a_wake_up_from_before_a_late_arrival_does_not_bring_the_old_deadline_back(world: World) -> None:
    world.come_in("ayse")
    world.pump()
    early = world.post_mail("1")
    deadline = world.now.timestamp() + 3600
    world.pass_time(minutes=7)
    world.mail("2")
    world.work("inbound")
    batch = world.take("match")
    world.mail_event(early)
    world.work("inbound")
    world.handle("match", batch)
    check(world, settled=False)
    world.pump()
    (item,) = [item for item in world.items("P#") if item["sk"].startswith("open#")]
    assert item["due"] == deadline * 1000


def test_a_customers_message_that_lands_after_the_answer_stands_where_it_was_written(world: World) -> None:
    world.come_in("ayse")
    world.mail("1")
    world.pump()
    (conversation,) = world.conversations()
    world.pass_time(seconds=10)
    late = world.post_mail("2")
    world.pass_time(seconds=10)
    world.reply(conversation.id, "3")
    world.pump()
    world.mail_event(late)
    settle(world)
    check(world)
    assert world.texts(conversation.id) == ["1", "2", "3"]


def test_two_of_the_same_instant_keep_one_order_wherever_they_are_read(world: World) -> None:
    for text in "abcdef":
        world.sms(text)
    settle(world)
    (conversation,) = world.conversations()
    once = world.texts(conversation.id)
    assert sorted(once) == list("abcdef")
    read, after = [], "0"
    while True:
        status, page = world.call(
            "GET", f"/v1/conversations/{conversation.id}/messages", query=f"limit=1&after={after}"
        )
        assert status == 200
        read += [message["text"] for message in page["messages"]]
        if page["next"] is None:
            break
        after = page["next"].replace("#", "%23")
    assert read == once


def test_what_a_customer_writes_within_one_second_is_read_as_it_was_written(quick: World) -> None:
    began = quick.now
    for text in WORDS:
        whatsapp(quick, text)
        quick.pass_time(milliseconds=120)
    settle(quick)
    check(quick)
    (conversation,) = quick.conversations()
    assert quick.texts(conversation.id) == list(WORDS)
    assert conversation.first_response.started_at == conversation.waiting_since == began
    assert conversation.preview == "order"


def test_what_comes_in_one_call_stands_as_the_call_has_it(quick: World) -> None:
    quick.pass_time(milliseconds=250)
    call(quick, "whatsapp", "whatsapp", written(*WORDS, at=int(quick.now.timestamp())))
    settle(quick)
    check(quick)
    (conversation,) = quick.conversations()
    assert quick.texts(conversation.id) == list(WORDS)
    assert conversation.first_response.started_at == START + timedelta(milliseconds=250)
    assert conversation.preview == "order"


def test_what_comes_long_after_its_second_stands_in_it_as_it_came(quick: World) -> None:
    at = int(quick.now.timestamp())
    quick.pass_time(minutes=4)
    for text in WORDS:
        call(quick, "whatsapp", "whatsapp", written(text, at=at))
        quick.pass_time(seconds=2)
    settle(quick)
    check(quick)
    (conversation,) = quick.conversations()
    assert quick.texts(conversation.id) == list(WORDS)
    assert conversation.first_response.started_at == START + timedelta(milliseconds=999)


def test_a_second_delivery_and_what_the_ledger_sends_again_move_nothing(quick: World) -> None:
    at = int(quick.now.timestamp())
    quick.pass_time(milliseconds=100)
    with failing(quick, "send_message"):
        call(quick, "whatsapp", "whatsapp", written("I", "want", at=at))
    quick.pass_time(milliseconds=100)
    call(quick, "whatsapp", "whatsapp", written("to", "cancel", at=at))
    quick.pump()
    quick.pass_time(minutes=2)
    call(quick, "whatsapp", "whatsapp", written("to", "cancel", at=at))
    settle(quick)
    check(quick)
    (conversation,) = quick.conversations()
    assert quick.texts(conversation.id) == ["I", "want", "to", "cancel"]
    assert conversation.first_response.started_at == START + timedelta(milliseconds=100)
    assert conversation.preview == "cancel"


def test_an_answer_stands_between_what_came_before_and_after_it_within_one_second(quick: World) -> None:
    quick.come_in("ayse")
    at = int(quick.now.timestamp())
    quick.pass_time(milliseconds=100)
    call(quick, "whatsapp", "whatsapp", written("1", at=at))
    quick.pump()
    (conversation,) = quick.conversations()
    quick.pass_time(milliseconds=300)
    quick.reply(conversation.id, "2")
    quick.pump()
    quick.pass_time(milliseconds=300)
    call(quick, "whatsapp", "whatsapp", written("3", at=at))
    quick.pass_time(seconds=3)
    call(quick, "whatsapp", "whatsapp", written("4", at=at))
    settle(quick)
    check(quick)
    assert quick.texts(conversation.id) == ["1", "2", "3", "4"]


def test_a_window_for_free_answers_counts_from_the_beginning_of_the_told_second(quick: World) -> None:
    at = int(quick.now.timestamp())
    quick.pass_time(seconds=3)
    call(quick, "whatsapp", "whatsapp", written("1", at=at))
    quick.pump()
    (conversation,) = quick.conversations()
    (way,) = quick.call("GET", f"/v1/conversations/{conversation.id}")[1]["conversation"]["ways"]
    assert way["heard_at"] == "2026-03-02T09:00:00.999000Z"
    assert way["open_until"] == "2026-03-03T09:00:00Z"


def test_a_page_reads_on_by_the_cursors_within_one_second(quick: World) -> None:
    call(quick, "whatsapp", "whatsapp", written(*WORDS, at=int(quick.now.timestamp())))
    settle(quick)
    (conversation,) = quick.conversations()
    read, after = [], f"{round(START.timestamp() * 1000) - 1}#m_{'a' * 24}"  # a cursor of before there were turns
    for _ in WORDS:
        status, page = quick.call(
            "GET",
            f"/v1/conversations/{conversation.id}/messages",
            query=f"limit=1&after={after.replace('#', '%23')}",
        )
        assert status == 200
        read += [message["text"] for message in page["messages"]]
        after = page["messages"][-1]["cursor"]
    assert read == list(WORDS)


def test_a_clock_that_runs_ahead_does_not_put_a_message_into_the_future(world: World) -> None:
    """The author's device may say anything; SES's own time is what counts."""
    raw = b"From: musteri@example.net\r\nTo: destek@example.com\r\nMessage-ID: <1@x>\r\nDate: Fri, 1 Jan 2100 00:00:00 +0000\r\n\r\n1\r\n"
    world.mail(raw=raw)
    world.pass_time(seconds=5)
    world.mail("2")
    settle(world)
    assert list(said(world).values()) == [["1", "2"]]


def busy_once(world: World, times: int = 1) -> Callable[[HttpRequest], HttpResponse]:
    """Twilio is busy for the first calls."""
    said_no = iter(range(times))

    def answer(request: HttpRequest) -> HttpResponse:
        if next(said_no, None) is not None:
            return HttpResponse(429, {}, json.dumps({"code": 20429}).encode())
        return world.providers.take(request)

    return answer


def three_answers(world: World) -> list[str]:
    """An agent answers three times; the send ids."""
    world.come_in("ayse")
    world.sms()
    world.pump()
    (conversation,) = world.conversations()
    ids = []
    for text in ("1", "2", "3"):
        world.pass_time(seconds=1)
        ids.append(world.reply(conversation.id, text)["message"]["id"])
    return ids


@pytest.mark.parametrize("times", [1, 2, 4])
def test_answers_leave_in_order_when_the_first_is_refused_for_now(world: World, times: int) -> None:
    ids = three_answers(world)
    world.providers.answer = busy_once(world, times)
    settle(world)
    check(world)
    assert world.providers.left == ids


def test_answers_wait_for_one_whose_outcome_is_unknown_until_a_person_has_it(world: World) -> None:
    first, *rest = three_answers(world)

    def breaks(request: HttpRequest) -> HttpResponse:
        if send_of(request) == first:
            raise Unknown("the line broke")
        return world.providers.take(request)

    world.providers.answer = breaks
    world.pump()
    assert world.providers.left == [first]
    settle(world)
    check(world)
    assert world.providers.left == [first, *rest]
    assert Seen.of(world).sends[first].state == "parked"


def test_answers_of_one_conversation_do_not_wait_for_anothers(world: World) -> None:
    """A delivery that is taken out of its turn leaves nothing behind."""
    world.come_in("ayse")
    for sender in ("+15550101", "+15550102"):
        world.sms(sender=sender)
    world.pump()
    first, second = world.conversations()
    world.providers.answer = busy_once(world)
    world.reply(first.id, "1")
    world.pump()
    mine = world.reply(second.id, "2")["message"]["id"]
    world.pump()
    assert world.providers.left == [mine]
