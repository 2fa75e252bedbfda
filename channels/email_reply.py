"""What the author newly wrote: the text without quoted history, quote headers and signature. Linear time on any text.

General signs rather than a template per mail program: a line that introduces a quotation holds a date and either an
address or the word for "wrote"; a copied header block has a From, and a Subject or an address, among three labels.
Answers written between the quotations are kept together with them. When in doubt nothing is cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.reply_words import DEVICE, FORWARD, LABELS, SIGN_OFF, STARTER, WROTE, WROTE_ENDINGS

MAX_INTRODUCTION = 400  # characters of "On ... wrote:"
SHORTEST_WRAPPED = 50  # characters of a quoted line that a mailer would wrap
MAX_SIGNATURE_LINES = 15
MAX_LINES = 5_000  # that are looked at; what follows is own text

_QUOTED = re.compile(r"\s{0,3}(>|\|\s|&gt;)")
_RULE = re.compile(r"\s*[-_=*─—]{4,}\s*$")
_TITLED_RULE = re.compile(r"\s*[-_=*─—]{2,}\s*([^\W\d_][^-_=*─—\n]{2,60}?)\s*[-_=*─—]{2,}\s*$")
_LABEL = re.compile(r"[\s*_]{0,6}([^\W\d_][^:：\n*]{0,30}?)\s?[*_]{0,2}\s?[:：]\s{0,4}[*_]{0,2}(.*)$")
_DATE = re.compile(
    r"(?<!\d)(\d{1,2}[:.h]\d{2}(?!\d)|(19|20)\d{2}(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|"
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? \d{1,2}|\d{1,2}年)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.]\d{2}(?!\d)")
_ADDRESS = re.compile(r"[^\s<>()\[\]\"]@[^\s<>()\[\]\"]")
_WROTE_LAST = re.compile(rf"(?:{WROTE})\s?(?:\([^()]{{0,80}}\))?\s?(?:the following)?\s?[:：]?$", re.IGNORECASE)
_WROTE = re.compile(rf"(?:^|[\s)>\"]) ?(?:{WROTE})(?=$|[\s:：(<\"])", re.IGNORECASE)
_ENDINGS = (":", "：", ")", *WROTE_ENDINGS)
_DASHED = re.compile(rf"^-{{2,}}[ \t](\S.{{10,300}}?(?:{WROTE})[:：]?)[ \t]-{{2,}}$", re.IGNORECASE | re.MULTILINE)
_STARTER = re.compile(rf"\s*(?:[-*]\s)?(?:{STARTER})", re.IGNORECASE)
_FORWARD = re.compile(rf"(?:{FORWARD})", re.IGNORECASE)
_DEVICE = re.compile(rf"\s*(?:{DEVICE})", re.IGNORECASE)
_SIGN_OFF = re.compile(rf"\s*(?:{SIGN_OFF})\s*[,.!]{{0,3}}\s*$", re.IGNORECASE)
_NAME = re.compile(r"[*_]{0,2}[^\W\d_][\w.'’-]*(?: [^\W\d_(&@][\w.'’-]*){0,2}[*_.,]{0,2}$")
_TRAILING = re.compile(r"(?<!^--)(?<![ \t])[ \t]+$", re.MULTILINE)
_URL = re.compile(r"[<(]https?://[^\s<>)]*[>)]")


@dataclass(slots=True)
class _Block:
    """Lines of one kind: own, quoted, or what introduces a quotation."""

    kind: str
    lines: list[str]

    @property
    def empty(self) -> bool:
        return not any(line.strip() for line in self.lines)


def reply_of(text: str) -> str | None:
    """The new part of a mail's text; None where that is all of it (or nothing could be told apart)."""
    whole = text.strip()
    reply = _without_signature(_without_quotes(_normal(text).split("\n"))).strip()
    if not reply or reply == whole or reply.split() == whole.split():
        return None
    return reply


def _normal(text: str) -> str:
    text = (
        text.replace("\r\n", "\n").replace("\r", "\n").replace("\u200b", "").replace("\xa0", " ").replace("\u202f", " ")
    )
    return _DASHED.sub(r"\1", _TRAILING.sub("", text))  # Zoho puts its introduction between dashes


