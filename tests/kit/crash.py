"""The crash kit: stop a use case at each of its calls in turn, and see that every promise holds afterwards.

A call is anything that leaves the process: an AWS request of any service, a provider's HTTP request, a WebSocket push.
They are found by counting them in a clean run; none can be missed, because AWS requests are counted where botocore makes
them (and those of a table in memory where they would be made). Each is met in three ways:

- **kill**: the process dies there, and the event comes again as its sender would send it.
- **pause**: the process stops there, another one (the second delivery of the same event, or a different use case) runs from
  its beginning to its end, then the first goes on.
- **fault**: the call fails before it took effect, or takes effect and the answer is lost.

Points that leave the same world behind are tried once: between two calls nothing leaves the process, so "after call k" is
"before call k+1"; and a read leaves nothing, so to die after one is to die before it, and one that fails fails in one way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ReadTimeoutError

from router.config import Config
from router.errors import Temporary, Unknown
from router.ledger import BUCKET, DELAY, bucket_of, bucket_start
from router.wire import HttpResponse
from santral.memory import MemoryDynamo
from tests.kit.promises import check
from tests.kit.rewind import Saved, partitions_of, restore, save
from tests.kit.world import World

Act = Callable[[World, Any], bool]
Around = Callable[[str, Callable[[], Any]], Any]
"""Gets a call's name and the call, makes it or not, and gives its answer."""
MODES = ("kill", "pause", "fault")
_CALLS = {
    "get": "get_item", "get_many": "batch_get_item", "query": "query", "commit": "transact_write_items",
    "write_many": "batch_write_item", "take": "delete_item",
}  # fmt: skip
"""What the table's calls ask of AWS."""
_MANY = ("get_many", "write_many")


class Killed(BaseException):
    """The process is gone. Not an Exception: nothing of ours may catch it."""


@dataclass(frozen=True)
class Scenario:
    """One use case to be stopped at each of its calls.

    `arrange` brings the world to the eve of it; what it returns is handed on. `act` is one delivery of the event: True
    when the sender was told that it is taken (a 2xx, an ack). Where the event comes from a queue, `queue` says which, and
    the batch is what `arrange` left there. `other` is what runs while the first is paused: the same event again unless it
    says otherwise. `expect` asserts what must have come of it, once everything has settled.
    """

    name: str
    arrange: Callable[[World], Any]
    expect: Callable[[World, Any], None]
    act: Act | None = None
    queue: str | None = None
    other: Act | None = None
    config: Mapping[str, Any] | None = None


@dataclass
class Stop:
    """Where to stop: before or after the `at`-th call (from 0), and what to do there."""

    at: int
    when: str  # before, after
    do: Callable[[], None]
    reached: bool = False


@dataclass
class Watch:
    """Counts every call that leaves while it is armed, and stops at one of them."""

    world: World
    stop: Stop | None = None
    calls: list[str] = field(default_factory=list)
    armed: bool = True

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        """Make one call, with what happens before and after it."""
        if not self.armed:
            return call()
        number = len(self.calls)
        self.calls.append(name)
        self._meet(number, "before")
        try:
            answer = call()
        except Exception:
            self._meet(number, "after")
            raise
        self._meet(number, "after")
        return answer

    def _meet(self, number: int, when: str) -> None:
        stop = self.stop
        if stop is None or (stop.at, stop.when) != (number, when):
            return
        stop.reached = True
        self.armed = False  # whatever runs now is not the first run, and its later calls are not stopped again
        stop.do()


@contextmanager
def watching(world: World, stop: Stop | None = None) -> Iterator[Watch]:
    """Count the calls of everything that runs inside, except the world's own looking."""
    watch = Watch(world, stop)
    with each_call(world, watch.around):
        yield watch


