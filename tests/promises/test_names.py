"""Whom a provider's calls do not name is asked for once, and agents see a person and no number."""

from __future__ import annotations

from typing import Any

from router.wire import HttpRequest, HttpResponse
from tests.kit.meta import call, page_call
from tests.kit.promises import check
from tests.kit.world import CONFIG, World

PAGE, PSID = "104000000000001", "7301482295"
WITH_A_PAGE: dict[str, Any] = {
    **CONFIG,
    "version": "page-1",
    "inboxes": [
        *CONFIG["inboxes"],
        {"name": "page", "channel": "messenger", "address": PAGE, "queue": "genel", "secret": "meta"},
    ],
}


def writes(world: World, mid: str, text: str = "Merhaba") -> None:
    assert call(world, "messenger", "page", page_call((PAGE, PSID, mid, text)))["statusCode"] == 200
    world.pump()


def knows(answer: HttpResponse) -> Any:
    def profile(request: HttpRequest) -> HttpResponse:
        assert request.url.partition("?")[0].endswith(f"/{PSID}")
        return answer

    return profile


def test_a_page_scoped_id_gets_its_name_once() -> None:
    with World(WITH_A_PAGE) as world:
        world.providers.files = knows(HttpResponse(200, {}, b'{"name": "Nesrin Aksoy"}'))
        writes(world, "m_1")
        (conversation,) = world.conversations()
        assert conversation.name == "Nesrin Aksoy"
        contact = world.x.table.contact(conversation.contact)
        assert contact is not None
        assert contact.name == "Nesrin Aksoy"
        writes(world, "m_2", "Orada mısınız?")
        assert len(world.providers.fetched) == 1
        world.pump(sweep_too=True)
        check(world)


def test_who_may_not_be_named_stays_a_number_and_nothing_waits_for_it() -> None:
    with World(WITH_A_PAGE) as world:
        world.providers.files = knows(HttpResponse(400, {}, b'{"error": {"code": 230}}'))
        writes(world, "m_1")
        (conversation,) = world.conversations()
        assert conversation.name is None
        world.pump(sweep_too=True)
        check(world)


def test_a_busy_provider_is_asked_again() -> None:
    with World(WITH_A_PAGE) as world:
        world.providers.files = knows(HttpResponse(503))
        writes(world, "m_1")
        assert world.conversations()[0].name is None
        world.providers.files = knows(HttpResponse(200, {}, b'{"first_name": "Nesrin", "last_name": "Aksoy"}'))
        world.pass_time(minutes=2)
        world.pump(sweep_too=True)
        assert world.conversations()[0].name == "Nesrin Aksoy"
        check(world)
