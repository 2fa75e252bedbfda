"""Where an answer can go, as the API says it before anybody types: the window, what a channel shows, and what was tried before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kit.meta import call, number_call
from tests.kit.world import CONFIG, World

NUMBER, PERSON = "104", "12025550171"


@pytest.fixture
def meta_world() -> Iterator[World]:
    """With a WhatsApp number, whose refusals go by SMS."""
    inbox = {
        "name": "wa", "channel": "whatsapp", "address": "+15550106", "queue": "genel", "secret": "meta",
        "settings": {"phone_number_id": NUMBER},
    }  # fmt: skip
    with World(CONFIG | {"inboxes": [*CONFIG["inboxes"], inbox], "routing": {"fallback": ["whatsapp", "sms"]}}) as made:
        yield made


def written(world: World, text: str = "Merhaba") -> dict[str, Any]:
    """A customer's WhatsApp conversation."""
    sent = number_call((NUMBER, PERSON, f"wamid.{text}", text), at=int(world.now.timestamp()))
    assert call(world, "whatsapp", "wa", sent)["statusCode"] == 200
    world.pump()
    (conversation,) = world.conversations()
    return dict(world.call("GET", f"/v1/conversations/{conversation.id}")[1])


def test_a_window_says_until_when_it_is_open_and_what_the_channel_shows(meta_world: World) -> None:
    began = meta_world.now
    (way,) = written(meta_world)["conversation"]["ways"]
    assert (way["channel"], way["open_until"]) == ("whatsapp", began.replace(day=began.day + 1).strftime("%FT%TZ"))
    assert (way["templates"], way["buttons"], way["button_title"], way["menu"]) == (True, 3, 20, 10)


def test_a_channel_without_a_window_says_none(world: World) -> None:
    world.sms("Merhaba")
    world.pump()
    (row,) = world.call("GET", "/v1/conversations")[1]["conversations"]
    assert row["ways"] == [
        {
            "channel": "sms", "inbox": "sms", "address": "+15550199", "heard_at": row["last_inbound_at"], "open_until": None,
            "templates": True, "buttons": 0, "button_title": 0, "menu": 0, "menu_title": 0,
        }
    ]  # fmt: skip


def test_an_inbox_that_is_gone_breaks_no_list(world: World) -> None:
    world.sms("Merhaba")
    world.pump()
    without = [inbox for inbox in CONFIG["inboxes"] if inbox["name"] != "sms"]
    world.apply(type(world.x.config()).model_validate(CONFIG | {"version": "less", "inboxes": without}))
    (row,) = world.call("GET", "/v1/conversations")[1]["conversations"]
    assert (row["ways"][0]["inbox"], row["ways"][0]["open_until"], row["ways"][0]["templates"]) == ("sms", None, False)


def test_a_template_is_shown_as_one(meta_world: World) -> None:
    meta_world.come_in("ayse")
    conversation = written(meta_world)["conversation"]["id"]
    meta_world.pass_time(days=2)
    template = {"name": "siparis", "language": "tr", "parameters": ["4711"]}
    path = f"/v1/conversations/{conversation}/replies"
    status, refused = meta_world.call("POST", path, {"text": "Yolda"})
    assert (status, "free answers until" in refused["detail"]) == (409, True)
    status, done = meta_world.call("POST", path, {"text": "Siparişiniz 4711 yolda", "template": template})
    assert (status, done["message"]["template"]) == (200, template)


def test_whoever_is_logged_in_knows_the_inboxes_to_write_from(meta_world: World) -> None:
    found = {inbox["name"]: inbox for inbox in meta_world.call("GET", "/v1/me")[1]["inboxes"]}
    assert {name: inbox["channel"] for name, inbox in found.items()} == {
        "destek": "email", "support": "email", "shop": "email", "sms": "sms", "chat": "webchat", "wa": "whatsapp",
    }  # fmt: skip
    assert (found["wa"]["window"], found["wa"]["templates"], found["sms"]["window"]) == (True, True, False)
