"""Hours are counted from what happened in a world: on time, again, late, after an outage; and read by supervisors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions import measure
from router import hourly, live, measure_views
from router.config import Config
from router.conversations import Conversation
from router.keeping import save
from router.promises import AUTO, CALLED, Promise
from router.timeline import What
from router.times import to_ms
from router.touched import hour_named
from tests.kit import rewind
from tests.kit import values as v
from tests.kit.crash import Killed, Stop, watching
from tests.kit.events import LambdaContext
from tests.kit.world import CONFIG, START, World
from tests.promises.test_one_person import join, mail_contact, sms_contact


@pytest.fixture
def world() -> Iterator[World]:
    with World(memory=True) as found:
        measured(found)
        yield found


def runs() -> int:
    """The function runs; how many hours it counted."""
    return int(measure.handler({}, LambdaContext())["hours"])


def measured(world: World) -> int:
    """The function's next run, five minutes on; how many hours it counted."""
    world.pass_time(seconds=300)
    return runs()


def waited(world: World) -> Conversation:
    """Somebody wrote and waits since, for three hours that were counted."""
    world.sms()
    world.pump()
    (one,) = world.conversations()
    world.pass_time(hours=3)
    measured(world)
    return one  # type: ignore[no-any-return]


def hours(world: World, query: str = "") -> list[dict[str, Any]]:
    status, page = world.call("GET", "/v1/measures", role="supervisor", query=query)
    assert status == 200, page
    return list(page["hours"])


def total(hour: dict[str, Any], name: str) -> int:
    return sum(cell["n"].get(name, 0) for cell in hour["cells"])


def at(hour: int, minute: int) -> datetime:
    """A time on the world's day."""
    return START.replace(hour=hour, minute=minute)


def now(world: World) -> dict[str, dict[str, Any]]:
    world.pass_time(seconds=1)
    status, found = world.call("GET", "/v1/measures/now", role="supervisor")
    assert status == 200, found
    return {queue["queue"]: queue for queue in found["queues"]}


def rows(world: World) -> list[dict[str, Any]]:
    """Everything that counting wrote, but for its lease."""
    return [item for prefix in ("COUNTED#", "OPEN#", "HOUR#", "AGAIN") for item in world.items(prefix)]


def test_an_hour_is_counted_five_minutes_after_its_end_with_what_happened_in_it(world: World) -> None:
    world.come_in("ayse")
    world.sms()
    world.pump()
    (one,) = world.conversations()
    world.pass_time(minutes=10)
    world.reply(one.id)
    world.call("POST", f"/v1/conversations/{one.id}/resolve", {})
    world.now = world.now.replace(hour=10, minute=4, second=59)
    assert runs() == 0
    world.pass_time(seconds=1)
    assert runs() == 1
    (before, hour) = hours(world)
    assert before["start"] == "2026-03-02T08:00:00Z"
    assert hour["start"] == "2026-03-02T09:00:00Z"
    assert (total(hour, "begun"), total(hour, "resolved"), total(hour, "in_time")) == (1, 1, 1)
    (there,) = [cell for cell in hour["agents"] if cell["queue"] is None]
    assert (there["agent"], there["n"]["joined"]) == ("ayse", 1)


def test_a_reopening_corrects_the_hour_of_the_resolve_and_no_other(world: World) -> None:
    world.come_in("ayse")
    world.sms()
    world.pump()
    (one,) = world.conversations()
    world.call("POST", f"/v1/conversations/{one.id}/resolve", {})
    world.pass_time(hours=3)
    measured(world)
    world.sms("bir şey daha")
    world.pump()
    assert measured(world) == 1
    counted = {hour["start"][11:13]: (total(hour, "resolved"), total(hour, "reopened")) for hour in hours(world)}
    assert counted == {"08": (0, 0), "09": (1, 1), "10": (0, 0), "11": (0, 0)}
    assert world.items("AGAIN") == []
    assert measured(world) == 0


