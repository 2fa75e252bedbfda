"""Events in at the API: once per source and id, about a person who is known, or made when asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.kit.machines import machine_call, new_client, token
from tests.kit.world import World

ADMIN: dict[str, Any] = {"user": "yonetici", "role": "admin"}
BOUGHT = {"type": "purchase.completed", "contact": {"channel": "email", "address": "Musteri@Example.net"}}


def tell(world: World, body: dict[str, Any], **how: Any) -> tuple[int, dict[str, Any]]:
    return world.call("POST", "/v1/events", body, **(ADMIN | how))


def met(world: World) -> str:
    """A customer who wrote by mail; the contact."""
    world.mail("Merhaba")
    world.pump()
    return str(world.conversations()[0].contact)


def test_a_machine_tells_of_a_purchase_and_people_see_it_with_the_person(world: World) -> None:
    contact = met(world)
    bearer = token(*new_client(world, "events:write"))
    body = {
        **BOUGHT,
        "id": "siparis-4711",
        "time": "2026-03-01T12:00:00+03:00",
        "data": {"total": 99.5, "items": ["çay"]},
    }
    status, told = machine_call(world, bearer, "POST", "/v1/events", body)
    assert (status, told["source"], told["contact"], told["time"]) == (
        200,
        "client:crm",
        contact,
        "2026-03-01T09:00:00Z",
    )
    shown = world.call("GET", f"/v1/contacts/{contact}")[1]["events"]
    assert shown == [told]
    assert world.call("GET", f"/v1/contacts/{contact}/events")[1] == {"events": [told], "next": None}
    assert shown[0]["data"] == {"total": 99.5, "items": ["çay"]}


def test_the_same_source_and_id_is_the_same_event_whatever_else_it_says(world: World) -> None:
    contact = met(world)
    first = tell(world, {**BOUGHT, "id": "1"})
    assert tell(world, {**BOUGHT, "id": "1", "type": "purchase.refunded"}) == first
    other = token(*new_client(world, "events:write"))
    assert machine_call(world, other, "POST", "/v1/events", {**BOUGHT, "id": "1"})[1]["source"] == "client:crm"
    assert len(world.call("GET", f"/v1/contacts/{contact}/events")[1]["events"]) == 2


def test_the_first_answer_and_a_repeat_s_are_the_same_to_the_microsecond(world: World) -> None:
    met(world)
    world.pass_time(microseconds=123_456)
    first = tell(world, {**BOUGHT, "id": "1", "time": "2026-03-01T12:00:00.987654Z"})
    assert tell(world, {**BOUGHT, "id": "1"}) == first


def test_without_an_id_the_idempotency_key_is_its_id(world: World) -> None:
    met(world)
    assert tell(world, BOUGHT, key="k1") == tell(world, BOUGHT, key="k1")
    assert tell(world, BOUGHT, key="k1")[1]["id"] == "k1"
    assert len(world.items("E#")) == 1
    assert tell(world, BOUGHT, key=None)[0] == 422


def test_an_event_about_nobody_is_refused_unless_a_contact_is_to_be_made(world: World) -> None:
    status, body = tell(world, BOUGHT)
    assert (status, "create" in body["detail"]) == (404, True)
    assert world.items("E#") == []
    status, told = tell(world, {**BOUGHT, "create": True})
    assert status == 200
    assert met(world) == told["contact"]  # the proved owner of the address, when they write
    assert tell(world, {**BOUGHT, "contact": {"id": "p_nobody"}})[0] == 404


def test_a_forged_sender_does_not_get_the_events_of_the_address(world: World) -> None:
    _, told = tell(world, {**BOUGHT, "create": True})
    world.mail("ben oyum", dmarc="FAIL")
    world.pump()
    assert world.conversations()[0].contact != told["contact"]
    assert world.call("GET", f"/v1/contacts/{world.conversations()[0].contact}")[1]["events"] == []


def test_ids_hold_no_personal_data(world: World) -> None:
    tell(world, {**BOUGHT, "id": "musteri@example.net", "create": True})
    assert not [
        item for item in world.items() if "musteri" in f"{item['pk']} {item['sk']} {item.get('cv')} {item.get('at')}"
    ]


def test_events_are_paged_the_newest_first(world: World) -> None:
    contact = met(world)
    for number in range(5):
        tell(world, {**BOUGHT, "id": str(number), "time": f"{world.now - timedelta(days=number):%Y-%m-%dT%H:%M:%SZ}"})
    found: list[str] = []
    cursor = ""
    while True:
        page = world.call("GET", f"/v1/contacts/{contact}/events", query=f"limit=2{cursor}")[1]
        found += [event["id"] for event in page["events"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next'].replace('#', '%23')}"
    assert found == ["0", "1", "2", "3", "4"]


def test_events_of_a_joined_contact_are_the_person_s(world: World) -> None:
    mail = met(world)
    tell(world, {**BOUGHT, "id": "mail"})
    world.sms("Merhaba")
    world.pump()
    sms = next(c.contact for c in world.conversations() if c.contact != mail)
    world.pass_time(seconds=1)
    tell(world, {**BOUGHT, "id": "sms", "contact": {"id": sms}})
    assert world.call("POST", f"/v1/contacts/{sms}/join", {"contact": mail}, role="supervisor")[0] == 200
    for contact in (sms, mail):
        found = world.call("GET", f"/v1/contacts/{contact}/events")[1]["events"]
        assert [event["id"] for event in found] == ["sms", "mail"]


def test_a_wrong_event_is_invalid(world: World) -> None:
    met(world)
    ahead = f"{world.now + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
    changes: tuple[dict[str, Any], ...] = (
        {"type": "purchase"}, {"type": "Purchase.completed"}, {"type": "a..b"}, {"time": ahead}, {"data": {"x": "ş" * 17_000}},
        {"contact": {}}, {"contact": {"channel": "fax", "address": "1"}}, {"contact": {"channel": "email"}}, {"data": []},
        {"contact": {"channel": "sms", "address": "0532"}, "create": True},
        {"contact": {"channel": "webchat", "address": "v1"}, "create": True}, {"what": 1},
        {"time": "0001-01-01T00:00:00+14:00"}, {"time": "9999-12-31T23:00:00-14:00"}, {"time": "2026-03-02T09:00:00"},
        {"data": {"x": float("nan")}}, {"data": {"x": [float("inf")]}},
    )  # fmt: skip
    for change in changes:
        status, body = tell(world, {**BOUGHT, **change})
        assert (status, body["status"]) == (422, 422), change


def test_agents_and_supervisors_tell_no_events(world: World) -> None:
    met(world)
    assert tell(world, BOUGHT, role="agent")[0] == 403
    assert tell(world, BOUGHT, role="supervisor")[0] == 403
