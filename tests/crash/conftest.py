"""One world a module, its table in memory; every scenario starts from its beginning. `test_client.py` is over the client."""

from collections.abc import Iterator

import pytest

from tests.kit.crash import Ground
from tests.kit.world import World


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Where scenarios are run and stopped."""
    with World(memory=True) as world:
        yield Ground(world)
