"""One world a module, its table in memory, put back to its beginning for each test."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.kit.crash import Ground, settle
from tests.kit.promises import check
from tests.kit.world import World


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Where scenarios are run and stopped."""
    with World(memory=True) as made:
        yield Ground(made)


@pytest.fixture
def world(ground: Ground) -> World:
    """A world at its beginning."""
    return ground.begin()


@pytest.fixture
def on(ground: Ground) -> Iterator[Callable[[Mapping[str, Any]], World]]:
    """Begins a world with a configuration; when the test is through, every promise must hold."""
    begun: list[World] = []

    def begin(config: Mapping[str, Any]) -> World:
        begun.append(ground.begin(config))
        return begun[-1]

    yield begin
    for world in begun[-1:]:
        check(world, settled=False)
        settle(world)
        check(world)
