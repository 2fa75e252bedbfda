"""Every registered channel on the deployed template: in, routed, answered, receipt, refused for now, refused for good, fallback.

Customers write at the sandbox's phones, mailboxes and pages, in the providers' own wire formats. All that is played begins with
the first test and runs a few at a time; each test waits for its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import quote

import pytest

from channels import registry
from santral.sandbox import faults
from tests.emulator.conftest import Live, until
from tests.emulator.players import PLAYERS, Arrived, Customer, Visitor
from tests.emulator.test_files import get, upload
from tests.kit.providers import PNG

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(180)]

T = TypeVar("T")
AT_ONCE = 4  # what waits for a retry costs nothing; more at once would only start more of the functions' workers
PATIENCE = 60
ANSWER = "Bugün yola çıktı."
SAID = ("Siparişim nerede kaldı?", "Peki, sağ olun!")


def patiently(look: Callable[[], T | None], what: str) -> T:
    """As `until`, but longer, and asked less often than one customer alone would."""
    return until(look, what, PATIENCE, every=0.25)


class Act:
    """One customer's story on one channel."""

    def __init__(self, live: Live, name: str) -> None:
        assert name in PLAYERS, f"channel '{name}' has no player in tests/emulator/players.py"
        self.live = live
        self.name = name
        self.customers: list[Customer] = []

    def customer(self, name: str = "") -> Customer:
        """Somebody new, on this channel or another."""
        self.customers.append(PLAYERS[name or self.name](self.live))
        return self.customers[-1]

    def served(self, customer: Customer, text: str = SAID[0]) -> str:
        """They write, it is routed, and an agent has it; the conversation."""
        customer.write(text)
        return str(self.given(customer)["id"])

    def given(self, customer: Customer) -> dict[str, Any]:
        """A customer's conversation once an agent has it."""

        def look() -> dict[str, Any] | None:
            found = self.live.known(customer.channel, customer.address)
            return found if found and found["agent"] else None

        return patiently(look, "an agent has the conversation")

    def reply(self, conversation: str, text: str = ANSWER, **more: Any) -> str:
        """An agent answers (with a supervisor's right to answer for a colleague); the message."""
        path = f"/v1/conversations/{quote(conversation, safe='')}/replies"
        return str(self.live.supervisor.post(path, {"text": text, **more})["message"]["id"])

    def message(self, conversation: str, id_: str) -> dict[str, Any]:
        """An answer as the agent sees it."""
        found: dict[str, Any] = next(one for one in self.live.detail(conversation)["messages"] if one["id"] == id_)
        return found

    def comes_to(self, conversation: str, id_: str, *states: str) -> dict[str, Any]:
        """The answer, once it has come so far."""

        def look() -> dict[str, Any] | None:
            found = self.message(conversation, id_)
            return found if found["state"] in states else None

        return patiently(look, f"the answer is {' or '.join(states)}")

    def gets(self, customer: Customer, text: str = ANSWER) -> Arrived:
        """What arrived with these words: once, not twice."""

        def look() -> list[Arrived]:
            return [one for one in customer.arrived() if text in one.text]

        (found,) = patiently(look, f"the answer arrives by {customer.channel}")
        return found

    def heard(self, conversation: str, kind: str) -> dict[str, Any]:
        """The customer's message of a kind."""

        def look() -> dict[str, Any] | None:
            shown = self.live.detail(conversation)["messages"]
            return next((one for one in shown if (one["direction"], one["kind"]) == ("inbound", kind)), None)

        return patiently(look, f"a {kind} comes")


# --- what is played -------------------------------------------------------------------------------------------------


def round_trip(act: Act) -> None:
    """In, routed, answered, each receipt that the channel's limits promise, and on in the same conversation."""
    customer = act.customer()
    conversation = act.served(customer)
    given = act.given(customer)
    assert (given["agent"], given["queue"], given["channel"]) == ("fatma", "tur", customer.channel)
    answer = act.reply(conversation)
    act.gets(customer)
    told = customer.limits.receipts
    act.comes_to(conversation, answer, "delivered" if "delivered" in told else "sent")
    customer.see()
    if "read" in told:
        act.comes_to(conversation, answer, "read")
    customer.write(SAID[1])
    patiently(lambda: len(act.live.detail(conversation)["messages"]) == 3, "the next one joins the conversation")
    assert act.message(conversation, answer)["state"] == next(
        s for s in ("read", "delivered", "sent") if s in {*told, "sent"}
    )
    act.gets(customer)


