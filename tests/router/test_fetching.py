"""Fetching a message's files: by its provider's steps, each by itself, within limits, and for about a day."""

import json

import pytest

from router.errors import Temporary
from router.fetching import MAX_ATTEMPTS, MOST
from router.messages import Attachment
from router.wire import HttpRequest, HttpResponse
from tests.kit.promises import Seen
from tests.kit.providers import PNG
from tests.kit.world import SID, World


def attachments(world: World) -> tuple[Attachment, ...]:
    """What the newest message holds."""
    return max((m for m, _ in Seen.of(world).inbound.values()), key=lambda m: m.cursor).attachments


def due(world: World) -> bool:
    """Is a message still to be looked at?"""
    return any("due" in item for item in world.items("M#"))


def test_a_picture_lies_in_the_bucket_with_its_size_and_type_and_the_agent_hears_of_it(world: World) -> None:
    world.come_in("ayse")
    world.x.sockets.open("desk=", "A#ayse", {"agent": "ayse"}, world.now)
    world.mms("image/jpeg", text="Bakın")
    world.pump()
    (file,) = attachments(world)
    (message,) = Seen.of(world).inbound
    assert file.ref == f"s3://blobs/media/{message}/0"
    assert (file.content_type, file.size, file.url, file.problem) == ("image/png", len(PNG), None, None)
    assert world.s3.get_object(Bucket="blobs", Key=f"media/{message}/0")["ContentType"] == "image/png"
    assert ("desk=", "changed") in [(c, f.get("reason")) for c, f in world.pushes]
    assert not due(world)
    assert world.queued("timers") == 0


def test_a_message_without_files_is_not_due_and_asks_for_nothing(world: World) -> None:
    world.sms()
    world.pump()
    assert not due(world)
    assert world.providers.fetched == []


def test_a_file_with_the_provider_is_asked_for_again_by_a_duplicate_and_by_the_sweep(world: World) -> None:
    world.mms("image/png", sid="MM" + "7" * 32)
    world.work("inbound")
    world.sqs.purge_queue(QueueUrl=world.urls["media"])
    world.mms("image/png", sid="MM" + "7" * 32)
    world.work("inbound")
    assert world.queued("media") == 1
    world.take("media")  # lost: nobody handles them
    world.pass_time(minutes=2)
    world.sweep()
    assert world.queued("media") == 2
    world.pump()
    assert attachments(world)[0].ref


def test_one_file_s_trouble_does_not_hold_the_others(world: World) -> None:
    def give(request: HttpRequest) -> HttpResponse:
        number = int(request.url.rpartition("ME")[2])
        if number == 0:
            raise Temporary("no answer")
        if number == 1:
            return HttpResponse(404, {}, b"")
        if number == 2:
            return HttpResponse(200, {"content-type": "video/mp4"}, b"x" * (MOST + 1))
        return HttpResponse(200, {"content-type": "image/png"}, PNG)

    world.providers.files = give
    world.mms("image/png", "image/png", "video/mp4", "image/png")
    world.pump()
    later, gone, large, here = attachments(world)
    assert later.unfetched
    assert gone.problem == "the file is gone: deleted, or never there"
    assert (large.problem or "").startswith("more than 25")
    assert here.ref
    world.providers.files = None
    world.pass_time(seconds=31)
    world.ring()
    world.pump()
    assert attachments(world)[0].ref
    assert attachments(world)[1].problem == gone.problem
    assert len(world.providers.fetched) == 5, "what is here or gone is not asked for again"
    assert not due(world)


def test_after_six_attempts_over_about_a_day_it_says_that_it_was_not_fetched(world: World) -> None:
    world.providers.files = lambda _: HttpResponse(503)
    world.mms("image/png")
    world.pump()
    began = world.now
    for _ in range(30):
        world.pass_time(hours=1)
        world.ring()
        world.sweep()
        world.pump()
    assert len(world.providers.fetched) == MAX_ATTEMPTS
    assert attachments(world)[0].problem == "not fetched after 6 attempts: the file's host answered 503"
    assert not due(world)
    assert (world.now - began).total_seconds() > 20 * 3600
    assert world.counts["FileGivenUp"] == 1


def test_wrong_credentials_are_counted_and_tried_again_when_they_may_be_right(world: World) -> None:
    refusal = HttpResponse(401, {}, json.dumps({"code": 20003}).encode())
    world.providers.files = lambda _: refusal
    world.mms("image/png")
    world.pump()
    assert world.counts["CredentialsRefused"] == 1
    world.providers.files = None
    world.pass_time(seconds=31)
    world.ring()
    world.pump()
    assert attachments(world)[0].ref


def test_a_provider_s_redirect_is_followed_to_its_own_hosts_only(world: World) -> None:
    def redirected(to: str) -> None:
        world.providers.files = lambda request: (
            HttpResponse(307, {"location": to}) if "api.twilio" in request.url else HttpResponse(200, {}, PNG)
        )
        world.mms("image/png", sender=f"+1555010{world.serial():03d}")
        world.pump()

    redirected("https://mms.twiliocdn.com/x/y")
    assert attachments(world)[0].ref
    world.pass_time(seconds=1)
    redirected("https://evil.example/x")
    assert attachments(world)[0].problem == "the file's address is not one of Twilio's"
    assert not [url for url in world.providers.fetched if "evil" in url]


def test_what_a_browser_would_run_is_kept_as_bytes(world: World) -> None:
    page = HttpResponse(200, {"content-type": "image/png"}, b"<html><script>alert(1)</script>")
    world.providers.files = lambda _: page
    world.mms("image/png")
    world.pump()
    assert attachments(world)[0].content_type == "application/octet-stream"


def test_a_file_of_an_inbox_that_is_gone_waits_for_it(world: World) -> None:
    world.mms("image/png")
    world.work("inbound")
    config = world._config
    world.apply(config.model_copy(update={"inboxes": config.inboxes[:3], "version": "without"}))
    world.pump()
    assert attachments(world)[0].unfetched
    world.apply(config.model_copy(update={"version": "again"}))
    world.pass_time(seconds=31)
    world.ring()
    world.pump()
    assert attachments(world)[0].ref


@pytest.mark.parametrize("body", ["{}", "[]", "x"])
def test_a_queue_message_that_is_not_ours_fails_alone(world: World, body: str) -> None:
    world.mms("image/png")
    world.work("inbound")
    world.sqs.send_message(QueueUrl=world.urls["media"], MessageBody=body)
    for _ in range(3):
        world.work("media")
    assert attachments(world)[0].ref
    assert world.queued("media") == 1


def test_the_account_s_credentials_go_to_the_provider_alone(world: World) -> None:
    asked: list[HttpRequest] = []

    def give(request: HttpRequest) -> HttpResponse:
        asked.append(request)
        to = {"location": "https://mms.twiliocdn.com/x"}
        return HttpResponse(307, to) if "api.twilio" in request.url else HttpResponse(200, {}, PNG)

    world.providers.files = give
    world.mms("image/png")
    world.pump()
    assert [("authorization" in r.headers) for r in asked] == [True, False]
    assert SID in asked[0].url
