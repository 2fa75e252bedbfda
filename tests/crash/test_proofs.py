"""Proofs of identity, stopped at each of their calls: sessions of users, codes asked for, sent, typed, and what is joined by them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from router.ids import contact_id
from router.proofs import visitor_of
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.promises import Seen
from tests.kit.users import code_sent, connected, session, user_token, whatsapp, with_apps
from tests.kit.world import CONFIG, World
from tests.promises.test_journeys import MAIL, PHONE, open_ones, write
from tests.promises.test_proofs import ask

APPS = with_apps(CONFIG)


def chatting(world: World) -> str:
    """A visitor who wrote, with Ayşe; their connection."""
    world.come_in("ayse", "mehmet")
    page = connected(world, session(world, language="tr"))
    write(world, page, "Merhaba")
    return page


def mailed_before(world: World) -> str:
    """As `chatting`; the same person wrote a mail, which is somebody else's until it is proved."""
    page = chatting(world)
    world.mail("Faturam yanlış", sender=MAIL)
    world.pump()
    world.pass_time(seconds=10)
    return page


def coded(arrange: Any) -> Any:
    """The code is with its receiver; the page, and the code."""

    def arranged(world: World) -> tuple[str, str]:
        page = arrange(world)
        world.frame(page, {"type": "prove", "id": "p1", "channel": "email", "address": MAIL})
        world.pump()
        return page, code_sent(world)

    return arranged


def asks(world: World, page: str) -> bool:
    frames = world.frame(page, {"type": "prove", "id": "p1", "channel": "email", "address": MAIL})
    return bool(frames) and frames[0]["type"] == "proving"


def types(world: World, handed: tuple[str, str]) -> bool:
    """The customer types the code; one who comes back when it is good no more asks for another."""
    page, code = handed
    (answer,) = world.frame(page, {"type": "code", "id": "k1", "code": code})
    if answer.get("code") == "refused":
        world.frame(page, {"type": "prove", "id": "p2", "channel": "email", "address": MAIL})
        world.pump()
        (answer,) = world.frame(page, {"type": "code", "id": "k2", "code": code_sent(world)})
    return bool(answer["type"] == "proved")


def one_code(world: World, _: Any) -> None:
    """It left once, or nobody knows and a person is asked; and only one was made."""
    (send,) = Seen.of(world).sends.values()
    assert str(send.state) in ("sent", "parked", "discarded")
    assert len(world.providers.left) <= 1


def joined(world: World, _: Any) -> None:
    """The mail's person and the chat's are one, whether they wrote before or write now."""
    world.pass_time(seconds=5)
    world.mail("Mailden devam", sender=MAIL)
    world.pump()
    (one,) = open_ones(world)
    assert {str(w.channel) for w in one.ways} == {"webchat", "email"}


def two_tabs(world: World, handed: tuple[str, str]) -> bool:
    """Meanwhile the mail comes that makes the address known."""
    world.mail("Aynı anda", sender=MAIL)
    world.work("inbound")
    return True


def whatsapp_asked(world: World) -> None:
    """An agent asked a WhatsApp customer; the code, typed as a message, waits to be routed."""
    world.come_in("ayse", "mehmet")
    whatsapp(world, "Merhaba")
    world.mail("Faturam yanlış", sender=MAIL)
    world.pump()
    one = next(c for c in open_ones(world) if c.channel == "whatsapp")
    assert ask(world, one.contact)[0] == 201
    world.pump()
    world.pass_time(seconds=20)
    whatsapp(world, code_sent(world))


def one_of_whatsapp_and_mail(world: World, _: Any) -> None:
    (one,) = open_ones(world)
    assert {str(w.channel) for w in one.ways} == {"whatsapp", "email"}
    texts = [m.text for m, _ in Seen.of(world).inbound.values() if m.channel == "whatsapp"]
    assert sorted(texts) == ["Merhaba", "••••••"]


def agent_asks(world: World, contact: str) -> bool:
    return ask(world, contact, key="once")[0] == 201


def whatsapp_customer(world: World) -> str:
    whatsapp(world, "Merhaba")
    world.pump()
    return str(open_ones(world)[0].contact)


def before_login(world: World) -> dict[str, Any]:
    """Somebody wrote anonymously, and a mail; then logs in on the company's page."""
    world.come_in("ayse", "mehmet")
    opened = session(world)
    write(world, connected(world, opened), "Merhaba")
    world.mail("Faturam yanlış", sender=MAIL)
    world.pump()
    world.pass_time(seconds=10)
    tomorrow = int(world.now.timestamp()) + 80_000  # the page may come back late
    return {"session": opened["session"], "user_token": user_token(world, email=MAIL, phone=PHONE, exp=tomorrow)}


def logs_in(world: World, asked: dict[str, Any]) -> bool:
    status, body = world.call("POST", "/chat/chat/sessions", asked, user=None)
    return status == 201 and not body["disputed"]


def all_one(world: World, _: Any) -> None:
    world.pass_time(seconds=5)
    whatsapp(world, "WhatsApp'tan devam")
    world.pump()
    (one,) = open_ones(world)
    assert {str(w.channel) for w in one.ways} == {"webchat", "email", "whatsapp"}
    own = contact_id(world.x.key, "webchat", visitor_of(world.x, "default", "42"), proved=True)
    addresses = [(i.channel, i.address) for i in identities(world, own)]
    assert len(addresses) == len(set(addresses)) == 4


def identities(world: World, contact: str) -> Any:
    """All identities of whoever a contact is now."""
    from router.people import resolve

    person = resolve(world.x, contact)
    assert person is not None
    return person.identities


def a_whatsapp_meanwhile(world: World, _: Any) -> bool:
    """The phone that is being vouched for writes for the first time."""
    whatsapp(world, "Tam o sırada")
    world.work("inbound")
    return True


SCENARIOS = [
    Scenario("code.ask", chatting, one_code, asks, config=APPS),
    Scenario("code.type", coded(chatting), joined, types, config=APPS),
    Scenario("code.type, known address", coded(mailed_before), joined, types, config=APPS),
    Scenario("code.in a message", whatsapp_asked, one_of_whatsapp_and_mail, queue="inbound", config=APPS),
    Scenario("code.agent asks", whatsapp_customer, one_code, agent_asks, config=APPS),
    Scenario("session.user token", before_login, all_one, logs_in, config=APPS),
]
MEANWHILE = [
    Scenario("code.type, its mail comes", coded(chatting), joined, types, other=two_tabs, config=APPS),
    Scenario("session, its phone writes", before_login, all_one, logs_in, other=a_whatsapp_meanwhile, config=APPS),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_proofs_survive(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)


@pytest.mark.parametrize("scenario", MEANWHILE, ids=lambda scenario: scenario.name)
def test_who_writes_meanwhile_is_found(ground: Ground, scenario: Scenario) -> None:
    ground.run(scenario, "pause")


def test_what_leaves_carries_a_code_and_the_table_does_not(ground: Ground) -> None:
    world = ground.begin(APPS)
    _, code = coded(chatting)(world)
    assert code not in json.dumps(world.items(), default=str)
