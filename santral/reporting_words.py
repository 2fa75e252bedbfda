"""The words and numbers of a report, in English and in Turkish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from santral.reporting import Column, Row, Value
from santral.reporting_choices import By, Language

NOTHING = "–"

_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Contact centre report", "İletişim merkezi raporu"),
    "total": ("total", "toplam"),
    "none": ("(none)", "(yok)"),
    "nobody": ("(nobody)", "(kimse)"),
    "queue": ("queue", "kuyruk"),
    "channel": ("channel", "kanal"),
    "agent": ("agent", "temsilci"),
    "tier": ("tier", "müşteri sınıfı"),
    "hour": ("hour", "saat"),
    "day": ("day", "gün"),
    "skill": ("skill", "beceri"),
    "language": ("language", "dil"),
    "begun": ("new", "yeni"),
    "reopens": ("reopens", "yeniden açılış"),
    "answered": ("answered", "yanıtlanan"),
    "abandoned": ("gave up", "vazgeçen"),
    "service_level": ("service level", "servis seviyesi"),
    "answer_ms": ("speed of answer", "ort. yanıt süresi"),
    "abandonment": ("abandoned", "vazgeçme oranı"),
    "wait_p50": ("wait p50", "bekleme p50"),
    "wait_p90": ("wait p90", "bekleme p90"),
    "wait_p95": ("wait p95", "bekleme p95"),
    "wait_p99": ("wait p99", "bekleme p99"),
    "longest_wait": ("longest wait", "en uzun bekleme"),
    "handled": ("handled", "işlenen"),
    "handle_ms": ("handle time", "işlem süresi"),
    "active_ms": ("time worked", "çalışılan süre"),
    "occupancy": ("occupancy", "doluluk"),
    "first_contact": ("resolved at first contact", "ilk temasta çözüm"),
    "resolved": ("resolved", "çözülen"),
    "alone": ("resolved alone", "temsilcisiz çözülen"),
    "reopened": ("reopened", "yeniden açılan"),
    "transfers": ("transfers", "aktarma"),
    "sla_accept": ("SLA accept", "SLA kabul"),
    "sla_first_response": ("SLA first response", "SLA ilk yanıt"),
    "sla_next_response": ("SLA next response", "SLA sonraki yanıt"),
    "sla_resolution": ("SLA resolution", "SLA çözüm"),
    "promises": ("promises kept", "tutulan sözler"),
    "csat": ("CSAT", "CSAT"),
    "nps": ("NPS", "NPS"),
    "ces": ("CES", "CES"),
    "quality": ("quality", "kalite"),
    "open": ("open", "açık"),
    "open_ms": ("mean age", "ort. yaş"),
    "oldest_ms": ("oldest", "en eski"),
    "line": ("in line", "sırada"),
    "longest_ms": ("longest in line", "sırada en uzun"),
    "online_ms": ("online time", "oturum süresi"),
    "joined": ("joined", "gelen"),
    "left": ("left", "ayrılan"),
    "presence.online": ("online", "çevrimiçi"),
    "presence.away": ("away", "uzakta"),
    "left_out": (
        "{n} more columns do not fit; a wider terminal, or --format csv, shows them.",
        "{n} sütun daha sığmadı; daha geniş bir pencere ya da --format csv gösterir.",
    ),
    "left_out.1": (
        "1 more column does not fit; a wider terminal, or --format csv, shows it.",
        "1 sütun daha sığmadı; daha geniş bir pencere ya da --format csv gösterir.",
    ),
    "evenness": ("evenness of waits", "beklemelerin eşitliği"),
    "waits": ("Waits", "Beklemeler"),
    "volume": ("Conversations", "Görüşmeler"),
    "backlog": ("Backlog", "Biriken iş"),
    "plot.service_level": ("Service level", "Servis seviyesi"),
    "plot.handle_ms": ("Handle time", "İşlem süresi"),
    "plot.occupancy": ("Occupancy", "Doluluk"),
    "by": ("By {what}", "{what} kırılımı"),
    "by.hour": ("By hour", "Saat saat"),
    "by.day": ("By day", "Gün gün"),
    "each.hour": ("by hour", "saat saat"),
    "each.day": ("by day", "gün gün"),
    "no_data": ("Nothing was measured.", "Ölçülen bir şey yok."),
    "definitions": (
        "Formulas: docs/measures.md. A dash: nothing was measured. Backlog: open at the end. All columns: santral report --format csv.",
        "Formüller: docs/measures.md. Çizgi: ölçüm yok. Biriken iş: dönem sonunda açık olan. Tüm sütunlar: santral report --format csv.",
    ),
}  # fmt: skip
_UNITS = {Language.en: ("d", "h", "m", "s"), Language.tr: ("g", "sa", "dk", "sn")}
_MONTHS = {
    Language.en: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    Language.tr: ["Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"],
}


def word(key: str, language: Language, **values: object) -> str:
    """A word or a sentence; a state of presence that has none is told as it is written."""
    both = _WORDS.get(key)
    if both is None:
        return key.partition(".")[2]
    return both[language is Language.tr].format(**values)


def heading(text: str, language: Language) -> str:
    """With a capital letter, which in Turkish keeps its dot."""
    first = "İ" if language is Language.tr and text[:1] == "i" else text[:1].upper()
    return first + text[1:]


def told(value: Value, column: Column, language: Language) -> str:
    """A figure as people read it."""
    if value is None:
        return NOTHING
    if column.shape == "share":
        return share(value, language)
    if column.shape == "ms":
        return span(value, language)
    return number(value, language, 0 if column.shape == "count" else 1)


def share(value: float, language: Language, places: int = 1) -> str:
    """Per cent."""
    text = number(value * 100, language, 0 if value in (0, 1) else places)
    return f"%{text}" if language is Language.tr else f"{text}%"


def number(value: float, language: Language, places: int) -> str:
    """With thousands apart, and the decimal sign of the language."""
    text = f"{value:,.{places}f}"
    return text.translate(str.maketrans(",.", ".,")) if language is Language.tr else text


def span(ms: float, language: Language) -> str:
    """A length of time, by its two largest units."""
    units = _UNITS[language]
    if 0 < ms < 10_000:
        return f"{number(ms / 1000, language, 1)}{units[3]}"
    seconds = round(ms / 1000)
    parts = (seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
    first = next((index for index, part in enumerate(parts) if part), 3)
    found = [(parts[index], units[index]) for index in range(first, min(first + 2, 4))]
    return " ".join(f"{part}{unit}" for index, (part, unit) in enumerate(found) if index == 0 or part)


def when(at: datetime, language: Language, zone: tzinfo | None, *, year: bool = False) -> str:
    """A day and a time on the clock of the zone."""
    local = at.astimezone(zone)
    return f"{day(at, language, zone)} {f'{local.year} ' if year else ''}{local:%H:%M}"


def day(at: datetime, language: Language, zone: tzinfo | None) -> str:
    """A day of the month."""
    local = at.astimezone(zone)
    return f"{local.day} {_MONTHS[language][local.month - 1]}"


def name_of(row: Row, by: By, language: Language, zone: tzinfo | None) -> str:
    """What a row is called. What no terminal should be told is a space."""
    if row.name is None:
        return word("nobody" if by is By.agent else "none", language)
    if by is By.hour:
        return when(datetime.fromisoformat(row.name), language, zone)
    return "".join(one if one.isprintable() else " " for one in row.name)
