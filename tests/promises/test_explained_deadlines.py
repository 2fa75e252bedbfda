"""P8: a deadline shows its sum. Whole conversations, and what a supervisor reads of them to a customer, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner

from router.config import Config
from router.keeping import save
from router.promises import Promise
from santral import cli
from santral.api_client import ApiError
from santral.commands import explain as command
from tests.kit.world import CONFIG, World

CALENDAR = {
    "name": "ofis", "zone": "Europe/Istanbul", "open": {"mon-fri": ["09:00-12:30", "13:30-18:00"]},
    "days": [{"date": "2026-03-05", "name": "Bayram"}],
}  # fmt: skip
STANDARD = {"name": "standart", "calendar": "ofis", "first_response": 60, "resolution": "90h", "warn_at": [75]}


def under(*policies: dict[str, Any], version: str = "v1") -> dict[str, Any]:
    queues = [queue | {"sla": "standart"} for queue in CONFIG["queues"]]
    return CONFIG | {"version": version, "calendars": [CALENDAR], "sla": list(policies or [STANDARD]), "queues": queues}


@pytest.fixture
def world() -> Iterator[World]:
    with World(under(), memory=True) as made:
        made.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # Monday, 11:00 in Istanbul
        yield made


def begun(world: World) -> str:
    """Somebody writes, and Ayşe answers after twenty minutes; the conversation."""
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    (conversation,) = world.conversations()
    world.pass_time(minutes=20)
    world.reply(conversation.id)
    world.pump()
    return str(conversation.id)


def read(world: World, conversation: str, status: int = 200, role: str = "supervisor", **query: str) -> dict[str, Any]:
    path = f"/v1/conversations/{conversation}/sla"
    answered, body = world.call("GET", path, query=urlencode(query), user="usta", role=role)
    assert answered == status, body
    return body


def clock(body: dict[str, Any], target: str) -> dict[str, Any]:
    (found,) = (one for one in body["clocks"] if one["target"] == target and one["latest"])
    return dict(found)


def lines(found: dict[str, Any]) -> list[str]:
    return [f"{line['label']} | {line['text']} | {line['length']}" for line in found["lines"]]


def test_a_breach_that_another_policy_puts_off_is_not_told_as_done_at_a_time_to_come(world: World) -> None:
    world.sms("Merhaba")
    world.pump()
    (conversation,) = world.conversations()
    world.pass_time(minutes=61)
    world.sweep()
    assert clock(read(world, conversation.id), "first_response")["stages"][-1]["acted"]
    world.apply(Config.model_validate(under({**STANDARD, "first_response": "4h"}, version="v2")))
    found = clock(read(world, conversation.id), "first_response")
    assert found["state"] == "running"
    assert [one for one in found["stages"] if one["acted"]] == []
    assert not any(text.startswith("Done") for text in found["text"])
    shown = world.call("GET", f"/v1/conversations/{conversation.id}")[1]["conversation"]
    assert shown["first_response"]["breached_at"] is None


def test_a_deadline_shows_every_interval_each_pause_and_each_holiday(world: World) -> None:
    conversation = begun(world)
    world.pass_time(hours=3)
    world.sms("Peki ya kargo?")
    world.pump()
    body = read(world, conversation)
    assert (body["title"], body["policy"], body["config"], body["zone"]) == (
        "Deadlines of +15550199, in the queue “genel”", "standart", "v1", "Europe/Istanbul",
    )  # fmt: skip
    found = clock(body, "resolution")
    assert lines(found) == [
        "counts | Monday 2 March, 11:00–11:20 and 14:20–18:00 | 4 hours",
        "pause | Monday 2 March, 11:20–14:20: the customer was to answer | (2 hours)",
        "counts | Tuesday 3 March – Wednesday 4 March, 09:00–12:30 and 13:30–18:00 each day | 2 × 8 hours = 16 hours",
        "holiday | Thursday 5 March: Bayram | (8 hours)",
        "counts | Friday 6 March, 09:00–12:30 and 13:30–18:00 | 8 hours",
        "counts | Monday 9 March – Friday 13 March, 09:00–12:30 and 13:30–18:00 each day | 5 × 8 hours = 40 hours",
        "counts | Monday 16 March – Tuesday 17 March, 09:00–12:30 and 13:30–18:00 each day | 2 × 8 hours = 16 hours",
        "counts | Wednesday 18 March, 09:00–12:30 and 13:30–16:00 | 6 hours",
        "sum | due on Wednesday, 18 March 2026 at 16:00 | 90 hours",
    ]
    assert found["text"] == [
        "Promised within 90 hours of the opening hours “ofis”.",
        "It began on Monday, 2 March 2026 at 11:00: the customer wrote.",
        "It is due on Wednesday, 18 March 2026 at 16:00. Time left: 89 hours 40 minutes.",
        "Time outside the opening hours “ofis” does not count.",
        "Still to come: warning at 75 per cent on Friday 13 March 17:30; the breach on Wednesday 18 March 16:00.",
    ]
    assert found["due_at"] == "2026-03-18T13:00:00Z"
    seconds = [(ends - begins).total_seconds() for begins, ends in map(instants, found["counted"])]
    assert sum(seconds) == found["promised"]["seconds"] == 90 * 3600
    reasons = [(one["why"], one["name"]) for one in found["skipped"] if one["why"] != "closed"]
    assert reasons == [("pause", "pending"), ("holiday", "Bayram"), ("holiday", "Bayram")]


def instants(pair: list[str]) -> tuple[datetime, datetime]:
    begins, ends = map(datetime.fromisoformat, pair)
    return begins, ends


def test_it_is_read_to_a_customer_in_turkish(world: World) -> None:
    conversation = begun(world)
    world.pass_time(minutes=10)
    body = read(world, conversation, language="tr")
    assert body["note"] == [
        "Geçerli politika: “standart”, yapılandırma v1.",
        "Her şey olanlardan hesaplanır: politika değişse de o güne kadarki duraklamalar sayılmaz.",
        "Saat dilimi: Europe/Istanbul.",
    ]
    first = clock(body, "first_response")
    assert (first["title"], first["state_text"]) == ("İlk yanıt", "zamanında yapıldı")
    assert first["text"] == [
        "Verilen süre: “ofis” çalışma saatleriyle 1 saat.",
        "Başlangıç: 2 Mart 2026 Pazartesi 11:00 (müşteri yazdı).",
        "Yapıldı: 2 Mart 2026 Pazartesi 11:20 (Ayşe yanıt verdi). Son an: 2 Mart 2026 Pazartesi 12:00. Sayılan süre: 20 dakika.",
    ]
    assert lines(first) == [
        "sayılır | 2 Mart Pazartesi, 11:00–12:00 | 1 saat", "toplam | son an: 2 Mart 2026 Pazartesi 12:00 | 1 saat",
    ]  # fmt: skip
    still = clock(body, "resolution")
    assert (still["state"], still["why"], still["due_at"]) == ("paused", "pending", None)
    assert still["text"][2] == (
        "2 Mart 2026 Pazartesi 11:20 itibarıyla duruyor: sıra müşteride. Sayılan süre: 20 dakika. Devam edince kalan: 89 saat 40 dakika."
    )
    assert lines(still) == [
        "sayılır | 2 Mart Pazartesi, 11:00–11:20 | 20 dakika", "toplam | şimdiye kadar (verilen: 90 saat) | 20 dakika",
    ]  # fmt: skip


def test_a_policy_that_changes_while_the_customer_is_to_answer_keeps_the_pause_and_says_by_which_version_it_counts(
    world: World,
) -> None:
    conversation = begun(world)
    world.pass_time(hours=2)
    world.apply(Config.model_validate(under(STANDARD | {"resolution": "4h"}, version="v2")))
    paused = read(world, conversation)
    assert paused["note"][0] == "Counted by the policy “standart” of the configuration v2."
    assert paused["note"][1] == (
        "All of it is counted from what happened: when a policy changes, every pause it had so far stays left out."
    )
    world.pass_time(hours=1)
    world.sms("Peki ya kargo?")
    world.pump()
    found = clock(read(world, conversation), "resolution")
    assert lines(found)[1] == "pause | Monday 2 March, 11:20–14:20: the customer was to answer | (2 hours)"
    assert found["due_at"] == "2026-03-02T15:00:00Z"
    world.apply(Config.model_validate(under(STANDARD | {"resolution": "8h"}, version="v3")))
    changed = clock(read(world, conversation), "resolution")
    assert (changed["due_at"], changed["was_due_at"]) == ("2026-03-03T11:00:00Z", "2026-03-02T15:00:00Z")
    assert (
        "When the conversation changed last, it was to be due on Monday, 2 March 2026 at 18:00; what is promised has changed since."
        in changed["text"]
    )


def test_the_story_says_when_the_next_answer_is_due(world: World) -> None:
    world.apply(Config.model_validate(under(STANDARD | {"next_response": "1h"}, version="v2")))
    conversation = begun(world)
    world.sms("Peki ya kargo?")
    world.pump()
    path = f"/v1/conversations/{conversation}/explanation"
    said = [world.call("GET", path, user="usta", role="supervisor", query=f"language={one}")[1] for one in ("en", "tr")]
    assert [one["now"]["text"][-1] for one in said] == [
        "The next answer is due by 12:20.", "Sonraki yanıt için son saat: 12:20.",
    ]  # fmt: skip


def test_a_breach_and_what_was_done_about_it_are_told(world: World) -> None:
    world.sms("Merhaba")
    world.pump()
    world.pass_time(minutes=61)
    world.sweep()
    body = read(world, world.conversations()[0].id)
    found = clock(body, "first_response")
    assert (found["state"], found["late"], found["text"][2]) == (
        "breached", True, "It was due on Monday, 2 March 2026 at 12:00 and is not done.",
    )  # fmt: skip
    assert found["text"][-1] == (
        "Done: warning at 75 per cent on Monday 2 March 11:45; the breach on Monday 2 March 12:00."
    )
    assert [(one["kind"], one["acted"]) for one in found["stages"]] == [("warning", True), ("breach", True)]


def test_a_channel_that_has_terms_of_its_own_and_the_end_of_the_day_are_said(world: World) -> None:
    policy = STANDARD | {"first_response": "end of day before 10:00", "channels": {"sms": {"resolution": "16h"}}}
    world.apply(Config.model_validate(under(policy, version="v2")))
    world.sms("Merhaba")
    world.pump()
    body = read(world, world.conversations()[0].id)
    assert clock(body, "first_response")["text"][0] == (
        "Promised by the end of the day of “ofis” if it began before 10:00, else by that of the next day: 14 hours."
    )
    assert clock(body, "first_response")["promised"] == {
        "seconds": 14 * 3600, "end_of_day": True, "calendar": "ofis", "given_by": "policy",
    }  # fmt: skip
    assert clock(body, "resolution")["text"][1] == "So the policy says for SMS."


def test_an_agent_reads_all_but_the_version_and_strangers_nothing(world: World) -> None:
    conversation = begun(world)
    body = read(world, conversation, role="agent")
    assert body["config"] is None
    assert body["note"][0] == "Counted by the policy “standart”."
    assert clock(body, "first_response")["state"] == "met"
    read(world, "c_nobody.default.1", status=404)
    read(world, conversation, status=422, language="de")
    read(world, conversation, status=403, role="nobody")


def test_a_queue_without_a_policy_is_explained_as_well(world: World) -> None:
    world.apply(Config.model_validate(CONFIG | {"version": "v2"}))
    world.sms("Merhaba")
    world.pump()
    body = read(world, world.conversations()[0].id)
    assert body["note"][0] == "Counted by the queue “genel”, which names no policy, of the configuration v2."
    assert (body["policy"], body["zone"]) == (None, "UTC")
    (found,) = body["clocks"]
    assert found["text"][0] == "Promised within 1 hour, nights and holidays included."
    assert found["promised"] == {"seconds": 3600, "end_of_day": False, "calendar": None, "given_by": "queue"}


STANDS: dict[str, tuple[str, str]] = {
    "closed": (
        "It is closed now, until Tuesday, 3 March 2026 at 09:00. It is due on Tuesday, 3 March 2026 at 09:30. Time left: 30 minutes.",
        "Şu an kapalı (açılış: 3 Mart 2026 Salı 09:00). Son an: 3 Mart 2026 Salı 09:30. Kalan süre: 30 dakika.",
    ),
    "snoozed": (
        (
            "Since Monday, 2 March 2026 at 17:40 it stands still: the conversation is put aside. Counted so far: 10 minutes. "
            "Left when it goes on: 50 minutes."
        ),
        "2 Mart 2026 Pazartesi 17:40 itibarıyla duruyor: görüşme ertelendi. Sayılan süre: 10 dakika. Devam edince kalan: 50 dakika.",
    ),
    "missed": (
        "Done on Tuesday, 3 March 2026 at 10:00: Ayşe answered. That was too late: it was due on Tuesday, 3 March 2026 at 09:30.",
        "Yapıldı: 3 Mart 2026 Salı 10:00 (Ayşe yanıt verdi). Geç kalındı, son an: 3 Mart 2026 Salı 09:30.",
    ),
    "cancelled": (
        "Since Monday, 2 March 2026 at 17:45 nobody needs it any more: it was resolved. Counted until then: 15 minutes.",
        "2 Mart 2026 Pazartesi 17:45 itibarıyla gerek kalmadı (görüşme çözüldü). Sayılan süre: 15 dakika.",
    ),
}


@pytest.mark.parametrize("what", STANDS)
def test_how_an_answer_stands_is_said_in_both_languages(world: World, what: str) -> None:
    world.now = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # 17:30 in Istanbul, half an hour before it closes
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    (conversation,) = world.conversations()
    path = f"/v1/conversations/{conversation.id}"
    match what:
        case "closed":
            world.pass_time(hours=1)
        case "snoozed":
            world.pass_time(minutes=10)
            assert world.call("POST", f"{path}/snooze", {"until": "2026-03-04T09:00:00Z"})[0] == 200
            world.pass_time(minutes=10)
        case "missed":
            world.pass_time(hours=16, minutes=30)
            world.reply(conversation.id)
        case "cancelled":
            world.pass_time(minutes=15)
            assert world.call("POST", f"{path}/resolve", {})[0] == 200
    told = [clock(read(world, conversation.id, language=one), "first_response") for one in ("en", "tr")]
    assert tuple(one["text"][2] for one in told) == STANDS[what]


def test_what_a_customer_was_promised_is_told_along(world: World) -> None:
    conversation = begun(world)
    before = world.conversations()[0]
    made = datetime(2026, 3, 2, 8, 20, tzinfo=UTC)
    promises = (
        Promise("p_1", made, datetime(2026, 3, 6, 12, 0, tzinfo=UTC), "ayse", "a call back", answer=False),
        Promise("p_2", made, datetime(2026, 3, 3, 9, 0, tzinfo=UTC), "auto", ended_at=made, taken_back=True),
    )
    world.x.table.commit(*save(world.x, before, replace(before, promises=promises)).changes)
    assert [(one["id"], one["state"], one["text"]) for one in read(world, conversation)["promises"]] == [
        (
            "p_1", "open",
            "Ayşe promised on Monday, 2 March 2026 at 11:20: a call back, by Friday, 6 March 2026 at 15:00. It is open.",
        ),
        (
            "p_2", "taken_back",
            ("An automatic answer promised on Monday, 2 March 2026 at 11:20: an answer, by Tuesday, 3 March 2026 at 12:00. "
             "It was taken back on Monday, 2 March 2026 at 11:20."),
        ),
    ]  # fmt: skip
    assert [one["text"] for one in read(world, conversation, language="tr")["promises"]] == [
        "Ayşe söz verdi (2 Mart 2026 Pazartesi 11:20): a call back, son an 6 Mart 2026 Cuma 15:00. Bekleniyor.",
        (
            "Otomatik yanıt söz verdi (2 Mart 2026 Pazartesi 11:20): yanıt, son an 3 Mart 2026 Salı 12:00. "
            "Söz geri alındı: 2 Mart 2026 Pazartesi 11:20."
        ),
    ]


def test_of_a_conversation_that_is_reopened_the_resolution_goes_on_as_the_policy_says(world: World) -> None:
    world.apply(Config.model_validate(under(STANDARD | {"next_response": "1h", "reopened": "continues"}, version="v2")))
    conversation = begun(world)
    assert world.call("POST", f"/v1/conversations/{conversation}/resolve", {})[0] == 200
    world.pass_time(hours=24)
    world.sms("Yine bozuldu")
    world.pump()
    body = read(world, conversation)
    assert lines(clock(body, "resolution"))[1] == (
        "pause | Monday 2 March 11:20 – Tuesday 3 March 11:20: the conversation was resolved | (8 hours)"
    )
    assert clock(body, "next_response")["state"] == "running"


# --- on the command line ---------------------------------------------------------------------------------------------


@pytest.fixture
def told(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """A conversation that the command line reads."""

    def api(role: str) -> Any:
        def get(path: str, **query: str) -> dict[str, Any]:
            status, body = world.call("GET", path, query=urlencode(query), user="usta", role=role)
            if status != 200:
                raise ApiError(status, body["detail"])
            return body

        return SimpleNamespace(get=get)

    conversation = begun(world)
    world.pass_time(hours=3)
    world.sms("Peki ya kargo?")
    world.pump()
    monkeypatch.setattr("santral.connection.connect", lambda *_: SimpleNamespace(api=api))
    return conversation


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli.build(), ["explain", *arguments])


def test_the_command_prints_the_sum_as_a_table(told: str) -> None:
    result = run("sla", told)
    assert result.exit_code == 0, result.output
    printed = result.output.splitlines()
    assert printed[:2] == [
        "Deadlines of +15550199, in the queue “genel”", "Counted by the policy “standart” of the configuration v1.",
    ]  # fmt: skip
    assert "Resolution: running" in printed
    assert sum(one.startswith("  sum  ") and one.endswith("90 hours") for one in printed) == 1


def test_the_command_speaks_turkish_and_json_and_the_story_still_goes_without_a_name(told: str) -> None:
    assert "Çözüm: işliyor" in run("sla", told, "--lang", "tr").output.splitlines()
    assert json.loads(run("sla", told, "--json").output)["conversation"] == told
    assert run(told, "--json").output == run("story", told, "--json").output
    assert json.loads(run("--json", told).output)["audience"] == "supervisor"
    missing = run("sla", "c_nobody.default.1")
    assert (missing.exit_code, missing.output.strip()) == (1, "there is no conversation c_nobody.default.1 (404)")


@pytest.mark.parametrize("language", ["en", "tr"])
@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_longer_than_the_terminal_and_lengths_stand_at_its_right(
    told: str, language: str, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(run("sla", told, "--json", "--lang", language).output)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    command._show(found, every=False)
    printed = capsys.readouterr().out.splitlines()
    assert max(map(len, printed)) <= columns
    hours = "90 saat" if language == "tr" else "90 hours"
    (total,) = (one for one in printed if one.endswith(f"  {hours}"))
    assert len(total) == columns
