"""Receive, stopped at each of its calls: an SMS, a mail, a chat frame, a report, what cannot be read."""

from typing import Any

import pytest

from functions import wiring
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.meta import call, page_call
from tests.kit.promises import said
from tests.kit.world import CONFIG, World


def nothing(world: World) -> None:
    """No eve is needed."""


def one_conversation(world: World, _: Any) -> None:
    assert list(said(world).values()) == [["Merhaba"]]


def sms(world: World, _: Any) -> bool:
    return bool(world.sms("Merhaba", sid="SM" + "7" * 32)["statusCode"] == 200)


def cold_sms(world: World, _: Any) -> bool:
    """In a new process: its secrets and its configuration are still to be read."""
    wiring.secrets()._values.clear()
    configs: Any = world.x.config
    configs.__self__._current = None
    return sms(world, _)


def mail(world: World, notification: Any) -> bool:
    world.mail_event(notification)
    return True


def two_brands(world: World, _: Any) -> None:
    assert list(said(world).values()) == [["Merhaba"], ["Merhaba"]]
    assert {c.group for c in world.conversations()} == {"default", "shop"}


def chat(world: World, connection: str) -> bool:
    frames = world.frame(connection, {"type": "message", "id": "1", "text": "Merhaba"})
    return [frame["type"] for frame in frames] == ["ack"]


def unreadable(world: World, _: Any) -> bool:
    fields = {"AccountSid": "AC1", "Hologram": "H1"}
    return bool(world.webhook("twilio", "sms", fields)["statusCode"] == 200)


def one_in_quarantine(world: World, _: Any) -> None:
    assert len(world.items("Q#")) == 1
    assert not world.conversations()


def to_nobody(world: World) -> Any:
    return world.post_mail("Merhaba", to="nobody@elsewhere.example")


def long_mail(world: World) -> Any:
    return world.post_mail("Merhaba\n" * 3000)


def one_long(world: World, _: Any) -> None:
    ((text,),) = said(world).values()
    assert text.count("Merhaba") == 3000


PAGES = {
    **CONFIG,
    "version": "pages-1",
    "inboxes": [
        *CONFIG["inboxes"],
        {"name": "lamps", "channel": "messenger", "address": "1043", "queue": "genel", "secret": "meta"},
        {"name": "chairs", "channel": "messenger", "address": "1044", "queue": "genel", "secret": "meta"},
    ],
}


def for_two_pages_and_nobody(world: World, _: Any) -> bool:
    """One call of an app's: a page's message, its neighbour's, and one for a page that no inbox has."""
    written = [("1043", "2401", "m_1", "Merhaba"), ("1044", "2402", "m_2", "Hello"), ("1045", "2403", "m_3", "Hallo")]
    return bool(call(world, "messenger", "lamps", page_call(*written))["statusCode"] == 200)


def each_its_own(world: World, _: Any) -> None:
    assert sorted((c.inbox, *world.texts(c.id)) for c in world.conversations()) == [
        ("chairs", "Hello"),
        ("lamps", "Merhaba"),
    ]
    assert len(world.items("Q#")) == 1


SCENARIOS = [
    Scenario("receive.sms", nothing, one_conversation, sms),
    Scenario("receive.cold", nothing, one_conversation, cold_sms),
    Scenario("receive.mail", lambda world: world.post_mail("Merhaba"), one_conversation, mail),
    Scenario(
        "receive.mail to two brands",
        lambda world: world.post_mail("Merhaba", to=["destek@example.com", "help@shop.example"]),
        two_brands,
        mail,
    ),
    Scenario("receive.long mail", long_mail, one_long, mail),
    Scenario("receive.chat", lambda world: world.open_chat(), one_conversation, chat),
    Scenario("receive.unreadable", nothing, one_in_quarantine, unreadable),
    Scenario("receive.mail to nobody", to_nobody, one_in_quarantine, mail),
    Scenario("receive.a call about several pages", nothing, each_its_own, for_two_pages_and_nobody, config=PAGES),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_receiving_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
