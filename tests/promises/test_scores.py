"""A score is never lost from sight: that of a survey about no conversation is at its person, in the measures, by campaign, and told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from functions import api, measure
from router.ids import survey_token
from router.journeys import given, label, read_label
from santral.campaign_status import told_status
from santral.reporting import report_of
from santral.reporting_choices import By
from tests.kit.events import LambdaContext, http_event
from tests.kit.machines import machine_call, new_client, token
from tests.kit.outreach import ADMIN, SHOP, compiled, contact_of, journeys, launch, meet, phone, sends, shop
from tests.kit.world import World

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ASKING: dict[str, Any] = shop(
    version="asking-1",
    templates=[
        *SHOP["templates"],
        {"name": "tavsiye", "purpose": "marketing", "channels": {"sms": {"en": "0 to 10? {{ survey }} Stop: {{ unsubscribe }}"}}},
    ],
    campaigns=[
        {
            "name": "tavsiye", "starts": {"at": "2026-03-02T12:00", "zone": "Europe/Istanbul"}, "everyone": True, "track": False,
            "steps": [{"send": "tavsiye", "survey": "nps"}], "exits": ["reply"],
        },
    ],
)  # fmt: skip


@pytest.fixture
def world() -> Iterator[World]:
    with World(ASKING, memory=True) as found:
        yield found


def asked(world: World, people: int) -> None:
    """So many were asked, and their journeys are over."""
    meet(world, range(people))
    measure.handler({}, LambdaContext())
    launch(world, "tavsiye", NOON)
    world.pump()
    assert len(sends(world)) == people
    assert {str(one.stage) for one in journeys(world)} == {"ended"}
    world.pass_time(minutes=5)


def answers(world: World, number: int, score: int, text: str = "") -> None:
    """One of them answers on the survey's page."""
    (send,) = (one.id for one in sends(world) if one.to == phone(number))
    event = http_event("POST", f"/s/{survey_token(world.x.key, send)}", f"score={score}&text={text}".encode(), {})
    assert api.handler(event, LambdaContext())["statusCode"] == 200
    world.pump()


def writes(world: World, number: int, text: str) -> None:
    """One of them answers by a message."""
    assert world.sms(text, sender=phone(number))["statusCode"] == 200
    world.pump()


def status(world: World) -> dict[str, Any]:
    code, body = world.call("GET", "/v1/campaigns/tavsiye/status", **ADMIN)
    assert code == 200, body
    return dict(body)


def scores_of(world: World, number: int, role: str = "supervisor", query: str = "") -> tuple[int, dict[str, Any]]:
    path = f"/v1/contacts/{contact_of(world, number)}/scores"
    code, body = world.call("GET", path, role=role, query=query)
    return code, dict(body)


def counted(world: World) -> list[tuple[str, str | None, str, str | None, dict[str, int]]]:
    """What of scores was counted, hour by hour: hour, queue, channel, language."""
    code, page = world.call("GET", "/v1/measures", role="supervisor")
    assert code == 200, page
    found = []
    for hour in page["hours"]:
        for cell in hour["cells"]:
            of_scores = {name: n for name, n in cell["n"].items() if name.startswith(("csat", "nps", "ces"))}
            if of_scores:
                found.append((hour["start"], cell["queue"], cell["channel"], cell["language"], of_scores))
    return found


def test_a_person_s_answers_are_read_with_their_words_the_newest_first(world: World) -> None:
    asked(world, 2)
    answers(world, 0, 9, "Harika")
    code, body = scores_of(world, 0)
    assert code == 200, body
    (one,) = body["scores"]
    (send,) = (found.id for found in sends(world) if found.to == phone(0))
    assert one == {
        "kind": "nps", "score": 9, "comment": "Harika", "at": "2026-03-02T09:05:00Z", "how": "link", "campaign": "tavsiye",
        "message": send, "asked_at": "2026-03-02T09:00:00Z", "channel": "sms", "contact": contact_of(world, 0),
        "conversation": None, "agent": None, "raised": None,
    }  # fmt: skip
    writes(world, 1, "10")
    (other,) = scores_of(world, 1)[1]["scores"]
    assert (other["score"], other["how"], other["comment"]) == (10, "reply", None)
    assert scores_of(world, 1, query="limit=0")[0] == 422
    assert world.call("GET", "/v1/contacts/p_nobody/scores", role="supervisor")[0] == 404


