"""Timers, the sweep, and what people decide on parked and quarantined things, stopped at each of their calls."""

from collections.abc import Callable
from typing import Any

import pytest

from functions import sweep
from router.aws.rows import due_shard, slot
from router.config import Config
from router.conversations import State
from router.errors import Unknown
from router.sends import SendState
from router.wire import HttpRequest, HttpResponse
from tests.crash.test_desk import TWO_POOLS, api
from tests.crash.test_match import SMALL
from tests.kit.crash import MODES, Ground, Scenario, jump
from tests.kit.events import LambdaContext
from tests.kit.promises import Seen, said
from tests.kit.world import World


def sweeps(world: World, _: Any) -> bool:
    """One sweep, when it is time for one. An invocation that is tried again keeps its request id, and so its lease."""
    sweep.handler({}, LambdaContext())
    return True


class OtherContext(LambdaContext):
    """Another invocation."""

    aws_request_id = "11111111-1111-1111-1111-111111111111"


def another_sweep(world: World, _: Any) -> bool:
    """Meant to overlap; the lease forbids it."""
    return bool(sweep.handler({}, OtherContext()) == {"shards": 0})


def works(*queues: str) -> Callable[[World, Any], bool]:
    """Functions behind queues run once each."""

    def work(world: World, _: Any) -> bool:
        for queue in queues:
            world.work(queue)
        return True

    return work


def drop(world: World, queue: str) -> None:
    """What was in a queue is lost: the process died before it was sent."""
    for message in world.take(queue):
        world.sqs.delete_message(QueueUrl=world.urls[queue], ReceiptHandle=message["ReceiptHandle"])


def no_wake(world: World) -> None:
    """A first message is routed, and its wake-up was never sent."""
    world.come_in("ayse")
    world.pump()
    world.sms()
    world.work("inbound")
    drop(world, "match")
    world.pass_time(minutes=2)


def hers(world: World, _: Any) -> None:
    assert [c.agent for c in world.conversations()] == ["ayse"]


def nobody_was_told(world: World) -> None:
    """Ayşe resolved one, one more is in line, and the pool never heard."""
    world.come_in("ayse")
    for sender in ("+15550101", "+15550102"):
        world.sms(sender=sender)
        world.pump()
        world.pass_time(seconds=1)
    (first, second) = world.conversations()
    assert second.state is State.WAITING
    # The client gave up as well: the state is as after a kill between commit and send.
    assert world.call("POST", f"/v1/conversations/{first.id}/resolve", {})[0] == 200
    drop(world, "match")
    world.pass_time(minutes=2)


def both_hers(world: World, _: Any) -> None:
    assert [c.agent for c in world.conversations()] == ["ayse", "ayse"]


def moved_queue(world: World) -> None:
    """Somebody waits in a line that a new configuration puts into another pool."""
    world.sms()
    world.pump()
    (conversation,) = world.conversations()
    path = f"/v1/conversations/{conversation.id}/transfer"
    assert world.call("POST", path, {"queue": "uzman"}, role="supervisor")[0] == 200
    world.pump()
    world.sweep()
    world.apply(Config.model_validate(TWO_POOLS))
    world.come_in("usta")
    world.pump()
    world.pass_time(minutes=1)


def the_experts(world: World, _: Any) -> None:
    (conversation,) = world.conversations()
    assert (conversation.agent, conversation.pool) == ("usta", "ustalar")


def late(world: World) -> None:
    """Somebody has waited in line for longer than was promised."""
    world.sms()
    world.pump()
    jump(world, minutes=61)


def breached_once(world: World, _: Any) -> None:
    (conversation,) = world.conversations()
    assert conversation.first_response.breached
    assert conversation.priority == 5
    assert [e["what"] for e in Seen.of(world).history[conversation.id]].count("breach") == 1


