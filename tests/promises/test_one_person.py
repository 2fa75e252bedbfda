"""One person behind several addresses: joined, one thread; joined wrongly, taken apart with nothing of one left with the other."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from router.conversations import Conversation, State
from router.ids import contact_id
from router.messages import Kind, Message
from router.route import route
from tests.kit.crash import Ground
from tests.kit.meta import call
from tests.kit.promises import check
from tests.kit.users import NUMBER, whatsapp, with_apps
from tests.kit.world import CONFIG, World


def contact(world: World, channel: str, address: str, *, proved: bool = True) -> str:
    return contact_id(world.x.key, channel, address, proved=proved)


def sms_contact(world: World) -> str:
    return contact(world, "sms", "+15550199")


def mail_contact(world: World) -> str:
    return contact(world, "email", "musteri@example.net")


def open_ones(world: World) -> list[Conversation]:
    return [c for c in world.conversations() if not c.state.done]


def texts(world: World, conversation: str) -> list[str]:
    status, body = world.call("GET", f"/v1/conversations/{conversation}")
    assert status == 200, body
    return [message["text"].strip() for message in body["messages"]]


def join(world: World, a: str, b: str, **how: Any) -> dict[str, Any]:
    status, body = world.call("POST", f"/v1/contacts/{a}/join", {"contact": b}, **how)
    assert status == 200, body
    return body


def separate(world: World, a: str, b: str) -> dict[str, Any]:
    status, body = world.call("POST", f"/v1/contacts/{a}/separate", {"contact": b})
    assert status == 200, body
    return body


def two_channels(world: World, *, agents: tuple[str, ...] = ()) -> None:
    """The same customer by mail and by SMS, as two people."""
    if agents:
        world.come_in(*agents)
    world.mail("Siparişim nerede?")
    world.pump()
    world.pass_time(seconds=30)
    world.sms("Mailime bakar mısınız?")
    world.pump()


def test_two_open_conversations_of_one_person_become_one(world: World) -> None:
    two_channels(world)
    body = join(world, mail_contact(world), sms_contact(world))
    assert [i["channel"] for i in body["identities"]] == ["email", "sms"]
    (one,) = open_ones(world)
    assert one.contact == mail_contact(world)
    assert texts(world, one.id) == ["Siparişim nerede?", "Mailime bakar mısınız?"]
    assert [w.channel for w in one.ways] == ["sms", "email"]
    world.pump(sweep_too=True)
    check(world)


def test_it_goes_on_when_the_customer_changes_channel_and_the_answer_goes_where_they_wrote_last(world: World) -> None:
    two_channels(world, agents=("ayse",))
    join(world, mail_contact(world), sms_contact(world))
    (one,) = open_ones(world)
    assert one.agent == "ayse"
    world.pass_time(seconds=5)
    world.sms("Hâlâ bekliyorum")
    world.pump()
    (one,) = open_ones(world)
    assert texts(world, one.id)[-1] == "Hâlâ bekliyorum"
    world.reply(one.id, "Yola çıktı")
    world.pump()
    assert "twilio" in world.providers.calls[-1].url
    world.pass_time(seconds=5)
    world.mail("Teşekkürler")
    world.pump()
    world.reply(one.id, "Rica ederiz")
    world.pump()
    assert "twilio" not in world.providers.calls[-1].url
    check(world)


def test_an_agent_of_each_and_only_one_stays(world: World) -> None:
    world.come_in("ayse")
    world.mail("Siparişim nerede?")
    world.pump()
    world.call("POST", "/v1/agents/ayse/presence", {"presence": "away"})
    world.come_in("mehmet")
    world.sms("Mailime bakar mısınız?")
    world.pump()
    assert {c.agent for c in open_ones(world)} == {"ayse", "mehmet"}
    join(world, mail_contact(world), sms_contact(world))
    (one,) = open_ones(world)
    assert one.agent == "ayse"
    free = {name: world.x.table.load("main", name) for name in ("ayse", "mehmet")}
    assert [load.free for load in free.values() if load is not None] == [6, 12]
    world.pump(sweep_too=True)
    check(world)


def test_who_has_no_conversation_yet_takes_over_the_others_as_it_stands(world: World) -> None:
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    (before,) = open_ones(world)
    world.call("POST", f"/v1/conversations/{before.id}/resolve", {})
    world.pump()
    world.mail("Yeni konu")
    world.pump()
    join(world, sms_contact(world), mail_contact(world))
    (one,) = open_ones(world)
    assert (one.contact, one.number, one.agent, one.state) == (sms_contact(world), 2, "ayse", State.ACTIVE)
    assert texts(world, one.id) == ["Yeni konu"]
    world.pump(sweep_too=True)
    check(world)


def test_what_was_done_before_is_shown_with_the_person_too(world: World) -> None:
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    (done,) = open_ones(world)
    world.call("POST", f"/v1/conversations/{done.id}/resolve", {})
    world.mail("Yeni konu")
    world.pump()
    join(world, mail_contact(world), sms_contact(world))
    (open_,) = open_ones(world)
    _, person = world.call("GET", f"/v1/contacts/{mail_contact(world)}")
    assert {c["id"] for c in person["conversations"]} == {done.id, open_.id}
    for who in (mail_contact(world), sms_contact(world)):
        _, listed = world.call("GET", "/v1/conversations", query=f"contact={who}&state=resolved")
        assert [c["id"] for c in listed["conversations"]] == [done.id]
        _, listed = world.call("GET", "/v1/conversations", query=f"contact={who}")
        assert [c["id"] for c in listed["conversations"]] == [open_.id]


def test_joined_twice_is_joined_once_and_a_circle_is_refused(world: World) -> None:
    two_channels(world)
    join(world, mail_contact(world), sms_contact(world), key="one")
    join(world, mail_contact(world), sms_contact(world), key="one")
    status, body = world.call("POST", f"/v1/contacts/{sms_contact(world)}/join", {"contact": mail_contact(world)})
    assert (status, body["title"]) == (409, "Conflict")
    world.pump(sweep_too=True)
    check(world)


def test_a_join_that_was_wrong_is_undone_with_nothing_of_one_left_with_the_other(world: World) -> None:
    two_channels(world, agents=("ayse",))
    a, b = mail_contact(world), sms_contact(world)
    join(world, a, b)
    (one,) = open_ones(world)
    world.pass_time(seconds=10)
    world.sms("Bu gizli")
    world.pump()
    world.reply(one.id, "Cevap SMS ile")
    world.pump()
    world.pass_time(seconds=5)
    world.mail("Ben başkasıyım")
    world.pump()
    assert len(texts(world, one.id)) == 5
    separate(world, a, b)
    world.pump(sweep_too=True)
    mine, theirs = (next(c for c in open_ones(world) if c.contact == who) for who in (a, b))
    assert texts(world, mine.id) == ["Siparişim nerede?", "Ben başkasıyım"]
    assert texts(world, theirs.id) == ["Mailime bakar mısınız?", "Bu gizli", "Cevap SMS ile"]
    world.sms("Yine ben")
    world.pump()
    assert texts(world, theirs.id)[-1] == "Yine ben"
    assert "Yine ben" not in texts(world, mine.id)
    check(world)


def test_what_somebody_wrote_only_since_they_were_joined_goes_with_them(world: World) -> None:
    world.mail("Ben Ali", sender="ali@example.net")
    world.mail("Ben Veli, başka markada", sender="veli@example.net", to="help@shop.example")
    world.pump()
    ali, veli = contact(world, "email", "ali@example.net"), contact(world, "email", "veli@example.net")
    join(world, ali, veli)
    world.pass_time(seconds=5)
    world.mail("Veli burada da", sender="veli@example.net")
    world.pump()
    joint = next(c for c in open_ones(world) if c.contact == ali and c.group == "default")
    assert texts(world, joint.id) == ["Ben Ali", "Veli burada da"]
    separate(world, ali, veli)
    mine = next(c for c in open_ones(world) if c.contact == ali and c.group == "default")
    theirs = next(c for c in open_ones(world) if c.contact == veli and c.group == "default")
    assert texts(world, mine.id) == ["Ben Ali"]
    assert texts(world, theirs.id) == ["Veli burada da"]
    world.pump(sweep_too=True)
    check(world)


def test_p10_parted_people_keep_nothing_of_each_other_in_line_subject_or_mail(world: World) -> None:
    world.mail("Ben Ali", sender="Ali <ali@example.net>", subject="Ali'nin siparişi")
    world.pump()
    world.pass_time(seconds=5)
    world.mail("Ben Veli, kart numaram 4111", sender="Veli <veli@example.net>", subject="Veli'nin kartı")
    world.pump()
    ali, veli = contact(world, "email", "ali@example.net"), contact(world, "email", "veli@example.net")
    join(world, ali, veli)
    world.pass_time(seconds=5)
    world.mail("Yine Veli", sender="Veli <veli@example.net>", subject="Gizli", message_id="<veli-2@example.net>")
    world.pump()
    separate(world, ali, veli)
    mine, theirs = (next(c for c in open_ones(world) if c.contact == who) for who in (ali, veli))
    assert (mine.name, mine.subject, mine.preview) == ("Ali", "Ali'nin siparişi", "Ben Ali")
    assert (theirs.name, theirs.subject, theirs.preview) == ("Veli", "Veli'nin kartı", "Yine Veli")
    assert "veli-2@example.net" not in str((mine.references, mine.last_inbound_wire))
    assert "veli-2@example.net" in str(theirs.references)
    world.come_in("ayse")
    world.pump()
    world.reply(mine.id, "Merhaba Ali")
    world.pump()
    sent = base64.b64decode(json.loads(world.providers.calls[-1].body)["Content"]["Raw"]["Data"]).decode()
    assert "ali@example.net" in sent
    assert "veli" not in sent.lower()
    check(world)


def test_p10_a_joined_persons_chat_shows_nothing_of_their_other_channels(world: World) -> None:
    connection = world.open_chat()
    world.frame(connection, {"type": "message", "id": "c1", "text": "Merhaba"})
    world.pump()
    world.mail("Gizli bilgi")
    world.pump()
    chat = contact(world, "webchat", "ziyaretci1")
    join(world, mail_contact(world), chat)
    (pages,) = world.frame(connection, {"type": "resume", "after": None})
    assert [m["text"] for m in pages["messages"]] == ["Merhaba"]


def test_a_person_met_in_one_brand_only_is_routed_to_who_they_are_now_in_another(world: World) -> None:
    two_channels(world)
    join(world, mail_contact(world), sms_contact(world))
    world.mail("Başka marka", sender="musteri@example.net", to="help@shop.example")
    world.pump()
    assert {c.contact for c in open_ones(world)} == {mail_contact(world)}
    check(world)


def test_p11_a_message_that_was_taken_back_is_gone_from_the_list_too(ground: Ground) -> None:
    world = ground.begin(with_apps(CONFIG))
    whatsapp(world, "Kart numaram 4111")
    world.pump()
    (before,) = world.conversations()
    assert before.preview == "Kart numaram 4111"
    (stored,) = world.x.table.messages(before.id)
    assert isinstance(stored, Message)
    taken = stored.model_copy(
        update={
            "id": "m_taken_back",
            "kind": Kind.DELETION,
            "refers_to": stored.external_id,
            "text": "",
            "external_id": None,
        }
    )
    route(world.x, taken)
    (after,) = world.conversations()
    assert after.preview == ""
    assert texts(world, after.id) == ["", ""]


def test_what_was_merged_twice_is_still_answered_where_it_stands(world: World) -> None:
    world.come_in("ayse")
    world.sms("Ben")
    world.pump()
    (first,) = open_ones(world)
    for number, sender in enumerate(("iki@example.net", "uc@example.net")):
        world.pass_time(seconds=5)
        world.mail(f"Yine ben {number}", sender=sender)
        world.pump()
    two, three = (contact(world, "email", sender) for sender in ("iki@example.net", "uc@example.net"))
    join(world, two, sms_contact(world))
    join(world, three, two)
    world.pass_time(seconds=5)
    (one,) = open_ones(world)
    status, body = world.call("POST", f"/v1/conversations/{first.id}/replies", {"text": "Buradayız"}, role="supervisor")
    assert (status, body["conversation"]["id"]) == (200, one.id)
    assert texts(world, one.id) == ["Ben", "Yine ben 0", "Yine ben 1", "Buradayız"]
    world.pump(sweep_too=True)
    check(world)


WITHDRAWN: dict[str, dict[str, Any]] = {
    "whatsapp": {"type": "revoke", "revoke": {"original_message_id": "wamid.1"}, "id": "wamid.2"},
    "instagram": {"message": {"mid": "aWdfZAG1.1", "is_deleted": True}},
}


def app(channel: str, account: str, settings: dict[str, Any]) -> dict[str, Any]:
    """A configuration with one inbox more, of Meta's."""
    inbox = {
        "name": channel, "channel": channel, "address": account, "queue": "genel", "secret": "meta", "settings": settings,
    }  # fmt: skip
    return {**CONFIG, "version": f"{channel}-1", "inboxes": [*CONFIG["inboxes"], inbox]}


