"""Events on their way to webhooks."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, logger, metrics
from router.aws.queues import read_hook
from router.hooks import deliver_hook


def one(record: dict[str, Any]) -> None:
    """Post one event and send what follows."""
    x = exchange()
    x.queues.send(deliver_hook(x, read_hook(record["body"])), x.now())


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """A batch, in no order. A receiver's failure is recorded, not raised."""
    answer = process_partial_response(
        event, one, BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False), context
    )
    logger.info("hooks", extra={"records": len(event["Records"]), "failed": len(answer["batchItemFailures"])})
    return answer
