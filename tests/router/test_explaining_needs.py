"""Requirements in words: every shape in both languages, and a reader of the English ones who finds in them what was meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.explaining_needs import said, unmet
from router.requirements import Requirement, from_text, met, parts, read, text
from tests.kit.floors import MANY, SKILLS, requirements

SHAPES: list[tuple[Any, str, str]] = [
    ("a", "“a”", "“a”"),
    ("a>=3", "“a” at level 3 or higher", "en az 3. seviye “a”"),
    ("tr", "Turkish", "Türkçe"),
    ("not a", "not “a”", "“a” becerisinin olmaması"),
    (["a", "b"], "“a” and “b”", "“a” ve “b”"),
    (["a", "b", "tr"], "“a”, “b” and Turkish", "“a”, “b” ve Türkçe"),
    ({"any": ["a", "b"]}, "“a” or “b”", "“a” veya “b”"),
    ({"any": ["a", "b", "c"]}, "“a”, “b” or “c”", "“a”, “b” veya “c”"),
    ([{"any": ["tr", "en"]}, "a"], "(Turkish or English) and “a”", "(Türkçe veya İngilizce) ve “a”"),
    ({"any": [["a", "b"], "c"]}, "(“a” and “b”) or “c”", "(“a” ve “b”) veya “c”"),
    # none of them, and not all of them
    ({"none": ["a", "b"]}, "neither “a” nor “b”", "ne “a” ne de “b” becerisinin olması"),
    ({"none": [{"any": ["a", "b"]}]}, "neither “a” nor “b”", "ne “a” ne de “b” becerisinin olması"),
    ({"none": ["a", "b", "c"]}, "none of “a”, “b” and “c”", "“a”, “b” ve “c” becerilerinden hiçbirinin olmaması"),
    ({"none": [["a", "b"]]}, "not both “a” and “b”", "“a” ve “b” becerilerinin bir arada olmaması"),
    ({"any": ["not a", "not b"]}, "not both “a” and “b”", "“a” ve “b” becerilerinin bir arada olmaması"),
    (
        {"none": [["a", "b", "c"]]},
        "not all of “a”, “b” and “c”",
        "“a”, “b” ve “c” becerilerinin hepsinin bir arada olmaması",
    ),
    # not of a not
    ({"none": ["not a"]}, "“a”", "“a”"),
    ({"none": [{"none": ["a", "b"]}]}, "“a” or “b”", "“a” veya “b”"),
    ({"none": [["not a", "not b"]]}, "“a” or “b”", "“a” veya “b”"),
    ({"none": [{"any": ["not a", "b"]}]}, "“a” and not “b”", "“a”, ayrıca “b” becerisinin olmaması"),
    (
        {"none": [["not a", "b"]]},
        "“a” or not “b”",
        "“a” becerisinin olması ya da “b” becerisinin olmaması",
    ),
    # both kinds beside each other
    (["a", "not b"], "“a” and not “b”", "“a”, ayrıca “b” becerisinin olmaması"),
    (["not b", "a"], "“a” and not “b”", "“a”, ayrıca “b” becerisinin olmaması"),
    (["a", {"none": ["b", "c"]}], "“a” and neither “b” nor “c”", "“a”, ayrıca ne “b” ne de “c” becerisinin olması"),
    (
        ["a", {"none": [["b", "c"]]}],
        "“a” and not both “b” and “c”",
        "“a”, ayrıca “b” ve “c” becerilerinin bir arada olmaması",
    ),
    ({"any": ["a", "not b"]}, "“a” or not “b”", "“a” becerisinin olması ya da “b” becerisinin olmaması"),
    (
        {"any": ["a", "b", "not c", "not tr"]},
        "“a”, “b” or not both “c” and Turkish",
        "“a” veya “b” becerisinin olması ya da “c” ve Türkçe becerilerinin bir arada olmaması",
    ),
    (
        {"any": [["a", "b"], "not c"]},
        "(“a” and “b”) or not “c”",
        "“a” ve “b” becerilerinin olması ya da “c” becerisinin olmaması",
    ),
    (
        {"any": [["a", "not b"], "c"]},
        "“c” or (“a” and not “b”)",
        "“c” becerisinin olması ya da (“a”, ayrıca “b” becerisinin olmaması)",
    ),
    (
        {"none": [["a", {"any": ["b", "c"]}]]},
        "(neither “b” nor “c”) or not “a”",
        "(ne “b” ne de “c” becerisinin olması) ya da “a” becerisinin olmaması",
    ),
    (
        {"none": [["a", "b"], "c"]},
        "(not both “a” and “b”) and not “c”",
        "(“a” ve “b” becerilerinin bir arada olmaması) ve “c” becerisinin olmaması",
    ),
]


@pytest.mark.parametrize(("written", "english", "turkish"), SHAPES, ids=[text(read(shape[0])) for shape in SHAPES])
def test_every_shape_reads_as_it_is_meant(written: Any, english: str, turkish: str) -> None:
    told = from_text(text(read(written)))
    assert (said(told, "en"), said(told, "tr")) == (english, turkish)


def test_anybody_and_nobody_are_words_and_swallow_what_they_make_idle() -> None:
    assert [said(from_text(one), "en") for one in ("anybody", "nobody", "not anybody")] == [
        "anybody",
        "nobody",
        "nobody",
    ]
    assert [said(from_text(one), "tr") for one in ("a or anybody", "a and anybody", "a and nobody")] == [
        "herhangi biri", "“a”", "hiç kimse",
    ]  # fmt: skip


# --- somebody who reads the English --------------------------------------------------------------------------------


LEAF = re.compile(r"“([a-z0-9-]+)”( at level (\d) or higher)?|(Turkish|English)( at level (\d) or higher)?")
TONGUES = {"Turkish": "tr", "English": "en"}
BARRED = re.compile(r"(?:^|(?<= and )|(?<= or ))(neither|none of|not both|not all of|not) (.*)$")


def true_of(told: str, levels: Mapping[str, int]) -> bool:
    """Is a phrase true of somebody with these skills, as an English reader takes it?"""

    def leaf(found: re.Match[str]) -> str:
        name, level = found[1] or TONGUES[found[4]], int(found[3] or found[6] or 1)
        return "T" if levels.get(name, 0) >= level else "F"

    told = LEAF.sub(leaf, told)
    while "(" in told:
        told = re.sub(r"\(([^()]*)\)", lambda found: "T" if flat(found[1]) else "F", told)
    return flat(told)


def flat(told: str) -> bool:
    """The same of a phrase without parentheses, whose skills are T and F."""
    barred = BARRED.search(told)
    last = None
    if barred:
        those = [one == "T" for one in re.split(r", | and | nor ", barred[2])]
        last = not (all(those) if barred[1] in ("not both", "not all of") else any(those))
        told = told[: barred.start()]
        joined = all if told.endswith(" and ") else any
        told = re.sub(r" (and|or) $", "", told)
    else:
        joined = all if " and " in told else any
    those = [one == "T" for one in re.split(r", | and | or ", told) if one]
    return joined([*those, *([last] if last is not None else [])])


trees = requirements(SKILLS)
levels = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5))


@MANY
@given(trees, levels)
def test_what_an_english_reader_understands_is_what_is_asked(tree: Requirement, levels: dict[str, int]) -> None:
    assert true_of(said(tree, "en"), levels) == met(tree, levels)


@MANY
@given(trees, levels)
def test_the_reason_told_is_true_of_everybody_whom_it_excludes_and_of_nobody_else(
    tree: Requirement, levels: dict[str, int]
) -> None:
    for part in parts(tree):
        key, told = unmet(part, "en")
        true = {name: true_of(one, levels) for name, one in told.items()}
        holds = (true["held"] and not true["lacked"]) if key == "but" else true["needs"] is (key in ("not", "together"))
        assert holds == (not met(part, levels))


@MANY
@given(trees)
def test_a_turkish_sentence_names_the_skills_that_the_english_one_names_as_often_and_closes_its_parentheses(
    tree: Requirement,
) -> None:
    english, turkish = said(tree, "en"), said(tree, "tr")
    assert sorted(re.findall(r"“.*?”", english)) == sorted(re.findall(r"“.*?”", turkish))
    assert len(re.findall(r"Turkish|English", english)) == len(re.findall(r"Türkçe|İngilizce", turkish))
    assert turkish.count("(") == turkish.count(")")
    assert not re.search(r"\(\)|  | ,|hariç", turkish)
