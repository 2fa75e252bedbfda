"""Files that customers send, stopped at each of the calls on their way into the bucket."""

import json
from collections.abc import Callable

import pytest

from router.fetching import MAX_ATTEMPTS
from router.messages import Attachment
from router.wire import HttpRequest, HttpResponse
from tests.kit.crash import MODES, Ground, Scenario, jump
from tests.kit.promises import Seen
from tests.kit.providers import PNG, picture
from tests.kit.world import World


def attachments(world: World) -> tuple[Attachment, ...]:
    """What the one message holds."""
    ((message, _),) = Seen.of(world).inbound.values()
    return message.attachments


def two_pictures(world: World) -> None:
    """An agent is there, an MMS with two pictures has come and was routed; its files are asked for."""
    world.come_in("ayse")
    world.mms("image/png", "image/jpeg", text="Bakın")
    for queue in ("inbound", "match"):
        world.work(queue)


def waits(world: World) -> None:
    """The MMS lies in the inbound queue."""
    world.come_in("ayse")
    world.mms("image/png", text="Bakın")


def then(arrange: Callable[[World], None], *answers: HttpResponse) -> Callable[[World], None]:
    """As `arrange`, and the provider gives these before it gives the file."""

    def arranged(world: World) -> None:
        arrange(world)
        already = len(world.providers.fetched)

        def give(request: HttpRequest) -> HttpResponse:
            number = len(world.providers.fetched) - already
            return answers[number - 1] if number <= len(answers) else picture(request)

        world.providers.files = give

    return arranged


def first_is_gone(world: World) -> None:
    """As `two_pictures`, and the first of them is no longer there."""
    two_pictures(world)
    world.providers.files = lambda request: GONE if request.url.endswith("0") else picture(request)


def all_here(world: World, _: object) -> None:
    """Every file lies in the bucket, whole, and nobody will look for it again."""
    found = attachments(world)
    for number, one in enumerate(found):
        assert (one.problem, one.url, one.content_type, one.size) == (None, None, "image/png", len(PNG)), number
        assert one.ref is not None
        assert world.x.blobs.get(one.ref) == PNG
    assert not [item for item in world.items("M#") if "due" in item]


def first_gone(world: World, _: object) -> None:
    """The one that is gone says so; the other is here."""
    first, second = attachments(world)
    assert first.problem is not None
    assert (first.ref, second.problem) == (None, None)
    assert second.ref is not None


REDIRECT = HttpResponse(307, {"location": "https://mms.twiliocdn.com/file/1"})
GONE = HttpResponse(404, {}, json.dumps({"code": 20404}).encode())

SCENARIOS = [
    Scenario("route.mms", waits, all_here, queue="inbound"),
    Scenario("fetch.two", two_pictures, all_here, queue="media"),
    Scenario("fetch.redirect", then(two_pictures, REDIRECT), all_here, queue="media"),
    Scenario("fetch.first busy", then(two_pictures, HttpResponse(503)), all_here, queue="media"),
    Scenario("fetch.first gone", first_is_gone, first_gone, queue="media"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_fetching_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)


def test_a_file_that_breaks_the_process_each_time_is_given_up_with_words(ground: Ground) -> None:
    world = ground.begin()
    two_pictures(world)
    for _ in range(MAX_ATTEMPTS):
        found = next(item for item in world.items("M#"))
        before = world.x.table.unfetched(found["pk"].removeprefix("M#"))
        assert before is not None
        assert world.x.table.begin_fetch(before, world.now) is not None  # and the process is gone
    jump(world, minutes=5)
    world.sweep()
    world.pump()
    assert {one.problem for one in attachments(world)} == {
        "the provider's file could not be taken in; it was tried for a day"
    }
