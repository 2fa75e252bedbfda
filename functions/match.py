"""Wake-ups of a pool: give what waits to those who have room."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, logger, metrics
from router.aws.queues import read_wake
from router.match import match


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """All wake-ups of one pool at once; if a pool fails, its records come again and the others' do not."""
    x = exchange()
    pools: dict[str, list[Any]] = {}
    for record in event["Records"]:
        pools.setdefault(record["attributes"]["MessageGroupId"], []).append(record)
    failures: list[dict[str, str]] = []
    matched = 0
    for records in pools.values():
        try:
            matched += match(x, [read_wake(record["body"]) for record in records])
        except Exception:  # the outermost edge: one pool's fault must not hold back another's
            logger.exception("pool not matched")
            failures += [{"itemIdentifier": record["messageId"]} for record in records]
    logger.info("matched", extra={"wakes": len(event["Records"]), "assigned": matched})
    return {"batchItemFailures": failures}