@contextmanager
def failing(world: World, *operations: str) -> Iterator[list[str]]:
    """These AWS calls do not go through; the ones that were tried."""
    tried: list[str] = []

    def around(name: str, call: Callable[[], Any]) -> Any:
        if name in operations:
            tried.append(name)
            raise ReadTimeoutError(endpoint_url="https://aws.example")
        return call()

    with each_call(world, around):
        yield tried


@contextmanager
def each_call(world: World, around: Around) -> Iterator[None]:
    """Inside, whatever leaves the process goes through `around`, except the world's own looking."""
    own = {id(world.dynamodb), id(world.sqs), id(world.s3)}
    botocore_client: Any = BaseClient
    make_api_call, push = botocore_client._make_api_call, world.x.sockets.push

    def api_call(self: Any, operation: str, params: Any) -> Any:
        if id(self) in own:
            return make_api_call(self, operation, params)
        return around(xform_name(operation), lambda: make_api_call(self, operation, params))

    def socket_push(connection: str, frame: Mapping[str, Any]) -> bool:
        try:
            return bool(around("push", lambda: push(connection, frame)))
        except ReadTimeoutError:
            return False  # what Sockets.push makes of it

    botocore_client._make_api_call = api_call
    world.x.sockets.push = socket_push  # type: ignore[method-assign]
    world.providers.around = around
    world.receiver.around = around
    lists = getattr(world, "lists", None)  # queues that are no client of botocore's: tests/kit/plain.py
    if lists is not None:
        lists.around = around
    try:
        with _each_of_memory(world.memory, around):
            yield
    finally:
        botocore_client._make_api_call = make_api_call
        world.x.sockets.push = push  # type: ignore[method-assign]
        world.providers.around = None
        world.receiver.around = None
        if lists is not None:
            lists.around = None


@contextmanager
def _each_of_memory(memory: MemoryDynamo | None, around: Around) -> Iterator[None]:
    """Inside, calls of the table in memory go through it too, under AWS's names; one that is timed out fails as `Dynamo` says."""

    def met(method: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any, **kwargs: Any) -> Any:
            if method in _MANY:
                args = tuple(list(arg) for arg in args)
                if not any(args):
                    return call(*args)  # nothing is asked for, so nothing leaves
            alone = method == "commit" and len(args) == 1
            name = f"{args[0].kind.lower()}_item" if alone else _CALLS[method]
            try:
                return around(name, lambda: call(*args, **kwargs))
            except ReadTimeoutError:
                raise Temporary(f"the table did not answer {name}") from None

        return made

    if memory is None:
        yield
        return
    ask = met("query", lambda *args, **kwargs: list(MemoryDynamo.query(memory, *args, **kwargs)))

    def query(*args: Any, **kwargs: Any) -> Iterator[Any]:
        yield from ask(*args, **kwargs)

    for method in _CALLS:
        setattr(memory, method, query if method == "query" else met(method, getattr(memory, method)))
    try:
        yield
    finally:
        for method in _CALLS:
            delattr(memory, method)


@contextmanager
def _emptiness_is_known(world: World) -> Iterator[None]:
    """A query of a partition that holds nothing is answered at once: most of a sweep's are, and asking moto costs 2 ms each."""
    if world.memory is not None:
        yield
        return
    botocore_client: Any = BaseClient
    make_api_call = botocore_client._make_api_call

    def api_call(self: Any, operation: str, params: Any) -> Any:
        if operation == "Query":
            value = next(iter(params["ExpressionAttributeValues"][":h"].values()))
            if value not in partitions_of(world, params.get("IndexName")):
                return {"Items": [], "Count": 0}
        return make_api_call(self, operation, params)

    botocore_client._make_api_call = api_call
    try:
        yield
    finally:
        botocore_client._make_api_call = make_api_call


def settle(world: World) -> None:
    """Let everybody do their work: queues, timers and the sweep, until nothing is due any more."""
    with _emptiness_is_known(world):
        _settle(world)


