"""One webhook for several inboxes of Meta's: each takes what is its own, and what nobody has is kept for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from channels import registry
from functions import wiring
from router.aws.codec import unpack
from router.aws.configs import Configs
from router.config import Config
from tests.kit.meta import call, number_call, page_call
from tests.kit.promises import check
from tests.kit.world import CONFIG, World

LAMPS, CHAIRS, GARDEN = "104377009186422", "104377009186533", "104377009186644"
ADA, KEREM = "24070193551842277", "24070193551842388"
PAGES: list[dict[str, Any]] = [
    {"name": "lamps", "channel": "messenger", "address": LAMPS, "queue": "genel", "secret": "meta", "brand": "lamps"},
    {"name": "chairs", "channel": "messenger", "address": CHAIRS, "queue": "genel", "secret": "meta", "brand": "chairs"},
    {"name": "other", "channel": "messenger", "address": GARDEN, "queue": "genel", "secret": "another-app"},
    {
        "name": "wa-one", "channel": "whatsapp", "address": "+15550106", "queue": "genel", "secret": "meta",
        "settings": {"phone_number_id": "1061"},
    },
    {
        "name": "wa-two", "channel": "whatsapp", "address": "+15550107", "queue": "genel", "secret": "meta",
        "settings": {"phone_number_id": "1062"},
    },
]  # fmt: skip


def configured(*inboxes: dict[str, Any], version: str = "shared-1") -> Config:
    return Config.model_validate({**CONFIG, "version": version, "inboxes": [*CONFIG["inboxes"], *inboxes]})


@pytest.fixture
def world() -> Iterator[World]:
    with World(configured(*PAGES).model_dump(mode="json")) as made:
        yield made


def where(world: World) -> list[tuple[str, list[str]]]:
    """Each conversation's inbox, and what was said in it."""
    return sorted((c.inbox, world.texts(c.id)) for c in world.conversations())


def reasons(world: World) -> list[str]:
    return [item["wy"] for item in world.items("Q#") if "lk" in item]


def retry(world: World) -> tuple[int, dict[str, Any]]:
    status, body = world.call("GET", "/v1/quarantine", role="supervisor")
    assert status == 200
    return world.call("POST", f"/v1/quarantine/{body['quarantine'][0]['id']}/retry", role="supervisor")


def test_two_pages_of_one_app_are_told_apart_whichever_ones_url_is_called(world: World) -> None:
    both = page_call((LAMPS, ADA, "m_1", "a lamp"), (CHAIRS, KEREM, "m_2", "a chair"))
    assert call(world, "messenger", "chairs", both)["statusCode"] == 200
    world.pump()
    assert where(world) == [("chairs", ["a chair"]), ("lamps", ["a lamp"])]
    assert call(world, "messenger", "lamps", both)["statusCode"] == 200  # the same, by the other URL
    world.pump()
    assert where(world) == [("chairs", ["a chair"]), ("lamps", ["a lamp"])]
    assert not world.items("Q#")
    check(world)


def test_two_numbers_of_one_account_are_told_apart(world: World) -> None:
    call(world, "whatsapp", "wa-one", number_call(("1062", "15550188", "wamid.1", "to the second")))
    world.pump()
    assert where(world) == [("wa-two", ["to the second"])]


def test_the_ledger_has_each_ones_messages_so_that_a_lost_queue_loses_none(world: World) -> None:
    call(world, "messenger", "lamps", page_call((LAMPS, ADA, "m_1", "a lamp"), (CHAIRS, KEREM, "m_2", "a chair")))
    rows = [(unpack(item["d"])["inbox"], len(item["ids"])) for item in world.items("IN#")]
    assert sorted(rows) == [("chairs", 1), ("lamps", 1)]
    _, queue = world._queue("inbound")
    for record in world.take("inbound"):
        queue.delete_message(record["ReceiptHandle"])
    for _ in range(4):
        world.pass_time(minutes=6)
        world.sweep()
    world.pump()
    assert where(world) == [("chairs", ["a chair"]), ("lamps", ["a lamp"])]


def test_what_no_inbox_has_is_kept_with_the_account_in_the_reason_and_the_rest_is_taken(world: World) -> None:
    answer = call(
        world, "messenger", "lamps", page_call((LAMPS, ADA, "m_1", "a lamp"), (GARDEN, KEREM, "m_2", "a tree"))
    )
    assert answer["statusCode"] == 200
    world.pump()
    assert where(world) == [("lamps", ["a lamp"])]
    (reason,) = reasons(world)
    assert f"has the account '{GARDEN}'" in reason
    assert "not_ours" in reason
    assert "tree" not in reason


