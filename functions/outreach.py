"""What we write first: campaigns that are set off, their audiences, journeys, and the messages of these on their way out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, logger, metrics
from router.aws.queues import read_outreach
from router.errors import Temporary
from router.outreach import carry_on

LEAST_MS = 35_000
"""What a provider's call that times out takes. Less left, and a record goes back to the queue: a call that is cut off is never repeated."""


def one(record: dict[str, Any], lambda_context: LambdaContext) -> None:
    """Carry one order out with what follows at once, and send the rest."""

    def in_time() -> bool:
        return lambda_context.get_remaining_time_in_millis() >= LEAST_MS

    if not in_time():
        raise Temporary("there is no time left for it")
    x = exchange()
    sent = datetime.fromtimestamp(int(record["attributes"]["SentTimestamp"]) / 1000, UTC)
    x.queues.send(carry_on(x, read_outreach(record["body"], sent), in_time), x.now())


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """A batch, one person's journeys in order; a failed record holds back only the rest of its group."""
    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    processor.raise_on_entire_batch_failure = False  # an exception would say less: the answer names the records
    answer = process_partial_response(event, one, processor, context)
    logger.info("outreach", extra={"records": len(event["Records"]), "failed": len(answer["batchItemFailures"])})
    return answer
