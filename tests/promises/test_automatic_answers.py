"""What leaves by itself: once, in the customer's language, never to a machine, never for ever. And STOP means stop."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs

import pytest

from router.conversations import State
from router.messages import Kind
from router.receive import reported
from tests.kit.crash import Ground
from tests.kit.promises import Seen, check
from tests.kit.users import session, user_token, whatsapp, with_apps
from tests.kit.world import CONFIG, World

ANSWERS: dict[str, Any] = {
    "queue": "genel",
    "hours": "ofis",
    "acknowledgement": {
        "tr": "Merhaba {name}, mesajınız bizde; {expected} yanıtlarız.",
        "en": "Hello {name}, we have your message and answer {expected}.",
    },
    "out_of_hours": {
        "tr": "Merhaba {name}, şu an kapalıyız. Ekibimiz {opens} yeniden burada.",
        "en": "We are closed and back {opens}.",
    },
}
OFFICE = {"name": "ofis", "zone": "Europe/Istanbul", "open": {"mon-fri": ["09:00-18:00"]}}
AUTOMATIC = {**CONFIG, "version": "automatic", "calendars": [OFFICE], "answers": [ANSWERS]}
FRIDAY_EVENING = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)  # 19:30 in Istanbul


@pytest.fixture
def world(ground: Ground) -> World:
    """At noon of a Monday in Istanbul, with automatic answers in force."""
    return ground.begin(AUTOMATIC)


def using(world: World, **changes: Any) -> None:
    """Put other automatic answers in force."""
    from router.config import Config

    made = Config.model_validate({**AUTOMATIC, "version": f"v{world.serial()}", "answers": [ANSWERS | changes]})
    world.apply(made)
    world.pass_time(seconds=6)


def automatic(world: World) -> list[str]:
    """The texts that left by themselves, in order."""
    sends = sorted(Seen.of(world).sends.values(), key=lambda send: send.message.cursor)
    return [send.message.text for send in sends if send.message.author == "auto"]


def resolve(world: World) -> None:
    for one in world.conversations():
        if not one.state.done:
            assert world.call("POST", f"/v1/conversations/{one.id}/resolve", {}, role="supervisor")[0] == 200
    world.pump()


def sms(world: World, text: str = "Where is my order?", **how: Any) -> None:
    assert world.sms(text, **how)["statusCode"] == 200
    world.pump()
    world.pass_time(seconds=20)


def test_a_first_message_is_acknowledged_in_the_customers_language(world: World) -> None:
    world.mail(sender="Deniz Kaya <deniz@example.net>")
    world.pump()
    sms(world)
    assert automatic(world) == [
        "Merhaba Deniz Kaya, mesajınız bizde; yaklaşık 60 dakika içinde yanıtlarız.",
        "Hello, we have your message and answer in about 60 minutes.",
    ]
    check(world)


def test_the_language_a_person_is_known_to_speak_goes_before_the_inboxs(ground: Ground) -> None:
    world = ground.begin(with_apps(AUTOMATIC))
    token = user_token(world, language="tr", phone="+905550000042")
    session(world, user_token=token)
    whatsapp(world, "Merhaba")  # the inbox is English
    world.pump()
    (told,) = automatic(world)
    assert told.startswith("Merhaba Zeynep")
    assert [one.language for one in world.conversations() if one.channel == "whatsapp"] == ["tr"]


def test_it_leaves_as_automatic_mail_in_the_thread(world: World) -> None:
    world.mail(message_id="<siparis@example.net>")
    world.pump()
    (call,) = world.providers.calls
    mail = message_from_bytes(b64decode(json.loads(call.body)["Content"]["Raw"]["Data"]))
    assert mail["auto-submitted"] == "auto-replied"
    assert mail["in-reply-to"] == "<siparis@example.net>"


def test_once_per_conversation_and_window(world: World) -> None:
    sms(world)
    sms(world, "Hello?")
    resolve(world)
    sms(world, "One more thing")
    assert len(automatic(world)) == 1, "what joins, and what reopens within the window, is not acknowledged again"
    resolve(world)
    world.pass_time(hours=25)
    sms(world, "And another")
    assert len(automatic(world)) == 2


def test_only_people_stop_the_clock_or_make_it_the_customers_turn(world: World) -> None:
    sms(world)
    (one,) = world.conversations()
    assert one.first_response.running
    assert (one.state, one.last_outbound_at) == (State.WAITING, None)
    world.come_in("ayse")
    world.pump()
    (one,) = world.conversations()
    assert (one.state, one.agent, one.last_outbound_at) == (State.ACTIVE, "ayse", None)
    world.reply(one.id)
    world.pump()
    (one,) = world.conversations()
    assert one.state is State.PENDING
    assert one.first_response.met


def test_the_agents_answer_leaves_after_it(world: World) -> None:
    world.come_in("ayse")
    world.sms()
    world.work("inbound")
    world.work("match")
    (one,) = world.conversations()
    world.reply(one.id, "Buyurun")
    world.pump()
    first, second = (parse_qs(call.body.decode())["Body"][0] for call in world.providers.calls)
    assert first.startswith("Hello")
    assert second == "Buyurun"
    check(world)


def test_on_friday_evening_it_says_monday_morning(world: World) -> None:
    world.now = FRIDAY_EVENING
    world.mail(sender="Deniz Kaya <deniz@example.net>")
    world.pump()
    sms(world)
    assert automatic(world) == [
        "Merhaba Deniz Kaya, şu an kapalıyız. Ekibimiz pazartesi günü saat 09:00 yeniden burada.",
        "We are closed and back on Monday at 09:00.",
    ]


def test_out_of_hours_is_said_once_while_it_is_closed(world: World) -> None:
    world.now = FRIDAY_EVENING
    sms(world)
    resolve(world)
    world.pass_time(hours=30)
    sms(world, "Nobody?")
    assert len(automatic(world)) == 1
    resolve(world)
    world.now = FRIDAY_EVENING + timedelta(days=3)
    sms(world, "Hello")
    assert automatic(world)[1:] == ["We are closed and back tomorrow at 09:00."]


def test_an_answer_that_cannot_come_today_is_not_promised_for_today(world: World) -> None:
    world.now = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)  # half an hour before they leave, and the target is an hour
    sms(world)
    assert automatic(world) == ["Hello, we have your message and answer on Monday from 09:00."]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"List-Id": "<news.example.net>", "Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X-Auto-Response-Suppress": "All", "Auto-Submitted": "auto-generated"},
    ],
)
def test_automatic_mail_gets_nothing(world: World, headers: dict[str, str]) -> None:
    world.mail(headers=headers)
    world.pump()
    assert automatic(world) == []


@pytest.mark.parametrize(
    "local",
    ["no-reply", "noreply", "no_reply+42", "donotreply", "cevapyok", "postmaster", "mailer-daemon", "bounces+1"],
)
def test_an_address_that_nobody_reads_gets_nothing(world: World, local: str) -> None:
    world.mail("Siparişiniz onaylandı", sender=f"{local}@magaza.example")
    world.pump()
    assert automatic(world) == []


def test_a_name_that_only_begins_like_one_is_a_persons(world: World) -> None:
    world.mail("Merhaba", sender="noriko@magaza.example")
    world.pump()
    assert len(automatic(world)) == 1


def test_who_may_be_forged_gets_nothing(world: World) -> None:
    world.mail(dmarc="FAIL")
    world.pump()
    assert automatic(world) == []


def test_a_name_that_is_more_than_a_name_is_not_repeated(world: World) -> None:
    world.mail(sender='"Win at www.evil.example" <deniz@example.net>')
    world.pump()
    assert automatic(world)[0].startswith("Merhaba, mesajınız")


def test_blocked_and_spam_people_get_nothing(world: World) -> None:
    sms(world)
    (one,) = world.conversations()
    path = f"/v1/conversations/{one.id}/spam"
    assert world.call("POST", path, {"block": True}, role="supervisor")[0] == 200
    world.pass_time(hours=30)
    sms(world, "Buy now")
    path = f"/v1/contacts/{one.contact}/unblock"
    assert world.call("POST", path, {}, role="supervisor")[0] == 200
    sms(world, "Buy now")
    assert len(automatic(world)) == 1, "one that was marked as spam reopens without a word"


def test_a_suppressed_address_gets_nothing(world: World) -> None:
    body = {"channel": "sms", "address": "+15550199", "reason": "asked us on the phone"}
    assert world.call("POST", "/v1/suppressions", body, role="supervisor")[0] == 201
    sms(world)
    assert automatic(world) == []


def test_two_santrals_that_answer_each_other_end_after_the_cap(world: World) -> None:
    """The other one answers each of ours with a text, and an eager agent resolves each conversation."""
    using(world, window_hours=0.001)
    heard = 0
    for number in range(20):
        sms(world, f"We have your message {number}")
        resolve(world)
        if len(automatic(world)) == heard:
            break
        heard = len(automatic(world))
    assert heard == 3
    world.pass_time(hours=25)
    sms(world, "Hello again")
    assert len(automatic(world)) == 4, "a day later it may be a person"
    check(world)


def test_a_robot_with_an_address_for_each_mail_ends_at_once(world: World) -> None:
    world.mail(sender="ticket+1@robot.example", message_id="<1@robot.example>")
    world.pump()
    (send,) = Seen.of(world).sends.values()
    world.mail(
        sender="ticket-2@robot.example",
        headers={"In-Reply-To": f"<{send.external_id}@{world.x.mail_host}>"},
    )
    world.pump()
    assert len(automatic(world)) == 1
    assert len(world.conversations()) == 2


def test_a_plus_in_the_address_is_no_other_sender(world: World) -> None:
    for number in range(6):
        world.mail(sender=f"robot+{number}@example.net")
        world.pump()
    assert len(automatic(world)) == 3


def test_who_writes_faster_than_anybody_can_is_not_answered(world: World) -> None:
    using(world, most=20, window_hours=0.0001)
    for number in range(16):
        world.sms(str(number + 100))
        world.pump()
        resolve(world)
        world.pass_time(seconds=2)
    assert len(automatic(world)) == 10
    world.pass_time(minutes=2)
    sms(world, "Back")
    assert len(automatic(world)) == 11


def test_without_automatic_answers_nothing_is_read_or_written_for_them(ground: Ground) -> None:
    from tests.kit.crash import watching

    counts = []
    for config in (None, AUTOMATIC):
        world = ground.begin(config)
        world.sms()
        batch = world.take("inbound")
        with watching(world) as watch:
            world.handle("inbound", batch)
        counts.append(watch.calls)
    plain, told = counts
    assert plain == ["batch_get_item", "transact_write_items", "send_message"]
    assert told == ["batch_get_item", "get_item", "get_item", "transact_write_items", "send_message", "send_message"]


# --- STOP, START, HELP ---------------------------------------------------------------------------------------------


def answered(world: World) -> str:
    """An agent's conversation with a customer by SMS; its id."""
    world.come_in("ayse")
    sms(world)
    (one,) = world.conversations()
    world.reply(one.id, "On its way")
    world.pump()
    world.pass_time(seconds=20)
    return str(one.id)


