"""İYS: its records in and ours out, in CSV and JSON, over the API itself."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from santral import cli
from santral.contact_files import BadFile, Refusal
from santral.iys import SOURCES, IysCsv, IysJson, theirs
from santral.registries import FORMATS, latest
from tests.kit.promises import Seen
from tests.kit.world import World

RECORD = {
    "type": "MESAJ", "source": "HS_WEB", "recipient": "+905321112233", "recipientType": "BIREYSEL", "status": "ONAY",
    "consentDate": "2026-02-01 10:30:00",
}  # fmt: skip
OURS = {
    "channel": "sms", "address": "+905321112233", "purpose": "marketing", "given": True, "how": "registry",
    "at": "2026-02-01T10:30:00+03:00", "merchant": False, "source": "HS_WEB",
}  # fmt: skip


def read(*records: dict[str, Any]) -> list[Any]:
    """The same of both formats."""
    out = io.StringIO(newline="")
    out.write(
        ";".join(RECORD) + "\r\n" + "".join(";".join(one.get(name, "") for name in RECORD) + "\r\n" for one in records)
    )
    of_csv = [row for _, row in IysCsv().rows(out.getvalue().encode())]
    of_json = [row for _, row in IysJson().rows(json.dumps(records).encode())]
    for a, b in zip(of_csv, of_json, strict=True):
        assert a == b or (
            isinstance(a, Refusal) and isinstance(b, Refusal) and (a.column, a.reason) == (b.column, b.reason)
        )
    return of_csv


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"recipient": "905321112233"}, {}),
        ({"recipient": "05321112233"}, {}),
        ({"status": "RET", "source": "IYS_3338"}, {"given": False, "source": "IYS_3338"}),
        ({"recipientType": "TACIR"}, {"merchant": True}),
        ({"type": "EPOSTA", "recipient": "Ada@Example.NET"}, {"channel": "email", "address": "ada@example.net"}),
    ],
)
def test_a_record_of_theirs_is_one_of_ours(changes: dict[str, str], expected: dict[str, Any]) -> None:
    assert read(RECORD | changes) == [OURS | expected]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "ARAMA"}, "type"),
        ({"type": "FAKS"}, "type"),
        ({"status": "EVET"}, "status"),
        ({"source": "web"}, "source"),
        ({"recipientType": "KURUM"}, "recipientType"),
        ({"recipient": "12"}, "recipient"),
        ({"type": "EPOSTA"}, "recipient"),
        ({"consentDate": "01.02.2026"}, "consentDate"),
        ({"consentDate": ""}, "consentDate"),
    ],
)
def test_a_record_that_cannot_be_is_refused_with_its_field(changes: dict[str, str], field: str) -> None:
    (row,) = read(RECORD | changes)
    assert isinstance(row, Refusal)
    assert row.column == field


def test_the_turkish_headers_are_known() -> None:
    text = "IZIN TURU,ALICI,ONAY(1)-RET(0),IZIN KAYNAGI,IZIN TARIHI\nMESAJ,5321112233,0,HS_WEB,2026-02-01 10:30:00\n"
    ((_, row),) = IysCsv().rows(text.encode("cp1254"))
    assert row == OURS | {"given": False}


def test_a_line_that_cannot_be_read_is_refused_and_holds_up_no_other() -> None:
    header, good = ";".join(RECORD), ";".join(RECORD.values())
    rows = dict(IysCsv().rows(f"{header}\n{'x' * 200_000};\n\n{good}\n".encode()))
    assert isinstance(rows[2], Refusal)
    assert rows[4] == OURS


@pytest.mark.parametrize("data", [b"", b"{", b"3", b'"x"'])
def test_a_file_that_is_none_of_theirs_is_refused_as_a_whole(data: bytes) -> None:
    for format_ in FORMATS.values():
        with pytest.raises(BadFile):
            list(format_.rows(data))


HOWS = [
    "form",
    "message",
    "link",
    "one-click",
    "agent",
    "paper",
    "app",
    "event",
    "social",
    "provider",
    "complaint",
    "decision",
    "import",
]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "channel": st.sampled_from(["sms", "email"]),
                "given": st.booleans(),
                "how": st.sampled_from(HOWS),
                "at": st.integers(1_500_000_000, 1_767_225_600).map(lambda at: datetime.fromtimestamp(at, UTC)),
                "source": st.sampled_from([None, "uye-formu", *sorted(SOURCES)]),
                "merchant": st.booleans(),
            }
        ),
        max_size=5,
    )
)
def test_what_goes_out_comes_in_as_it_was(records: list[dict[str, Any]]) -> None:
    addresses = {"sms": "+905321112233", "email": "ada@example.net"}
    asked = [{**one, "address": addresses[one["channel"]], "at": one["at"].isoformat()} for one in records]
    for format_ in FORMATS.values():
        out = io.StringIO(newline="")
        assert format_.written(asked, out) == (len(asked), 0)
        back = [row for _, row in format_.rows(out.getvalue().encode())]
        for one, row in zip(asked, back, strict=True):
            assert isinstance(row, dict)
            for field in ("channel", "address", "given", "merchant"):
                assert row[field] == one[field]
            assert datetime.fromisoformat(row["at"]) == datetime.fromisoformat(one["at"])
            assert row["source"] in SOURCES
            assert not (row["source"] == "HS_KARAR" and row["given"]), "a company decides only not to write"


def test_what_is_none_of_theirs_is_left_out() -> None:
    base = {"given": True, "how": "form", "at": "2026-02-01T07:30:00Z", "merchant": False}
    assert theirs({**base, "channel": "sms", "address": "+905321112233"}) == RECORD
    assert theirs({**base, "channel": "sms", "address": "+4915112345678"}) is None
    assert theirs({**base, "channel": "telegram", "address": "42"}) is None


def test_only_what_holds_is_told_and_nothing_that_came_from_there() -> None:
    def record(
        id_: str, at: str, given_: bool, how: str = "form", address: str = "a", recorded: str = "2026-03-01T00:00:00Z"
    ) -> Any:
        return {
            "id": id_,
            "channel": "sms",
            "address": address,
            "purpose": "marketing",
            "at": at,
            "given": given_,
            "how": how,
            "recorded_at": recorded,
        }

    first, second = record("1", "2026-02-01T00:00:00Z", True), record("2", "2026-02-01T00:00:00.500000Z", False)
    assert latest([first, second], None) == latest([second, first], None) == [second]
    assert latest([first, {**second, "how": "registry"}], None) == []
    assert latest([{**first, "purpose": "service"}], None) == []
    assert latest([first], datetime(2026, 3, 1, tzinfo=UTC)) == [first]
    assert latest([first], datetime(2026, 3, 2, tzinfo=UTC)) == []


@pytest.fixture
def api(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    def post(path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        status, answer = world.call("POST", path, body, user="yonetici", role="admin", key=key)
        assert status == 200, answer
        return answer

    def pages(path: str, field: str, **query: Any) -> Iterator[dict[str, Any]]:
        status, page = world.call("GET", path, query=urlencode(query), user="amir", role="supervisor")
        assert status == 200, page
        yield from page[field]

    connection = SimpleNamespace(api=lambda role: SimpleNamespace(post=post, pages=pages))
    monkeypatch.setattr("santral.connection.connect", lambda *_: connection)
    return world


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.build(), ["consents", *arguments])


@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_a_registry_s_file_comes_in_once_and_ours_goes_out(api: World, tmp_path: Path, ending: str) -> None:
    file, out = tmp_path / f"iys{ending}", tmp_path / f"out{ending}"
    given_ = {
        "channel": "email",
        "address": "ada@example.net",
        "given": True,
        "how": "form",
        "at": "2026-02-01T07:30:00Z",
        "merchant": False,
    }
    with file.open("w", encoding="utf-8", newline="") as told:
        FORMATS["iys", ending].written([given_, {**given_, "channel": "sms", "address": "+905321112233"}], told)
    assert "2 accepted" in run("import", str(file), "--dry-run").output
    assert Seen.of(api).consents == {}
    assert "2 recorded" in run("import", str(file)).output
    assert "2 known" in run("import", str(file)).output
    assert {(one.address, str(one.how)) for one in Seen.of(api).consents.values()} == {
        ("ada@example.net", "registry"), ("+905321112233", "registry"),
    }  # fmt: skip
    assert "0 records" in run("export", str(out)).output
    api.sms("RET", sender="+905321112233")
    api.pump()
    assert "1 records" in run("export", str(out)).output
    ((_, row),) = FORMATS["iys", ending].rows(out.read_bytes())
    assert isinstance(row, dict)
    assert (row["address"], row["given"], row["source"]) == ("+905321112233", False, "HS_MESAJ")
    assert "0 records" in run("export", str(out), "--since", "2026-03-03").output


def test_another_format_is_told_before_anything_is_done(tmp_path: Path) -> None:
    assert run("export", str(tmp_path / "a.xlsx")).exit_code == 2
    assert run("export", str(tmp_path / "a.csv"), "--format", "robinson").exit_code == 2
    assert run("export", str(tmp_path / "a.csv"), "--since", "yesterday").exit_code == 2
