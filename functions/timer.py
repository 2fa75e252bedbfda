"""Timers due within fifteen minutes."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, logger, metrics
from router.aws.queues import read_timer
from router.due import on_timer


def one(record: dict[str, Any]) -> None:
    """Look at the item a timer was set for and send what follows."""
    x = exchange()
    x.queues.send(on_timer(x, read_timer(record["body"])), x.now())


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """A batch of timers that rang."""
    answer = process_partial_response(
        event, one, BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False), context
    )
    logger.info("timers", extra={"records": len(event["Records"]), "failed": len(answer["batchItemFailures"])})
    return answer
