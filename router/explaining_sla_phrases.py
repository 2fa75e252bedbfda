"""The sentences that explain a deadline. Data, as `router.explaining_phrases`."""

from __future__ import annotations

from collections.abc import Mapping

from router.explaining_words import Said

SLA: Mapping[str, Said] = {
    "sla.title": {"en": "Deadlines of {customer}, in the queue {queue}", "tr": "Süreler: {customer}, {queue} kuyruğu"},
    "sla.none": {"en": "Nothing has been promised yet.", "tr": "Henüz işleyen bir süre yok."},
    "sla.policy": {"en": "Counted by the policy {policy}.", "tr": "Geçerli politika: {policy}."},
    "sla.policy.version": {
        "en": "Counted by the policy {policy} of the configuration {version}.",
        "tr": "Geçerli politika: {policy}, yapılandırma {version}.",
    },
    "sla.queue": {
        "en": "Counted by the queue {queue}, which names no policy.",
        "tr": "Geçerli kuyruk: {queue} (bir politika belirtmiyor).",
    },
    "sla.queue.version": {
        "en": "Counted by the queue {queue}, which names no policy, of the configuration {version}.",
        "tr": "Geçerli kuyruk: {queue} (bir politika belirtmiyor), yapılandırma {version}.",
    },
    "sla.kept": {
        "en": "All of it is counted from what happened: when a policy changes, every pause it had so far stays left out.",
        "tr": "Her şey olanlardan hesaplanır: politika değişse de o güne kadarki duraklamalar sayılmaz.",
    },
    # which clock
    "sla.accept": {"en": "Taken by somebody", "tr": "Görüşmenin üstlenilmesi"},
    "sla.first_response": {"en": "First response", "tr": "İlk yanıt"},
    "sla.next_response": {"en": "Next response", "tr": "Sonraki yanıt"},
    "sla.resolution": {"en": "Resolution", "tr": "Çözüm"},
    "sla.is.running": {"en": "running", "tr": "işliyor"},
    "sla.is.paused": {"en": "standing still", "tr": "duruyor"},
    "sla.is.breached": {"en": "late", "tr": "süresi doldu"},
    "sla.is.met": {"en": "met", "tr": "zamanında yapıldı"},
    "sla.is.missed": {"en": "done too late", "tr": "geç yapıldı"},
    "sla.is.cancelled": {"en": "no longer needed", "tr": "gerek kalmadı"},
    # how much was promised
    "sla.promised.calendar": {
        "en": "Promised within {amount} of the opening hours {calendar}.",
        "tr": "Verilen süre: {calendar} çalışma saatleriyle {amount}.",
    },
    "sla.promised.wall": {
        "en": "Promised within {amount}, nights and holidays included.",
        "tr": "Verilen süre: geceler ve tatiller dahil {amount}.",
    },
    "sla.promised.day": {
        "en": "Promised by the end of the day of {calendar}, else by that of the next day: {amount}.",
        "tr": "Verilen süre: {calendar} için günün, olmazsa sonraki iş gününün sonuna kadar: {amount}.",
    },
    "sla.promised.day.before": {
        "en": "Promised by the end of the day of {calendar} if it began before {time}, else by that of the next day: {amount}.",
        "tr": "Verilen süre: başlangıç {time} öncesiyse {calendar} için günün, değilse sonraki iş gününün sonuna kadar: {amount}.",
    },
    "sla.promised.never": {
        "en": "The opening hours {calendar} have no further day: it is never due.",
        "tr": "{calendar} çalışma saatlerinde başka gün yok: bu süre hiç dolmaz.",
    },
    "sla.by.tier": {"en": "So the policy says for the tier {name}.", "tr": "Politika müşteri sınıfı {name} için böyle diyor."},
    "sla.by.channel": {"en": "So the policy says for {name}.", "tr": "Politika {name} kanalı için böyle diyor."},
    # how it began, ended and stands
    "sla.began": {"en": "It began on {time}: {what}.", "tr": "Başlangıç: {time} ({what})."},
    "sla.met": {
        "en": "Done on {time}: {what}. It was due on {due}. Counted until then: {used}.",
        "tr": "Yapıldı: {time} ({what}). Son an: {due}. Sayılan süre: {used}.",
    },
    "sla.met.paused": {
        "en": "Done on {time}: {what}. Counted until then: {used}.",
        "tr": "Yapıldı: {time} ({what}). Sayılan süre: {used}.",
    },
    "sla.missed": {
        "en": "Done on {time}: {what}. That was too late: it was due on {due}.",
        "tr": "Yapıldı: {time} ({what}). Geç kalındı, son an: {due}.",
    },
    "sla.cancelled": {
        "en": "Since {time} nobody needs it any more: {what}. Counted until then: {used}.",
        "tr": "{time} itibarıyla gerek kalmadı ({what}). Sayılan süre: {used}.",
    },
    "sla.running": {"en": "It is due on {due}. Time left: {left}.", "tr": "Son an: {due}. Kalan süre: {left}."},
    "sla.breached": {"en": "It was due on {due} and is not done.", "tr": "Süre doldu: {due}. Henüz yapılmadı."},
    "sla.paused.pending": {
        "en": "Since {since} it stands still: it is the customer's turn. Counted so far: {used}. Left when it goes on: {left}.",
        "tr": "{since} itibarıyla duruyor: sıra müşteride. Sayılan süre: {used}. Devam edince kalan: {left}.",
    },
    "sla.paused.snoozed": {
        "en": "Since {since} it stands still: the conversation is put aside. Counted so far: {used}. Left when it goes on: {left}.",
        "tr": "{since} itibarıyla duruyor: görüşme ertelendi. Sayılan süre: {used}. Devam edince kalan: {left}.",
    },
    "sla.paused.closed": {
        "en": "It is closed now, until {opens}. It is due on {due}. Time left: {left}.",
        "tr": "Şu an kapalı (açılış: {opens}). Son an: {due}. Kalan süre: {left}.",
    },
    "sla.was": {
        "en": "When the conversation changed last, it was to be due on {due}; what is promised has changed since.",
        "tr": "Görüşmedeki son değişiklikte son an {due} idi; verilen süre o zamandan beri değişti.",
    },
    "sla.outside": {
        "en": "Time outside the opening hours {calendar} does not count.",
        "tr": "{calendar} çalışma saatlerinin dışında kalan zaman sayılmaz.",
    },
    "sla.stages.acted": {"en": "Done: {stages}.", "tr": "Yapılanlar: {stages}."},
    "sla.stages.coming": {"en": "Still to come: {stages}.", "tr": "Sırada: {stages}."},
    "sla.stage.warning": {"en": "warning at {n} per cent on {time}", "tr": "yüzde {n} uyarısı {time}"},
    "sla.stage.breach": {"en": "the breach on {time}", "tr": "süre aşımı {time}"},
    "sla.stage.reminder": {"en": "reminder {n} on {time}", "tr": "{n}. hatırlatma {time}"},
    # by what
    "sla.mark.H": {"en": "the customer wrote", "tr": "müşteri yazdı"},
    "sla.mark.T": {"en": "the customer wrote", "tr": "müşteri yazdı"},
    "sla.mark.A": {"en": "{who} answered", "tr": "{who} yanıt verdi"},
    "sla.mark.B": {"en": "an automatic answer left", "tr": "otomatik yanıt gitti"},
    "sla.mark.W": {"en": "it waited for somebody", "tr": "görüşme sıraya girdi"},
    "sla.mark.O": {"en": "it was offered to {who}", "tr": "öneri sunuldu: {who}"},
    "sla.mark.C": {"en": "{who} had it", "tr": "görüşme temsilcide: {who}"},
    "sla.mark.P": {"en": "it was the customer's turn", "tr": "sıra müşteriye geçti"},
    "sla.mark.Z": {"en": "it was put aside", "tr": "görüşme ertelendi"},
    "sla.mark.R": {"en": "it was resolved", "tr": "görüşme çözüldü"},
    "sla.mark.X": {"en": "it was closed", "tr": "görüşme kapandı"},
    "sla.mark.": {"en": "as far back as is known", "tr": "bilinen en eski an"},
    # the lines of the sum
    "sla.line.counted": {"en": "counts", "tr": "sayılır"},
    "sla.line.pause": {"en": "pause", "tr": "duraklama"},
    "sla.line.holiday": {"en": "holiday", "tr": "tatil"},
    "sla.line.sum": {"en": "sum", "tr": "toplam"},
    "sla.on": {"en": "{day}, {hours}", "tr": "{day}, {hours}"},
    "sla.days": {"en": "{first} – {last}, {hours} each day", "tr": "{first} – {last}, her gün {hours}"},
    "sla.days.sum": {"en": "{n} × {each} = {amount}", "tr": "{n} × {each} = {amount}"},
    "sla.from.to": {"en": "{start} – {end}", "tr": "{start} – {end}"},
    "sla.holiday": {"en": "{time}: {name}", "tr": "{time}: {name}"},
    "sla.holiday.unnamed": {"en": "a day that is closed", "tr": "kapalı gün"},
    "sla.pause": {"en": "{time}: {why}", "tr": "{time}: {why}"},
    "sla.pause.pending": {"en": "the customer was to answer", "tr": "sıra müşterideydi"},
    "sla.pause.snoozed": {"en": "the conversation was put aside", "tr": "görüşme ertelenmişti"},
    "sla.pause.resolved": {"en": "the conversation was resolved", "tr": "görüşme çözülmüştü"},
    "sla.taken": {"en": "({amount})", "tr": "({amount})"},
    "sla.forward": {"en": "{text}; the clocks went forward by {amount}", "tr": "{text}; saatler ileri alındı ({amount})"},
    "sla.back": {"en": "{text}; the clocks went back by {amount}", "tr": "{text}; saatler geri alındı ({amount})"},
    "sla.sum.due": {"en": "due on {due}", "tr": "son an: {due}"},
    "sla.sum.open": {"en": "so far, of {amount}", "tr": "şimdiye kadar (verilen: {amount})"},
    # promises
    "sla.promise": {"en": "{who} promised on {time}: {what}, by {due}.", "tr": "{who} söz verdi ({time}): {what}, son an {due}."},
    "sla.promise.answer": {"en": "an answer", "tr": "yanıt"},
    "sla.promise.auto": {"en": "an automatic answer", "tr": "otomatik yanıt"},
    "sla.promise.called": {"en": "the policy", "tr": "politika"},
    "sla.promise.merge": {"en": "a conversation that is part of this one", "tr": "bu görüşmeye katılan görüşme"},
    "sla.promise.open": {"en": "It is open.", "tr": "Bekleniyor."},
    "sla.promise.broken": {"en": "It was not kept in time.", "tr": "Zamanında tutulmadı."},
    "sla.promise.kept": {"en": "It was kept on {time}.", "tr": "Söz tutuldu: {time}."},
    "sla.promise.taken_back": {"en": "It was taken back on {time}.", "tr": "Söz geri alındı: {time}."},
}  # fmt: skip
