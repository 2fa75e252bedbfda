"""What a provider's no comes to: what is refused goes elsewhere and can be answered there, and our own mistakes lose nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from router.aws.conversations import Conversations
from router.conversations import Conversation
from router.sends import MAX_ATTEMPTS, Send
from router.wire import HttpRequest, HttpResponse
from tests.kit.crash import Ground
from tests.kit.promises import Seen, check
from tests.kit.users import whatsapp, with_apps
from tests.kit.world import CONFIG, World
from tests.promises.test_one_person import contact, join, open_ones, sms_contact

CHOICES = {
    "text": "Ne yapalım?",
    "options": [{"title": "İade", "payload": "iade"}, {"title": "Değişim", "payload": "degisim"}],
}
UNREACHABLE = HttpResponse(400, {}, json.dumps({"error": {"code": 131026}}).encode())


def by_sms_and_whatsapp(ground: Ground) -> tuple[World, Conversation]:
    """One person whose last word came by WhatsApp; SMS comes first among the channels to fall back on."""
    world = ground.begin(with_apps(CONFIG))
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    world.pass_time(seconds=5)
    whatsapp(world, "Buradan yazıyorum")
    world.pump()
    join(world, contact(world, "whatsapp", "+905550000042"), sms_contact(world))
    world.pump()
    (one,) = open_ones(world)
    return world, one


def asks(world: World, one: Conversation) -> None:
    status, body = world.call("POST", f"/v1/conversations/{one.id}/replies", CHOICES)
    assert status == 200, body


def refuses_whatsapp(world: World, answer: HttpResponse = UNREACHABLE) -> None:
    world.providers.answer = lambda request: answer if "graph" in request.url else world.providers.take(request)


def chosen(world: World, one: Conversation) -> tuple[str, str | None]:
    """What the customer's last message by SMS is, and which choice it stands for."""
    world.pass_time(seconds=5)
    world.sms("2")
    world.pump()
    (*_, last) = world.x.table.thread(one, limit=50)
    assert not isinstance(last, Send)
    return str(last.kind), last.payload


def test_choices_that_one_channel_refused_can_be_answered_by_their_number_on_the_other(ground: Ground) -> None:
    world, one = by_sms_and_whatsapp(ground)
    refuses_whatsapp(world)
    asks(world, one)
    world.pump()
    assert "2.+De" in world.providers.calls[-1].body.decode()
    assert chosen(world, one) == ("postback", "degisim")
    world.pump(sweep_too=True)
    check(world)


def test_choices_that_were_lost_on_their_way_can_be_answered_too(ground: Ground) -> None:
    world, one = by_sms_and_whatsapp(ground)
    asks(world, one)
    world.pump()
    (send,) = Seen.of(world).sends.values()
    failed_later(world, send)
    assert chosen(world, one) == ("postback", "degisim")
    world.pump(sweep_too=True)
    check(world)


def failed_later(world: World, send: Send) -> None:
    """Meta's word, signed, that a message did not arrive."""
    from tests.kit.meta import call
    from tests.kit.users import NUMBER

    status = {
        "id": send.external_id, "status": "failed", "timestamp": str(int(world.now.timestamp())), "recipient_id": "905550000042",
        "biz_opaque_callback_data": send.id, "errors": [{"code": 131026}],
    }  # fmt: skip
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100", "phone_number_id": NUMBER},
        "statuses": [status],
    }
    payload = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "204", "changes": [{"field": "messages", "value": value}]}],
    }
    assert call(world, "whatsapp", "whatsapp", payload)["statusCode"] == 200
    world.pump()


