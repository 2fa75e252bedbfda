"""The calls themselves, on every DynamoDB: conditions, order, paging and bounds."""

import pytest

from router.aws.dynamo import Dynamo, delete, put, update
from router.errors import Lost
from tests.kit.backends import BACKENDS

pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


def test_an_item_comes_back_as_it_was_put(dynamo: Dynamo) -> None:
    item = {
        "pk": "a", "sk": "b", "text": "Merhaba çok", "empty": "", "number": -5, "broken": 2.5, "yes": True, "blob": b"\x00\xff",
        "list": ["x", 1, {"deep": [b"y"]}], "map": {"k": "v", "n": 7},
    }  # fmt: skip
    dynamo.commit(put("item", item | {"none": None}))
    assert dynamo.get(("a", "b")) == item
    assert dynamo.get(("a", "c")) is None


def test_a_single_change_whose_condition_fails_is_lost_by_its_name(dynamo: Dynamo) -> None:
    dynamo.commit(put("first", {"pk": "a", "sk": "b", "v": 1}, "attribute_not_exists(#pk)"))
    with pytest.raises(Lost) as lost:
        dynamo.commit(put("second", {"pk": "a", "sk": "b", "v": 2}, "attribute_not_exists(#pk)"))
    assert lost.value.names == ("second",)
    with pytest.raises(Lost):
        dynamo.commit(update("third", ("a", "b"), "SET #v = :to", {"to": 3, "is": 2}, "#v = :is"))
    with pytest.raises(Lost):
        dynamo.commit(delete("fourth", ("a", "b"), "#v = :is", {"is": 2}))
    assert dynamo.get(("a", "b")) == {"pk": "a", "sk": "b", "v": 1}


def test_a_transaction_names_each_change_whose_condition_failed_and_writes_none(dynamo: Dynamo) -> None:
    dynamo.commit(put("there", {"pk": "a", "sk": "1", "v": 1}))
    with pytest.raises(Lost) as lost:
        dynamo.commit(
            put("new", {"pk": "a", "sk": "2"}, "attribute_not_exists(#pk)"),
            update("moved", ("a", "1"), "SET #v = :to", {"to": 2, "is": 9}, "#v = :is"),
            delete("gone", ("a", "3"), "attribute_exists(#pk)"),
            delete("unconditional", ("a", "4")),
        )
    assert lost.value.names == ("moved", "gone")
    assert [item["sk"] for item in dynamo.query("a")] == ["1"]


def test_a_transaction_whose_conditions_hold_writes_all_of_it(dynamo: Dynamo) -> None:
    dynamo.commit(put("old", {"pk": "a", "sk": "1", "n": 5}), put("gone", {"pk": "a", "sk": "2"}))
    dynamo.commit(
        put("new", {"pk": "b", "sk": "1"}, "attribute_not_exists(#pk)"),
        update(
            "old", ("a", "1"), "ADD #n :more, #k_sms :one SET #t = :t REMOVE #x", {"more": -2, "one": 1, "t": "now"}
        ),
        delete("gone", ("a", "2"), "attribute_exists(#pk)"),
    )
    assert dynamo.get(("a", "1")) == {"pk": "a", "sk": "1", "n": 3, "k_sms": 1, "t": "now"}
    assert dynamo.get(("a", "2")) is None
    assert dynamo.get(("b", "1")) is not None


def test_many_keys_are_read_in_hundreds_and_missing_ones_left_out(dynamo: Dynamo) -> None:
    for start in range(0, 130, 65):
        dynamo.commit(*(put(f"{n}", {"pk": f"k{n}", "sk": "s", "n": n}) for n in range(start, start + 65)))
    keys = [(f"k{n}", "s") for n in range(260)]
    found = dynamo.get_many([*keys, *keys])
    assert found == {(f"k{n}", "s"): {"pk": f"k{n}", "sk": "s", "n": n} for n in range(130)}
    assert dynamo.get_many([]) == {}


def test_a_query_goes_on_over_its_pages_and_stops_at_its_limit(dynamo: Dynamo) -> None:
    dynamo.commit(*(put(f"{n}", {"pk": "a", "sk": f"{n:02d}"}) for n in range(25)))
    dynamo.commit(put("other", {"pk": "b", "sk": "00"}), put("another", {"pk": "b", "sk": "01"}))
    every = [f"{n:02d}" for n in range(25)]
    assert [item["sk"] for item in dynamo.query("a")] == every
    assert [item["sk"] for item in dynamo.query("a", page=4)] == every
    assert [item["sk"] for item in dynamo.query("a", page=4, limit=10)] == every[:10]
    assert [item["sk"] for item in dynamo.query("a", limit=3, backwards=True)] == ["24", "23", "22"]
    assert [item["sk"] for item in dynamo.query("a", after="21")] == ["22", "23", "24"]
    assert [item["sk"] for item in dynamo.query("a", before="03")] == ["00", "01", "02"]
    assert [item["sk"] for item in dynamo.query("a", before="03", backwards=True, limit=2)] == ["02", "01"]
    assert [item["sk"] for item in dynamo.query("a", between=("05", "07"))] == ["05", "06", "07"]
    assert [item["sk"] for item in dynamo.query("a", prefix="2")] == ["20", "21", "22", "23", "24"]
    assert list(dynamo.query("c")) == []


@pytest.mark.parametrize("number", [0, 1, 20])
def test_several_queries_are_answered_in_the_order_asked(dynamo: Dynamo, number: int) -> None:
    dynamo.write_many({"pk": f"line {n}", "sk": f"{place}"} for n in range(number) for place in range(n % 4))
    found = dynamo.query_many([(f"line {n}", {"after": "0", "limit": 2}) for n in reversed(range(number))])
    assert [[item["sk"] for item in items] for items in found] == [
        ["1", "2"][: max(0, n % 4 - 1)] for n in reversed(range(number))
    ]


def test_pages_of_more_than_a_megabyte_are_read_to_the_end(dynamo: Dynamo) -> None:
    for n in range(4):
        dynamo.commit(put("large", {"pk": "a", "sk": f"{n}", "d": b"x" * 390_000}))
    assert [len(item["d"]) for item in dynamo.query("a")] == [390_000] * 4
    found = dynamo.get_many([("a", f"{n}") for n in range(4)])
    assert len(found) == 4


def test_taking_an_item_gives_it_once(dynamo: Dynamo) -> None:
    dynamo.commit(put("ticket", {"pk": "T", "sk": "t", "e": 10}))
    assert dynamo.take(("T", "t"), "#e >= :now", {"now": 11}) is None
    assert dynamo.take(("T", "t"), "#e >= :now", {"now": 10}) == {"pk": "T", "sk": "t", "e": 10}
    assert dynamo.take(("T", "t"), "#e >= :now", {"now": 10}) is None


def test_the_same_commit_twice_is_two_commits(dynamo: Dynamo) -> None:
    """A change is data: committing it again is another transaction, not a repeat of the first."""
    dynamo.commit(put("a", {"pk": "a", "sk": "1", "n": 0}))
    more = update("more", ("a", "1"), "ADD #n :one", {"one": 1}), put("b", {"pk": "b", "sk": "1"})
    dynamo.commit(*more)
    dynamo.commit(*more)
    assert (dynamo.get(("a", "1")) or {})["n"] == 2
