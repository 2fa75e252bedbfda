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
    "outreach.blocked": {
        "en": "Not sent: the person is blocked.",
        "tr": "Gönderilmedi: kişi engellenmiş.",
    },
    "outreach.unreachable": {
        "en": "Not sent: there is no address that the message could go to.",
        "tr": "Gönderilmedi: mesajın gidebileceği bir adres yok.",
    },
    "outreach.template": {
        "en": "Not sent: template {template} cannot be filled in: {what}.",
        "tr": "Gönderilmedi: {template} şablonu doldurulamıyor: {what}.",
    },
    "outreach.window": {
        "en": "Not sent: {channel} takes no free text from us now.",
        "tr": "Gönderilmedi: {channel} şu anda serbest metin kabul etmiyor.",
    },
    "outreach.long": {
        "en": "Not sent: the text is longer than one message on {channel}.",
        "tr": "Gönderilmedi: metin {channel} için tek mesaja sığmıyor.",
    },
    "outreach.failed": {
        "en": "Not sent: {channel} refused it for good, and there is no other way.",
        "tr": "Gönderilmedi: {channel} mesajı kesin olarak reddetti, başka yol da yok.",
    },
    "outreach.segment": {"en": "Not sent: it is not for this person.", "tr": "Gönderilmedi: bu kişi kapsamda değil."},
    "outreach.again": {
        "en": "Not sent: the person got this campaign on {since} already.",
        "tr": "Gönderilmedi: kişi bu kampanyayı daha önce aldı ({since}).",
    },
    "outreach.survey.recent": {
        "en": "Not sent: the person was asked not long ago.",
        "tr": "Gönderilmedi: kişiye kısa süre önce soruldu.",
    },
    "outreach.survey.once": {
        "en": "Not sent: this conversation was asked about before.",
        "tr": "Gönderilmedi: bu görüşme daha önce soruldu.",
    },
    "outreach.cancelled": {"en": "Ended: the campaign was cancelled.", "tr": "Bitti: kampanya iptal edildi."},
    "outreach.discarded": {
        "en": "Ended: somebody decided that the message stays unsent.",
        "tr": "Bitti: bir görevli mesajın gönderilmemesine karar verdi.",
    },
    "outreach.gone": {
        "en": "Ended: the person, the campaign or its template is not there any more.",
        "tr": "Bitti: kişi, kampanya ya da şablonu artık yok.",
    },
    "outreach.joined": {
        "en": "Ended: the person is part of another contact, where it goes on.",
        "tr": "Bitti: kişi başka bir kişiyle birleştirildi, devamı orada.",
    },
    "outreach.parted": {
        "en": "Ended: what set it off was somebody else's, who had been taken for the same person.",
        "tr": "Bitti: başlatan olay, aynı kişi sanılan başka birine aitti.",
    },
    "outreach.reply": {"en": "Ended: the person answered.", "tr": "Bitti: kişi yanıt verdi."},
    "outreach.click": {"en": "Ended: the person followed a link.", "tr": "Bitti: kişi bağlantıyı açtı."},
    "outreach.complaint": {"en": "Ended: a complaint is not resolved.", "tr": "Bitti: çözülmemiş bir şikâyet var."},
    "outreach.exit": {"en": "Ended by an event: {what}.", "tr": "Bir olayla bitti: {what}."},
    "outreach.done": {"en": "All its steps are done.", "tr": "Tamamlandı."},
    "outreach.parked": {
        "en": "Nobody knows whether the message left: a person decides (santral parked).",
        "tr": "Mesajın gidip gitmediği bilinmiyor: bir görevli karar verecek (santral parked).",
    },
    # how a journey stands
    "outreach.stage.planned": {"en": "Planned for {when}.", "tr": "Planlandı: {when}."},
    "outreach.stage.sending": {"en": "A message is on its way.", "tr": "Mesaj yolda."},
    "outreach.stage.waiting": {"en": "Waits until {when}.", "tr": "Bekliyor (bitiş: {when})."},
    "outreach.sent": {"en": "Sent: {n} messages.", "tr": "Gönderildi: {n} mesaj."},
    "outreach.sent.1": {"en": "Sent: 1 message.", "tr": "Gönderildi: 1 mesaj."},
    # a person's journeys
    "outreach.title": {"en": "{customer}: what we wrote first, and why not", "tr": "{customer}: ilk bizim yazdıklarımız ve nedenleri"},
    "outreach.nothing": {"en": "No campaign has begun for this person.", "tr": "Bu kişi için başlamış bir kampanya yok."},
    "outreach.begun": {"en": "{campaign}, begun {when}", "tr": "{campaign}, başlangıç: {when}"},
    "outreach.detail.channel": {"en": "By {channel}.", "tr": "Kanal: {channel}."},
    "outreach.detail.variant": {"en": "Variant: {name}.", "tr": "Varyant: {name}."},
    "outreach.detail.click": {"en": "They followed a link.", "tr": "Bağlantıyı açtı."},
    "outreach.detail.reply": {"en": "They answered.", "tr": "Yanıt verdi."},
    "outreach.detail.score": {"en": "They gave a score: {kind} {value}.", "tr": "Puan verdi: {kind} {value}."},
    "outreach.detail.reached": {"en": "They reached the goal.", "tr": "Hedefe ulaştı."},
    # not yet
    "outreach.held.budget": {
        "en": "Held until {when}: the run has spent its budget.",
        "tr": "Bekletiliyor (bitiş: {when}): çalıştırmanın bütçesi bitti.",
    },
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
    # in a few words, for lists
    "outreach.short.suppressed": {"en": "nothing is sent to the address", "tr": "adrese gönderim durdurulmuş"},
    "outreach.short.consent.none": {"en": "no consent", "tr": "onay yok"},
    "outreach.short.consent.withdrawn": {"en": "consent withdrawn", "tr": "onay geri alınmış"},
    "outreach.short.support.complaint": {"en": "an open complaint", "tr": "çözülmemiş şikâyet"},
    "outreach.short.support.breach": {"en": "support is late", "tr": "destek gecikmiş"},
    "outreach.short.support.open": {"en": "an open conversation", "tr": "açık görüşme"},
    "outreach.short.quiet": {"en": "held: quiet hours", "tr": "bekliyor: sessiz saatler"},
    "outreach.short.stale": {"en": "too late", "tr": "zamanı geçti"},
    "outreach.short.stale.quiet": {"en": "too late after quiet hours", "tr": "sessiz saatlerden sonra geç"},
    "outreach.short.quiet.always": {"en": "always quiet hours", "tr": "hep sessiz saat"},
    "outreach.short.cap.day": {"en": "limit of the day", "tr": "günlük sınır"},
    "outreach.short.cap.week": {"en": "limit of seven days", "tr": "haftalık sınır"},
    "outreach.short.cap.day.reserve": {"en": "limit of the day, less the reserve", "tr": "günlük sınır (ayrılan pay)"},
    "outreach.short.cap.week.reserve": {"en": "limit of seven days, less the reserve", "tr": "haftalık sınır (ayrılan pay)"},
    "outreach.short.cap.closed": {"en": "limits leave no slot", "tr": "sınırlar yer bırakmıyor"},
    "outreach.short.holdout": {"en": "in the holdout", "tr": "kontrol grubunda"},
    "outreach.short.blocked": {"en": "blocked", "tr": "engellenmiş"},
    "outreach.short.unreachable": {"en": "no address for it", "tr": "uygun adres yok"},
    "outreach.short.template": {"en": "the template cannot be filled in", "tr": "şablon doldurulamıyor"},
    "outreach.short.window": {"en": "no free text now", "tr": "serbest metin kapalı"},
    "outreach.short.long": {"en": "too long", "tr": "çok uzun"},
    "outreach.short.failed": {"en": "refused by every channel", "tr": "her kanal reddetti"},
    "outreach.short.segment": {"en": "not for this person", "tr": "kapsam dışı"},
    "outreach.short.again": {"en": "got it lately", "tr": "yakında aldı"},
    "outreach.short.survey.recent": {"en": "asked lately", "tr": "yakında soruldu"},
    "outreach.short.survey.once": {"en": "asked about before", "tr": "daha önce soruldu"},
    "outreach.short.cancelled": {"en": "cancelled", "tr": "iptal edildi"},
    "outreach.short.discarded": {"en": "discarded by a person", "tr": "elle vazgeçildi"},
    "outreach.short.gone": {"en": "person or campaign is gone", "tr": "kişi ya da kampanya yok"},
    "outreach.short.joined": {"en": "goes on under another contact", "tr": "başka kişide sürüyor"},
    "outreach.short.parted": {"en": "set off by somebody else's event", "tr": "başkasının olayı"},
    "outreach.short.reply": {"en": "answered", "tr": "yanıt verdi"},
    "outreach.short.click": {"en": "followed a link", "tr": "bağlantıyı açtı"},
    "outreach.short.complaint": {"en": "an open complaint", "tr": "çözülmemiş şikâyet"},
    "outreach.short.exit": {"en": "ended by an event", "tr": "olayla bitti"},
    "outreach.short.done": {"en": "done", "tr": "tamamlandı"},
    "outreach.short.parked": {"en": "outcome unknown: a person decides", "tr": "sonucu belirsiz: görevli karar verecek"},
    "outreach.short.budget": {"en": "held: the budget is spent", "tr": "bekliyor: bütçe bitti"},
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
