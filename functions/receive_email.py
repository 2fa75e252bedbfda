"""Mail that SES put into the bucket, and SES's own events about mail we sent."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from channels.ses import Fetch, Inline, SendingEvent, parse_event, work_items
from functions.wiring import exchange, logger, mail_bucket, metrics
from router.exchange import Exchange
from router.receive import MAX_MAIL_BYTES, accept, fetch_mail, receive_mail
from router.records import Call
from router.wire import Request


def sending_event(x: Exchange, item: SendingEvent) -> None:
    """Queue the receipts of one event; which inbox it left from does not matter to them."""
    inbox = next((inbox for inbox in x.config().inboxes if inbox.channel == "email"), None)
    if inbox is not None:
        accept(x, [(Call("email", inbox.name, x.now()), parse_event(item.payload, inbox, x.key, x.now()))])


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Every work item of the event. A fault raises: Lambda tries twice more, then keeps the event for a person."""
    x = exchange()
    items = work_items(event)
    for item in items:
        match item:
            case Fetch() if item.bucket == mail_bucket():
                ref = f"s3://{item.bucket}/{item.key}"
                body = fetch_mail(x, ref, item.envelope)
                if body is not None:
                    request = Request(body=body, envelope=item.envelope, received_at=x.now(), raw_ref=ref)
                    receive_mail(x, request, item.recipients, item.envelope)
            case Inline() if len(item.body) <= MAX_MAIL_BYTES:
                request = Request(body=item.body, envelope=item.envelope, received_at=x.now())
                receive_mail(x, request, item.recipients, item.envelope)
            case SendingEvent():
                sending_event(x, item)
            case _:
                logger.info("passed over", extra={"kind": type(item).__name__})
    logger.info("mail", extra={"items": len(items)})
    return {"items": len(items)}
