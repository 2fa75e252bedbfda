"""Messages and receipts from the inbound queue, each into its conversation."""

from __future__ import annotations

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, logger, metrics
from router.inbound import Inbound


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """A batch, one sender's messages in order; a failed record holds back only the rest of its group."""
    inbound = Inbound(exchange(), event["Records"], json.loads)
    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    processor.raise_on_entire_batch_failure = False  # an exception would say less: the answer names the records
    answer = process_partial_response(event, inbound.one, processor, context)
    inbound.finish()
    logger.info("routed", extra={"records": len(event["Records"]), "failed": len(answer["batchItemFailures"])})
    return answer
