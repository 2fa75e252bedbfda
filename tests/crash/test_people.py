"""Joining and parting people, stopped at each of their calls; and what goes by another channel when one refuses it."""

from typing import Any

import pytest

from router.sends import SendState
from router.wire import HttpRequest, HttpResponse
from tests.kit.crash import MODES, Act, Ground, Scenario
from tests.kit.promises import Seen
from tests.kit.world import World
from tests.promises.test_one_person import mail_contact, open_ones, sms_contact, texts, two_channels

REFUSED = b'{"code": 21610, "message": "opted out"}'


def apart(world: World) -> str:
    """By mail and by SMS, as two people; Ayşe has both conversations."""
    two_channels(world, agents=("ayse",))
    return mail_contact(world)


def joined(world: World) -> str:
    """One person, who has written by both since."""
    contact = apart(world)
    world.call("POST", f"/v1/contacts/{contact}/join", {"contact": sms_contact(world)})
    world.pass_time(seconds=5)
    world.sms("Bu gizli")
    world.pump()
    return contact


def acts(verb: str) -> Act:
    """The SMS contact is joined to, or parted from, the mail contact; the page repeats until it is told that it is done."""

    def act(world: World, contact: str) -> bool:
        body = {"contact": sms_contact(world)}
        status, _ = world.call("POST", f"/v1/contacts/{contact}/{verb}", body, key="once")
        return status in (200, 409)

    return act


def an_sms_meanwhile(world: World, _: Any) -> bool:
    """The customer writes while their people are joined or parted."""
    world.sms("Bir de bu")
    world.work("inbound")
    return True


def a_tag_meanwhile(world: World, _: Any) -> bool:
    """A tag changes the conversation while the answer leaves."""
    (one,) = open_ones(world)
    return world.call("POST", f"/v1/conversations/{one.id}/tags", {"add": ["acil"], "remove": []}, key="tag")[0] == 200


def one_thread(world: World, _: Any) -> None:
    (one,) = open_ones(world)
    found = texts(world, one.id)
    assert {"Siparişim nerede?", "Mailime bakar mısınız?"} <= set(found)
    assert len(found) == len(Seen.of(world).inbound)


def two_threads(world: World, contact: str) -> None:
    mine, theirs = (next(c for c in open_ones(world) if c.contact == who) for who in (contact, sms_contact(world)))
    assert texts(world, mine.id) == ["Siparişim nerede?"]
    assert set(texts(world, theirs.id)) - {"Bir de bu"} == {"Mailime bakar mısınız?", "Bu gizli"}


def answered_by_sms(world: World) -> None:
    """A joined person is answered by SMS, which Twilio refuses for good; Ayşe's answer waits to leave."""
    joined(world)
    (one,) = open_ones(world)
    world.reply(one.id, "Yola çıktı")

    def refuses(request: HttpRequest) -> HttpResponse:
        if "twilio" in request.url:
            return HttpResponse(400, {}, REFUSED)
        return world.providers.take(request)

    world.providers.answer = refuses


def by_mail_instead(world: World, _: Any) -> None:
    sends = sorted(Seen.of(world).sends.values(), key=lambda send: str(send.message.channel))
    if [s.state for s in sends] == [SendState.PARKED]:
        return  # nobody knows what became of the attempt: a person decides, and nothing goes elsewhere
    assert [(str(s.message.channel), s.message.text) for s in sends] == [("email", "Yola çıktı"), ("sms", "Yola çıktı")]
    assert [s.state for s in sends] in ([SendState.SENT, SendState.FAILED], [SendState.PARKED, SendState.FAILED])
    assert len([left for left in world.providers.left if left == sends[0].id]) <= 1


def failed_later(world: World) -> None:
    """The SMS left, and Twilio's word that it was not delivered waits to be recorded."""
    joined(world)
    (one,) = open_ones(world)
    world.reply(one.id, "Yola çıktı")
    world.pump()
    (send,) = Seen.of(world).sends.values()
    fields = {
        "MessageSid": str(send.external_id),
        "MessageStatus": "undelivered",
        "ErrorCode": "30005",
        "To": "+15550199",
        "From": "+15550100",
    }
    world.webhook("twilio", "sms", fields, query=f"send={send.id}")


def mailed_after_all(world: World, _: Any) -> None:
    sends = sorted(Seen.of(world).sends.values(), key=lambda send: str(send.message.channel))
    assert [str(s.message.channel) for s in sends] == ["email", "sms"]
    assert sends[1].shown == "failed"
    assert sends[0].state in (SendState.SENT, SendState.PARKED)


def asked_by_sms(world: World) -> None:
    """A choice by SMS waits to leave, which Twilio refuses for good, and the customer has written once more since."""
    answered_by_sms(world)
    (one,) = open_ones(world)
    body = {"text": "Onaylıyor musunuz?", "options": [{"title": "Evet", "payload": "evet"}, {"title": "Hayır"}]}
    assert world.call("POST", f"/v1/conversations/{one.id}/replies", body)[0] == 200
    world.pass_time(seconds=5)
    world.sms("Bir saniye")
    world.work("inbound")


def numbered_by_mail(world: World, _: Any) -> None:
    sends = [send for send in Seen.of(world).sends.values() if str(send.message.channel) == "email"]
    asked = [send for send in sends if "2. Hayır" in send.message.text]
    assert len(asked) <= 1
    (one,) = open_ones(world)
    assert one.options == (("evet", "Hayır") if asked else ())


def nobody_wrote(world: World) -> None:
    """Ayşe is in, and writes first."""
    world.come_in("ayse")


def writes_first(world: World, _: Any) -> bool:
    """The page repeats until it is told that it is done."""
    body = {"inbox": "sms", "address": "+15550199", "text": "Siparişiniz hazır"}
    return world.call("POST", "/v1/conversations", body, key="once")[0] == 200


def begun_once(world: World, _: Any) -> None:
    (one,) = world.conversations()
    assert one.agent == "ayse"
    assert texts(world, one.id) == ["Siparişiniz hazır"]


SCENARIOS = [
    Scenario("conversations.start", nobody_wrote, begun_once, writes_first),
    Scenario("contacts.join", apart, one_thread, acts("join")),
    Scenario("contacts.separate", joined, two_threads, acts("separate")),
    Scenario("deliver.instead", answered_by_sms, by_mail_instead, queue="outbound"),
    Scenario("deliver.instead, a numbered list", asked_by_sms, numbered_by_mail, queue="outbound"),
    Scenario("receipt.instead", failed_later, mailed_after_all, queue="inbound"),
]


MEANWHILE = [
    Scenario(
        "deliver.instead, a tag meanwhile", asked_by_sms, numbered_by_mail, queue="outbound", other=a_tag_meanwhile
    ),
    Scenario("contacts.join, a message meanwhile", apart, one_thread, acts("join"), other=an_sms_meanwhile),
    Scenario("contacts.separate, a message meanwhile", joined, two_threads, acts("separate"), other=an_sms_meanwhile),
]


@pytest.mark.parametrize("scenario", MEANWHILE, ids=lambda scenario: scenario.name)
def test_what_is_written_meanwhile_is_with_whom_it_belongs(ground: Ground, scenario: Scenario) -> None:
    ground.run(scenario, "pause")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_people_survive(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
