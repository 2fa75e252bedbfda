"""The bar beside what a command prints."""

from __future__ import annotations

import io

import pytest

from santral.progress import bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *, quiet: bool = False, parts: bool = True) -> str:
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with bar("contacts", 20, quiet=quiet, parts=parts) as shown:
        for _ in range(11):
            shown.one_more()
        shown.at(12, "people")
        shown.more(3)
    return stream.getvalue()


def test_a_terminal_shows_what_is_done_and_how_much_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _shown(monkeypatch, Terminal())
    assert "people" in said
    assert "/20" in said


def test_what_is_no_number_of_things_is_shown_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _shown(monkeypatch, Terminal(), parts=False)
    assert "people" in said
    assert "/20" not in said


@pytest.mark.parametrize("quiet", [True, False])
def test_nothing_is_shown_where_nobody_looks(quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _shown(monkeypatch, Terminal() if quiet else io.StringIO(), quiet=quiet) == ""
