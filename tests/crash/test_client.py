"""What the other tests here find over the table in memory holds over DynamoDB's client, its requests and its errors.

Every scenario, run through once, makes the same calls over both, so whoever is stopped at each of them over memory is stopped at each
that the client makes. Those below are stopped over the client too: together they make every kind of call that any of them makes.
`test_publish.py` is over the client anyway, for only moto's table has a stream.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests.crash import test_deliver, test_due, test_fetch, test_files_out, test_offers, test_receive
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.world import World

HERE = Path(__file__)
WITHOUT = (HERE.stem, "test_kit")  # which has the others' scenarios, and breaks what they do
MODULES = [
    import_module(f"tests.crash.{path.stem}")
    for path in sorted(HERE.parent.glob("test_*.py"))
    if path.stem not in WITHOUT
]
ON_MEMORY = [module for module in MODULES if not hasattr(module, "ground")]
STOPPED = [
    (test_receive, "receive.mail to two brands"),
    (test_receive, "receive.cold"),
    (test_offers, "leave, offered"),
    (test_fetch, "fetch.first busy"),
    (test_deliver, "deliver.sms, unknown"),
    (test_files_out, "reply with a file"),
    (test_due, "socket.connect"),
]
CALLS = {
    "get_item", "batch_get_item", "query", "put_item", "update_item", "delete_item", "transact_write_items",
    "send_message", "send_message_batch", "get_object", "put_object", "copy_object", "get_secret_value", "provider", "file", "push",
}  # fmt: skip
"""Every kind that any scenario makes."""


def scenarios(module: ModuleType) -> dict[str, Scenario]:
    """All that a module has by itself or in lists, by name."""
    lists = [value if isinstance(value, list) else [value] for value in vars(module).values()]
    return {one.name: one for some in lists for one in some if isinstance(one, Scenario)}


def chosen() -> list[Scenario]:
    return [scenarios(module)[name] for module, name in STOPPED]


@contextmanager
def a_ground(*, memory: bool = False) -> Iterator[Ground]:
    """One for a test: there may be only one world at a time."""
    with World(memory=memory) as world:
        yield Ground(world)


def calls_of(module: ModuleType, *, memory: bool) -> dict[str, list[str]]:
    """Of each scenario of a module."""
    with a_ground(memory=memory) as ground:
        return {name: ground.calls(scenario) for name, scenario in scenarios(module).items()}


@pytest.mark.parametrize("module", ON_MEMORY, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_scenario_makes_the_same_calls_over_the_client_as_over_memory(module: ModuleType) -> None:
    over_client = calls_of(module, memory=False)
    assert over_client
    assert over_client == calls_of(module, memory=True)
    assert {call for calls in over_client.values() for call in calls} <= CALLS, (
        "then one of these is to be stopped here"
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", chosen(), ids=lambda scenario: scenario.name)
def test_it_survives_over_the_client_too(scenario: Scenario, mode: str) -> None:
    with a_ground() as ground:
        ground.run(scenario, mode)


def test_what_is_stopped_over_the_client_makes_every_kind_of_call() -> None:
    with a_ground() as ground:
        assert {call for scenario in chosen() for call in ground.calls(scenario)} == CALLS
