"""What messages, answers and time do to a conversation and its clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from router.aws.rows import conversation_item, to_conversation
from router.config import Config
from router.conversations import Conversation, State, preview_of, reopens
from router.heard import answered, begin, join
from router.keeping import kept
from router.messages import ChannelName, Direction, Kind, Message, Party, Provider
from router.moves import resolved, waiting_again
from router.rules import Outcome
from router.sla import Clock
from router.targets import Sla
from router.visits import Visit
from tests.kit.world import CONFIG as RAW

CONFIG = Config.model_validate(RAW)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
INBOX = CONFIG.inboxes[0]


def message(at: datetime = AT, text: str = "Merhaba", kind: Kind = Kind.MESSAGE) -> Message:
    """A customer's message, taken by the provider at a time."""
    return Message(
        id=f"m_{at.timestamp()}",
        channel=ChannelName.EMAIL,
        provider=Provider.SES,
        inbox=INBOX.name,
        direction=Direction.INBOUND,
        kind=kind,
        sender=Party(address="a@example.net"),
        text=text,
        provider_at=at,
        received_at=max(at, AT) + timedelta(hours=9),
    )


def first() -> Conversation:
    """A conversation that one message began."""
    return saved(begin(message(), "p_x", 1, INBOX, CONFIG))


def saved(conversation: Conversation, at: datetime = AT, config: Config = CONFIG) -> Conversation:
    """A conversation as it is written at a time."""
    return kept(conversation, config, at)


def answer_due(conversation: Conversation) -> Clock:
    """The clock of its first answer."""
    assert conversation.first_response is not None
    return conversation.first_response


def test_a_first_message_waits_in_its_inbox_s_queue_with_a_deadline() -> None:
    conversation = first()
    assert (conversation.state, conversation.queue, conversation.units) == (State.WAITING, "genel", 6)
    assert answer_due(conversation).due_at == AT + timedelta(hours=1)
    assert conversation.follow == ("wake",)


def test_a_late_arrival_moves_the_wait_and_the_unanswered_clock_back() -> None:
    after = saved(join(first(), message(AT - timedelta(minutes=10), "önce"), INBOX, CONFIG))
    assert answer_due(after).started_at == AT - timedelta(minutes=10)
    assert after.waiting_since == AT - timedelta(minutes=10)
    assert after.preview == "Merhaba"


def test_a_late_arrival_does_not_touch_a_clock_that_was_met() -> None:
    reply = message(AT + timedelta(minutes=5)).model_copy(update={"direction": Direction.OUTBOUND})
    done = answered(first(), reply)
    after = saved(join(done, message(AT - timedelta(hours=3)), INBOX, CONFIG), AT + timedelta(minutes=6))
    assert (answer_due(after).ended_at, answer_due(after).met) == (AT + timedelta(minutes=5), True)


def test_a_customer_s_message_reopens_a_resolved_conversation_and_starts_a_new_clock() -> None:
    over = saved(resolved(first(), AT + timedelta(hours=2)), AT + timedelta(hours=2))
    after = saved(join(over, message(AT + timedelta(days=1)), INBOX, CONFIG), AT + timedelta(days=1))
    assert (after.state, after.agent, after.waiting_since) == (State.WAITING, None, AT + timedelta(days=1))
    assert answer_due(after).due_at == AT + timedelta(days=1, hours=1)


def test_an_automatic_reply_reopens_nothing_and_restarts_nothing() -> None:
    over = resolved(first(), AT + timedelta(hours=2))
    after = join(over, message(AT + timedelta(hours=3), "Ofis dışındayım", Kind.AUTO_REPLY), INBOX, CONFIG)
    assert (after.state, after.follow, after.preview) == (State.RESOLVED, (), "Merhaba")


def test_the_reopen_window_is_seven_days_to_the_second() -> None:
    over = resolved(first(), AT)
    assert reopens(over, AT + timedelta(days=7), CONFIG)
    assert not reopens(over, AT + timedelta(days=7, seconds=1), CONFIG)


def test_an_answer_meets_the_clock_once() -> None:
    reply = message(AT + timedelta(minutes=5)).model_copy(update={"direction": Direction.OUTBOUND})
    twice = answered(answered(first(), reply), reply.model_copy(update={"provider_at": AT + timedelta(minutes=9)}))
    after = saved(twice, AT + timedelta(minutes=9))
    assert answer_due(after).ended_at == AT + timedelta(minutes=5)
    assert after.due_at == after.follow_at


def test_an_answer_we_hear_of_late_leaves_what_was_asked_since_to_be_answered() -> None:
    """From the provider's own app: the customer has written again meanwhile."""
    active = replace(first(), state=State.ACTIVE, agent="ayse")
    asked = join(active, message(AT + timedelta(minutes=20), "Peki iade?"), INBOX, CONFIG)
    echo = message(AT + timedelta(minutes=5)).model_copy(update={"direction": Direction.OUTBOUND})
    after = saved(answered(asked, echo), AT + timedelta(minutes=30))
    assert (after.state, after.preview) == (State.ACTIVE, "Peki iade?")
    assert answer_due(after).ended_at == AT + timedelta(minutes=5)


