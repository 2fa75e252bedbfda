"""A floor that is kept up to date is the floor that would be made afresh."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router import floor as module
from router.crew import numbers
from router.floor import Floor
from router.loads import Load, acted, given_back, missing
from tests.kit.floors import CHANNELS, MANY, NOW, Scene, scenes


def _changed(load: Load, chance: Random, now: datetime) -> Load:
    """What an agent does, or what time does to them."""
    held = [channel for channel, count in load.counts.items() if count > 0]
    soon = now + timedelta(seconds=chance.choice((0, 1, 30)))
    match chance.choice(("back", "back", "wraps", "missed", "acts", "nothing")):
        case "back" if held:
            return given_back(load, [(chance.choice((3, 4)), chance.choice(held))], now)
        case "wraps" if held:
            return given_back(load, [(3, chance.choice(held))], now, soon, active=True)
        case "missed" if held:
            return missing(load, 3, chance.choice(held), 1, chance.choice((None, soon)), now)
        case "acts":
            return acted(load)
        case _:
            return load


def _same(kept: Floor, scene: Scene, now: datetime, chance: Random) -> None:
    fresh = Floor(scene.config, "main", kept.loads.values(), now, scene.others)
    names = ("crew", "loads", "presences", "unavailable", "off_shift", "paused", "wrapping", "ready")
    assert {name: getattr(kept, name) for name in names} == {name: getattr(fresh, name) for name in names}
    assert [kept.room(units) for units in range(15)] == [fresh.room(units) for units in range(15)]
    assert [kept.full(channel) for channel in CHANNELS] == [fresh.full(channel) for channel in CHANNELS]
    for of in {scene.rules.of(row.kind) for row in scene.rows}:
        for step in range(len(of.ladder)):
            assert kept.able(of, step) == fresh.able(of, step)
    there = [fresh.crew.number[name] for name in fresh.loads]
    for units in (1, 3, 4, 6):
        among = sum(1 << number for number in there if chance.random() < 0.7)
        if among & fresh.room(units):
            assert kept.fullest(among, units) == fresh.fullest(among, units)
        for bits in (among, among & fresh.ready):
            if bits:
                assert kept.longest_idle(bits) == fresh.longest_idle(bits)


def _lives(scene: Scene, seed: int) -> None:
    """Work is given and comes back, agents pause and wrap up; what time alone ends is told for each, as who keeps a floor does."""
    chance, now = Random(seed), NOW
    kept = scene.floor
    for _ in range(25):
        _same(kept, scene, now, chance)
        if chance.random() < 0.4:
            now += timedelta(milliseconds=chance.choice((1, 1000, 30_000)))
            for load in list(kept.loads.values()):
                kept.now_has(load, now)
        units, channel = chance.choice((3, 4)), chance.choice(CHANNELS)
        free = list(numbers(kept.ready & kept.room(units)))
        if free and chance.random() < 0.6:
            offer = ("c_1", now + timedelta(seconds=30)) if chance.random() < 0.5 else None
            kept.claimed(kept.crew.names[chance.choice(free)], units, channel, now, offer)
        elif kept.loads:
            load = kept.loads[chance.choice(sorted(kept.loads))]
            kept.now_has(_changed(load, chance, now), now)
    _same(kept, scene, now, chance)


@MANY
@given(scenes(), st.integers(0, 2**32))
def test_a_floor_that_is_kept_up_is_the_one_made_afresh(scene: Scene, seed: int) -> None:
    _lives(scene, seed)


@MANY
@given(scenes(), st.integers(0, 2**32))
def test_who_is_idle_for_longest_is_found_in_a_sorted_list_too_and_that_is_kept_right(scene: Scene, seed: int) -> None:
    """Of many agents; here of any number."""
    with mock.patch.object(module, "_FEW", 0):
        _lives(scene, seed)


@MANY
@given(scenes())
def test_who_comes_or_goes_or_is_not_of_the_crew_makes_another_floor(scene: Scene) -> None:
    floor = scene.floor
    for load in floor.loads.values():
        with pytest.raises(ValueError, match="makes another floor"):
            floor.now_has(replace(load, presence="elsewhere"), NOW)
    with pytest.raises(KeyError):
        floor.now_has(Load("stranger", "online", 1, 1, {}, NOW), NOW)