def handed(arrange: Callable[[World], Any]) -> Callable[[World], Any]:
    """What is due by then was handed out: its shard's worker is about to begin."""

    def arranged(world: World) -> Any:
        found = arrange(world)
        sweeps(world, None)
        assert world.queued("due") == 1
        return found

    return arranged


def several_late(world: World) -> None:
    """Some have waited for longer than was promised, in lines and with Ayşe, two of them in one shard."""
    world.come_in("ayse")
    shards: list[str] = []
    while len(set(shards)) == len(shards):
        world.sms(sender=f"+15550{100 + len(shards)}")
        world.pump()
        shards = [due_shard(slot(c)[0]) for c in world.conversations()]
    jump(world, minutes=61)
    sweeps(world, None)
    assert world.queued("due") == len(set(shards))


def each_breached_once(world: World, _: Any) -> None:
    for conversation in world.conversations():
        assert conversation.first_response.breached
        assert [e["what"] for e in Seen.of(world).history[conversation.id]].count("breach") == 1


def chat_waits(world: World) -> None:
    """A chat that must be answered within a minute, and was not: its timer rings."""
    world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    world.pass_time(seconds=61)


def retry(world: World) -> None:
    """Twilio was busy; the timer of the second try rings."""
    world.come_in("ayse")
    world.sms()
    world.pump()
    (conversation,) = world.conversations()
    world.providers.answer = lambda _: HttpResponse(429, {}, b"{}")
    world.reply(conversation.id)
    world.pump()
    world.providers.answer = None
    world.pass_time(seconds=6)


def sent_once(world: World, _: Any) -> None:
    (send,) = Seen.of(world).sends.values()
    assert send.state is SendState.SENT
    assert world.providers.left == [send.id]


def no_outcome(world: World) -> None:
    """An attempt broke off and nobody reported: it is time to ask a person."""
    parked_one(world, parked=False)
    world.pass_time(minutes=6)


def parked_one(world: World, parked: bool = True) -> str:
    """An answer of which nobody knows whether it left; its id."""

    def breaks(_: HttpRequest) -> HttpResponse:
        raise Unknown("the line broke")

    world.come_in("ayse")
    world.sms()
    world.pump()
    (conversation,) = world.conversations()
    world.providers.answer = breaks
    world.reply(conversation.id)
    world.pump()
    world.providers.answer = None
    if parked:
        world.pass_time(minutes=6)
        world.sweep()
        (send,) = Seen.of(world).sends.values()
        assert send.state is SendState.PARKED
    return str(next(iter(Seen.of(world).sends)))


def one_parked(world: World, _: Any) -> None:
    (send,) = Seen.of(world).sends.values()
    assert send.state is SendState.PARKED


def sent_again(world: World, send: str) -> None:
    assert world.x.table.sends([send])[send].state is SendState.SENT
    assert world.providers.left == [send, send]


def discarded(world: World, send: str) -> None:
    assert world.x.table.sends([send])[send].state is SendState.DISCARDED
    assert world.providers.left == [send]


def lost_on_the_way(world: World) -> None:
    """The ledger has an SMS and a mail that the queue has lost."""
    world.sms("Merhaba")
    world.mail("Günaydın")
    drop(world, "inbound")
    world.pass_time(minutes=16)


def both_found(world: World, _: Any) -> None:
    assert sorted(said(world).values()) == [["Günaydın"], ["Merhaba"]]


def quarantined(world: World) -> str:
    """A mail to an address that only the next configuration knows; the id of its quarantine."""
    world.mail("Merhaba", to="yeni@example.com")
    (item,) = world.items("Q#")
    config = world.x.config()
    new = config.inboxes[0].model_copy(update={"name": "yeni", "address": "yeni@example.com"})
    world.apply(config.model_copy(update={"version": "with-yeni", "inboxes": (*config.inboxes, new)}))
    return str(item["pk"].removeprefix("Q#"))


def routed_after_all(world: World, _: Any) -> None:
    assert list(said(world).values()) == [["Merhaba"]]
    assert not world.items("Q#")


