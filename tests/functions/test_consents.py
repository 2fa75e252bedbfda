"""Consents at the API: recorded with their proof, by hand, by a customer's word, by a carrier's error."""

from typing import Any

import pytest

from router.aws.consents import to_consent
from router.consents import Consent
from router.messages import ChannelName
from router.purposes import Purpose
from tests.kit.promises import Seen
from tests.kit.world import World

PHONE = "+15550199"
GIVEN: dict[str, Any] = {
    "channel": "sms", "address": PHONE, "purpose": "marketing", "given": True, "how": "form", "at": "2026-02-01T10:00:00Z",
    "text": "Kampanyalardan haberdar olmak istiyorum.", "source": "uye-formu",
}  # fmt: skip
ADMIN: dict[str, Any] = {"user": "yonetici", "role": "admin"}


def person(world: World) -> str:
    """Somebody who has written by SMS."""
    world.sms()
    world.pump()
    return str(world.conversations()[0].contact)


def held(world: World, contact: str) -> dict[tuple[str, str], tuple[bool, str]]:
    status, body = world.call("GET", f"/v1/contacts/{contact}/consents")
    assert status == 200, body
    return {(one["address"], one["purpose"]): (one["given"], one["how"]) for one in body["standing"]}


def test_what_is_recorded_is_read_with_its_proof(world: World) -> None:
    contact = person(world)
    status, made = world.call("POST", f"/v1/contacts/{contact}/consents", GIVEN)
    assert status == 201
    assert GIVEN.items() <= made.items()
    assert (made["who"], made["recorded_at"]) == ("ayse", "2026-03-02T09:00:00Z")
    body = world.call("GET", f"/v1/contacts/{contact}/consents")[1]
    assert body == {"standing": [made], "records": [made]}


def test_the_same_key_records_it_once_and_the_same_words_are_the_same_record(world: World) -> None:
    contact = person(world)
    plain = {name: value for name, value in GIVEN.items() if name != "at"}
    first = world.call("POST", f"/v1/contacts/{contact}/consents", plain, key="k1")
    world.pass_time(minutes=3)
    assert world.call("POST", f"/v1/contacts/{contact}/consents", plain, key="k1") == first
    assert world.call("POST", f"/v1/contacts/{contact}/consents", GIVEN, key="k2")[0] == 201
    assert world.call("POST", f"/v1/contacts/{contact}/consents", GIVEN, key="k3")[0] == 201
    assert len(Seen.of(world).consents) == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"address": "+15550111"}, "address"),
        ({"address": "0532"}, "address"),
        ({"channel": "fax"}, "channel"),
        ({"purpose": "fun"}, "purpose"),
        ({"how": "telepathy"}, "how"),
        ({"at": "2026-03-03T09:00:00Z"}, "at"),
        ({"at": "1989-12-31T00:00:00Z"}, "at"),
    ],
)
def test_what_cannot_be_is_refused(world: World, wrong: dict[str, str], field: str) -> None:
    contact = person(world)
    status, answer = world.call("POST", f"/v1/contacts/{contact}/consents", GIVEN | wrong)
    assert (status, answer["field"]) == (422, field)
    assert Seen.of(world).consents == {}


def test_stop_withdraws_marketing_and_start_gives_back_only_what_stop_took(world: World) -> None:
    contact = person(world)
    for word in ("RET", "BAŞLAT"):
        world.pass_time(minutes=1)
        world.sms(word)
        world.pump()
    assert held(world, contact) == {(PHONE, "marketing"): (False, "message")}
    world.pass_time(minutes=1)
    now = {"at": world.now.isoformat()}
    assert world.call("POST", f"/v1/contacts/{contact}/consents", GIVEN | now)[0] == 201
    assert held(world, contact) == {(PHONE, "marketing"): (True, "form")}
    for word, given in (("RET", False), ("BAŞLAT", True), ("DUR", False)):
        world.pass_time(minutes=1)
        world.sms(word)
        world.pump()
        assert held(world, contact) == {(PHONE, "marketing"): (given, "message")}


def test_start_takes_back_no_withdrawal_that_was_told_otherwise(world: World) -> None:
    contact = person(world)
    world.call("POST", f"/v1/contacts/{contact}/consents", GIVEN)
    world.call("POST", f"/v1/contacts/{contact}/consents", GIVEN | {"given": False, "how": "agent", "at": None})
    world.call("POST", "/v1/suppressions", {"channel": "sms", "address": PHONE, "reason": "x"}, role="supervisor")
    world.pass_time(minutes=1)
    world.sms("BAŞLAT")
    world.pump()
    assert held(world, contact) == {(PHONE, "marketing"): (False, "agent")}


def test_joining_people_moves_no_consent(world: World) -> None:
    contact = person(world)
    world.call("POST", f"/v1/contacts/{contact}/consents", GIVEN)
    world.mail()
    world.pump()
    other = next(c.contact for c in world.conversations() if c.contact != contact)
    mail = {"channel": "email", "address": "musteri@example.net", "given": False}
    assert world.call("POST", f"/v1/contacts/{other}/consents", GIVEN | mail)[0] == 201
    assert world.call("POST", f"/v1/contacts/{contact}/join", {"contact": other})[0] == 200
    both = {(PHONE, "marketing"): (True, "form"), ("musteri@example.net", "marketing"): (False, "form")}
    assert held(world, contact) == held(world, other) == both
    assert world.call("POST", f"/v1/contacts/{contact}/separate", {"contact": other})[0] == 200
    assert held(world, contact) == {(PHONE, "marketing"): (True, "form")}
    assert held(world, other) == {("musteri@example.net", "marketing"): (False, "form")}


def taken_in(world: World, rows: list[dict[str, Any]], **how: Any) -> list[str]:
    status, body = world.call("POST", "/v1/consents", {"rows": rows}, **(ADMIN | how))
    assert status == 200, body
    return [row["outcome"] for row in body["rows"]]


def test_rows_come_in_once_and_bad_ones_do_not_hold_up_the_others(world: World) -> None:
    rows = [GIVEN, GIVEN | {"address": "0532"}, GIVEN | {"address": "+15550188"}, GIVEN]
    assert taken_in(world, rows) == ["recorded", "refused", "recorded", "known"]
    world.pass_time(days=1)
    assert taken_in(world, rows) == ["known", "refused", "known", "known"]
    _, page = world.call("GET", "/v1/consents", query="channel=sms", role="supervisor")
    assert sorted(one["address"] for one in page["consents"]) == ["+15550188", PHONE]
    assert held(world, person(world)) == {(PHONE, "marketing"): (True, "form")}


def test_who_may_take_in_and_read_all(world: World) -> None:
    assert world.call("POST", "/v1/consents", {"rows": [GIVEN]}, role="supervisor")[0] == 403
    assert world.call("GET", "/v1/consents", query="channel=sms")[0] == 403
    assert world.call("GET", "/v1/consents", role="supervisor")[0] == 422
    assert world.call("POST", "/v1/consents", {"rows": [GIVEN] * 26}, **ADMIN)[0] == 422


def test_the_table_reads_what_holds_of_an_address_alone(world: World) -> None:
    taken_in(world, [GIVEN, GIVEN | {"given": False, "at": "2026-02-02T10:00:00Z"}, GIVEN | {"purpose": "service"}])
    found = world.x.table.consent(ChannelName.SMS, PHONE, Purpose.MARKETING)
    assert isinstance(found, Consent)
    assert not found.given
    assert world.x.table.consent(ChannelName.SMS, PHONE, Purpose.TRANSACTIONAL) is None
    assert all(to_consent(item).address == PHONE for item in world.items("P#"))
