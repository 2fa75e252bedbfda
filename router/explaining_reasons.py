"""Why somebody could not take a conversation, and why of those who could it was one of them. Data."""

from __future__ import annotations

from collections.abc import Mapping

from router.explaining_words import Said

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
    "together": {
        "en": (
            "{n} ruled out for having {needs} together",
            "ruled out for having {needs} together",
            "{needs} together rule you out",
        ),
        "tr": (
            "{n} kişi {needs} becerileri bir arada olduğu için uygun değil",
            "{needs} becerileri bir arada olduğu için uygun değil",
            "{needs} becerileriniz bir arada olduğu için uygun değilsiniz",
        ),
    },
    "but": {
        "en": ("{n} with {held} but without {lacked}", "with {held} but without {lacked}", "you have {held} but not {lacked}"),
        "tr": ("{n} kişide {held} var, {lacked} yok", "{held} var, {lacked} yok", "sizde {held} var, {lacked} yok"),
    },
    "unmet": {
        "en": ("{n} not meeting {needs}", "not meeting {needs}", "you do not meet {needs}"),
        "tr": (
            "{n} kişi şunu karşılamıyor: {needs}",
            "şunu karşılamıyor: {needs}",
            "şunu karşılamıyorsunuz: {needs}",
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
"""Why somebody cannot take a conversation: of how many, after a name, and to the reader. The last is for one not known here.

Of a skill there are five, which `router.explaining_needs.unmet` tells apart.
"""

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