def forgotten(world: World, _: Any) -> None:
    assert not said(world)
    assert not [item for item in world.items("Q#") if "lk" in item]  # it is remembered, and listed no more


def desk_closed(world: World) -> None:
    """Ayşe's desk is gone with an answer owed and was missed once; Mehmet is in, and nobody waits in the line."""
    world.come_in("ayse")
    open_desk(world)
    world.sms()
    world.pump()
    world.x.sockets.gone("desk1=")
    world.sweep()
    world.pass_time(minutes=6)
    world.come_in("mehmet")
    world.pump()


def with_mehmet(world: World, _: Any) -> None:
    assert [c.agent for c in world.conversations()] == ["mehmet"]
    load = world.x.table.load("main", "ayse")
    assert load is not None
    assert (load.presence, load.free) == ("away", load.units)


def open_desk(world: World) -> None:
    """Ayşe's page opens its socket with a ticket."""
    _, ticket = world.call("POST", "/v1/socket-tickets")
    world.socket("CONNECT", "desk1=", protocols=["santral.v1", f"ticket.{ticket['ticket']}"])


def at_the_door(world: World) -> str:
    """Ayşe is in, with a conversation, and holds a ticket for her desk's socket."""
    world.come_in("ayse")
    world.sms()
    world.pump()
    _, ticket = world.call("POST", "/v1/socket-tickets")
    return str(ticket["ticket"])


def comes_in(world: World, ticket: str) -> bool:
    """The page connects; one that was refused asks for another ticket and tries again."""
    answer = world.socket("CONNECT", "desk1=", protocols=["santral.v1", f"ticket.{ticket}"])
    if answer["statusCode"] == 401:
        open_desk(world)
    return True


def hears(world: World, _: Any) -> None:
    load = world.x.table.load("main", "ayse")
    assert load is not None
    assert load.connection == "desk1="
    assert world.x.sockets.of("A#ayse") == ["desk1="]


PARKED, QUARANTINE = "/v1/parked/{}/", "/v1/quarantine/{}/"
SCENARIOS = [
    Scenario("sweep.wakes", no_wake, hers, sweeps),
    Scenario("sweep.freed", nobody_was_told, both_hers, sweeps, other=another_sweep, config=SMALL),
    Scenario("sweep.adopts", moved_queue, the_experts, sweeps, other=another_sweep),
    Scenario("sweep.breach", late, breached_once, sweeps),
    Scenario("sweep.parks", no_outcome, one_parked, sweeps, other=another_sweep),
    Scenario("sweep.ledger", lost_on_the_way, both_found, sweeps, other=another_sweep),
    Scenario("sweep.absent", desk_closed, with_mehmet, sweeps, other=another_sweep),
    Scenario("due.wakes", handed(no_wake), hers, queue="due"),
    Scenario("due.breach", handed(late), breached_once, queue="due"),
    Scenario("due.breaches", several_late, each_breached_once, queue="due"),
    Scenario("due.parks", handed(no_outcome), one_parked, queue="due"),
    Scenario("due.breach, timer", handed(chat_waits), breached_once, queue="due", other=works("timers")),
    Scenario("timer.breach, due", handed(chat_waits), breached_once, queue="timers", other=works("due")),
    Scenario("socket.connect", at_the_door, hears, comes_in),
    Scenario("timer.breach", chat_waits, breached_once, queue="timers"),
    Scenario("timer.retry", retry, sent_once, queue="timers"),
    Scenario("parked.resend", parked_one, sent_again, api(PARKED + "resend", role="supervisor")),
    Scenario("parked.discard", parked_one, discarded, api(PARKED + "discard", role="supervisor")),
    Scenario("quarantine.retry", quarantined, routed_after_all, api(QUARANTINE + "retry", role="supervisor")),
    Scenario("quarantine.discard", quarantined, forgotten, api(QUARANTINE + "discard", role="supervisor")),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_what_is_due_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