def _settle(world: World) -> None:
    world.pump()
    world.pass_time(minutes=16)  # beyond retries of minutes, the wait for a receipt, and the ledger's delay
    while (world.now + timedelta(seconds=56)).minute % 5:
        world.pass_time(minutes=1)  # to a minute in which the sweep looks for lost lines, too
    _pass_empty_buckets(world)
    for _ in range(8):
        world.ring()
        world.pump()
        world.sweep()
        world.pump()
        if not any(_open(item, world) for item in world.items()):
            return
        world.pass_time(minutes=6)


def _pass_empty_buckets(world: World) -> None:
    """A sweep a minute has been through those parts of the ledger in which nothing was entered."""
    done = world.x.table.cursor("ledger") or ""
    entered = sorted(b for item in world.items("IN#") if (b := item["pk"].split("#")[1]) > done)
    first = bucket_start(entered[0]) if entered else world.now - DELAY
    if bucket_of(first - BUCKET) > done:
        world.x.table.set_cursor("ledger", bucket_of(first - BUCKET))


def _open(item: dict[str, Any], world: World) -> bool:
    """Is it overdue, or an answer still on its way?"""
    return "due" in item and (item["pk"].startswith(("M#", "W#")) or item["due"] <= world.now.timestamp() * 1000)


def jump(world: World, **by: float) -> None:
    """A long time passes, in which the sweep ran every minute."""
    world.pass_time(**by)
    world.x.table.set_cursor("ledger", bucket_of(world.now - BUCKET))


