"""One world a module; every scenario starts from its beginning."""

from collections.abc import Iterator

import pytest

from tests.kit.crash import Ground
from tests.kit.world import World


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Where scenarios are run and stopped."""
    with World() as world:
        yield Ground(world)
