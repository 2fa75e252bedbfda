"""Requirements: read with the place of what is wrong, met by skills with levels, told in words, relaxed step by step."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.config import Config
from router.requirements import (
    ANYBODY,
    Requirement,
    Rung,
    current,
    either,
    from_text,
    in_language,
    ladder,
    leaves,
    met,
    missing,
    parts,
    read,
    text,
)
from tests.kit.floors import MANY, SEVERAL, SKILLS, needs
from tests.kit.floors import requirements as requirements_of

requirements = st.integers(0, 2**40).map(lambda seed: needs(Random(seed)))
levels = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5))

LEVELS = {"billing": 3, "tr": 5}


@pytest.mark.parametrize(
    ("written", "is_met", "in_words"),
    [
        ("billing", True, "billing"),
        ("billing>=3", True, "billing>=3"),
        (" billing >= 4 ", False, "billing>=4"),
        ("billing>=1", True, "billing"),
        ("not trainee", True, "not trainee"),
        ("not billing", False, "not billing"),
        ("not billing>=4", True, "not billing>=4"),
        (["billing", "tr"], True, "billing and tr"),
        (["billing", "en"], False, "billing and en"),
        ({"all": ["billing"]}, True, "billing"),
        ({"any": ["en", "tr"]}, True, "en or tr"),
        ({"any": ["en", "de"]}, False, "en or de"),
        ({"none": ["en", "de"]}, True, "not en and not de"),
        ({"none": ["en", "tr"]}, False, "not en and not tr"),
        ({"none": [["billing", "en"]]}, True, "not (billing and en)"),
        (["billing>=2", {"any": ["tr", "en"]}, "not trainee"], True, "billing>=2 and (tr or en) and not trainee"),
    ],
)
def test_a_requirement_is_met_and_told_as_it_is_meant(written: object, is_met: bool, in_words: str) -> None:
    assert met(read(written), LEVELS) is is_met
    assert text(read(written)) == in_words


trees = requirements_of([*SKILLS, "and", "or", "x-1"])


def plain(tree: Requirement) -> Requirement:
    """The same without lists of one; what stands in a list of its own kind in one of those is the outer one's."""
    if tree[0] == "has":
        return tree
    if tree[0] == "not":
        return ("not", plain(tree[1]))
    if len(tree) == 2:
        return plain(tree[1])
    parts: list[Requirement] = []
    for one in tree[1:]:
        inner = plain(one)
        parts += inner[1:] if one[0] in SEVERAL and len(one) == 2 and inner[0] == tree[0] else [inner]
    return (tree[0], *parts)


def before(tree: Requirement) -> str:
    """The text that records had before: a list of one put nothing into parentheses, whatever was in it."""
    if tree[0] == "has":
        return text(tree)
    word = {"not": "not ", "all": " and ", "any": " or "}[tree[0]]
    several = [f"({before(one)})" if one[0] in SEVERAL and len(one) > 2 else before(one) for one in tree[1:]]
    if tree[0] == "not":
        return word + several[0]
    return word.join(several) if len(tree) > 2 else before(tree[1])


@MANY
@given(trees, st.dictionaries(st.sampled_from([*SKILLS, "and", "or", "x-1"]), st.integers(1, 5)))
def test_what_is_told_reads_back_as_what_was_meant(tree: Requirement, levels: dict[str, int]) -> None:
    assert from_text(text(tree)) == plain(tree)
    assert met(from_text(text(tree)), levels) == met(tree, levels)


@MANY
@given(trees)
def test_a_text_that_read_rightly_before_is_the_same_bytes_still_so_that_records_replay(tree: Requirement) -> None:
    assert text(tree) == before(tree) or from_text(before(tree)) != plain(tree)


def test_a_list_of_one_within_another_says_what_it_holds_together() -> None:
    assert text(read([[{"any": ["tr", "en"]}], "billing"])) == "(tr or en) and billing"
    assert text(read({"none": [[{"any": ["tr", "en"]}]]})) == "not (tr or en)"
    assert text(read([[["tr", "en"]], "billing"])) == "tr and en and billing"


