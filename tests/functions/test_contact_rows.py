"""Contacts as rows at the API: made or changed by their addresses, once; given out page by page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit.machines import machine_call, new_client, token
from tests.kit.promises import Seen
from tests.kit.world import World

ADMIN: dict[str, Any] = {"user": "yonetici", "role": "admin"}
MAIL, PHONE = {"channel": "email", "address": "ada@example.net"}, {"channel": "sms", "address": "+15550177"}
ROW: dict[str, Any] = {
    "addresses": [MAIL, PHONE], "name": "Ada", "zone": "Europe/Istanbul", "birthday": "02-29", "tags": ["vip"],
    "attributes": {"city": "İzmir"}, "consents": [{**MAIL, "given": True, "at": "2026-02-01T10:00:00Z", "source": "form"}],
}  # fmt: skip


def take(world: World, *rows: dict[str, Any]) -> list[str]:
    status, body = world.call("POST", "/v1/contact-rows", {"rows": list(rows)}, **ADMIN)
    assert status == 200, body
    return [row["outcome"] for row in body["rows"]]


def person(world: World, address: dict[str, str]) -> dict[str, Any]:
    query = f"channel={address['channel']}&address={address['address'].replace('+', '%2B')}"
    status, body = world.call("GET", "/v1/contacts", query=query)
    assert status == 200, body
    return world.call("GET", f"/v1/contacts/{body['into']}")[1] if body["into"] else body


def test_a_row_makes_a_person_once_with_all_addresses(world: World) -> None:
    assert take(world, ROW, ROW) == ["created", "unchanged"]
    before = world.items()
    assert take(world, ROW) == ["unchanged"]
    assert world.items() == before
    found = person(world, PHONE)
    assert found["id"] == person(world, MAIL)["id"]
    assert {one["address"]: one["method"] for one in found["identities"]} == {
        MAIL["address"]: None,
        PHONE["address"]: "import",
    }
    assert (found["zone"], found["tags"], found["attributes"]) == ("Europe/Istanbul", ["vip"], {"city": "İzmir"})
    assert [one.source for one in Seen.of(world).consents.values()] == ["form"]


def test_who_is_known_is_changed_and_their_conversation_named(world: World) -> None:
    world.sms(sender=PHONE["address"])
    world.pump()
    assert take(world, ROW) == ["changed"]
    (one,) = world.conversations()
    assert (one.name, one.contact) == ("Ada", person(world, MAIL)["id"])


def test_the_first_message_from_an_address_of_a_row_is_that_person_s(world: World) -> None:
    take(world, ROW)
    world.sms(sender=PHONE["address"])
    world.pump()
    (one,) = world.conversations()
    assert one.contact == person(world, MAIL)["id"]


def test_a_slip_in_a_file_joins_nobody(world: World) -> None:
    assert take(world, {"addresses": [MAIL]}, {"addresses": [PHONE]}, ROW) == ["created", "created", "refused"]
    assert person(world, MAIL)["id"] != person(world, PHONE)["id"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"addresses": [{"channel": "sms", "address": "0532"}]}, "address"),
        ({"addresses": [{"channel": "webchat", "address": "x"}]}, "addresses"),
        ({"zone": "Istanbul"}, "zone"),
        ({"birthday": "02-30"}, "birthday"),
        ({"attributes": {"Şehir": "x"}}, "attributes.Şehir"),
        (
            {"consents": [{"channel": "sms", "address": "+15550111", "given": True, "at": "2026-02-01T10:00:00Z"}]},
            "consents",
        ),
        ({"consents": [{**MAIL, "given": True, "at": "2027-02-01T10:00:00Z"}]}, "at"),
    ],
)
def test_a_bad_row_is_told_and_holds_up_no_other(world: World, wrong: dict[str, Any], field: str) -> None:
    status, body = world.call("POST", "/v1/contact-rows", {"rows": [ROW | wrong, {"addresses": [PHONE]}]}, **ADMIN)
    assert status == 200
    assert [row["outcome"] for row in body["rows"]] == ["refused", "created"]
    assert body["rows"][0]["field"] == field
    assert len([item for item in world.items("P#") if item["sk"] == "contact"]) == 1


def test_all_people_are_given_out_once_page_by_page(world: World) -> None:
    take(world, *({"addresses": [{"channel": "email", "address": f"a{n}@example.net"}]} for n in range(20)), ROW)
    seen: list[str] = []
    cursor = ""
    for _ in range(100):
        query = "limit=2" + (f"&cursor={cursor}".replace("#", "%23") if cursor else "")
        status, page = world.call("GET", "/v1/contact-rows", query=query, **ADMIN)
        assert status == 200, page
        seen += [row["addresses"][0]["address"] for row in page["rows"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == sorted([*(f"a{n}@example.net" for n in range(20)), MAIL["address"]])


def test_a_machine_tells_of_consents_only_where_it_may(world: World) -> None:
    plain = {"addresses": [MAIL], "name": "Ada"}
    crm = token(*new_client(world, "contacts:write"))
    status, body = machine_call(world, crm, "POST", "/v1/contact-rows", {"rows": [plain, ROW]})
    assert (status, body["detail"]) == (403, "this needs the scope 'consents:write'")
    assert Seen.of(world).consents == {}
    assert machine_call(world, crm, "POST", "/v1/contact-rows", {"rows": [plain]})[0] == 200
    form = token(*new_client(world, "contacts:write", "consents:write", name="form"))
    assert machine_call(world, form, "POST", "/v1/contact-rows", {"rows": [ROW]})[0] == 200
    assert [one.address for one in Seen.of(world).consents.values()] == [MAIL["address"]]


def test_who_may(world: World) -> None:
    assert world.call("POST", "/v1/contact-rows", {"rows": [ROW]}, role="supervisor")[0] == 403
    assert world.call("GET", "/v1/contact-rows", role="supervisor")[0] == 403
    assert world.call("GET", "/v1/contact-rows", query="cursor=9.", **ADMIN)[0] == 422
    assert world.call("POST", "/v1/contact-rows", {"rows": [ROW] * 26}, **ADMIN)[0] == 422
