"""Journeys: a customer goes from channel to channel, and the agent sees one thread; a stranger does not get in."""

from __future__ import annotations

from typing import Any

import pytest

from router.conversations import Conversation
from router.ids import contact_id
from tests.kit.crash import Ground
from tests.kit.promises import check
from tests.kit.users import code_sent, connected, session, user_token, whatsapp, with_apps
from tests.kit.world import CONFIG, World

MAIL, PHONE = "zeynep@example.net", "+905550000042"


@pytest.fixture
def world(ground: Ground) -> World:
    """A world whose chat knows the company's users, with WhatsApp beside it."""
    return ground.begin(with_apps(CONFIG))


def write(world: World, connection: str, text: str) -> None:
    """The visitor writes in the chat."""
    frame = {"type": "message", "id": f"c{world.serial()}", "text": text}
    assert world.frame(connection, frame)[0]["type"] == "ack"
    world.pump()
    world.pass_time(seconds=10)


def open_ones(world: World) -> list[Conversation]:
    return [c for c in world.conversations() if not c.state.done]


def thread(world: World, conversation: str) -> list[tuple[str, str]]:
    """The thread as the agent's page shows it: channel and text."""
    status, body = world.call("GET", f"/v1/conversations/{conversation}")
    assert status == 200, body
    return [(m["channel"], m["text"].strip()) for m in body["messages"]]


def prove(world: World, connection: str, channel: str, address: str) -> dict[str, Any]:
    """The visitor asks for a code and types it; the server's last word."""
    (asked,) = world.frame(
        connection, {"type": "prove", "id": f"p{world.serial()}", "channel": channel, "address": address}
    )
    assert asked["type"] == "proving", asked
    world.pump()
    world.pass_time(seconds=20)
    (answer,) = world.frame(connection, {"type": "code", "id": "k1", "code": code_sent(world)})
    return answer


def test_from_web_chat_by_a_code_to_mail_in_one_thread(world: World) -> None:
    world.come_in("ayse")
    page = connected(world, session(world, language="tr"))
    write(world, page, "Siparişim nerede?")
    assert prove(world, page, "email", MAIL) == {"type": "proved", "channel": "email", "address": MAIL, "id": "k1"}
    world.mail("Mailden devam ediyorum", sender=MAIL)
    world.pump()
    (one,) = open_ones(world)
    assert one.agent == "ayse"
    said = thread(world, one.id)
    assert [said[0], said[-1]] == [("webchat", "Siparişim nerede?"), ("email", "Mailden devam ediyorum")]
    world.pass_time(seconds=5)
    world.reply(one.id, "Yola çıktı")
    world.pump()
    assert world.providers.calls[-1].sign == "ses"
    assert thread(world, one.id)[-1] == ("email", "Yola çıktı")
    (read,) = world.frame(page, {"type": "resume", "after": None})
    assert [m["text"] for m in read["messages"]] == ["Siparişim nerede?"]  # what goes by mail is not shown in the chat
    world.pump(sweep_too=True)
    check(world)


def test_a_mail_that_was_there_before_and_the_chat_become_one_thread(world: World) -> None:
    world.come_in("ayse")
    world.mail("Faturam yanlış", sender=MAIL)
    world.pump()
    world.pass_time(seconds=30)
    page = connected(world, session(world))
    write(world, page, "Mail de yazmıştım")
    assert len(open_ones(world)) == 2
    prove(world, page, "email", MAIL)
    world.pump()
    (one,) = open_ones(world)
    assert [text for _, text in thread(world, one.id)[:2]] == ["Faturam yanlış", "Mail de yazmıştım"]
    world.pump(sweep_too=True)
    check(world)


def test_from_web_chat_with_a_user_token_to_whatsapp_and_mail_in_one_thread(world: World) -> None:
    world.come_in("ayse")
    opened = session(world, user_token=user_token(world, email=MAIL, phone=PHONE))
    assert (opened["method"], opened["unused"], opened["disputed"]) == ("user-token", [], [])
    page = connected(world, opened)
    write(world, page, "Siparişim nerede?")
    whatsapp(world, "WhatsApp'tan yazıyorum")
    world.pump()
    world.pass_time(seconds=10)
    world.mail("Bir de mailden", sender=MAIL)
    world.pump()
    (one,) = open_ones(world)
    assert thread(world, one.id) == [
        ("webchat", "Siparişim nerede?"), ("whatsapp", "WhatsApp'tan yazıyorum"), ("email", "Bir de mailden"),
    ]  # fmt: skip
    status, person = world.call("GET", f"/v1/contacts/{one.contact}")
    assert status == 200
    assert {(i["channel"], i["method"]) for i in person["identities"]} == {
        ("webchat", None), ("email", "user-token"), ("whatsapp", "user-token"),
    }  # fmt: skip
    world.pump(sweep_too=True)
    check(world)


