"""Automatic answers, opt-out words and reports that suppress, stopped at each of their calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from router.conversations import State
from router.messages import ChannelName, Provider, Receipt, ReceiptStatus
from router.receive import reported
from tests.kit.crash import MODES, Ground, Scenario, jump
from tests.kit.promises import Seen, said
from tests.kit.world import CONFIG, World

WELCOME = "Merhaba, mesajınız bizde."
AUTOMATIC: dict[str, Any] = {
    **CONFIG,
    "version": "automatic",
    "answers": [{"queue": "genel", "most": 2, "acknowledgement": {"tr": WELCOME, "en": WELCOME}}],
}


def automatic(world: World) -> list[str]:
    sends = sorted(Seen.of(world).sends.values(), key=lambda send: send.message.cursor)
    return [str(send.state) for send in sends if send.message.author == "auto"]


def first(world: World) -> None:
    world.come_in("ayse")
    assert world.sms()["statusCode"] == 200


def acknowledged(world: World, _: Any) -> None:
    """It left once, or nobody knows; the conversation is an agent's, who owes the answer still."""
    assert automatic(world) in (["sent"], ["parked"])
    (one,) = world.conversations()
    assert (one.state, one.agent, one.last_outbound_at) == (State.ACTIVE, "ayse", None)
    assert one.first_response.running
    (spent,) = world.items("AUTO#")
    assert spent["n"] == 1


def first_mail(world: World) -> None:
    world.come_in("ayse")
    world.mail()


def reopened(world: World) -> None:
    """A day later, after the first was acknowledged, answered and resolved."""
    first(world)
    world.pump()
    (one,) = world.conversations()
    world.reply(one.id)
    world.pump()
    assert world.call("POST", f"/v1/conversations/{one.id}/resolve", {})[0] == 200
    world.pump()
    jump(world, hours=25)
    world.sms("Bir şey daha")


def acknowledged_again(world: World, _: Any) -> None:
    assert len(automatic(world)) == 2
    assert list(said(world).values()) == [["Merhaba", WELCOME, "Merhaba, bakıyorum.", "Bir şey daha", WELCOME]]


OWN = {
    **AUTOMATIC,
    "rules": [{"name": "own", "answer": {"tr": "Kargonuz yolda.", "en": "On its way."}, "category": "order"}],
}


def said_by_the_rule(world: World, _: Any) -> None:
    assert automatic(world) in (["sent"], ["parked"])
    assert list(said(world).values()) == [["Merhaba", "On its way."]]
    (one,) = world.conversations()
    assert (one.category, one.acknowledged_by) == ("order", "own")


def held(world: World) -> str:
    """Ayşe has a conversation; its id."""
    first(world)
    world.pump()
    world.pass_time(seconds=30)
    return str(world.conversations()[0].id)


def word(text: str, arrange: Callable[[World], Any]) -> Callable[[World], Any]:
    """A word of the customer's lies in the inbound queue."""

    def arranged(world: World) -> Any:
        handed = arrange(world)
        world.sms(text)
        return handed

    return arranged


def nobody(_: World) -> None:
    """Nothing came before."""


def stopped(world: World, _: Any) -> None:
    """Kept and shown once, confirmed at most once."""
    assert world.x.table.suppression("sms", "+15550199").reason == "the customer asked to stop"  # type: ignore[union-attr]
    entries = [entry["what"] for entries in Seen.of(world).history.values() for entry in entries]
    assert entries.count("opted_out") == 1
    confirmed = [send for send in Seen.of(world).sends.values() if "START" in send.message.text]
    assert [str(send.state) for send in confirmed] in (["sent"], ["parked"])


def has_stopped(world: World) -> None:
    held(world)
    world.sms("RET")
    world.pump()
    world.pass_time(seconds=30)


def started(world: World, _: Any) -> None:
    assert world.items("SUP#") == []
    entries = [entry["what"] for entries in Seen.of(world).history.values() for entry in entries]
    assert entries.count("opted_in") == 1


def reported_as(status: ReceiptStatus) -> Callable[[World], None]:
    """A report on an agent's mail lies in the inbound queue."""

    def arrange(world: World) -> None:
        world.come_in("ayse")
        world.mail()
        world.pump()
        world.reply(world.conversations()[0].id)
        world.pump()
        send = max(Seen.of(world).sends.values(), key=lambda one: one.message.cursor)
        receipt = Receipt(
            id="r_1", channel=ChannelName.EMAIL, provider=Provider.SES, inbox="destek", status=status, permanent=True,
            provider_status=str(status), send_id=send.id, at=world.now, received_at=world.now,
        )  # fmt: skip
        world.x.queues.send([reported(world.x.key, receipt)], world.now)

    return arrange


def suppressed(world: World, _: Any) -> None:
    """Together with the receipt, or neither."""
    shown = {send.receipt for send in Seen.of(world).sends.values()}
    assert shown & {ReceiptStatus.COMPLAINED, ReceiptStatus.BOUNCED}
    assert len(world.items("SUP#")) == 1


def lift(world: World, _: Any) -> bool:
    body = {"channel": "sms", "address": "+15550199"}
    status, answer = world.call("POST", "/v1/suppressions/lift", body, key="the-key", role="admin", user="yonetici")
    assert status in (200, 500, 503), answer
    return status == 200


def stop(world: World, _: Any) -> bool:
    body = {"channel": "sms", "address": "+15550199", "reason": "telefonda istedi"}
    status, answer = world.call("POST", "/v1/suppressions", body, key="the-key", role="supervisor", user="amir")
    assert status in (201, 500, 503), answer
    return status == 201


def lifted(world: World, _: Any) -> None:
    assert world.items("SUP#") == []
    assert audited(world, "lift") == 1


def stopped_by_hand(world: World, _: Any) -> None:
    assert len(world.items("SUP#")) == 1
    assert audited(world, "suppress") == 1


def audited(world: World, what: str) -> int:
    return sum(entry["what"] == what for entries in Seen.of(world).history.values() for entry in entries)


SCENARIOS = [
    Scenario("automatic.first", first, acknowledged, queue="inbound", config=AUTOMATIC),
    Scenario("automatic.by a rule", first, said_by_the_rule, queue="inbound", config=OWN),
    Scenario("automatic.first mail", first_mail, acknowledged, queue="inbound", config=AUTOMATIC),
    Scenario("automatic.reopens", reopened, acknowledged_again, queue="inbound", config=AUTOMATIC),
    Scenario("optout.stop", word("RET", held), stopped, queue="inbound"),
    Scenario("optout.stop, first of all", word("RET", nobody), stopped, queue="inbound"),
    Scenario("optout.start", word("BAŞLAT", has_stopped), started, queue="inbound"),
    Scenario("optout.complaint", reported_as(ReceiptStatus.COMPLAINED), suppressed, queue="inbound"),
    Scenario("optout.bounce", reported_as(ReceiptStatus.BOUNCED), suppressed, queue="inbound"),
    Scenario("suppress", held, stopped_by_hand, stop),
    Scenario("lift", has_stopped, lifted, lift),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_what_leaves_by_itself_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