def _without_quotes(lines: list[str]) -> str:
    blocks = _blocks(lines)
    while blocks and (blocks[-1].kind != "own" or blocks[-1].empty or _is_footer(blocks[-1].lines)):
        blocks.pop()
    own = [n for n, block in enumerate(blocks) if block.kind == "own" and not block.empty]
    if not own:
        return ""
    quotes = [n for n, block in enumerate(blocks) if block.kind == "quoted"]
    introduced = any(block.kind == "introduction" for block in blocks)
    inline = [n for n in quotes if n < own[-1]]
    if len(inline) > 1 or (inline and not introduced):
        first = min(own[0], inline[0])  # answers between quotations need them
        kept = [b for b in blocks[first:] if b.kind != "introduction"]
    else:
        kept = [block for block in blocks if block.kind == "own"]
    return "\n".join(line for block in kept for line in block.lines)


def _blocks(lines: list[str]) -> list[_Block]:
    """Own text, quotations and introductions in order, up to where nothing but history follows."""
    blocks: list[_Block] = [_Block("own", [])]
    started = False  # own text was seen
    position = 0
    while position < min(len(lines), MAX_LINES):
        line = lines[position]
        if _QUOTED.match(line):
            if blocks[-1].kind != "quoted":
                blocks.append(_Block("quoted", []))
            blocks[-1].lines.append(line)
            position += 1
            continue
        if not line.strip():
            blocks[-1].lines.append(line)
            position += 1
            continue
        if blocks[-1].kind == "quoted" and _is_wrapped_quote(lines, position, blocks):
            blocks[-1].lines.append(line)
            position += 1
            continue
        if started and _history_begins(lines, position):
            break
        length = _introduction(lines, position)
        if length:
            after = _next_text(lines, position + length)
            if after is None or (started and not _QUOTED.match(lines[after])):
                break
            blocks.append(_Block("introduction", lines[position : position + length]))
            blocks.append(_Block("own", []))
            position += length
            continue
        if started and _is_device_line(lines, position):
            break
        if blocks[-1].kind != "own":
            blocks.append(_Block("own", []))
        blocks[-1].lines.append(line)
        started = started or not (_RULE.match(line) or _TITLED_RULE.match(line))
        position += 1
    else:
        if len(lines) > MAX_LINES:
            blocks.append(_Block("own", lines[MAX_LINES:]))
    return blocks


def _next_text(lines: list[str], position: int) -> int | None:
    for number in range(position, min(position + 6, len(lines))):
        if lines[number].strip():
            return number
    return None if position + 6 >= len(lines) else position


def _is_wrapped_quote(lines: list[str], position: int, blocks: list[_Block]) -> bool:
    """An unquoted line right between quoted ones: a long quoted line that was wrapped on its way.

    After a short one it is an answer.
    """
    return (
        len(blocks) > 2
        and len(blocks[-1].lines[-1]) >= SHORTEST_WRAPPED
        and blocks[-3].kind == "introduction"
        and bool(blocks[-1].lines[-1].strip())
        and any(_QUOTED.match(line) for line in lines[position + 1 : position + 2])
    )


def _history_begins(lines: list[str], position: int) -> bool:
    line = lines[position]
    if _RULE.match(line):
        after = _next_text(lines, position + 1)
        return after is not None and _header_block(lines, after, ruled=True)
    titled = _TITLED_RULE.match(line)
    if titled:
        if _FORWARD.search(titled[1]):
            return True
        after = _next_text(lines, position + 1)
        return after is not None and _header_block(lines, after, ruled=True)
    if len(line) < 80 and line.rstrip().endswith((":", "：")) and _FORWARD.search(line):
        after = _next_text(lines, position + 1)
        return after is not None and (_header_block(lines, after, ruled=True) or bool(_QUOTED.match(lines[after])))
    return _header_block(lines, position, ruled=False)


