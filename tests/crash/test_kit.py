"""The kit itself: a use case that is broken on purpose is caught, at the call where it breaks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from router import desk, once, route
from router.aws import lines
from router.aws.table import Table
from router.exchange import Exchange
from router.heard import begin
from router.signals import Deliver
from router.waiting import WaitingRow
from tests.crash.test_desk import SCENARIOS as DESK
from tests.crash.test_match import SCENARIOS as MATCH
from tests.crash.test_races import RACES
from tests.crash.test_receive import SCENARIOS as RECEIVE
from tests.kit.crash import Ground, Scenario
from tests.kit.promises import check
from tests.kit.world import World


def named(scenarios: list[Scenario], name: str) -> Scenario:
    return next(scenario for scenario in scenarios if scenario.name == name)


def one_by_one(self: Table, *changes: Any) -> None:
    """What should be one transaction, as separate writes."""
    for change in changes:
        if change.kind != "ConditionCheck":  # a write's companion, which nobody can make alone
            self.dynamo.commit(change)


@pytest.mark.parametrize(
    ("scenario", "promise"),
    [(named(MATCH, "match.assign"), "P5"), (named(DESK, "resolve"), "P5")],
    ids=["match", "resolve"],
)
def test_two_separate_writes_instead_of_a_transaction_are_caught(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, scenario: Scenario, promise: str
) -> None:
    monkeypatch.setattr(Table, "commit", one_by_one)
    with pytest.raises(AssertionError) as caught:
        ground.run(scenario, "kill")
    assert promise in str(caught.value)
    assert f"{scenario.name} · kill after " in str(caught.value)


def test_sending_before_the_commit_is_caught(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = once.once

    def eager(x: Exchange, user: Any, key: str, what: str, plan: Callable[[str], Any]) -> Any:
        def planned(digest: str) -> Any:
            made = plan(digest)
            x.queues.send([s for s in made.signals if isinstance(s, Deliver)], x.now())
            return made

        return commit(x, user, key, what, planned)

    monkeypatch.setattr(desk, "once", eager)
    with pytest.raises(AssertionError, match=r"reply · kill after send_message #1"):
        ground.run(named(DESK, "reply"), "kill")


def test_forgetting_what_follows_is_caught(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation that waits without anybody to be woken for it."""
    monkeypatch.setattr(route, "begin", lambda *a, **k: replace(begin(*a, **k), follow=(), follow_at=None))
    monkeypatch.setattr(route, "_signals", lambda *_: [])
    with pytest.raises(AssertionError, match="nobody is to be woken for it"):
        ground.run(named(RECEIVE, "receive.sms"), "kill")


def test_a_provider_called_twice_is_caught(ground: Ground) -> None:
    world = ground.begin()
    world.come_in("ayse")
    world.sms()
    world.pump()
    (conversation,) = world.conversations()
    world.reply(conversation.id)
    world.pump()
    check(world)
    world.providers(world.providers.calls[0])
    with pytest.raises(AssertionError, match="left 2 times"):
        check(world)


def test_a_point_that_a_later_run_does_not_reach_is_no_success(ground: Ground) -> None:
    """A scenario that behaves differently each time would be stopped nowhere."""
    runs = iter(range(100))

    def act(world: World, _: Any) -> bool:
        if next(runs) == 0:
            world.x.table.cursor("ledger")
        world.x.table.cursor("ledger")
        return True

    with pytest.raises(AssertionError, match="did not come to that call"):
        ground.run(Scenario("fickle", lambda _: None, lambda *_: None, act), "fault")


def test_a_claim_that_trusts_an_old_wake_up_is_caught(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the wake-up and the claim the conversation went to another queue's line."""

    def only_waiting(row: WaitingRow) -> tuple[str, dict[str, Any]]:
        return "#st = :waiting AND #n = :cn", {"waiting": "waiting", "cn": int(row.conversation.rpartition(".")[2])}

    monkeypatch.setattr(lines, "_as_seen", only_waiting)
    with pytest.raises(AssertionError, match="match and transfer"):
        ground.run(named(RACES, "match and transfer"), "pause")