def test_anybody_and_nobody_read_back() -> None:
    assert (from_text("anybody"), from_text("nobody")) == (ANYBODY, ("any",))
    assert from_text("not anybody or billing") == ("any", ("not", ANYBODY), read("billing"))


NO_TEXTS = [
    "",
    "a and",
    "a or b or",
    "(a",
    "a)",
    "()",
    "not",
    "a b",
    "a >=",
    "not (a",
    "a>=b",
    "(" * 99 + "a" + ")" * 99,
]


@pytest.mark.parametrize("wrong", NO_TEXTS, ids=range(len(NO_TEXTS)))
def test_what_is_no_text_of_a_requirement_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        from_text(wrong)


@pytest.mark.parametrize("name", ["not", "anybody", "nobody"])
def test_no_skill_is_called_by_a_word_of_requirements(name: str) -> None:
    crew = [{"name": "ali", "display_name": "Ali", "skills": ["genel", name]}]
    with pytest.raises(ValueError, match=f"skill '{name}': the name is taken, it is a word of requirements"):
        Config.model_validate({"version": "1", "queues": [{"name": "genel", "skill": "genel"}], "agents": crew})


def test_nobody_has_to_have_anything_to_be_anybody() -> None:
    assert met(ANYBODY, {})
    assert text(ANYBODY) == "anybody"
    assert parts(ANYBODY) == ()
    assert missing(ANYBODY, {}) is None


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "'' is no requirement; write a skill"),
        ("Billing", "'Billing' is no requirement"),
        ("billing>=6", "'billing>=6' is no requirement; write a skill such as billing, billing>=3 (levels 1 to 5)"),
        ("billing>=0", "'billing>=0' is no requirement"),
        ("billing>3", "'billing>3' is no requirement"),
        ([], "an empty list asks for nothing"),
        (["billing", []], "[1]: an empty list asks for nothing"),
        ({"any": ["billing", {"all": ["tr", "T R"]}]}, ".any[1].all[1]: 'T R' is no requirement"),
        ({"any": []}, "is no requirement; write a skill, a list, or one of any, all, none"),
        ({"some": ["billing"]}, "is no requirement"),
        ({"any": ["billing"], "all": ["tr"]}, "is no requirement"),
        ([3], "[0]: is no requirement"),
        (None, "is no requirement"),
        ([[[[[[[["billing"]]]]]]]], "[0][0][0][0][0][0][0]: is nested more than 6 deep"),
    ],
)
def test_what_is_no_requirement_is_refused_with_its_place(written: object, complaint: str) -> None:
    with pytest.raises(ValueError) as refused:
        read(written)
    assert str(refused.value).startswith(complaint)


@MANY
@given(requirements, levels)
def test_it_is_met_when_no_part_is_missing_and_else_the_first_part_that_is_not_met_is_named(
    written: object, levels: dict[str, int]
) -> None:
    tree = read(written)
    unmet = [text(part) for part in parts(tree) if not met(part, levels)]
    assert met(tree, levels) == (not unmet)
    assert missing(tree, levels) == (unmet[0] if unmet else None)


@MANY
@given(requirements, levels)
def test_none_is_met_exactly_when_any_is_not(written: object, levels: dict[str, int]) -> None:
    assert met(read({"none": [written, "tr"]}), levels) != met(read({"any": [written, "tr"]}), levels)


@MANY
@given(requirements, levels, st.sampled_from(SKILLS))
def test_more_skill_never_loses_what_is_wanted_without_a_not(
    written: object, levels: dict[str, int], more: str
) -> None:
    tree = read(written)
    if all(wanted for _, _, wanted in leaves(tree)) and met(tree, levels):
        assert met(tree, levels | {more: 5})


def test_leaves_say_whether_a_skill_is_wanted_through_every_not() -> None:
    tree = read({"none": ["not billing>=2", {"any": ["tr", {"none": ["en"]}]}]})
    assert list(leaves(tree)) == [("billing", 2, True), ("tr", 1, False), ("en", 1, True)]


