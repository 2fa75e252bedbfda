"""The sample events in `events/`: authentic ones pass, the stranger's do not, so they can be tried on the functions.

They are signed with the toy secrets below.
"""

import importlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest

from channels import registry, sessions
from channels.base import Request
from router.aws.queues import Queues, read_wake
from router.config import Inbox
from router.errors import Refused
from santral.unwrap import unwrap
from tests.kit.events import LambdaContext
from tests.kit.world import World

EVENTS = Path(__file__).parents[1] / "events"
TWILIO_TOKEN = "a-test-token-of-the-sample-events"
SESSION_KEY = b"the session key of the sample events"
NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
SMS = Inbox(name="sms", channel="twilio", address="+441632960100", queue="sms")


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_every_event_is_named_after_its_function(path: Path) -> None:
    function, _, case = path.stem.partition("-")
    assert (EVENTS.parent / "functions" / f"{function}.py").exists()
    assert case
    assert isinstance(json.loads(path.read_text()), dict)


@pytest.mark.parametrize("path", sorted(EVENTS.glob("receive-twilio-*.json")), ids=lambda path: path.stem)
def test_twilios_calls_pass_but_for_the_unsigned_one(path: Path) -> None:
    (request,) = unwrap(path.read_bytes(), NOW)
    assert isinstance(request, Request)
    twilio = registry.get("twilio")
    if path.stem.endswith("unsigned"):
        with pytest.raises(Refused):
            twilio.verify(request, SMS, {"auth_token": TWILIO_TOKEN}, NOW)
    else:
        twilio.verify(request, SMS, {"auth_token": TWILIO_TOKEN}, NOW)


def test_the_visitor_holds_a_session() -> None:
    event = json.loads((EVENTS / "webchat-connect.json").read_text())
    version, session = event["headers"]["Sec-WebSocket-Protocol"].split(", ")
    assert version == "santral.v1"
    found = sessions.verify(session.removeprefix("session."), [SESSION_KEY], NOW)
    assert (found.inbox, found.visitor) == ("web", "v-81c2e0")


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_its_function_takes_the_event_without_a_fault(path: Path, world: World) -> None:
    mail = EVENTS.parent / "tests/channels/samples/email/tr-reply-gmail.eml"
    world.s3.put_object(Bucket="mail", Key="in/ses00003", Body=mail.read_bytes())
    boto3.client("events").create_event_bus(Name="santral")
    module = importlib.import_module(f"functions.{path.stem.partition('-')[0]}")
    answer = module.handler(json.loads(path.read_text()), LambdaContext())
    assert answer.get("statusCode", 200) < 500
    stray = {
        "deliver-reply"
    }  # it names a message that this empty table does not have: the record fails, the function does not
    assert bool(answer.get("batchItemFailures")) == (path.stem in stray)


def test_the_samples_of_wakes_are_what_we_send() -> None:
    """A body that an older version wrote is passed over, so a stale sample would show nothing."""
    (record,) = json.loads((EVENTS / "match-newcomer.json").read_text())["Records"]
    wake = read_wake(record["body"])
    assert wake.waiting is not None
    assert (wake.waiting.queue, wake.waiting.units) == ("genel", 3)
    queues = Queues(None, {}, b"k" * 32)
    _, sent = queues._entry(replace(wake, event_id="e"), NOW)
    assert sent["MessageBody"] == record["body"]