def _header_block(lines: list[str], position: int, *, ruled: bool) -> bool:
    """A copied mail header: three labels of which one says From, and a Subject, an address or a rule to make sure."""
    kinds: set[str] = set()
    labelled = 0
    address = False
    for line in lines[position : position + 9]:
        line = line.lstrip("> ")
        if not line.strip():
            if labelled and not ruled:
                break
            continue
        match = _LABEL.match(line[:300])
        if match is None:
            if not labelled:
                return False
            continue
        kind = LABELS.get(match[1].strip().lower().replace("i̇", "i"))
        if labelled == 0 and kind is None and not ruled:
            return False
        labelled += 1
        if kind:
            kinds.add(kind)
        address = address or bool(_ADDRESS.search(match[2]))
    if "from" in kinds and len(kinds) >= 3:
        return ruled or address or "subject" in kinds
    if "from" in kinds and len(kinds) == 2:
        return ruled or ("subject" in kinds and address)
    return ruled and address and labelled >= 4


def _introduction(lines: list[str], position: int) -> int:
    """How many lines from here introduce a quotation ("On ... wrote:"); 0 when none does."""
    for length in range(1, 5):
        last = lines[position + length - 1] if position + length <= len(lines) else ""
        if not last.strip() or (length > 1 and _QUOTED.match(last)):
            return 0
        if not last.rstrip().endswith(_ENDINGS):
            continue
        joined = " ".join(line.strip() for line in lines[position : position + length])
        if len(joined) > MAX_INTRODUCTION:
            return 0
        if _introduces(joined):
            following = _next_text(lines, position + length)
            sure = bool(_ADDRESS.search(joined) or _CLOCK.search(joined))
            quoted = following is not None and bool(_QUOTED.match(lines[following]))
            # Own text on the line above the real introduction must not be taken with it.
            inside = any(_introduces_alone(lines, position + n, length - n) for n in range(1, length))
            return length if (sure or quoted) and not inside else 0
    return 0


def _introduces_alone(lines: list[str], position: int, length: int) -> bool:
    joined = " ".join(line.strip() for line in lines[position : position + length])
    return _introduces(joined) and not _STARTER.match(lines[position - 1])


def _introduces(line: str) -> bool:
    line = line.rstrip()
    if not _DATE.search(line) or line.count(">") > line.count("<") or line.count(")") > line.count("("):
        return False
    if _WROTE_LAST.search(line):
        return True
    return line.endswith((":", "：")) and bool(_ADDRESS.search(line) or _WROTE.search(line))


def _is_device_line(lines: list[str], position: int) -> bool:
    line = _URL.sub("", lines[position]).strip()
    if len(line) > 70 or not _DEVICE.match(line) or line.count(" ") > 9:
        return False
    following = lines[position + 1].strip() if position + 1 < len(lines) else ""
    return (
        not following
        or bool(_RULE.match(following) or _QUOTED.match(following))
        or _introduction(lines, position + 1) > 0
    )


def _is_footer(lines: list[str]) -> bool:
    """After the quotation: a signature or a list's footer, not an answer."""
    text = [line for line in lines if line.strip()]
    return (
        text[0].rstrip() in ("--", "—")
        or bool(_RULE.match(text[0]))
        or (len(text) <= 2 and all(_DEVICE.match(line) for line in text))
    )


def _without_signature(text: str) -> str:
    lines = text.rstrip().split("\n")
    for number in range(max(1, len(lines) - MAX_SIGNATURE_LINES), len(lines)):
        if lines[number].rstrip() == "--" and any(line.strip() for line in lines[:number]):
            lines = lines[:number]
            break
    while lines and (not lines[-1].strip() or _RULE.match(lines[-1])):
        lines.pop()
    for number in range(max(1, len(lines) - 10), len(lines)):
        if _SIGN_OFF.match(lines[number]) and any(line.strip() for line in lines[:number]):
            rest = [line.strip() for line in lines[number + 1 :] if line.strip()]
            if (
                rest
                and len(rest) <= 8
                and _NAME.match(rest[0])
                and _capital(rest[0])
                and all(len(line) <= 80 and not line.endswith("?") for line in rest)
            ):
                return "\n".join(lines[:number])
    return "\n".join(lines)


def _capital(name: str) -> bool:
    return all(word[0].isupper() or word[0].lower() == word[0].upper() for word in name.strip("*_").split())
