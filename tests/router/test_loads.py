"""What giving and taking change of an agent's load, and what they leave."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

from router.loads import Load, given_back, taken

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FULL = Load(
    agent="ayse", presence="online", free=7, units=12, counts={"email": 2, "sms": 1}, idle_since=NOW, pool="mail", connection="c1",
    by_desk=True, lost_at=NOW + timedelta(1), presence_since=NOW + timedelta(2), paused_until=NOW + timedelta(3),
    wrap_until=NOW + timedelta(4), missed=2, available=False, threshold=3, offers={"old": NOW - timedelta(1), "c": NOW + timedelta(1)},
    moved_in="away", badge=5, version=9,
)  # fmt: skip
LATER = NOW + timedelta(minutes=5)


def test_no_field_of_the_example_is_as_it_is_without_being_said() -> None:
    bare = Load(FULL.agent, FULL.presence, 0, FULL.units, {}, LATER)
    given = {"agent", "presence", "units"}
    assert [one.name for one in fields(Load) if getattr(FULL, one.name) == getattr(bare, one.name)] == sorted(
        given, key=[one.name for one in fields(Load)].index
    )


def test_who_takes_one_has_less_room_and_one_more_of_its_channel_and_is_otherwise_as_before() -> None:
    after = replace(FULL, free=3, counts={"email": 2, "sms": 2}, idle_since=LATER)
    assert taken(FULL, 4, "sms", None, LATER) == after
    assert taken(FULL, 4, "sms", None, LATER, version=10) == replace(after, version=10)
    offers = {"c": NOW + timedelta(1), "new": LATER}
    assert taken(FULL, 4, "sms", None, LATER, ("new", LATER)) == replace(after, offers=offers)


def test_who_gives_back_has_that_room_again_and_a_pause_ends_by_what_they_did_themselves() -> None:
    after = replace(FULL, free=16, counts={"email": 1, "sms": 0}, idle_since=LATER)
    held = [(6, "email"), (3, "sms")]
    assert given_back(FULL, held, LATER) == after
    assert given_back(FULL, held, LATER, LATER, active=True) == replace(
        after, wrap_until=LATER, paused_until=None, missed=0
    )
