"""Everything that is due, whether a timer or the sweep noticed: follow-ups, deadlines, sends to settle, the intake ledger.

All of it is idempotent and conditional, so it may be looked at twice, late, or by two at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from router import codes, promises
from router.absence import notice
from router.adopting import adopt, rehouse
from router.clocks import Stage, overdue
from router.config import Config
from router.conversations import WAKE, Conversation, State
from router.deliver import settle
from router.errors import Lost, NotFound, SantralError, Temporary, Unparsable
from router.exchange import Exchange
from router.fetching import refetch
from router.hints import tell_owner
from router.hooks import overdue as overdue_hook
from router.ids import digest
from router.keeping import kept, save, terms_for
from router.ledger import BUCKET, DELAY, bucket_of, bucket_start, next_bucket
from router.loads import Load, settled
from router.matching import Rules, next_look
from router.moves import awake, rehoused
from router.offers import missed
from router.receive import again, quarantine
from router.records import Unfetched, Verification
from router.sends import Send
from router.signals import Signal, Timer, Wake, follow_ups, waiting_row
from router.sla import acted, clock_of
from router.targets import Target
from router.times import to_ms
from router.waiting import Kind
from router.webhooks import Delivery

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_TRIES = 4
LEASE = timedelta(seconds=55)
_LONGEST = timedelta(seconds=40)


def attend(x: Exchange, key: tuple[str, str]) -> list[Signal]:
    """Do what is due for one item; what must be sent. Something that is not due, or gone, is left alone."""
    for _ in range(_TRIES):
        found = x.table.due_item(key)
        if found is None:
            return []
        if isinstance(found, Unfetched):
            return refetch(x, found)
        if isinstance(found, Delivery):
            return overdue_hook(x, found)
        if isinstance(found, Verification):
            codes.overdue(x, found)
            return []
        if isinstance(found, Conversation) and rehoused(found, x.now(), x.config()) is not None:
            rehouse(x, found.id)  # then it is looked at as it is by now
            continue
        try:
            return settle(x, found) if isinstance(found, Send) else _conversation(x, found)
        except Lost:
            continue
    return []  # contended: whoever won has set a new due time, or the next sweep tries again


def _conversation(x: Exchange, before: Conversation) -> list[Signal]:
    now = x.now()
    signals: list[Signal] = []
    after = kept(before, x.config(), now)
    passed = overdue_stages(after, x.config(), now)
    changes: list[Change] = []
    if before.follow_at is not None and before.follow_at <= now:
        stamp = f".{int(now.timestamp())}"
        signals += [replace(s, event_id=s.event_id + stamp) for s in follow_ups(before) if isinstance(s, Wake)]
        still = tuple(f for f in before.follow if f == WAKE and before.state is State.WAITING)  # match clears it
        after = replace(after, follow=still, follow_at=now + timedelta(seconds=60) if still else None)
        x.count("FollowUpBySweep", 1)
    if before.state is State.OFFERED and before.offer_until is not None and before.offer_until <= now:
        return missed(x, before, now)
    if before.state is State.SNOOZED and before.snoozed_until is not None and before.snoozed_until <= now:
        after = awake(after, before.snoozed_until, now)
        entry = "h_" + digest(x.key, "awake", before.id, before.snoozed_until.isoformat())
        changes.append(x.table.history(before.id, "awake", "clock", {}, now, entry))
    looks = before.state is State.WAITING and before.look_at is not None and before.look_at <= now
    if looks:
        after = replace(after, look_at=next_look(waiting_row(before), Rules(x.config(), before.pool), now))
    if passed:
        after = acted_on(after, passed)
        changes += [_stage_entry(x, before, after, stage, now) for stage in passed]
    saved = save(x, before, after)
    x.table.commit(*saved.changes, *changes)  # also where due was early or stale: then it is right again
    if saved.after.state is not before.state:
        signals += follow_ups(saved.after)
    if looks:
        signals.append(Wake(before.pool, f"{before.id}.{before.version}.look", waiting_row(saved.after)))
    if any(stage.kind == "warning" for stage in passed):
        x.count("SlaWarned", 1)
    if any(stage.kind == "breach" for stage in passed):
        x.count("SlaBreached", 1)
        signals += _after_breach(x, saved.after)
    return [*signals, *saved.timers]


def overdue_stages(conversation: Conversation, config: Config, now: datetime) -> list[Stage]:
    """What its clocks have set off by now and nobody has acted on, in the order of time. Of missed reminders only the last."""
    c = conversation
    terms = terms_for(c, config)
    found = overdue(c.timeline, terms, acted(c.clocks), to_ms(now)) + promises.overdue(c.promises, terms, to_ms(now))
    last = {(stage.target, stage.of): stage for stage in found}
    return sorted(stage for stage in found if stage.kind != "reminder" or stage is last[stage.target, stage.of])


def acted_on(conversation: Conversation, stages: Sequence[Stage]) -> Conversation:
    """A conversation that remembers of each clock and promise the last stage that was acted on."""
    last = {(stage.target, stage.of): stage.number for stage in stages}
    c = conversation
    return replace(
        c,
        clocks=tuple(replace(one, acted=last.get((one.target, None), one.acted)) for one in c.clocks),
        promises=tuple(replace(one, acted=last.get((Target.PROMISE, one.id), one.acted)) for one in c.promises),
    )


def _stage_entry(x: Exchange, before: Conversation, after: Conversation, stage: Stage, now: datetime) -> Change:
    clock = clock_of(after.clocks, stage.target)
    promise = next((one for one in after.promises if one.id == stage.of), None)
    started = stage.of or (clock.started_at.isoformat() if clock is not None else "")
    due_at = promise.due_at if promise is not None else clock.due_at if clock is not None else None
    entry = "b_" + digest(x.key, "stage", before.id, str(stage.target), started, str(stage.number))
    detail: dict[str, Any] = {"target": str(stage.target), "share": stage.number, "queue": before.queue}
    detail["due_at"] = due_at.isoformat() if due_at is not None else None
    if promise is not None:
        detail |= {"promise": promise.id, "by": promise.by}
    return x.table.history(before.id, stage.kind, "clock", {**detail, "priority": after.priority}, now, entry)


def _after_breach(x: Exchange, conversation: Conversation) -> list[Signal]:
    tell_owner(x, conversation, "breach")
    if conversation.state is State.WAITING:
        return [Wake(conversation.pool, f"{conversation.id}.{conversation.version}.breach", waiting_row(conversation))]
    return []


def sweep(x: Exchange, holder: str, *, limit: int = 1000) -> int:
    """Everything due, shard by shard, then the ledger; how many items were attended. Never two sweeps at once."""
    now = x.now()
    if not x.table.lease("lease", holder, now + LEASE, now):
        return 0
    attended = 0
    for shard in range(x.table.due_shards):
        for key in list(x.table.due(shard, now, limit)):
            if x.now() - now > _LONGEST:
                break  # the rest stays due: the lease must not end while we work
            try:
                x.queues.send(attend(x, key), now)
                attended += 1
            except Exception as error:  # one item's trouble must not stop the others; it stays due and is counted
                _trouble(x, f"attend {key[0].partition('#')[0]}", error)
    for what, part in (
        ("configuration", lambda: adopt(x)),
        ("pools", lambda: wake_pools(x, now)),
        ("ledger", lambda: reconcile(x, now)),
        ("gauges", lambda: gauges(x)),
    ):
        try:
            part()
        except Exception as error:  # each net holds by itself
            _trouble(x, what, error)
    return attended


def _trouble(x: Exchange, what: str, error: Exception) -> None:
    """Count and log a fault by its type: a text could hold what a customer wrote."""
    x.log(
        "sweep trouble", {"what": what, "why": str(error) if isinstance(error, SantralError) else type(error).__name__}
    )
    x.count("SweepFailed", 1)


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
            _trouble(x, "pool", error)
            continue
        if (found.filled or lost) and (found.loads or seated):
            signals.append(Wake(pool, f"sweep.{pool}.{int(now.timestamp())}"))
    x.queues.send(signals, now)
    for pool, roster in rosters.items():
        try:
            notice(x, pool, roster, now)
        except Exception as error:
            _trouble(x, "roster", error)


def settle_seats(x: Exchange, loads: Iterable[Load], waiting: Iterable[Kind]) -> int:
    """Who has room, by the configuration in force, for what waits or may come stands where a match looks; how many rows changed.

    Whoever came in under an older version stands by that one; and what waits may be lighter than what comes by now.
    """
    config = x.config()
    threshold = min([config.lightest, *(kind.units for kind in waiting)])
    count = 0
    for load in loads:
        known = config.agent(load.agent)
        units = known.units if known is not None else load.units
        after = settled(load, units, available=config.available(load.presence), threshold=threshold)
        if after != load:
            with suppress(Lost):  # changed meanwhile: the next sweep looks again
                x.table.commit(*x.table.settle(load, after))
                count += 1
    return count


def gauges(x: Exchange) -> None:
    """What waits for a person, for the alarms. Counted up to a page: the alarm asks whether, not how many."""
    x.count("ParkedSends", len(x.table.listed("parked", limit=100)))
    x.count("Quarantined", len(x.table.listed("quarantine", limit=100)))
    x.count("FailedWebhooks", len(x.table.listed("hooks", limit=100)))


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
            _trouble(x, "ledger row", error)
            quarantine(x, call, f"received but not routed: {type(error).__name__}")
    return gap


def on_timer(x: Exchange, timer: Timer) -> list[Signal]:
    """A timer rang. One that rings early (its item moved, or a delay was cut at 15 minutes) is set again."""
    now = x.now()
    if timer.at > now:
        return [timer]
    if timer.pk.startswith("POOL#"):  # an agent's pause or wrap-up is over
        pool = timer.pk.removeprefix("POOL#")
        load = x.table.seated(pool, timer.sk.removeprefix("A#"))
        pool = load.pool if load is not None else pool
        return [Wake(pool, f"{pool}.{timer.sk}.{int(timer.at.timestamp() * 1000)}")]
    return attend(x, (timer.pk, timer.sk))
