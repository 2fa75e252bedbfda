"""In a real browser: a slash in the answer box offers saved replies, by keyboard and by mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import NEEDS_CHROMIUM

WEB = Path(__file__).resolve().parent.parent.parent / "web"
PAGE = "<!doctype html><link rel=stylesheet href=/web/base.css><link rel=stylesheet href=/web/desk.css><form class=composer></form>"
SET_UP = """async () => {
  const { SavedReplies } = await import("/web/desk-saved.js");
  const area = document.createElement("textarea");
  window.asked = [];
  const replies = [
    { id: "sr_1", shortcut: "iade", title: "İade" }, { id: "sr_2", shortcut: "kargo", title: "Kargo gecikti" },
  ];
  const api = { async get(path, query) {
    window.asked.push([path, query]);
    if (path.endsWith("/render")) return { text: `Yanıt ${path.split("/")[3]}`, language: "tr", missing: [] };
    return { replies: replies.filter((reply) => reply.shortcut.startsWith(query.q ?? "")) };
  } };
  const saved = new SavedReplies({ api, area, conversation: { id: "c_1", queue: "genel" }, failed: (problem) => { throw problem; } });
  area.addEventListener("keydown", (event) => saved.key(event));
  document.querySelector("form").append(saved.list, area);
  area.focus();
}"""

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """The answer box alone, with a server that has two replies."""
    page = browser.new_page(locale="tr-TR")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.route("http://desk.test/**", lambda route: _serve(route))
    page.goto("http://desk.test/")
    page.evaluate(SET_UP)
    yield page
    page.close()
    assert faults == []


def _serve(route: Any) -> None:
    path = route.request.url.removeprefix("http://desk.test/")
    if path.startswith("web/"):
        kind = "text/css" if path.endswith(".css") else "text/javascript"
        route.fulfill(body=(WEB / path.removeprefix("web/")).read_text(), content_type=kind)
    else:
        route.fulfill(body=PAGE, content_type="text/html")


def test_a_slash_offers_replies_and_enter_puts_the_chosen_one_in_its_place(page: Any) -> None:
    area = page.locator("textarea")
    area.press_sequentially("Merhaba /")
    page.get_by_role("option").nth(1).wait_for()
    assert page.get_by_role("option").all_inner_texts() == ["/iade İade", "/kargo Kargo gecikti"]
    area.press("ArrowDown")
    assert page.locator('[aria-selected="true"]').inner_text() == "/kargo Kargo gecikti"
    area.press("Enter")
    page.wait_for_function("document.querySelector('textarea').value === 'Merhaba Yanıt sr_2'")
    assert page.get_by_role("option").count() == 0
    assert page.evaluate("window.asked.at(-1)") == ["/v1/saved-replies/sr_2/render", {"conversation": "c_1"}]


def test_typing_on_narrows_the_offer_and_escape_puts_it_away(page: Any) -> None:
    area = page.locator("textarea")
    area.press_sequentially("/ka")
    page.get_by_role("option").first.wait_for()
    assert page.get_by_role("option").all_inner_texts() == ["/kargo Kargo gecikti"]
    assert page.evaluate("window.asked.at(-1)") == ["/v1/saved-replies", {"q": "ka", "queue": "genel"}]
    area.press("Escape")
    assert page.get_by_role("listbox").count() == 0
    assert area.input_value() == "/ka"


def test_a_click_takes_a_reply_and_the_box_keeps_the_caret(page: Any) -> None:
    area = page.locator("textarea")
    area.press_sequentially("/")
    page.get_by_role("option").first.click()
    page.wait_for_function("document.querySelector('textarea').value === 'Yanıt sr_1'")
    area.press_sequentially("!")
    assert area.input_value() == "Yanıt sr_1!"


def test_a_slash_within_a_word_offers_nothing(page: Any) -> None:
    area = page.locator("textarea")
    area.press_sequentially("https://a/b ve/veya")
    area.press_sequentially(" /")
    page.get_by_role("option").first.wait_for()
    assert len(page.evaluate("window.asked")) == 1