def replied(world: World, conversation: str) -> tuple[int, str]:
    body = {"text": "Anything else?"}
    status, answer = world.call("POST", f"/v1/conversations/{conversation}/replies", body)
    return status, answer.get("detail", "")


def history(world: World, conversation: str) -> list[str]:
    return [entry["what"] for entry in Seen.of(world).history[conversation] if entry["what"].startswith("opted")]


def test_stop_is_kept_shown_and_confirmed_once(world: World) -> None:
    conversation = answered(world)
    before = len(automatic(world))
    sms(world, "RET")
    sms(world, "İptal")
    assert automatic(world)[before:] == [
        "default: you will get no more messages from us here. Write START to hear from us again."
    ]
    assert history(world, conversation) == ["opted_out", "opted_out"]
    status, why = replied(world, conversation)
    assert status == 409
    assert "the customer asked to stop" in why
    check(world)


def test_twilio_has_answered_its_own_words_already(world: World) -> None:
    conversation = answered(world)
    before = len(automatic(world))
    sms(world, "STOP")
    assert automatic(world)[before:] == []
    assert replied(world, conversation)[0] == 409


def test_writing_again_is_no_consent_and_start_is(world: World) -> None:
    conversation = answered(world)
    sms(world, "RET")
    sms(world, "Is it there yet?")
    assert replied(world, conversation)[0] == 409
    sms(world, "BAŞLAT")
    assert history(world, conversation) == ["opted_out", "opted_in"]
    assert automatic(world)[-1].startswith("default: we may write to you here again.")
    assert replied(world, conversation)[0] == 200
    world.pump()
    check(world)


