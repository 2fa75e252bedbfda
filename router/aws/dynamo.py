"""One DynamoDB table, its calls, and what their failures mean. Conditional failures become `Lost`, here and nowhere else."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from router.aws.codec import Item, attribute, marshal, unmarshal
from router.errors import Lost, Temporary

Key = tuple[str, str]
_TRIES = 8
# Retried here: botocore does not. The first three are reasons of a cancelled transaction.
_CONTENDED = frozenset(
    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "TransactionConflictException"}
)
# Retried by botocore; when that was not enough, whoever called comes again later.
_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """One write of a transaction. `name` says in `Lost` which condition failed."""

    name: str
    kind: str  # Put, Update, Delete, ConditionCheck
    key: Key
    body: Mapping[str, Any] = field(repr=False)


def put(name: str, item: Item, condition: str | None = None, values: Mapping[str, Any] | None = None) -> Change:
    """Write a whole item."""
    body: dict[str, Any] = {"Item": marshal(item)}
    return Change(name, "Put", (item["pk"], item["sk"]), _conditional(body, condition, values, ""))


def update(
    name: str, key: Key, expression: str, values: Mapping[str, Any] | None = None, condition: str | None = None
) -> Change:
    """Change attributes in place. Every attribute is written as `#name` in expressions, so none is a reserved word."""
    body: dict[str, Any] = {"Key": marshal({"pk": key[0], "sk": key[1]}), "UpdateExpression": expression}
    return Change(name, "Update", key, _conditional(body, condition, values, expression))


def delete(name: str, key: Key, condition: str | None = None, values: Mapping[str, Any] | None = None) -> Change:
    """Remove an item."""
    body: dict[str, Any] = {"Key": marshal({"pk": key[0], "sk": key[1]})}
    return Change(name, "Delete", key, _conditional(body, condition, values, ""))


def check(name: str, key: Key, condition: str, values: Mapping[str, Any] | None = None) -> Change:
    """A condition on an item that the transaction does not write."""
    body: dict[str, Any] = {"Key": marshal({"pk": key[0], "sk": key[1]})}
    return Change(name, "ConditionCheck", key, _conditional(body, condition, values, ""))


def _conditional(
    body: dict[str, Any], condition: str | None, values: Mapping[str, Any] | None, expression: str
) -> dict[str, Any]:
    if condition is not None:
        body["ConditionExpression"] = condition
    if values:
        body["ExpressionAttributeValues"] = {f":{name}": attribute(value) for name, value in values.items()}
    names = _names(expression + " " + (condition or ""))
    if names:
        body["ExpressionAttributeNames"] = names
    return body


def _names(expression: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in expression.replace("(", " ").replace(")", " ").replace(",", " ").replace("=", " ").split():
        if word.startswith("#"):
            found[word] = word[1:]
    return found


class Dynamo:
    """The calls, each once. Contention is retried here, with jitter. All raise Temporary when the table cannot take it now.

    After a time-out a write may have been done all the same; every caller repeats safely, so that too is Temporary. `at_once`: so
    many queries are asked side by side where several are asked for together, each in a thread and on a connection of its own.
    """

    def __init__(
        self, client: Any, table: str, *, sleep: Callable[[float], None] = time.sleep, at_once: int = 1
    ) -> None:
        self._client = client
        self.table = table
        self._sleep = sleep
        self._threads = ThreadPoolExecutor(at_once) if at_once > 1 else None

    def get(self, key: Key) -> Item | None:
        """One item, consistently."""
        answer = self._call("get_item", Key=marshal({"pk": key[0], "sk": key[1]}), ConsistentRead=True)
        found = answer.get("Item")
        return unmarshal(found) if found else None

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """Items by key, consistently, 100 a call; missing ones are left out."""
        wanted = list(dict.fromkeys(keys))
        found: dict[Key, Item] = {}
        for start in range(0, len(wanted), 100):
            asked = [marshal({"pk": pk, "sk": sk}) for pk, sk in wanted[start : start + 100]]
            for attempt in range(_TRIES):
                answer = self._ask("batch_get_item", RequestItems={self.table: {"Keys": asked, "ConsistentRead": True}})
                for raw in answer["Responses"].get(self.table, ()):
                    item = unmarshal(raw)
                    found[item["pk"], item["sk"]] = item
                asked = answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys", [])
                if not asked:
                    break
                self._pause(attempt)
            else:
                raise Temporary("the table does not answer all keys: it is throttled")
        return found

    def query(
        self,
        pk: str,
        *,
        index: str | None = None,
        between: tuple[Any, Any] | None = None,
        prefix: str | None = None,
        after: Any = None,
        before: Any = None,
        limit: int | None = None,
        backwards: bool = False,
        page: int | None = None,
        soon: bool = False,
    ) -> Iterator[Item]:
        """Items of a partition in key order, at most `limit`; `page` bounds one call.

        Indexes are read as they are, eventually; so is the table with `soon`, at half the price.
        """
        hash_name, range_name = _KEYS[index]
        condition, values = "#h = :h", {"h": pk}
        if between is not None:
            condition += " AND #r BETWEEN :a AND :b"
            values |= {"a": between[0], "b": between[1]}
        elif prefix is not None:
            condition += " AND begins_with(#r, :p)"
            values["p"] = prefix
        elif after is not None:
            condition += " AND #r > :a"
            values["a"] = after
        elif before is not None:
            condition += " AND #r < :a"
            values["a"] = before
        names = {"#h": hash_name} | ({"#r": range_name} if "#r" in condition else {})
        request: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {f":{name}": attribute(value) for name, value in values.items()},
            "ScanIndexForward": not backwards,
        }
        if index is None:
            request["ConsistentRead"] = not soon
        else:
            request["IndexName"] = index
        left = limit
        while True:
            sizes = [n for n in (left, page) if n is not None]
            if sizes:
                request["Limit"] = min(sizes)
            answer = self._call("query", **request)
            for raw in answer["Items"]:
                yield unmarshal(raw)
            if left is not None:
                left -= len(answer["Items"])
            last = answer.get("LastEvaluatedKey")
            if not last or left == 0:
                return
            request["ExclusiveStartKey"] = last

    def query_many(self, asked: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[Item]]:
        """Several queries, each a partition and what else `query` takes; their items in the order asked."""

        def one(query: tuple[str, Mapping[str, Any]]) -> list[Item]:
            return list(self.query(query[0], **query[1]))

        if self._threads is None or len(asked) < 2:
            return [one(query) for query in asked]
        return list(self._threads.map(one, asked))

    def commit(self, *changes: Change) -> None:
        """All or nothing; one change goes alone, at half the price. Raises Lost, or Temporary when contention does not end."""
        if len(changes) == 1:
            self._single(changes[0])
            return
        actions = [{c.kind: {"TableName": self.table, **c.body}} for c in changes]
        for attempt in range(_TRIES):
            try:
                self._ask("transact_write_items", TransactItems=actions)
                return
            except ClientError as error:
                if error.response["Error"]["Code"] != "TransactionCanceledException":
                    raise
                codes = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
                failed = [i for i, code in enumerate(codes) if code == "ConditionalCheckFailed"]
                if failed:
                    raise Lost([changes[i].name for i in failed]) from None
                if not _CONTENDED.intersection(codes):
                    raise
            self._pause(attempt)
        raise Temporary(f"the transaction ({', '.join(c.name for c in changes)}) met contention {_TRIES} times")

    def _single(self, change: Change) -> None:
        method = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}[change.kind]
        try:
            self._call(method, **change.body)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            raise Lost([change.name]) from None

    def write_many(self, items: Iterable[Item], gone: Iterable[Key] = ()) -> None:
        """Put whole items and delete others, 25 a call, without conditions: for what may be written twice. Not all or nothing."""
        asked = [{"PutRequest": {"Item": marshal(item)}} for item in items]
        asked += [{"DeleteRequest": {"Key": marshal({"pk": pk, "sk": sk})}} for pk, sk in gone]
        for start in range(0, len(asked), 25):
            left = asked[start : start + 25]
            for attempt in range(_TRIES):
                answer = self._ask("batch_write_item", RequestItems={self.table: left})
                left = answer.get("UnprocessedItems", {}).get(self.table, [])
                if not left:
                    break
                self._pause(attempt)
            else:
                raise Temporary("the table does not take all items: it is throttled")

    def take(self, key: Key, condition: str, values: Mapping[str, Any]) -> Item | None:
        """Delete an item and give it back if the condition holds; None otherwise. For single-use things."""
        change = delete("take", key, condition, values)
        try:
            answer = self._call("delete_item", **change.body, ReturnValues="ALL_OLD")
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return None
        found = answer.get("Attributes")
        return unmarshal(found) if found else None

    def _call(self, method: str, **request: Any) -> dict[str, Any]:
        for attempt in range(_TRIES):
            try:
                return self._ask(method, TableName=self.table, **request)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _CONTENDED:
                    raise
            self._pause(attempt)
        raise Temporary(f"{method} met contention {_TRIES} times")

    def _ask(self, method: str, **request: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, method)(**request)
            return answer
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if error.response["Error"]["Code"] in _THROTTLED or status >= 500:
                raise Temporary(f"the table cannot take {method} now: {error.response['Error']['Code']}") from None
            raise
        except (HTTPClientError, NoConnection) as error:
            raise Temporary(f"the table did not answer {method}: {type(error).__name__}") from None

    def _pause(self, attempt: int) -> None:
        self._sleep(random.uniform(0, min(1.0, 0.01 * 2**attempt)))  # noqa: S311 - jitter, not a secret


_KEYS = {None: ("pk", "sk"), "due": ("dk", "due"), "conversation": ("cv", "at"), "list": ("lk", "ls")}
