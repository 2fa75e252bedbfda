"""What replications say together."""

from __future__ import annotations

import pytest

from santral.simulation.figures import Abandoned, differences, figures
from santral.simulation.tally import Class, Counts, Waits, slot

RARE, USUAL = Class("gold", "webchat", "chat"), Class("bronze", "webchat", "chat")


def test_a_replication_without_any_of_a_tier_says_nothing_of_how_it_is_served() -> None:
    late = Waits(offered=2, answered=1, left=1, waited=60_000, worst=2.0, lengths={slot(60_000): 1})
    kept = Waits(offered=4, answered=4, in_time=4, lengths={0: 4})
    found = figures([Counts({RARE: late, USUAL: kept}), Counts({USUAL: kept})], {}, "missed").tiers
    gold = found["gold"]
    assert (gold.offered.mean, gold.answered.mean) == (1, 0.5), "how many come is a figure of all replications"
    assert (gold.service_level.mean, gold.wait.mean, gold.abandoned.mean) == (0, 60, 0.5)
    assert gold.worst_wait_over_target.mean == 2
    assert gold.waits[90].mean == pytest.approx(60, rel=0.02)
    assert found["bronze"].service_level.mean == 1


def test_where_nobody_came_at_all_nobody_waited() -> None:
    nobody = figures([Counts({RARE: Waits()})], {}, "late").tiers["gold"]
    assert (nobody.service_level.mean, nobody.wait.mean, nobody.abandoned.mean) == (1, 0, 0)


@pytest.mark.parametrize("abandoned", ["missed", "late"])
def test_who_finds_no_place_or_is_never_answered_was_not_served_in_time(abandoned: Abandoned) -> None:
    waits = Waits(offered=10, answered=4, in_time=4, turned_away=1, unanswered=5, worst=12.0, lengths={0: 4})
    found = figures([Counts({USUAL: waits})], {}, abandoned)
    assert found.weighted_service_level.mean == found.whole.service_level.mean == 0.4
    assert (found.whole.turned_away.mean, found.whole.unanswered.mean, found.whole.abandoned.mean) == (0.1, 0.5, 0)


def test_policies_are_compared_replication_by_replication_so_what_is_common_falls_out() -> None:
    def day(kept: int) -> Counts:
        return Counts({USUAL: Waits(offered=10, answered=10, in_time=kept, lengths={0: 10})})

    apart = differences({"first": [day(9), day(5)], "other": [day(8), day(4)]}, {}, "late")
    assert list(apart) == ["other"]
    assert apart["other"] == pytest.approx((-0.1, 0), abs=1e-9)
