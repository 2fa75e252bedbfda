"""Real calls about Messenger kept beside the repository, each read as a person reads it. Skipped where they are not there."""

from pathlib import Path

import pytest

from tests.channels.meta_expected import FIXTURES, compare, expected, paths

pytestmark = pytest.mark.skipif(not FIXTURES.exists(), reason="no payloads beside the repository")


@pytest.mark.parametrize("path", paths("messenger"), ids=lambda path: path.stem[:60])
def test_a_call_is_read_as_its_reader_sees_it(path: Path) -> None:
    compare("messenger", path)


def test_every_expectation_has_its_file() -> None:
    assert {path.relative_to(FIXTURES / "messenger").as_posix() for path in paths("messenger")} == set(
        expected("messenger")
    )
