"""Journeys are tried on a clock of their own by the use cases of production, and what differs is told with its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from router.config import Config
from santral import cli
from santral.configuration import load
from santral.journey_cases import FOLDER, read
from santral.journey_trial import Tried, tried
from tests.kit.journeys import placed, shop, written

ROOT = Path(__file__).resolve().parents[2]
AYSE: dict[str, Any] = {"name": "Ayşe Yılmaz", "language": "tr", "phone": "+905321112233"}
CONSENTED = AYSE | {"consents": {"marketing": ["sms"]}}
BOUGHT = {"event": "purchase.completed", "data": {"order": {"total": 100}}}
LEFT_CART = {"event": "cart.abandoned"}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return shop(tmp_path)


def case(campaign: str, **more: Any) -> dict[str, Any]:
    return {"name": "a case", "campaign": campaign, "start": "2026-03-02T12:00", "contact": AYSE, "expect": [], **more}


def play(directory: Path, config: Config, one: dict[str, Any], language: str = "en") -> Tried:
    found, faults = placed(directory, config, one)
    assert not faults
    return tried(config, found[0], language)


def came(result: Tried) -> list[str]:
    return [f"{one.at:%d %H:%M} {one.channel} {one.template}" for one in result.left]


def test_the_sample_cases_hold() -> None:
    config = load(ROOT / "config")
    found, faults = read(ROOT / "config" / FOLDER, config)
    assert not faults
    assert {one.case.campaign for one in found} == {one.name for one in config.campaigns}
    for one in found:
        assert not tried(config, one).differences, one.case.name


def test_a_case_comes_out_the_same_each_time(tmp_path: Path, config: Config) -> None:
    one = case("bayram", start="2026-03-20T09:00", contact=CONSENTED, expect=[{"template": "indirim"}])
    first, second = play(tmp_path, config, one), play(tmp_path, config, one)
    assert [(o.send.id, o.at, o.variant) for o in first.left] == [(o.send.id, o.at, o.variant) for o in second.left]


def test_what_comes_at_night_waits_for_the_morning_of_the_person(tmp_path: Path, config: Config) -> None:
    away = AYSE | {"zone": "America/New_York"}
    one = case("tesekkur", start="2026-03-02T21:30", contact=away, steps=[BOUGHT])
    result = play(tmp_path, config, one | {"expect": [{"at": "2026-03-03T09:00", "text": "100 TL"}], "ends": "done"})
    assert not result.differences
    assert came(result) == ["03 14:00 sms tesekkur"]


@pytest.mark.parametrize(
    ("steps", "ends", "count"),
    [
        ([LEFT_CART], "done", 2),
        ([LEFT_CART, {"after": "1h", **BOUGHT}], "purchase.completed", 0),
        ([LEFT_CART, {"after": "3h", "clicks": True}], "click", 1),
        ([LEFT_CART, {"after": "3h", "says": "Nerede?", "category": "complaint"}], "complaint", 1),
        ([LEFT_CART, {"after": "3h", "says": "Nerede?"}], "reply", 1),
        ([LEFT_CART, {"after": "1h", "decided": "cancel"}], "cancelled", 0),
        ([LEFT_CART, {"after": "1h", "fails": "sms"}], "failed", 0),
    ],
)
def test_what_the_person_does_ends_a_journey(
    tmp_path: Path, config: Config, steps: list[Any], ends: str, count: int
) -> None:
    result = play(tmp_path, config, case("sepet", steps=steps, expect=[{"template": "sepet"}] * count, ends=ends))
    assert not result.differences, result


@pytest.mark.parametrize(
    ("act", "end"), [({"stops": True}, "suppressed"), ({"unsubscribes": True}, "consent.withdrawn")]
)
def test_who_wants_no_more_gets_no_more(tmp_path: Path, config: Config, act: dict[str, Any], end: str) -> None:
    one = case("haftalik", start="2026-03-02T09:00", contact=CONSENTED, steps=[{"after": "1d", **act}], until="8d")
    result = play(tmp_path, config, one | {"expect": [{"at": "2026-03-02T10:00"}], "ends": ["done", end]})
    assert not result.differences, result


def test_a_pause_holds_what_is_due_until_it_is_resumed(tmp_path: Path, config: Config) -> None:
    steps = [LEFT_CART, {"after": "1h", "decided": "pause"}, {"after": "4h", "decided": "resume"}]
    result = play(tmp_path, config, case("sepet", steps=steps))
    assert came(result)[0] == "02 14:00 sms sepet"


def test_what_one_channel_refuses_goes_by_another(tmp_path: Path, config: Config) -> None:
    both = AYSE | {"email": "ayse@example.net"}
    result = play(tmp_path, config, case("tesekkur", contact=both, steps=[{"fails": "sms"}, BOUGHT]))
    assert came(result) == ["02 09:00 email tesekkur"]


def test_each_recipients_own_time_and_birthday_come_by_their_clock(tmp_path: Path, config: Config) -> None:
    away = CONSENTED | {"zone": "America/New_York", "birthday": "1990-03-04"}
    weekly = play(tmp_path, config, case("haftalik", contact=away, until="8d"))
    assert came(weekly) == ["09 14:00 sms indirim"], "ten o'clock, the day after clocks were put forward"
    assert came(play(tmp_path, config, case("kutlama", contact=away))) == ["04 15:00 sms indirim"]


def test_without_a_start_it_begins_when_its_clock_sets_it_off(tmp_path: Path, config: Config) -> None:
    one = case("bayram", contact=CONSENTED, expect=[{"at": "2026-03-20T10:00"}])
    del one["start"]
    assert not play(tmp_path, config, one).differences


@pytest.mark.parametrize("name", ["a", "b"])
def test_the_variant_that_a_case_names_is_the_one_they_get(tmp_path: Path, config: Config, name: str) -> None:
    one = case("bayram", start="2026-03-20T09:00", contact=CONSENTED, variant=name)
    result = play(tmp_path, config, one | {"expect": [{"variant": name}], "ends": "done"})
    assert not result.differences


def test_who_is_held_out_gets_nothing_and_nobody_else_is(tmp_path: Path, config: Config) -> None:
    one = case("bayram", start="2026-03-20T09:00", contact=CONSENTED, holdout=True, ends="holdout")
    assert not play(tmp_path, config, one).differences
    wrong = play(tmp_path, config, case("sepet", steps=[LEFT_CART], holdout=True))
    assert wrong.differences == ("nobody is in a holdout of it",)


def test_a_score_counts_and_the_survey_follows_the_resolution(tmp_path: Path, config: Config) -> None:
    steps = [{"says": "Nerede?"}, {"after": "1h", "resolved": True}, {"after": "2h", "score": 5}]
    result = play(tmp_path, config, case("anket", steps=steps, expect=[{"text": "/s/"}], ends="done"))
    assert not result.differences


def test_other_campaigns_are_off_unless_they_are_named(tmp_path: Path, config: Config) -> None:
    one = case("kapali", steps=[LEFT_CART], until="1h")
    assert came(play(tmp_path, config, one)) == ["02 09:00 sms sepet"], "also one that is switched off otherwise"
    both = play(tmp_path, config, one | {"also": ["sepet"], "until": "3h"})
    assert [(left.journey.campaign, f"{left.at:%H:%M}") for left in both.left] == [
        ("kapali", "09:00"),
        ("sepet", "11:00"),
    ]


def test_it_is_told_what_was_expected_what_came_and_why_not(tmp_path: Path, config: Config) -> None:
    late = play(tmp_path, config, case("tesekkur", steps=[BOUGHT], expect=[{"at": "2026-03-02T13:00", "text": "x"}]))
    assert late.differences == (
        "message 1, at: expected 2026-03-02T13:00, came 2026-03-02T12:00",
        "message 1, text: expected “x” in it, came “100 TL icin tesekkurler.”",
    )
    more = play(tmp_path, config, case("tesekkur", steps=[BOUGHT]))
    assert more.differences == ("not expected: 2026-03-02T12:00 sms tesekkur “100 TL icin tesekkurler.”",)
    none = case("elle", expect=[{"template": "indirim"}], ends="done", contact=AYSE | {"tags": ["vip"]})
    result = play(tmp_path, config, none)
    assert result.differences == (
        "message 1: expected template indirim, and none came",
        "ends: expected done, got consent.none",
    )
    sentence = "Not sent: there is no consent to marketing messages by SMS."
    assert result.story == (f"elle, begun 2026-03-02T12:00:00: {sentence}",)
    assert "onay yok" in play(tmp_path, config, none, "tr").story[0]


def test_who_is_not_in_the_segment_and_what_is_never_set_off_are_told_apart(tmp_path: Path, config: Config) -> None:
    outside = play(tmp_path, config, case("elle", ends="done"))
    assert outside.differences == ("ends: expected done, got segment",)
    assert outside.story == ("elle: it is not for them",)
    never = play(tmp_path, config, case("bayram", contact=CONSENTED, ends="done"))
    assert never.differences == ("ends: expected done, got never",)
    assert "nothing set it off from 2026-03-02T12:00:00" in never.story[0]


def test_what_cannot_happen_fails_the_case_in_words(tmp_path: Path, config: Config) -> None:
    for steps, why in (
        ([{"clicks": True}], "nothing has reached them"),
        ([LEFT_CART, {"after": "1h", "resolved": True}], "they have no conversation"),
        ([LEFT_CART, {"at": "2026-03-01T12:00", **BOUGHT}], "before what it follows"),
        ([LEFT_CART, {"after": "30d", **BOUGHT}], "raise `until`"),
    ):
        wanted = steps if LEFT_CART in steps else [*steps, LEFT_CART]
        (said,) = play(tmp_path, config, case("sepet", steps=wanted)).differences
        assert why in said


def test_what_is_wrong_with_a_case_is_told_with_its_line(tmp_path: Path, config: Config) -> None:
    _, faults = placed(
        tmp_path,
        config,
        case("gone"),
        case("bayram", name="b", variant="c", expect=[{"template": "nothing"}]),
        case("sepet", name="c", steps=[{"says": "x", "clicks": True}]),
        case("sepet", name="d", steps=[BOUGHT]),
        case("sepet", name="e", contact={"name": "Ali"}),
        case("anket", name="f"),
    )
    told = "\n".join(faults)
    for what in (
        "some.yaml: line 3, column 3, journeys[0].campaign (a case): there is no campaign 'gone'; there are tesekkur",
        "there is no template 'nothing'",
        "campaign 'bayram' has no variant 'c'",
        "says says and clicks: write one of event",
        "campaign 'sepet' begins by cart.abandoned, and none of them is that event",
        "has no address: give a phone",
        "begins when a conversation is resolved, and none of them does that",
    ):
        assert what in told, what


def test_the_commands_try_them_and_fail_where_one_differs(tmp_path: Path, config: Config) -> None:
    def run(*arguments: object) -> Any:
        return CliRunner().invoke(cli.build(), [str(one) for one in arguments])

    written(tmp_path, case("sepet", steps=[LEFT_CART], expect=[{"template": "sepet"}] * 2))
    fine = run("campaign", "test", tmp_path)
    assert fine.exit_code == 0, fine.output
    assert fine.output.startswith("ok    some.yaml:2  a case\n1 journeys, 0 failed")
    assert run("config", "test", tmp_path).output.endswith("1 cases, 0 failed\n")
    written(tmp_path, case("sepet", steps=[LEFT_CART]))
    wrong = run("campaign", "test", tmp_path, "--lang", "tr")
    assert wrong.exit_code == 1
    assert "FAIL  some.yaml:2  a case\n        not expected: 2026-03-02T14:00 sms sepet" in wrong.output
    assert "Gönderildi: 2 mesaj. Tamamlandı." in wrong.output
    assert run("config", "test", tmp_path).exit_code == 1
    written(tmp_path, case("gone"))
    assert "there is no campaign 'gone'" in run("campaign", "test", tmp_path).output
