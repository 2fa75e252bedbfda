"""The words and numbers of a comparison, in English and in Turkish."""

from __future__ import annotations

from collections.abc import Mapping

from router.times import from_ms
from santral.options import Language

NOTHING = "–"
_WORDS: Mapping[str, tuple[str, str]] = {
    "title": (
        "What if: {config} over {length} of recorded traffic",
        "Ya şöyle olsaydı: {length} kaydedilmiş trafik üzerinde {config}",
    ),
    "over": (
        "{since} to {until} UTC, {waits} waits, from {source}",
        "{since} – {until} UTC, {waits} bekleyiş, kaynak: {source}",
    ),
    "source.simulation": ("a simulation", "bir benzetim"),
    "source.table": ("the table", "tablo"),
    "source.archive": ("the archive", "arşiv"),
    "same": (
        "The configuration is the one that was in force: {version}.",
        "Yapılandırma, yürürlükte olanla aynı: {version}.",
    ),
    "new_agents": (
        (
            "Not on record, so never in: {names}. To try somebody new, give them a colleague's presence: "
            "--as {one}=COLLEAGUE."
        ),
        (
            "Kayıtta yok, bu yüzden hiç gelmiyor: {names}. Yeni birini denemek için ona bir arkadaşının "
            "geliş gidişini verin: --as {one}=ARKADAŞI."
        ),
    ),
    "hours_of": (
        "Not on record, so taken to be there whenever a colleague was: {pairs}.",
        "Kayıtta yok, bir arkadaşıyla birlikte gelip gittiği varsayılıyor: {pairs}.",
    ),
    "with": ("{new} with {colleague}", "{new} ({colleague} ile)"),
    "versions": ("recorded {old}, changed {new}", "kayıttaki {old}, değişen {new}"),
    "reading.archive": ("reading decisions", "kararlar okunuyor"),
    "reading.table": ("reading conversations", "görüşmeler okunuyor"),
    "reading.file": ("reading {file}", "{file} okunuyor"),
    "playing.recorded": ("as recorded", "kayıttaki gibi"),
    "playing.changed": ("as changed", "değişmiş olarak"),
    "happened": ("happened", "olan"),
    "replayed": ("replayed", "yeniden oynatılan"),
    "changed": ("changed", "değişince"),
    "difference": ("difference", "fark"),
    "better": ("better", "daha iyi"),
    "worse": ("worse", "daha kötü"),
    "no_difference": ("=", "="),
    "waits": ("waits", "bekleyiş"),
    "level": ("service level", "servis seviyesi"),
    "mean": ("mean wait", "ort. bekleme"),
    "p90": ("wait p90", "bekleme p90"),
    "late": ("over target", "hedefi aşan"),
    "left": ("gave up", "vazgeçen"),
    "turned_away": ("turned away", "geri çevrilen"),
    "waiting": ("still waiting", "hâlâ bekleyen"),
    "fairness": ("evenness of load", "yük eşitliği"),
    "queue": ("queue", "kuyruk"),
    "tier": ("tier", "müşteri sınıfı"),
    "channel": ("channel", "kanal"),
    "agent": ("agent", "temsilci"),
    "conversations": ("conversations", "görüşme"),
    "occupancy": ("occupancy", "doluluk"),
    "none": ("(none)", "(yok)"),
    "parts": ("By queue, tier and channel", "Kuyruk, sınıf ve kanala göre"),
    "agents": ("By agent", "Temsilciye göre"),
    "more_agents": ("and {n} more, whose load changes less", "ve yükü daha az değişen {n} kişi daha"),
    "arrows": ("Replayed → changed.", "Yeniden oynatılan → değişince."),
    "moves": (
        (
            "{count} of {waits} waits go otherwise: {agent} to another agent, {queue} to another queue, "
            "{longer} longer and {shorter} shorter by more than a second; {answered} are answered that were "
            "not, {lost} are not that were."
        ),
        (
            "{waits} bekleyişin {count} tanesi başka türlü sonuçlanıyor: {agent} başka temsilciye, {queue} "
            "başka kuyruğa gidiyor, {longer} bir saniyeden çok uzuyor, {shorter} kısalıyor; {answered} tanesi"
            " artık yanıtlanıyor, {lost} tanesi artık yanıtlanmıyor."
        ),
    ),
    "no_moves": ("Every wait goes as it did.", "Her bekleyiş olduğu gibi sonuçlanıyor."),
    "most": ("The most changed", "En çok değişenler"),
    "wait": ("conversation", "görüşme"),
    "before": ("replayed", "yeniden oynatılan"),
    "after": ("changed", "değişince"),
    "why": ("why", "neden"),
    "end.answered": ("{agent} after {wait}", "{wait} sonra {agent}"),
    "end.left": ("gave up after {wait}", "{wait} sonra vazgeçti"),
    "end.moved": ("taken out after {wait}", "{wait} sonra sıradan alındı"),
    "end.turned away": ("turned away", "geri çevrildi"),
    "end.waiting": ("waits on after {wait}", "{wait} süredir bekliyor"),
    "why.rules": ("rules {old} → {new}", "kurallar {old} → {new}"),
    "why.queue": ("queue {old} → {new}", "kuyruk {old} → {new}"),
    "why.asked": ("asked {needs}", "aranan {needs}"),
    "why.first": ("who goes first, or who is free, is another", "öne geçen ya da boşta olan başka"),
    "sure": ("How sure this is", "Bunun ne kadar kesin olduğu"),
    "sure.exact": (
        "The record explains all of what happened: played again unchanged it is the same, to the millisecond.",
        "Kayıt olanın tümünü açıklıyor: değişmeden oynatılınca milisaniyesine kadar aynı.",
    ),
    "sure.explained": (
        (
            "The record explains {share} of what happened: played again unchanged, so many waits end the same"
            " way with the same agent, within 5 s."
        ),
        (
            "Kayıt olanın {share} kadarını açıklıyor: değişmeden oynatılınca bu kadarı aynı temsilcide, 5 s "
            "içinde aynı biter."
        ),
    ),
    "sure.unread": (
        "Kept by another release of Santral, and missing with what they gave away: {count} decisions.",
        "Santral'ın başka bir sürümünün sakladığı {count} karar, dağıttıklarıyla birlikte, eksik.",
    ),
    "sure.beyond": (
        (
            "Patience: {share} of the waits are longer than anybody saw; how long they last is drawn from "
            "what is known of the channel ({means})."
        ),
        (
            "Sabır: bekleyişlerin {share} kadarı görülenden uzun; ne kadar sürecekleri kanal için bilinenden "
            "({means}) çekiliyor."
        ),
    ),
    "sure.endless": (
        "nobody gave up on {channels}, so nobody does",
        "{channels} kanalında kimse vazgeçmedi, o hâlde vazgeçmez",
    ),
    "sure.mean": ("{channel} {mean} on average", "{channel} ort. {mean}"),
    "sure.other_agent": (
        (
            "Working time: {share} of the answered go to another agent, who is taken to need as long as the "
            "recorded one{paces}; {unworked} had nobody, and take the median of their queue and channel."
        ),
        (
            "Çalışma süresi: yanıtlananların {share} kadarı başka temsilciye gidiyor, kayıttaki kadar sürdüğü"
            " varsayılıyor{paces}; {unworked} kimseye gitmemişti, kuyruk ve kanalının ortancası alınıyor."
        ),
    ),
    "sure.paces": (", by their paces", ", hızlarına göre"),
    "sure.other_work": (
        (
            "Other work: {share} of the agents' units was taken by what they had before, or were given by "
            "hand; it is taken as it was. What else they did, such as calls or breaks nobody noted, no record"
            " knows."
        ),
        (
            "Başka işler: temsilci kapasitesinin {share} kadarı önceden ellerinde olan ya da elle verilen "
            "işteydi, olduğu gibi alınıyor. Bunun dışında ne yaptıklarını (telefon, işaretlenmemiş mola) "
            "hiçbir kayıt bilmez."
        ),
    ),
    "sure.unseen_work": (
        "Other work: what agents did besides, such as calls or breaks nobody noted, no record knows.",
        ("Başka işler: temsilcilerin bunun dışında ne yaptığını (telefon, işaretlenmemiş mola) hiçbir kayıt bilmez."),
    ),
    "sure.rules": (
        (
            "Rules: of {all} waits that a message began, what the rules say now is known of {judged}; "
            "{unjudged} keep what they had."
        ),
        (
            "Kurallar: bir iletiyle başlayan {all} bekleyişin {judged} tanesinde kuralların şimdi ne dediği "
            "biliniyor; {unjudged} tanesi elindekini koruyor."
        ),
    ),
    "sure.no_rules": (
        "Rules: the record does not say what they saw; queues, tiers and priorities that they gave stay.",
        "Kurallar: ne gördükleri kayıtta yok; verdikleri kuyruk, sınıf ve öncelik kalıyor.",
    ),
    "sure.offers": (
        "Offers: none was ever accepted on record; 10 s are assumed.",
        "Teklifler: kayıtta kabul edilen yok; 10 s varsayılıyor.",
    ),
    "sure.inferred": (
        "The end of work is worked out for {share} of the answered, from rosters or means.",
        "Yanıtlananların {share} kadarında işin bitişi kadrolardan ya da ortalamalardan çıkarılıyor.",
    ),
    "sure.more_versions": (
        ("{count} versions of the configuration were in force; all is played under the one that was so for longest."),
        "{count} yapılandırma sürümü yürürlükteydi; hepsi en uzun süre yürürlükte kalanla oynatılıyor.",
    ),
    "sure.gone_agents": (
        "Gone, and their work is others': {names}.",
        "Artık yok, işleri başkalarına gidiyor: {names}.",
    ),
    "sure.homeless": (
        "Queues that are no more, with their waits: {names}; they stand in their inbox's.",
        "Artık olmayan kuyruklar ve bekleyişleri: {names}; gelen kutusunun kuyruğunda sayılıyorlar.",
    ),
    "sure.people": (
        "What people did by hand, and when customers came back, is taken as it was.",
        "İnsanların elle yaptıkları ve müşterilerin geri dönüş zamanları olduğu gibi alınıyor.",
    ),
    "days": ("{days} days", "{days} günlük"),
    "days_hours": ("{days} days {hours} hours", "{days} gün {hours} saatlik"),
    "days_hour": ("{days} days 1 hour", "{days} gün 1 saatlik"),
    "hours": ("{hours} hours", "{hours} saatlik"),
    "hour": ("1 hour", "1 saatlik"),
    "points": ("{n} pts", "{n} puan"),
    "why.only": ("the only one free who may take it", "alabilecek boştaki tek kişi"),
    "why.last agent": ("had it before", "önceki temsilci"),
    "why.longest idle": ("longest idle", "en uzun süredir boşta"),
    "why.primary": ("main skill, level {n}", "ana beceri, düzey {n}"),
    "why.secondary": ("secondary skill, level {n}", "ikincil beceri, düzey {n}"),
    "why.fullest": ("fullest that fits", "sığanların en dolusu"),
}