def refused_for_now(act: Act) -> None:
    """Too many calls: it is tried again, and arrives once. Where no provider stands between, the line breaks instead."""
    customer = act.customer()
    conversation = act.served(customer)
    if isinstance(customer, Visitor):
        customer.leave()
        answer = act.reply(conversation)
        act.comes_to(conversation, answer, "sent")
        assert customer.arrived() == []
        customer.come_back()
    else:
        customer.order(faults.BUSY)
        answer = act.reply(conversation)
        waiting = patiently(lambda: (found := act.message(conversation, answer))["error"] and found, "it is refused")
        assert waiting["state"] == "queued"
        assert customer.arrived() == []
    act.gets(customer)
    act.comes_to(conversation, answer, "sent", "delivered")
    act.gets(customer)


def perhaps_taken(act: Act) -> None:
    """The provider broke (5xx): nobody knows whether it was taken, so it is not sent twice, and not called sent."""
    customer = act.customer()
    conversation = act.served(customer)
    customer.order(faults.DOWN)
    answer = act.reply(conversation)
    assert act.comes_to(conversation, answer, "unknown", "sent", "delivered")["state"] == "unknown"
    assert customer.arrived() == []


def refused_for_good(act: Act) -> None:
    """The agent sees that it failed, and why; it waits for a person."""
    customer = act.customer()
    conversation = act.served(customer)
    customer.order(faults.REFUSED)
    answer = act.reply(conversation)
    assert act.comes_to(conversation, answer, "failed")["error"]
    assert customer.arrived() == []
    act.live.supervisor.post(f"/v1/parked/{answer}/discard")
    assert act.message(conversation, answer)["state"] == "discarded"


def lost_on_the_way(act: Act) -> None:
    """Taken, and reported as failed later: the receipt says so."""
    customer = act.customer()
    conversation = act.served(customer)
    customer.order(faults.LOST)
    answer = act.reply(conversation)
    act.comes_to(conversation, answer, "failed")


def fallback(act: Act) -> None:
    """Somebody known on two channels: what one refuses for good goes by the other. Nobody refuses in the web chat: it is the other."""
    other = "whatsapp" if act.name == "telegram" else "telegram"
    here, there = act.customer(), act.customer(other)
    refusing, taking = (here, there) if here.refusable else (there, here)
    act.served(taking)
    act.served(refusing)
    contacts = [
        act.live.agent.get("/v1/contacts", channel=c.channel, address=c.address)["id"] for c in (refusing, taking)
    ]
    joined = act.live.agent.post(f"/v1/contacts/{contacts[0]}/join", {"contact": contacts[1]})
    conversation = next(one["id"] for one in joined["conversations"] if one["state"] == "active")
    refusing.order(faults.REFUSED)
    answer = act.reply(conversation, via=str(refusing.inbox["name"]))
    failed = act.comes_to(conversation, answer, "failed")
    assert taking.channel in failed["error"]
    act.gets(taking)
    assert refusing.arrived() == []
    shown = act.live.detail(conversation)["messages"]
    assert [(m["channel"], m["text"]) for m in shown if m["direction"] == "outbound" and m["id"] != answer] == [
        (taking.channel, ANSWER)
    ]


def something_to_tap(act: Act) -> None:
    """Options are buttons, or a numbered list; what is chosen comes back with its payload."""
    customer = act.customer()
    conversation = act.served(customer)
    options = [{"title": "Bugün", "payload": "gun:1"}, {"title": "Yarın", "payload": "gun:2"}]
    act.reply(conversation, "Ne zaman gelelim?", options=options)
    shown = act.gets(customer, "Ne zaman gelelim?")
    if customer.limits.buttons:
        assert shown.buttons == ("Bugün", "Yarın")
    else:
        assert "1. Bugün" in shown.text
        assert "2. Yarın" in shown.text
    customer.choose(shown, 2)
    assert act.heard(conversation, "postback")["payload"] == "gun:2"


def a_picture_in(act: Act) -> None:
    """A customer's picture is fetched from the provider and shown by a link of minutes."""
    customer = act.customer()
    customer.write("" if customer.limits.echoes else "Bakın", PNG)  # the apps send words beside a picture by themselves
    conversation = str(act.given(customer)["id"])

    def fetched() -> dict[str, Any] | None:
        shown = [one for one in act.live.detail(conversation)["messages"] if one["attachments"]]
        return shown[0] if shown and shown[0]["attachments"][0]["state"] != "fetching" else None

    message = patiently(fetched, "the picture is fetched")
    assert [one["state"] for one in message["attachments"]] == ["ready"]
    link = act.live.agent.get(f"/v1/messages/{message['id']}/attachments/0")
    assert get(link["url"]) == (200, "image/png", PNG)


