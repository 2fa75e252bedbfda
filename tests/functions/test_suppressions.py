"""Addresses that nothing is sent to, at the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit.promises import Seen
from tests.kit.world import World

ADDRESS = "+15550199"
BOSS: dict[str, Any] = {"user": "amir", "role": "supervisor"}
ADMIN: dict[str, Any] = {"user": "yonetici", "role": "admin"}


def stop(world: World, address: str = ADDRESS, channel: str = "sms", **how: Any) -> tuple[int, dict[str, Any]]:
    body = {"channel": channel, "address": address, "reason": "asked on the phone"}
    return world.call("POST", "/v1/suppressions", body, **(BOSS | how))


def test_what_is_stopped_is_listed_until_it_is_lifted(world: World) -> None:
    status, made = stop(world)
    assert status == 201
    assert made == {
        "channel": "sms", "address": ADDRESS, "reason": "asked on the phone", "source": "by hand", "at": "2026-03-02T09:00:00Z",
    }  # fmt: skip
    assert world.call("GET", "/v1/suppressions", query="channel=sms", **BOSS)[1] == {
        "suppressions": [made],
        "next": None,
    }
    assert world.call("GET", "/v1/suppressions", query="channel=email", **BOSS)[1]["suppressions"] == []
    body = {"channel": "sms", "address": ADDRESS}
    assert world.call("POST", "/v1/suppressions/lift", body, **ADMIN)[0] == 200
    assert world.call("GET", "/v1/suppressions", query="channel=sms", **BOSS)[1]["suppressions"] == []
    assert world.call("POST", "/v1/suppressions/lift", body, **ADMIN)[0] == 404


def test_pages_follow_each_other(world: World) -> None:
    for number in range(5):
        assert stop(world, f"+1555010{number}")[0] == 201
        world.pass_time(seconds=1)
    seen: list[str] = []
    cursor = ""
    while True:
        query = "channel=sms&limit=2" + (f"&cursor={cursor}" if cursor else "")
        _, page = world.call("GET", "/v1/suppressions", query=query.replace("#", "%23"), **BOSS)
        seen += [one["address"] for one in page["suppressions"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == [f"+1555010{number}" for number in range(5)]


def test_a_mail_address_has_one_form(world: World) -> None:
    assert stop(world, "  Deniz@Example.NET ", "email")[1]["address"] == "deniz@example.net"


@pytest.mark.parametrize(
    ("channel", "address", "field"),
    [
        ("fax", "1", "channel"),
        ("sms", "05321234567", "address"),
        ("email", "nobody", "address"),
        ("sms", " ", "address"),
    ],
)
def test_what_is_no_address_is_refused(world: World, channel: str, address: str, field: str) -> None:
    status, answer = stop(world, address, channel)
    assert (status, answer["field"]) == (422, field)


def test_who_may_do_what(world: World) -> None:
    assert world.call("GET", "/v1/suppressions", query="channel=sms")[0] == 403
    assert stop(world, user="ayse", role="agent")[0] == 403
    assert stop(world)[0] == 201
    assert world.call("POST", "/v1/suppressions/lift", {"channel": "sms", "address": ADDRESS}, **BOSS)[0] == 403


def test_the_audit_says_who_did_it_and_holds_no_address(world: World) -> None:
    stop(world)
    world.pass_time(seconds=1)
    world.call("POST", "/v1/suppressions/lift", {"channel": "sms", "address": ADDRESS}, **ADMIN)
    _, page = world.call("GET", "/v1/audit", **ADMIN)
    assert [(e["what"], e["who"]) for e in page["entries"]] == [("suppress", "amir"), ("lift", "yonetici")]
    assert ADDRESS not in str(page)
    assert all(subject.startswith("contact:p_") for subject in Seen.of(world).history)


def test_the_same_key_stops_it_once(world: World) -> None:
    first = stop(world, key="k1")
    world.pass_time(minutes=1)
    assert stop(world, key="k1") == first


@pytest.mark.parametrize("query", ["", "channel=fax", "channel=sms&cursor=nonsense"])
def test_a_list_wants_a_channel_and_a_cursor_of_ours(world: World, query: str) -> None:
    assert world.call("GET", "/v1/suppressions", query=query, **BOSS)[0] == 422
