"""What leaves by itself, in the customer's language: texts of the configuration filled in, and what we say of opting out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"\s*\{name\}")

STOPPED: Mapping[str, str] = {
    "en": "{company}: you will get no more messages from us here. Write START to hear from us again.",
    "tr": "{company}: Buradan artık size mesaj göndermeyeceğiz. Yeniden mesaj almak için BAŞLAT yazın.",
    "de": "{company}: Sie erhalten hier keine Nachrichten mehr von uns. Mit START melden Sie sich wieder an.",
    "fr": "{company} : vous ne recevrez plus de messages de notre part ici. Répondez START pour en recevoir à nouveau.",
    "es": "{company}: no recibirá más mensajes nuestros por aquí. Escriba START para volver a recibirlos.",
}
STARTED: Mapping[str, str] = {
    "en": "{company}: we may write to you here again. Write STOP to get no more messages.",
    "tr": "{company}: Buradan size yeniden yazabiliriz. Mesaj almamak için RET yazın.",
    "de": "{company}: Wir dürfen Ihnen hier wieder schreiben. Mit STOP erhalten Sie keine Nachrichten mehr.",
    "fr": "{company} : nous pouvons à nouveau vous écrire ici. Répondez STOP pour ne plus recevoir de messages.",
    "es": "{company}: podemos volver a escribirle por aquí. Escriba STOP para no recibir más mensajes.",
}
HELP: Mapping[str, str] = {
    "en": "{company}: write what you need and we will answer here. Write STOP to get no more messages.",
    "tr": "{company}: Size nasıl yardımcı olabileceğimizi yazın, buradan yanıtlayalım. Mesaj almamak için RET yazın.",
    "de": "{company}: Schreiben Sie uns Ihr Anliegen, wir antworten hier. Mit STOP erhalten Sie keine Nachrichten mehr.",
    "fr": "{company} : écrivez-nous votre demande, nous répondons ici. Répondez STOP pour ne plus recevoir de messages.",
    "es": "{company}: escríbanos lo que necesita y le responderemos aquí. Escriba STOP para no recibir más mensajes.",
}
# STOP and START are keywords in every language; RET is the word of Turkey's commercial messages.

SPOKEN = frozenset({"en", "tr"})
"""Languages in which times are told in words; in others they are told in numbers."""
_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "tr": ("pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar"),
}
_MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December"),
    "tr": ("Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"),
}  # fmt: skip


def chosen(texts: Mapping[str, str], languages: Sequence[str | None]) -> tuple[str, str] | None:
    """The first text there is of these languages and then English, with its language; en-GB is served by en."""
    for language in (*languages, "en"):
        for tag in dict.fromkeys((language or "", (language or "").partition("-")[0])):
            if tag in texts:
                return texts[tag], tag
    return None


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled in; without a name the blank before it goes too. Unknown ones stay as they are."""
    if not values.get("name"):
        text = _NAME.sub("", text)
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text).strip()


def name_of(name: str | None) -> str:
    """A customer's name, if it is nothing but one: a stranger's name could hold a link that we would then send on."""
    name = " ".join((name or "").split())
    if not name or len(name) > 40 or not all(c.isalpha() or c in " .'’-" for c in name):
        return ""
    return "" if re.search(r"\w\.\w", name) else name


def within(span: timedelta, language: str) -> str:
    """A wait in words, rounded: "in about 15 minutes"."""
    number, unit = _about(span)
    en, tr = unit
    match language.partition("-")[0]:
        case "tr":
            return f"yaklaşık {number} {tr} içinde"
        case "en":
            return f"in about {number} {en}{'' if number == 1 else 's'}"
    return f"≈ {number} {'min' if en == 'minute' else en[0]}"


_DAY, _HOUR, _MINUTE = ("day", "gün"), ("hour", "saat"), ("minute", "dakika")


def _about(span: timedelta) -> tuple[int, tuple[str, str]]:
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes >= 48 * 60:
        return round(minutes / 60 / 24), _DAY
    return (round(minutes / 60), _HOUR) if minutes >= 90 else (minutes, _MINUTE)


def rounded(span: timedelta) -> timedelta:
    """A wait as `within` tells it."""
    number, unit = _about(span)
    return number * {_DAY: timedelta(days=1), _HOUR: timedelta(hours=1), _MINUTE: timedelta(minutes=1)}[unit]


def opening(at: datetime, now: datetime, zone: str, language: str) -> str:
    """When somebody is there again, by the clock of the place: "on Monday at 09:00", "bugün saat 13:30"."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    days, clock, tag = (local.date() - today).days, f"{local:%H:%M}", language.partition("-")[0]
    if tag not in SPOKEN:
        return f"{local:%d.%m.} {clock}"
    day, date = _DAYS[tag][local.weekday()], f"{local.day} {_MONTHS[tag][local.month - 1]}"
    if tag == "tr":
        when = ["bugün", "yarın"][days] if days < 2 else f"{day} günü" if days < 7 else f"{date} {day} günü"
        return f"{when} saat {clock}"
    when = ["today", "tomorrow"][days] if days < 2 else f"on {day}" if days < 7 else f"on {day}, {date},"
    return f"{when} at {clock}"


def from_then(at: datetime, now: datetime, zone: str, language: str) -> str:
    """An answer is to be expected once somebody is there: "on Monday from 09:00"."""
    when = opening(at, now, zone, language)
    match language.partition("-")[0]:
        case "tr":
            return f"{when} itibarıyla"
        case "en":
            return when.replace(" at ", " from ")
    return f"≥ {when}"


def until_then(at: datetime, now: datetime, zone: str, language: str) -> str:
    """An answer is to be expected by then at the latest: "tomorrow by 12:00", "yarın saat 12:00'ye kadar"."""
    when = opening(at, now, zone, language)
    match language.partition("-")[0]:
        case "tr":
            return f"{when}'{_to(at.astimezone(ZoneInfo(zone)))} kadar"
        case "en":
            return when.replace(" at ", " by ")
    return f"≤ {when}"


_ONES = ("", "e", "ye", "e", "e", "e", "ya", "ye", "e", "a")
_TENS = ("a", "a", "ye", "a", "a", "ye")


def _to(local: datetime) -> str:
    """The Turkish ending "to" of a time as it is read aloud: by the last number in it (on iki'ye, dokuz otuz'a)."""
    last = local.minute or local.hour
    return _ONES[last % 10] or _TENS[last // 10]