def on_whatsapp(world: World, message: dict[str, Any]) -> dict[str, Any]:
    """A message to a number, as Meta's Cloud API tells it."""
    said = {"from": "905550000042", "id": "wamid.1", "timestamp": str(int(world.now.timestamp()))} | message
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100", "phone_number_id": NUMBER},
        "messages": [said],
    }
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "204", "changes": changes}]}


def on_instagram(world: World, message: dict[str, Any]) -> dict[str, Any]:
    """A message to an account, as Meta's Messenger Platform tells it."""
    at = int(world.now.timestamp() * 1000)
    item = {"sender": {"id": "1284"}, "recipient": {"id": "1784"}, "timestamp": at} | message
    return {"object": "instagram", "entry": [{"id": "1784", "time": at, "messaging": [item]}]}


@pytest.mark.parametrize("channel", ["whatsapp", "instagram"])
def test_p11_what_the_provider_says_was_withdrawn_is_gone(ground: Ground, channel: str) -> None:
    said: dict[str, Any]
    if channel == "whatsapp":
        world = ground.begin(app(channel, "+15550100", {"phone_number_id": NUMBER}))
        told, said = on_whatsapp, {"type": "text", "text": {"body": "Kart numaram 4111"}}
    else:
        world = ground.begin(app(channel, "1784", {}))
        told, said = on_instagram, {"message": {"mid": "aWdfZAG1.1", "text": "Kart numaram 4111"}}
    assert call(world, channel, channel, told(world, said))["statusCode"] == 200
    world.pump()
    (before,) = world.conversations()
    assert texts(world, before.id) == ["Kart numaram 4111"]
    assert call(world, channel, channel, told(world, WITHDRAWN[channel]))["statusCode"] == 200
    world.pump()
    (after,) = world.conversations()
    assert (after.preview, texts(world, after.id)) == ("", ["", ""])
    check(world)
