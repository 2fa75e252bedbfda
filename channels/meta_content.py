"""What a message of Messenger or Instagram says: kind, text, files. The customer's own words are never changed.

Facts are from Meta's pages "messages Webhook Event Reference" (Messenger Platform), "Webhooks for Instagram Messaging" and
"Instagram Platform Webhook Notification Examples". Where somebody wrote nothing, words of ours in brackets say what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from channels import meta
from router.messages import Attachment, Kind

# Where Meta keeps files: fetched from there without credentials, by links that expire.
MEDIA_HOSTS = (".fbcdn.net", ".fbsbx.com", ".cdninstagram.com")

_FILES = {
    "image": "image/*",
    "video": "video/*",
    "audio": "audio/*",
    "file": "application/octet-stream",
    "sticker": "image/*",
    "reel": "video/*",
    "ig_reel": "video/*",
}
_LINKS = frozenset({"fallback", "location", "template"})
# Types whose name alone tells what was sent; the file may be missing (deleted since, or shown in the app only).
_SAID = {
    "story_mention": "(mentioned you in a story)",
    "ephemeral": "(sent a photo or video that only the app shows, for a short time)",
    "share": "(shared a post)",
    "post": "(shared a post)",
    "ig_post": "(shared a post)",
    "reel": "(shared a reel)",
    "ig_reel": "(shared a reel)",
    "ig_story": "(shared a story)",
    "like_heart": "❤️",
}
_PLAIN = frozenset({"image", "video", "audio", "file"})
_TAKEN = frozenset({"mid", "text", "seq", "nlp", "is_echo"})


class Content(NamedTuple):
    """The parts of a Message that its payload decides."""

    kind: Kind
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    refers_to: str | None = None
    payload: str | None = None
    raw: dict[str, Any] | None = None


def content_of(message: Mapping[str, Any]) -> Content:
    """Of `message`; UNKNOWN where Meta calls it unsupported or nothing in it can be shown."""
    own = words(message.get("text"))
    items = _undoubled([item for item in listed(message.get("attachments")) if isinstance(item, dict)])
    reply = dictionary(message.get("reply_to"))
    story = dictionary(reply.get("story"))
    files = tuple(file for item in items for file in _files(item)) + tuple(_story(story))
    text = "\n".join([line for line in (own, *_places_and_links(items, own)) if line])
    text = text or "\n".join(_described(items, story, message))
    tapped = words(dictionary(message.get("quick_reply")).get("payload")) or None
    if message.get("is_unsupported") is True or not (text or files or tapped):
        kind = Kind.UNKNOWN
    else:
        kind = Kind.POSTBACK if tapped else Kind.MESSAGE
    return Content(kind, text, files, identifier(reply.get("mid")) or None, tapped, _rest(message, items))


def words(value: object) -> str:
    """A string; empty for what is none."""
    return value if isinstance(value, str) else ""


def dictionary(value: object) -> dict[str, Any]:
    """An object; empty for what is none."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """A list; empty for what is none."""
    return value if isinstance(value, list) else []


def identifier(value: object) -> str:
    """An id: a string, or the number that older payloads have; empty for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return words(value).strip()


def link(value: object) -> str | None:
    """An http(s) URL; None for what is none."""
    text = words(value).strip()
    return text if text.startswith(("https://", "http://")) else None


def at_meta(url: str) -> bool:
    """Whether Meta itself keeps what the URL names."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    return parts.scheme == "https" and host.endswith(MEDIA_HOSTS)


def _undoubled(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what says the same once more.

    Until 30 August 2026 Meta sends each sticker as an image, too; Instagram tells of a post as a `share` and an `ig_post`.
    """
    others = {_url(item) for item in items if item.get("type") != "share"} - {None}
    items = [item for item in items if not (item.get("type") == "share" and _url(item) in others)]
    stickers = [dictionary(item.get("payload")) for item in items if item.get("type") == "sticker"]
    known = {identifier(s.get("sticker_id")) for s in stickers} | {words(s.get("url")) for s in stickers}
    known.discard("")

    def repeated(item: dict[str, Any]) -> bool:
        payload = dictionary(item.get("payload"))
        return item.get("type") == "image" and bool(
            known & {identifier(payload.get("sticker_id")), words(payload.get("url"))}
        )

    return [item for item in items if not repeated(item)]


def _files(item: dict[str, Any]) -> Iterator[Attachment]:
    """What can be fetched. A link to a page is no file, a product's picture is one."""
    kind, payload = words(item.get("type")), dictionary(item.get("payload"))
    url = _url(item)
    if kind == "template":
        for element in _elements(payload):
            picture = link(element.get("image_url"))
            if picture and at_meta(picture):
                yield Attachment(content_type="image/*", url=picture, filename=_name(element))
    elif url and (kind not in _LINKS or (kind == "fallback" and at_meta(url))):
        content_type = _FILES.get(kind, "application/octet-stream")
        yield Attachment(content_type=content_type, url=url, filename=_name(payload))


