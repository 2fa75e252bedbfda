"""What a campaign asks of AWS, as counts, and that neither planning nor counting grows with its audience."""

from __future__ import annotations

import tracemalloc

from router.aws.table import Table
from router.campaigning import labels, tallied
from router.outreach_values import PARTS
from router.planning import plan
from santral.bench import outreach, outreach_way, shop
from santral.bench.outreach_memory import Endless

RECIPIENTS = 40


def test_a_send_takes_fourteen_calls_after_planning_and_one_that_does_not_leave_six() -> None:
    way = outreach_way.measure("sms", RECIPIENTS)
    calls, sent = way.tallies["step"].calls, way.sends
    kept = RECIPIENTS - sent
    assert calls["dynamodb.BatchGetItem"] == 7 * sent + 4 * kept
    assert calls["dynamodb.Query"] == 2 * sent + kept
    assert calls["dynamodb.GetItem"] == sent + 1  # a lease of turns
    assert calls["dynamodb.a single write"] + calls["dynamodb.TransactWriteItems"] == 4 * sent + kept + 1


def test_planning_somebody_takes_two_write_units_and_two_of_indexes() -> None:
    tally = outreach_way.measure("sms", RECIPIENTS).tallies["plan"]
    parts = tally.calls["dynamodb.a single write"]  # which move on
    assert (tally.table - parts, tally.index) == (2 * RECIPIENTS, 2 * RECIPIENTS)


def test_what_follows_a_claim_asks_the_queue_for_nothing() -> None:
    way = outreach_way.measure("sms", RECIPIENTS)
    assert way.queue <= 1 + 2 * PARTS  # the parts' orders, and the first steps of each part


def test_what_is_judged_is_what_is_sent() -> None:
    judged = outreach.measure(RECIPIENTS, 1)
    assert judged.sent == outreach_way.measure("sms", RECIPIENTS).sends


def test_memory_does_not_grow_with_the_audience() -> None:
    peaks = []
    for size in (400, 400, 4_000):  # the first makes what is kept
        x = outreach.exchange(Table(Endless(size), outreach.KEY))
        tracemalloc.start()
        for part in range(PARTS):
            plan(x, shop.CAMPAIGN, "bench", part)
        assert tallied(labels(x, shop.CAMPAIGN, "bench")).journeys == size
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.5 * peaks[1]
