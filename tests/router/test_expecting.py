"""When an answer is to be had: the words and the promise are one time, by the conversation's own clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.business import Business, business
from router.config import AutomaticAnswers, Config
from router.conversations import Conversation, State
from router.expecting import expected
from router.keeping import terms_for
from router.messages import ChannelName
from router.sla import clock_of, counted
from router.targets import Target
from router.timeline import EMPTY, What
from router.times import to_ms
from router.wordings import until_then
from tests.kit.world import CONFIG

ZONE = "Europe/Istanbul"
OFFICE = {"name": "ofis", "zone": ZONE, "open": {"mon-fri": ["09:00-12:30", "13:30-18:00"], "sat": ["10:00-14:00"]}}
ANSWERS: dict[str, Any] = {"queue": "genel", "hours": "ofis", "acknowledgement": {"en": "{expected}"}}


def configured(limit: str | None) -> Config:
    """With a policy of so much business time, or a queue's hour by the wall."""
    sla = [] if limit is None else [{"name": "ofiste", "calendar": "ofis", "first_response": limit}]
    queues = [{**queue, **({"sla": "ofiste"} if sla else {})} for queue in CONFIG["queues"]]
    return Config.model_validate({**CONFIG, "queues": queues, "calendars": [OFFICE], "sla": sla})


def waiting(at: datetime) -> Conversation:
    begun = Conversation(
        "p_1", "default", 1, State.WAITING, ChannelName.SMS, "sms", "genel", "main", 3, 5, "+15550199", opened_at=at
    )
    return replace(begun, timeline=EMPTY.wrote(What.HEARD, to_ms(at)).became(What.WAITING, to_ms(at), "genel"))


def hours_of(config: Config) -> Business:
    calendar = config.calendar("ofis")
    assert calendar is not None
    return business(calendar)


TIMES = st.integers(0, 14 * 24 * 60).map(lambda minutes: datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=minutes))
LIMITS = st.sampled_from(["15m", "1h", "4h", "8h", "20h", "end of day", "end of day before 15:00"])


@given(TIMES, LIMITS, st.integers(0, 59))
def test_in_business_time_the_promise_is_the_clocks_own_due_time_to_the_minute_that_is_told(
    at: datetime, limit: str, seconds: int
) -> None:
    config, now = configured(limit), at + timedelta(seconds=seconds)
    conversation = waiting(now)
    clock = clock_of(counted(conversation.timeline, terms_for(conversation, config)), Target.FIRST_RESPONSE)
    assert clock is not None
    assert clock.due_at is not None
    found = expected(config, AutomaticAnswers.model_validate(ANSWERS | {"promises": True}), conversation, "en", now)
    assert found.until is not None
    assert timedelta(0) <= found.until - clock.due_at < timedelta(minutes=1)
    assert found.words == until_then(found.until, now, ZONE, "en")


@given(TIMES)
def test_a_promise_by_the_wall_counts_the_hours_of_those_who_answer_once_they_are_closed(now: datetime) -> None:
    config = configured(None)
    found = expected(config, AutomaticAnswers.model_validate(ANSWERS | {"promises": True}), waiting(now), "en", now)
    assert found.until is not None
    time = hours_of(config)
    due = to_ms(now + timedelta(hours=1))
    stays_open = time.is_open(to_ms(now)) and time.is_open(due)
    assert to_ms(found.until) == (due if stays_open else time.after(to_ms(now), 3_600_000))


@pytest.mark.parametrize(
    ("at", "limit", "words"),
    [
        ("2026-03-02T10:00", "1h", "in about 60 minutes"),
        ("2026-03-02T12:00", "1h", "in about 2 hours"),  # over lunch
        ("2026-03-02T17:00", "4h", "tomorrow by 12:00"),
        ("2026-03-06T16:30", "2h", "tomorrow by 10:30"),
        ("2026-03-07T13:30", "1h", "on Monday by 09:30"),
        ("2026-03-06T19:00", None, "tomorrow from 10:00"),
        ("2026-03-02T10:00", None, "in about 60 minutes"),
    ],
)
def test_where_nothing_is_promised_the_words_are_as_exact_as_they_need_to_be(
    at: str, limit: str | None, words: str
) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    found = expected(configured(limit), AutomaticAnswers.model_validate(ANSWERS), waiting(now), "en", now)
    assert found.words == words


@pytest.mark.parametrize(("limit", "words"), [(None, "in about 60 minutes"), ("1h", "tomorrow by 09:30")])
def test_what_came_late_has_all_its_time_again(limit: str | None, words: str) -> None:
    now = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # half an hour before they leave
    answers = AutomaticAnswers.model_validate({**ANSWERS, "hours": None})
    found = expected(configured(limit), answers, waiting(now - timedelta(hours=4)), "en", now)
    assert found.words == words
