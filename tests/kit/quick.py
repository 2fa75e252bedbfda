"""moto without some of its costs. What it answers is the same; `tests/aws` holds it to DynamoDB Local.

A call of DynamoDB, or one that makes a queue or sends to it, goes to moto's handler as it is, not signed, written as HTTP, matched
against every service's addresses and read again; a transaction is undone by putting back the items it touched, where moto copies the
whole table once for each of them; the names under which an attribute of an answer may be found are worked out once for each kind of
attribute; keys are compared as strings; items are told without a copy of their values; conditions are cut into words once; the time,
which a queue asks for of each of its messages, is the machine's at once; a receipt's letters are drawn together; and the descriptions
of AWS's services are read once, not by each session.
A client whose wire is watched (`tests.kit.faults`) goes the whole way.
"""

from __future__ import annotations

import base64
import copy
import functools
import inspect
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from string import ascii_lowercase
from typing import Any
from weakref import WeakSet

from botocore import session
from botocore.client import BaseClient
from botocore.parsers import create_parser
from moto.core import serialize
from moto.core import utils as moto_utils
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID, botocore_stubber
from moto.core.responses import ActionResult
from moto.dynamodb import models
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.models import table as moto_table
from moto.dynamodb.models.dynamo_type import DDBType, DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.moto_api._internal import mock_random as moto_random
from moto.sqs import models as sqs_models
from moto.sqs.responses import SQSResponse
from werkzeug.exceptions import HTTPException

_transact = models.DynamoDBBackend.transact_write_items
underscored = functools.cache(moto_utils.camelcase_to_underscores)
_possible_keys = serialize.XFormedAttributePicker.get_possible_keys


class _Copy:
    """`copy` for moto's models: the tables of a transaction are not copied, `transact` below looks after them."""

    copy = staticmethod(copy.copy)

    @staticmethod
    def deepcopy(value: Any) -> Any:
        return value if isinstance(value, Table) else copy.deepcopy(value)


def transact(backend: Any, transact_items: list[dict[str, Any]]) -> None:
    """All or nothing, as moto has it."""
    undo = [_before(backend, *next(iter(item.items()))) for item in transact_items]
    shards = [
        (t.stream_shard, len(t.stream_shard.items)) for t in backend.tables.values() if t.stream_shard is not None
    ]
    try:
        _transact(backend, transact_items)
    except Exception:
        for table, partition, sort, was in undo:
            _put_back(table, partition, sort, was)
        for shard, length in shards:
            del shard.items[length:]
        raise


def _before(backend: Any, _: str, op: dict[str, Any]) -> tuple[Any, DynamoType, DynamoType, Any]:
    table = backend.get_table(op["TableName"])
    key = op.get("Key") or op["Item"]
    partition, sort = DynamoType(key[table.hash_key_attr]), DynamoType(key[table.range_key_attr])
    return table, partition, sort, copy.deepcopy(table.items.get(partition, {}).get(sort))


def _put_back(table: Any, partition: DynamoType, sort: DynamoType, was: Any) -> None:
    if was is not None:
        table.items[partition][sort] = was
        return
    table.items.get(partition, {}).pop(sort, None)
    if not table.items.get(partition, True):
        del table.items[partition]


_names: dict[tuple[Any, ...], tuple[str, ...]] = {}


def possible_keys(picker: Any, context: Any) -> Iterator[str]:
    """The names to look under; for plain dictionaries they depend on the model alone."""
    if type(context.obj) is not dict:
        yield from _possible_keys(picker, context)
        return
    shape = context.shape
    parent = getattr(shape, "parent", None)
    known = (type(picker), context.key, getattr(shape, "name", None), getattr(parent, "name", None))
    if known not in _names:
        _names[known] = tuple(_possible_keys(picker, context))
    yield from _names[known]


# --- a call without its wire ---------------------------------------------------------------------------------------

on_the_wire: WeakSet[Any] = WeakSet()
"""Clients whose calls are to be seen as HTTP requests."""
_make_request: Any = BaseClient._make_request  # type: ignore[attr-defined]
_JSON = create_parser("json")
_QUICK = frozenset({"CreateQueue", "SendMessage", "SendMessageBatch"})


class _Answer:
    """What botocore looks at of an HTTP response."""

    def __init__(self, status: int) -> None:
        self.status_code = status
        self.headers: dict[str, str] = {}


@contextmanager
def whole_way() -> Iterator[None]:
    """Inside, every call is an HTTP request, for whoever counts those."""
    setattr(BaseClient, "_make_request", _make_request)  # noqa: B010
    try:
        yield
    finally:
        setattr(BaseClient, "_make_request", make_request)  # noqa: B010


def _binary(value: dict[str, Any]) -> dict[str, Any]:
    return {"B": base64.b64decode(value["B"])} if isinstance(value.get("B"), str) and len(value) == 1 else value


def _handler(client: Any, operation: Any) -> Any:
    """Who answers in moto's place, if anybody."""
    if not client.meta.endpoint_url.endswith(".amazonaws.com"):
        return None
    if operation.service_model.service_name == "dynamodb":
        return DynamoHandler()
    return SQSResponse() if operation.name in _QUICK else None


