"""The words of a simulation's plots and page, in English and in Turkish, and how an estimate is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from santral.reporting_choices import Language
from santral.reporting_words import number, share, span
from santral.simulation.intervals import Estimate

Shape = Literal["share", "points", "seconds", "number"]

_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Simulation of a contact centre", "İletişim merkezi simülasyonu"),
    "policies": ("Policies", "Politikalar"),
    "policy": ("policy", "politika"),
    "sweep": ("How many agents it takes", "Kaç temsilci gerekir"),
    "weighted": ("weighted service level", "ağırlıklı servis seviyesi"),
    "apart": ("points against {first}", "{first} karşısında puan"),
    "service_level": ("service level", "servis seviyesi"),
    "service_level.of": ("service level, {name}", "servis seviyesi, {name}"),
    "wait": ("mean wait", "ort. bekleme"),
    "wait_p90": ("wait p90", "bekleme p90"),
    "abandoned": ("abandoned", "vazgeçme oranı"),
    "turned_away": ("turned away", "yer bulamayan"),
    "unanswered": ("never answered", "hiç yanıtlanmayan"),
    "occupancy": ("occupancy", "doluluk"),
    "worst": ("worst wait ÷ target", "en kötü bekleme ÷ hedef"),
    "offered": ("conversations, each replication", "tekrar başına görüşme"),
    "none": ("(none)", "(yok)"),
    "day.service_level": ("Service level over the day", "Gün boyunca servis seviyesi"),
    "day.waits": ("Waits over the day", "Gün boyunca beklemeler"),
    "day.wait": ("Mean wait over the day", "Gün boyunca ortalama bekleme"),
    "day.wait_p90": ("Wait p90 over the day", "Gün boyunca bekleme p90"),
    "day.offered": ("Conversations an hour", "Saat başına görüşme"),
    "classes.service_level": ("Service level by tier and by channel", "Sınıfa ve kanala göre servis seviyesi"),
    "classes.waits": ("Waits by channel and tier", "Kanala ve sınıfa göre beklemeler"),
    "by.tier": ("By tier", "Müşteri sınıfına göre"),
    "by.channel": ("By channel", "Kanala göre"),
    "bars.waits": ("bar: mean, mark: p90", "sütun: ortalama, işaret: p90"),
    "clock": ("arrival, by the clock", "geliş saati"),
    "after": ("hours after opening", "açılıştan sonra saat"),
    "band": ("band: 95% interval", "bant: %95 güven aralığı"),
    "whisker": ("whisker: 95% interval", "hata çubuğu: %95 güven aralığı"),
    "made": (
        "{name} — replications: {replications}, days: {days}, seed: {seed}",
        "{name} — tekrar: {replications}, gün: {days}, tohum: {seed}",
    ),
    "fairness": ("Among agents", "Temsilciler arasında"),
    "fairness.title": ("Occupancy", "Doluluk"),
    "fairness.whole": ("All together", "Hepsi birlikte"),
    "fairness.all": ("all agents", "tüm temsilciler"),
    "fairness.each": ("Of each agent", "Temsilci başına"),
    "fairness.least": ("least", "en az"),
    "fairness.median": ("median", "ortanca"),
    "fairness.most": ("most", "en çok"),
    "occupancy.least": ("least occupancy", "en az doluluk"),
    "occupancy.median": ("median occupancy", "ortanca doluluk"),
    "occupancy.most": ("most occupancy", "en çok doluluk"),
    "occupancy.spread": ("most − least", "en çok − en az"),
    "taken.least": ("fewest conversations a day", "günde en az görüşme"),
    "taken.median": ("median conversations a day", "günde ortanca görüşme"),
    "taken.most": ("most conversations a day", "günde en çok görüşme"),
    "assumed": ("What was assumed", "Varsayımlar"),
    "agents": ("agents", "temsilci"),
    "streams": ("streams", "akış"),
    "days": ("days", "gün"),
    "replications": ("replications", "tekrar"),
    "seed": ("seed", "tohum"),
    "first": ("first day", "ilk gün"),
    "hours": ("customers write", "müşteriler yazar"),
    "measured": ("measured", "ölçülen"),
    "load": ("load", "yük"),
    "load.none": ("as written", "yazıldığı gibi"),
    "gave_up": ("gave up, in the service level", "vazgeçenler, servis seviyesinde"),
    "gave_up.missed": ("all missed", "hepsi kaçırılmış"),
    "gave_up.late": ("missed after the target, else left out", "hedeften sonra kaçırılmış, önce sayılmaz"),
    "secondary": ("working time by a secondary skill", "ikincil beceride işlem süresi"),
    "places": ("waiting places", "bekleme yeri"),
    "places.none": ("no limit", "sınırsız"),
    "stream": ("stream", "akış"),
    "channel": ("channel", "kanal"),
    "per_hour": ("an hour", "saatte"),
    "handling": ("mean working time", "ort. işlem süresi"),
    "patience": ("mean patience", "ort. sabır"),
    "for_ever": ("for ever", "sınırsız"),
    "no_data": ("Nothing was measured.", "Ölçülen bir şey yok."),
    "definitions": (
        "± is half the width of a 95% confidence interval over replications (Student's t); of one replication there is none.",
        "±: tekrarlar üzerinden %95 güven aralığının yarısı (Student t); tek tekrarda yoktur.",
    ),
    "definitions.waits": (
        "Waits are those of conversations that were answered; an hour is that of the arrival. A dash: nothing was measured.",
        "Beklemeler yanıtlanan görüşmelerindir; saat, geliş saatidir. Çizgi: ölçüm yok.",
    ),
    "definitions.load": (
        "Rates are as written, before they are scaled to the load.",
        "Oranlar yazıldığı gibidir, yüke ölçeklenmeden önce.",
    ),
}  # fmt: skip


def word(key: str, language: Language, **values: object) -> str:
    """A word or a sentence."""
    return _WORDS[key][language is Language.tr].format(**values)


def told(value: float, shape: Shape, language: Language) -> str:
    """A figure as people read it; seconds by their largest units."""
    if shape == "share":
        return share(value, language)
    if shape == "points":
        points = round(value * 100, 1)
        return ("+" if points > 0 else "−" if points < 0 else "") + number(abs(points), language, 1)
    return span(value * 1000, language) if shape == "seconds" else number(value, language, 1)


def half_told(found: Estimate, shape: Shape, language: Language) -> str:
    """Half the width of its interval: of a share in percentage points."""
    if shape in ("share", "points"):
        return f"± {number(found.half_width * 100, language, 1)}"
    return f"± {told(found.half_width, shape, language)}"


def whole(found: Estimate, shape: Shape, language: Language, *, several: bool) -> str:
    """On one line, with its interval where there are several replications."""
    mean = told(found.mean, shape, language)
    return f"{mean} {half_told(found, shape, language)}" if several else mean