class Words:
    """Says things in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._turkish = language is Language.tr

    def __call__(self, name: str, **values: object) -> str:
        """A phrase with its values."""
        return _WORDS[name][self._turkish].format(**values)

    def number(self, value: float, digits: int = 0) -> str:
        """A number with its separators."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self._turkish else text

    def share(self, value: float | None, digits: int = 1) -> str:
        """A share as per cent; of less than all never 100."""
        if value is None:
            return NOTHING
        shown = value * 100
        if value < 1 and round(shown, digits) >= 100:
            shown = 100 - 10.0**-digits
        text = self.number(shown, digits)
        return f"%{text}" if self._turkish else f"{text} %"

    def points(self, value: float) -> str:
        """A difference of shares."""
        return self("points", n=self.number(value * 100, 1))

    def length(self, ms: float | None) -> str:
        """A length of time: minutes and seconds, with hours where there are any."""
        if ms is None:
            return NOTHING
        seconds = round(ms / 1000)
        hours, rest = divmod(abs(seconds), 3600)
        minutes, seconds = divmod(rest, 60)
        return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"

    def span(self, since: int, until: int) -> str:
        """How long a record is, to the hour; from two days on in days and hours."""
        whole = max(1, round((until - since) / 3_600_000))
        days, hours = divmod(whole, 24) if whole >= 48 else (0, whole)
        units = ["days"] if days else []
        if hours:
            units.append("hour" if hours == 1 else "hours")
        return self("_".join(units), **{name: n for name, n in (("days", days), ("hours", hours)) if n})

    @staticmethod
    def time(ms: int) -> str:
        """An instant, UTC."""
        return f"{from_ms(ms):%Y-%m-%d %H:%M}"
