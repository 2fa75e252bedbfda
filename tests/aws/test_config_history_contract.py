"""Putting a configuration in force is logged, races are told, and going back is refused where it would break."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from router.aws.codec import pack, unpack
from router.aws.configs import Applied, Configs, InForce, version_before
from router.aws.dynamo import Dynamo, put
from router.config import Config
from router.errors import Conflict, Invalid, NotFound
from tests.kit import values as v
from tests.kit.backends import BACKENDS, SERVERS

on_each = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


def config(version: str, **more: Any) -> Config:
    """A configuration that differs from others by its version alone."""
    agents = [{"name": "ayse", "display_name": "Ayşe", "skills": ["genel"]}]
    return Config.model_validate(
        {"version": version, "agents": agents, "queues": [{"name": "genel", "skill": "genel"}], **more}
    )


@on_each
def test_each_time_is_logged_with_who_and_when(dynamo: Dynamo) -> None:
    configs = Configs(dynamo)
    configs.apply(config("1"), by="user/ayse", note="first", at=v.NOW)
    configs.apply(config("2"), by="user/emma", at=v.NOW + timedelta(hours=1))
    configs.roll_back("1", by="user/ayse", at=v.NOW + timedelta(hours=2))
    assert configs.history() == [
        Applied(3, "1", v.NOW + timedelta(hours=2), "user/ayse", before="2", back=True),
        Applied(2, "2", v.NOW + timedelta(hours=1), "user/emma", before="1"),
        Applied(1, "1", v.NOW, "user/ayse", note="first"),
    ]
    assert [one.number for one in configs.history(2)] == [3, 2]
    assert configs.in_force() == InForce("1", 3)
    assert configs.current().version == "1"


@on_each
def test_what_is_in_force_already_is_not_put_in_force_again(dynamo: Dynamo) -> None:
    configs = Configs(dynamo)
    configs.apply(config("1"))
    assert configs.apply(config("1")) is None
    assert configs.roll_back("1") is None
    assert len(configs.history()) == 1


@on_each
def test_an_apply_that_another_one_overtook_says_so_and_changes_nothing(dynamo: Dynamo) -> None:
    configs = Configs(dynamo)
    nothing = configs.in_force()
    configs.apply(config("1"), seen=nothing)
    with pytest.raises(Conflict, match="version 1 was put in force meanwhile"):
        Configs(dynamo).apply(config("2"), seen=nothing)
    seen = configs.in_force()
    configs.apply(config("2"), seen=seen)
    for late in ("1", "3"):  # to what was in force, and to something new
        with pytest.raises(Conflict):
            Configs(dynamo).apply(config(late), seen=seen)
    with pytest.raises(Conflict):
        Configs(dynamo).roll_back("1", seen=seen)
    assert configs.in_force() == InForce("2", 2)
    assert [one.version for one in configs.history()] == ["2", "1"]


@pytest.mark.parametrize("dynamo", SERVERS, indirect=True)
def test_of_many_that_apply_at_the_same_time_one_wins_and_the_others_are_told(dynamo: Dynamo) -> None:
    Configs(dynamo).apply(config("0"))
    seen = Configs(dynamo).in_force()

    def won(version: int) -> bool:
        try:
            return Configs(dynamo).apply(config(str(version)), seen=seen) is not None
        except Conflict:
            return False

    with ThreadPoolExecutor(8) as pool:
        winners = [version for version, first in zip(range(1, 9), pool.map(won, range(1, 9)), strict=True) if first]
    assert len(winners) == 1
    assert [one.version for one in Configs(dynamo).history()] == [str(winners[0]), "0"]
    assert Configs(dynamo).current().version == str(winners[0])


@on_each
def test_a_version_that_came_back_meanwhile_is_a_race_all_the_same(dynamo: Dynamo) -> None:
    configs = Configs(dynamo)
    configs.apply(config("1"))
    seen = configs.in_force()
    configs.apply(config("2"))
    configs.apply(config("1"))
    with pytest.raises(Conflict):
        configs.apply(config("3"), seen=seen)


@on_each
def test_a_pointer_from_before_the_log_goes_on_being_one(dynamo: Dynamo) -> None:
    configs = Configs(dynamo)
    old = config("1").model_dump(mode="json", exclude_defaults=True)
    dynamo.commit(put("version", {"pk": "CFG", "sk": "v#1", "d": pack(old)}))
    dynamo.commit(put("pointer", {"pk": "CFG", "sk": "current", "ver": "1"}))
    seen = configs.in_force()
    configs.apply(config("2"), seen=seen)
    with pytest.raises(Conflict):
        configs.apply(config("3"), seen=seen)
    assert version_before(configs.history()) == "1"
    configs.roll_back("1")
    assert configs.current().version == "1"


@on_each
def test_a_version_whose_calendars_were_called_hours_is_read_and_can_come_back(dynamo: Dynamo) -> None:
    office = {"name": "ofis", "zone": "Europe/Istanbul", "open": {"mon-fri": ["09:00-18:00"]}, "closed": ["2027-01-01"]}
    old = {**config("1").model_dump(mode="json", exclude_defaults=True), "hours": [office]}
    dynamo.commit(put("version", {"pk": "CFG", "sk": "v#1", "d": pack(old)}))
    dynamo.commit(put("pointer", {"pk": "CFG", "sk": "current", "ver": "1"}))
    configs = Configs(dynamo)
    (calendar,) = configs.current().calendars
    assert (calendar.name, calendar.closed) == ("ofis", ("2027-01-01",))
    configs.apply(config("2"))
    configs.roll_back("1")
    assert configs.current().calendar("ofis") == calendar


@on_each
def test_a_version_is_kept_with_the_defaults_it_was_checked_with(dynamo: Dynamo) -> None:
    Configs(dynamo).apply(config("1"))
    item = dynamo.get(("CFG", "v#1"))
    assert item is not None
    assert unpack(item["d"]) == config("1").model_dump(mode="json")


@on_each
@pytest.mark.parametrize(
    ("stored", "why"),
    [
        ({"queues": [{"name": "genel", "skill": "genel"}], "moods": []}, "moods"),
        ({"rules": [{"name": "a", "when": "true", "tags": ["x"], "checked": ["weather", ["const", 1]]}]}, "weather"),
        ({"rules": [{"name": "a", "when": "true", "tags": ["x"], "checked": ["not"]}]}, "cannot be read"),
    ],
)
def test_going_back_to_what_this_release_cannot_read_is_refused(
    dynamo: Dynamo, stored: dict[str, Any], why: str
) -> None:
    configs = Configs(dynamo)
    configs.apply(config("1"))
    dynamo.commit(put("version", {"pk": "CFG", "sk": "v#0", "d": pack(stored)}))
    with pytest.raises(Invalid, match=why):
        configs.roll_back("0")
    dynamo.commit(put("version", {"pk": "CFG", "sk": "v#9", "d": b"\x02other"}))
    with pytest.raises(Invalid, match="newer version"):
        configs.roll_back("9")
    with pytest.raises(NotFound):
        configs.roll_back("never")
    assert configs.in_force() == InForce("1", 1)


def history(*steps: str) -> list[Applied]:
    """`<A` is a rollback to A; the newest first."""
    made: list[Applied] = []
    for number, step in enumerate(steps, 1):
        before = made[-1].version if made else ""
        made.append(Applied(number, step.removeprefix("<"), v.NOW, before=before, back=step.startswith("<")))
    return made[::-1]


@pytest.mark.parametrize(
    ("steps", "goes_to"),
    [
        ("", None),
        ("A", None),
        ("A B", "A"),
        ("A B C <B", "A"),
        ("A B C <B <A", None),
        ("A B C <A D", "A"),
        ("A B A", "B"),
        ("A B C <B D <B <A B", "A"),
        ("A B <A <B", "A"),  # forward again by name
    ],
)
def test_a_rollback_without_a_name_goes_further_back_each_time(steps: str, goes_to: str | None) -> None:
    assert version_before(history(*steps.split())) == goes_to
