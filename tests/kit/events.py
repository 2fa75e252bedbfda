"""Lambda events and the template's table, as AWS makes them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent


class LambdaContext:
    """What Lambda gives a handler beside the event."""

    function_name = "test"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:test"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 60_000


def sqs_record(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "0", **message.get("Attributes", {})},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:queue.fifo",
        "awsRegion": "eu-central-1",
    }


def http_event(method: str, path: str, body: bytes, headers: Mapping[str, str], *, query: str = "") -> dict[str, Any]:
    """An HTTP API event, payload format 2.0, as API Gateway makes it."""
    event: dict[str, Any] = {
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": {k.lower(): v for k, v in headers.items()},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
            "requestId": "r", "stage": "$default", "timeEpoch": 0, "apiId": "a", "accountId": "1", "domainName": "d",
        },
        "isBase64Encoded": bool(body),
    }  # fmt: skip
    if body:
        event["body"] = base64.b64encode(body).decode()
    if query:
        event["queryStringParameters"] = dict(parse_qsl(query))
    return event


class _Loader(yaml.SafeLoader):
    """Reads a template; intrinsic functions become their text."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: f"!{tag}")


def table_of_the_template(name: str = "santral", *, streaming: bool = False) -> dict[str, Any]:
    """The table's keys and indexes as create_table wants them, out of infra/template.yaml; its stream, where that is asked for."""
    properties = _table_properties()
    stream = {"StreamSpecification": {"StreamEnabled": True, **properties["StreamSpecification"]}} if streaming else {}
    return {
        **stream,
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        **{k: properties[k] for k in ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")},
    }


@cache
def _table_properties() -> dict[str, Any]:
    template = yaml.load((ROOT / "infra/template.yaml").read_text(), _Loader)
    return dict(next(r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::DynamoDB::Table"))
