"""What DynamoDB makes of expressions, and what it refuses: the table in memory does the same, and DynamoDB Local is the judge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.aws.dynamo import Change, Dynamo, check, delete, put, update
from router.errors import Lost
from santral.memory import KEYS, MemoryDynamo
from tests.kit import backends
from tests.kit.backends import JUDGED

judged = pytest.mark.parametrize("dynamo", JUDGED, indirect=True)
A = ("a", "1")
ITEM: dict[str, Any] = {
    "pk": "a", "sk": "1", "s": "ğa", "n": 5, "f": 2.5, "b": b"\x01\x02", "t": True, "l": ["x", 1], "m": {"k": 1},
}  # fmt: skip

HOLDING: list[tuple[str, dict[str, Any]]] = [
    ("#absent <> :v", {"v": 1}),
    ("NOT #absent = :v AND NOT #absent < :v", {"v": 1}),
    ("#absent <> #absent2", {}),
    ("#n <> :v AND NOT #n < :v AND NOT #n >= :v", {"v": "5"}),
    ("#t <> :v", {"v": 1}),
    ("#n = :v AND :v = #n", {"v": 5.0}),
    ("#l = :l AND #m = :m AND #b = :b", {"l": ["x", 1], "m": {"k": 1}, "b": b"\x01\x02"}),
    ("#m <> :m AND #l <> :l", {"m": {"k": True}, "l": ["x", True]}),
    ("#n = :v OR #n = :v AND #absent = :v", {"v": 5}),
    ("not #absent = :v and #n = :v", {"v": 5}),
    ("NOT NOT #n = :v", {"v": 5}),
    ("NOT (#n = :v AND #n = :w)", {"v": 5, "w": 6}),
    ("#n IN (:a, :b) AND NOT #n IN (:a)", {"a": "5", "b": 5}),
    ("NOT #absent IN (:a)", {"a": 1}),
    ("#n BETWEEN :a AND :b AND #f BETWEEN :a AND :b", {"a": 1, "b": 9}),
    ("NOT #absent BETWEEN :a AND :b", {"a": 1, "b": 9}),
    ("size(#s) = :two AND size(#b) = :two AND size(#l) = :two AND size(#m) = :one", {"two": 2, "one": 1}),
    ("NOT size(#n) = :one AND NOT size(#t) = :one AND size(#absent) <> :one", {"one": 1}),
    ("contains(#s, :s) AND contains(#l, :n) AND contains(#l, :x) AND contains(#b, :b)", {"s": "a", "n": 1, "x": "x", "b": b"\x02"}),
    ("NOT contains(#n, :n) AND NOT contains(#s, :n) AND NOT contains(#absent, :n)", {"n": 5}),
    ("begins_with(#s, :s) AND begins_with(#b, :b) AND NOT begins_with(#n, :n)", {"s": "ğ", "b": b"\x01", "n": "5"}),
    ("attribute_exists(#n) AND attribute_not_exists(#absent)", {}),
]  # fmt: skip

MADE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("SET #n = #n + :v", {"v": 2}, {"n": 7}),
    ("SET #n = #n - :v, #o = #n", {"v": 2}, {"n": 3, "o": 5}),
    ("ADD #g :v", {"v": 0.2}, {"g": 0.3}),
    ("SET #g = #g + :v", {"v": 0.2}, {"g": 0.3}),
    ("ADD #f :v, #new :w", {"v": 0.5, "w": 2.5}, {"f": 3, "new": 2.5}),
    ("SET #x = if_not_exists(#absent, :v) + :v, #y = if_not_exists(#n, :v)", {"v": 2}, {"x": 4, "y": 5}),
    ("SET #x = list_append(#l, :v)", {"v": ["z"]}, {"x": ["x", 1, "z"]}),
    ("SET #x = (#n + :v)", {"v": 2}, {"x": 7}),
    ("set #n = :v remove #absent, #s add #o :v", {"v": 2}, {"n": 2, "s": None, "o": 2}),
    ("SET #cv = :v, #at = :v, #due = :n", {"v": "x", "n": 3}, {"cv": "x", "at": "x", "due": 3}),
]

REFUSED: list[tuple[str, dict[str, Any], str | None]] = [
    ("ADD #s :v", {"v": 2}, None),
    ("ADD #n :v", {"v": "2"}, None),
    ("SET #x = #absent", {}, None),
    ("SET #n = #n + #absent", {}, None),
    ("SET #n = #n + :v", {"v": "x"}, None),
    ("SET #n = :v REMOVE #n", {"v": 2}, None),
    ("ADD #n :v, #n :v", {"v": 2}, None),
    ("SET #n = :v SET #s = :v", {"v": 2}, None),
    ("SET #x = #n + :v + :v", {"v": 2}, None),
    ("SET #x = size(#s)", {}, None),
    ("SET #pk = :v", {"v": "u"}, None),
    ("SET #due = :v", {"v": "3"}, None),
    ("SET #lk = :v", {"v": ""}, None),
    ("SET #at = :v", {"v": 1}, None),
    ("SET #n = :v, #s", {"v": 1}, None),
    ("SET #n = :v", {"v": 1, "unused": 1}, None),
    ("SET #n = :v", {}, None),
    ("SET #n = :v", {"v": 5}, "#n = :missing"),
    ("SET #n = :v", {"v": 5}, "#n == :v"),
    ("SET #n = :v", {"v": 5}, "#n = :v AND"),
    ("SET #n = :v", {"v": 5}, "#n = :v #s"),
    ("SET #n = :v", {"v": 5}, "(#n = :v"),
    ("SET #n = :v", {"v": 5}, "#n ! :v"),
    ("", {}, None),
]


@judged
def test_conditions_hold_as_dynamodb_has_it(dynamo: Dynamo) -> None:
    dynamo.commit(put("item", ITEM))
    for condition, values in HOLDING:
        dynamo.commit(update("seen", A, "SET #seen = :seen", {"seen": condition, **values}, condition))
        assert (dynamo.get(A) or {})["seen"] == condition
        with pytest.raises(Lost):
            dynamo.commit(delete("gone", A, f"NOT ({condition})", values))


@judged
@pytest.mark.parametrize(("expression", "values", "made"), MADE, ids=[one for one, *_ in MADE])
def test_an_update_makes_of_an_item_what_dynamodb_makes(
    dynamo: Dynamo, expression: str, values: dict[str, Any], made: dict[str, Any]
) -> None:
    item = {**ITEM, "g": 0.1}
    dynamo.commit(put("item", item))
    dynamo.commit(update("item", A, expression, values))
    assert dynamo.get(A) == {name: value for name, value in (item | made).items() if value is not None}


@judged
@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize(("expression", "values", "condition"), REFUSED, ids=[f"{e} {c or ''}" for e, _, c in REFUSED])
def test_a_wrong_update_is_refused_whole_and_is_not_lost(
    dynamo: Dynamo, expression: str, values: dict[str, Any], condition: str | None, others: int
) -> None:
    dynamo.commit(put("item", ITEM))
    other = [put("other", {"pk": "b", "sk": "1"})] * others
    with pytest.raises(ClientError):
        dynamo.commit(*other, update("item", A, expression, values, condition))
    assert (dynamo.get(A), dynamo.get(("b", "1"))) == (ITEM, None)


@judged
def test_an_update_of_what_is_not_there_makes_it(dynamo: Dynamo) -> None:
    dynamo.commit(update("removed", A, "REMOVE #x"), update("added", ("a", "2"), "ADD #n :v", {"v": 1}))
    assert list(dynamo.query("a")) == [{"pk": "a", "sk": "1"}, {"pk": "a", "sk": "2", "n": 1}]
    with pytest.raises(ClientError):
        dynamo.commit(update("sum", ("a", "3"), "SET #n = #n + :v", {"v": 1}))


@judged
def test_a_transaction_that_dynamodb_would_not_take_writes_nothing(dynamo: Dynamo) -> None:
    many = [put(f"{n}", {"pk": "z", "sk": f"{n}"}) for n in range(101)]
    wrong: list[Sequence[Change]] = [
        (put("one", {"pk": "z", "sk": "1"}), delete("again", ("z", "1"))),
        many,
        (),
        (many[0], put("nameless", {"pk": "", "sk": "1"})),
        (many[0], put("number", {"pk": "z", "sk": 1})),
        (many[0], put("half", {"pk": "z", "sk": None})),
        (many[0], put("index", {"pk": "z", "sk": "1", "due": "tomorrow"})),
        (many[0], put("values", {"pk": "z", "sk": "1"}, "attribute_not_exists(#pk)", {"v": 1})),
        (many[0], check("check", ("", "1"), "attribute_not_exists(#pk)")),
        (many[0], delete("deleted", ("z", ""))),
    ]
    for changes in wrong:
        with pytest.raises(ClientError):
            dynamo.commit(*changes)
    with pytest.raises(KeyError):
        dynamo.commit(check("alone", A, "attribute_exists(#pk)"))
    assert list(dynamo.query("z")) == []
    dynamo.commit(*many[:100])
    assert len(list(dynamo.query("z"))) == 100


@judged
def test_a_batch_that_names_an_item_twice_is_refused(dynamo: Dynamo) -> None:
    with pytest.raises(ClientError):
        dynamo.write_many([{"pk": "z", "sk": "1"}], gone=[("z", "1")])
    assert dynamo.get(("z", "1")) is None


@judged
@pytest.mark.parametrize(
    "bounds", [{"after": ""}, {"prefix": ""}, {"between": ("b", "a")}, {"after": 5}, {"between": ("a", 5)}, {"limit": 0}]
)  # fmt: skip
def test_a_query_with_bounds_that_cannot_be_is_refused(dynamo: Dynamo, bounds: dict[str, Any]) -> None:
    with pytest.raises(ClientError):
        list(dynamo.query("a", **bounds))


@judged
@pytest.mark.parametrize("key", [("", "x"), ("x", "")])
def test_a_key_that_cannot_be_is_refused(dynamo: Dynamo, key: tuple[str, str]) -> None:
    with pytest.raises(ClientError):
        dynamo.get(key)
    with pytest.raises(ClientError):
        dynamo.get_many([key])


@judged
def test_numbers_come_back_as_dynamodb_writes_them(dynamo: Dynamo) -> None:
    dynamo.commit(
        put("n", {"pk": "n", "sk": "1", "a": 5.0, "b": 1e22, "c": 1.5e-7, "d": -0.0, "e": 123456789012345678})
    )
    found = dynamo.get(("n", "1")) or {}
    assert {name: (type(found[name]), found[name]) for name in "abcde"} == {
        "a": (int, 5), "b": (int, 10**22), "c": (float, 1.5e-7), "d": (int, 0), "e": (int, 123456789012345678),
    }  # fmt: skip


@judged
def test_sets_grow_shrink_and_vanish(dynamo: Dynamo) -> None:
    def change(expression: str, typed: dict[str, Any], condition: str | None = None) -> None:
        """A change with a set in it, which the codec has no word for yet."""
        names = {word: word[1:] for word in re.findall(r"#\w+", f"{expression} {condition}")}
        body: dict[str, Any] = {
            "Key": {"pk": {"S": "a"}, "sk": {"S": "1"}}, "UpdateExpression": expression, "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {":v": typed}, **({"ConditionExpression": condition} if condition else {}),
        }  # fmt: skip
        dynamo.commit(Change("set", "Update", A, body))

    def kept(name: str) -> list[Any] | None:
        found = (dynamo.get(A) or {}).get(name)
        return sorted(found) if found is not None else None

    change("ADD #x :v", {"SS": ["b", "a"]})
    change("ADD #x :v", {"SS": ["c", "a"]}, "attribute_not_exists(#y) AND NOT contains(#x, :v)")
    assert kept("x") == ["a", "b", "c"]
    change("DELETE #x :v", {"SS": ["a", "q"]})
    change("SET #y = :v", {"S": "b"}, "contains(#x, :v)")
    change("SET #y = :v", {"N": "2"}, "size(#x) = :v AND NOT contains(#x, :v)")
    for wrong in ({"NS": ["1"]}, {"S": "b"}):
        with pytest.raises(ClientError):
            change("ADD #x :v", wrong)
    with pytest.raises(ClientError):
        change("DELETE #x :v", {"S": "b"})
    change("DELETE #x :v", {"SS": ["b", "c"]}, "#x = :v")
    change("DELETE #x :v", {"SS": ["b"]})
    assert kept("x") is None
    change("SET #x = :v", {"NS": ["2", "1.5"]})
    assert kept("x") == ["1.5", "2"]


# --- whatever is written -------------------------------------------------------------------------------------------

NAMES = ("x", "y")
scalars = st.sampled_from([0, 1, -3, 2.5, 0.1, 5.0, "", "a", "ab", "ğ", b"", b"a", True, False])
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.sampled_from(["k", "j"]), scalars, max_size=2)
attributes = st.dictionaries(st.sampled_from(NAMES), values)
places = st.fixed_dictionaries(
    {},
    optional={
        "dk": st.sampled_from(["due#1", "due#2"]), "due": st.sampled_from([1, 2, 2.5]), "cv": st.sampled_from("cd"),
        "at": st.sampled_from("123"), "lk": st.just("L"), "ls": st.sampled_from("123"),
    },
)  # fmt: skip
keys = st.tuples(st.sampled_from("ab"), st.sampled_from("12"))


@st.composite
def leaves(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """One comparison or call, with its values."""
    name = f"#{draw(st.sampled_from(NAMES))}"
    kind = draw(st.sampled_from(["=", "order", "in", "between", "exists", "text", "contains", "size", "two"]))
    if kind == "=":
        return f"{name} {draw(st.sampled_from(['=', '<>']))} :v", {"v": draw(values)}
    if kind == "order":
        sign, text = draw(st.sampled_from(["<", "<=", ">", ">="])), [0, 1, 2.5, "a", "ab", b"a"]
        return f"{name} {sign} :v", {"v": draw(st.sampled_from(text))}
    if kind == "in":
        return f"{name} IN (:v, :w)", {"v": draw(values), "w": draw(values)}
    if kind == "between":
        low, high = draw(st.sampled_from([(0, 1), (-3, 2.5), ("a", "b"), (b"", b"b")]))
        return f"{name} BETWEEN :v AND :w", {"v": low, "w": high}
    if kind == "exists":
        return f"attribute_{draw(st.sampled_from(['', 'not_']))}exists({name})", {}
    if kind == "text":
        return f"begins_with({name}, :v)", {"v": draw(st.sampled_from(["a", "", b"a"]))}
    if kind == "contains":
        return f"contains({name}, :v)", {"v": draw(scalars)}
    if kind == "size":
        return f"size({name}) {draw(st.sampled_from(['=', '<', '>=']))} :v", {"v": draw(st.integers(0, 2))}
    return f"#x {draw(st.sampled_from(['=', '<>']))} #y", {}


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Up to four of them, joined and negated, sometimes in brackets."""
    text, used = "", {}
    for number in range(draw(st.integers(1, 4))):
        leaf, its = draw(leaves())
        for name, value in its.items():
            used[f"{name}{number}"] = value
        leaf = re.sub(r":([vw])", rf":\g<1>{number}", leaf)
        leaf = f"NOT {leaf}" if draw(st.booleans()) else leaf
        if number:
            text = f"({text})" if number > 1 and draw(st.booleans()) else text
            leaf = f"{text} {draw(st.sampled_from(['AND', 'OR']))} {leaf}"
        text = leaf
    return text, used