def a_picture_out(act: Act) -> None:
    """An agent's picture arrives, with the words."""
    customer = act.customer()
    conversation = act.served(customer)
    act.reply(conversation, "Krokisi ektedir", attachments=[upload(act.live, "kroki.png", "image/png", PNG)])
    act.gets(customer, "Krokisi ektedir")

    def arrived() -> list[bytes]:
        return [file for one in customer.arrived() for file in one.files]

    assert patiently(arrived, "the picture arrives") == [PNG]


# --- the tests ------------------------------------------------------------------------------------------------------

Scene = Callable[[Act], None]
Ended = Callable[[str, Scene], None]


def on(play: Scene, channels: Iterable[str]) -> pytest.MarkDecorator:
    """The scene on each of the channels."""
    return pytest.mark.parametrize(("channel", "play"), [pytest.param(name, play, id=name) for name in channels])


def unless(lacks: Callable[[type[Customer]], bool]) -> list[str]:
    """The registered channels but those; one without a player stays, and fails."""
    return [name for name in registry.names() if name not in PLAYERS or not lacks(PLAYERS[name])]


def reporting() -> list[str]:
    """The channels whose provider reports a failure after it took a message."""
    found = {name: registry.get(name) for name in registry.names()}
    return [name for name, one in found.items() if {"failed", "bounced"} & one.limits[one.channel].receipts]


@pytest.fixture(scope="module")
def ended(live: Live, request: pytest.FixtureRequest) -> Iterator[Ended]:
    """Begins what the chosen tests play, in their order; waits for one and fails as it did."""
    live.supervisor.post("/v1/agents/fatma/presence", {"presence": "online"})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        playing: dict[tuple[str, Scene], Future[None]] = {}
        for item in request.session.items:
            if isinstance(item, pytest.Function) and item.path == request.path and hasattr(item, "callspec"):
                params: dict[str, Any] = dict(item.callspec.params)
                role: tuple[str, Scene] = params["channel"], params["play"]
                playing[role] = pool.submit(_play, live, *role)
        yield lambda channel, play: playing[channel, play].result()
        for one in playing.values():
            one.cancel()


def _play(live: Live, channel: str, play: Scene) -> None:
    act = Act(live, channel)
    try:
        play(act)
    finally:
        for customer in act.customers:
            customer.close()


def test_every_channel_has_its_player() -> None:
    assert set(PLAYERS) == set(registry.names())


@on(refused_for_now, registry.names())
def test_an_answer_refused_for_now_is_sent_again_and_arrives_once(ended: Ended, channel: str, play: Scene) -> None:
    ended(channel, play)


@on(round_trip, registry.names())
def test_a_customer_is_answered_and_every_receipt_the_channel_has_is_shown(
    ended: Ended, channel: str, play: Scene
) -> None:
    ended(channel, play)


@on(perhaps_taken, unless(lambda player: not player.refusable))
def test_an_answer_that_perhaps_left_is_not_sent_twice(ended: Ended, channel: str, play: Scene) -> None:
    ended(channel, play)


@on(refused_for_good, unless(lambda player: not player.refusable))
def test_an_answer_refused_for_good_waits_for_a_person(ended: Ended, channel: str, play: Scene) -> None:
    ended(channel, play)


@on(lost_on_the_way, reporting())
def test_an_answer_that_was_taken_and_lost_shows_as_failed(ended: Ended, channel: str, play: Scene) -> None:
    ended(channel, play)


@on(fallback, registry.names())
def test_what_one_channel_refuses_goes_by_the_person_s_other_one(ended: Ended, channel: str, play: Scene) -> None:
    ended(channel, play)


@on(something_to_tap, registry.names())
def test_a_choice_is_offered_and_its_payload_comes_back(ended: Ended, channel: str, play: Scene) -> None:
    ended(channel, play)


@on(a_picture_in, unless(lambda player: not player.sends_files))
def test_a_customer_s_picture_is_fetched_and_shown(ended: Ended, channel: str, play: Scene) -> None:
    ended(channel, play)


@on(a_picture_out, registry.names())
def test_an_agent_s_picture_arrives(ended: Ended, channel: str, play: Scene) -> None:
    ended(channel, play)