def test_answers_are_for_supervisors_and_for_machines_that_may_read_contacts(world: World) -> None:
    asked(world, 1)
    answers(world, 0, 9)
    assert scores_of(world, 0, role="agent")[0] == 403
    path = f"/v1/contacts/{contact_of(world, 0)}/scores"
    code, body = machine_call(world, token(*new_client(world, "contacts:read")), "GET", path)
    assert (code, [one["score"] for one in body["scores"]]) == (200, [9])
    assert machine_call(world, token(*new_client(world, "search:read", name="other")), "GET", path)[0] == 403


def test_the_answers_of_who_was_joined_are_the_person_s(world: World) -> None:
    asked(world, 2)
    answers(world, 0, 9)
    world.pass_time(minutes=1)
    answers(world, 1, 8)
    into, joined = contact_of(world, 0), contact_of(world, 1)
    code, body = world.call("POST", f"/v1/contacts/{into}/join", {"contact": joined}, role="supervisor", user="amir")
    assert code == 200, body
    for number in (0, 1):
        found = scores_of(world, number)[1]["scores"]
        assert [(one["score"], one["contact"]) for one in found] == [(8, joined), (9, into)]
    assert [one["score"] for one in scores_of(world, 0, query="limit=1")[1]["scores"]] == [8]


def test_a_score_of_no_conversation_counts_once_in_its_hour_however_often_that_is_counted(world: World) -> None:
    asked(world, 3)
    for number, score in enumerate((10, 9, 0)):
        answers(world, number, score)
        answers(world, number, 5)  # the first counts
    world.pass_time(hours=1, minutes=10)
    measure.handler({}, LambdaContext())
    expected = [("2026-03-02T09:00:00Z", None, "sms", "en", {"nps.0": 1, "nps.10": 1, "nps.9": 1})]
    assert counted(world) == expected
    hour = round(NOON.timestamp()) // 3600
    before = world.items("COUNTED#")
    world.x.table.count_again(hour, hour, "once more")
    world.pass_time(minutes=1)
    measure.handler({}, LambdaContext())
    assert (counted(world), world.items("COUNTED#")) == (expected, before)


def test_the_report_tells_it_beside_the_queues(world: World) -> None:
    asked(world, 3)
    for number, score in enumerate((10, 9, 0)):
        answers(world, number, score)
    writes(world, 2, "Siparişim nerede?")  # in a queue, in the same hour
    world.pass_time(hours=1, minutes=10)
    measure.handler({}, LambdaContext())
    _, page = world.call("GET", "/v1/measures", role="supervisor")
    report = report_of(page["hours"])
    assert report.total().figures.nps == pytest.approx(100 / 3)
    for by, name in ((By.queue, None), (By.channel, "sms"), (By.language, "en")):
        scored = [(row.name, round(row.figures.nps, 3)) for row in report.rows(by) if row.figures.nps is not None]
        assert scored == [(name, 33.333)]


def test_what_stands_of_it_in_the_hour_does_not_say_whose_it_is(world: World) -> None:
    asked(world, 1)
    answers(world, 0, 9, "Harika")
    (item,) = (one for one in world.items("HOUR#") if one["sk"].startswith("score#"))
    assert contact_of(world, 0) not in str(item)
    assert "Harika" not in str(item)


