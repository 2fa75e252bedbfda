"""A VIP complains in Turkish at night: the best agent declines, the second lets it time out, the step relaxes, the third accepts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from santral.api_client import ApiClient, ApiError
from tests.emulator.conftest import VIP, VIP_LINE, Live, until

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(180)]


def offered(live: Live, agent: str) -> dict[str, Any]:
    """The conversation, once it is offered to that agent."""

    def look() -> dict[str, Any] | None:
        found = live.known("sms", VIP)
        return found if found and (found["state"], found["agent"]) == ("offered", agent) else None

    return until(look, f"it is offered to {agent}", 60, every=0.2)


def do(client: ApiClient, conversation: dict[str, Any], what: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(f"/v1/conversations/{quote(conversation['id'], safe='')}/{what}", body or {})


def test_a_vip_complaint_finds_its_agent_and_the_story_can_be_told(live: Live) -> None:
    for name in ("ayse", "mehmet", "admin"):
        live.admin.post(f"/v1/agents/{name}/presence", {"presence": "online"})
    assert live.sms(VIP, "ŞİKAYETÇİYİM, kargom yine gelmedi!", "SM" + "f1" * 16, inbox="vip", To=VIP_LINE) == 200

    first = offered(live, "ayse")
    assert (first["queue"], first["tier"], first["category"], first["rules"]) == (
        "vip",
        "gold",
        "complaint",
        ["vip-complaint"],
    )
    with pytest.raises(ApiError) as refused:
        do(live.supervisor, first, "accept")
    assert refused.value.status == 403  # it is offered to Ayşe
    do(live.agent, first, "decline", {"reason": "telefondayım"})

    offered(live, "mehmet")  # who lets it time out
    third = offered(live, "admin")  # once the step has relaxed: at level 2
    do(live.admin, third, "accept")
    accepted = until(lambda: (c := live.known("sms", VIP)) and c["state"] == "active" and c, "it is theirs")
    assert accepted["agent"] == "admin"
    assert live.admin.get("/v1/agents/mehmet")["presence"] == "online"  # a miss sets nobody offline
    live.delivered(accepted["id"], do(live.admin, accepted, "replies", {"text": "Hemen bakıyorum."})["message"]["id"])

    kinds = [entry["what"] for entry in live.detail(accepted["id"])["history"]]
    assert [one for one in kinds if one in ("decision", "decline", "missed", "accept")] == [
        "decision", "decline", "decision", "missed", *["decision"] * (kinds.count("decision") - 2), "accept",
    ]  # fmt: skip
    decisions = [e for e in live.detail(accepted["id"])["history"] if e["what"] == "decision"]
    assert [d["detail"]["agent"] for d in decisions if d["detail"]["agent"]] == ["ayse", "mehmet", "admin"]
    assert decisions[0]["detail"]["rules"]["matched"]["vip-complaint"]
    assert decisions[-1]["detail"]["rung"] == 20

    path = f"/v1/conversations/{quote(accepted['id'], safe='')}/explanation"
    told = live.supervisor.get(path, language="tr")
    story = [(line["what"], line["text"]) for line in told["story"]]
    assert [what for what, _ in story if what in ("decline", "missed", "accept")] == ["decline", "missed", "accept"]
    for name, what in (("Ayşe", "decline"), ("Mehmet", "missed"), ("Nöbetçi", "accept")):
        assert any(kind == what and name in text for kind, text in story), story
    assert "vip-complaint" in " ".join(" ".join((line["text"], *line["details"])) for line in told["story"])
    assert live.agent.get(path, language="en")["audience"] == "agent"

    for decision in decisions:
        again = live.supervisor.get(f"/v1/decisions/{quote(decision['id'], safe='')}/replay")
        assert again["same"] is True, again["differences"]
