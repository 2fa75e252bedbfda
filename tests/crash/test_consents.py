"""Consent and unsubscribing, stopped at each of their calls."""

from typing import Any

import pytest

from functions import api
from router.aws.rows import to_contact
from router.ids import unsubscribe_token
from router.messages import ChannelName, ReceiptStatus
from tests.crash.test_automatic import held, reported_as, word
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.events import LambdaContext, http_event
from tests.kit.promises import Seen
from tests.kit.world import World

PHONE, MAIL = "+15550199", "musteri@example.net"
GIVEN = {"purpose": "marketing", "given": True, "how": "form", "at": "2026-02-01T10:00:00Z"}


def mailed(world: World) -> str:
    """An answer by mail has left, and its receiver had consented to marketing; the link in it."""
    world.come_in("ayse")
    world.mail()
    world.pump()
    (one,) = world.conversations()
    body = {"channel": "email", "address": MAIL, **GIVEN}
    assert world.call("POST", f"/v1/contacts/{one.contact}/consents", body)[0] == 201
    world.reply(one.id)
    world.pump()
    (send,) = Seen.of(world).sends.values()
    return unsubscribe_token(world.x.key, send.id)


def unsubscribes(world: World, token: Any) -> bool:
    """A mail program posts until it is told that it is done."""
    event = http_event("POST", f"/u/{token}", b"List-Unsubscribe=One-Click", {})
    status = api.handler(event, LambdaContext())["statusCode"]
    assert status in (200, 500, 503)
    return bool(status == 200)


def declined_once(world: World, _: Any) -> None:
    found = sorted(world.x.table.consents(ChannelName.EMAIL, MAIL), key=lambda one: one.mark)
    assert [(one.given, str(one.how)) for one in found] == [(True, "form"), (False, "one-click")]
    assert audited(world, "unsubscribed") == 1


def takes_in(world: World, _: Any) -> bool:
    """A file's rows come until they are told to be in."""
    rows = [{"channel": "sms", "address": f"+1555018{n}", **GIVEN} for n in range(3)]
    status, answer = world.call("POST", "/v1/consents", {"rows": rows}, key="rows", user="yonetici", role="admin")
    assert status in (200, 500, 503), answer
    return status == 200


def taken_in(world: World, _: Any) -> None:
    assert sorted(one.address for one in Seen.of(world).consents.values()) == [f"+1555018{n}" for n in range(3)]


def records(world: World, _: Any) -> bool:
    contact = world.conversations()[0].contact
    body = {"channel": "sms", "address": PHONE, **GIVEN}
    status, answer = world.call("POST", f"/v1/contacts/{contact}/consents", body, key="the-key")
    assert status in (201, 500, 503), answer
    return status == 201


def recorded(world: World, _: Any) -> None:
    assert [one.given for one in Seen.of(world).consents.values()] == [True]
    assert audited(world, "consent") == 1


def withdrawn(world: World, _: Any) -> None:
    """Together with what said so, once."""
    assert [(one.given, one.purpose) for one in Seen.of(world).consents.values()] == [(False, "marketing")]


def audited(world: World, what: str) -> int:
    return sum(entry["what"] == what for entries in Seen.of(world).history.values() for entry in entries)


def imports(world: World, _: Any) -> bool:
    """A page of a file comes until it is told to be in: somebody new with two addresses, and one who is known."""
    mail, phone = {"channel": "email", "address": "ada@example.net"}, {"channel": "sms", "address": "+15550177"}
    rows = [
        {
            "addresses": [mail, phone],
            "name": "Ada",
            "consents": [{**mail, "given": True, "at": "2026-02-01T10:00:00Z"}],
        },
        {"addresses": [{"channel": "sms", "address": PHONE}], "name": "Zeynep", "tags": ["vip"]},
    ]
    status, answer = world.call("POST", "/v1/contact-rows", {"rows": rows}, key="page", user="yonetici", role="admin")
    assert status in (200, 500, 503), answer
    return status == 200


def imported(world: World, _: Any) -> None:
    people = [to_contact(item) for item in world.items("P#") if item["sk"] == "contact"]
    assert sorted((one.name, len(one.identities)) for one in people if one.into is None) == [("Ada", 2), ("Zeynep", 1)]
    assert [one.name for one in world.conversations()] == ["Zeynep"]
    assert len(Seen.of(world).consents) == 1
    assert audited(world, "import") == 2


def nobody(_: World) -> None:
    """Nothing came before."""


SCENARIOS = [
    Scenario("unsubscribe", mailed, declined_once, unsubscribes),
    Scenario("consents.take in", nobody, taken_in, takes_in),
    Scenario("contacts.take in", held, imported, imports),
    Scenario("consents.record", held, recorded, records),
    Scenario("consents.stop", word("RET", held), withdrawn, queue="inbound"),
    Scenario("consents.complaint", reported_as(ReceiptStatus.COMPLAINED), withdrawn, queue="inbound"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_what_a_person_says_of_being_written_to_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
