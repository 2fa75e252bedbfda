"""A preview says who would get what and when, why the others not, and what it costs; it is what a run then does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner

from router.config import Config
from router.ids import contact_id
from router.signals import Launch
from santral import cli
from santral.campaign_preview import Plan, Preview
from santral.configuration import load
from santral.contact_files import Reader, Refusal
from santral.preview_people import Known, of_file
from santral.preview_start import examples
from santral.preview_sums import Sums
from santral.rehearsal import Rehearsal
from tests.kit.journeys import SHOP, csv, shop
from tests.kit.world import World

AT = datetime(2026, 3, 20, 10, 0)  # noqa: DTZ001 - by the clock of the campaign
ZONES = ("Europe/Istanbul", "Europe/Berlin", "America/New_York")


def people(count: int) -> str:
    """A file: of ten seven consented, two declined, one said nothing; every fifth is a vip."""
    return csv(
        {
            "name": f"Ali {'x' * (number % 5)}",
            "phone": f"+90532{number:07d}",
            "zone": ZONES[number % 3],
            "birthday": f"{1 + number % 12:02d}-{1 + number % 28:02d}",
            "sms consent": "" if number % 10 == 9 else "no" if number % 10 > 6 else "yes",
            "consent at": "" if number % 10 == 9 else "2026-01-01",
            "tags": "vip" if number % 5 == 0 else "",
        }
        for number in range(count)
    )


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return shop(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(people(120), "utf-8")
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(cli.build(), ["campaign", "preview", *map(str, arguments)])


def seen(config: Config, name: str, file: Path, at: datetime = AT, **how: Any) -> Preview:
    campaign = config.campaign(name)
    assert campaign is not None
    preview = Preview(config, Plan(campaign, at, **how))
    for _ in preview.run(of_file(file.read_bytes(), Reader(at.date()))):
        pass
    return preview


def test_a_preview_is_what_the_run_then_does(config: Config, file: Path) -> None:
    preview = seen(config, "bayram", file)
    rehearsal = Rehearsal(config, datetime(2026, 3, 1, tzinfo=UTC))
    rows = [one.row for one in of_file(file.read_bytes(), Reader(AT.date())) if isinstance(one, Known)]
    rehearsal.meet(rows)
    rehearsal.advance(preview.at)
    rehearsal.send(Launch("bayram", preview.at))
    rehearsal.advance(preview.at + timedelta(days=30))
    assert preview.sums.people == len(rehearsal.left) > 50
    assert preview.sums.variants == {name: sum(one.variant == name for one in rehearsal.left) for name in ("a", "b")}, (
        "under the same key the same people get the same"
    )
    ends = [one.why for one in rehearsal.journeys()]
    assert preview.sums.reasons == {code: ends.count(code) for code in set(ends) - {"done"}}


def test_memory_is_that_of_a_page(config: Config, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = seen(config, "bayram", file)
    monkeypatch.setattr("santral.campaign_preview.PAGE", 7)
    paged = seen(config, "bayram", file)
    assert paged.sums.reasons == whole.sums.reasons
    assert (paged.sums.messages, paged.sums.cost, paged.sums.first) == (
        whole.sums.messages,
        whole.sums.cost,
        whole.sums.first,
    )
    assert len(paged._rehearsal.journeys()) == 120 % 7


def test_each_zone_and_birthday_has_its_own_time(config: Config, file: Path) -> None:
    weekly = seen(config, "haftalik", file)
    assert weekly.sums.people == 84
    assert weekly.sums.first == datetime(2026, 3, 20, 7, 0, tzinfo=UTC), "ten o'clock in Istanbul comes first"
    assert weekly.sums.last == datetime(2026, 3, 20, 14, 0, tzinfo=UTC)
    birthday = seen(config, "kutlama", file, datetime(2026, 5, 5, 10, 0))  # noqa: DTZ001
    assert birthday.sums.begun == birthday.sums.looked - birthday.sums.reasons["birthday"] > 0


def test_it_is_told_in_a_hundred_columns(tmp_path: Path, config: Config, file: Path) -> None:
    done = run("elle", "--at", "2026-03-20T22:00", "--contacts", file, "--config", tmp_path, "--limit", "3")
    assert done.exit_code == 0, done.output
    assert all(len(line) <= 100 for line in done.output.splitlines())
    for line in (
        "Campaign elle, as if it were set off on Friday 20 March 2026 22:00 Europe/Istanbul (2026-03-20",
        "24 of 120 contacts get it, 24 messages in all.",
        "2026-03-21 09:00  03-21 06:00  sms",
        "... and 21 more",
        "  96  Not sent: it is not for this person. [segment]",
        "24 parts  1.20 TRY",
        "more than its budget: it would stop (1.00 TRY)",
        "Inbox sms sends 10 a second: 24 messages take it 2 s.",
        "It is for 20% of these contacts, and 50% may be written to without a word: a run asks nobody.",
    ):
        assert line in done.output, done.output
    turkish = run("bayram", "--contacts", file, "--config", tmp_path, "--lang", "tr").output
    assert "Gönderilmedi: SMS üzerinden pazarlama mesajları için onay yok. [consent.none]" in turkish
    assert "indirim-b/b, sms, tr, 2 SMS parts" in turkish, "a ş costs"


def test_json_has_a_line_for_each_person_and_the_sums_at_the_end(tmp_path: Path, config: Config, file: Path) -> None:
    done = run("bayram", "--contacts", file, "--config", tmp_path, "--json")
    *each, sums = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(each) == sums["contacts"] == 120
    assert sum(one["gets"] for one in each) == sums["messages"]["sms"]
    first = next(one for one in each if one["gets"])["messages"][0]
    assert first["at"] == "2026-03-20T10:00"
    assert first["utc"] == "2026-03-20T07:00:00Z"
    assert sums["nothing"]["consent.none"]["count"] == 12
    assert all(one["told"] for one in each if not one["gets"])
    assert sums["total"] == pytest.approx(sum(sums["cost"].values()))


def test_what_an_event_or_a_resolution_sets_off_is_shown_for_the_first_ones(
    tmp_path: Path, config: Config, file: Path
) -> None:
    bought = '{"order": {"total": 100}}'
    common = ("--contacts", file, "--config", tmp_path, "--at", "2026-03-20T12:00", "--limit", "4")
    done = run("tesekkur", "--event", bought, *common)
    assert "4 of 4 contacts get it" in done.output
    assert "100 TL icin tesekkurler." in done.output
    assert "No event was given" not in done.output
    empty = run("tesekkur", "--event", "{}", *common)
    assert "there is no value for 'total'." in empty.output
    resolved = run("anket", *common)
    assert "2026-03-20 13:00" in resolved.output, resolved.output
    assert "/s/" in resolved.output


def test_without_an_event_the_examples_of_the_templates_are_its_data(
    tmp_path: Path, config: Config, file: Path
) -> None:
    done = run("tesekkur", "--contacts", file, "--config", tmp_path, "--limit", "2")
    assert """give others: --event '{"order": {"total": 10}}'""" in " ".join(done.output.split())
    assert "10 TL icin tesekkurler." in done.output
    sums = json.loads(run("tesekkur", "--contacts", file, "--config", tmp_path, "--json").stdout.splitlines()[-1])
    assert any(note.startswith("No event was given") for note in sums["notes"])
    assert "No event" not in run("sepet", "--contacts", file, "--config", tmp_path, "--limit", "2").output


def test_the_examples_of_several_templates_make_one_event(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(
        SHOP.replace("steps: [{send: tesekkur}]}", "steps: [{send: tesekkur}, {wait: 1d}, {send: sepet}]}", 1)
        .replace(
            "values: {total: {event: order.total}}", "values: {total: {event: order.total}, order: {event: order}}"
        )
        .replace(
            "{name: sepet, purpose: service,", "{name: sepet, purpose: service, needs: {order: {total: 7, number: 3}},"
        )
        .replace("exits: [reply, complaint, click, purchase.completed]", "values: {order: {event: order}}")
        .replace("enabled: false", "enabled: false, values: {order: {event: order}}"),
        "utf-8",
    )
    config = load(tmp_path)
    campaign = config.campaign("tesekkur")
    assert campaign is not None
    assert examples(config, campaign) == {"order": {"total": 10, "number": 3}}


def test_rows_that_cannot_be_taken_in_are_told_by_reason_with_their_first_lines(
    tmp_path: Path, config: Config, file: Path
) -> None:
    bad = "Ali,05321112233,,,,,\n" * 5 + "".join(f"Veli,+905321112234,Mars/{n},,,,\n" for n in range(2))
    file.write_text(people(3) + bad, "utf-8")
    done = run("bayram", "--contacts", file, "--config", tmp_path)
    assert done.exit_code == 2
    told = " ".join(done.output.split())
    assert "7 rows cannot be taken in 5 phone: the number names no country" in told
    assert "(lines 5, 6, 7 and 2 more)" in told
    assert "2 zone: '…' is no time zone" in told
    assert "(lines 10, 11)" in told
    *each, sums = map(json.loads, run("bayram", "--contacts", file, "--config", tmp_path, "--json").stdout.splitlines())
    refused = [one for one in each if "refused" in one]
    assert len(each) == 10
    assert [one["line"] for one in refused] == [5, 6, 7, 8, 9, 10, 11]
    assert refused[-1]["column"] == "zone"
    assert refused[-1]["refused"].startswith("'Mars/1' is no time zone")
    assert sums["refused"] == 7
    assert [(one["count"], one["lines"]) for one in sums["refused_for"]] == [(5, [5, 6, 7]), (2, [10, 11])]


def test_a_single_one_is_told_in_its_own_words_and_a_file_of_nothing_else_too(
    tmp_path: Path, config: Config, file: Path
) -> None:
    file.write_text("name,phone\nAli,05321112233\nVeli,+90\n", "utf-8")
    done = run("bayram", "--contacts", file, "--config", tmp_path)
    assert done.exit_code == 2
    assert "0 of 0 contacts get it" in done.output
    assert "'+90' is no phone number (line 3)" in " ".join(done.output.split())
    file.write_text("a,b\n1,2\n", "utf-8")
    bad = run("bayram", "--contacts", file, "--config", tmp_path)
    assert bad.exit_code == 1
    assert "people.csv: no column is an address" in bad.output


def test_reasons_are_kept_apart_up_to_a_number() -> None:
    sums = Sums()
    for number in range(10_000):
        sums.refuse(Refusal(number, f"column {number}", f"'{number}' is wrong"))
    assert len(sums.refused) == 51
    assert sum(one.count for one in sums.refused.values()) == 10_000
    assert all(len(one.lines) <= 3 for one in sums.refused.values())


def test_a_run_for_nearly_everybody_asks_where_there_are_a_hundred(tmp_path: Path, config: Config, file: Path) -> None:
    rows = people(120).splitlines()
    vips = "\n".join([rows[0], *(row if row.endswith("vip") else f"{row}vip" for row in rows[1:])]) + "\n"
    for count, asks, said in (
        (120, True, "a run waits until somebody confirms it."),
        (99, False, "these are fewer than 100."),
    ):
        file.write_text("\n".join(vips.splitlines()[: count + 1]) + "\n", "utf-8")
        done = run("elle", "--contacts", file, "--config", tmp_path)
        assert "It is for 100% of these contacts, and 50% may be written to without a word" in done.output
        assert "That is the share of this file; a run goes by that of the stack's contacts." in " ".join(
            done.output.split()
        )
        assert said in " ".join(done.output.split())
        sums = json.loads(run("elle", "--contacts", file, "--config", tmp_path, "--json").stdout.splitlines()[-1])
        assert (sums["asks"], sums["share_of"]) == (asks, "file")


def test_what_is_wrong_is_said_without_a_trace(tmp_path: Path, config: Config, file: Path) -> None:
    common = ("--contacts", file, "--config", tmp_path)
    for arguments, what in (
        (("gone",), "there is no campaign 'gone'; there are tesekkur, sepet, bayram"),
        (("bayram", "--at", "soon"), "'soon' is no time: write 2026-12-01T10:00"),
        (("bayram", "--event", "{}"), "campaign 'bayram' begins by no event"),
        (("tesekkur", "--event", "{"), "the event's data is no JSON"),
        (("tesekkur", "--event", "[]"), "must be an object"),
        (("tesekkur", "--event", '{"order": NaN}'), "a number that is none in JSON"),
        (("tesekkur", "--event", '{"order": 1e999}'), "a number that is none in JSON"),
        (("tesekkur", "--event", '{"order": "\\ud800"}'), "half a character"),
        (("tesekkur", "--event", '{"a": ' + "[" * 100_000), "nested too deeply"),
        (("tesekkur", "--event", json.dumps({"a": "x" * 33_000})), "at most 32 KB"),
        (("bayram", "--at", "9999-12-01"), "'9999-12-01' is too far away: write a day of 2000 to 2199"),
        (("bayram", "--at", "0001-01-01"), "'0001-01-01' is too far away"),
        (("haftalik", "--at", "0001-01-01T00:00+14:00"), "is too far away"),
    ):
        done = run(*arguments, *common)
        assert done.exit_code == 1
        assert isinstance(done.exception, SystemExit)
        assert what in done.output


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1254"])
def test_an_events_file_may_be_of_any_usual_encoding(tmp_path: Path, config: Config, file: Path, encoding: str) -> None:
    event = tmp_path / "event.json"
    event.write_bytes('{"order": {"total": 100, "not": "Işık"}}'.encode(encoding))
    done = run("tesekkur", "--contacts", file, "--config", tmp_path, "--event-file", event, "--limit", "1")
    assert done.exit_code == 0, done.output
    assert "100 TL icin tesekkurler." in done.output
    event.write_bytes(b"\x81\x8d")
    bad = run("tesekkur", "--contacts", file, "--config", tmp_path, "--event-file", event)
    assert (bad.exit_code, "event.json is no text in UTF-8" in bad.output) == (1, True)


def test_a_country_that_there_is_not_is_refused(tmp_path: Path, config: Config, file: Path) -> None:
    done = run("bayram", "--contacts", file, "--config", tmp_path, "--country", "XX")
    assert done.exit_code == 2
    assert "'XX' is no country" in done.output


def visits(world: World, visitor: str) -> None:
    """Somebody writes in the web chat."""
    world.frame(world.open_chat(visitor), {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()


def test_a_stacks_contacts_are_read_and_nothing_is_written(
    tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    with World(memory=True) as world:

        def call(method: str, path: str, body: Any = None, query: str = "") -> dict[str, Any]:
            status, answer = world.call(method, path, body, user="yonetici", role="admin", query=query)
            assert status in (200, 201), answer
            return answer

        rows = [
            {
                "addresses": [{"channel": "sms", "address": f"+90532000000{number}"}],
                "name": "Ali Veli", "tags": ["vip"],
                "consents": [
                    {
                        "channel": "sms", "address": f"+90532000000{number}", "given": number != 1,
                        "at": "2026-02-01T10:00:00Z", "source": "form",
                    }
                ] if number else [],
            }
            for number in range(4)
        ]  # fmt: skip
        call("POST", "/v1/contact-rows", {"rows": rows})
        visits(world, "yeni")  # who was met in the web chat only
        visits(world, "eski")  # and who turned out to be somebody else
        chatted = contact_id(world.x.key, "webchat", "eski", proved=True)
        for number in range(4, 10):
            place = {"channel": "sms", "address": f"+90532000000{number}"}
            said = {**place, "given": True, "at": "2026-02-01T10:00:00Z", "source": "form"}
            row = {"addresses": [place], "consents": [said] if number == 4 else []}
            (taken,) = call("POST", "/v1/contact-rows", {"rows": [row]})["rows"]
            call("POST", f"/v1/contacts/{chatted}/join", {"contact": taken["contact"]})
        call("POST", f"/v1/contacts/{chatted}", {"tags": ["vip"]})
        stopped = {"channel": "sms", "address": "+905320000003", "reason": "asked by phone"}
        call("POST", "/v1/suppressions", stopped)

        def pages(path: str, field: str, **query: Any) -> Iterator[dict[str, Any]]:
            cursor: str | None = None
            while True:
                page = call("GET", path, query=urlencode({**query, **({"cursor": cursor} if cursor else {})}))
                yield from page[field]
                cursor = page.get("next")
                if not cursor:
                    return

        connection = SimpleNamespace(
            api=lambda _role: SimpleNamespace(pages=pages), api_url="https://stack.example.com"
        )
        monkeypatch.setattr("santral.connection.connect", lambda *_: connection)
        before = sorted(map(repr, world.items()))
        done = run("elle", "--at", "2026-05-05T10:00", "--config", tmp_path)
        assert sorted(map(repr, world.items())) == before
    assert done.exit_code == 0, done.output
    assert "2 of 6 contacts get it" in done.output
    assert "cannot be taken in" not in done.output
    assert "https://stack.example.com/u/" in done.output
    for code in ("consent.none", "consent.withdrawn", "suppressed"):
        assert f"[{code}]" in done.output
