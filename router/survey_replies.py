"""Is a message the answer to a survey? A small reader, on purpose: what it does not know is a message like any other, for a person.

A score is read where it stands first and nothing binds it to what follows: "5", "5/5", "4 puan", "puanım 4", "beş", "★★★★",
"çok memnunum". "5 adet istiyorum" and "3. gün oldu" begin with a number that counts something else. What follows after a comma, a new
line or a "but" is said besides: the score counts, and somebody reads the rest.

Yes and no, and a thumb, are the best and the worst of csat and ces ("were you content?", "was it easy?"). Nobody says by them how likely
they are to recommend us, so for nps they are no score. Stars are those of csat: five there are, and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from router.scores import RANGES, ScoreKind
from router.thanks import only_thanks

_LONGEST = 4000
_BEGINNING = 400
SURVEYED = (ScoreKind.CSAT, ScoreKind.NPS, ScoreKind.CES)


@dataclass(frozen=True, slots=True)
class Said:
    """The score in a message, and what it says besides; nothing where that is only thanks."""

    value: int
    rest: str = ""


def read(text: str, kind: ScoreKind, language: str | None = None) -> Said | None:
    """The score that a message begins with, one of its kind's; None where there is none, or no certain one."""
    clean = _clean(text[:_LONGEST])
    flat = _flat(clean)
    if "?" in flat:
        return None  # who asks is answered
    start = _greeting(flat)
    for value, end, weak in _found(flat, start, kind):
        rest = _rest(clean, flat, end, language, value, kind, weak=weak)
        if rest is not None:
            return Said(value, rest)
    return None


def may_be(text: str) -> bool:
    """Might it be the answer to a survey of any kind? By its beginning, so that long mails cost nothing."""
    return any(read(text[:_BEGINNING], kind) is not None for kind in SURVEYED)


# --- one form for all spellings --------------------------------------------------------------------------------------


