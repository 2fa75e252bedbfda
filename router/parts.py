"""What an answer becomes on its channel: one or several sends, each within the channel's limits, nothing dropped unsaid.

| an answer has | the channel carries | it becomes |
|---|---|---|
| a text longer than one message | any limit | several messages, cut at a paragraph, a sentence or a word |
| options to tap | as many buttons, or rows of a list | buttons, or a list, under the last message of the text |
| options to tap | fewer, shorter, or none | a numbered list under the text; the number typed back is understood |
| two options of the same title | any buttons | a numbered list |
| options with a link | no link buttons, or none for http:// | the title and the link on a line of their own |
| files | several in one message | one message with the text |
| files | one, with a caption | a message each, the text as the first one's caption where it fits |
| files | one, without a caption | the text, then a message each |
| a file of a type or size it does not take | | refused before it is sent, with the limit in words |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from router.errors import Invalid
from router.limits import Limits, utf16
from router.messages import Attachment, Option, Template

MOST_PARTS = 10
_LINK_TITLE = 20  # UTF-16 units: WhatsApp's and Meta's


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody wants to say, or one message's share of it."""

    text: str = ""
    files: tuple[Attachment, ...] = ()
    options: tuple[Option, ...] = ()
    template: Template | None = None
    refers_to: str | None = None


@dataclass(frozen=True, slots=True)
class Parted:
    """The messages, and what their numbered list stands for: payloads, in its order."""

    parts: tuple[Answer, ...]
    numbered: tuple[str, ...] = ()


def parts(answer: Answer, limits: Limits, channel: str) -> Parted:
    """Split and degrade by the table above. Raises Invalid for what the channel cannot carry in any form."""
    if answer.template is not None:
        if not limits.templates:
            raise Invalid(f"{channel} has no templates; write a text", field="template")
        return Parted((answer,))
    _check_files(answer.files, limits, channel)
    answer, numbered = _degrade(answer, limits)
    texts = _texts(answer, limits)
    made: list[Answer] = []
    files = list(answer.files)
    if files and limits.files > 1:
        made += [Answer(files=tuple(files[i : i + limits.files])) for i in range(0, len(files), limits.files)]
    else:
        made += [Answer(files=(file,)) for file in files]
    caption = limits.caption if limits.caption is not None else limits.text
    fits = len(texts) == 1 and (caption is None or limits.length(texts[0]) <= caption)
    if made and fits and not answer.options:
        made[0] = replace(made[0], text=texts[0])
    else:
        made = [Answer(text=text) for text in texts] + made
        last = max((i for i, one in enumerate(made) if one.text), default=None)
        if answer.options and last is not None:
            made.append(replace(made.pop(last), options=answer.options))  # what is to be tapped comes last
    if not made:
        raise Invalid("there is nothing to send", field="text")
    if len(made) > MOST_PARTS:
        raise Invalid(f"that would be {len(made)} messages on {channel}; at most {MOST_PARTS} are sent", field="text")
    made[0] = replace(made[0], refers_to=answer.refers_to)
    return Parted(tuple(made), numbered)


def _check_files(files: Iterable[Attachment], limits: Limits, channel: str) -> None:
    for file in files:
        most = limits.largest(file.content_type)
        if limits.files == 0:
            raise Invalid(f"{channel} carries no files", field="attachments")
        if most == 0:
            taken = ", ".join(limits.file_bytes)
            raise Invalid(
                f"{channel} takes no files of type {file.content_type}; it takes {taken}", field="attachments"
            )
        if (file.size or 0) > most:
            raise Invalid(
                f"{channel} takes {file.content_type} up to {most / 1024 / 1024:.1f} MB; this has {(file.size or 0) / 1024 / 1024:.1f}",
                field="attachments",
            )


def _degrade(answer: Answer, limits: Limits) -> tuple[Answer, tuple[str, ...]]:
    """Options the channel shows as they are stay; others become lines of the text."""
    if not answer.text.strip():
        answer = replace(answer, text="")
    if not answer.options:
        return answer, ()
    links = [one for one in answer.options if one.url is not None]
    taps = [one for one in answer.options if one.url is None]
    titles = [utf16(one.title) for one in taps]
    buttons = len(taps) <= limits.buttons and all(size <= limits.button_title for size in titles)
    menu = len(taps) <= limits.menu and all(size <= limits.menu_title for size in titles)
    shown = (buttons or menu) and _told_apart(answer.options) and _carried_back(taps, limits) and answer.text != ""
    linked = not links or (
        len(links) + len(taps) <= limits.link_buttons
        and all(utf16(one.title) <= _LINK_TITLE and (one.url or "").startswith("https://") for one in links)
    )
    if shown and linked and (buttons or not links):
        return answer, ()
    if shown and taps:
        lines = [f"{one.title}: {one.url}" for one in links]
        return replace(answer, text=_lines(answer.text, lines), options=tuple(taps)), ()
    lines = [f"{number}. {one.title}" for number, one in enumerate(taps, 1)]
    lines += [f"{one.title}: {one.url}" for one in links]
    return replace(answer, text=_lines(answer.text, lines), options=()), tuple(one.payload or one.title for one in taps)


def _told_apart(options: Sequence[Option]) -> bool:
    """Has each its own title, and sends back something of its own? Meta refuses twins."""
    titles = [one.title.strip() for one in options]
    payloads = [one.payload or one.title.strip() for one in options if one.url is None]
    return "" not in titles and len(set(titles)) == len(titles) and len(set(payloads)) == len(payloads)


def _carried_back(taps: Sequence[Option], limits: Limits) -> bool:
    most = limits.button_payload
    return most is None or all(len((one.payload or one.title).encode("utf-8", "surrogatepass")) <= most for one in taps)


def _texts(answer: Answer, limits: Limits) -> list[str]:
    """The text in pieces that fit, the last one under its options."""
    texts = cut(answer.text, limits) if answer.text else []
    linked = any(one.url is not None for one in answer.options)
    many = sum(one.url is None for one in answer.options) > limits.buttons
    over = limits.link_text if linked else None if many or not answer.options else limits.button_text
    if texts and over is not None:
        texts[-1:] = cut(texts[-1], replace(limits, text=over))
    return texts


def _lines(text: str, lines: Sequence[str]) -> str:
    return "\n".join([*([text, ""] if text else []), *lines])


_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])\s+"), re.compile(r"\s+"))


def cut(text: str, limits: Limits) -> list[str]:
    """A text in pieces that fit, cut where a reader would pause; joined they hold every word."""
    most = limits.text
    pieces: list[str] = []
    rest = text
    while most is not None and limits.length(rest) > most:
        at = _fitting(rest, limits, most)
        head = rest[:at]
        for pause in _BREAKS:
            places = [found.end() for found in pause.finditer(head) if found.start() > at // 3]
            if places:
                at = places[-1]
                break
        piece, rest = rest[:at].rstrip(), rest[at:].lstrip()
        if piece:
            pieces.append(piece)
        if len(pieces) > MOST_PARTS * 5:
            break
    return [*pieces, rest] if rest else pieces


def _fitting(text: str, limits: Limits, most: int) -> int:
    """How many characters of a text fit; at least one."""
    low, high = 1, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        if limits.length(text[:middle]) <= most:
            low = middle
        else:
            high = middle - 1
    return low
