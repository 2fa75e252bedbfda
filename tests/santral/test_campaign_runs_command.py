"""`santral campaign list|run|confirm|...` and `explain outreach` over the API itself: each asks as somebody who may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner, Result

from santral import cli
from santral.api_client import ApiError
from santral.configuration import load
from tests.kit.outreach import contact_of, meet, phone, shop
from tests.kit.world import World

BY_HAND = shop(
    campaigns=[
        {
            "name": "haber", "starts": {"by_hand": True}, "everyone": True, "track": False, "budget": {"most": 5},
            "steps": [{"send": "duyuru"}],
        },
        {
            "name": "hafta", "starts": {"cron": "0 11 * jan,apr,jul,oct mon#1", "zone": "recipient"}, "everyone": True, "enabled": False,
            "steps": [{"send": "duyuru"}],
        },
        {"name": "kutlama", "starts": {"birthday": "10:00"}, "everyone": True, "steps": [{"send": "duyuru"}]},
        {"name": "sor", "starts": {"conversation": "resolved"}, "enabled": False, "steps": [{"send": "duyuru"}]},
    ]
)  # fmt: skip


@pytest.fixture
def shopping(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A shop with three customers, of whom one declined; the API is the world's, each call as the role it is made in."""
    with World(BY_HAND, memory=True) as world:
        world.pass_time(hours=3)  # noon in Istanbul
        meet(world, [0], name="Ayşe Ilgaz")
        meet(world, [1])
        meet(world, [2], marketing=False)

        def call(role: str, method: str, path: str, body: Any, query: dict[str, Any]) -> Any:
            asked = urlencode({name: value for name, value in query.items() if value is not None})
            status, answer = world.call(method, path, body, query=asked, user="yonetici", role=role)
            if status != 200:
                raise ApiError(status, answer["detail"])
            return answer

        def api(role: str = "supervisor") -> Any:
            return SimpleNamespace(
                get=lambda path, **query: call(role, "GET", path, None, query),
                post=lambda path, body: call(role, "POST", path, body, {}),
            )

        monkeypatch.setattr("santral.connection.connect", lambda *_: SimpleNamespace(api=api))
        yield world


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.build(), [*arguments])


def ran(world: World, *arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    world.pump(sweep_too=True)
    return result.output


def test_a_campaign_is_run_paused_resumed_and_cancelled_from_the_command_line(shopping: World) -> None:
    assert "is paused" in ran(shopping, "campaign", "pause", "haber")
    assert "runs." in ran(shopping, "campaign", "run", "haber", "--yes")
    assert "haber: paused" in ran(shopping, "campaign", "status", "haber")
    assert "goes on." in ran(shopping, "campaign", "resume", "haber")
    told = ran(shopping, "campaign", "status", "haber").splitlines()
    assert "  sent               2   sms 2" in told
    assert told[told.index("  why nothing has left, or not yet") + 1].split()[:2] == ["consent.withdrawn", "1"]
    assert "  cost          0.1000 USD" in told
    assert "  budget          5.00 USD for each run" in told
    assert "is cancelled" in ran(shopping, "campaign", "cancel", "haber", "--yes")


def test_the_list_says_what_sets_each_off(shopping: World) -> None:
    starts = [one["starts"] for one in map(json.loads, ran(shopping, "campaign", "list", "--json").splitlines())]
    assert starts == [
        "by hand",
        "cron 0 11 * jan,apr,jul,oct mon#1, recipient",
        "birthday 10:00",
        "conversation resolved",
    ]


def test_the_list_of_the_sample_campaigns_has_a_line_for_each_in_eighty_columns(
    shopping: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shopping.apply(load(Path(__file__).resolve().parents[2] / "config"))
    for name in ("tavsiye", "geri-kazanim"):
        ran(shopping, "campaign", "pause", name)
    head, *rows = ran(shopping, "campaign", "list").splitlines()
    assert head.split() == ["name", "starts", "state", "runs"]
    assert [row.split()[0] for row in rows] == [one.name for one in shopping.x.config().campaigns]
    assert all(len(row) <= 80 and row.split()[-1] == "0" for row in rows)
    assert sum("paused by yonetici" in row for row in rows) == 2


def test_what_does_not_ask_is_not_confirmed(shopping: World) -> None:
    none = run("campaign", "confirm", "haber", "--yes")
    assert (none.exit_code, none.output) == (1, "There is nothing to confirm: campaign 'haber' has no run.\n")
    ran(shopping, "campaign", "run", "haber", "--yes")
    said = run("campaign", "confirm", "haber", "--yes").output
    assert "There is nothing to confirm: run 2026-" in said
    assert "of campaign 'haber' does not ask." in said


def test_birthdays_are_not_run_by_hand_for_everybody(shopping: World) -> None:
    result = run("campaign", "run", "kutlama", "--yes")
    assert (result.exit_code, "by hand it would wish everybody well today" in result.output) == (1, True)
    assert json.loads(ran(shopping, "campaign", "list", "--json").splitlines()[2])["runs"] == []


def test_a_person_is_told_what_they_got_and_why_not_in_both_languages(shopping: World) -> None:
    assert "No campaign has begun for this person." in ran(shopping, "explain", "outreach", contact_of(shopping, 0))
    ran(shopping, "campaign", "run", "haber", "--yes")
    got = ran(shopping, "explain", "outreach", "--channel", "sms", "--address", phone(0)).splitlines()
    assert got[:3] == ["Ayşe Ilgaz: what we wrote first, and why not", "Time zone: Europe/Istanbul.", ""]
    assert got[3].startswith("haber, begun Monday, 2 March 2026 15:0")
    assert got[4:] == ["  Sent: 1 message. All its steps are done.", "  By SMS."]
    declined = ran(shopping, "explain", "outreach", contact_of(shopping, 2), "--language", "tr")
    assert "Gönderilmedi: SMS üzerinden pazarlama mesajları için onay geri alındı." in declined
    found = json.loads(ran(shopping, "explain", "outreach", contact_of(shopping, 2), "--json"))
    assert found["journeys"][0]["reason"] == "consent.withdrawn"


@pytest.mark.parametrize("arguments", [(), ("p_1", "--channel", "sms"), ("--address", "+15550000001")])
def test_a_person_is_named_by_an_id_or_by_an_address_with_its_channel(arguments: tuple[str, ...]) -> None:
    result = run("explain", "outreach", *arguments)
    assert result.exit_code == 2
    assert "--channel and --address" in result.output.replace("\n", " ")


def test_what_a_campaign_wrote_says_so_in_the_thread(shopping: World) -> None:
    ran(shopping, "campaign", "run", "haber", "--yes")
    shopping.sms("Hangi şubede?", sender=phone(0))
    shopping.pump()
    (conversation,) = shopping.conversations()
    status, page = shopping.call(
        "GET", f"/v1/conversations/{conversation.id}/messages", user="yonetici", role="supervisor"
    )
    assert status == 200, page
    assert [(one["direction"], one["campaign"]) for one in page["messages"]] == [
        ("outbound", "haber"),
        ("inbound", None),
    ]
