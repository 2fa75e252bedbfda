"""What a signal becomes in its queue, and what is read of it again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.aws.queues import SCHEDULED_TIME, Queues, read_outreach
from router.signals import Deliver, Launch, Plan, Step

KEY = b"k" * 32
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40)


def sent(signal: Launch | Plan | Step | Deliver) -> tuple[str, dict[str, Any]]:
    return Queues(None, {}, KEY)._entry(signal, AT)


@given(
    st.one_of(
        st.builds(Launch, NAMES, st.integers(0, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))),
        st.builds(Plan, NAMES, NAMES, st.integers(0, 7), NAMES),
        st.builds(Step, NAMES, NAMES, NAMES, st.just("")),
        st.builds(Deliver, NAMES, NAMES, st.just(""), st.none() | NAMES, st.just(True)),
    )
)
def test_what_is_sent_to_outreach_is_read_again(signal: Launch | Plan | Step | Deliver) -> None:
    queue, entry = sent(signal)
    assert queue == "outreach"
    assert read_outreach(entry["MessageBody"]) == signal
    assert len(entry["MessageGroupId"]) <= 128
    assert len(entry["MessageDeduplicationId"]) <= 128


def test_an_answer_s_delivery_is_not_held_up_by_bulk() -> None:
    answer = Deliver("c_1.shop.1", "m_1", "m_1.0")
    bulk = Deliver("c_1.shop.0", "m_2", "m_2.0", bulk=True)
    assert (sent(answer)[0], sent(bulk)[0]) == ("outbound", "outreach")
    assert sent(bulk)[1]["MessageGroupId"] == "c_1.shop.0"


def test_a_launch_is_one_message_however_often_it_is_asked_for() -> None:
    one = sent(Launch("bayram", AT))[1]
    assert (one["MessageGroupId"], one["MessageDeduplicationId"]) == ("launch", "bayram.1772442000000")


def test_parts_of_a_run_go_side_by_side_and_each_page_once() -> None:
    parts = [sent(Plan("bayram", "r1", part, "p_a"))[1] for part in (0, 1)]
    assert len({one["MessageGroupId"] for one in parts}) == 2
    assert parts[0]["MessageGroupId"].startswith("plan-0-")
    assert parts[0]["MessageDeduplicationId"] == "bayram.r1.0.p_a"
    other = sent(Plan("bayram", "r2", 0, "p_a"))[1]
    assert other["MessageGroupId"] != parts[0]["MessageGroupId"]


def test_a_person_s_steps_are_in_one_group_that_does_not_name_them() -> None:
    one, two = sent(Step("p_ayse", "bayram", "o1", "s1"))[1], sent(Step("p_ayse", "anket", "o9", "s2"))[1]
    assert one["MessageGroupId"] == two["MessageGroupId"]
    assert "ayse" not in one["MessageGroupId"]
    assert one["MessageDeduplicationId"] == "s1"


@pytest.mark.parametrize(
    "at", ['"2026-03-02T09:00:00Z"', '"2026-03-02T12:00:00+03:00"', '"2026-03-02T09:00:00"', "1772442000000"]
)
def test_a_launch_says_its_time_as_scheduler_writes_it_or_as_we_do(at: str) -> None:
    assert read_outreach(f'{{"launch": "bayram", "at": {at}}}') == Launch("bayram", AT)


def test_a_time_that_nobody_put_in_is_the_minute_in_which_the_queue_took_it() -> None:
    body = json.dumps({"launch": "bayram", "at": SCHEDULED_TIME})
    assert read_outreach(body, AT.replace(second=9, microsecond=512_000)) == Launch("bayram", AT)
    with pytest.raises(ValueError, match="scheduled-time"):
        read_outreach(body)


@pytest.mark.parametrize(
    "body", ["{}", "[]", "x", '{"launch": "a"}', '{"launch": "a", "at": true}', '{"plan": {}}', '{"step": []}']
)
def test_a_body_of_nobody_s_is_refused(body: str) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        read_outreach(body)
