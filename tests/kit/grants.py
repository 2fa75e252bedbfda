"""What each function asks of AWS while it runs in a world, as grants: "action resource"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

import functions.api
import functions.archive
import functions.deliver
import functions.due
import functions.fetch
import functions.hook
import functions.match
import functions.measure
import functions.publish
import functions.receive
import functions.receive_email
import functions.route
import functions.sweep
import functions.timer
import functions.webchat
from functions import wiring
from router.aws import clients
from router.aws.configs import Configs
from router.wire import HttpRequest, HttpResponse
from tests.kit.world import World

MODULES = {
    module.__name__.removeprefix("functions."): module
    for module in (
        functions.api, functions.archive, functions.deliver, functions.due, functions.fetch, functions.happen,
        functions.hook, functions.match, functions.measure, functions.outreach, functions.publish, functions.receive,
        functions.receive_email, functions.route, functions.sweep, functions.timer, functions.webchat,
    )
}  # fmt: skip


class Ledger:
    """Writes down what the running function asks of AWS."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.used: dict[str, set[str]] = {name: set() for name in MODULES}
        self.gone = False
        self._running = ""
        self._world = world
        self._names = {url: f"{name.capitalize()}Queue" for name, url in world.urls.items()} | {
            world.urls["timers"]: "TimerQueue", world.urls["aside"]: "PublishDlq", "blobs": "BlobsBucket", "mail": "MailBucket",
            wiring.setting("SECRET_ID"): "ProviderSecret", wiring.setting("SIGNING_SECRET_ID"): "SigningSecret",
        }  # fmt: skip
        for service in ("dynamodb", "sqs", "s3", "secretsmanager", "events"):
            clients.client(service, None).meta.events.register("before-parameter-build", self._called)
        for name, module in MODULES.items():
            monkeypatch.setattr(module, "handler", self._watched(name, module.handler))
        monkeypatch.setattr(world.x.sockets, "push", self._push)
        monkeypatch.setattr(world.x, "carry", self._carry)

    def _watched(self, name: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        def run(event: dict[str, Any], context: Any) -> Any:
            before, self._running = self._running, name
            try:
                self._start_cold()
                return handler(event, context)
            finally:
                self._running = before

        return run

    def _start_cold(self) -> None:
        """What every new process does first, but one that makes no exchange."""
        if self._running == "archive":
            return
        wiring.secrets()._values.clear()
        wiring.secrets().signing_key()
        self._world.exchange.config = Configs(wiring.dynamo()).current

    def _called(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        if self._running:
            self.used[self._running] |= set(self._grants(model.service_model.service_name, model.name, params))

    def _grants(self, service: str, operation: str, params: Mapping[str, Any]) -> Iterator[str]:
        match service, operation:
            case "dynamodb", "TransactWriteItems":
                for item in params["TransactItems"]:
                    (kind,) = item
                    yield f"dynamodb:{'ConditionCheckItem' if kind == 'ConditionCheck' else kind + 'Item'} Table"
            case "dynamodb", "Query" if "IndexName" in params:
                yield f"dynamodb:Query Table/index/{params['IndexName']}"
            case "dynamodb", _:
                yield f"dynamodb:{operation} Table"
            case "events", _:
                yield f"events:{operation} EventBus"
            case "sqs", _:
                yield f"sqs:{operation.removesuffix('Batch')} {self._names[params['QueueUrl']]}"
            case "s3", "CopyObject":
                bucket, _, key = params["CopySource"].partition("/")
                yield self._object("GetObject", {"Bucket": bucket, "Key": key})
                yield self._object("PutObject", params)
            case "s3", "ListObjectsV2":
                yield f"s3:ListBucket {self._names[params['Bucket']]}"
            case "s3", _:
                yield self._object(operation.replace("Head", "Get"), params)
            case _:
                yield f"secretsmanager:{operation} {self._names[params['SecretId']]}"

    def _object(self, operation: str, place: Mapping[str, Any]) -> str:
        """A bucket of our own is parted by the first piece of its keys."""
        name = self._names[place["Bucket"]]
        return f"s3:{operation} {name}" + ("" if name == "MailBucket" else "/" + place["Key"].partition("/")[0])

    def _push(self, connection: str, frame: Mapping[str, Any]) -> bool:
        self.used[self._running].add("execute-api:ManageConnections SocketApi")
        if self.gone:
            self._world.x.sockets.close(connection)
            return False
        return self._world._push(connection, frame)

    def _carry(self, request: HttpRequest) -> HttpResponse:
        if request.sign is not None:
            self.used[self._running].add(f"{request.sign}:SendEmail {request.sign}")
        return self._world.providers(request)
