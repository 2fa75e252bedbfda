"""Surveys that are answered and links that are followed, stopped at each of their calls."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions import api
from router.conversations import Conversation, State
from router.followed import Followed
from router.journeys import Stage, read_label
from router.links import code_of
from router.scores import ScoreKind
from router.surveys import Asked
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.events import LambdaContext, http_event
from tests.kit.promises import Seen, said
from tests.kit.surveyed import SURVEYS, asks, now_of, resolved, token_of
from tests.kit.world import World

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"


def was_asked(world: World) -> Asked:
    """Somebody's conversation was resolved, and they were asked how it was."""
    return asks(world, resolved(world))


def was_asked_long_after(world: World) -> Asked:
    """Somebody was asked about nothing in particular, a month later."""
    about = resolved(world)
    world.pass_time(days=30)
    world.x.table.set_cursor("ledger", f"{world.now:%Y%m%d%H%M}")
    return asks(world, about, ScoreKind.NPS, of_it=False)


def asked_by_a_campaign(world: World) -> Asked:
    """A journey asked them, which is over."""
    return asks(world, resolved(world), occurrence="2026-03-02")


def asked_while_it_waits(world: World) -> Asked:
    """What they are asked about was reopened, and waits: nobody is in."""
    asked = was_asked(world)
    world.call("POST", "/v1/agents/ayse/presence", {"presence": "away"})
    world.sms("Bir şey daha")
    world.pump()
    world.pass_time(seconds=30)
    return asked


def posts(score: int) -> Any:
    def act(world: World, asked: Any) -> bool:
        """Somebody presses the button until the page thanks them."""
        event = http_event("POST", f"/s/{token_of(world, asked)}", f"score={score}&text=Kimse+aramadi".encode(), {})
        status = api.handler(event, LambdaContext())["statusCode"]
        assert status in (200, 500, 503)
        return bool(status == 200)

    return act


def replied(text: str, arrange: Any) -> Any:
    def arranged(world: World) -> Asked:
        """Their reply lies in the inbound queue."""
        asked: Asked = arrange(world)
        world.sms(text)
        return asked

    return arranged


def once(world: World, asked: Asked, value: int) -> Conversation | None:
    """The score counts once: beside the person, in the history, in the conversation it is about."""
    (rating,) = world.x.table.ratings(asked.contact)
    assert rating.value == value
    entries = [entry for entries in Seen.of(world).history.values() for entry in entries if entry["what"] == "score"]
    assert [entry["detail"]["score"] for entry in entries] == [value]
    entered = [item for item in world.items("HOUR#") if item["sk"].startswith("score#")]
    assert len(entered) == (asked.conversation is None)
    if asked.conversation is None:
        assert [score for one in world.conversations() for score in one.scores] == []
        return None
    about = now_of(world, asked.conversation)
    assert [(score.value, score.agent) for score in about.scores] == [(value, "ayse")]
    return about


def good(world: World, asked: Any) -> None:
    about = once(world, asked, 5)
    assert about is not None
    assert about.state is State.RESOLVED
    assert Seen.of(world).notes == {}


def good_and_counted(world: World, asked: Any) -> None:
    """Its campaign counts it once, and the journey has nothing to do."""
    good(world, asked)
    journey = world.x.table.journey(asked.contact, asked.campaign, asked.occurrence)
    assert journey is not None
    assert (journey.scores, journey.due, journey.stage) == ((("csat", 5),), None, Stage.ENDED)
    marks = [
        mark
        for shard in world.x.table.journey_lists
        for _, mark in world.x.table.journeys_listed(asked.campaign, shard=shard)
    ]
    assert [read_label(mark.split("#")[1]).scores for mark in marks] == [journey.scores]


def bad(world: World, asked: Any) -> None:
    """One note, in what waits for a supervisor."""
    about = once(world, asked, 1)
    assert about is not None
    assert (about.state, about.queue, about.tags, about.priority) == (State.WAITING, "uzman", ("low-score",), 2)
    assert len(Seen.of(world).notes) == 1
    assert about.stub is not None


def bad_while_it_waits(world: World, asked: Any) -> None:
    about = once(world, asked, 1)
    assert about is not None
    assert (about.state, about.queue, about.tags, about.priority) == (State.WAITING, "genel", ("low-score",), 2)
    assert len(Seen.of(world).notes) == 1


def bad_of_nothing(world: World, asked: Any) -> None:
    once(world, asked, 0)
    one = max(world.conversations(), key=lambda found: found.number)
    assert (one.number, one.state, one.tags) == (2, State.WAITING, ("low-score",))
    assert len(said(world)[one.id]) == 1


def besides(world: World, asked: Any) -> None:
    about = once(world, asked, 5)
    assert about is not None
    assert (about.state, about.agent) == (State.ACTIVE, "ayse")
    assert said(world)[about.id][-1] == "5 ama kargo geç geldi"


def linked(world: World) -> str:
    """A message with a link has left."""
    code = code_of(world.x.key, "m_" + "a" * 24, 1)
    made = Followed(code, "https://shop.example/", "m_" + "a" * 24, 1, "p_somebody", world.now, "bahar", "2026-03-02")
    world.x.table.commit(world.x.table.new_link(made))
    return code


def follows(world: World, code: Any) -> bool:
    """Somebody taps the link until they are led on."""
    answer = api.handler(http_event("GET", f"/l/{code}", b"", {"user-agent": BROWSER}), LambdaContext())
    assert answer["statusCode"] in (302, 500, 503)
    return bool(answer["statusCode"] == 302)


def followed(world: World, code: Any) -> None:
    """Each of at most three taps counts once at most, and what the journey is told has one name, so that it hears of it once."""
    link = world.x.table.link(code)
    assert link is not None
    assert link.first_click_at is not None or world.counts.get("ClickUncounted")
    assert link.clicks <= 3
    told = [json.loads(message["Body"]) for message in world.take("outreach")]
    assert len(told) <= 1


SCENARIOS = [
    Scenario("survey.post", was_asked, good, posts(5), config=SURVEYS),
    Scenario("survey.post, low", was_asked, bad, posts(1), config=SURVEYS),
    Scenario("survey.post, low, while it waits", asked_while_it_waits, bad_while_it_waits, posts(1), config=SURVEYS),
    Scenario("survey.post, low, of nothing", was_asked_long_after, bad_of_nothing, posts(0), config=SURVEYS),
    Scenario("survey.post, of a campaign", asked_by_a_campaign, good_and_counted, posts(5), config=SURVEYS),
    Scenario(
        "survey.reply, of a campaign",
        replied("5", asked_by_a_campaign),
        good_and_counted,
        queue="inbound",
        config=SURVEYS,
    ),
    Scenario("survey.reply", replied("5", was_asked), good, queue="inbound", config=SURVEYS),
    Scenario("survey.reply, low", replied("1", was_asked), bad, queue="inbound", config=SURVEYS),
    Scenario(
        "survey.reply, and more", replied("5 ama kargo geç geldi", was_asked), besides, queue="inbound", config=SURVEYS
    ),
    Scenario("click", linked, followed, follows),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_what_somebody_answers_and_follows_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)


def score_by_reply(world: World, asked: Any) -> bool:
    """They answer by SMS as well, at the same time."""
    world.sms("5")
    world.pump()
    return True


def test_a_post_and_a_reply_at_once_are_one_score(ground: Ground) -> None:
    ground.run(Scenario("survey.both", was_asked, good, posts(5), other=score_by_reply, config=SURVEYS), "pause")
