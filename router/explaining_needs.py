"""A requirement in words, in English and in Turkish: what is asked of an agent, and what of it somebody does not meet. Pure.

A `not` of several is told as what it comes to ("neither a nor b", "not both a and b"), so that none stands before a parenthesis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from router.explaining_words import SPOKEN, Said
from router.requirements import Requirement

NEEDS: Mapping[str, Said] = {
    "all": {"en": "and", "tr": "ve"},
    "any": {"en": "or", "tr": "veya"},
    "anybody": {"en": "anybody", "tr": "herhangi biri"},
    "nobody": {"en": "nobody", "tr": "hiç kimse"},
    "level": {"en": "{skill} at level {level} or higher", "tr": "en az {level}. seviye {skill}"},
    "not": {"en": "not {skills}", "tr": "{skills} becerisinin olmaması"},
    "neither": {"en": "neither {first} nor {last}", "tr": "ne {first} ne de {last} becerisinin olması"},
    "none": {"en": "none of {skills}", "tr": "{skills} becerilerinden hiçbirinin olmaması"},
    "not both": {"en": "not both {skills}", "tr": "{skills} becerilerinin bir arada olmaması"},
    "not all": {"en": "not all of {skills}", "tr": "{skills} becerilerinin hepsinin bir arada olmaması"},
}
"""The words of a requirement."""
_DUAL = {"all": "any", "any": "all"}
_EMPTY = {"all": "anybody", "any": "nobody"}
_NONE = {"all": ("not", "neither", "none"), "any": ("not", "not both", "not all")}
"""How one, two and more that must not be had are told within an `all`, and within an `any`."""


def said(requirement: Requirement, language: str) -> str:
    """What is asked for, as a list of skills: “billing” at level 3 or higher and neither Turkish nor English."""
    return _phrase(_simple(requirement), language)


def unmet(part: Requirement, language: str) -> tuple[str, dict[str, str]]:
    """Why somebody does not meet a part of a requirement: the key of the reason, and its values.

    `skill`: lacks `needs`; `not`: must not have `needs`; `together`: must not have all of `needs`; `but`: has `held` and lacks
    `lacked`; `unmet`: anything else.
    """
    asked, there = _simple(part), _simple(("not", part))
    if _wanted(asked):
        return "skill", {"needs": _phrase(asked, language)}
    if _wanted(there):
        return "together" if there[0] == "all" else "not", {"needs": _phrase(there, language)}
    if there[0] == "all" and all(one[0] == "not" or _wanted(one) for one in there[1:]):
        held = _gathered("all", [one for one in there[1:] if one[0] != "not"])
        lacked = _gathered("any", [one[1] for one in there[1:] if one[0] == "not"])
        return "but", {"held": _phrase(held, language), "lacked": _phrase(lacked, language)}
    return "unmet", {"needs": _phrase(asked, language)}


# --- what it comes to ----------------------------------------------------------------------------------------------


def _simple(requirement: Requirement) -> Requirement:
    """The same with every `not` at a skill (De Morgan), and no list within one of its kind."""
    match requirement[0]:
        case "has":
            return requirement
        case "not":
            return _opposite(_simple(requirement[1]))
        case word:
            return _gathered(word, [_simple(one) for one in requirement[1:]])


def _opposite(simple: Requirement) -> Requirement:
    match simple[0]:
        case "has":
            return ("not", simple)
        case "not":
            return tuple(simple[1])
        case word:
            return _gathered(_DUAL[word], [_opposite(one) for one in simple[1:]])


def _gathered(word: str, parts: Sequence[Requirement]) -> Requirement:
    flat = dict.fromkeys(piece for one in parts for piece in (one[1:] if one[0] == word else (one,)))
    if (_DUAL[word],) in flat:  # nobody, where all are asked for; anybody, where one will do
        return (_DUAL[word],)
    return next(iter(flat)) if len(flat) == 1 else (word, *flat)


def _wanted(simple: Requirement) -> bool:
    """Is nothing in it that must not be had?"""
    return simple[0] == "has" or (simple[0] != "not" and all(map(_wanted, simple[1:])))


# --- in words ------------------------------------------------------------------------------------------------------


def _phrase(simple: Requirement, language: str) -> str:
    word, parts = simple[0], simple[1:]
    if word == "has":
        return _skill(simple, language)
    if word == "not":
        return _without("all", [parts[0]], language)
    if not parts:
        return NEEDS[_EMPTY[word]][language]
    skills = [one for one in parts if _wanted(one)]
    clauses = [one for one in parts if one[0] in _DUAL and not _wanted(one)]
    barred = [one[1] for one in parts if one[0] == "not"]
    told = [_within(one, language) for one in skills]
    last = [_within(one, language) for one in clauses]
    if len(clauses) == 1 and skills and not barred and all(one[0] == "not" for one in clauses[0][1:]):
        last = [_phrase(clauses[0], language)]  # it ends the phrase, so nothing is taken into it
    elif barred:
        last.append(_without(word, barred, language))
    if language == "tr" and last:
        return _turkish(word, skills, told, last)
    return _listed(word, [*told, *last], language)


def _turkish(word: str, skills: Sequence[Requirement], told: Sequence[str], clauses: Sequence[str]) -> str:
    """Skills beside clauses such as "... olmaması", which take the place of nouns of their own."""
    if word == "all":
        return ", ayrıca ".join([*filter(None, [_listed("all", told, "tr")]), " ve ".join(clauses)])
    if not skills:
        return " ya da ".join(clauses)
    several = len(skills) == 1 and skills[0][0] == "all"
    having = f"{told[0][1:-1]} becerilerinin" if several else f"{_listed('any', told, 'tr')} becerisinin"
    return " ya da ".join([f"{having} olması", *clauses])


def _without(word: str, skills: Sequence[Requirement], language: str) -> str:
    """What must not be had: none of it within an `all`, not all of it within an `any`."""
    told = [_skill(one, language) for one in skills]
    key = _NONE[word][min(len(told), 3) - 1]
    return NEEDS[key][language].format(skills=_listed("all", told, language), first=told[0], last=told[-1])


def _within(simple: Requirement, language: str) -> str:
    told = _phrase(simple, language)
    return f"({told})" if simple[0] in _DUAL else told


def _listed(word: str, told: Sequence[str], language: str) -> str:
    if len(told) < 2:
        return "".join(told)
    return f"{', '.join(told[:-1])} {NEEDS[word][language]} {told[-1]}"


def _skill(leaf: Requirement, language: str) -> str:
    _, name, level = leaf
    told = SPOKEN[name][language] if name in SPOKEN else f"“{name}”"
    return NEEDS["level"][language].format(skill=told, level=level) if level > 1 else told
