"""The sentences about deadlines: a stage's have its kind and its target as the key, `did.` is what the policy had done then. Data."""

from __future__ import annotations

from collections.abc import Mapping

from router.explaining_words import Said

DEADLINES: Mapping[str, Said] = {
    "warning.accept": {
        "en": "{share} % of the time to take it had passed; it was to be taken by {time}.",
        "tr": "Üstlenme süresinin yüzde {share} kadarı geçti (süre sonu: {time}).",
    },
    "warning.first_response": {
        "en": "{share} % of the time for the first answer had passed; it was due at {time}.",
        "tr": "İlk yanıt süresinin yüzde {share} kadarı geçti (süre sonu: {time}).",
    },
    "warning.next_response": {
        "en": "{share} % of the time for the next answer had passed; it was due at {time}.",
        "tr": "Sonraki yanıt süresinin yüzde {share} kadarı geçti (süre sonu: {time}).",
    },
    "warning.resolution": {
        "en": "{share} % of the time to resolve it had passed; it was due at {time}.",
        "tr": "Çözüm süresinin yüzde {share} kadarı geçti (süre sonu: {time}).",
    },
    "warning.promise": {
        "en": "{share} % of the time that was promised had passed; it was due at {time}.",
        "tr": "Söz verilen sürenin yüzde {share} kadarı geçti (süre sonu: {time}).",
    },
    "breach.accept": {
        "en": "It was to be taken by {time}, and nobody had taken it.",
        "tr": "Üstlenme süresi doldu ({time}), kimse üstlenmemişti.",
    },
    "breach.first_response": {
        "en": "The first answer was due at {time} and had not been given.",
        "tr": "İlk yanıtın süresi doldu ({time}), yanıt verilmemişti.",
    },
    "breach.next_response": {
        "en": "The next answer was due at {time} and had not been given.",
        "tr": "Sonraki yanıtın süresi doldu ({time}), yanıt verilmemişti.",
    },
    "breach.resolution": {
        "en": "It was to be resolved by {time}, and was not.",
        "tr": "Çözüm süresi doldu ({time}), görüşme çözülmemişti.",
    },
    "breach.promise": {
        "en": "What was promised was due at {time} and had not been done.",
        "tr": "Verilen sözün süresi doldu ({time}), söz tutulmamıştı.",
    },
    "reminder.accept": {"en": "Still nobody had taken it.", "tr": "Hâlâ kimse üstlenmemişti."},
    "reminder.first_response": {
        "en": "The first answer had still not been given.",
        "tr": "İlk yanıt hâlâ verilmemişti.",
    },
    "reminder.next_response": {
        "en": "The next answer had still not been given.",
        "tr": "Sonraki yanıt hâlâ verilmemişti.",
    },
    "reminder.resolution": {"en": "It was still not resolved.", "tr": "Görüşme hâlâ çözülmemişti."},
    "reminder.promise": {
        "en": "What was promised had still not been done.",
        "tr": "Verilen söz hâlâ tutulmamıştı.",
    },
    "did.priority": {
        "en": "Its priority was raised from {before} to {after}.",
        "tr": "Önceliği yükseltildi: önce {before}, şimdi {after}.",
    },
    "did.queue": {"en": "It moved to the queue {queue}.", "tr": "{queue} kuyruğuna taşındı."},
    "did.relaxed": {
        "en": "From then on it asked for what it would have asked for in the end.",
        "tr": "Bundan sonra, en sonda aranacak olan arandı.",
    },
    "did.watchers": {"en": "Watching from then on: {names}.", "tr": "Bundan sonra izleyenler: {names}."},
    "did.told": {"en": "The customer was written to.", "tr": "Müşteriye yazıldı."},
    "did.untold": {
        "en": "The customer was not written to: the channel was closed, or they had enough messages that day.",
        "tr": "Müşteriye yazılmadı: kanal kapalıydı ya da o gün yeterince mesaj almıştı.",
    },
    "did.voucher": {"en": "The code for the customer: {code}.", "tr": "Müşteri için kod: {code}."},
    "did.desk": {"en": "The desks of those concerned were told.", "tr": "İlgili masalara bildirildi."},
    "did.mailed": {"en": "Mail went to {to}.", "tr": "E-posta gönderildi: {to}."},
    "did.webhooks": {"en": "Webhooks that were told: {names}.", "tr": "Bildirilen webhook: {names}."},
    "did.call": {"en": "Somebody was to call the customer by {time}.", "tr": "Müşteri aranacaktı (en geç {time})."},
}  # fmt: skip
