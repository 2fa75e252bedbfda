"""moto without some of its costs is still a queue: tests/kit/quick.py."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from tests.kit import quick
from tests.kit.world import World


def test_a_batch_that_failed_comes_again_in_its_order_though_the_machine_s_clock_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        world.sms(f"Ben {number}", sender=f"+155501{number:02d}")
        world.work("inbound")
    stands = time.time() + 60
    monkeypatch.setattr(quick, "time", SimpleNamespace(time=lambda: stands))
    batch = world.take("match")
    assert len(batch) == 4
    for message in batch:
        world.sqs.change_message_visibility(
            QueueUrl=world.urls["match"], ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )
    assert [message["MessageId"] for message in world.take("match")] == [message["MessageId"] for message in batch]