def test_help_says_who_we_are_and_how_to_stop(world: World) -> None:
    sms(world, "YARDIM")
    (text,) = automatic(world)
    assert text.startswith("default: ")
    assert "STOP" in text
    (one,) = world.conversations()
    assert one.state is State.WAITING, "somebody may be needed all the same"


def test_a_stop_that_begins_a_conversation_waits_for_nobody(world: World) -> None:
    sms(world, "RET")
    (one,) = world.conversations()
    assert (one.state, one.first_response, history(world, one.id)) == (State.RESOLVED, None, ["opted_out"])
    (message, _), *_ = Seen.of(world).inbound.values()
    assert message.kind is Kind.MESSAGE
    check(world)


def test_start_where_nothing_was_stopped_is_a_message_like_any_other(world: World) -> None:
    sms(world, "Start")
    (one,) = world.conversations()
    assert one.state is State.WAITING
    assert len(automatic(world)) == 1


def test_stop_means_nothing_by_mail(world: World) -> None:
    world.mail("Stop")
    world.pump()
    (one,) = world.conversations()
    assert one.state is State.WAITING
    assert world.items("SUP#") == []


def test_the_companys_own_words_confirm_where_it_has_some(world: World) -> None:
    using(world, stopped={"en": "Done. {company} is silent now."})
    sms(world, "RET")
    assert automatic(world) == ["Done. default is silent now."]