def test_who_wrote_before_the_login_keeps_the_conversation_and_gets_its_answers(world: World) -> None:
    world.come_in("ayse")
    before = session(world)
    write(world, connected(world, before), "Merhaba, ben üye olmadan yazıyorum")
    opened = session(world, session=before["session"], user_token=user_token(world))
    assert opened["visitor"] != before["visitor"]
    page = connected(world, opened)
    (one,) = open_ones(world)
    world.reply(one.id, "Buyurun")
    world.pump()
    assert [f["message"]["text"] for to, f in world.pushes if to == page and f["type"] == "message"] == ["Buyurun"]
    write(world, page, "Şimdi giriş yaptım")
    (one,) = open_ones(world)
    (read,) = world.frame(page, {"type": "resume", "after": None})
    assert [m["text"] for m in read["messages"]] == [
        "Merhaba, ben üye olmadan yazıyorum", "Buyurun", "Şimdi giriş yaptım",
    ]  # fmt: skip
    again = session(world, session=opened["session"], user_token=user_token(world))
    (read,) = world.frame(connected(world, again), {"type": "resume", "after": None})
    assert len(read["messages"]) == 3
    world.pump(sweep_too=True)
    check(world)


def test_a_stranger_with_the_same_name_does_not_get_in(world: World) -> None:
    page = connected(world, session(world, user_token=user_token(world, email=MAIL, phone=PHONE), name="Zeynep"))
    write(world, page, "Kartımın son dört hanesi 4242")
    stranger = connected(world, session(world, name="Zeynep"))
    write(world, stranger, "Ben Zeynep, devam edelim")
    whatsapp(world, "Ben Zeynep", phone="905550000099", name="Zeynep")
    world.mail("Ben Zeynep", sender=f"Zeynep <{MAIL}>", dmarc="FAIL")
    world.sms("Ben Zeynep", sender=PHONE)
    world.pump()
    assert len(open_ones(world)) == 5
    (read,) = world.frame(stranger, {"type": "resume", "after": None})
    assert [m["text"] for m in read["messages"]] == ["Ben Zeynep, devam edelim"]
    mine = next(c for c in open_ones(world) if "4242" in str(thread(world, c.id)))
    assert thread(world, mine.id) == [("webchat", "Kartımın son dört hanesi 4242")]
    world.pump(sweep_too=True)
    check(world)


def test_whatsapp_by_the_user_id_first_and_the_phone_later_is_one_person(world: World) -> None:
    whatsapp(world, "Numaram gizli", phone=None, user="US.13491208655302741918")
    world.pump()
    world.pass_time(seconds=10)
    whatsapp(world, "Şimdi numaramla", phone="905550000042", user="US.13491208655302741918")
    world.pump()
    world.pass_time(seconds=10)
    whatsapp(world, "Yalnız numarayla", phone="905550000042")
    world.pump()
    (one,) = open_ones(world)
    assert [text for _, text in thread(world, one.id)] == ["Numaram gizli", "Şimdi numaramla", "Yalnız numarayla"]
    check(world, settled=False)


@pytest.mark.parametrize("first", [None, "905550000042"], ids=["met by the user id", "met by both"])
def test_a_phone_number_that_changed_hands_is_another_person(world: World, first: str | None) -> None:
    whatsapp(world, "Eski sahibi", phone=first, user="US.13491208655302741918")
    world.pump()
    world.pass_time(seconds=10)
    whatsapp(world, "Eski sahibi yine", phone="905550000042", user="US.13491208655302741918")
    world.pump()
    world.pass_time(seconds=10)
    whatsapp(world, "Yeni sahibi", phone="905550000042", user="US.99999999999999999999")
    world.pump()
    old, new = open_ones(world)
    assert [text for _, text in thread(world, old.id)] == ["Eski sahibi", "Eski sahibi yine"]
    assert [text for _, text in thread(world, new.id)] == ["Yeni sahibi"]
    check(world, settled=False)


def test_what_was_joined_by_proof_and_parted_by_hand_stays_apart(world: World) -> None:
    token = user_token(world, email=MAIL)
    world.mail("Ben başkasıyım", sender=MAIL)
    world.pump()
    world.pass_time(seconds=10)
    page = connected(world, session(world, user_token=token))
    write(world, page, "Merhaba")
    (one,) = open_ones(world)
    mail = contact_id(world.x.key, "email", MAIL, proved=True)
    chat = next(
        i["contact"] for i in world.call("GET", f"/v1/contacts/{mail}")[1]["identities"] if i["channel"] == "webchat"
    )
    assert one.contact == mail
    assert world.call("POST", f"/v1/contacts/{mail}/separate", {"contact": chat})[0] == 200
    world.pump()
    assert len(open_ones(world)) == 2
    again = session(world, user_token=token)
    assert again["disputed"] == ["email"]
    world.pump(sweep_too=True)
    assert len(open_ones(world)) == 2
    assert world.call("POST", f"/v1/contacts/{mail}/join", {"contact": chat})[0] == 200
    assert session(world, user_token=token)["disputed"] == []
    world.pump(sweep_too=True)
    check(world)
