"""Who reads what of colleagues: the history and the explanation keep one rule, for people and for machines (docs/api.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from router.config import Config
from router.decisions import for_agents, packed
from tests.kit.machines import machine_call, new_client, token
from tests.kit.offering import Agents, act, floor, later, now, presence, writes
from tests.kit.world import World

On = Callable[[Mapping[str, Any]], World]
CREW: Agents = {
    "ayse": {"skills": {"genel": 5}},
    "mehmet": {"skills": {"genel": 3}},
    "can": {"skills": ["chat"]},
    "ece": {"skills": ["genel"]},
}
STATES = [{"name": "mola", "label": {"tr": "Mola", "en": "Break"}}]
HIDDEN = ("usta", "Usta", "can", "Can", "öğle yemeği", "score", "floor-")
"""Who only could not take it, why somebody declined, how urgent it was, and under which version: not for agents."""
SHOWN = ("ayse", "mehmet", "presence:mola", "genel")


@pytest.fixture
def handed(on: On) -> tuple[World, str]:
    """One that Ayşe declined and Mehmet accepted, that waits for somebody else, and that a supervisor gave to Ece at her break."""
    world = on(floor(CREW, presences=STATES))
    world.come_in("ayse", "mehmet", "can", "ece", "usta")
    presence(world, "ece", "mola")
    conversation = writes(world)
    world.pass_time(seconds=3)
    act(world, "ayse", "decline", conversation, {"reason": "öğle yemeği"})
    world.pass_time(seconds=3)
    act(world, "mehmet", "accept", conversation)
    presence(world, "ayse", "away")
    act(world, "mehmet", "transfer", conversation, {"queue": "genel"})
    act(world, "sef", "assign", conversation, {"agent": "ece"}, role="supervisor")
    return world, conversation.id


def read(world: World, conversation: str, user: str, role: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The history and the explanation, as somebody reads them."""
    status, body = world.call("GET", f"/v1/conversations/{conversation}", user=user, role=role)
    assert status == 200, body
    status, told = world.call("GET", f"/v1/conversations/{conversation}/explanation", user=user, role=role)
    assert status == 200, told
    return body["history"], told


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("user", ["can", "ayse", "ece", "nobody"])
def test_an_agent_reads_numbers_of_colleagues_whether_it_is_theirs_or_was_or_never_could_be(
    handed: tuple[World, str], user: str
) -> None:
    world, conversation = handed
    history, told = read(world, conversation, user, "agent")
    plain = text([entry | {"id": ""} for entry in history])
    assert [word for word in HIDDEN if f'"{word}' in plain or f"({word}" in plain] == []
    assert [word for word in SHOWN if word not in plain] == []
    hidden = ("Usta", "Can ", "öğle", "overruled", "Score", "policy", "floor-")
    assert [word for word in hidden if word in text(told["story"])] == []
    assert (told["audience"], told["now"]["colleagues"]) == ("agent", [])


def test_the_history_gives_an_agent_the_numbers_that_the_explanation_tells_them(handed: tuple[World, str]) -> None:
    world, conversation = handed
    history, told = read(world, conversation, "can", "agent")
    decisions = [entry["detail"] for entry in history if entry["what"] == "decision"]
    assert [one["excluded"] for one in decisions[:2]] == [
        {"presence:mola": 1, "skill:genel": 2},
        {"presence:mola": 1, "skill:genel": 2, "declined": 1},
    ]
    assert [one["fit"] for one in decisions[:2]] == [2, 1]
    lines = [line["details"] for line in told["story"] if line["what"] == "decision"]
    assert "One other could have taken it as well." in lines[0]
    assert "Why not the others: 1 in the state “Break”; 2 without “genel”." in lines[0]
    (given,) = [entry["detail"] for entry in history if entry["what"] == "assign"]
    assert set(given["decision"]) == {"waited_ms", "needs"}