class Ground:
    """One world for many scenarios, put back to its beginning before each."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.x.config()
        for inbox in world.x.config().inboxes:
            world.x.credentials(
                inbox
            )  # a warm process: its secrets are read, and later calls do not depend on the order
        jump(world)
        self._pristine = save(world)

    def begin(self, config: Mapping[str, Any] | None = None) -> World:
        """The world as it was, with this configuration in force or its own."""
        restore(self.world, self._pristine)
        self.world.providers.answer = self.world.providers.files = None
        self.world.apply(self.world._config if config is None else Config.model_validate(config))
        self.world.x.config()
        return self.world

    def calls(self, scenario: Scenario) -> list[str]:
        """Run the scenario once, without a stop; its calls."""
        with _emptiness_is_known(self.world):
            return self._count(scenario, self._arrange(scenario))

    def run(self, scenario: Scenario, mode: str) -> int:
        """Stop the scenario at every point in one of the three ways; how many points. Raises with all that broke."""
        with _emptiness_is_known(self.world):
            return self._run(scenario, mode)

    def _arrange(self, scenario: Scenario) -> Any:
        self.begin(scenario.config)
        handed = scenario.arrange(self.world)
        self.world.x.config()  # a warm process; a cold one is a scenario of its own
        return handed

    def _run(self, scenario: Scenario, mode: str) -> int:
        handed = self._arrange(scenario)
        eve = save(self.world)
        calls = self._count(scenario, handed)
        failures = []
        points = list(_points(calls, mode))
        for number, when in points:
            restore(self.world, eve)
            try:
                getattr(self, "_" + mode)(scenario, handed, number, when)
            except Exception as error:
                what = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
                failures.append(f"{scenario.name} · {mode} {when} {_name(calls, number)}: {what}")
        if failures:
            raise AssertionError("\n".join(failures))
        return len(points)

    def _count(self, scenario: Scenario, handed: Any) -> list[str]:
        first = self._delivery(scenario, handed)
        with watching(self.world) as watch:
            assert first(), f"{scenario.name}: refused in a clean run"
        assert watch.calls, f"{scenario.name} makes no call at all"
        if scenario.other is not None:
            assert scenario.other(self.world, handed)
        self._finish(scenario, handed)
        return watch.calls

    def _delivery(self, scenario: Scenario, handed: Any) -> Callable[[], bool]:
        """The event, as often as its sender brings it."""
        if scenario.queue is None:
            act = scenario.act
            assert act is not None
            return lambda: act(self.world, handed)
        name = scenario.queue
        batch = self.world.take(name)
        assert batch, f"{scenario.name}: nothing is in queue {name}"

        def handle() -> bool:
            self.world.handle(name, batch)
            return True

        return handle

    def _finish(self, scenario: Scenario, handed: Any) -> None:
        settle(self.world)
        check(self.world)
        scenario.expect(self.world, handed)

    def _again(self, scenario: Scenario, handed: Any) -> None:
        """Its sender was not told, so it comes again; a queue does that by itself."""
        if scenario.queue is None and scenario.other is None:
            act = scenario.act
            assert act is not None
            assert act(self.world, handed), "the second delivery was refused"

    def _kill(self, scenario: Scenario, handed: Any, number: int, when: str) -> None:
        def die() -> None:
            raise Killed

        stop = Stop(number, when, die)
        first = self._delivery(scenario, handed)
        try:
            with watching(self.world, stop):
                first()
        except Killed:
            pass
        assert stop.reached, "this run did not come to that call"
        check(self.world, settled=False)
        if scenario.queue is None:
            settle(self.world)  # the client is gone for a while, or for good
            check(self.world)
            self._again(scenario, handed)
            self.world.pump()  # it was told what follows, and everything else has settled
            if self.world.ring():
                self.world.pump()
            check(self.world)
            scenario.expect(self.world, handed)
            return
        self._finish(scenario, handed)

    def _pause(self, scenario: Scenario, handed: Any, number: int, when: str) -> None:
        first = self._delivery(scenario, handed)
        other = scenario.other

        def second() -> None:
            if other is not None:
                other(self.world, handed)
            else:
                _quietly(first)
            check(self.world, settled=False)

        stop = Stop(number, when, second)
        with watching(self.world, stop):
            _quietly(first)
        assert stop.reached, "this run did not come to that call"
        check(self.world, settled=False)
        self._again(scenario, handed)
        self._finish(scenario, handed)

    def _fault(self, scenario: Scenario, handed: Any, number: int, when: str) -> None:
        def fail() -> None:
            if watch.calls[-1] == "file":
                raise Temporary("the file did not come")
            if watch.calls[-1] not in ("provider", "webhook"):
                raise ReadTimeoutError(endpoint_url="https://aws.example")
            raise Temporary("no connection") if when == "before" else Unknown("the line broke")

        stop = Stop(number, when, fail)
        first = self._delivery(scenario, handed)
        with watching(self.world, stop) as watch:
            taken = _quietly(first)
        assert stop.reached, "this run did not come to that call"
        check(self.world, settled=False)
        if not taken:
            self._again(scenario, handed)
        self._finish(scenario, handed)


def _quietly(act: Callable[[], bool]) -> bool:
    """Act; a fault that came out of the handler is a 5xx to the sender."""
    try:
        return act()
    except AssertionError:
        raise
    except Exception:
        return False


def _points(calls: list[str], mode: str) -> Iterator[tuple[int, str]]:
    if mode != "fault":
        yield 0, "before"
    for number, call in enumerate(calls):
        reads = call.startswith(("get_", "batch_get_", "query"))
        if mode == "fault":
            yield number, "before"
        if mode == "pause" or not reads:
            yield number, "after"


def _name(calls: list[str], number: int) -> str:
    nth = Counter(calls[: number + 1])[calls[number]]
    return f"{calls[number]} #{nth} (call {number + 1} of {len(calls)})"


def provider_says(status: int, body: bytes = b"{}") -> HttpResponse:
    """A provider's answer."""
    return HttpResponse(status, {}, body)


__all__ = [
    "MODES",
    "Ground",
    "Killed",
    "Saved",
    "Scenario",
    "Stop",
    "failing",
    "jump",
    "provider_says",
    "settle",
    "watching",
]