def test_mere_thanks_after_the_answer_ask_for_nothing() -> None:
    reply = message(AT + timedelta(minutes=5)).model_copy(update={"direction": Direction.OUTBOUND})
    pending = saved(answered(replace(first(), state=State.ACTIVE, agent="ayse"), reply), AT + timedelta(minutes=5))
    for before in (pending, saved(resolved(pending, AT + timedelta(hours=2)), AT + timedelta(hours=2))):
        after = join(before, message(AT + timedelta(hours=3), "Teşekkür ederim 🙏"), INBOX, CONFIG)
        assert (after.state, after.follow, after.preview) == (before.state, before.follow, "Teşekkür ederim 🙏")
        later = saved(after, AT + timedelta(hours=3))
        assert (later.clocks, later.due_at) == (before.clocks, before.due_at)
        asked = join(before, message(AT + timedelta(hours=3), "Teşekkürler ama hâlâ çalışmıyor"), INBOX, CONFIG)
        assert asked.state in (State.ACTIVE, State.WAITING)


def test_a_policy_can_have_thanks_count_as_any_other_message() -> None:
    strict = CONFIG.model_copy(
        update={"sla": (Sla.model_validate({"name": "s", "first_response": 5, "thanks": False}),)}
    )
    over = replace(resolved(first(), AT), sla="s")
    assert join(over, message(AT + timedelta(hours=1), "teşekkürler"), INBOX, strict).state is State.WAITING


@given(st.lists(st.integers(-600, 600), min_size=1, max_size=8))
def test_the_clock_starts_at_the_earliest_message_in_whatever_order_they_arrive(minutes: list[int]) -> None:
    times = [AT + timedelta(minutes=m) for m in minutes]
    conversation = begin(message(times[0]), "p_x", 1, INBOX, CONFIG)
    for at in times[1:]:
        conversation = join(conversation, message(at), INBOX, CONFIG)
    assert answer_due(saved(conversation)).started_at == min(times)
    assert conversation.last_inbound_at == max(times)


SLA = CONFIG.model_copy(update={"sla": (Sla.model_validate({"name": "quick", "first_response": 15}),)})


def test_a_policy_says_how_soon_it_is_answered_until_it_is_gone() -> None:
    one = begin(message(), "p_x", 1, INBOX, SLA, said=Outcome(sla="quick"))
    later = AT + timedelta(days=1)
    back = join(resolved(one, AT + timedelta(hours=1)), message(later), INBOX, SLA)
    again = waiting_again(resolved(back, later), later, queue=None, config=SLA)
    gone = join(resolved(one, AT + timedelta(hours=1)), message(later), INBOX, CONFIG)
    assert [found.target for found in (one, back, again, gone)] == [900, 900, 900, 3600]
    policies = [(one, SLA), (back, SLA), (again, SLA), (gone, CONFIG)]
    clocks = [answer_due(kept(found, config, later)) for found, config in policies]
    lengths = [clock.due_at - clock.started_at for clock in clocks if clock.due_at is not None]
    assert lengths == [timedelta(minutes=minutes) for minutes in (15, 15, 15, 60)]


def test_tags_that_rules_add_at_a_reopening_are_twenty_at_most_and_none_of_people_s_is_lost() -> None:
    people = tuple(f"t{number:02}" for number in range(19))
    said = Outcome(tags=("a", "b"), matched=("r",))
    back = join(replace(resolved(first(), AT), tags=people), message(AT + timedelta(days=1)), INBOX, CONFIG, said)
    assert len(back.tags) == 20
    assert {*people} < {*back.tags}
    assert back.rules == ("r",)


def test_only_people_choose_a_queue_for_good() -> None:
    moved = waiting_again(first(), AT, queue="uzman", config=CONFIG)
    back = join(resolved(moved, AT), message(AT + timedelta(days=1)), INBOX, CONFIG)
    placed = join(resolved(back, AT), message(AT + timedelta(days=1)), INBOX, CONFIG, Outcome(queue="genel"))
    found = [(one.queue, one.queue_chosen) for one in (first(), moved, back, placed)]
    assert found == [("genel", False), ("uzman", True), ("uzman", True), ("genel", False)]


@given(st.text(max_size=400))
def test_a_preview_is_one_line_of_at_most_120_characters(text: str) -> None:
    made = preview_of(text)
    assert len(made) <= 120
    assert "\n" not in made


@given(st.sampled_from(State), st.text(max_size=30), st.integers(1, 999_999), st.booleans())
def test_a_conversation_comes_back_from_its_item_as_it_was(state: State, name: str, number: int, held: bool) -> None:
    from router.aws.codec import marshal, unmarshal

    one = replace(
        first(),
        state=state,
        name=name or None,
        number=number,
        agent="ayse" if held else None,
        references=("a@b",),
        version=3,
        category="order",
        sla="quick",
        queue_chosen=held,
        acknowledged_by="rule",
        heard=(number, number, number + 86_400),
        visits=(Visit(number, ("order", "vip")), Visit(number + 1, ()), Visit(number + 2)),
    )
    assert to_conversation(unmarshal(marshal(conversation_item(one)))) == one
