"""On what grounds a rule matched: a sentence for each fact that a condition may ask for. Data."""

from __future__ import annotations

from collections.abc import Mapping

from router.explaining_words import Said

FACTS: Mapping[str, Said] = {
    "message.text.words": {"en": "the message says {value}", "tr": "mesajda {value} geçiyor"},
    "message.subject.words": {"en": "the subject says {value}", "tr": "konu satırında {value} geçiyor"},
    "message.text": {"en": "the text of the message fits", "tr": "mesajın metni uyuyor"},
    "message.subject": {"en": "the subject fits", "tr": "konu satırı uyuyor"},
    "message.payload": {"en": "the button that was tapped fits", "tr": "dokunulan düğme uyuyor"},
    "message.channel": {"en": "it came by {channel}", "tr": "{channel} üzerinden geldi"},
    "message.kind": {"en": "the message is of the kind “{value}”", "tr": "mesajın türü “{value}”"},
    "message.proof": {"en": "the sender's address is {proof}", "tr": "gönderenin adresi {proof}"},
    "message.language": {"en": "the message is in {language}", "tr": "mesajın dili {language}"},
    "message.files": {"en": "attached files: {value}", "tr": "ekli dosya sayısı {value}"},
    "message.automatic.true": {"en": "a machine wrote it", "tr": "mesajı bir makine yazdı"},
    "message.automatic.false": {"en": "a person wrote it", "tr": "mesajı bir insan yazdı"},
    "message.sender.address": {"en": "the sender's address fits", "tr": "gönderenin adresi uyuyor"},
    "message.sender.name": {"en": "the sender's name fits", "tr": "gönderenin adı uyuyor"},
    "message.sender.domain": {"en": "the sender's domain fits", "tr": "gönderenin alan adı uyuyor"},
    "contact.known.true": {"en": "we know the customer", "tr": "müşteri tanıdık"},
    "contact.known.false": {"en": "the customer is new", "tr": "müşteri yeni"},
    "contact.name": {"en": "the customer's name fits", "tr": "müşterinin adı uyuyor"},
    "contact.language": {"en": "the customer's language is {language}", "tr": "müşterinin dili {language}"},
    "contact.channels": {
        "en": "the customer has written by {channels}",
        "tr": "müşterinin yazdığı kanallar: {channels}",
    },
    "contact.since": {
        "en": "the customer has been known since {time}",
        "tr": "müşteri şu tarihten beri tanıdık: {time}",
    },
    "contact.messagesInHours": {
        "en": "it is the customer's message number {value} within {first} hours",
        "tr": "müşterinin son {first} saatteki mesaj sayısı {value}",
    },
    "conversation.number": {
        "en": "it is the customer's conversation number {value}",
        "tr": "müşterinin {value}. görüşmesi",
    },
    "conversation.reopened.true": {"en": "the customer came back to it", "tr": "müşteri görüşmeye geri döndü"},
    "conversation.reopened.false": {"en": "it is a new conversation", "tr": "görüşme yeni"},
    "conversation.tags_before": {"en": "its tags before: {value}", "tr": "önceki etiketler: {value}"},
    "conversation.category_before": {"en": "what it was about before: {value}", "tr": "önceki konu: {value}"},
    "conversation.contactsInDays": {
        "en": "it is the customer's visit number {value} about {first} within {second} days",
        "tr": "müşteri son {second} gün içinde {first} konusuyla {value} kez geldi",
    },
    "inbox.name": {"en": "it came to the inbox {value}", "tr": "{value} kutusuna geldi"},
    "inbox.queue": {"en": "its inbox leads to the queue {value}", "tr": "kutusunun kuyruğu {value}"},
    "inbox.brand": {"en": "it is for the brand {value}", "tr": "markası {value}"},
    "inbox.language": {"en": "its inbox is for {language}", "tr": "kutusunun dili {language}"},
    "open.true": {"en": "it came within the hours {first}", "tr": "{first} saatleri içinde geldi"},
    "open.false": {"en": "it came outside the hours {first}", "tr": "{first} saatleri dışında geldi"},
    "now": {"en": "it came at {time}", "tr": "geliş zamanı {time}"},
    "now.getHours": {"en": "the clock's hour in {first} was {value}", "tr": "saat {value} civarıydı ({first})"},
    "now.getDayOfWeek": {"en": "it was a {day} in {first}", "tr": "günlerden {day} ({first})"},
    "": {"en": "{fact} is {value}", "tr": "{fact}: {value}"},
}
"""On what grounds a rule matched, by fact; the last is for one not known here."""