@st.composite
def changes(draw: st.DrawFn, number: int, key: tuple[str, str]) -> Change:
    """One change of an item."""
    condition, used = draw(conditions() | st.just((None, {})))
    kind, name = draw(st.sampled_from(["put", "update", "delete", "check"])), f"{number}"
    if kind == "put":
        item = {"pk": key[0], "sk": key[1], **draw(attributes), **draw(places)}
        return put(name, item, condition, used)
    if kind == "delete":
        return delete(name, key, condition, used)
    if kind == "check":
        return check(name, key, condition or "attribute_exists(#pk)", used)
    given = draw(places) or {"at": "9"}
    expression = "SET " + ", ".join(f"#{one} = :{one}" for one in given)
    step = draw(
        st.sampled_from(["", " ADD #x :s", " REMOVE #x", " REMOVE #y ADD #x :s", ", #y = #x", ", #y = #x + :s"])
    )
    more = {"s": draw(st.sampled_from([1, -2, 0.1, 2.5]))} if ":s" in step else {}
    return update(name, key, expression + step, {**used, **given, **more}, condition)


@st.composite
def transactions(draw: st.DrawFn) -> list[Change]:
    """Changes of items that are not the same."""
    chosen = draw(st.lists(keys, min_size=1, max_size=3, unique=True))
    made = [draw(changes(number, key)) for number, key in enumerate(chosen)]
    if len(made) == 1 and made[0].kind == "ConditionCheck":
        made.append(delete("other", ("c", "1")))
    return made


