"""The sentences of a message that does not leave, or not yet, and of what an experiment found. Data, by the code of the reason."""

from __future__ import annotations

from collections.abc import Mapping

from router.explaining_words import Said

OUTREACH: Mapping[str, Said] = {
    "outreach.send": {"en": "Nothing keeps it from leaving.", "tr": "Gönderilmesine engel yok."},
    # never
    "outreach.suppressed": {
        "en": "Not sent: nothing is sent to this address by {channel} ({source}).",
        "tr": "Gönderilmedi: bu adrese {channel} üzerinden mesaj gönderilmiyor ({source}).",
    },
    "outreach.consent.none": {
        "en": "Not sent: there is no consent to {purpose} messages by {channel}.",
        "tr": "Gönderilmedi: {channel} üzerinden {purpose} mesajları için onay yok.",
    },
    "outreach.consent.withdrawn": {
        "en": "Not sent: the consent to {purpose} messages by {channel} was withdrawn.",
        "tr": "Gönderilmedi: {channel} üzerinden {purpose} mesajları için onay geri alındı.",
    },
    "outreach.support.complaint": {
        "en": "Not sent: a complaint is not resolved ({conversation}).",
        "tr": "Gönderilmedi: çözülmemiş bir şikâyet var ({conversation}).",
    },
    "outreach.support.breach": {
        "en": "Not sent: we are late in a conversation ({conversation}).",
        "tr": "Gönderilmedi: süresi geçmiş bir görüşme var ({conversation}).",
    },
    "outreach.support.open": {
        "en": "Not sent: a conversation is not resolved ({conversation}).",
        "tr": "Gönderilmedi: çözülmemiş bir görüşme var ({conversation}).",
    },
    "outreach.stale": {
        "en": "Not sent: it made sense until {since} only.",
        "tr": "Gönderilmedi: zamanı geçti (son an: {since}).",
    },
    "outreach.stale.quiet": {
        "en": "Not sent: the quiet hours end at {until}, and it made sense until {since} only.",
        "tr": "Gönderilmedi: sessiz saatler bitmeden zamanı geçiyor (sessiz saatlerin bitişi: {until}, son an: {since}).",
    },
    "outreach.quiet.always": {
        "en": "Not sent: the quiet hours of such messages do not end.",
        "tr": "Gönderilmedi: bu tür mesajlar için sessiz saatler hiç bitmiyor.",
    },
    "outreach.cap.closed": {
        "en": "Not sent: the limits leave no slot for such {purpose} messages, on whatever day.",
        "tr": "Gönderilmedi: sınırlar bu tür {purpose} mesajlarına hiçbir gün yer bırakmıyor.",
    },
    "outreach.cap.day": {
        "en": "Not sent: the limit of {purpose} messages a day is {most}. Sent or more important: {campaigns}.",
        "tr": "Gönderilmedi: günlük {purpose} mesajı sınırı {most}. Gönderilen ya da daha önemli: {campaigns}.",
    },
    "outreach.cap.week": {
        "en": "Not sent: the limit of {purpose} messages in seven days is {most}. Sent or more important: {campaigns}.",
        "tr": "Gönderilmedi: yedi günlük {purpose} mesajı sınırı {most}. Gönderilen ya da daha önemli: {campaigns}.",
    },
    "outreach.cap.day.reserve": {
        "en": "Not sent: the limit of {purpose} messages a day is {most}, with {reserve} kept for what an event sets off. "
        "Sent or more important: {campaigns}.",
        "tr": "Gönderilmedi: günlük {purpose} mesajı sınırı {most}, olayların başlattığı mesajlara ayrılan: {reserve}. "
        "Gönderilen ya da daha önemli: {campaigns}.",
    },
    "outreach.cap.week.reserve": {
        "en": "Not sent: the limit of {purpose} messages in seven days is {most}, with {reserve} kept for what an event sets off. "
        "Sent or more important: {campaigns}.",
        "tr": "Gönderilmedi: yedi günlük {purpose} mesajı sınırı {most}, olayların başlattığı mesajlara ayrılan: {reserve}. "
        "Gönderilen ya da daha önemli: {campaigns}.",
    },
    "outreach.holdout": {
        "en": "Not sent: the person is in the holdout “{group}”, which shows what happens without it.",
        "tr": "Gönderilmedi: kişi “{group}” kontrol grubunda; bu grup mesaj almaz, etkisi onunla ölçülür.",
    },
    # not yet
    "outreach.held.quiet": {
        "en": "Held until {when}: the recipient's quiet hours.",
        "tr": "Bekletiliyor (bitiş: {when}): alıcının sessiz saatleri.",
    },
    "outreach.held.cap.day": {
        "en": "Held until {when}: the limit of {purpose} messages a day is {most}. Sent or more important: {campaigns}.",
        "tr": "Bekletiliyor (bitiş: {when}): günlük {purpose} mesajı sınırı {most}. Gönderilen ya da daha önemli: {campaigns}.",
    },
    "outreach.held.cap.week": {
        "en": "Held until {when}: the limit of {purpose} messages in seven days is {most}. Sent or more important: {campaigns}.",
        "tr": "Bekletiliyor (bitiş: {when}): yedi günlük {purpose} mesajı sınırı {most}. Gönderilen ya da daha önemli: {campaigns}.",
    },
    "outreach.held.cap.day.reserve": {
        "en": "Held until {when}: the limit of {purpose} messages a day is {most}, with {reserve} kept for what an event sets off. "
        "Sent or more important: {campaigns}.",
        "tr": "Bekletiliyor (bitiş: {when}): günlük {purpose} mesajı sınırı {most}, olayların başlattığı mesajlara ayrılan: {reserve}. "
        "Gönderilen ya da daha önemli: {campaigns}.",
    },
    "outreach.held.cap.week.reserve": {
        "en": "Held until {when}: the limit of {purpose} messages in seven days is {most}, with {reserve} kept for what an event "
        "sets off. Sent or more important: {campaigns}.",
        "tr": "Bekletiliyor (bitiş: {when}): yedi günlük {purpose} mesajı sınırı {most}, olayların başlattığı mesajlara "
        "ayrılan: {reserve}. Gönderilen ya da daha önemli: {campaigns}.",
    },
    # words in them
    "outreach.source.opt-out": {"en": "the customer asked to stop", "tr": "müşteri durdurmamızı istedi"},
    "outreach.source.by hand": {"en": "stopped by hand", "tr": "elle durduruldu"},
    "outreach.source.complaint": {"en": "a message was reported as spam", "tr": "bir mesaj istenmeyen olarak bildirildi"},
    "outreach.source.bounce": {"en": "a message bounced for good", "tr": "bir mesaj kalıcı olarak geri döndü"},
    "outreach.source": {"en": "the provider's word: {code}", "tr": "sağlayıcının bildirdiği: {code}"},
    "outreach.purpose.transactional": {"en": "transactional", "tr": "işlem"},
    "outreach.purpose.service": {"en": "service", "tr": "hizmet"},
    "outreach.purpose.marketing": {"en": "marketing", "tr": "pazarlama"},
    # experiments
    "outreach.per_cent": {"en": "{number}%", "tr": "%{number}"},
    "outreach.finding.more": {
        "en": "“{name}” does more than “{baseline}”: {rate}, a difference of {difference} points (from {low} to {high}).",
        "tr": "“{name}” sonucu “{baseline}” sonucundan yüksek: {rate}, fark {difference} puan (en az {low}, en çok {high}).",
    },
    "outreach.finding.less": {
        "en": "“{name}” does less than “{baseline}”: {rate}, a difference of {difference} points (from {low} to {high}).",
        "tr": "“{name}” sonucu “{baseline}” sonucundan düşük: {rate}, fark {difference} puan (en az {low}, en çok {high}).",
    },
    "outreach.finding.not_yet": {
        "en": "Not enough yet to tell “{name}” from “{baseline}”: {rate}, a difference of {difference} points (from {low} to {high}).",
        "tr": "“{name}” ile “{baseline}” arasında fark olduğunu söylemek için veri henüz yetersiz: {rate}, fark {difference} puan "
        "(en az {low}, en çok {high}).",
    },
    "outreach.finding.needed": {
        "en": "A difference of this size shows with some {needed} people in each group.",
        "tr": "Bu büyüklükte bir farkın görülmesi için grup başına gereken kişi sayısı: yaklaşık {needed}.",
    },
}  # fmt: skip
