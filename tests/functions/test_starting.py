"""A conversation that we begin: who keeps it, where an answer goes, and what is refused."""

from __future__ import annotations

from typing import Any

from router.conversations import State
from router.ids import contact_id
from tests.kit.promises import check
from tests.kit.world import World


def start(world: World, **asked: Any) -> tuple[int, dict[str, Any]]:
    how = {name: asked.pop(name) for name in ("user", "role", "key") if name in asked}
    return world.call("POST", "/v1/conversations", {"text": "Siparişiniz hazır", **asked}, **how)


def test_who_writes_first_keeps_the_conversation_and_the_answer_comes_back_to_them(world: World) -> None:
    world.come_in("ayse")
    status, body = start(world, inbox="sms", address="+15550199")
    assert (status, body["conversation"]["state"], body["conversation"]["agent"]) == (200, "pending", "ayse")
    world.pump()
    assert "twilio" in world.providers.calls[-1].url
    world.pass_time(seconds=5)
    world.sms("Teşekkürler")
    world.pump()
    (conversation,) = world.conversations()
    assert (conversation.state, conversation.agent) == (State.ACTIVE, "ayse")
    world.pump(sweep_too=True)
    check(world)


def test_without_room_or_presence_an_answer_is_routed_when_it_comes(world: World) -> None:
    status, body = start(world, inbox="destek", address="Musteri@Example.net", subject="Siparişiniz", name="Zeynep")
    assert (status, body["conversation"]["state"], body["conversation"]["customer"]) == (200, "resolved", "Zeynep")
    world.pump()
    world.come_in("mehmet")
    world.pass_time(seconds=5)
    world.mail("Ne zaman gelir?")
    world.pump()
    (conversation,) = world.conversations()
    assert (conversation.state, conversation.agent, conversation.number) == (State.ACTIVE, "mehmet", 1)
    check(world)


def test_an_open_conversation_is_answered_and_not_doubled(world: World) -> None:
    world.sms("Merhaba")
    world.pump()
    (conversation,) = world.conversations()
    status, body = start(world, inbox="sms", address="+15550199")
    assert status == 409
    assert conversation.id in body["detail"]


def test_the_same_key_starts_one(world: World) -> None:
    first = start(world, inbox="sms", address="+15550199", key="once")
    assert start(world, inbox="sms", address="+15550199", key="once") == first
    world.pump()
    assert len(world.providers.calls) == 1


def test_the_same_key_with_anything_else_in_it_is_refused(world: World) -> None:
    mail = {"inbox": "destek", "address": "ada@example.net", "subject": "Bir", "name": "Ada", "language": "tr"}
    assert start(world, **mail, key="once")[0] == 200
    for other in ({"subject": "İki"}, {"name": "Eda"}, {"language": "en"}, {"queue": "uzman"}, {"text": "Değil"}):
        status, body = start(world, **{**mail, **other}, key="once")
        assert (status, body["field"]) == (422, "Idempotency-Key"), other


def test_a_known_person_is_written_to_at_an_address_they_have(world: World) -> None:
    world.mail("Merhaba")
    world.pump()
    contact = contact_id(world.x.key, "email", "musteri@example.net", proved=True)
    (conversation,) = world.conversations()
    world.come_in("ayse")
    world.pump()
    assert world.call("POST", f"/v1/conversations/{conversation.id}/resolve", {})[0] == 200
    status, body = start(world, inbox="sms", contact=contact)
    assert (status, body["field"]) == (422, "inbox")
    status, body = start(world, inbox="destek", contact=contact)
    assert (status, body["conversation"]["number"]) == (200, 2)
    world.pump(sweep_too=True)
    check(world)


def test_what_is_no_address_is_refused_in_words(world: World) -> None:
    assert start(world, inbox="sms", address="0532 123")[1]["field"] == "address"
    assert start(world, inbox="destek", address="kimse")[1]["field"] == "address"
    assert start(world, inbox="yok", address="+15550199")[1]["field"] == "inbox"
    assert start(world, inbox="chat", address="ziyaretci")[1]["field"] == "address"
    assert start(world, inbox="sms")[1]["field"] == "contact"
