"""Every five minutes: hours that are over are counted, and those that changed since once more; the values behind the alarms."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, gauge, logger, metrics
from router.hourly import count_hours
from router.live import gauges


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """One run; a second at the same time finds the lease taken and does nothing."""
    x = exchange()
    counted = count_hours(x, context.aws_request_id)
    if counted is None:
        return {"hours": 0}
    for queue, values in gauges(x, counted).items():
        gauge(queue, values)
    logger.info("counted", extra={"hours": len(counted)})
    return {"hours": len(counted)}
