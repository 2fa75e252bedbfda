"""What other systems tell of people, by our bus for them."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, logger, metrics
from router.telling import hear


def one(record: dict[str, Any]) -> None:
    """Store one event and set off what it sets off."""
    hear(exchange(), record["body"])


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """A batch, in no order. What cannot be read comes again, and at last to a person."""
    answer = process_partial_response(
        event, one, BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False), context
    )
    logger.info("told", extra={"records": len(event["Records"]), "failed": len(answer["batchItemFailures"])})
    return answer
