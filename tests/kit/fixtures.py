"""The world as a pytest fixture."""

from collections.abc import Iterator

import pytest

from tests.kit.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """A whole Santral in process, on moto, with the clock and the providers in the test's hands."""
    with World() as made:
        yield made