def test_somebody_who_changes_the_conversation_meanwhile_stops_neither_the_failure_nor_the_list(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, one = by_sms_and_whatsapp(ground)
    refuses_whatsapp(world)
    asks(world, one)
    standing, met = Conversations.standing, list[str]()

    def meanwhile(self: Any, conversation_id: str) -> Conversation | None:
        found = standing(self, conversation_id)
        if any("graph" in call.url for call in world.providers.calls) and not met:
            met.append(conversation_id)
            assert world.call("POST", f"/v1/conversations/{one.id}/tags", {"add": ["acil"], "remove": []})[0] == 200
        return found

    monkeypatch.setattr(Conversations, "standing", meanwhile)
    world.pump()
    assert met
    assert sorted(str(send.state) for send in Seen.of(world).sends.values()) == ["failed", "sent"]
    assert chosen(world, one) == ("postback", "degisim")
    assert open_ones(world)[0].tags == ("acil",)


REFUSED = {
    "sms": HttpResponse(401, {}, b'{"code": 20003}'),
    "whatsapp": HttpResponse(401, {}, b'{"error": {"code": 190, "type": "OAuthException"}}'),
    "email": HttpResponse(403, {"x-amzn-errortype": "AccessDeniedException"}, b"{}"),
}


@pytest.mark.parametrize("channel", REFUSED)
def test_what_our_wrong_credentials_held_leaves_once_they_are_mended_and_counts_as_no_failure(
    ground: Ground, channel: str
) -> None:
    world = ground.begin(with_apps(CONFIG))
    world.come_in("ayse")
    writes(world, channel)
    world.pump()
    (one,) = open_ones(world)
    world.providers.answer = lambda _: REFUSED[channel]
    for text in ("Bir", "İki"):
        world.pass_time(seconds=1)
        world.reply(one.id, text)
    minutes = 5 * (MAX_ATTEMPTS + 2)
    for _ in range(minutes):
        world.pump(sweep_too=True)
        world.ring()
        world.pass_time(seconds=4)
    sends = list(Seen.of(world).sends.values())
    assert {str(send.state) for send in sends} == {"queued"}
    assert world.counts["CredentialsRefused"] > MAX_ATTEMPTS
    assert len(world.providers.calls) <= minutes / 5 + 1  # one call tells that they are still wrong
    world.providers.answer = lambda _: HttpResponse(429, {}, b"{}")  # mended, and busy at once
    wait(world, minutes=6)
    assert {str(send.state) for send in Seen.of(world).sends.values()} == {"queued"}
    world.providers.answer = None
    wait(world, minutes=12)
    assert [str(send.state) for send in Seen.of(world).sends.values()] == ["sent", "sent"]
    assert world.providers.left == [send.id for send in sorted(sends, key=lambda send: send.message.cursor)]
    check(world)


def writes(world: World, channel: str) -> None:
    if channel == "sms":
        world.sms("Merhaba")
    elif channel == "whatsapp":
        whatsapp(world, "Merhaba")
    else:
        world.mail("Merhaba")


def wait(world: World, minutes: int) -> None:
    for _ in range(minutes):
        world.pump(sweep_too=True)
        world.ring()
        world.pump()
        world.pass_time(seconds=4)


def test_a_parked_answer_that_a_person_sends_again_has_all_its_attempts(ground: Ground) -> None:
    world = ground.begin(CONFIG)
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    (one,) = open_ones(world)

    def busy(_: HttpRequest) -> HttpResponse:
        return HttpResponse(429, {}, b'{"code": 20429}')

    world.providers.answer = busy
    send = world.reply(one.id)["message"]["id"]
    world.pump()
    for _ in range(MAX_ATTEMPTS):
        world.pass_time(hours=19)
        wait(world, minutes=1)
    assert str(Seen.of(world).sends[send].state) == "parked"
    status, body = world.call("POST", f"/v1/parked/{send}/resend", {}, role="supervisor")
    assert status == 200, body
    world.pump()
    assert str(Seen.of(world).sends[send].state) == "queued"
    check(world)


def answers(world: World, one: Conversation, text: str = "Yolda") -> int:
    return int(world.call("POST", f"/v1/conversations/{one.id}/replies", {"text": text})[0])


def by_sms(ground: Ground) -> tuple[World, Conversation]:
    world = ground.begin(CONFIG)
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    (one,) = open_ones(world)
    return world, one


def refused_once(world: World, one: Conversation, code: int) -> None:
    world.pass_time(seconds=5)
    world.providers.answer = lambda _: HttpResponse(400, {}, json.dumps({"code": code}).encode())
    assert answers(world, one) == 200
    world.pump()
    world.providers.answer = None


def test_who_writes_from_an_address_that_was_dead_can_be_answered_again(ground: Ground) -> None:
    world, one = by_sms(ground)
    refused_once(world, one, 21614)
    assert answers(world, one) == 409
    world.pass_time(minutes=2)
    world.sms("Yeniden buradayım")
    world.pump()
    world.providers.answer = lambda _: HttpResponse(429, {}, b'{"code": 20429}')
    assert answers(world, one) == 200
    world.pump()
    world.providers.answer = None
    wait(world, minutes=3)  # long enough for a look at what was stopped meanwhile
    assert sorted(str(send.state) for send in Seen.of(world).sends.values()) == ["failed", "sent"]
    check(world)


def test_who_told_the_provider_to_stop_cannot_until_they_say_start(ground: Ground) -> None:
    world, one = by_sms(ground)
    refused_once(world, one, 21610)
    world.pass_time(minutes=2)
    world.sms("Bir sorum daha var")
    world.pump()
    assert answers(world, one) == 409
    world.pass_time(seconds=5)
    world.sms("START")
    world.pump()
    assert answers(world, one) == 200


def test_who_stopped_marketing_at_whatsapp_has_declined_it_and_still_gets_answers(ground: Ground) -> None:
    world = ground.begin(with_apps(CONFIG))
    world.come_in("ayse")
    whatsapp(world, "Merhaba")
    world.pump()
    (one,) = open_ones(world)
    refuses_whatsapp(world, HttpResponse(400, {}, json.dumps({"error": {"code": 131050}}).encode()))
    assert answers(world, one) == 200
    world.pump()
    assert [(one.given, str(one.how)) for one in Seen.of(world).consents.values()] == [(False, "provider")]
    world.providers.answer = None
    world.pass_time(seconds=5)
    assert answers(world, one) == 200
    world.pump()
    assert sorted(str(send.state) for send in Seen.of(world).sends.values()) == ["failed", "sent"]


def test_a_number_that_turns_out_dead_on_the_way_gets_nothing_more(ground: Ground) -> None:
    world, one = by_sms(ground)
    assert answers(world, one) == 200
    world.pump()
    (send,) = Seen.of(world).sends.values()
    fields = {
        "MessageSid": str(send.external_id),
        "MessageStatus": "undelivered",
        "ErrorCode": "30005",
        "To": "+15550199",
    }
    world.webhook("twilio", "sms", fields, query=f"send={send.id}")
    world.pump()
    assert answers(world, one) == 409
    check(world)


def test_a_phone_that_was_only_off_may_be_written_to_again(ground: Ground) -> None:
    world, one = by_sms(ground)
    assert answers(world, one) == 200
    world.pump()
    (send,) = Seen.of(world).sends.values()
    fields = {
        "MessageSid": str(send.external_id),
        "MessageStatus": "undelivered",
        "ErrorCode": "30003",
        "To": "+15550199",
    }
    world.webhook("twilio", "sms", fields, query=f"send={send.id}")
    world.pump()
    assert answers(world, one) == 200


@pytest.mark.parametrize("typed", ["2", " 2. ", "2)", "(2)", "#2", "2\ufe0f\u20e3", "2!"])
def test_the_number_of_a_choice_is_understood_however_it_is_typed(ground: Ground, typed: str) -> None:
    world, one = by_sms(ground)
    asks(world, one)
    world.pump()
    world.pass_time(seconds=5)
    world.sms(typed)
    world.pump()
    (*_, last) = world.x.table.thread(one, limit=50)
    assert not isinstance(last, Send)
    assert (str(last.kind), last.payload) == ("postback", "degisim")


@pytest.mark.parametrize("typed", ["0", "3", "22", "2 tane", "²", "-", "2 1"])
def test_what_is_no_number_of_a_choice_stays_a_message(ground: Ground, typed: str) -> None:
    world, one = by_sms(ground)
    asks(world, one)
    world.pump()
    world.pass_time(seconds=5)
    world.sms(typed)
    world.pump()
    (*_, last) = world.x.table.thread(one, limit=50)
    assert not isinstance(last, Send)
    assert (str(last.kind), last.payload) == ("message", None)