def _clean(text: str) -> str:
    """Without what only dresses a character: marks, the key around a digit, skin colours; letters with their marks composed."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        c for c in composed if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cs") and c not in _SKIN
    ).strip()


_SKIN = frozenset(chr(code) for code in range(0x1F3FB, 0x1F400))


def _flat(text: str) -> str:
    """Character for character in small letters without accents; the four Turkish i are one."""
    return "".join(map(_plain, text))


@cache
def _plain(char: str) -> str:
    if char in "ıİI":
        return "i"
    if char in "’‘`´":
        return "'"
    base = unicodedata.normalize("NFKD", char)[:1] or char
    small = base.casefold()
    return small if len(small) == 1 else char


# --- words -----------------------------------------------------------------------------------------------------------

_NUMBERS: Mapping[str, int] = {
    name: value
    for names in (
        ("sifir", "bir", "iki", "uc", "dort", "bes", "alti", "yedi", "sekiz", "dokuz", "on"),
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    )
    for value, name in enumerate(names)
}
_YES = ("evet", "yes", "yep", "yeah", "👍")
_NO = ("hayir", "no", "nope", "👎")

# From the worst of the kind to its best, by what share of the way; the words stand alone or before more.
_CSAT: Mapping[int, str] = {
    1: "hic memnun degilim|hic memnun degiliz|hic memnun kalmadim|hic memnun kalmadik|cok memnuniyetsizim|very dissatisfied|"
    "very unsatisfied|extremely dissatisfied|not satisfied at all|not at all satisfied|very unhappy|not happy at all",
    2: "memnun degilim|memnun degiliz|memnun kalmadim|memnun kalmadik|pek memnun degilim|pek memnun kalmadim|cok memnun degilim|"
    "cok memnun kalmadim|memnuniyetsizim|dissatisfied|unsatisfied|not satisfied|not happy|not very satisfied|unhappy",
    3: "kararsizim|ne memnunum ne degilim|neutral|neither satisfied nor dissatisfied",
    4: "memnunum|memnunuz|memnun kaldim|memnun kaldik|satisfied|quite satisfied|somewhat satisfied|i was happy",
    5: "cok memnunum|cok memnunuz|cok memnun kaldim|cok memnun kaldik|son derece memnunum|asiri memnunum|very satisfied|"
    "extremely satisfied|completely satisfied|very happy",
}
_CES: Mapping[int, str] = {
    1: "cok zor|cok zordu|very difficult|very hard",
    2: "zor|zordu|kolay degildi|difficult|hard|not easy",
    4: "ne kolay ne zor|neither easy nor difficult|neutral",
    6: "kolay|kolaydi|easy",
    7: "cok kolay|cok kolaydi|very easy",
}
_PHRASES = {ScoreKind.CSAT: _CSAT, ScoreKind.CES: _CES}
# Alone they answer the question; before more they are only how one begins to write.
_ALONE: Mapping[int, str] = {
    1: "cok kotu|cok kotuydu|berbat|berbatti|rezalet|terrible|awful|very bad|horrible",
    2: "kotu|kotuydu|iyi degil|iyi degildi|bad|poor|not good",
    3: "orta|idare eder|fena degil|ne iyi ne kotu|average|so so|not bad",
    4: "iyi|iyiydi|guzel|guzeldi|good",
    5: "cok iyi|cok iyiydi|mukemmel|mukemmeldi|harika|harikaydi|super|superdi|cok guzel|excellent|perfect|great|very good|awesome|amazing",
}
_BEFORE_A_PHRASE = r"(?:(?:evet|hayir|yes|no|i am|i'm|im|i was|we are|we're|we were|genel olarak|hizmetten|hizmetinizden|sizden)[\s,]+)*"


def _alternatives(words: str) -> str:
    """Longer ones first."""
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words.split("|"), key=len, reverse=True))


# --- places ----------------------------------------------------------------------------------------------------------

_GREETING = re.compile(
    r"(?:(?:merhabalar|merhaba|selamlar|selam|iyi gunler|iyi aksamlar|gunaydin|tesekkurler|tesekkur ederim|hello|hi|hey|thanks|thank you)"
    r"[\s,.!;:-]+)+"
)
_OPENED = re.compile(r"[\s(\[\"'“”«*]*")
_WORD = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_END = r"(?![\w'%°€$₺/+-]|[.,:]\d)"
_ASKED = (
    r"(?:(?:benim|bence|size|my|i'd say|i would say|i say|i give you|i give it|i give|i rate it)\s+)?"
    r"(?:(?:puanimiz|puanim|puan|notumuz|notum|not|oyum|skorum|degerlendirmem|cevabim|cevap|yanitim|yanit|score|rating|answer|vote)"
    r"(?:\s+is)?\s*[:=]?\s*)?"
)
_NUMBER = re.compile(
    rf"(?P<asked>{_ASKED})(?:(?P<over>\d{{1,2}})\s+uzerinden\s+)?"
    rf"(?P<number>(?:0|[1-9]\d?)(?!\d)|(?:{_WORD})\b)"
    rf"(?:\s*(?:/|out of|of)\s*(?P<of>\d{{1,2}})(?!\d))?"
    rf"(?P<unit>\s*(?:puan|yildiz|points?|stars?)\b)?"
    rf"(?P<given>\s+(?:veriyorum|veriyoruz|verdim|verdik|veririm|verirdim|benden|from me)\b)?{_END}"
)
_STARS = re.compile(r"(?P<full>[★⭐]{1,5})[☆✩]{0,4}(?![★⭐☆✩])")
_YES_NO = re.compile(rf"(?:(?P<yes>(?:{'|'.join(_YES)}))|(?:{'|'.join(_NO)}))(?!\w)")
_THUMBS = re.compile(r"(?P<yes>👍)+|👎+")


def _greeting(flat: str) -> int:
    found = _GREETING.match(flat)
    opened = _OPENED.match(flat, found.end() if found is not None else 0)
    return opened.end() if opened is not None else 0


def _found(flat: str, start: int, kind: ScoreKind) -> Iterator[tuple[int, int, bool]]:
    """Scores that may stand there, where each ends, and whether it must stand alone."""
    number = _number(flat, start, kind)
    if number is not None:
        yield number
    least, most = RANGES[kind]
    if kind is ScoreKind.CSAT and (stars := _STARS.match(flat, start)):
        yield len(stars["full"]), stars.end(), False
    if kind in _PHRASES:
        for value, pattern in _patterns(kind):
            if found := pattern.match(flat, start):
                yield value, found.end(), False
        for pattern in (_THUMBS, _YES_NO):
            if found := pattern.match(flat, start):
                yield most if found["yes"] else least, found.end(), True
    if kind is ScoreKind.CSAT:
        for value, pattern in _lone():
            if found := pattern.match(flat, start):
                yield value, found.end(), True


def _number(flat: str, start: int, kind: ScoreKind) -> tuple[int, int, bool] | None:
    found = _NUMBER.match(flat, start)
    if found is None:
        return None
    written = found["number"]
    value = _NUMBERS[written] if written in _NUMBERS else int(written)
    least, most = RANGES[kind]
    out_of = [int(of) for of in (found["of"], found["over"]) if of]
    starred = (found["unit"] or "").strip().startswith(("yildiz", "star"))
    if not least <= value <= most or any(of != most for of in out_of) or (starred and kind is not ScoreKind.CSAT):
        return None
    # "bir", "on" and "one" begin sentences: a word alone is a score only if nothing but a "but" follows.
    word = written in _NUMBERS and not (found["asked"] or found["unit"] or found["given"])
    return value, found.end(), word


@cache
def _patterns(kind: ScoreKind) -> tuple[tuple[int, re.Pattern[str]], ...]:
    table = _PHRASES[kind]
    return tuple((value, re.compile(rf"{_BEFORE_A_PHRASE}(?:{_alternatives(table[value])})(?!\w)")) for value in table)


@cache
def _lone() -> tuple[tuple[int, re.Pattern[str]], ...]:
    return tuple((value, re.compile(rf"(?:{_alternatives(words)})(?!\w)")) for value, words in _ALONE.items())


# --- what follows ----------------------------------------------------------------------------------------------------

_BUT = re.compile(
    r"[\s,;.!]*(?:ama|fakat|ancak|lakin|cunku|yalniz|yine de|sadece|but|because|however|although|though|except)\b[\s,:]*(?=\S)"
)
_THEN = re.compile(r"\s*(?:[,;:!][ \t]+|\s[-–—]\s+|[,;:!.]?\s*\n\s*)(?=\S)")


def _rest(
    clean: str, flat: str, end: int, language: str | None, value: int, kind: ScoreKind, *, weak: bool
) -> str | None:
    """What is said besides; None where it says that the score is none. `weak`: only a "but" may follow."""
    rest = clean[end:]
    if not any(char.isalnum() for char in rest):
        return None if _OPPOSED.search(rest) else ""
    if only_thanks(rest.strip(" \t\r\n.,;:!-–—"), language):
        return ""
    said = _BUT.match(flat, end) or (None if weak else _THEN.match(flat, end))
    also = None if weak else _phrase(flat, end, kind)
    if also is not None:
        return "" if abs(also - value) <= 1 else None  # "5, memnun değilim": nobody knows which is meant
    if said is None or flat[said.end() : said.end() + 1].isdigit():
        return None
    return clean[said.end() :].strip() if _THEN.match(flat, end) else rest.strip()


_OPPOSED = re.compile(r"[%€$₺°]")


def _phrase(flat: str, end: int, kind: ScoreKind) -> int | None:
    """The score that the rest, all of it, says in words."""
    if kind not in _PHRASES:
        return None
    begin = end + len(flat[end:]) - len(flat[end:].lstrip(" \t\r\n.,;:!-"))
    tables = (*_patterns(kind), *(_lone() if kind is ScoreKind.CSAT else ()))
    for value, pattern in tables:
        found = pattern.match(flat, begin)
        if found is not None and not any(char.isalnum() for char in flat[found.end() :]):
            return value
    return None
