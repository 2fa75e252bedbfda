"""The WebSocket API: customers' chats and agents' desks."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from channels import sessions
from functions.wiring import exchange, logger, metrics
from router import chat
from router.errors import Refused
from router.gateway import protocols, to_frame


def connect(event: dict[str, Any], connection: str) -> dict[str, Any]:
    """Let the holder of a ticket or session in, and echo the subprotocol, which browsers insist on."""
    x = exchange()

    def session(token: str) -> dict[str, Any]:
        return sessions.verify(token, [x.key], x.now()).envelope(connection)

    offered = protocols(event)
    try:
        chat.connect(x, connection, offered, session)
    except Refused as error:
        metrics.add_metric("Refused", "Count", 1)
        logger.info("refused", extra={"why": str(error)})
        return {"statusCode": 401}
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": chat.PROTOCOL} if chat.PROTOCOL in offered else {}}


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Open, close, or one frame."""
    x = exchange()
    about = event["requestContext"]
    connection, kind = about["connectionId"], about["eventType"]
    answer: dict[str, Any] = {"statusCode": 200}
    if kind == "CONNECT":
        answer = connect(event, connection)
    elif kind == "DISCONNECT":
        chat.disconnect(x, connection)
    else:
        for frame in chat.frame(x, connection, *to_frame(event, x.now())):
            x.sockets.push(connection, frame)
    logger.info("socket", extra={"kind": kind, "status": answer["statusCode"]})
    return answer