def _story(story: dict[str, Any]) -> Iterator[Attachment]:
    """The story a customer answers, as long as its link lives (24 hours)."""
    url = link(story.get("url"))
    if url:
        yield Attachment(content_type="application/octet-stream", url=url, filename="story")


def _name(payload: dict[str, Any]) -> str | None:
    return words(payload.get("title")).strip()[:200] or None


def _url(item: dict[str, Any]) -> str | None:
    payload = dictionary(item.get("payload"))
    return link(payload.get("url")) or link(item.get("url")) or link(payload.get("story_media_url"))


def _places_and_links(items: list[dict[str, Any]], own: str) -> Iterator[str]:
    """A place as a title and a geo: link; a shared link, unless the customer's words hold it already."""
    for item in items:
        payload = dictionary(item.get("payload"))
        title = words(item.get("title")) or words(payload.get("title"))
        if item.get("type") == "location":
            point = dictionary(payload.get("coordinates"))
            latitude, longitude = _degrees(point.get("lat")), _degrees(point.get("long"))
            if latitude and longitude:
                yield from (title, f"geo:{latitude},{longitude}")
        elif item.get("type") == "fallback":
            url = _url(item)
            target = _target(url) if url and not at_meta(url) else ""
            bare = target.partition("://")[2].removeprefix("www.").rstrip("/")
            if target and bare not in own:
                yield from ("" if own else title, target)
            elif not url and not own:
                yield title  # of some shared pages Meta tells no more


def _degrees(value: object) -> str:
    """A number, or the digits of one, as form-minded senders pass it on."""
    try:
        number = float(value) if isinstance(value, str) else value
    except ValueError:
        return ""
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not -180 <= number <= 180:
        return ""
    return str(value).strip()


def _target(url: str) -> str:
    """Where a link leads that Meta wrapped (l.facebook.com/l.php?u=...)."""
    try:
        parts = urlsplit(url)
        if parts.hostname in ("l.facebook.com", "l.instagram.com"):
            return link(parse_qs(parts.query).get("u", [""])[0]) or url
    except ValueError:
        pass
    return url


def _described(items: list[dict[str, Any]], story: dict[str, Any], message: Mapping[str, Any]) -> Iterator[str]:
    """What stands for the text where the customer wrote none."""
    order = dictionary(message.get("order"))
    product = identifier(dictionary(dictionary(message.get("referral")).get("product")).get("id"))
    if product and not items:
        yield f"(asks about the product {product})"
    if story:
        yield "(answered your story)"
    for item in items:
        kind, payload = words(item.get("type")), dictionary(item.get("payload"))
        if kind == "template":
            yield from _template(payload)
        elif kind == "appointment_booking":
            yield _appointment(payload)
        elif kind in ("story_mention", "ephemeral") or (kind in _SAID and not _url(item)):
            yield _SAID[kind]
    yield from ordered(order)


def ordered(order: dict[str, Any]) -> Iterator[str]:
    """A cart as lines: how many of what, and the customer's note."""
    for product in map(dictionary, listed(order.get("products"))):
        name = words(product.get("name")) or identifier(product.get("retailer_id")) or identifier(product.get("id"))
        if name:
            yield f"(ordered {identifier(product.get('quantity')) or 1} x {name})"
    if words(order.get("note")):
        yield words(order.get("note"))


def _appointment(payload: dict[str, Any]) -> str:
    """`requested`, `confirmed`, `declined` or `cancelled`, and when it begins, in UTC: Meta gives seconds."""
    state = words(payload.get("status")).strip() or "booked"
    begins = meta.seconds(payload.get("start_time"))
    return f"(appointment {state[:40]}" + (f": {begins:%Y-%m-%d %H:%M} UTC)" if begins else ")")


def _template(payload: dict[str, Any]) -> Iterator[str]:
    """A template's words: products that a customer asks about, and cards that the business sent."""
    said = [words(payload.get(name)).strip() for name in ("text", "intro_message")]
    said += [words(element.get(name)).strip() for element in _elements(payload) for name in ("title", "subtitle")]
    kind = words(payload.get("template_type"))
    yield from [text for text in said if text] or ([f"(a card of type '{kind}')"] if kind else [])


def _elements(payload: dict[str, Any]) -> list[dict[str, Any]]:
    found = listed(payload.get("elements")) + listed(dictionary(payload.get("product")).get("elements"))
    return [element for element in found if isinstance(element, dict)]


def _rest(message: Mapping[str, Any], items: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What no field of ours holds, by exclusion: Meta adds fields without notice."""
    rest = {name: value for name, value in message.items() if name not in _TAKEN and value is not None}
    if all(words(item.get("type")) in _PLAIN for item in items):
        rest.pop("attachments", None)
    if rest.get("reply_to") == {"mid": dictionary(rest.get("reply_to")).get("mid")}:
        del rest["reply_to"]
    if rest.get("quick_reply") == {"payload": dictionary(rest.get("quick_reply")).get("payload")}:
        del rest["quick_reply"]
    return rest or None
