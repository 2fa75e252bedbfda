"""A recorded week played again is the same week; what is changed changes what it should."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.config import Config
from router.messages import ChannelName
from router.waiting import Kind
from santral.simulation.roles import Coming
from santral.whatif.nature import Recorded
from santral.whatif.playing import happened, play
from santral.whatif.record import End, Fate, How, Record, Wait
from santral.whatif.record_files import read
from santral.whatif.recording import record, recorded
from tests.kit.recorded import config, trial


@pytest.mark.parametrize("name", ["week.jsonl", "week.jsonl.gz"])
def test_a_recorded_week_played_again_unchanged_is_exactly_what_happened(tmp_path: Path, name: str) -> None:
    written = record(trial(), 0, tmp_path / name)
    week = read(tmp_path / name)
    assert week == written
    ends = {end: sum(wait.fate.end is end for wait in week.waits) for end in End}
    offers = [one.how for wait in week.waits for one in wait.fate.offers]
    assert all(ends[end] > 10 for end in (End.ANSWERED, End.LEFT, End.TURNED_AWAY)), ends
    assert all(offers.count(how) > 10 for how in How if how is not How.STANDS), {how: offers.count(how) for how in How}
    again = play(week)
    assert again.fates == happened(week).fates
    assert list(again.fates) == [wait.id for wait in week.waits]


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    policy=st.sampled_from(["default", "fifo", "strict", "edf", "wvd"]),
    places=st.one_of(st.none(), st.integers(0, 12)),
    offered=st.booleans(),
    wrap=st.integers(0, 120),
)
def test_any_recorded_day_played_again_unchanged_is_what_happened(
    seed: int, policy: str, places: int | None, offered: bool, wrap: int
) -> None:
    queues = [
        {**queue, "wrap_up_seconds": wrap, **({"offer_seconds": 15} if offered else {})}
        for queue in (dict(one) for one in config().model_dump(mode="json")["queues"])
    ]
    changed = Config.model_validate(
        {**config().model_dump(mode="json"), "queues": queues, "pools": [{"name": "main", "policy": policy}]}
    )
    day = recorded(trial(days=1, seed=seed, changed=changed, waiting_places=places), 0)
    assert play(day).fates == happened(day).fates


def test_who_was_answered_would_have_waited_longer_and_who_left_so_long() -> None:
    day = recorded(trial(days=1), 0)
    nature = Recorded(day)
    assert set(nature.mean_patience) == {"webchat", "sms"}
    for wait in day.waits:
        patience, waited = nature.patience(wait), (wait.fate.at or 0) - wait.at
        if wait.fate.end is End.LEFT:
            assert patience == waited
        elif wait.kind.channel == "email":
            assert patience is None
        else:
            assert patience is not None
            assert patience > waited
    chats = [wait for wait in day.waits if wait.kind.channel == "webchat"]
    left = sum(wait.fate.end is End.LEFT for wait in chats)
    waited = sum((wait.fate.at or 0) - wait.at for wait in chats)
    assert nature.mean_patience["webchat"] == waited / left


def test_what_an_agent_still_had_when_the_record_ended_they_have_then_though_a_match_took_its_time() -> None:
    one = Config.model_validate(
        {
            "version": "one",
            "queues": [{"name": "chat", "skill": "chat", "first_response_minutes": 2}],
            "agents": [{"name": "ada", "display_name": "Ada", "skills": {"chat": 1}, "units": 4}],
            "routing": {"units": {"webchat": 4}},
        }
    )
    kind = Kind("chat", ChannelName.WEBCHAT, 4, 5, 120, "ornek", "tr")
    taken = Wait("a", "a", 1_000, kind, "main", Fate(End.ANSWERED, 31_000, "ada"))  # the match came half a minute later
    stands = Wait("b", "b", 60_000, kind, "main", Fate(End.WAITING))
    kept = Record("table", 0, 600_000, one, (taken, stands), (Coming(0, "ada", "online"),))
    again = play(kept)
    assert again.fates["a"].end is End.ANSWERED
    assert again.fates["a"].done is None
    assert again.fates["b"] == Fate(End.WAITING)


def test_one_more_skill_shortens_waits_and_fewer_agents_lengthen_them() -> None:
    day = recorded(trial(days=1), 0)
    more = [
        agent.model_copy(update={"skills": {**dict.fromkeys(("orders", "billing"), 3)}})
        if agent.pool == "main"
        else agent
        for agent in day.config.agents
    ]
    fewer = [agent for agent in day.config.agents if agent.name not in ("can", "derya")]

    def lost(agents: list[object]) -> int:
        changed = day.config.model_copy(update={"agents": tuple(agents), "version": str(len(agents))})
        return sum(fate.end in (End.LEFT, End.TURNED_AWAY) for fate in play(day, changed).fates.values())

    assert lost(list(more)) < lost(list(day.config.agents)) < lost(list(fewer))
