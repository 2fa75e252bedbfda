"""The sweep, every minute: what is due is handed to its workers, and the nets below what events and timers do.

All of it is idempotent and conditional, so it may be done twice, late, or by two at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from router.absence import notice
from router.adopting import adopt
from router.errors import NotFound, Temporary, Unparsable
from router.exchange import Exchange
from router.ledger import BUCKET, DELAY, bucket_of, bucket_start, next_bucket
from router.loads import Load
from router.receive import again, quarantine
from router.seating import settle_seats
from router.shards import trouble
from router.signals import Due, Signal, Wake

LEASE = timedelta(seconds=55)


def sweep(x: Exchange, holder: str) -> int:
    """Hand out what is due, then the nets; in how many shards something was. Never two sweeps at once."""
    now = x.now()
    if not x.table.lease("lease", holder, now + LEASE, now):
        return 0
    shards: list[int] = []
    for what, part in (
        ("shards", lambda: shards.extend(hand_out(x, now))),
        ("configuration", lambda: adopt(x)),
        ("pools", lambda: wake_pools(x, now)),
        ("ledger", lambda: reconcile(x, now)),
        ("gauges", lambda: gauges(x)),
    ):
        try:
            part()
        except Exception as error:  # each net holds by itself
            trouble(x, what, error)
    return len(shards)


def hand_out(x: Exchange, now: datetime) -> list[int]:
    """Each shard of the due index in which something is due has a worker's run in the queue; which those are.

    Counts by how many seconds the oldest is late, for the alarm.
    """
    oldest = {shard: at for shard in range(x.table.due_shards) for _, at in x.table.due(shard, now, limit=1)}
    x.queues.send([Due(shard, f"due.{shard}.{int(now.timestamp())}") for shard in oldest], now)
    x.count("DueLate", int((now - min(oldest.values(), default=now)).total_seconds()))
    return list(oldest)


def wake_pools(x: Exchange, now: datetime) -> None:
    """Whoever waits while somebody has room is matched within the minute, whatever event was missed (P7); who left is noticed.

    Two matches of one pool at once, which the queue's group does not let happen, could lose a line from the directory.
    """
    signals: list[Signal] = []
    rosters: dict[str, Sequence[Load]] = {}
    for pool in sorted(x.config().pool_names | x.table.named().pools):
        try:
            found = x.table.pool(pool)
            rosters[pool] = x.table.everybody(pool)
            seated = settle_seats(x, rosters[pool], found.filled.values())
            lost = x.table.find_lines(pool, found, now) if now.minute % 5 == 0 else 0
        except Exception as error:  # one pool's trouble must not leave the others waiting
            trouble(x, "pool", error)
            continue
        if (found.filled or lost) and (found.loads or seated):
            signals.append(Wake(pool, f"sweep.{pool}.{int(now.timestamp())}"))
    x.queues.send(signals, now)
    for pool, roster in rosters.items():
        try:
            notice(x, pool, roster, now)
        except Exception as error:
            trouble(x, "roster", error)


def gauges(x: Exchange) -> None:
    """What waits for a person, for the alarms. Counted up to a page: the alarm asks whether, not how many."""
    x.count("ParkedSends", len(x.table.listed("parked", limit=100)))
    x.count("Quarantined", len(x.table.listed("quarantine", limit=100)))
    x.count("FailedWebhooks", len(x.table.listed("hooks", limit=100)))
    x.count("CampaignsStopped", len(x.table.listed("campaigns", limit=100)))


def reconcile(x: Exchange, now: datetime, *, buckets: int = 12) -> int:
    """Compare what was received with what was routed, by id, and send again what is missing; how many were."""
    last = bucket_of(now - DELAY - BUCKET)
    done = x.table.cursor("ledger")
    bucket = next_bucket(done) if done is not None else bucket_of(now - timedelta(hours=1))
    gap = 0
    for _ in range(buckets):
        if bucket_start(bucket) > bucket_start(last):
            break
        gap += _reconcile_bucket(x, bucket)
        x.table.set_cursor("ledger", bucket)
        bucket = next_bucket(bucket)
    x.count("IntakeGap", gap)
    return gap


def _reconcile_bucket(x: Exchange, bucket: str) -> int:
    gap = 0
    for call, ids in x.intake.entries(bucket):
        missing = x.intake.missing(ids)
        if not missing or x.intake.is_quarantined(call):  # a person has it to decide on
            continue
        gap += len(missing)
        try:
            again(x, call, f".{bucket}.again")
        except (Unparsable, NotFound) as error:
            quarantine(x, call, f"received but not routed, and no longer readable: {error}")
        except Temporary:
            raise
        except Exception as error:  # one bad row must not hold the ledger for ever
            trouble(x, "ledger row", error)
            quarantine(x, call, f"received but not routed: {type(error).__name__}")
    return gap
