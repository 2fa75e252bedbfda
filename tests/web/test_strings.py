"""The pages' words: both languages complete, every key used, every used key there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = {
    "pages": (ROOT / "web" / "strings.js", [*(ROOT / "web").glob("*.js"), *(ROOT / "web").glob("*.html")]),
    "sandbox": (
        ROOT / "santral" / "sandbox" / "page" / "strings.js",
        [*(ROOT / "santral" / "sandbox" / "page").glob("sandbox.*")],
    ),
}
# Keys made of a fixed part and a value: state.active, channel.sms, sent.delivered...
MADE: tuple[str, ...] = (
    "channel.",
    "state.",
    "sent.",
    "presence.",
    "proof.",
    "history.",
    "error.",
    "list.empty",
    "conversation.",
)
MADE += ("reply.", "chat.", "shown.", "floor.column.", "sandbox.state.")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
PLURAL = re.compile(r"\.(one|other)$")


def words(path: Path) -> dict[str, dict[str, str]]:
    """The strict JSON after the equals sign."""
    text = path.read_text("utf-8")
    found: dict[str, dict[str, str]] = json.loads(text[text.index("{") : text.rindex("}") + 1])
    return found


@pytest.mark.parametrize("name", PAGES)
def test_turkish_and_english_have_the_same_keys_and_placeholders(name: str) -> None:
    strings = words(PAGES[name][0])
    assert set(strings) == {"en", "tr"}
    assert set(strings["en"]) == set(strings["tr"])
    for key, english in strings["en"].items():
        turkish = strings["tr"][key]
        assert english.strip()
        assert turkish.strip(), key
        assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(turkish)), key


@pytest.mark.parametrize("name", PAGES)
def test_every_key_a_page_uses_exists(name: str) -> None:
    known = set(words(PAGES["pages"][0])["en"]) | set(words(PAGES[name][0])["en"])
    known |= {PLURAL.sub("", key) for key in known}
    for path in PAGES[name][1]:
        if path.name == "strings.js":
            continue
        text = path.read_text("utf-8")
        used = set(re.findall(r'data-t(?:-[a-z-]+)?="([^"]+)"', text)) | set(re.findall(r'\bt\("([a-zA-Z.]+)"', text))
        assert used <= known, f"{path.name}: {sorted(used - known)}"


@pytest.mark.parametrize("name", PAGES)
def test_no_word_is_left_over(name: str) -> None:
    text = "".join(path.read_text("utf-8") for path in PAGES[name][1] if path.name != "strings.js")
    keys = [key for key in words(PAGES[name][0])["en"] if not key.startswith(MADE)]
    assert [key for key in keys if f'"{PLURAL.sub("", key)}"' not in text] == []


@pytest.mark.parametrize("path", [*(ROOT / "web").glob("*.html"), *(ROOT / "santral/sandbox/page").glob("*.html")])
def test_pages_need_no_inline_script_or_style_and_nothing_from_elsewhere(path: Path) -> None:
    html = path.read_text("utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", html) == []
    assert re.findall(r'(?:src|href)="(?!/|#)', html) == []