def test_the_language_of_the_conversation_is_a_skill_by_its_first_part_and_keeps_its_level() -> None:
    tree = read(["language>=2", {"any": ["billing", "not language"]}])
    assert text(in_language(tree, "pt-BR")) == "pt>=2 and (billing or not pt)"
    assert text(in_language(tree, "TR")) == "tr>=2 and (billing or not tr)"
    assert in_language(read("billing"), "tr") == read("billing")
    assert in_language(ANYBODY, "tr") == ANYBODY


def test_parts_take_nested_lists_apart_and_leave_the_rest_whole() -> None:
    tree = read([["billing", ["tr"]], {"any": ["en", "de"]}, {"none": ["trainee", "temp"]}])
    assert [text(part) for part in parts(tree)] == ["billing", "tr", "en or de", "not trainee", "not temp"]


# --- ladders -------------------------------------------------------------------------------------------------------

EXPERT, GOOD, TARGET, OTHERS = (read(written) for written in ("billing>=4", "billing>=2", "billing", "orders"))


def test_steps_last_one_after_the_other_and_the_target_is_asked_for_good() -> None:
    rungs = ladder([(30, EXPERT), (60, GOOD)], TARGET, [])
    assert rungs == (Rung(0, EXPERT), Rung(30, GOOD), Rung(90, TARGET))
    asked = {seconds: current(rungs, seconds).needs for seconds in (0, 29.999, 30, 89.999, 90, 1e9)}
    assert asked == {0: EXPERT, 29.999: EXPERT, 30: GOOD, 89.999: GOOD, 90: TARGET, 1e9: TARGET}


def test_without_steps_the_target_is_asked_from_the_start() -> None:
    assert ladder([], TARGET, []) == (Rung(0, TARGET),)


def test_from_an_overflows_time_on_its_agents_may_take_it_too_whatever_step_it_is_on() -> None:
    rungs = ladder([(30, EXPERT), (60, GOOD)], TARGET, [(45, OTHERS)])
    assert [(rung.after, text(rung.needs)) for rung in rungs] == [
        (0, "billing>=4"), (30, "billing>=2"), (45, "billing>=2 or orders"), (90, "billing or orders"),
    ]  # fmt: skip


def test_an_overflow_that_begins_with_a_step_or_after_all_of_them_is_one_rung() -> None:
    rungs = ladder([(30, EXPERT)], TARGET, [(30, OTHERS)])
    assert [(rung.after, text(rung.needs)) for rung in rungs] == [(0, "billing>=4"), (30, "billing or orders")]
    rungs = ladder([], TARGET, [(120, OTHERS)])
    assert [(rung.after, text(rung.needs)) for rung in rungs] == [(0, "billing"), (120, "billing or orders")]


def test_overflows_add_up_in_the_order_of_their_times_and_the_same_one_counts_once() -> None:
    rungs = ladder([], TARGET, [(60, GOOD), (30, OTHERS), (90, OTHERS)])
    assert [(rung.after, text(rung.needs)) for rung in rungs] == [
        (0, "billing"), (30, "billing or orders"), (60, "billing or orders or billing>=2"),
        (90, "billing or orders or billing>=2"),
    ]  # fmt: skip
    assert either(TARGET, TARGET) == TARGET


def test_a_ladder_without_rungs_is_none() -> None:
    with pytest.raises(ValueError, match="at least one rung"):
        current([], 5)


@MANY
@given(
    st.lists(st.tuples(st.integers(1, 100), requirements.map(read)), max_size=4),
    requirements.map(read),
    st.lists(st.tuples(st.integers(1, 300), requirements.map(read)), max_size=3),
    st.integers(0, 500),
    levels,
)
def test_at_any_second_a_ladder_asks_for_the_step_that_lasts_or_for_what_has_overflown(
    steps: list[tuple[int, tuple[object, ...]]],
    target: tuple[object, ...],
    overflow: list[tuple[int, tuple[object, ...]]],
    second: int,
    levels: dict[str, int],
) -> None:
    left, asked = second, target
    for lasts, one in steps:
        if left < lasts:
            asked = one
            break
        left -= lasts
    expected = met(asked, levels) or any(met(one, levels) for after, one in overflow if second >= after)
    assert met(current(ladder(steps, target, overflow), second).needs, levels) == expected
