"""Every minute: what is due is handed out, the nets, the intake ledger, and the gauges behind the alarms."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, logger, metrics
from router.sweeping import sweep


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """One sweep; a second at the same time finds the lease taken and does nothing."""
    shards = sweep(exchange(), context.aws_request_id)
    logger.info("swept", extra={"shards": shards})
    return {"shards": shards}
