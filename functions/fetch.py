"""Files that customers sent, out of their provider's hands into ours."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, logger, metrics
from router.aws.queues import read_fetch
from router.fetching import fetch


def one(record: dict[str, Any]) -> None:
    """Fetch what a message lacks and send what follows. What is lost here is in the due index."""
    x = exchange()
    x.queues.send(fetch(x, read_fetch(record["body"])), x.now())


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """One message at a time. A provider's failure is recorded, not raised."""
    answer = process_partial_response(
        event, one, BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False), context
    )
    logger.info("fetched", extra={"records": len(event["Records"]), "failed": len(answer["batchItemFailures"])})
    return answer
