"""Shards of the due index in which something is due."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, items_at_once, logger, metrics
from router.aws.queues import read_due
from router.shards import work


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """One shard's run; one that cannot be read at all comes again. An item's failure is counted, not raised."""
    failures: list[dict[str, str]] = []
    attended = 0
    for record in event["Records"]:
        try:
            attended += work(exchange(), read_due(record["body"]), at_once=items_at_once())
        except Exception:  # the outermost edge: one shard's fault must not hold back another's
            logger.exception("shard not worked through")
            failures.append({"itemIdentifier": record["messageId"]})
    logger.info("attended", extra={"shards": len(event["Records"]), "attended": attended})
    return {"batchItemFailures": failures}
