"""What a channel carries, as data: the desk checks it, the parts of a long answer follow it, the documentation prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Literal

Unit = Literal["characters", "utf16", "bytes"]


def utf16(text: str) -> int:
    """Length as phones and most providers count it: an emoji outside the basic plane is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Limits:
    """One provider's limits for what we send. Sizes are bytes; zero means "not at all", None "none that is reached"."""

    text: int | None = None
    unit: Unit = "utf16"
    caption: int | None = 0  # text in the same message as a file; 0: text and files travel apart
    files: int = 0  # files in one message
    upload: bool = False  # files travel in the call itself; otherwise the provider fetches them by a short-lived link
    file_bytes: Mapping[str, int] = field(default_factory=dict)  # by pattern of content type, the first that fits
    buttons: int = 0  # quick replies in one message
    button_title: int = 0  # this and all titles: UTF-16 units
    button_text: int | None = None  # of the text above them, where that is shorter than `text`
    button_payload: int | None = None  # bytes of what a button sends back
    link_buttons: int = 0
    link_text: int | None = None  # of the text above them, where that is shorter than `text`
    menu: int = 0  # rows of a list, where more than `buttons` are offered
    menu_title: int = 0
    window: timedelta | None = None  # after the customer's last message; None: always
    human_window: timedelta | None = None  # longer, for what a person wrote
    templates: bool = False
    sends_per_second: float | None = None
    echoes: bool = False  # what is sent from the provider's own app comes to us too
    receipts: frozenset[str] = frozenset()  # ReceiptStatus values that really come
    all_bytes: int | None = None  # of all files of one message together; None: no more than each may have

    def length(self, text: str) -> int:
        """A text's length in this channel's unit."""
        match self.unit:
            case "characters":
                return len(text)
            case "utf16":
                return utf16(text)
            case "bytes":
                return len(text.encode("utf-8", "surrogatepass"))

    def largest(self, content_type: str) -> int:
        """The most bytes a file of that type may have; 0 when the type is not carried."""
        plain = content_type.partition(";")[0].strip().lower()
        return next((most for pattern, most in self.file_bytes.items() if fnmatchcase(plain, pattern)), 0)
