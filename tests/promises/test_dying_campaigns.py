"""Two campaigns to thousands of people, whose workers are killed twenty times: everybody got one, or is named with one reason (P9)."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from router.aws import rows
from router.experiments import held_out as is_held_out
from router.ids import contact_id
from router.journeys import Stage
from router.sends import SendState
from router.times import to_ms
from tests.kit import values as v
from tests.kit.crash import Killed, each_call, jump
from tests.kit.dying import Counted, Doom, Dying
from tests.kit.outreach import ADMIN, SHOP, contact_of, fire, journeys, launch, meet, phone, sends
from tests.kit.plain import PlainWorld

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Twelve o'clock in Istanbul, four in New York."""
KILLS = 20
PEOPLE, MANY = 2000, 20_000
KINDS = {
    "plain": 60, "far": 12, "none": 7, "declined": 6, "suppressed": 4, "complains": 4, "mail": 7,
}  # fmt: skip
"""Of a hundred people so many: in New York, where it is quiet still; without consent; without a number; and so on."""
BLOCKED = {
    "none": "consent.none", "declined": "consent.withdrawn", "suppressed": "suppressed", "complains": "support.complaint",
    "mail": "unreachable",
}  # fmt: skip
CAMPAIGNS: dict[str, Any] = {
    **SHOP,
    "templates": [
        {"name": "ilk", "purpose": "marketing", "channels": {"sms": {"en": "Greater of the shop {{ unsubscribe }}"}}},
        {"name": "son", "purpose": "marketing", "channels": {"sms": {"en": "Lesser of the shop {{ unsubscribe }}"}}},
    ],
    "campaigns": [
        {
            "name": "greater", "starts": {"at": "2026-03-02T12:00", "zone": "Europe/Istanbul"}, "everyone": True, "importance": 70,
            "holdout_percent": 5, "steps": [{"send": "ilk"}],
        },
        {
            "name": "lesser", "starts": {"at": "2026-03-02T12:00", "zone": "Europe/Istanbul"}, "everyone": True, "importance": 30,
            "stale": "8h", "steps": [{"send": "son"}],
        },
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Somebody:
    """One of the people, and how they are."""

    number: int
    kind: str
    contact: str


def mail_of(number: int) -> str:
    return f"biri{number}@example.net"


def people(world: PlainWorld, count: int) -> list[Somebody]:
    """They are met, each of a kind."""
    of_hundred = [kind for kind, share in KINDS.items() for _ in range(share)]
    found = []
    for kind in KINDS:
        numbers = [number for number in range(count) if of_hundred[number % 100] == kind]
        if kind == "mail":
            found += met_by_mail(world, numbers)
            continue
        consent = {"none": None, "declined": False}.get(kind, True)
        zone = {"zone": "America/New_York"} if kind == "far" else {}
        meet(world, numbers, marketing=consent, **zone)
        for number in numbers:
            one = Somebody(number, kind, contact_of(world, number))
            found.append(one)
            if kind == "suppressed":
                body = {"channel": "sms", "address": phone(number), "reason": "asked us not to"}
                assert world.call("POST", "/v1/suppressions", body, role="supervisor")[0] == 201
            if kind == "complains":
                open_ = v.conversation(one.contact, category="complaint", address=phone(number))
                world.x.table.dynamo.write_many([rows.conversation_item(open_)])
    return found


def met_by_mail(world: PlainWorld, numbers: list[int]) -> list[Somebody]:
    """They have no number."""
    found = []
    for number in numbers:
        place = {"channel": "email", "address": mail_of(number)}
        given = {**place, "given": True, "at": "2026-02-01T10:00:00Z", "source": "form"}
        row = {"addresses": [place], "zone": "Europe/Istanbul", "language": "en", "consents": [given]}
        assert world.call("POST", "/v1/contact-rows", {"rows": [row]}, **ADMIN)[0] == 200
        found.append(Somebody(number, "mail", contact_id(world.x.key, "email", mail_of(number), proved=True)))
    return found


@pytest.fixture
def world() -> Iterator[PlainWorld]:
    with PlainWorld(CAMPAIGNS, memory=True) as world:
        world.now = datetime(2026, 3, 2, 8, 59, tzinfo=UTC)
        yield world


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.soak)])
def test_of_two_thousand_people_everybody_is_written_to_once_or_named_whatever_is_killed(
    world: PlainWorld, seed: int
) -> None:
    live(world, seed, PEOPLE)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_of_twenty_thousand_people_as_well(world: PlainWorld) -> None:
    live(world, 3, MANY)


