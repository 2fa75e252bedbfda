"""What an explanation says, in English and in Turkish: data. `router.explaining_reader` fills it in.

A Turkish sentence is made so that no name, number or time in it needs a suffix. `KEY.1` is the singular of `KEY` where they differ.
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("en", "tr")
Said = Mapping[str, str]
"""A text by language."""

CHANNELS: Mapping[str, Said] = {
    "email": {"en": "e-mail", "tr": "e-posta"},
    "sms": {"en": "SMS", "tr": "SMS"},
    "whatsapp": {"en": "WhatsApp", "tr": "WhatsApp"},
    "messenger": {"en": "Messenger", "tr": "Messenger"},
    "instagram": {"en": "Instagram", "tr": "Instagram"},
    "telegram": {"en": "Telegram", "tr": "Telegram"},
    "webchat": {"en": "web chat", "tr": "web sohbeti"},
}
SPOKEN: Mapping[str, Said] = {
    "tr": {"en": "Turkish", "tr": "Türkçe"},
    "en": {"en": "English", "tr": "İngilizce"},
    "de": {"en": "German", "tr": "Almanca"},
    "fr": {"en": "French", "tr": "Fransızca"},
    "es": {"en": "Spanish", "tr": "İspanyolca"},
    "it": {"en": "Italian", "tr": "İtalyanca"},
    "nl": {"en": "Dutch", "tr": "Felemenkçe"},
    "ar": {"en": "Arabic", "tr": "Arapça"},
    "ru": {"en": "Russian", "tr": "Rusça"},
    "fa": {"en": "Persian", "tr": "Farsça"},
}
"""Languages as skills: `tr` is Turkish."""
PROOFS: Mapping[str, Said] = {
    "none": {"en": "not proved", "tr": "doğrulanmamış"},
    "weak": {"en": "weakly proved", "tr": "zayıf doğrulanmış"},
    "strong": {"en": "proved", "tr": "doğrulanmış"},
}
STATES: Mapping[str, Said] = {
    "online": {"en": "online", "tr": "çevrimiçi"},
    "away": {"en": "away", "tr": "uzakta"},
    "offline": {"en": "offline", "tr": "çevrimdışı"},
    "": {"en": "in the state “{label}”", "tr": "“{label}” durumunda"},
}
"""What an agent is up to; the last is a state of the configuration."""
DAYS: Mapping[str, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "tr": ("Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma", "Cumartesi", "Pazar"),
}
MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December"),
    "tr": ("Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"),
}  # fmt: skip
SPANS: Mapping[str, tuple[tuple[int, str, str], ...]] = {
    "en": ((86400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes"), (1, "second", "seconds")),
    "tr": ((86400, "gün", "gün"), (3600, "saat", "saat"), (60, "dakika", "dakika"), (1, "saniye", "saniye")),
}
NEEDS: Mapping[str, Said] = {
    "and": {"en": "and", "tr": "ve"},
    "or": {"en": "or", "tr": "veya"},
    "anybody": {"en": "anybody", "tr": "herhangi biri"},
    "nobody": {"en": "nobody", "tr": "hiç kimse"},
    "level": {"en": "{skill} at level {level} or higher", "tr": "en az {level}. seviye {skill}"},
    "not": {"en": "not {skill}", "tr": "{skill} hariç"},
}
"""The words of a requirement; `not` stands before what must not be had."""

REASONS: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    "presence": {
        "en": ("{n} {state}", "{state}", "you are {state}"),
        "tr": ("{n} kişi {state}", "{state}", "{state} görünüyorsunuz"),
    },
    "hours": {
        "en": ("{n} outside working hours", "outside working hours", "you are outside your working hours"),
        "tr": ("{n} kişi mesai dışında", "mesai dışında", "mesai saatlerinizin dışındasınız"),
    },
    "paused": {
        "en": (
            "{n} paused after missed offers",
            "paused after missed offers",
            "you are paused after missing several offers; anything you do ends it",
        ),
        "tr": (
            "{n} kişi öneri kaçırdığı için arada",
            "öneri kaçırdığı için arada",
            "art arda öneri kaçırdığınız için size ara verildi; herhangi bir işlem yapmanız arayı bitirir",
        ),
    },
    "wrap-up": {
        "en": (
            "{n} finishing their last conversation",
            "finishing their last conversation",
            "you are still finishing your last conversation",
        ),
        "tr": (
            "{n} kişi son görüşmesini toparlıyor",
            "son görüşmesini toparlıyor",
            "son görüşmenizi toparlıyorsunuz",
        ),
    },
    "permission": {
        "en": (
            "{n} not allowed to answer customers of “{what}”",
            "not allowed to answer customers of “{what}”",
            "you may not answer customers of “{what}”",
        ),
        "tr": (
            "{n} kişinin “{what}” müşterilerine yanıt verme izni yok",
            "“{what}” müşterilerine yanıt verme izni yok",
            "“{what}” müşterilerine yanıt verme izniniz yok",
        ),
    },
    "skill": {
        "en": ("{n} without {needs}", "without {needs}", "you do not have {needs}"),
        "tr": ("{n} kişinin {needs} becerisi yok", "{needs} becerisi yok", "{needs} beceriniz yok"),
    },
    "not": {
        "en": ("{n} ruled out for {needs}", "ruled out for {needs}", "{needs} rules you out"),
        "tr": (
            "{n} kişi {needs} becerisi yüzünden uygun değil",
            "{needs} becerisi yüzünden uygun değil",
            "{needs} beceriniz yüzünden uygun değilsiniz",
        ),
    },
    "declined": {
        "en": (
            "{n} not to be asked again so soon",
            "not to be asked again so soon",
            "you declined it, missed it or handed it on, and are not asked again so soon",
        ),
        "tr": (
            "{n} kişiye yeniden sormak için erken",
            "yeniden sormak için erken",
            "geri çevirdiğiniz, kaçırdığınız ya da aktardığınız için size yeniden sorulmasına daha var",
        ),
    },
    "capacity": {
        "en": (
            "{n} without enough room",
            "not enough room",
            "you do not have enough room: it takes {units} units",
        ),
        "tr": ("{n} kişide yeterli yer yok", "yeterli yeri yok", "yeterli yeriniz yok: {units} birim gerekiyor"),
    },
    "limit": {
        "en": (
            "{n} with as many conversations by {channel} as they may have",
            "as many conversations by {channel} as they may have",
            "you have as many conversations by {channel} as you may have",
        ),
        "tr": (
            "{n} kişi {channel} sınırına ulaştı",
            "{channel} sınırına ulaştı",
            "{channel} görüşmelerinde sınırınıza ulaştınız",
        ),
    },
    "configuration": {
        "en": ("{n} of another pool", "of another pool", "you work in another pool"),
        "tr": ("{n} kişi başka bir havuzda", "başka bir havuzda", "başka bir havuzda çalışıyorsunuz"),
    },
    "": {"en": ("{n}: {what}", "{what}", "{what}"), "tr": ("{n} kişi: {what}", "{what}", "{what}")},
}  # fmt: skip
"""Why somebody cannot take a conversation: of how many, after a name, and to the reader. The last is for one not known here."""

CHOSEN: Mapping[str, Said] = {
    "only": {"en": "nobody else could take it", "tr": "alabilecek başka kimse yoktu"},
    "last agent": {"en": "they had this conversation before", "tr": "bu görüşme daha önce de ondaydı"},
    "primary": {
        "en": "of those who could take it the most skilled (level {n})",
        "tr": "alabilecekler arasında becerisi en yüksek olandı (seviye {n})",
    },
    "secondary": {
        "en": "of those who could take it the most skilled, though it is not their main work (level {n})",
        "tr": "asıl işi olmasa da alabilecekler arasında becerisi en yüksek olandı (seviye {n})",
    },
    "fullest": {
        "en": "the fullest who still had room ({n} units free), which keeps the others free for larger work",
        "tr": "yeri olanların en dolusuydu ({n} birim boş); böylece ötekilerde büyük işlere yer kalıyor",
    },
    "longest idle": {"en": "free for the longest time", "tr": "en uzun süredir boştaydı"},
}

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

PHRASES: Mapping[str, Said] = {
    "title": {"en": "{customer}, by {channel}, in the queue {queue}", "tr": "{customer}, {channel} üzerinden, {queue} kuyruğu"},
    "zone": {"en": "Time zone: {zone}.", "tr": "Saat dilimi: {zone}."},
    "list": {"en": "{most} and {last}", "tr": "{most} ve {last}"},
    "more": {"en": "{n} more", "tr": "{n} kişi daha"},
    "part": {"en": "In the other thread: {text}", "tr": "Diğer yazışmada: {text}"},
    "machine": {"en": "the program “{name}”", "tr": "“{name}” programı"},
    "nobody": {"en": "somebody", "tr": "birisi"},
    "customer": {"en": "the customer", "tr": "müşteri"},
    "santral": {"en": "Santral", "tr": "Santral"},
    # how it began, and why so
    "began": {
        "en": "The customer wrote by {channel}. The conversation began in the queue {queue}.",
        "tr": "Müşteri {channel} üzerinden yazdı. Görüşme {queue} kuyruğunda başladı.",
    },
    "began.quiet": {"en": "The conversation began, by {channel}.", "tr": "Görüşme {channel} üzerinden başladı."},
    "terms": {"en": "Priority {priority}; to be answered within {span}.", "tr": "Öncelik {priority}; yanıt süresi {span}."},
    "terms.tier": {
        "en": "Priority {priority}, tier {tier}; to be answered within {span}.",
        "tr": "Öncelik {priority}, müşteri sınıfı {tier}; yanıt süresi {span}.",
    },
    "rule": {"en": "The rule {rule} matched because {why}.", "tr": "{rule} kuralı geçerli oldu, çünkü {why}."},
    "rule.always": {"en": "The rule {rule} holds for everything.", "tr": "{rule} kuralı her mesaj için geçerlidir."},
    "rule.plain": {"en": "The rule {rule} matched.", "tr": "{rule} kuralı geçerli oldu."},
    "rule.failed": {
        "en": "The rule {rule} had no answer for this message and was passed over.",
        "tr": "{rule} kuralı bu mesajda sonuç vermedi ve atlandı.",
    },
    "rule.failed.why": {
        "en": "The rule {rule} had no answer for this message and was passed over: {why}.",
        "tr": "{rule} kuralı bu mesajda sonuç vermedi ve atlandı: {why}.",
    },
    # what the matcher decided
    "wait": {
        "en": "Nobody could take it then, so it waited. It asked for: {needs}.",
        "tr": "O an alabilecek kimse yoktu, beklemeye başladı. Aranan: {needs}.",
    },
    "wait.on": {
        "en": "Nobody else could take it then, so it waited on. It asked for: {needs}.",
        "tr": "O an alabilecek başka kimse yoktu, beklemeyi sürdürdü. Aranan: {needs}.",
    },
    "wait.why": {"en": "Why nobody: {reasons}.", "tr": "Neden kimse alamadı: {reasons}."},
    "step": {
        "en": "After waiting for {span} it could go to more people. It asked for: {needs}.",
        "tr": "{span} geçince daha çok kişi alabilir oldu. Aranan: {needs}.",
    },
    "offered": {
        "en": "It was offered to {agent}, with {span} to accept.",
        "tr": "{agent} görüşme için öneri aldı, kabul süresi {span}.",
    },
    "given": {"en": "It was given to {agent}.", "tr": "Görüşmeyi {agent} aldı."},
    "chosen": {"en": "Why {agent}: {why}.", "tr": "Neden {agent}: {why}."},
    "asked": {"en": "It asked for: {needs}.", "tr": "Aranan: {needs}."},
    "also": {"en": "Could have taken it as well: {names}.", "tr": "Alabilecek diğer kişiler: {names}."},
    "also.count": {"en": "{n} others could have taken it as well.", "tr": "Alabilecek {n} kişi daha vardı."},
    "also.count.1": {"en": "One other could have taken it as well.", "tr": "Alabilecek bir kişi daha vardı."},
    "not.others": {"en": "Why not the others: {reasons}.", "tr": "Neden diğerleri değil: {reasons}."},
    "score": {
        "en": "Score {score} under the policy “{policy}”: it had waited {span}, priority {priority}, target {target}.",
        "tr": "“{policy}” politikasına göre puanı {score}: bekleme {span}, öncelik {priority}, hedef {target}.",
    },
    "guard": {
        "en": "It had waited so long that it went before all others.",
        "tr": "Çok uzun beklediği için herkesin önüne geçti.",
    },
    "others": {
        "en": "{n} other conversations could have been matched at that moment; the next was {next} (score {score}).",
        "tr": "O an {n} görüşme daha eşleşebilirdi; sırada {next} vardı (puan {score}).",
    },
    "others.1": {
        "en": "One other conversation could have been matched at that moment: {next} (score {score}).",
        "tr": "O an bir görüşme daha eşleşebilirdi: {next} (puan {score}).",
    },
    "steps": {"en": "Steps: {steps}.", "tr": "Adımlar: {steps}."},
    "steps.first": {"en": "at once {needs}", "tr": "önce {needs}"},
    "steps.then": {"en": "after {span} {needs}", "tr": "{span} sonra {needs}"},
    "unreadable": {
        "en": "A decision was made whose record cannot be read here.",
        "tr": "Kaydı burada okunamayan bir karar verildi.",
    },
    # offers, and who has it
    "accept": {"en": "{who} accepted.", "tr": "{who} kabul etti."},
    "decline": {"en": "{who} declined.", "tr": "{who} geri çevirdi."},
    "decline.reason": {"en": "The reason given: “{reason}”", "tr": "Belirttiği neden: “{reason}”"},
    "missed": {"en": "{who} did not answer the offer in time.", "tr": "{who} öneriyi zamanında yanıtlamadı."},
    "paused": {
        "en": "After {n} missed offers in a row {who} is paused until {time}, or until they do something.",
        "tr": "Art arda {n} öneri kaçırdığı için {who} bir süre öneri almayacak (bitiş: {time}, ya da ilk işlemi).",
    },
    "withdrawn": {
        "en": "The customer went on by {channel}, so the offer to {agent} was withdrawn.",
        "tr": "Müşteri {channel} üzerinden devam etti. {agent} için yapılan öneri geri çekildi.",
    },
    "withdrawn.away": {
        "en": "{who} was not there to answer ({state}), so the offer was withdrawn.",
        "tr": "{who} yerinde değildi ({state}). Öneri geri çekildi.",
    },
    "withdrawn.counts": {
        "en": "It counts neither as declined nor as missed.",
        "tr": "Bu, geri çevirme ya da kaçırma sayılmaz.",
    },
    "went.on": {"en": "The customer went on by {channel}.", "tr": "Müşteri {channel} üzerinden devam etti."},
    "again": {
        "en": "The customer wrote again, so it was in the line once more.",
        "tr": "Müşteri yeniden yazdı, görüşme yeniden sıraya girdi.",
    },
    "again.snoozed": {
        "en": "The customer wrote, which ended the snooze: it was in the line once more.",
        "tr": "Müşteri yazınca erteleme bitti, görüşme yeniden sıraya girdi.",
    },
    "again.plain": {"en": "It was in the line once more.", "tr": "Görüşme yeniden sıraya girdi."},
    "moved": {"en": "From then on its queue was {queue}.", "tr": "Bundan sonra kuyruğu {queue} oldu."},
    "take": {"en": "{who} took it by hand.", "tr": "{who} görüşmeyi kendisi üstlendi."},
    "waited": {"en": "It had waited {span} and asked for: {needs}.", "tr": "{span} beklemişti. Aranan: {needs}."},
    "assign": {"en": "{who} gave it to {agent}.", "tr": "{who} görüşmeyi atadı, yeni temsilci {agent}."},
    "before": {"en": "{agent} had it before.", "tr": "Önceki temsilci: {agent}."},
    "overruled": {
        "en": "That overruled what kept it from {agent}: {reason}.",
        "tr": "Bununla {agent} için olan engel aşıldı: {reason}.",
    },
    "transfer.queue": {"en": "{who} handed it to the queue {queue}.", "tr": "{who} görüşmeyi {queue} kuyruğuna aktardı."},
    "transfer.agent": {"en": "{who} handed it to {agent}.", "tr": "{who} görüşmeyi aktardı, yeni temsilci {agent}."},
    "transfer.skill": {
        "en": "{who} handed it on to whoever has: {needs}.",
        "tr": "{who} görüşmeyi şu beceri için aktardı: {needs}.",
    },
    "with.note": {"en": "With the note: “{note}”", "tr": "Notu: “{note}”"},
    "snooze": {"en": "{who} put it aside until {time}.", "tr": "{who} görüşmeyi erteledi (bitiş: {time})."},
    "awake": {
        "en": "The snooze was over: it was in the line once more.",
        "tr": "Erteleme süresi doldu, görüşme yeniden sıraya girdi.",
    },
    "left": {
        "en": "The customer left the chat before anybody had answered.",
        "tr": "Müşteri, kimse yanıtlamadan sohbetten ayrıldı.",
    },
    "left.answered": {"en": "The customer left the chat.", "tr": "Müşteri sohbetten ayrıldı."},
    "returned": {
        "en": "{who} was away and the customer waited for an answer, so it went back into the line.",
        "tr": "{who} yerinde değildi ve müşteri yanıt bekliyordu; görüşme sıraya geri döndü.",
    },
    "returned.place": {
        "en": "Its place in the line is by how long the customer has waited.",
        "tr": "Sıradaki yeri, müşterinin beklediği süreye göredir.",
    },
    "breach": {
        "en": "The first answer was due at {time} and had not been given.",
        "tr": "İlk yanıtın süresi doldu ({time}), yanıt verilmemişti.",
    },
    "reply": {"en": "{who} answered the customer.", "tr": "{who} müşteriye yanıt verdi."},
    "reply.many": {
        "en": "{who} answered the customer {n} times, the last time at {time}.",
        "tr": "{who} müşteriye {n} kez yanıt verdi (sonuncusu {time}).",
    },
    "note": {"en": "{who} wrote a note.", "tr": "{who} not yazdı."},
    "note.many": {
        "en": "{who} wrote {n} notes, the last one at {time}.",
        "tr": "{who} {n} not yazdı (sonuncusu {time}).",
    },
    "resolve": {"en": "{who} resolved it.", "tr": "{who} görüşmeyi çözdü."},
    "reopen": {
        "en": "{who} reopened it: it was in the line once more.",
        "tr": "{who} görüşmeyi yeniden açtı, görüşme yeniden sıraya girdi.",
    },
    "tag.add": {"en": "{who} tagged it: {tags}.", "tr": "{who} etiket ekledi: {tags}."},
    "tag.remove": {"en": "{who} took off the tags: {tags}.", "tr": "{who} etiket kaldırdı: {tags}."},
    "tag.both": {
        "en": "{who} changed the tags. Added: {tags}. Taken off: {gone}.",
        "tr": "{who} etiketleri değiştirdi. Eklenen: {tags}. Kaldırılan: {gone}.",
    },
    "category": {"en": "{who} said what it is about: {to}.", "tr": "{who} konusunu belirledi: {to}."},
    "category.none": {"en": "{who} took off what it is about.", "tr": "{who} konusunu kaldırdı."},
    "spam": {"en": "{who} marked it as spam.", "tr": "{who} istenmeyen olarak işaretledi."},
    "not_spam": {
        "en": "{who} said that it is no spam: it was in the line once more.",
        "tr": "{who} istenmeyen olmadığını belirtti, görüşme yeniden sıraya girdi.",
    },
    "unblocked": {"en": "Its author is heard again.", "tr": "Yazanın engeli de kalktı."},
    "block": {
        "en": "{who} blocked the customer, and it was resolved with that.",
        "tr": "{who} müşteriyi engelledi, görüşme böylece çözüldü.",
    },
    "opted_out": {
        "en": "The customer asked that nothing more is sent by {channel}.",
        "tr": "Müşteri {channel} üzerinden artık mesaj istemediğini bildirdi.",
    },
    "opted_in": {
        "en": "The customer wants messages by {channel} again.",
        "tr": "Müşteri {channel} üzerinden yeniden mesaj istediğini bildirdi.",
    },
    "verification": {
        "en": "{who} had a one-time code sent by {channel}, to prove an address.",
        "tr": "{who} bir adresi doğrulamak için {channel} üzerinden tek kullanımlık kod gönderdi.",
    },
    "start": {"en": "{who} wrote to the customer first.", "tr": "Müşteriye önce {who} yazdı."},
    "resend": {"en": "{who} had a message sent again.", "tr": "{who} bir mesajı yeniden gönderdi."},
    "discard": {
        "en": "{who} decided that a message stays unsent.",
        "tr": "{who} bir mesajın gönderilmemesine karar verdi.",
    },
    "merged.here": {
        "en": "Another conversation of the same person became part of it.",
        "tr": "Aynı kişinin başka bir görüşmesi buna katıldı.",
    },
    "merged.away": {
        "en": "It became part of another conversation of the same person: {other}.",
        "tr": "Aynı kişinin başka bir görüşmesine katıldı: {other}.",
    },
    "joined.by": {"en": "{who} said that they are one person.", "tr": "Aynı kişi olduklarını {who} belirtti."},
    "joined.proof": {"en": "A proof showed that they are one person.", "tr": "Aynı kişi oldukları doğrulandı."},
    "parted": {
        "en": "{who} said that they are two people: what is somebody else's went its own way.",
        "tr": "{who} iki ayrı kişi olduklarını belirtti, başkasına ait olanlar ayrıldı.",
    },
    "other": {"en": "{who}: {what}.", "tr": "{who}: {what}."},
    # how it stands
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
