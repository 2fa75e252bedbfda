"""Answers by Messenger and Instagram: one call, one message of text or one file, within the time Meta allows.

Facts are from Meta's pages "Send API Reference", "Message Tags", "Quick Replies" and "Button Template" (Messenger Platform),
"Send a Message" and "Upload Media for Instagram Messaging". Quoting an earlier message is not documented and not done.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urljoin

from channels import meta
from channels.base import Credentials, HttpRequest, HttpResponse, Limits, Outgoing
from channels.meta_content import at_meta, identifier
from channels.reading import json_object
from router.errors import Rejected, Temporary, Unknown, Unparsable
from router.limits import utf16
from router.messages import Attachment, Direction, Message, Option

WINDOW = timedelta(hours=24)
HUMAN_WINDOW = timedelta(days=7)  # tag HUMAN_AGENT: a person answers, and Meta approved the app for it
MAX_TEXT_OVER_BUTTONS = 640
MB = 1024 * 1024
_FAMILIES = ("image", "video", "audio")


def render(
    outgoing: Outgoing, credentials: Credentials, limits: Limits, account: str, *, host: str = meta.GRAPH, mark: bool
) -> HttpRequest:
    """A POST to the account's messages. `mark`: our send id goes along as metadata and comes back in the echo."""
    message = outgoing.message
    if message.direction is not Direction.OUTBOUND:
        raise Rejected(f"a message of direction '{message.direction}' is not sent", code="direction")
    token = credentials.get("access_token")
    if not token:
        raise Rejected("the inbox has no access_token", credentials=True)
    if len(message.recipients) != 1 or not message.recipients[0].address:
        raise Rejected("exactly one recipient is needed, by the id Meta gave for this account", code="recipient")
    body: dict[str, Any] = {
        "recipient": {"id": message.recipients[0].address},
        **_occasion(outgoing),
        "message": _content(message, limits) | ({"metadata": message.id} if mark else {}),
    }
    return HttpRequest(
        "POST",
        f"{host}/{quote(account, safe='')}/messages",
        {"authorization": f"Bearer {token}", "content-type": "application/json", "accept": "application/json"},
        json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii"),
    )


def interpret(response: HttpResponse) -> str:
    """The message's id. A 2xx without one is Unknown; what else an answer means is said in channels/meta_errors.py."""
    if 200 <= response.status < 300:
        try:
            mid = identifier(json_object(response.body).get("message_id"))
        except Unparsable:
            mid = ""
        if mid:
            return mid
        raise Unknown(f"Meta answered {response.status} without a message_id")
    return meta.refused(response)


def fetch(attachment: Attachment, answer: HttpResponse | None) -> HttpRequest | None:
    """A GET without credentials, and where its answer leads on, as long as that is Meta's. None: the answer is the file."""
    if answer is None:
        return _get(attachment.url)
    if 200 <= answer.status < 300:
        return None
    if answer.status in (301, 302, 303, 307, 308):
        where = next((value for name, value in answer.headers.items() if name.lower() == "location"), "")
        try:
            return _get(urljoin(attachment.url or "", where) if where else None)
        except ValueError:
            return _get(None)
    if answer.status in (403, 404, 410):
        raise Rejected("the file's link at Meta has expired, or the sender withdrew it", code="expired")
    if answer.status >= 500 or answer.status in (408, 429):
        raise Temporary(f"Meta answered {answer.status} for a file")
    raise Rejected(f"Meta answered {answer.status} for a file", code="fetch")


def _get(url: str | None) -> HttpRequest:
    if not url or not at_meta(url):
        raise Rejected("not a file that Meta keeps: open the link in the message", code="host")
    return HttpRequest("GET", url, {}, timeout=20)


