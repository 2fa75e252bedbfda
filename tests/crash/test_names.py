"""Asking who wrote, stopped at each of its calls, and while the match gives the conversation away."""

from typing import Any

import pytest

from router.wire import HttpResponse
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.meta import call, page_call
from tests.kit.world import World
from tests.promises.test_names import PAGE, PSID, WITH_A_PAGE


def somebody_new(world: World) -> None:
    """Ayşe is in; a page-scoped id wrote, and both its match and its name are on the way."""
    world.come_in("ayse")
    world.providers.files = lambda _: HttpResponse(200, {}, b'{"name": "Nesrin Aksoy"}')
    call(world, "messenger", "page", page_call((PAGE, PSID, "m_1", "Merhaba")))
    world.work("inbound")


def given_away(world: World, _: Any) -> bool:
    """The match claims the conversation meanwhile."""
    return world.work("match") >= 0


def named(world: World, _: Any) -> None:
    (conversation,) = world.conversations()
    assert (conversation.name, conversation.agent) == ("Nesrin Aksoy", "ayse")


NAME = Scenario("fetch.name", somebody_new, named, queue="media", config=WITH_A_PAGE)
MEANWHILE = Scenario(
    "fetch.name, the match meanwhile", somebody_new, named, queue="media", other=given_away, config=WITH_A_PAGE
)


@pytest.mark.parametrize("mode", MODES)
def test_a_name_survives(ground: Ground, mode: str) -> None:
    ground.run(NAME, mode)


def test_a_name_and_a_claim_at_once_are_both_kept(ground: Ground) -> None:
    ground.run(MEANWHILE, "pause")
