"""The DynamoDBs, each started at most once a session, and an empty table in the one a test is run on."""

from collections.abc import Iterator

import pytest

from router.aws.dynamo import Dynamo
from router.aws.table import Table
from santral.memory import MemoryDynamo
from tests.kit import backends, values


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    """A running emulator."""
    with backends.emulator() as url:
        yield url


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    """A running DynamoDB Local."""
    with backends.dynamodb_local() as url:
        yield url


@pytest.fixture
def dynamo(request: pytest.FixtureRequest) -> Iterator[Dynamo]:
    """An empty table on the backend that the test is parametrised with (indirectly)."""
    if request.param == "memory":
        yield MemoryDynamo()
        return
    if request.param == "moto":
        with backends.moto() as client, backends.empty_table(client) as table:
            yield table
        return
    url = request.getfixturevalue("emulator_url" if request.param == "emulator" else "dynamodb_local_url")
    with backends.empty_table(backends.client_of(url)) as table:
        yield table


@pytest.fixture
def table(dynamo: Dynamo) -> Table:
    """The table under test."""
    return Table(dynamo, values.KEY)