def make_request(client: Any, operation: Any, request: dict[str, Any], context: Any) -> tuple[Any, dict[str, Any]]:
    """Let moto's handler answer a call that it can answer as it is; all others, and what is watched, go by HTTP."""
    handler = _handler(client, operation)
    if handler is None or not botocore_stubber.enabled or client in on_the_wire:
        return _make_request(client, operation, request, context)  # type: ignore[no-any-return]
    handler.body = handler.params = json.loads(
        request["body"], object_hook=_binary if b'"B":' in request["body"] else None
    )
    handler.region, handler.current_account = client.meta.region_name, DEFAULT_ACCOUNT_ID
    handler.uri = client.meta.endpoint_url
    handler.headers = {
        "X-Amz-Target": request["headers"]["X-Amz-Target"],
        "Content-Type": request["headers"]["Content-Type"],
    }
    handler.querystring, handler.response_headers, handler.uri_match = {}, {}, {}
    try:
        result = getattr(handler, underscored(operation.name))().result
    except ServiceException as error:
        status, headers, body = handler.serialized(ActionResult(error))
    except HTTPException as error:
        status, headers, body = error.code, dict(error.get_headers() or []), error.description
    else:
        return _Answer(200), {
            **result,
            "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0},
        }
    answer = {"status_code": int(status), "headers": headers, "body": body.encode() if isinstance(body, str) else body}
    told = _JSON.parse(answer, operation.output_shape)
    client._endpoint._add_modeled_error_fields(answer, told, operation, _JSON)
    return _Answer(int(status)), told


# --- answers and conditions ----------------------------------------------------------------------------------------


class _Answers:
    """`copy` for moto's table: items that are only told are copied without their values, which nobody changes in place."""

    copy = staticmethod(copy.copy)

    @staticmethod
    def deepcopy(value: Any) -> Any:
        if isinstance(value, Item):
            return _told(value)
        if isinstance(value, list) and all(isinstance(one, Item) for one in value):
            return [_told(one) for one in value]
        return copy.deepcopy(value)


def _told(item: Item) -> Item:
    answer: Any = Item.__new__(Item)
    answer.hash_key, answer.range_key = item.hash_key, item.range_key
    answer.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
    dict.update(answer.attrs, item.attrs)
    return answer  # type: ignore[no-any-return]


_lex_one_node: Any = ConditionExpressionParser._lex_one_node
_lexed: dict[str, tuple[Any, str]] = {}


def lex_one_node(parser: Any, rest: str) -> tuple[Any, str]:
    """The first word of a condition: the same for the same text."""
    if rest not in _lexed:
        _lexed[rest] = _lex_one_node(parser, rest)
    return _lexed[rest]


# --- comparing -----------------------------------------------------------------------------------------------------

_eq = DynamoType.__eq__
_query: Any = Table.query
_ORDER = inspect.signature(Table.query)
_asking = threading.local()


def _same(one: DynamoType, other: DynamoType) -> bool:
    return one.value == other.value if one.type == other.type == DDBType.STRING else _eq(one, other)


def query(table: Any, hash_key: DynamoType, *args: Any, **kwargs: Any) -> Any:
    """A query looks at its own partition, or at an index's items, and orders what it finds itself."""
    index = _ORDER.bind(table, hash_key, *args, **kwargs).arguments.get("index_name")
    partitions = table.items.values() if index else [table.items.get(hash_key, {})]
    _asking.of = [item for partition in partitions for item in partition.values()]
    try:
        return _query(table, hash_key, *args, **kwargs)
    finally:
        _asking.of = None


def all_items(table: Any) -> list[Item]:
    """A table's items in the order of their keys, which are strings here; all that matter to the query that is asked."""
    if getattr(_asking, "of", None) is not None:
        return _asking.of  # type: ignore[no-any-return]
    items = [item for partition in table.items.values() for item in partition.values()]
    return sorted(items, key=lambda item: (item.hash_key.value, item.range_key.value))


# --- time ----------------------------------------------------------------------------------------------------------

_unix_time = moto_utils.unix_time


_latest = 0.0
_STEP = 5e-7  # seconds: two floats so near to one another still differ, in milliseconds too


def unix_time(at: datetime | None = None) -> float:
    """Seconds since 1970, of a time or of now; each time it is asked it is later.

    moto shows a message only after the time from which it is to be seen: at the very same, what failed would be thought to be in
    somebody's hands still, and what came before it in its group would be passed over for what came behind.
    """
    global _latest
    if at is not None:
        return _unix_time(at)
    _latest = max(time.time(), _latest + _STEP)
    return _latest


def receipt_handle() -> str:
    """As long as moto's, whose letters are drawn one by one."""
    return "".join(moto_random.choices(ascii_lowercase, k=185))


def install() -> None:
    """Put all of it in force; a second time changes nothing."""
    setattr(session, "create_loader", functools.cache(session.create_loader))  # noqa: B010
    setattr(models, "copy", _Copy)  # noqa: B010 - as moto's own names, which are typed otherwise
    setattr(models.DynamoDBBackend, "transact_write_items", transact)  # noqa: B010
    setattr(serialize.XFormedAttributePicker, "get_possible_keys", possible_keys)  # noqa: B010
    setattr(BaseClient, "_make_request", make_request)  # noqa: B010
    setattr(moto_table, "copy", _Answers)  # noqa: B010
    setattr(ConditionExpressionParser, "_lex_one_node", lex_one_node)  # noqa: B010
    setattr(DynamoType, "__eq__", _same)  # noqa: B010
    setattr(moto_utils, "unix_time", unix_time)  # noqa: B010
    setattr(sqs_models, "generate_receipt_handle", receipt_handle)  # noqa: B010
    setattr(Table, "query", query)  # noqa: B010
    setattr(Table, "all_items", all_items)  # noqa: B010
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and hasattr(module, "camelcase_to_underscores"):
            setattr(module, "camelcase_to_underscores", underscored)  # noqa: B010