def test_what_was_held_back_does_not_leave_after_a_stop(world: World) -> None:
    conversation = answered(world)
    world.providers.answer = lambda _: _status(429)
    world.reply(conversation, "And another thing")
    world.pump()
    world.providers.answer = None
    sms(world, "STOP")
    left = len(world.providers.left)
    world.pass_time(minutes=5)
    world.ring()
    world.pump(sweep_too=True)
    assert len(world.providers.left) == left
    status, parked = world.call("GET", "/v1/parked", role="supervisor")
    assert status == 200
    assert ["the customer asked to stop" in row["reason"] for row in parked["parked"]] == [True]


def _status(status: int) -> Any:
    from tests.kit.crash import provider_says

    return provider_says(status)


# --- what a provider reports ---------------------------------------------------------------------------------------


def report(world: World, status: str, **more: Any) -> None:
    """A provider's word on the newest answer by mail."""
    from router.messages import ChannelName, Provider, Receipt, ReceiptStatus

    send = max(Seen.of(world).sends.values(), key=lambda one: one.message.cursor)
    receipt = Receipt(
        id=f"r_{world.serial()}", channel=ChannelName.EMAIL, provider=Provider.SES, inbox="destek",
        status=ReceiptStatus(status), provider_status=status, send_id=send.id, at=world.now, received_at=world.now, **more,
    )  # fmt: skip
    world.x.queues.send([reported(world.x.key, receipt)], world.now)
    world.pump()


@pytest.mark.parametrize(
    ("status", "permanent", "source"),
    [("complained", None, "complaint"), ("bounced", True, "bounce"), ("bounced", False, None), ("failed", True, None)],
)
def test_complaints_and_dead_addresses_are_suppressed(
    world: World, status: str, permanent: bool | None, source: str | None
) -> None:
    world.come_in("ayse")
    world.mail()
    world.pump()
    (one,) = world.conversations()
    world.reply(one.id)
    world.pump()
    report(world, status, permanent=permanent)
    stopped = world.x.table.suppression("email", "musteri@example.net")
    assert (stopped.source if stopped is not None else None) == source
    assert replied(world, one.id)[0] == (200 if source is None else 409)
    world.pump()
    check(world)


def test_a_mail_that_bounced_for_good_is_still_listed_for_a_person(world: World) -> None:
    world.come_in("ayse")
    world.mail()
    world.pump()
    (one,) = world.conversations()
    world.reply(one.id)
    world.pump()
    report(world, "bounced", permanent=True)
    _, parked = world.call("GET", "/v1/parked", role="supervisor")
    assert len(parked["parked"]) == 1
