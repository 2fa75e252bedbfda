"""Providers' webhooks: verify, parse, keep, queue, answer."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import exchange, logger, metrics
from router.errors import NotFound, Refused, SantralError, TooLarge
from router.gateway import problem, to_request
from router.receive import receive


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """One call of a provider's, answered as that provider wants it."""
    x = exchange()
    path = event.get("pathParameters") or {}
    channel, inbox = path.get("channel", ""), path.get("inbox", "")
    try:
        answer = receive(x, channel, inbox, to_request(event, x.public_url, x.now()))
    except Refused as error:
        metrics.add_metric("Refused", "Count", 1)
        return problem(403, "Refused", str(error), context.aws_request_id)
    except NotFound as error:
        return problem(404, "Not found", str(error), context.aws_request_id)
    except TooLarge as error:
        return problem(413, "Too large", str(error), context.aws_request_id)
    except SantralError as error:
        logger.exception("not taken")
        return problem(503, "Try again", str(error), context.aws_request_id)
    logger.info("received", extra={"channel": channel, "inbox": inbox, "status": answer.status})
    return {"statusCode": answer.status, "headers": {"content-type": answer.content_type}, "body": answer.body}
