"""The intake ledger's five-minute buckets: what was received is compared with what was routed, bucket by bucket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

BUCKET = timedelta(minutes=5)
DELAY = timedelta(minutes=10)
"""A bucket is compared this long after it closed: the queues' own retries come first."""


def bucket_of(at: datetime) -> str:
    """The five minutes a time belongs to, as text that sorts."""
    at = at.astimezone(UTC)
    return f"{at:%Y%m%d%H}{at.minute // 5 * 5:02d}"


def next_bucket(bucket: str) -> str:
    """The five minutes after."""
    return bucket_of(bucket_start(bucket) + BUCKET)


def bucket_start(bucket: str) -> datetime:
    """When a bucket begins."""
    return datetime.strptime(bucket, "%Y%m%d%H%M").replace(tzinfo=UTC)
