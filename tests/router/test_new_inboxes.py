"""A configuration is kept for some seconds; an inbox that came with a newer one is known all the same."""

from collections.abc import Callable

import pytest

from functions import wiring
from router.aws.configs import Configs
from router.config import Config
from tests.kit.world import CONFIG, World

NEW = [
    {"name": "yeni", "channel": "email", "address": "yeni@example.com", "queue": "genel"},
    {"name": "sms2", "channel": "twilio", "address": "+15550111", "queue": "genel", "secret": "twilio"},
]


@pytest.mark.parametrize(
    "arrive",
    [lambda world: world.mail(to="yeni@example.com"), lambda world: world.sms(inbox="sms2")],
    ids=["mail", "sms"],
)
@pytest.mark.parametrize("seen_by_receive", [False, True])
def test_what_comes_to_an_inbox_of_a_moment_ago_is_routed(
    world: World, arrive: Callable[[World], object], seen_by_receive: bool
) -> None:
    """`route` may have read the configuration before `receive` did."""
    stale = world.x.config()
    config = Config.model_validate({**CONFIG, "version": "test-2", "inboxes": [*CONFIG["inboxes"], *NEW]})
    Configs(wiring.dynamo()).apply(config)  # by somebody else: the functions still hold the old one
    assert world.x.config() == stale
    arrive(world)
    if not seen_by_receive:
        old = Configs(wiring.dynamo(), clock=lambda: 0.0)
        old._current, old._looked_at = stale, 0.0
        world.exchange.config, world.exchange.look_again = old.current, old.look_again
    world.pump()
    assert [c.inbox for c in world.conversations()] in (["yeni"], ["sms2"])
    assert world.items("Q#") == []