def test_a_campaign_s_status_counts_the_answers_to_its_survey(world: World) -> None:
    asked(world, 8)
    assert status(world)["surveys"] == [
        {"kind": "nps", "answers": 0, "rate": 0.0, "mean": None, "nps": None, "values": {}}
    ]
    for number, score in ((0, 10), (1, 9), (2, 7)):
        answers(world, number, score)
    writes(world, 3, "0")
    writes(world, 4, "kaç gün sürer")
    answers(world, 0, 3)
    assert status(world)["surveys"] == [
        {
            "kind": "nps",
            "answers": 4,
            "rate": 0.5,
            "mean": 6.5,
            "nps": 25.0,
            "values": {"0": 1, "10": 1, "7": 1, "9": 1},
        }
    ]
    assert "  nps                4   mean 6.5, NPS +25   (50.0 % answered)" in told_status(status(world)).splitlines()
    assert {str(one.stage) for one in journeys(world)} == {"ended"}
    assert [one.due for one in journeys(world)] == [None] * 8


def test_a_journey_that_is_forgotten_holds_up_no_answer(world: World) -> None:
    asked(world, 2)
    for one in journeys(world):
        world.x.table.dynamo.write_many((), [(f"P#{one.contact}", f"tour#{one.campaign}#{one.occurrence}")])
    answers(world, 0, 9)
    writes(world, 1, "10")
    assert [len(scores_of(world, number)[1]["scores"]) for number in (0, 1)] == [1, 1]
    assert journeys(world) == []


def test_an_answer_is_told_to_other_systems_once_without_its_words() -> None:
    with World(ASKING, streaming=True) as world:
        meet(world, [0])
        launch(world, "tavsiye", NOON)
        world.pump()
        answers(world, 0, 9, "Harika")
        world.publish()
        assert world.bus is not None
        (told,) = (one for one in world.bus.events if one["type"] == "survey.answered")
        assert (told["data"]["score"], told["data"]["comment"], told["data"]["conversation"]) == (9, True, None)
        assert (told["data"]["contact"], told["data"]["campaign"]) == (contact_of(world, 0), "tavsiye")
        assert "Harika" not in str(world.bus.events)


def test_what_a_journey_heard_of_scores_is_in_its_label_and_comes_back(world: World) -> None:
    asked(world, 1)
    answers(world, 0, 9)
    (journey,) = journeys(world)
    assert [one.what for one in journey.heard] == [given("nps", 9)]
    assert read_label(label(journey)).scores == journey.scores == (("nps", 9),)
    assert not journey.did("reply", 0)
    assert read_label("ended|done|1||cr|50000|sms").scores == ()


def told(world: World, number: int, language: str = "en") -> list[str]:
    """What is said of one's latest journey besides how it stands."""
    path = f"/v1/contacts/{contact_of(world, number)}/outreach"
    code, body = world.call("GET", path, role="supervisor", query=f"language={language}")
    assert code == 200, body
    return list(body["journeys"][0]["details"])


def test_a_person_s_journey_tells_the_score_they_gave(world: World) -> None:
    asked(world, 3)
    answers(world, 0, 9)
    writes(world, 1, "0")
    assert told(world, 0) == ["By SMS.", "They gave a score: nps 9."]
    assert told(world, 0, "tr") == ["Kanal: SMS.", "Puan verdi: nps 9."]
    assert told(world, 1) == ["By SMS.", "They gave a score: nps 0."]
    assert told(world, 2) == ["By SMS."]


def test_a_step_goes_by_the_score_that_was_given() -> None:
    steps = [
        {"send": "tavsiye", "survey": "nps"},
        {"wait": "1h"},
        {"when": "journey.score >= 9", "then": [{"send": "sevindik"}]},
    ]
    templates = [
        *ASKING["templates"],
        {"name": "sevindik", "purpose": "service", "channels": {"sms": {"en": "We are glad"}}},
    ]
    (campaign,) = ASKING["campaigns"]
    config = {**ASKING, "templates": templates, "campaigns": [{**campaign, "steps": steps}]}
    with World(compiled(config), memory=True) as world:
        meet(world, range(3))
        launch(world, "tavsiye", NOON)
        world.pump()
        world.pass_time(minutes=5)
        answers(world, 0, 9)
        answers(world, 1, 8)
        world.pass_time(hours=1)
        world.sweep()
        world.pump()
        assert [one.to for one in sends(world) if one.message.text == "We are glad"] == [phone(0)]
        assert told(world, 0) == ["By SMS.", "They gave a score: nps 9."]
