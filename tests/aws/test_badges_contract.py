"""Badges on every DynamoDB: a number for each agent, which never changes, and everybody's presence by it to the bit."""

from contextlib import suppress
from dataclasses import replace

import pytest

from router.aws import badges, rows
from router.aws.badges import BLOCK, shown, wearers
from router.aws.codec import Item
from router.aws.dynamo import Change, Dynamo, delete, put
from router.aws.table import Table
from router.errors import Lost
from router.loads import Load
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import come_in

pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


def worn(table: Table) -> dict[int, str]:
    """Who wears which badge."""
    return wearers(table.dynamo.query("BADGES"))


def sums(table: Table) -> Item:
    """The usual pool's item of sums."""
    return table.dynamo.get(("POOL#main", "P")) or {}


def presences(table: Table) -> dict[str, str]:
    """Everybody's presence, as a process that knows nobody yet reads it."""
    return Table(table.dynamo, v.KEY).presences(sums(table))


def coming(table: Table, agent: str, presence: str = "online") -> list[Change]:
    """What brings an agent in, as they are now, to be done later."""
    return table.set_presence("main", agent, presence, 12, table.load("main", agent), None, v.NOW)


def test_a_badge_stays_whatever_its_wearer_does(table: Table) -> None:
    come_in(table)
    ((badge, name),) = worn(table).items()
    for presence in ("away", "lunch-break", "offline", "online", "online"):
        come_in(table, presence=presence, available=presence == "online")
        load = table.load("main", "ayse")
        assert load is not None
        assert (load.badge, worn(table)) == (badge, {badge: name}) == (badge, {badge: "ayse"})
        assert shown(sums(table)) == ({badge: presence} if presence != "offline" else {})


def test_agents_who_change_at_once_do_not_get_in_each_other_s_way(table: Table) -> None:
    for name in ("ayse", "mehmet", "usta"):
        come_in(table, name)
    changes = [coming(table, "ayse", "away"), coming(table, "mehmet", "away"), coming(table, "usta", "offline")]
    for change in changes:
        table.commit(*change)
    assert presences(table) == {"ayse": "away", "mehmet": "away"}


def test_of_two_who_would_get_the_same_badge_one_gets_another(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badges, "_SPARE", 1)
    first, second = coming(table, "ayse"), coming(table, "mehmet", "away")
    table.commit(*first)
    with pytest.raises(Lost) as lost:
        table.commit(*second)
    assert lost.value.names == ("badge",)
    assert presences(table) == {"ayse": "online"}
    table.commit(*coming(table, "mehmet", "away"))
    assert presences(table) == {"ayse": "online", "mehmet": "away"}
    assert worn(table) == {0: "ayse", 1: "mehmet"}


def test_hardly_ever_do_two_newcomers_choose_the_same(table: Table) -> None:
    """All see the pool as it was before the first of them."""
    asked = [coming(table, f"agent-{n}") for n in range(10)]
    for changes in asked:
        with suppress(Lost):
            table.commit(*changes)
    assert len(presences(table)) >= 8


def test_sums_are_exact_across_all_their_bits(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """The highest bits of a full block, beside the lowest, and the block behind it."""
    monkeypatch.setattr(badges, "_SPARE", 1)
    names = [f"agent-{n}" for n in range(BLOCK + 2)]
    for name in names:
        table.commit(*coming(table, name))
    everybody = dict.fromkeys(names, "online")
    assert presences(table) == everybody
    assert sums(table)["b_online_0"] == (1 << BLOCK) - 1
    for number in (0, BLOCK - 1, BLOCK, 1):
        table.commit(*coming(table, names[number], "away"))
        everybody[names[number]] = "away"
        assert presences(table) == everybody
    for number in (BLOCK - 1, 0):
        table.commit(*coming(table, names[number], "online"))
        everybody[names[number]] = "online"
        assert presences(table) == everybody


def test_a_process_learns_the_badges_that_were_given_since_it_looked(table: Table) -> None:
    other = Table(table.dynamo, v.KEY)
    come_in(table, presence="away", available=False)
    assert other.pool("main").others == {"ayse": "away"}
    come_in(table, "mehmet", presence="lunch", available=False)
    assert other.pool("main").others == {"ayse": "away", "mehmet": "lunch"}
    assert other.pool("elsewhere").others == {}


class Counted:
    """A table's batch reads, counted."""

    def __init__(self, dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number, read = 0, dynamo.get_many

        def get_many(*args: object) -> object:
            self.number += 1
            return read(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(dynamo, "get_many", get_many)


def test_a_badge_is_read_once_by_a_process(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ayse", "mehmet"):
        come_in(table, name, presence="away", available=False)
    process = Table(table.dynamo, v.KEY)
    reads = Counted(table.dynamo, monkeypatch)
    found = [process.pool("main").others for _ in range(3)]
    assert (found, reads.number) == ([{"ayse": "away", "mehmet": "away"}] * 3, 1)


@pytest.mark.parametrize("left", ["online", "away"])
def test_a_row_that_somebody_deleted_by_hand_comes_back_under_its_badge(table: Table, left: str) -> None:
    """What it showed is put out, though it is not known from a row: a bit added twice would be another agent's."""
    for name in ("ayse", "mehmet", "usta"):
        come_in(table, name, presence=left, available=False)
    before = worn(table)
    table.commit(delete("agent", rows.load_key("main", "mehmet", room=False)))
    come_in(table, "mehmet")
    assert worn(table) == before
    assert presences(table) == {"ayse": left, "mehmet": "online", "usta": left}


def test_a_row_without_a_badge_gets_one_with_its_next_presence(table: Table) -> None:
    row: Load = v.agent("ayse", version=3)
    table.commit(put("agent", rows.load_item(row)))
    table.commit(*table.away(row, v.NOW))
    load = table.load("main", "ayse")
    assert load is not None
    assert load == replace(load, presence="away", version=4, badge=next(iter(worn(table))))
    assert presences(table) == {"ayse": "away"}


def test_a_badge_is_the_same_in_every_pool(table: Table) -> None:
    """Who moves takes it along: what it showed is put out here, and shown there."""
    for name in ("ayse", "mehmet"):
        come_in(table, name)
    before = table.load("main", "ayse")
    assert before is not None
    row, badges = table.show(before, replace(before, pool="night"))
    table.commit(*badges)
    assert row == replace(before, pool="night")
    assert presences(table) == {"mehmet": "online"}
    assert table.pool("night").others == {"ayse": "online"}
    assert sorted(worn(table).values()) == ["ayse", "mehmet"]
    table.commit(
        *table.set_presence("night", "mehmet", "away", 12, table.load("main", "mehmet"), None, v.NOW, available=False)
    )
    assert table.pool("night").others == {"ayse": "online", "mehmet": "away"}
    assert sorted(worn(table).values()) == ["ayse", "mehmet"]
