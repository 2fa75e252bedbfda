"""The function behind outreach.fifo: what is read of its records, and that it begins nothing it has no time for."""

from __future__ import annotations

import json

from functions import outreach
from tests.kit.events import LambdaContext, sqs_record
from tests.kit.world import World


class Late(LambdaContext):
    """A batch that providers have held up."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return outreach.LEAST_MS - 1


def batch(*bodies: str) -> dict[str, list[object]]:
    records = [
        sqs_record(
            {
                "MessageId": str(number),
                "ReceiptHandle": "r",
                "Body": body,
                "Attributes": {"MessageGroupId": f"g{number}"},
            }
        )
        for number, body in enumerate(bodies)
    ]
    return {"Records": [*records]}


def failed(event: object, context: LambdaContext | None = None) -> list[str]:
    answer = outreach.handler(event, context or LambdaContext())
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_what_there_is_no_time_for_goes_back_to_the_queue_and_nothing_is_begun(world: World) -> None:
    launch = json.dumps({"launch": "kimse", "at": "2026-03-02T09:00:00Z"})
    before = world.items()
    assert failed(batch(launch, launch), Late()) == ["0", "1"]
    assert world.items() == before


def test_a_record_of_nobody_s_holds_back_no_other_group(world: World) -> None:
    launch = json.dumps({"launch": "kimse", "at": "2026-03-02T09:00:00Z"})
    assert failed(batch("{}", launch)) == ["0"]
