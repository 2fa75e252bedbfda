"""The words of a plan of staff, in English and in Turkish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from santral.reporting_choices import Language

_WORDS: Mapping[str, tuple[str, str]] = {
    "title": (
        "{name}: {day}, {target} in time in every interval{per}",
        "{name}: {day}, her aralıkta zamanında yanıt hedefi {target}{per}",
    ),
    "per.all": ("", ""),
    "per.queue": (" and queue", ", her kuyrukta"),
    "per.channel": (" and channel", ", her kanalda"),
    "per.tier": (" and tier", ", her müşteri sınıfında"),
    "interval": ("interval", "aralık"),
    "per_hour": ("an hour", "saatte"),
    "all": ("all", "toplam"),
    "paid": ("paid", "kadro"),
    "level": ("in time", "zamanında"),
    "occupancy": ("busy", "doluluk"),
    "hours": (
        "{hours} agent hours; by Erlang {formula}, each queue alone, {erlang}. All day {level} in time.",
        "{hours} temsilci saati; Erlang {formula} ile, kuyruk kuyruk, {erlang}. Gün boyunca {level} zamanında.",
    ),
    "tried": ("{replications} replications of the day, {tried} plans tried.", "Günün {replications} tekrarı, denenen plan sayısı {tried}."),
    "paid_hours": ("Paid, with {shrinkage} shrinkage: {hours} hours.", "Ödenen ({shrinkage} kayıp ile): {hours} saat."),
    "differs": ("* far from Erlang's, which does not know of:", "* Erlang'dan uzak; formüllerin bilmediği:"),
    "missed": (
        "! misses the target even with the most that was tried, which is in the hours",
        "! hedefe ulaşılamadı: sayı, denenen en çok temsilcidir; saatlere de katılmıştır",
    ),
    "missed_by.queue": ("Queues that miss it:", "Ulaşamayan kuyruklar:"),
    "missed_by.channel": ("Channels that miss it:", "Ulaşamayan kanallar:"),
    "missed_by.tier": ("Tiers that miss it:", "Ulaşamayan müşteri sınıfları:"),
    "no_tier": ("without a tier", "sınıfsız"),
    "skills": ("agents who answer several queues", "birden çok kuyruğa bakan temsilciler"),
    "concurrency": ("several conversations at once", "aynı anda birden çok görüşme"),
    "policy": (
        "the policy, by which late conversations wait for those that can still be in time",
        "geç kalanları hâlâ yetişebileceklerin ardına alan politika",
    ),
    "priorities": ("tiers, priorities and targets that differ", "birbirinden farklı müşteri sınıfları, öncelikler ve hedefler"),
    "targets": ("targets longer than an interval: what comes now is done later", "aralıktan uzun hedefler: şimdi gelen sonra yapılır"),
    "lengths": ("working times that are not exponential", "üstel dağılmayan işlem süreleri"),
    "offers": ("offers that are declined or missed", "reddedilen ya da kaçırılan teklifler"),
    "busyness": ("days that are busier than others", "kimi günlerin daha yoğun oluşu"),
    "empty": ("a day that begins with nobody in line", "güne boş sırayla başlanması"),
    "teams": ("Of {n} teams: --csv has each.", "{n} ekip var: --csv her birini verir."),
    "planning": ("{day}: plan {number}", "{day}: {number}. plan"),
    "reading": ("Reading history", "Geçmiş okunuyor"),
}  # fmt: skip
_DAYS = {
    Language.en: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    Language.tr: ["Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma", "Cumartesi", "Pazar"],
}


def word(key: str, language: Language, **values: object) -> str:
    """A word or a sentence."""
    return _WORDS[key][language is Language.tr].format(**values)


def weekday(day: date, language: Language) -> str:
    """A day's name."""
    return _DAYS[language][day.weekday()]
