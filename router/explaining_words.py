"""What an explanation calls things, in English and in Turkish: channels, languages, states, days, spans. Data."""

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
