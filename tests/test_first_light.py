"""A message goes all the way, on each channel, in process."""

from tests.kit.world import World


def test_an_sms_is_routed_assigned_answered_and_delivered(world: World) -> None:
    world.come_in("ayse")
    answer = world.sms("Siparişim nerede?")
    assert answer["statusCode"] == 200
    world.pump()
    (conversation,) = world.conversations()
    assert (conversation.state, conversation.agent) == ("active", "ayse")
    body = world.reply(conversation.id, "Yarın elinizde.")
    assert body["message"]["state"] == "queued"
    world.pump()
    (call,) = world.providers.calls
    assert b"Yar" in call.body
    assert world.texts(conversation.id) == ["Siparişim nerede?", "Yarın elinizde."]
    (conversation,) = world.conversations()
    assert conversation.state == "pending"


def test_a_mail_is_routed_and_answered(world: World) -> None:
    world.come_in("ayse")
    world.mail("Merhaba, siparişim nerede?")
    world.pump()
    (conversation,) = world.conversations()
    assert conversation.agent == "ayse"
    world.reply(conversation.id)
    world.pump()
    assert len(world.providers.calls) == 1


def test_a_chat_is_routed_and_answered(world: World) -> None:
    world.come_in("ayse")
    connection = world.open_chat()
    (ack,) = world.frame(connection, {"type": "message", "id": "1", "text": "Merhaba"})
    assert ack["type"] == "ack"
    world.pump()
    (conversation,) = world.conversations()
    assert conversation.agent == "ayse"
    world.reply(conversation.id, "Buyurun")
    world.pump()
    assert [f["message"]["text"] for c, f in world.pushes if c == connection and f["type"] == "message"] == ["Buyurun"]
