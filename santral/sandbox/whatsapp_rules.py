"""What the Cloud API takes, judged as Meta does. No I/O.

Limits are from Meta's pages "Messages" (Cloud API reference), "Interactive reply buttons messages", "Interactive list
messages", "Interactive call-to-action URL button messages" and "Media".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from santral.sandbox.judging import Wrong, distinct, fields, items, link, one_of, text
from santral.sandbox.meta import GraphError
from santral.sandbox.world import Bubble, Button, File

MEGABYTE = 1024 * 1024
KINDS = {
    "image": ({"image/jpeg", "image/png"}, 5 * MEGABYTE),
    "audio": ({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, 16 * MEGABYTE),
    "video": ({"video/mp4", "video/3gpp"}, 16 * MEGABYTE),
    "document": ({"*"}, 100 * MEGABYTE),
    "sticker": ({"image/webp"}, 500_000),
}
_ENVELOPE = ("messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data")
_NUMBER = re.compile(r"\+?[0-9]{5,20}")
_USER = re.compile(r"[A-Z]{2}\.[0-9A-Za-z]{5,}")
_TEMPLATE = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


@dataclass(slots=True)
class Judged:
    """A message that Meta takes. `customer` is the number with its plus, or the user id."""

    to: str
    customer: str
    kind: str
    text: str = ""
    link: str = ""
    filename: str = ""
    buttons: list[Button] = field(default_factory=list)
    menu: str = ""
    keys: str = ""
    refers_to: str | None = None
    reaction: str | None = None
    template: bool = False
    mark: str = ""

    def bubble(self, id_: str, inbox: str, at: str) -> Bubble:
        """How the customer sees it."""
        return Bubble(
            id_, "whatsapp", "to-customer", inbox, self.customer, self.text, at, "queued", buttons=self.buttons,
            menu=self.menu, keys=self.keys, refers_to=self.refers_to, mark=self.mark,
        )  # fmt: skip


def judge(asked: dict[str, Any]) -> Judged:
    """A message to send. Raises GraphError as the Cloud API words it."""
    try:
        return _judge(asked)
    except Wrong as wrong:
        raise GraphError(400, 100, "(#100) Invalid parameter", details=str(wrong)) from None


def judge_read(asked: dict[str, Any]) -> None:
    """A mark that a message was read, perhaps with a typing indicator. Raises GraphError."""
    try:
        fields(asked, "message", ("messaging_product", "status", "message_id", "typing_indicator"), ("message_id",))
    except Wrong as wrong:
        raise GraphError(400, 100, "(#100) Invalid parameter", details=str(wrong)) from None


def fits(kind: str, file: File) -> bool:
    """Does WhatsApp take a file of this type and size as this kind?"""
    types, most = KINDS[kind]
    return len(file.data) <= most and any(fnmatchcase(file.type.partition(";")[0], one) for one in types)


def _judge(asked: dict[str, Any]) -> Judged:
    kind = one_of(asked.get("type", "text"), "type", _CONTENTS)
    fields(asked, "message", (*_ENVELOPE, kind), ("messaging_product", kind))
    one_of(asked["messaging_product"], "messaging_product", ("whatsapp",))
    one_of(asked.get("recipient_type", "individual"), "recipient_type", ("individual", "group"))
    to = asked.get("to", asked.get("recipient"))
    if not isinstance(to, str) or not (_NUMBER.fullmatch(to) or _USER.fullmatch(to)):
        raise Wrong("The parameter to is required, a phone number or a user id.")
    judged = Judged(to, to if _USER.fullmatch(to) else "+" + to.lstrip("+"), kind)
    if "context" in asked:
        context = fields(asked["context"], "context", ("message_id",), ("message_id",))
        judged.refers_to = text(context["message_id"], "context['message_id']", 500)
    if "biz_opaque_callback_data" in asked:
        judged.mark = text(asked["biz_opaque_callback_data"], "biz_opaque_callback_data", 512)
    _CONTENTS[kind](judged, asked[kind])
    return judged


def _text(judged: Judged, value: Any) -> None:
    fields(value, "text", ("body", "preview_url"), ("body",))
    judged.text = text(value["body"], "text['body']", 4096)


def _media(judged: Judged, value: Any) -> None:
    kind = judged.kind
    allowed = {"link", "id"} | ({"caption"} if kind in ("image", "video", "document") else set())
    allowed |= {"filename"} if kind == "document" else {"voice"} if kind == "audio" else set()
    fields(value, kind, allowed)
    if len({"link", "id"} & set(value)) != 1:
        raise Wrong(f"The parameter {kind} must have either 'id' or 'link'.")
    if "id" in value:
        raise Wrong(f"Param {kind}['id'] is not a valid whatsapp business account media attachment ID.")
    judged.link = link(value["link"], f"{kind}['link']")
    judged.text = text(value.get("caption", ""), f"{kind}['caption']", 1024, least=0)
    judged.filename = text(value.get("filename", ""), "document['filename']", 240, least=0)


def _interactive(judged: Judged, value: Any) -> None:
    fields(value, "interactive", ("type", "header", "body", "footer", "action"), ("type", "body", "action"))
    kind = one_of(value["type"], "interactive['type']", ("button", "list", "cta_url"))
    body = fields(value["body"], "interactive['body']", ("text",), ("text",))
    judged.text = text(body["text"], "interactive['body']['text']", 4096 if kind == "list" else 1024)
    if "header" in value:
        _header(judged, value["header"])
    if "footer" in value:
        footer = fields(value["footer"], "interactive['footer']", ("text",), ("text",))
        judged.text += "\n" + text(footer["text"], "interactive['footer']['text']", 60)
    {"button": _buttons, "list": _list, "cta_url": _link}[kind](judged, value["action"])


def _header(judged: Judged, value: Any) -> None:
    kinds = ("text", "image", "video", "document")
    kind = one_of(value.get("type") if isinstance(value, dict) else None, "interactive['header']['type']", kinds)
    header = fields(value, "interactive['header']", ("type", kind), (kind,))
    if kind == "text":
        judged.text = text(header["text"], "interactive['header']['text']", 60) + "\n" + judged.text
        return
    file = fields(header[kind], kind, ("link", "filename") if kind == "document" else ("link",), ("link",))
    judged.link, judged.kind = link(file["link"], f"{kind}['link']"), kind
    judged.filename = text(file.get("filename", ""), "document['filename']", 240, least=0)


def _buttons(judged: Judged, action: Any) -> None:
    fields(action, "action", ("buttons",), ("buttons",))
    for button in items(action["buttons"], "interactive['action']['buttons']", 3):
        fields(button, "button", ("type", "reply"), ("type", "reply"))
        one_of(button["type"], "button['type']", ("reply",))
        reply = fields(button["reply"], "reply", ("id", "title"), ("id", "title"))
        judged.buttons.append(Button(text(reply["title"], "reply['title']", 20), text(reply["id"], "reply['id']", 256)))
    distinct([button.payload for button in judged.buttons], "reply['id']")
    distinct([button.title for button in judged.buttons], "reply['title']")
    judged.keys = "reply"


def _list(judged: Judged, action: Any) -> None:
    fields(action, "action", ("button", "sections"), ("button", "sections"))
    judged.menu = text(action["button"], "interactive['action']['button']", 20)
    sections = items(action["sections"], "interactive['action']['sections']", 10)
    for section in sections:
        fields(section, "section", ("title", "rows"), ("title", "rows") if len(sections) > 1 else ("rows",))
        text(section.get("title", ""), "section['title']", 24, least=0)
        for row in items(section["rows"], "section['rows']", 10):
            fields(row, "row", ("id", "title", "description"), ("id", "title"))
            note = text(row.get("description", ""), "row['description']", 72, least=0)
            title = text(row["title"], "row['title']", 24)
            judged.buttons.append(Button(title, text(row["id"], "row['id']", 200), note=note))
    if len(judged.buttons) > 10:
        raise Wrong("Total row count exceed max allowed count: 10")
    distinct([button.payload for button in judged.buttons], "row['id']")
    judged.keys = "list"


def _link(judged: Judged, action: Any) -> None:
    fields(action, "action", ("name", "parameters"), ("name", "parameters"))
    one_of(action["name"], "action['name']", ("cta_url",))
    given = fields(action["parameters"], "parameters", ("display_text", "url"), ("display_text", "url"))
    title = text(given["display_text"], "parameters['display_text']", 20)
    judged.buttons.append(Button(title, url=link(given["url"], "parameters['url']")))


def _template(judged: Judged, value: Any) -> None:
    fields(value, "template", ("name", "language", "components"), ("name", "language"))
    language = fields(value["language"], "language", ("code", "policy"), ("code",))
    code = text(language["code"], "language['code']", 20)
    name = text(value["name"], "template['name']", 512)
    if not _TEMPLATE.fullmatch(name) or not _LANGUAGE.fullmatch(code):
        details = f"template name ({name}) does not exist in {code}"
        raise GraphError(404, 132001, "(#132001) Template name does not exist in the translation", details=details)
    given: list[str] = []
    for component in items(value.get("components", []), "template['components']", 20, 0):
        fields(component, "component", ("type", "sub_type", "index", "parameters"), ("type",))
        kind = one_of(str(component["type"]).lower(), "component['type']", ("header", "body", "button"))
        for parameter in items(component.get("parameters", []), "component['parameters']", 100, 0):
            if kind == "body":
                one = fields(parameter, "parameter", ("type", "text", "parameter_name"), ("type", "text"))
                given.append(text(one["text"], "parameter['text']", 1024))
    judged.template, judged.keys = True, "template"
    judged.text = f"[{name}, {code}]" + "".join(f"\n• {one}" for one in given)


def _reaction(judged: Judged, value: Any) -> None:
    fields(value, "reaction", ("message_id", "emoji"), ("message_id",))
    judged.refers_to = text(value["message_id"], "reaction['message_id']", 500)
    judged.reaction = text(value.get("emoji", ""), "reaction['emoji']", 20, least=0)


def _location(judged: Judged, value: Any) -> None:
    fields(value, "location", ("latitude", "longitude", "name", "address"), ("latitude", "longitude"))
    judged.text = "\n".join(
        str(value[name]) for name in ("name", "address", "latitude", "longitude") if value.get(name)
    )


_CONTENTS: dict[str, Callable[[Judged, Any], None]] = {
    "text": _text,
    "interactive": _interactive,
    "template": _template,
    "reaction": _reaction,
    "location": _location,
    **dict.fromkeys(KINDS, _media),
}
