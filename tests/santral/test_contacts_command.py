"""`santral contacts` over the API itself: a file comes in once, however often the run is ended."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner, Result

from santral import cli
from tests.kit.world import World

Calls = list[str]


class Killed(BaseException):
    """The run is ended: nothing of ours may catch it."""


@pytest.fixture
def calls(world: World, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The keys of the pages that were sent; the API is the world's."""
    sent: Calls = []

    def post(path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        sent.append(key)
        status, answer = world.call("POST", path, body, user="yonetici", role="admin", key=key)
        assert status == 200, answer
        return answer

    def pages(path: str, field: str, **query: Any) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            asked = urlencode({**query, **({"cursor": cursor} if cursor else {})})
            status, page = world.call("GET", path, query=asked, user="yonetici", role="admin")
            assert status == 200, page
            yield from page[field]
            cursor = page["next"]
            if not cursor:
                return

    connection = SimpleNamespace(api=lambda role: SimpleNamespace(post=post, pages=pages))
    monkeypatch.setattr("santral.connection.connect", lambda *_: connection)
    return sent


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.build(), ["contacts", *arguments])


def counts(result: Result) -> dict[str, int]:
    found: dict[str, int] = json.loads(result.stdout.splitlines()[0])
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Sixty people, and three rows that are none."""
    rows = [f"a{n}@example.net;Kişi {n};0532 111 22 {n:02d}" for n in range(60)]
    rows[7:7] = ["nobody;X;", ";Y;"]
    rows.insert(40, "z@example.net;Z;12")
    path = tmp_path / "kişiler.csv"
    path.write_text("E-posta;Ad Soyad;Telefon\n" + "\n".join(rows) + "\n", encoding="cp1254")
    return path


def people(world: World) -> int:
    return sum(item["sk"] == "contact" and "it" not in item for item in world.items("P#"))


def refused(file: Path) -> list[tuple[str, str]]:
    text = file.with_name(file.name + ".refused.csv").read_text("utf-8")
    return [(row["line"], row["column"]) for row in csv.DictReader(text.splitlines())]


REFUSED = [("9", "E-posta"), ("10", "E-posta"), ("42", "Telefon")]


def test_a_file_comes_in_and_refused_rows_are_told(world: World, calls: Calls, file: Path) -> None:
    result = run("import", str(file), "--country", "tr", "--json")
    assert result.exit_code == 2, result.output
    assert counts(result) == {"created": 60, "refused": 3}
    assert refused(file) == REFUSED
    assert people(world) == 60
    assert len(list(file.parent.iterdir())) == 2
    again = run("import", str(file), "--country", "TR", "--json")
    assert counts(again) == {"unchanged": 60, "refused": 3}


def test_a_dry_run_sends_nothing(world: World, calls: Calls, file: Path) -> None:
    result = run("import", str(file), "--country", "TR", "--dry-run", "--json")
    assert result.exit_code == 2
    assert counts(result) == {"accepted": 60, "refused": 3}
    assert (calls, people(world)) == ([], 0)
    assert refused(file) == REFUSED


@pytest.mark.parametrize("after", [False, True], ids=["before the page", "after the page"])
@pytest.mark.parametrize("page", [0, 1, 2])
def test_a_run_that_is_killed_goes_on_and_doubles_nobody(
    world: World, calls: Calls, file: Path, monkeypatch: pytest.MonkeyPatch, page: int, after: bool
) -> None:
    from santral import file_import

    taken: Callable[..., Any] = file_import._page
    seen: list[int] = []

    def dying(*args: Any) -> Any:
        seen.append(1)
        if len(seen) == page + 1:
            if after:
                taken(*args)
            raise Killed
        return taken(*args)

    with monkeypatch.context() as patched:
        patched.setattr(file_import, "_page", dying)
        with pytest.raises(Killed):
            CliRunner().invoke(
                cli.build(), ["contacts", "import", str(file), "--country", "TR"], catch_exceptions=False
            )
    result = run("import", str(file), "--country", "TR", "--resume", "--json")
    assert result.exit_code == 2, result.output
    told = counts(result)
    assert told.get("created", 0) + told.get("unchanged", 0) == 60
    assert told["refused"] == 3
    assert refused(file) == REFUSED
    assert people(world) == 60
    assert len(calls) - len(set(calls)) <= 1, "only the page that was not written down is sent twice"


def test_another_file_is_not_gone_on_with(
    world: World, calls: Calls, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from santral.file_import import Progress, _write, progress_file

    _write(progress_file(file), Progress("of another", 26))
    result = run("import", str(file), "--country", "TR", "--resume")
    assert result.exit_code == 1
    assert "has changed" in result.output
    assert calls == []


def test_a_run_whose_refused_rows_are_gone_is_not_gone_on_with(calls: Calls, file: Path) -> None:
    from santral.file_import import _write, begun, progress_file

    progress = begun(file, file.read_bytes(), resume=False)
    progress.line, progress.report = 26, 40
    _write(progress_file(file), progress)
    result = run("import", str(file), "--country", "TR", "--resume")
    assert result.exit_code == 1
    assert "start without --resume" in result.output
    assert calls == []


def test_what_is_exported_can_be_imported(world: World, calls: Calls, file: Path, tmp_path: Path) -> None:
    run("import", str(file), "--country", "TR")
    out = tmp_path / "out.csv"
    assert run("export", str(out)).exit_code == 0
    assert len(out.read_text("utf-8-sig").splitlines()) == 61
    result = run("import", str(out), "--json")
    assert (result.exit_code, counts(result)) == (0, {"unchanged": 60})


def test_an_export_that_is_ended_leaves_the_file_of_the_last_one(
    world: World, calls: Calls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def ended(*_: Any, **__: Any) -> Any:
        raise Killed

    out = tmp_path / "out.csv"
    out.write_text("the last one", "utf-8")
    monkeypatch.setattr(world, "call", ended)
    with pytest.raises(Killed):
        run("export", str(out))
    assert out.read_text("utf-8") == "the last one"


@pytest.mark.parametrize("wrong", [["--country", "XX"], ["--zone", "Istanbul"]])
def test_options_that_cannot_be_meant_are_told_before_anything_is_sent(
    calls: Calls, file: Path, wrong: list[str]
) -> None:
    assert run("import", str(file), *wrong).exit_code == 2
    assert calls == []
