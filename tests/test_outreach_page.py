"""docs/outreach.md: what it writes can be written, its crons are told as it says, and what it says of Russia and America is so."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from pydantic import TypeAdapter
from typer.main import get_command
from typer.testing import CliRunner

from router import crons
from router.calendars import Calendar
from router.campaigns import Segment
from router.config import Config
from router.messages import ChannelName
from router.places import Place, place
from router.purposes import Purpose
from router.quiet import Quiet, SendHours
from router.recurring import Trigger, next_after
from router.times import to_ms
from santral import cli
from santral.cel import check
from santral.cel_outreach import words
from santral.config_places import Place as Line
from santral.configuration import load
from santral.contact_files import Reader
from santral.journey_cases import Act, JourneyCase, PlacedJourney
from santral.journey_trial import tried
from santral.preview_people import Known, of_file

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "outreach.md").read_text("utf-8")
CAMPAIGNS, VARIANTS, TRIGGERS, QUIET, SEGMENTS, JOURNEYS = (
    yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
)
MINUTE = 60_000
ISTANBUL = Place(("Europe/Istanbul",), "contact")
SUNDAY = to_ms(datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("Europe/Istanbul")))


def test_its_campaign_is_one_that_the_sample_could_have(tmp_path: Path) -> None:
    for path in (ROOT / "config").glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    more = yaml.safe_load((tmp_path / "campaigns.yaml").read_text("utf-8"))
    more["campaigns"] += CAMPAIGNS["campaigns"]
    more["campaigns"].append({"name": "iki", "starts": {"by_hand": True}, "everyone": True, "steps": VARIANTS})
    (tmp_path / "campaigns.yaml").write_text(yaml.safe_dump(more), "utf-8")
    assert load(tmp_path).campaign("iki") is not None


def test_it_tells_of_every_campaign_of_the_sample() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \|", PAGE.partition("## A first campaign")[0], re.MULTILINE)
    assert told == [one.name for one in load(ROOT / "config").campaigns]


def test_it_tells_of_every_command() -> None:
    group = next(one for one in get_command(cli.build()).commands.items() if one[0] == "campaign")[1]  # type: ignore[attr-defined]
    missing = [name for name in group.commands if not re.search(rf"santral campaign {name}\b|`{name}\b", PAGE)]
    assert not missing


def test_the_preview_it_shows_is_printed_from_the_sample_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```console\n\$ santral (campaign preview [^\n]*)\n(.*?)```", PAGE, re.DOTALL)
    ((command, shown),) = blocks
    done = CliRunner().invoke(cli.build(), command.split())
    assert done.exit_code == 0, done.output
    head, _, tail = shown.partition("...\n")
    assert done.output.startswith(head)
    assert done.output.endswith(tail)


@pytest.mark.parametrize("page", ["README.md", "docs/outreach.md", "docs/contacts.md"])
def test_the_people_it_imports_are_in_the_repository(page: str) -> None:
    named = set(re.findall(r"(?:contacts import|--contacts) (\S+\.csv)", (ROOT / page).read_text("utf-8")))
    assert named == {"docs/musteriler.csv"}


def test_every_one_of_the_sample_people_can_be_taken_in() -> None:
    rows = list(of_file((ROOT / "docs" / "musteriler.csv").read_bytes(), Reader(date(2026, 12, 1), country="TR")))
    addresses = [address for one in rows if isinstance(one, Known) for _, address in one.addresses]
    assert len(rows) == 6
    assert not [one for one in rows if not isinstance(one, Known)]
    assert {"ayse@example.net", "can@example.net"} <= set(addresses), "of whom the pages ask"


def test_its_triggers_are_triggers_that_come() -> None:
    read = TypeAdapter(list[Trigger]).validate_python(TRIGGERS)
    assert len(read) == 6
    assert all(next_after(trigger, 0, "Europe/Istanbul") for trigger in read)


@pytest.mark.parametrize(("cron", "told"), re.findall(r"^\| `([^`]+)` \|.*\| `(cron[^`]+)` \|$", PAGE, re.MULTILINE))
def test_its_crons_are_told_as_it_says(cron: str, told: str) -> None:
    assert crons.read(cron).scheduler() == told


def test_its_quiet_hours_are_quiet_hours() -> None:
    office = Calendar(name="ofis", zone="Europe/Istanbul", open={"mon-fri": ("09:00-18:00",)})
    quiet = Quiet(tuple(TypeAdapter(list[SendHours]).validate_python(QUIET)), {"ofis": office})
    purposes: tuple[Purpose, ...] = (Purpose.TRANSACTIONAL, Purpose.MARKETING)
    opens = [quiet.opens(ChannelName.SMS, purpose, ISTANBUL, SUNDAY) for purpose in purposes]
    assert opens == [SUNDAY, SUNDAY + 22 * 60 * MINUTE]


def test_its_case_of_a_journey_holds_for_the_sample_campaigns() -> None:
    config = load(ROOT / "config")
    for case in TypeAdapter(list[JourneyCase]).validate_python(JOURNEYS["journeys"]):
        assert not tried(config, PlacedJourney(case, Line("docs/outreach.md", 1, 1))).differences


def test_it_names_all_that_a_step_of_a_case_may_be() -> None:
    steps = PAGE.partition("| A step | What |")[2]
    assert all(f"`{name}" in steps for name in set(Act.model_fields) - {"at", "after"})


@pytest.mark.parametrize(
    ("phone", "clock", "opens", "closes"),
    [
        ("+12125551234", "America/New_York", "14:00", "21:00"),
        ("+79161234567", "Asia/Kamchatka", "19:00", "21:00"),
    ],
)
def test_the_hours_that_a_wide_country_leaves_are_as_it_says(phone: str, clock: str, opens: str, closes: str) -> None:
    midnight = to_ms(datetime(2026, 1, 13, tzinfo=ZoneInfo(clock)))
    quiet, where = Quiet((), {}), place(None, phone, "UTC")
    sent = [
        minute
        for minute in range(24 * 60)
        if quiet.opens(ChannelName.SMS, Purpose.MARKETING, where, midnight + minute * MINUTE)
        == midnight + minute * MINUTE
    ]
    hour, until = (int(text[:2]) * 60 for text in (opens, closes))
    assert sent == list(range(hour, until))


def test_its_segments_are_segments() -> None:
    assert [check(one["when"], Config(), words(Config())) for one in SEGMENTS["segments"]]
    assert all(Segment.model_validate(one) for one in SEGMENTS["segments"])


def test_it_tells_of_every_name_that_a_condition_may_use() -> None:
    for name, kind in words(Config(), event=True, conversation=True, variants=()).names.items():
        missing = [
            one for one in (*kind.fields, *kind.asks) if f"`{name}.{one}" not in PAGE and f"`.{one}`" not in PAGE
        ]
        assert not missing, name
