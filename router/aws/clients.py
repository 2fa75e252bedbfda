"""AWS clients, tuned for one short-lived process: made on first use, few retries, no parameter validation.

botocore is used without boto3's layer on top: the same clients, about 60 ms less to import (docs/benchmarks.md).
"""

from __future__ import annotations

from functools import cache
from threading import Lock
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
# Addresses to get or put an object are signed as requests are; the older way binds neither type nor length. A checksum cannot
# be known before the file is.
_S3 = Config(signature_version="s3v4", request_checksum_calculation="when_required", s3={"addressing_style": "virtual"})


@cache
def session() -> Session:
    """The process's one botocore session."""
    return get_session()


_making = Lock()  # a session makes one client at a time, and several threads may be the first to ask


@cache
def client(service: str, endpoint: str | None = None) -> Any:
    """A client of a service; `endpoint` overrides the regional address (the WebSocket API's own)."""
    config = QUICK.merge(_S3) if service == "s3" else QUICK
    with _making:
        return session().create_client(service, endpoint_url=endpoint, config=config)