def live(world: PlainWorld, seed: int, count: int) -> None:
    """Both campaigns to so many, all that goes wrong, and what came of everybody."""
    chance = random.Random(seed)
    everybody = people(world, count)
    world.pass_time(minutes=1)
    provider = world.providers.answer = Counted(random.Random(seed))
    workers = Dying(world, chance)
    for name in ("greater", "lesser"):
        launch(world, name, NOON)
    harm(world, workers, 3, 500)  # while the audience is gone through
    harm(world, workers, KILLS - 9, 3000)
    until_nothing_is_due(world, workers)
    jump(world, hours=5)
    world.sweep()
    harm(world, workers, KILLS - workers.killed, 400)
    for hours in (0, 4, 24):
        jump(world, hours=hours)
        until_nothing_is_due(world, workers)
    assert workers.killed == KILLS
    assert workers.cut_off >= 3
    assert workers.redelivered > 10
    judge(world, everybody, provider)
    assert world.counts.get("ParkedSends", 0) >= workers.cut_off
    told = (
        f"{count} people, killed {workers.killed} times, {workers.cut_off} cut off, {workers.redelivered} redelivered: "
    )
    told += f"took {sum(provider.took.values())}, parked {world.counts.get('ParkedSends', 0)}"
    sys.stdout.write(told + "\n")
    for name in ("greater", "lesser"):
        adds_up(world, name, len(everybody), provider)


def harm(world: PlainWorld, workers: Dying, times: int, calls: int) -> None:
    """Killed so often at random, each third time just after a provider's call; and the schedules fire again in between."""
    until = workers.killed + times
    while workers.killed < until:
        cut = workers.killed % 4 == 3
        doom = Doom(workers.chance.randint(1, 40), True, "provider") if cut else None
        doom = doom or Doom(workers.chance.randint(1, calls), workers.chance.random() < 0.5)
        if not workers.live(doom):
            break
        if workers.chance.random() < 0.4:
            fired_again(world, workers, workers.chance.choice(("greater", "lesser")))
        if workers.chance.random() < 0.4:
            world.pass_time(seconds=workers.chance.randint(1, 90))
        if workers.chance.random() < 0.3:
            world.sweep()


def fired_again(world: PlainWorld, workers: Dying, name: str) -> None:
    """A schedule's second message, past what the queue swallows; it may die, too."""
    doom = Doom(workers.chance.randint(1, 12), True)
    try:
        with each_call(world, doom.around):
            fire(world, name, NOON)
    except Killed:
        pass


def until_nothing_is_due(world: PlainWorld, workers: Dying) -> None:
    """The minutes go by."""
    for _ in range(60):
        workers.until_idle()
        if not any(item["due"] <= to_ms(world.now) for item in world.items() if "due" in item):
            break
        world.sweep()
    else:
        raise AssertionError("something stays due")
    jump(world, minutes=16)
    for _ in range(4):
        world.sweep()
        workers.until_idle()


def judge(world: PlainWorld, everybody: list[Somebody], provider: Counted) -> None:
    """By what the provider counted: one message each, a parked one that is named, or one reason."""
    found = {(one.campaign, one.contact): one for one in journeys(world)}
    kept = {one.id: one for one in sends(world)}
    listed = {item["pk"] for item in world.items("M#") if item.get("lk") == "parked"}
    wrong = []
    for somebody in everybody:
        greater, lesser = (found.pop((name, somebody.contact)) for name in ("greater", "lesser"))
        took = [provider.took.get((phone(somebody.number), text), 0) for text in ("Greater", "Lesser")]
        if somebody.kind in BLOCKED:
            got = [(one.stage, one.why, one.sent) for one in (greater, lesser)]
            fine = took == [0, 0] and got == [(Stage.ENDED, BLOCKED[somebody.kind], ())] * 2
        else:
            held_out = is_held_out(world.x.key, "greater", somebody.contact, 5)
            one, other, times, none = (
                (lesser, greater, took[1], took[0]) if held_out else (greater, lesser, took[0], took[1])
            )
            if one.stage is Stage.PARKED:
                (send,) = [send for send in kept.values() if send.journey == one.key]
                fine = times <= 1 and send.state is SendState.PARKED and f"M#{send.id}" in listed and not one.sent
            else:
                fine = (times, one.stage, one.why, len(one.sent)) == (1, Stage.ENDED, "done", 1)
            fine = fine and (none, other.stage, other.sent) == (0, Stage.ENDED, ())
            fine = fine and other.why == ("holdout" if held_out else "cap.day")
        if not fine:
            wrong.append((somebody, took, greater, lesser))
    assert wrong[:3] == []
    assert found == {}
    assert sum(provider.took.values()) == sum(world.providers.left.count(one) for one in {*world.providers.left})


def adds_up(world: PlainWorld, name: str, count: int, provider: Counted) -> None:
    """The numbers that people are shown."""
    status, body = world.call("GET", f"/v1/campaigns/{name}/status", **ADMIN)
    assert status == 200, body
    assert body["looked"] == count
    assert body["looked"] == body["outside"] + body["journeys"]
    assert body["journeys"] == body["sent"] + body["pending"] + body["parked"] + body["dropped"]
    assert body["pending"] == 0
    reasons = Counter[str](body["reasons"])
    assert reasons.total() == body["dropped"] + body["parked"]
    assert reasons["parked"] == body["parked"]
    took = sum(times for (_, text), times in provider.took.items() if text.lower() == name)
    assert body["sent"] <= took <= body["sent"] + body["parked"]
