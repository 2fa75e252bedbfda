"""PNG plots of a simulation: there, of one size, the same twice, whatever was not measured."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from santral.reporting_choices import Language
from santral.simulation.plot_parts import HIGH, WIDE
from santral.simulation.plots import draw
from santral.simulation.results import Result
from tests.kit.simulated import results

NAMES = [
    "service-level-over-the-day.png",
    "waits-over-the-day.png",
    "service-level-by-tier-and-channel.png",
    "waits-by-channel-and-tier.png",
    "occupancy.png",
]


@pytest.fixture(scope="module")
def two() -> list[Result]:
    return results("default", "fifo")


def size(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high = struct.unpack(">II", data[16:24])
    return wide, high


def test_each_plot_is_a_file_of_one_size(two: list[Result], tmp_path: Path) -> None:
    drawn = draw(two, tmp_path / "new" / "plots", Language.tr)
    assert [path.name for path in drawn] == NAMES
    assert {size(path) for path in drawn} == {(WIDE, HIGH)}


def test_the_same_results_give_the_same_bytes_whatever_the_reader_s_settings(two: list[Result], tmp_path: Path) -> None:
    import matplotlib as mpl

    first = [path.read_bytes() for path in draw(two, tmp_path / "a", Language.en)]
    with mpl.rc_context({"font.size": 30, "savefig.dpi": 50}):
        second = [path.read_bytes() for path in draw(two, tmp_path / "b", Language.en)]
        assert mpl.rcParams["font.size"] == 30
    assert first == second
    assert {size(path) for path in (tmp_path / "a").iterdir()} == {(WIDE, HIGH)}
    assert not any(b"Software" in one or b"tIME" in one for one in first)


def test_what_was_never_measured_and_names_of_any_script_are_drawn_without_a_word(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    nobody = results("default", replications=1, name="$x_{$ 数字 \n b", groups=[
        {"name": "ekip", "count": 3, "skills": ["genel"], "shifts": {"sat": ["09:00-10:00"]}}
    ])  # fmt: skip
    empty = results("default", traffic=[
        {"name": "a", "channel": "sms", "queues": "genel", "per_hour": 0, "handling": {"constant": 1}},
    ])  # fmt: skip
    for number, found in enumerate((nobody, empty)):
        assert len(draw(found, tmp_path / str(number), Language.tr)) == len(NAMES)
    assert [str(one.message) for one in recwarn] == []


def test_a_long_day_and_many_policies_have_room(tmp_path: Path) -> None:
    one = results("default", replications=1, day={"hours": 100}, days=1)[0]
    many = [Result(f"policy-{n}", one.scenario, one.config, one.counts) for n in range(8)]
    assert {size(path) for path in draw(many, tmp_path, Language.en)} == {(WIDE, HIGH)}


def test_nothing_is_imported_to_draw_with_until_something_is_drawn() -> None:
    code = "import sys, santral.simulation.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