def _occasion(outgoing: Outgoing) -> dict[str, str]:
    """An answer within 24 hours; within 7 days if a person wrote it, no machine, and the inbox may say so."""
    since = outgoing.since_heard
    if since is not None and since < WINDOW:
        return {"messaging_type": "RESPONSE"}
    human = outgoing.inbox.settings.get("human_agent") is True
    author = outgoing.message.author or ""
    by_machine = outgoing.automatic or author.startswith("client:")
    if since is not None and since < HUMAN_WINDOW and human and not by_machine:
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    if since is None:
        raise Rejected(
            "the customer has not written on this channel: only they can begin a conversation", code="window"
        )
    if human:
        raise Rejected(
            "the customer last wrote too long ago: Meta takes answers for 24 hours, a person's for 7 days",
            code="window",
        )
    raise Rejected(
        "the customer last wrote more than 24 hours ago (an app that Meta approved for Human Agent has 7 days: set"
        " human_agent)",
        code="window",
    )


def _content(message: Message, limits: Limits) -> dict[str, Any]:
    text, files, options = message.text, message.attachments, message.options
    if files and text.strip():
        raise Rejected("a file carries no text here: they are two messages", code="attachments")
    if not files and not text.strip():
        raise Rejected("there is no text to send", code="empty")
    _check_options(options, limits)
    if files:
        content: dict[str, Any] = {"attachment": _file(files, limits)}
    else:
        size = limits.length(text)
        if limits.text is not None and size > limits.text:
            unit = "bytes in UTF-8" if limits.unit == "bytes" else "characters"
            raise Rejected(f"the text has {size} {unit}, at most {limits.text} are taken", code="too_long")
        content = {"text": text}
    if any(option.url for option in options):
        return {"attachment": {"type": "template", "payload": _buttons(text, options, limits, bool(files))}}
    if options:
        content["quick_replies"] = [
            {"content_type": "text", "title": option.title, "payload": option.payload or option.title}
            for option in options
        ]
    return content


def _check_options(options: tuple[Option, ...], limits: Limits) -> None:
    if len(options) > limits.buttons:
        raise Rejected(f"there are {len(options)} options, at most {limits.buttons} are shown", code="options")
    if not all(option.title.strip() for option in options):
        raise Rejected("an option has no title", code="options")
    if any(utf16(option.title) > limits.button_title for option in options):
        raise Rejected(f"an option's title has more than {limits.button_title} characters", code="options")


def _buttons(text: str, options: tuple[Option, ...], limits: Limits, files: bool) -> dict[str, Any]:
    """A card: text, and buttons under it that stay. Quick replies cannot open links."""
    if files or len(options) > limits.link_buttons:
        raise Rejected(f"links to tap are at most {limits.link_buttons} buttons under a text", code="options")
    if utf16(text) > MAX_TEXT_OVER_BUTTONS:
        raise Rejected(f"a text over buttons has at most {MAX_TEXT_OVER_BUTTONS} characters", code="too_long")
    if any(option.url and not option.url.startswith("https://") for option in options):
        raise Rejected("a button's link must begin with https://", code="options")
    buttons = [
        {"type": "web_url", "title": option.title, "url": option.url}
        if option.url
        else {"type": "postback", "title": option.title, "payload": option.payload or option.title}
        for option in options
    ]
    return {"template_type": "button", "text": text, "buttons": buttons}


def _file(files: tuple[Attachment, ...], limits: Limits) -> dict[str, Any]:
    if len(files) > limits.files:
        raise Rejected(
            f"{len(files)} files are {len(files)} messages: at most {limits.files} in one", code="attachments"
        )
    (file,) = files
    most, plain = limits.largest(file.content_type), file.content_type.partition(";")[0].strip().lower()
    if not most:
        raise Rejected(f"files of type '{plain[:60]}' are not taken", code="file_type")
    if file.size is not None and file.size > most:
        raise Rejected(f"the file has {file.size} bytes, at most {most} of its type are taken", code="file_size")
    if not file.url or not file.url.startswith("https://"):
        raise Rejected("the file has no https link from which Meta could take it", code="attachments")
    family = plain.partition("/")[0]
    kind = family if family in _FAMILIES else "file"
    return {"type": kind, "payload": {"url": file.url, "is_reusable": False}}
