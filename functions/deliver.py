"""Answers on their way out."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, logger, metrics
from router.aws.queues import read_deliver
from router.deliver import deliver


def one(record: dict[str, Any]) -> None:
    """Carry one send a step further and send what follows."""
    x = exchange()
    order = read_deliver(record["body"])
    x.queues.send(deliver(x, order.send, order.previous), x.now())


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """A batch, one conversation's answers in order. A provider's failure is recorded, not raised."""
    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    processor.raise_on_entire_batch_failure = False  # an exception would say less: the answer names the records
    answer = process_partial_response(event, one, processor, context)
    logger.info("delivered", extra={"records": len(event["Records"]), "failed": len(answer["batchItemFailures"])})
    return answer
