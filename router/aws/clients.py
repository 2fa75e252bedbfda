"""AWS clients, tuned for one short-lived process: made on first use, few retries, no parameter validation.

botocore is used without boto3's layer on top: the same clients, about 60 ms less to import (docs/benchmarks.md).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore import __version__
from botocore.config import Config
from botocore.session import Session, get_session

QUICK = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 4},
    parameter_validation=False,
    tcp_keepalive=True,
    max_pool_connections=8,
    user_agent=f"Botocore/{__version__} Santral",  # made anew for each request otherwise, a quarter of its work
)


@cache
def session() -> Session:
    """The process's one botocore session."""
    return get_session()


@cache
def client(service: str, endpoint: str | None = None) -> Any:
    """A client of a service; `endpoint` overrides the regional address (the WebSocket API's own)."""
    return session().create_client(service, endpoint_url=endpoint, config=QUICK)


def forget() -> None:
    """Drop all clients: for tests that change the account under them."""
    client.cache_clear()
    session.cache_clear()