def test_a_call_of_another_app_is_no_neighbours_affair(world: World) -> None:
    """The same page, by credentials of another name: who signed the call says nothing about that inbox."""
    call(world, "messenger", "lamps", page_call((GARDEN, KEREM, "m_2", "a tree")))
    world.pump()
    assert where(world) == []
    assert len(reasons(world)) == 1


def test_once_the_page_has_its_inbox_a_retry_routes_what_was_kept(world: World) -> None:
    call(world, "messenger", "lamps", page_call((LAMPS, ADA, "m_1", "a lamp"), (GARDEN, KEREM, "m_2", "a tree")))
    world.pump()
    status, body = retry(world)
    assert status == 422, body
    assert GARDEN in body["detail"]
    garden = {"name": "garden", "channel": "messenger", "address": GARDEN, "queue": "genel", "secret": "meta"}
    world.apply(configured(*PAGES, garden, version="shared-2"))
    status, body = retry(world)
    assert status == 200, body
    world.pump()
    assert where(world) == [("garden", ["a tree"]), ("lamps", ["a lamp"])]
    assert reasons(world) == []


def test_the_part_that_was_taken_is_watched_over_though_the_whole_is_kept_for_a_person(world: World) -> None:
    call(world, "messenger", "lamps", page_call((LAMPS, ADA, "m_1", "a lamp"), (GARDEN, KEREM, "m_2", "a tree")))
    _, queue = world._queue("inbound")
    for record in world.take("inbound"):
        queue.delete_message(record["ReceiptHandle"])
    for _ in range(4):
        world.pass_time(minutes=6)
        world.sweep()
    world.pump()
    assert where(world) == [("lamps", ["a lamp"])]
    assert len(reasons(world)) == 1


def test_an_account_that_others_answer_is_left_alone(world: World) -> None:
    lamps = {**PAGES[0], "settings": {"not_ours": [GARDEN]}}
    world.apply(configured(lamps, *PAGES[1:], version="shared-2"))
    call(world, "messenger", "lamps", page_call((GARDEN, KEREM, "m_2", "a tree")))
    assert not world.items("Q#")


def test_an_inbox_of_a_moment_ago_takes_its_own_at_its_neighbours_url(world: World) -> None:
    stale = world.x.config()
    garden = {"name": "garden", "channel": "messenger", "address": GARDEN, "queue": "genel", "secret": "meta"}
    Configs(wiring.dynamo()).apply(configured(*PAGES, garden, version="shared-2"))
    assert world.x.config() == stale
    call(world, "messenger", "lamps", page_call((GARDEN, KEREM, "m_2", "a tree")))
    world.pump()
    assert where(world) == [("garden", ["a tree"])]
    assert not world.items("Q#")


def test_what_names_no_account_is_taken_once_by_the_inbox_that_was_called(world: World) -> None:
    payload = number_call(("1062", "15550188", "wamid.1", "to the second"), ("", "15550199", "wamid.2", "to whom?"))
    payload["entry"][0]["changes"][1]["value"]["metadata"] = {}
    call(world, "whatsapp", "wa-one", payload)
    world.pump()
    assert where(world) == [("wa-one", ["to whom?"]), ("wa-two", ["to the second"])]


def test_a_stranger_reaches_no_neighbour(world: World) -> None:
    answer = call(world, "messenger", "lamps", page_call((CHAIRS, ADA, "m_1", "a chair")), secret="a guess")
    assert answer["statusCode"] == 403
    world.pump()
    assert not world.conversations()
    assert not world.items("Q#")


def test_a_provider_with_a_url_for_each_inbox_is_read_for_that_one_alone(world: World) -> None:
    second = {"name": "sms2", "channel": "twilio", "address": "+15550111", "queue": "genel", "secret": "twilio"}
    world.apply(configured(*PAGES, second, version="shared-2"))
    world.sms("Merhaba", inbox="sms")
    world.pump()
    assert where(world) == [("sms", ["Merhaba"])]


@pytest.mark.parametrize("name", registry.names())
def test_only_metas_channels_share_a_url(name: str) -> None:
    assert registry.get(name).shared is (name in ("whatsapp", "messenger", "instagram"))