def test_what_is_answered_late_is_missed_by_who_answers_in_the_hour_in_which_it_was_due(world: World) -> None:
    one = waited(world)

    def missed() -> list[tuple[int, list[str]]]:
        name = "missed.first_response"
        return [
            (total(hour, name), [cell["agent"] for cell in hour["agents"] if name in cell["n"]])
            for hour in hours(world)
        ]

    assert missed() == [(0, []), (0, []), (1, []), (0, [])]
    world.come_in("ayse")
    world.pump()
    world.reply(one.id)
    assert measured(world) == 1
    assert missed() == [(0, []), (0, []), (1, ["ayse"]), (0, [])]
    assert measured(world) == 0


def test_what_turns_out_to_be_spam_leaves_every_hour_it_stood_in(world: World) -> None:
    one = waited(world)
    assert backlog(world) == [0, 1, 1, 1]
    world.call("POST", f"/v1/conversations/{one.id}/spam", {}, role="supervisor")
    world.pump()
    measured(world)
    assert [hour["cells"] for hour in hours(world)] == [[], [], [], []]


def backlog(world: World) -> list[int]:
    """How many were open at the end of each hour."""
    return [sum(cell["s"][0] for cell in hour["cells"]) for hour in hours(world)]


def test_what_became_part_of_another_leaves_every_hour_it_stood_in(world: World) -> None:
    world.sms()
    world.mail()
    world.pump()
    world.pass_time(hours=3)
    measured(world)
    assert backlog(world) == [0, 2, 2, 2]
    join(world, mail_contact(world), sms_contact(world))
    world.pump()
    measured(world)
    assert backlog(world) == [0, 1, 1, 1]


def written(world: World, *, at: datetime, comes: datetime) -> None:
    """A mail was written at one time, and comes in at another."""
    world.now = at
    mail = world.post_mail("Nerede kaldı?")
    world.now = comes
    world.mail_event(mail)
    world.pump()


def test_what_turns_up_between_the_end_of_an_hour_and_its_counting_counts_in_it(world: World) -> None:
    world.now = at(11, 0)
    runs()
    written(world, at=at(9, 30), comes=at(11, 2))
    world.now = at(11, 7)
    runs()
    assert backlog(world) == [0, 1, 1]


def test_what_turned_up_before_an_outage_counts_in_the_hour_that_ended_in_it_as_well(world: World) -> None:
    world.now = at(10, 40)
    runs()
    written(world, at=at(9, 30), comes=at(10, 50))
    world.now = at(11, 7)
    runs()
    assert backlog(world) == [0, 1, 1]


def test_hours_before_the_first_that_was_counted_stay_uncounted(world: World) -> None:
    written(world, at=at(6, 30), comes=at(9, 10))
    assert measured(world) == 1
    assert [hour["start"][11:13] for hour in hours(world)] == ["08"]
    assert (backlog(world), world.items("AGAIN")) == ([1], [])


def test_a_message_that_arrives_late_moves_what_was_missed_to_the_hour_in_which_it_was(world: World) -> None:
    one = waited(world)
    missed = "missed.first_response"
    assert [total(hour, missed) for hour in hours(world)] == [0, 0, 1, 0]
    earlier = one.timeline.wrote(What.HEARD, to_ms(world.now - timedelta(hours=4)))
    world.x.table.commit(*save(world.x, one, replace(one, timeline=earlier)).changes)
    measured(world)
    assert [total(hour, missed) for hour in hours(world)] == [0, 1, 0, 0]


