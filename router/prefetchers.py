"""Who opens a link besides people: mail security gateways, previews of messengers, browsers that read ahead.

They are led on like everybody and are not counted: a click that no person made would end a journey, or let it go on. What a gateway
sends under the name of an ordinary browser cannot be told from a person; nobody can.
"""

from __future__ import annotations

from collections.abc import Mapping

_LIST = "github.com/monperrus/crawler-user-agents"
_GATEWAY = "senders' click logs: the few gateways that name themselves; most send a browser's name"
_LIBRARY = "a library's own name (RFC 9110, 10.1.5)"

PREFETCHERS: tuple[tuple[str, str], ...] = (
    # Previews of messengers and networks.
    ("facebookexternalhit", "Meta for Developers, 'Meta Web Crawlers': Facebook, Messenger, Instagram"),
    ("facebookcatalog", "the same"),
    ("meta-externalfetcher", "the same"),
    ("meta-externalagent", "the same"),
    ("facebot", _LIST),
    ("whatsapp/", _LIST + ": WhatsApp/2.23.20.0; who taps a link in it comes with the phone's browser"),
    ("telegrambot", _LIST + ": TelegramBot (like TwitterBot)"),
    ("twitterbot", _LIST + "; iMessage names it too, beside facebookexternalhit"),
    ("slackbot", "Slack API, 'Slack robots': Slackbot-LinkExpanding, Slackbot"),
    ("slack-imgproxy", "the same"),
    ("discordbot", _LIST),
    ("linkedinbot", _LIST),
    ("skypeuripreview", _LIST + ": Skype and Teams"),
    ("pinterestbot", _LIST),
    ("redditbot", _LIST),
    ("embedly", _LIST),
    # Search engines, and what mail programs ask through.
    ("googlebot", "Google Search Central, 'Google crawlers'"),
    ("google-read-aloud", "the same"),
    ("googleimageproxy", "Gmail's proxy of pictures"),
    ("yahoomailproxy", "Yahoo Mail's proxy of pictures"),
    ("bingbot", "Bing Webmaster, 'Which crawlers does Bing use?'"),
    ("bingpreview", "the same"),
    ("applebot", "Apple Support, 'About Applebot'"),
    ("yandexbot", _LIST),
    ("petalbot", _LIST),
    # Mail security gateways.
    ("barracuda", _GATEWAY),
    ("proofpoint", _GATEWAY),
    ("mimecast", _GATEWAY),
    ("ciscosecureemail", _GATEWAY),
    # Programs that nobody gave a name to; no browser of a person says this.
    ("headlesschrome", "Chromium without a window"),
    ("python-requests", _LIBRARY),
    ("python-urllib", _LIBRARY),
    ("aiohttp", _LIBRARY),
    ("go-http-client", _LIBRARY),
    ("okhttp", _LIBRARY),
    ("apache-httpclient", _LIBRARY),
    ("node-fetch", _LIBRARY),
    ("axios/", _LIBRARY),
    ("curl/", _LIBRARY),
    ("wget/", _LIBRARY),
)
"""What stands in such a program's User-Agent, in small letters, and where that is from."""

_AHEAD = (
    ("sec-purpose", "prefetch"),  # Fetch Standard, 'Sec-Purpose'; Chromium adds ;prerender
    ("purpose", "prefetch"),  # Chromium's <link rel=prefetch> (MDN, 'Sec-Purpose', compatibility)
    ("purpose", "preview"),  # Safari
    ("x-purpose", "preview"),
    ("x-moz", "prefetch"),  # Firefox before 115 (the same)
)
"""Headers by which a browser says that nobody has followed the link yet, and what they say first."""


def by_a_person(method: str, headers: Mapping[str, str]) -> bool:
    """Did a person follow the link, as far as anybody can tell? Headers have small names."""
    if method.upper() != "GET":
        return False
    if any(headers.get(name, "").strip().lower().startswith(said) for name, said in _AHEAD):
        return False
    agent = headers.get("user-agent", "").lower()
    return bool(agent.strip()) and not any(name in agent for name, _ in PREFETCHERS)