def _outcome(dynamo: Dynamo, transaction: Sequence[Change]) -> tuple[str, tuple[str, ...]]:
    try:
        dynamo.commit(*transaction)
    except Lost as lost:
        return "lost", lost.names
    except ClientError:
        return "refused", ()
    return "done", ()


def _all(dynamo: Dynamo) -> Iterator[Any]:
    """Everything that queries tell; the order within one place of an index is anybody's."""
    partitions: dict[str | None, Sequence[str]] = {
        None: "abc", "due": ("due#1", "due#2"), "conversation": "cd", "list": "L",
    }  # fmt: skip
    for index, pks in partitions.items():
        for pk in pks:
            found = list(dynamo.query(pk, index=index))
            yield index, pk, [item[KEYS[index][1]] for item in found]
            yield sorted(((item["pk"], item["sk"], item) for item in found), key=lambda one: one[:2])


@pytest.fixture
def judge(dynamodb_local_url: str) -> Iterator[Dynamo]:
    """A table in DynamoDB Local."""
    with backends.empty_table(backends.client_of(dynamodb_local_url)) as table:
        yield table


@pytest.mark.dynamodb_local
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(transactions(), min_size=1, max_size=12))
def test_whatever_is_written_comes_out_as_from_dynamodb(judge: Dynamo, written: list[list[Change]]) -> None:
    ours = MemoryDynamo()
    judge.write_many([], gone=[(pk, sk) for pk in "ab" for sk in "12"])
    for transaction in written:
        mine, theirs = _outcome(ours, transaction), _outcome(judge, transaction)
        if "refused" in (mine[0], theirs[0]):  # which is told first, a wrong change or a lost one, is nobody's business
            assert "done" not in (mine[0], theirs[0])
        else:
            assert mine == theirs
    assert list(_all(ours)) == list(_all(judge))
