"""One world a module, put back to its beginning for each test."""

from collections.abc import Iterator

import pytest

from tests.kit.crash import Ground
from tests.kit.world import World


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Where scenarios are run and stopped."""
    with World() as made:
        yield Ground(made)


@pytest.fixture
def world(ground: Ground) -> World:
    """A world at its beginning."""
    return ground.begin()