@pytest.mark.parametrize(("user", "role"), [("sef", "supervisor"), ("yonetici", "admin"), ("ayse", "agent supervisor")])
def test_whoever_oversees_reads_names_scores_and_reasons(handed: tuple[World, str], user: str, role: str) -> None:
    world, conversation = handed
    history, told = read(world, conversation, user, role)
    first, declined, given = (
        next(entry for entry in history if entry["what"] == what) for what in ("decision", "decline", "assign")
    )
    assert first["detail"]["excluded"] == {"presence:mola": ["ece"], "skill:genel": ["can", "usta"]}
    assert (first["detail"]["fit"], first["detail"]["policy"]) == (["ayse", "mehmet"], "default")
    assert isinstance(first["detail"]["score"], list)
    assert declined["detail"]["reason"] == "öğle yemeği"
    assert given["detail"]["decision"]["overruled"] == "presence:mola"
    assert told["audience"] == "supervisor"
    story = text(told["story"])
    assert "Can and Usta (without “genel”)" in story
    assert "That overruled what kept it from Ece: in the state “Break”." in story
    assert "The reason given: “öğle yemeği”" in story


SCOPES = [
    ("conversations:read",),
    ("conversations:read", "replies:write"),
    ("agents:read", "conversations:read", "replies:write"),
]


@pytest.mark.parametrize("scopes", SCOPES, ids="+".join)
def test_a_machine_reads_what_an_agent_reads_whatever_its_scopes(
    handed: tuple[World, str], scopes: tuple[str, ...]
) -> None:
    world, conversation = handed
    bearer = token(*new_client(world, *scopes))
    status, body = machine_call(world, bearer, "GET", f"/v1/conversations/{conversation}")
    assert status == 200
    assert body["history"] == read(world, conversation, "can", "agent")[0]
    for audience in ("", "as=agent", "as=supervisor"):
        path = f"/v1/conversations/{conversation}/explanation"
        assert machine_call(world, bearer, "GET", path, query=audience)[0] == 403


@pytest.mark.parametrize("role", ["", "owner", "guest"])
def test_whoever_has_none_of_the_roles_reads_nothing(handed: tuple[World, str], role: str) -> None:
    world, conversation = handed
    for path in ("", "/explanation"):
        assert world.call("GET", f"/v1/conversations/{conversation}{path}", user="mehmet", role=role)[0] == 403


def test_an_agent_reads_numbers_where_the_version_is_gone_too(
    handed: tuple[World, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, conversation = handed
    monkeypatch.setattr(world.x, "version", _gone)
    first = read(world, conversation, "can", "agent")[0][0]["detail"]
    assert (first["fit"], first["excluded"]) == (2, {"presence:mola": 1, "skill:genel": 2})
    assert "offer_s" not in first


def _gone(version: str) -> Config:
    raise ValueError(version)


def test_while_it_waits_an_agent_reads_their_own_reason_and_numbers(on: On) -> None:
    world = on(floor(CREW, presences=STATES))
    world.come_in("ece", "can", "usta")
    presence(world, "ece", "mola")
    conversation = writes(world)
    later(world, seconds=1)
    history, told = read(world, now(world, conversation).id, "ece", "agent")
    assert told["now"]["you"] == "You: you are in the state “Break”."
    assert "2 without “genel”" in told["now"]["text"][1] + told["now"]["text"][2]
    assert [entry["detail"]["excluded"] for entry in history] == [
        {"presence:mola": 1, "presence:offline": 2, "skill:genel": 2}
    ]


def test_records_of_every_format_become_numbers_and_one_that_cannot_be_read_says_only_who_got_it() -> None:
    old = {
        "agent": "ali",
        "skill": "genel",
        "fit": [["ali", 12, 40]],
        "excluded": {"capacity": ["ayse", "can"]},
        "config": "v0",
    }
    assert for_agents("decision", old) == {"agent": "ali", "skill": "genel", "fit": 1, "excluded": {"capacity": 2}}
    kept = {
        "v": 2,
        "agent": None,
        "fit": packed(0),
        "excluded": {"hours": packed(0b101)},
        "score": [0, 1.5],
        "next": [],
        "roster": "x",
    }
    assert for_agents("decision", kept) == {"v": 2, "agent": None, "fit": 0, "excluded": {"hours": 2}}
    assert for_agents("decision", {"agent": "ali", "fit": "no mask", "excluded": {"hours": ["can"]}}) == {
        "agent": "ali"
    }
    said = {"message": "m_1", "config": "v1", "matched": {"vip": {}}, "failed": {"odd": "why"}, "saw": {"k": True}}
    assert for_agents("decision", {"rules": said})["rules"] == {
        "message": "m_1",
        "matched": {"vip": {}},
        "failed": {"odd": "why"},
    }
