"""What templates do to values: dates, times, money and numbers as people of a language write them, capitals as it has them.

Turkish and English are written out; other languages get what every reader understands: `05.03.2026`, `14:30`, `49.90 EUR`. Everything
here raises ValueError with a sentence for who wrote the template.
"""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from router.explaining_words import DAYS, MONTHS

FORMS = ("long", "short", "day", "weekday")
"""Of a date: 5 March 2026, 5 Mar 2026, 5 March, Thursday 5 March 2026."""
CURRENCIES = ("TRY", "EUR", "USD")
_SIGNS = {"EUR": "€", "USD": "$"}
_DOTTED = frozenset({"tr", "az"})
"""Languages in which i and ı are two letters with two capitals (Unicode, SpecialCasing.txt)."""
_LARGEST = Decimal(10) ** 15
_WORD = re.compile(r"[^\s\-–/(\"“]+")
_NUMBER = re.compile(r"[+-]?[0-9]{1,16}(\.[0-9]{1,20})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _tongue(language: str) -> str:
    return language.partition("-")[0].lower()


# --- letters --------------------------------------------------------------------------------------------------------


def upper(text: str, language: str) -> str:
    """All capitals: `istanbul` is `İSTANBUL` in Turkish, `ISTANBUL` elsewhere."""
    return (text.replace("i", "İ") if _tongue(language) in _DOTTED else text).upper()


def lower(text: str, language: str) -> str:
    """All small: `ISPARTA` is `ısparta` in Turkish, `isparta` elsewhere; `İ` is `i` everywhere, without a second dot."""
    text = text.replace("I", "ı") if _tongue(language) in _DOTTED else text
    return text.replace("İ", "i").lower()


def capitalize(text: str, language: str) -> str:
    """The first letter a capital, the others small."""
    return _capital(text[:1], language) + lower(text[1:], language)


def title(text: str, language: str) -> str:
    """Each word so; what follows an apostrophe stays small (`Ankara'da`)."""
    return _WORD.sub(lambda word: capitalize(word[0], language), text)


def _capital(letter: str, language: str) -> str:
    return upper(letter, language) if _tongue(language) in _DOTTED else letter.title()


# --- dates and times ------------------------------------------------------------------------------------------------


def day(value: object, language: str, zone: tzinfo, form: str = "long") -> str:
    """A date in one of `FORMS`. `value`: a date, a time with its offset (told by the zone's clock), or the ISO 8601 text of one."""
    if form not in FORMS:
        raise ValueError(f"'{form}' is no form of a date; write one of {', '.join(FORMS)}")
    at, tongue = _date(value, zone), _tongue(language)
    if tongue not in MONTHS:
        return f"{at.day:02}.{at.month:02}." + ("" if form == "day" else f"{at.year:04}")
    month = MONTHS[tongue][at.month - 1]
    if form == "short":
        return f"{at.day:02}.{at.month:02}.{at.year:04}" if tongue == "tr" else f"{at.day} {month[:3]} {at.year}"
    told = f"{at.day} {month}" + ("" if form == "day" else f" {at.year}")
    if form != "weekday":
        return told
    weekday = DAYS[tongue][at.weekday()]
    return f"{told} {weekday}" if tongue == "tr" else f"{weekday} {told}"


def clock(value: object, zone: tzinfo) -> str:
    """The time of day on the zone's clock, 00:00 to 23:59. `value`: a time with its offset, or its ISO 8601 text."""
    return f"{_instant(value, zone):%H:%M}"


def moment(value: object, language: str, zone: tzinfo, form: str = "long") -> str:
    """Date and time of day: `5 March 2026 at 14:30`, `5 Mart 2026 saat 14:30`."""
    at = _instant(value, zone)
    between = {"en": " at ", "tr": " saat "}.get(_tongue(language), " ")
    return f"{day(at.date(), language, zone, form)}{between}{at:%H:%M}"


def _date(value: object, zone: tzinfo) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"there is no day {value.strip()}") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return _instant(value, zone).date()


def _instant(value: object, zone: tzinfo) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("is no time; times are written as 2026-03-05T14:30:00+03:00") from None
    if not isinstance(value, datetime):
        raise ValueError("is no time; times are written as 2026-03-05T14:30:00+03:00")
    if value.utcoffset() is None:
        raise ValueError("is a time without its offset from UTC, such as +03:00 or Z")
    try:
        return value.astimezone(zone)
    except OverflowError:
        raise ValueError("is a time beyond the calendar's years") from None


# --- numbers --------------------------------------------------------------------------------------------------------


def number(value: object, language: str, places: int | None = None) -> str:
    """With thousands apart: `1,299.5`, in Turkish `1.299,5`. `places` from 0 to 6, rounded half away from nought; None: as it is."""
    if places is not None and (type(places) is not int or not 0 <= places <= 6):
        raise ValueError("a number has from 0 to 6 places")
    return _digits(_decimal(value), language, places)


def money(value: object, language: str, currency: object) -> str:
    """An amount: `€49.90`, `TRY 1,299.90`; in Turkish `€49,90`, `1.299,90 TL`.

    Not by the sign of the lira nor with a blank that does not break: both make an SMS of twice the price.
    """
    if currency not in CURRENCIES:
        raise ValueError(f"'{currency}' is no currency here; write one of {', '.join(CURRENCIES)}")
    amount, tongue = _decimal(value), _tongue(language)
    digits = _digits(abs(amount), language, 2)
    minus = "-" if amount < 0 and digits.strip("0.,") else ""
    if tongue not in MONTHS:
        return f"{minus}{digits} {currency}"
    if currency == "TRY":
        return f"{minus}{digits} TL" if tongue == "tr" else f"{minus}TRY {digits}"
    return f"{minus}{_SIGNS[str(currency)]}{digits}"


def plural(value: object, one: str, many: str) -> str:
    """The word that goes with a number: `1 item`, `2 items`. Turkish has one for all (`2 ürün`)."""
    return one if abs(_decimal(value)) == 1 else many


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise ValueError("is no number")
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise ValueError("is no number; write it as 1299.90")
    found = Decimal(str(value).strip())
    if not found.is_finite() or abs(found) >= _LARGEST:
        raise ValueError("is no number that people could read")
    return found


def _digits(value: Decimal, language: str, places: int | None) -> str:
    if places is None:
        value = value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
        if -int(value.as_tuple().exponent) > 6:
            raise ValueError("has more than 6 places; say how many: number(2)")
    else:
        value = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{value + 0:,f}"  # no minus before a nought
    if _tongue(language) == "tr":
        return text.translate(str.maketrans(",.", ".,"))
    return text if _tongue(language) == "en" else text.replace(",", "")
