"""P6: as long as a decision is kept, so is the roster that it names."""

from __future__ import annotations

from router.aws.codec import unpack
from tests.kit.world import World


def lives(world: World) -> dict[str, int]:
    """When each kept roster goes, by its hash, in seconds since 1970."""
    return {item["pk"].removeprefix("ROSTER#"): int(item["ttl"]) for item in world.items("ROSTER#")}


def named(world: World) -> list[tuple[str, int]]:
    """The roster that each decision names, and when the decision goes."""
    decisions = [item for item in world.items("H#c_") if item["wt"] == "decision"]
    return [(unpack(item["d"])["seen"]["roster"], int(item["ttl"])) for item in decisions]


def test_p6_a_quiet_pool_s_roster_outlives_every_decision_that_names_it(world: World) -> None:
    """So few agents change so little that the differences alone would never ask for a new one."""
    world.come_in("ayse")
    for day in range(8):
        world.sms(f"Gün {day}", sender=f"+1555019{day}")
        world.pump()
        world.pass_time(hours=12 if day % 2 else 30)
    rosters, decisions = lives(world), named(world)
    assert len(decisions) == 8
    assert [roster for roster, gone in decisions if rosters.get(roster, 0) < gone] == []
    assert 1 < len(rosters) < len(decisions)


def test_p6_decisions_of_one_day_share_a_roster(world: World) -> None:
    world.come_in("ayse", "mehmet")
    for number in range(4):
        world.sms(sender=f"+1555019{number}")
        world.pump()
        world.pass_time(minutes=10)
    assert len(named(world)) == 4
    assert len(lives(world)) == 1
