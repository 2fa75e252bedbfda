"""What AWS does to a caller now and then, injected below botocore's own retries: no emulator does any of it.

A `Wire` stands between one client and its service. A fault gets the `Ask` that was about to leave and gives the answer, or
raises what the network would: conflicts, throttling, a 500, an answer that is lost after the work was done, an index that
does not see the last writes yet, batches done in part.
"""

from __future__ import annotations

import json
import random
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError
from moto.core.models import botocore_stubber

from tests.kit import quick

WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


@dataclass(frozen=True)
class Ask:
    """One request that is about to leave. `go` sends it, changed or as it is, and gives the service's answer."""

    operation: str
    request: AWSPreparedRequest
    go: Callable[[], AWSResponse]

    @property
    def body(self) -> dict[str, Any]:
        """The request's JSON."""
        body: Any = self.request.body
        return dict(json.loads(body))

    def changed(self, body: dict[str, Any]) -> AWSResponse:
        """Send it with another body."""
        before = self.request.body
        try:
            self._write(json.dumps(body).encode())
            return self.go()
        finally:
            self._write(before)

    def _write(self, data: Any) -> None:
        self.request.body = data
        self.request.headers["Content-Length"] = str(len(data))


Fault = Callable[[Ask], AWSResponse]


class Wire:
    """Stands between a client and its service. Safe to use from several threads."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._plans: list[tuple[Callable[[Ask], bool], Fault]] = []
        self.asked: list[str] = []
        # moto answers from the same event whatever others did before, so it is asked from here instead.
        quick.on_the_wire.add(client)
        client.meta.events.unregister("before-send", botocore_stubber)
        client.meta.events.register("before-send", self._sent)

    def off(self) -> None:
        """Take the wire out."""
        quick.on_the_wire.discard(self._client)
        self._client.meta.events.unregister("before-send", self._sent)
        self._client.meta.events.register("before-send", botocore_stubber)

    def heal(self) -> None:
        """No more faults."""
        self._plans.clear()

    def next(self, operation: str, fault: Fault, *, times: int = 1, after: int = 0) -> None:
        """The next calls of an operation meet a fault, botocore's own retries counted; `after` so many go through."""
        left = [after, times]

        def due(ask: Ask) -> bool:
            if ask.operation != operation or left[1] == 0:
                return False
            if left[0] > 0:
                left[0] -= 1
                return False
            left[1] -= 1
            return True

        self._plans.append((due, fault))

    def always(self, operation: str, fault: Fault) -> None:
        """Every call of an operation meets a fault."""
        self._plans.append((lambda ask: ask.operation == operation, fault))

    def sometimes(self, chance: float, fault: Fault, dice: random.Random, operations: frozenset[str] = WRITES) -> None:
        """Calls meet a fault by chance."""
        self._plans.append((lambda ask: ask.operation in operations and dice.random() < chance, fault))

    def _sent(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        ask = Ask(event_name.rpartition(".")[2], request, lambda: self._go(request))
        with self._lock:
            self.asked.append(ask.operation)
            fault = next((fault for due, fault in self._plans if due(ask)), None)
        return ask.go() if fault is None else fault(ask)

    def _go(self, request: AWSPreparedRequest) -> AWSResponse:
        answer = botocore_stubber("before-send", request)
        if answer is None:
            answer = self._client._endpoint.http_session.send(request)
        assert isinstance(answer, AWSResponse)
        return answer


# --- the faults ----------------------------------------------------------------------------------------------------


def conflict(ask: Ask) -> AWSResponse:
    """Somebody else is writing the same item: a cancelled transaction, or for a single write its own exception."""
    if ask.operation == "TransactWriteItems":
        return _cancelled(ask, "TransactionConflict")
    return error(ask, "TransactionConflictException", "Transaction is ongoing for the item")


def hot(ask: Ask) -> AWSResponse:
    """An item of a transaction lies on a partition with too much to do."""
    return _cancelled(ask, "ThrottlingError")


def throttled(ask: Ask) -> AWSResponse:
    """The partition has too much to do."""
    return error(ask, "ProvisionedThroughputExceededException", "The level of configured provisioned throughput ...")


def broken(ask: Ask) -> AWSResponse:
    """A 500 before anything was done."""
    return error(ask, "InternalServerError", "Internal server error", status=500)


def unreachable(ask: Ask) -> AWSResponse:
    """No connection: nothing was done."""
    raise ConnectTimeoutError(endpoint_url=ask.request.url)


def answer_lost(ask: Ask) -> AWSResponse:
    """The work is done, and the answer does not come in time."""
    ask.go()
    raise ReadTimeoutError(endpoint_url=ask.request.url)


def line_cut(ask: Ask) -> AWSResponse:
    """The work is done, and the line is cut before the answer."""
    ask.go()
    raise ConnectionClosedError(endpoint_url=ask.request.url)


def half_read(ask: Ask) -> AWSResponse:
    """BatchGetItem reads the first half of the keys and gives the others back, as it may."""
    body = ask.body
    ((table, wanted),) = body["RequestItems"].items()
    half = (len(wanted["Keys"]) + 1) // 2
    rest = {**wanted, "Keys": wanted["Keys"][half:]}
    answer = _json(ask.changed({**body, "RequestItems": {table: {**wanted, "Keys": wanted["Keys"][:half]}}}))
    return respond(ask, {**answer, "UnprocessedKeys": {table: rest} if rest["Keys"] else {}})


def unread(ask: Ask) -> AWSResponse:
    """BatchGetItem reads nothing at all."""
    return respond(ask, {"Responses": {}, "UnprocessedKeys": ask.body["RequestItems"]})


def half_sent(ask: Ask) -> AWSResponse:
    """SendMessageBatch takes the first half of the messages and refuses the others."""
    body = ask.body
    half = (len(body["Entries"]) + 1) // 2
    answer = _json(ask.changed({**body, "Entries": body["Entries"][:half]}))
    failed = [
        {"Id": entry["Id"], "SenderFault": False, "Code": "ServiceUnavailable", "Message": "try again"}
        for entry in body["Entries"][half:]
    ]
    return respond(ask, {**answer, "Failed": failed})


class Lagging:
    """Indexes that do not see the last `behind` writes yet.

    They are read from a shadow of the table, to which every write that succeeded is done again, so much later.
    """

    def __init__(self, wire: Wire, client: Any, description: dict[str, Any], behind: int) -> None:
        self.behind = behind
        self._table = description["TableName"]
        self._shadow = f"{self._table}-shadow"
        self._waiting: deque[tuple[str, dict[str, Any]]] = deque()
        self._client = client
        client.create_table(**{**description, "TableName": self._shadow})
        for page in client.get_paginator("scan").paginate(TableName=self._table):
            for item in page["Items"]:
                client.put_item(TableName=self._shadow, Item=item)
        for operation in WRITES:
            wire.always(operation, self._write)
        wire.always("Query", self._query)

    def catch_up(self, behind: int = 0) -> None:
        """Let the indexes see all but the last `behind` writes."""
        self.behind = behind
        self._apply()

    def _write(self, ask: Ask) -> AWSResponse:
        answer = ask.go()
        if answer.status_code == 200:
            self._waiting.append(
                (ask.operation, json.loads(json.dumps(ask.body).replace(f'"{self._table}"', f'"{self._shadow}"')))
            )
            self._apply()
        return answer

    def _apply(self) -> None:
        methods = {
            "PutItem": "put_item", "UpdateItem": "update_item", "DeleteItem": "delete_item",
            "TransactWriteItems": "transact_write_items",
        }  # fmt: skip
        while len(self._waiting) > self.behind:
            operation, body = self._waiting.popleft()
            getattr(self._client, methods[operation])(**_binary(body))

    def _query(self, ask: Ask) -> AWSResponse:
        body = ask.body
        return ask.changed({**body, "TableName": self._shadow}) if "IndexName" in body else ask.go()


def _binary(value: Any) -> Any:
    """A request's JSON as boto3 wants it: binary values as bytes."""
    import base64

    if isinstance(value, dict):
        if set(value) == {"B"} and isinstance(value["B"], str):
            return {"B": base64.b64decode(value["B"])}
        return {name: _binary(one) for name, one in value.items()}
    return [_binary(one) for one in value] if isinstance(value, list) else value


# --- answers -------------------------------------------------------------------------------------------------------


def respond(ask: Ask, body: dict[str, Any], status: int = 200) -> AWSResponse:
    """An answer in the services' JSON protocol."""
    headers: Any = {"x-amzn-RequestId": "fault", "Content-Type": "application/x-amz-json-1.0"}
    raw: Any = _Raw(json.dumps(body).encode())
    return AWSResponse(ask.request.url, status, headers, raw)


def error(ask: Ask, code: str, text: str, status: int = 400, **more: Any) -> AWSResponse:
    """An error as DynamoDB words it."""
    return respond(ask, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": text, **more}, status)


def _cancelled(ask: Ask, code: str) -> AWSResponse:
    reasons: list[dict[str, str]] = [{"Code": "None"} for _ in ask.body["TransactItems"]]
    reasons[0] = {"Code": code, "Message": "..."}
    text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{code}]"
    return error(ask, "TransactionCanceledException", text, CancellationReasons=reasons)


def _json(answer: AWSResponse) -> dict[str, Any]:
    return dict(json.loads(answer.content))