@pytest.mark.parametrize(("limit", "most"), [("MOST_HOURS", 2), ("MOST_CELLS", 1)])
def test_hours_are_read_in_pages_and_by_supervisors_only(
    world: World, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    world.come_in("ayse")
    world.pass_time(hours=5)
    measured(world)
    whole = hours(world)
    assert [hour["start"][11:13] for hour in whole] == ["08", "09", "10", "11", "12", "13"]
    assert hours(world, "since=2026-03-02T10:00:00Z&until=2026-03-02T12:00:00Z") == whole[2:4]
    monkeypatch.setattr(measure_views, limit, most)
    found, query, pages = [], "since=2026-03-02T08:00:00Z", 0
    while True:
        pages += 1
        _, page = world.call("GET", "/v1/measures", role="supervisor", query=query)
        found += page["hours"]
        if page["next"] is None:
            break
        query = f"cursor={page['next']}"
    assert (found, pages > 2) == (whole, True)
    assert page["counted_until"] == "2026-03-02T14:00:00Z"
    assert world.call("GET", "/v1/measures")[0] == 403
    assert world.call("GET", "/v1/measures/now")[0] == 403
    assert world.call("GET", "/v1/measures", role="supervisor", query="cursor=x")[0] == 422
    for since in ("2026-02-28T13:00:00Z", "2026-03-02T15:00:00Z"):  # longer ago than two days, and to come
        status, problem = world.call("GET", "/v1/measures/now", role="supervisor", query=f"since={since}")
        assert (status, problem["field"]) == (422, "since")


def test_how_it_stands_now_is_told_of_each_queue(world: World) -> None:
    world.come_in("ayse", "mehmet")
    assert world.call("POST", "/v1/agents/mehmet/presence", {"presence": "away"}, user="mehmet")[0] == 200
    for number in range(7):
        world.sms(sender=f"+1555000{number}")
        world.pump()
        world.pass_time(minutes=20)
    assert measured(world) == 2
    stands = now(world)["genel"]
    assert (stands["waiting"], stands["held"], stands["agents"], stands["room"]) == (3, 4, 1, 0)
    assert stands["longest_wait_seconds"] == 3 * 20 * 60 + 301
    assert stands["overdue"] == 5
    assert (stands["begun"], stands["answered"], stands["service_level"]) == (7, 4, 1.0)
    assert now(world)["uzman"]["waiting"] == 0


def test_of_more_than_is_read_it_is_said_that_it_is_not_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        world.sms(sender=f"+1555000{number}")
        world.pump()
    monkeypatch.setattr(live, "MOST", 1)
    assert now(world)["genel"]["waiting"] == 1
    assert world.call("GET", "/v1/measures/now", role="supervisor")[1]["whole"] is False


def test_a_company_of_two_processes_counts_each_hour_once(world: World) -> None:
    world.pass_time(hours=2)
    assert measured(world) == 2
    other = LambdaContext()
    other.aws_request_id = "22222222-2222-2222-2222-222222222222"
    world.pass_time(hours=1, seconds=-250)
    world.x.table.lease("measures-lease", "somebody", world.now + timedelta(seconds=30), world.now)
    assert measure.handler({}, other) == {"hours": 0}


def test_a_run_that_has_no_more_time_is_gone_on_with(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.pass_time(hours=4)
    monkeypatch.setattr(hourly, "_LONGEST", timedelta(seconds=-1))
    assert measured(world) == 0
    monkeypatch.undo()
    assert measured(world) == 4


def test_killed_anywhere_and_run_again_it_counts_the_same(world: World) -> None:
    world.come_in("ayse")
    for number in range(5):
        world.sms(sender=f"+1555000{number}")
        world.pump()
    one, other, *_ = world.conversations()
    world.call("POST", f"/v1/conversations/{one.id}/resolve", {})
    world.pass_time(hours=3)
    measured(world)
    world.sms("bir şey daha", sender="+15550000")
    world.pump()
    world.call("POST", f"/v1/conversations/{other.id}/spam", {}, role="supervisor")
    world.pump()
    world.pass_time(hours=2)
    eve = rewind.save(world)
    measured(world)  # a warm process, as it is in every other run
    rewind.restore(world, eve)
    with watching(world) as watch:
        measured(world)
    wanted, calls = rows(world), len(watch.calls)
    assert calls > 60
    for at in range(calls):
        for when in ("before", "after"):
            rewind.restore(world, eve)
            stop = Stop(at, when, die)
            with suppress(Killed), watching(world, stop):
                measured(world)
            assert stop.reached
            measured(world)
            assert rows(world) == wanted, f"killed {when} {watch.calls[at]}, call {at}"


def die() -> None:
    raise Killed


def test_cloudwatch_is_told_of_each_queue_and_of_the_worst(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.come_in("ayse")
    for number in range(5):
        world.sms(sender=f"+1555000{number}")
        world.pump()
    world.now = world.now.replace(hour=10, minute=0, second=0)
    capsys.readouterr()
    assert measured(world) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    queues = {one["Queue"]: one for one in told if "Queue" in one}
    assert set(queues) == {"genel", "chat", "uzman"}
    assert queues["genel"]["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Queue", "service"]]
    values = ("WaitingNow", "Backlog", "LongestWaitSeconds", "ServiceLevelPercent")
    assert [queues["genel"][name] for name in values] == [[1.0], [5.0], [3600.0], [100.0]]
    assert "ServiceLevelPercent" not in queues["uzman"]
    assert (world.counts["LongestWaitSeconds"], world.counts["ServiceLevelPercent"]) == (3600, 100)
    assert world.counts["HoursBehind"] == 0
    assert measured(world) == 0
    assert "ServiceLevelPercent" not in capsys.readouterr().out, "it is told once, when its hour was counted"


def test_where_what_was_open_changes_the_next_hour_is_counted_again_and_no_further(world: World) -> None:
    world.sms()
    world.pump()
    world.pass_time(hours=4)
    measured(world)
    wanted, nine = rows(world), hour_named("2026030209")
    world.x.table.keep_open(nine, [])
    world.x.table.keep_counted(nine + 1, {}, {})  # as if nobody had known that it was open
    world.x.table.count_again(nine, nine, "by hand")
    assert measured(world) == 2
    assert rows(world) == wanted


def presence(world: World, hour: int) -> dict[str, dict[str, int]]:
    """What was measured of the agents' presence in an hour of the day."""
    (found,) = [one for one in hours(world) if one["start"][11:13] == f"{hour:02}"]
    return {cell["agent"]: cell["n"] for cell in found["agents"] if cell["queue"] is None}


def test_what_comes_in_while_hours_are_counted_leaves_nobody_out_of_an_hour_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.come_in("ayse")
    world.sms()
    world.pump()
    (one,) = world.conversations()
    world.call("POST", f"/v1/conversations/{one.id}/resolve", {})
    world.pass_time(minutes=20)
    world.call("POST", "/v1/agents/ayse/presence", {"presence": "offline"})
    world.pass_time(hours=3)
    measured(world)
    wanted = presence(world, 9)
    read = hourly.shifts

    def meanwhile(*asked: Any) -> Any:
        found = read(*asked)
        world.sms("bir şey daha")
        world.pump()
        return found

    monkeypatch.setattr(hourly, "shifts", meanwhile)
    measured(world)
    monkeypatch.undo()
    assert presence(world, 9) == wanted
    assert measured(world) == 1
    assert presence(world, 9) == wanted
    assert [total(hour, "reopened") for hour in hours(world)][1] == 1


def test_who_is_no_agent_any_more_was_there_until_then_whenever_it_is_counted(world: World) -> None:
    world.come_in("ayse")
    world.sms()
    world.pump()
    (one,) = world.conversations()
    world.call("POST", f"/v1/conversations/{one.id}/resolve", {})
    world.pass_time(hours=1)
    measured(world)
    wanted = presence(world, 9)
    agents = [agent for agent in CONFIG["agents"] if agent["name"] != "ayse"]
    world.now = world.now.replace(hour=10, minute=30, second=0)
    world.apply(Config.model_validate({**CONFIG, "version": "without her", "agents": agents}))
    world.sms("bir şey daha")
    world.pump()
    world.pass_time(hours=2)
    measured(world)
    assert presence(world, 9) == wanted
    assert presence(world, 10) == {"ayse": {"presence.online": 1_800_000, "room": 12 * 1_800_000, "left": 1}}
    assert presence(world, 11) == {}


def test_how_it_stands_after_a_day_without_counting_is_told_with_what_was_open_before_and_as_not_whole(
    world: World,
) -> None:
    world.sms()
    world.pump()
    world.pass_time(hours=2)
    measured(world)
    world.pass_time(hours=26)
    assert now(world)["genel"]["waiting"] == 1
    assert world.call("GET", "/v1/measures/now", role="supervisor")[1]["whole"] is False
    assert measured(world) == 26
    live._seen.clear()
    assert world.call("GET", "/v1/measures/now", role="supervisor")[1]["whole"] is True


def test_a_promise_that_no_agent_made_is_no_agent_s() -> None:
    made = [Promise(f"pr_{by}", v.NOW, v.later(5), by) for by in ("ayse", AUTO, CALLED)]
    case = hourly.case_of(v.conversation(promises=tuple(made)), Config.model_validate(CONFIG))
    assert [one.by for one in case.promises] == ["ayse", None, None]
