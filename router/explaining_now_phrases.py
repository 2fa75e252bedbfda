"""The sentences that say how a conversation stands, and why nobody has taken it yet. Data, as `router.explaining_phrases`."""

from __future__ import annotations

from collections.abc import Mapping

from router.explaining_words import Said

NOW: Mapping[str, Said] = {
    "now.offered": {
        "en": "It is offered to {agent}, until {time}.",
        "tr": "Öneri şu an {agent} için açık (bitiş: {time}).",
    },
    "now.active": {
        "en": "{agent} has it, and the customer waits for an answer.",
        "tr": "Görüşmeyle {agent} ilgileniyor, müşteri yanıt bekliyor.",
    },
    "now.answered": {
        "en": "{agent} has it and has answered.",
        "tr": "Görüşmeyle {agent} ilgileniyor, son sözü o söyledi.",
    },
    "now.pending": {
        "en": "{agent} has it, and it is the customer's turn.",
        "tr": "Görüşmeyle {agent} ilgileniyor, sıra müşteride.",
    },
    "now.snoozed": {
        "en": "It is put aside until {time}, or until the customer writes; it stays with {agent}.",
        "tr": "Ertelendi (bitiş: {time}, ya da müşterinin ilk mesajı). Temsilcisi {agent}.",
    },
    "now.resolved": {"en": "It is resolved.", "tr": "Görüşme çözüldü."},
    "now.closed": {"en": "It is closed for good.", "tr": "Görüşme kapandı."},
    "now.part": {"en": "It is part of another conversation: {other}.", "tr": "Artık başka bir görüşmenin parçası: {other}."},
    "now.waiting": {
        "en": "It has been waiting for {span} and asks for: {needs}.",
        "tr": "Bekleme süresi {span}. Aranan: {needs}.",
    },
    "now.judged": {
        "en": "Who could take it was looked at just now, at {time}; this is not on record.",
        "tr": "Kimin alabileceğine az önce bakıldı (saat {time}); bu bakış kayda geçmedi.",
    },
    "now.why": {"en": "Why nobody has taken it yet: {reasons}.", "tr": "Neden henüz kimse almadı: {reasons}."},
    "now.fit": {
        "en": "Could take it now: {names}. Unless something more urgent goes first, the next match gives it to {agent}.",
        "tr": "Şu an alabilecekler: {names}. Daha acil bir iş yoksa sıradaki eşleştirmede {agent} alır.",
    },
    "now.fit.count": {
        "en": "{n} colleagues could take it now; unless something more urgent goes first, the next match gives it to one of them.",
        "tr": "Şu an {n} kişi alabilir; daha acil bir iş yoksa sıradaki eşleştirmede biri alır.",
    },
    "now.fit.count.1": {
        "en": "One colleague could take it now and gets it at the next match, unless something more urgent goes first.",
        "tr": "Şu an bir kişi alabilir; daha acil bir iş yoksa sıradaki eşleştirmede alır.",
    },
    "now.empty": {"en": "Nobody works in its pool {pool}.", "tr": "{pool} havuzunda çalışan kimse yok."},
    "now.fit.others": {"en": "Of the others: {reasons}.", "tr": "Diğerleri: {reasons}."},
    "now.you": {"en": "You: {reason}.", "tr": "Siz: {reason}."},
    "now.you.could": {"en": "You: you could take it.", "tr": "Siz: görüşmeyi alabilirsiniz."},
    "now.you.until": {"en": "{reason} (until {time})", "tr": "{reason} (bitiş: {time})"},
    "now.you.pool": {
        "en": "You: you work in the pool {yours}, and this waits in the pool {pool}.",
        "tr": "Siz: {yours} havuzundasınız, bu görüşme ise {pool} havuzunda bekliyor.",
    },
    "now.step": {
        "en": "From {time} on it asks for: {needs}. Of those who are there now, {n} could take it then.",
        "tr": "{time} itibarıyla aranan: {needs}. Şu an yerinde olanlardan {n} kişi o zaman alabilir.",
    },
    "now.step.none": {
        "en": "From {time} on it asks for: {needs}. Of those who are there now nobody could take it even then.",
        "tr": "{time} itibarıyla aranan: {needs}. Şu an yerinde olanlardan kimse o zaman da alamaz.",
    },
    "now.step.same": {
        "en": "From {time} on it asks for: {needs}.",
        "tr": "{time} itibarıyla aranan: {needs}.",
    },
    "now.barred": {
        "en": "From {time} on {agent} may be asked again.",
        "tr": "{time} itibarıyla yeniden sorulabilir: {agent}.",
    },
    "now.barred.somebody": {
        "en": "From {time} on a colleague who had it offered before may be asked again.",
        "tr": "{time} itibarıyla daha önce öneri alan bir kişiye yeniden sorulabilir.",
    },
    "now.barred.you": {
        "en": "From {time} on you may be asked again.",
        "tr": "{time} itibarıyla size yeniden sorulabilir.",
    },
    "now.back": {"en": "{reason}: the first is back at {time}.", "tr": "{reason}: ilk dönüş {time}."},
    "now.still": {
        "en": "Time alone changes nothing: somebody has to come in, or come free.",
        "tr": "Bekleme tek başına bir şeyi değiştirmez: birinin gelmesi ya da boşalması gerek.",
    },
    "now.preferred": {
        "en": "It goes to {agent} first, if they can take it: they had it before.",
        "tr": "Alabilecek durumdaysa önce {agent} alır: daha önce de ondaydı.",
    },
    "now.due": {"en": "The first answer is due by {time}.", "tr": "İlk yanıt için son saat: {time}."},
    "now.late": {"en": "The first answer has been due since {time}.", "tr": "İlk yanıtın süresi doldu: {time}."},
    "now.due.next": {"en": "The next answer is due by {time}.", "tr": "Sonraki yanıt için son saat: {time}."},
    "now.late.next": {"en": "The next answer has been due since {time}.", "tr": "Sonraki yanıtın süresi doldu: {time}."},
    "now.score": {
        "en": "Its score is {score} under the policy “{policy}”.",
        "tr": "“{policy}” politikasına göre puanı {score}.",
    },
    "now.version": {"en": "Configuration {version}.", "tr": "Yapılandırma {version}."},
    "now.no.queue": {
        "en": "Its queue {queue} is no longer in the configuration; the next sweep moves it to another one.",
        "tr": "{queue} kuyruğu artık yapılandırmada yok; sıradaki tarama görüşmeyi başka bir kuyruğa taşır.",
    },
    "now.other.pool": {
        "en": "Its queue belongs to the pool {pool} by now; the next sweep moves it there.",
        "tr": "Kuyruğu artık {pool} havuzunda; sıradaki tarama görüşmeyi oraya taşır.",
    },
}  # fmt: skip
