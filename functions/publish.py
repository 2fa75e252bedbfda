"""The table's stream: what changed is told to the event bus and to webhooks, and what was said is indexed."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, logger, metrics
from router.aws.changes import read_change
from router.publish import publish


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A batch in order; the first record that could not be told comes again, with all behind it."""
    again = publish(exchange(), event["Records"], read_change)
    logger.info("published", extra={"records": len(event["Records"]), "again": again})
    return {"batchItemFailures": [{"itemIdentifier": again}] if again is not None else []}
