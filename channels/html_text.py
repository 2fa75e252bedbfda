"""HTML mail: sanitised for showing, and as the text a reader sees. Scripts, styles and everything remote are gone.

nh3 (Rust's ammonia) does the parsing, so what the text is made from is well-formed whatever came in.
"""

from __future__ import annotations

import re
from html import escape, unescape

import nh3

MAX_HTML = 500_000  # characters that are looked at
MAX_TAGS = 30_000
MAX_ENTITIES = 100_000
MAX_NESTING = 200  # open elements; the parser's time grows with the depth of every element

_TAGS = set(nh3.ALLOWED_TAGS) - {"map", "area"} | {"font"}
_ATTRIBUTES = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN = "display:none"  # what is left of such a style until its element is taken out
_WITH_HIDING = {**_ATTRIBUTES, "*": {"style"}}
_DROPPED = {"script", "style", "title", "template", "noscript", "object", "svg", "math", "textarea", "select"}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}

_OPEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_FLAT = frozenset(  # elements that close by themselves
    "p li td th tr tbody thead dt dd br img hr meta link input col area base wbr option".split()  # noqa: SIM905 - reads better
)
_BARE_ADDRESS = re.compile(r"<([^\s<>@\"'=/]{1,64}@[^\s<>\"'=/]{1,255})>")
_BARE_AMPERSAND = re.compile(r"&(?![a-zA-Z#])")
_ANY_TAG = re.compile(r"<[^<>]{0,2000}>")
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:[^">]|"[^"]*")*)>')
_ALT = re.compile(r'\salt="([^"]*)"')
_SRC = re.compile(r'\ssrc="([^"]*)"')
_VOID = frozenset({"br", "hr", "img", "wbr", "col"})
_SPACE = re.compile(r"[ \t\n\f]+")
_BLOCKS = frozenset(
    (  # noqa: SIM905
        "p div table tr ul ol dl dt dd li h1 h2 h3 h4 h5 h6 blockquote pre hr center article aside details figure "
        "figcaption footer header section summary caption tbody thead tfoot hgroup nav"
    ).split()
)
_PARAGRAPHS = frozenset({"p", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote"})
_MANY_EMPTY = re.compile(r"\n{3,}")


def sanitise(html: str) -> str:
    """The HTML without anything that runs, loads or reports: an image stays only as a `cid:` of the same mail, or as its text."""
    html = html[:MAX_HTML]
    if _too_much(html):
        return from_text(unescape(_ANY_TAG.sub(" ", html)))
    hiding = _HIDING.search(html) is not None
    clean = nh3.clean(
        _BARE_AMPERSAND.sub("&amp;", _BARE_ADDRESS.sub(r"&lt;\1&gt;", html)),
        tags=_TAGS,
        attributes=_WITH_HIDING if hiding else _ATTRIBUTES,
        clean_content_tags=_DROPPED,
        attribute_filter=_keep,
        url_schemes=_SCHEMES,
        strip_comments=True,
    )
    return _without_hidden(clean) if hiding else clean


def _without_hidden(clean: str) -> str:
    """Sanitised HTML without the elements that no reader sees, as a newsletter's preview line; all of it where nothing is left."""
    kept: list[str] = []
    position = depth = 0
    hidden = ""  # the name of the element we are in
    for match in _TAG.finditer(clean):
        closing, name, attributes = match.groups()
        if hidden:
            if name == hidden:
                depth += -1 if closing else 1
            if not depth:
                hidden, position = "", match.end()
        elif f'style="{_HIDDEN}"' in attributes:
            kept.append(clean[position : match.start()])
            position = match.end()
            if name not in _VOID:
                hidden, depth = name, 1
    shown = "".join(kept) + ("" if hidden else clean[position:])
    return shown if "<img" in shown or text_from(shown) else clean.replace(f' style="{_HIDDEN}"', "")


def _too_much(html: str) -> bool:
    depth = 0
    tags = _OPEN.findall(html)
    if len(tags) > MAX_TAGS or html.count("&") > MAX_ENTITIES:
        return True
    for closing, name in tags:
        if name.lower() not in _FLAT:
            depth = max(0, depth - 1) if closing else depth + 1
            if depth > MAX_NESTING:
                return True
    return False


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "style":
        return _HIDDEN if _HIDING.search(value) else None
    if attribute == "src" and not (tag == "img" and value.strip().lower().startswith("cid:")):
        return None
    if attribute in ("cite", "background"):
        return None
    if attribute == "href" and value.strip().lower().startswith("cid:"):
        return None
    return value


def from_text(text: str) -> str:
    """Plain text as HTML that shows the same."""
    return "<p>" + escape(text).replace("\n", "<br>") + "</p>"


def text_from(clean: str) -> str:
    """The text of *sanitised* HTML: blocks on their own lines, quotations with `> `, images by name."""
    writer = _Writer()
    position = 0
    for match in _TAG.finditer(clean):
        if match.start() > position:
            writer.text(unescape(clean[position : match.start()]))
        position = match.end()
        writer.tag(match[2], closing=bool(match[1]), attributes=match[3])
    writer.text(unescape(clean[position:]))
    return writer.result()


class _Writer:
    """Collects lines; `want`: the next text stands after an empty line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.want = False
        self.quote = 0
        self.line_quote = 0
        self.pre = 0
        self.space = False

    def text(self, data: str) -> None:
        if not data:
            return
        if self.pre:
            first, *rest = data.split("\n")
            self._put(first)
            for line in rest:
                self._flush(force=True)
                self._put(line)
            return
        collapsed = _SPACE.sub(" ", data)
        body = collapsed.strip(" ")
        if not body:
            self.space = self.space or bool(self.line)
            return
        if collapsed[0] == " ":
            self.space = True
        self._put(body)
        self.space = collapsed[-1] == " "

    def tag(self, name: str, *, closing: bool, attributes: str) -> None:
        if name == "br":
            if not closing:
                self._flush(force=True)
        elif name == "img":
            alt, source = _ALT.search(attributes), _SRC.search(attributes)
            label = unescape(alt[1]).strip() if alt else ""
            if label or source:
                self._put(f"[image: {label or unescape(source[1]) if source else label}]")
        elif name in ("td", "th"):
            self.space = bool(self.line) or self.space
        elif name in _BLOCKS:
            self._block(name, closing)

    def _block(self, name: str, closing: bool) -> None:
        self._flush()
        if name == "blockquote":
            self.quote = max(0, min(self.quote + (-1 if closing else 1), 20))
        elif name == "pre":
            self.pre = max(0, self.pre + (-1 if closing else 1))
        elif name == "hr" and not closing:
            self._put("________________________________")
            self._flush()
        elif name == "li" and not closing:
            self._put("- ")
            self.space = False
            return
        if name in _PARAGRAPHS:
            self.want = True

    def _put(self, data: str) -> None:
        if not data:
            return
        if not self.line:
            if self.want and self.lines:
                self.lines.append(">" * min(self.quote, self.line_quote))
            self.want = False
            self.line_quote = self.quote
            self.space = False
        if self.space and self.line and not self.line[-1].endswith(" "):
            self.line.append(" ")
        self.space = False
        self.line.append(data)

    def _flush(self, force: bool = False) -> None:
        if self.line or force:
            depth = self.line_quote if self.line else self.quote  # the quotation may have ended since
            body = "".join(self.line).rstrip()
            prefix = ">" * depth
            self.lines.append(f"{prefix} {body}".rstrip() if prefix else body)
            self.line = []
            self.line_quote = depth
        self.space = False

    def result(self) -> str:
        self._flush()
        text = "\n".join(self.lines).replace("\xa0", " ")
        return _MANY_EMPTY.sub("\n\n", text).strip("\n")
