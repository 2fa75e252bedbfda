"""A company's own words for stop, start and help, by language, and the one form in which words are compared. Values only."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import Field, StringConstraints

from router.written import Language, Model

Word = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
Words = Annotated[tuple[Word, ...], Field(max_length=40)]
_BLANKS = re.compile(r"\s+")


class Keywords(Model):
    """What customers write in one language to hear no more, to hear again, and to be helped; a list that is left out is the built-in one.

    Case, accents, blanks and the dots of the Turkish i make no difference. STOP counts in every language.
    """

    language: Language = Field(description="whose words they are: tr, en")
    stop: Words = Field(default=(), description="hears no more by this channel: RET, İPTAL, DUR")
    everywhere: Words = Field(
        default=(), description="those of `stop` that order nothing but that, in an app and on a button too: RET"
    )
    start: Words = Field(default=(), description="hears from us again: BAŞLAT")
    help: Words = Field(default=(), description="is told who we are and how to stop: YARDIM")


def folded(text: str) -> str:
    """One form for all cases and accents; the four Turkish i are one letter, whichever the keyboard made of them."""
    text = unicodedata.normalize("NFKD", text).casefold()
    kept = (char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) not in ("Mn", "Cf"))
    return _BLANKS.sub(" ", "".join(kept).replace("ı", "i")).strip()
