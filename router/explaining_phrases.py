"""The sentences of a story: what happened, and what there is to say of it. Data.

A Turkish sentence is made so that no name, number or time in it needs a suffix. `KEY.1` is the singular of `KEY` where they differ.
"""

from __future__ import annotations

from collections.abc import Mapping

from router.explaining_words import Said

STORY: Mapping[str, Said] = {
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
        "en": "After {span} of waiting it asked for: {needs}.",
        "tr": "Bekleme {span} sürünce aranan değişti: {needs}.",
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
    "withdrawn.away": {
        "en": "{who} was not there to answer ({state}), so the offer was withdrawn.",
        "tr": "{who} yerinde değildi ({state}). Öneri geri çekildi.",
    },
    "withdrawn.counts": {
        "en": "It counts neither as declined nor as missed.",
        "tr": "Bu, geri çevirme ya da kaçırma sayılmaz.",
    },
    "withdrawn": {
        "en": "The customer went on by {channel}, so the offer to {agent} was withdrawn.",
        "tr": "Müşteri {channel} üzerinden devam etti. {agent} için yapılan öneri geri çekildi.",
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
    "before.offered": {
        "en": "The offer to {agent} was withdrawn.",
        "tr": "{agent} için yapılan öneri geri çekildi.",
    },
    "overruled": {
        "en": "That overruled what kept it from {agent}: {reason}.",
        "tr": "Bununla {agent} için olan engel aşıldı: {reason}.",
    },
    "transfer.queue": {"en": "{who} handed it to the queue {queue}.", "tr": "{who} görüşmeyi {queue} kuyruğuna aktardı."},
    "transfer.agent": {"en": "{who} handed it to {agent}.", "tr": "{who} görüşmeyi aktardı, yeni temsilci {agent}."},
    "transfer.skill": {
        "en": "{who} handed it on. It asked for: {needs}.",
        "tr": "{who} görüşmeyi aktardı. Aranan: {needs}.",
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
    "promise": {
        "en": "{who} promised the customer until {until}: {what}.",
        "tr": "{who} müşteriye söz verdi, en geç {until}: {what}.",
    },
    "promise.auto": {
        "en": "An automatic answer told the customer to expect an answer by {until}.",
        "tr": "Otomatik yanıt müşteriye en geç {until} yanıt verileceğini söyledi.",
    },
    "promise.answer": {"en": "an answer", "tr": "yanıt"},
    "promise_kept": {"en": "{who} did what was promised.", "tr": "{who} verilen sözü yerine getirdi."},
    "promise_taken_back": {"en": "{who} took a promise back.", "tr": "{who} verilen sözü geri aldı."},
    "scored": {"en": "{who} scored it.", "tr": "{who} puan verdi."},
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
}  # fmt: skip
