"""Saved replies at the API: who writes, how they are found, and what is filled in."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.kit.world import World

BOSS: dict[str, Any] = {"user": "mehmet", "role": "supervisor"}
CARGO = {
    "shortcut": "kargo",
    "title": "Kargo gecikti",
    "texts": {
        "tr": "Merhaba {{name|değerli müşterimiz}}, kargonuz yolda. {{agent}}",
        "en": "Hello {{ name }}, your parcel is on its way. ({{conversation}})",
    },
}


def save(world: World, body: dict[str, Any], path: str = "", **how: Any) -> dict[str, Any]:
    status, shown = world.call("POST", f"/v1/saved-replies{path}", body, **(BOSS | how))
    assert status == (200 if path else 201), shown
    return shown


def found(world: World, query: str = "") -> list[str]:
    return [r["shortcut"] for r in world.call("GET", "/v1/saved-replies", query=query)[1]["replies"]]


@pytest.fixture
def conversation(world: World) -> str:
    """One mail conversation, Turkish, that Ayşe has."""
    world.come_in("ayse")
    world.mail("Merhaba", sender="Zeynep <zeynep@example.net>")
    world.pump()
    return str(world.conversations()[0].id)


def test_supervisors_write_and_agents_read(world: World) -> None:
    assert world.call("POST", "/v1/saved-replies", CARGO)[0] == 403
    made = save(world, CARGO)
    assert world.call("GET", "/v1/saved-replies")[1]["replies"] == [made]
    assert made["changed_by"] == "mehmet"


def test_replies_are_found_by_shortcut_title_text_language_and_queue(world: World) -> None:
    save(world, CARGO)
    save(world, {"shortcut": "iade", "title": "İade", "texts": {"tr": "IŞIK hızında iade"}, "queues": ["uzman"]})
    assert found(world) == ["iade", "kargo"]
    assert found(world, "q=kar") == found(world, "q=/kar") == ["kargo"]
    assert found(world, f"q={quote('ışık')}") == ["iade"]
    assert found(world, "q=argo") == []
    assert found(world, "language=en") == ["kargo"]
    assert found(world, "language=tr-TR") == ["iade", "kargo"]
    assert found(world, "queue=genel") == ["kargo"]
    assert found(world, "queue=uzman") == ["iade", "kargo"]


def test_a_reply_is_filled_in_the_conversation_s_language(world: World, conversation: str) -> None:
    reply = save(world, CARGO)["id"]
    status, shown = world.call("GET", f"/v1/saved-replies/{reply}/render", query=f"conversation={conversation}")
    assert (status, shown) == (
        200,
        {"text": "Merhaba Zeynep, kargonuz yolda. Ayşe", "language": "tr", "missing": []},
    )


def test_what_is_not_known_is_left_empty_and_named_or_stood_in_for(world: World) -> None:
    world.come_in("ayse")
    world.sms("hi")
    world.pump()
    conversation = world.conversations()[0].id
    both = save(world, CARGO)["id"]
    only = save(world, {**CARGO, "shortcut": "tr", "texts": {"tr": CARGO["texts"]["tr"]}})["id"]  # type: ignore[index]
    english = world.call("GET", f"/v1/saved-replies/{both}/render", query=f"conversation={conversation}")[1]
    assert english == {
        "text": f"Hello , your parcel is on its way. ({conversation})",
        "language": "en",
        "missing": ["name"],
    }
    turkish = world.call("GET", f"/v1/saved-replies/{only}/render", query=f"conversation={conversation}")[1]
    assert turkish["text"].startswith("Merhaba değerli müşterimiz,")


def test_a_customer_s_name_with_braces_is_only_text(world: World) -> None:
    world.mail("x", sender='"{{agent}} {{conversation}}" <a@example.net>')
    world.pump()
    reply = save(world, CARGO)["id"]
    query = f"conversation={world.conversations()[0].id}"
    assert (
        "{{agent}} {{conversation}}" in world.call("GET", f"/v1/saved-replies/{reply}/render", query=query)[1]["text"]
    )


def test_a_reply_is_changed_and_its_shortcut_comes_free(world: World) -> None:
    first = save(world, CARGO)
    assert world.call("POST", "/v1/saved-replies", CARGO, **BOSS)[0] == 409
    changed = save(world, {**CARGO, "shortcut": "gecikme"}, f"/{first['id']}")
    assert (changed["id"], changed["shortcut"]) == (first["id"], "gecikme")
    second = save(world, CARGO)
    assert world.call("POST", f"/v1/saved-replies/{second['id']}", {**CARGO, "shortcut": "gecikme"}, **BOSS)[0] == 409
    assert found(world) == ["gecikme", "kargo"]


def test_a_deleted_reply_is_gone_and_its_shortcut_free(world: World) -> None:
    made = save(world, CARGO)
    for status in (200, 404):
        assert world.call("POST", f"/v1/saved-replies/{made['id']}/delete", {}, **BOSS)[0] == status
    assert found(world) == []
    save(world, CARGO)
    whats = [
        e["what"] for e in world.call("GET", "/v1/audit", user="a", role="admin", query="who=mehmet")[1]["entries"]
    ]
    assert sorted(whats) == ["saved_reply.create", "saved_reply.create", "saved_reply.delete"]


def test_a_wrong_reply_is_invalid(world: World) -> None:
    changes: tuple[dict[str, Any], ...] = (
        {"texts": {}}, {"texts": {"tr": ""}}, {"texts": {"türkçe": "x"}}, {"texts": {"tr": "{{isim}}"}}, {"shortcut": "Kargo"},
        {"queues": ["none"]}, {"title": ""}, {"texts": {"tr": "x" * 10_001}},
    )  # fmt: skip
    for change in changes:
        assert world.call("POST", "/v1/saved-replies", {**CARGO, **change}, **BOSS)[0] == 422, change


def test_an_unknown_reply_or_conversation_is_not_found(world: World) -> None:
    made = save(world, CARGO)["id"]
    assert world.call("POST", "/v1/saved-replies/sr_none", CARGO, **BOSS)[0] == 404
    assert world.call("POST", "/v1/saved-replies/%2Fkargo/delete", {}, **BOSS)[0] == 404
    for path, query in (("sr_none", "conversation=c_x.default.1"), (made, "conversation=c_x.default.1")):
        assert world.call("GET", f"/v1/saved-replies/{path}/render", query=query)[0] == 404
    assert world.call("GET", f"/v1/saved-replies/{made}/render")[0] == 422
