"""Promises to customers, over the whole of it: made, kept, broken, taken back, each told once; and scores, and who reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from router.config import Config
from router.conversations import Conversation, State
from router.promises import AUTO, Promise, Standing
from tests.kit.crash import Ground
from tests.kit.meta import call as meta_call
from tests.kit.promises import Seen, check
from tests.kit.world import CONFIG, World
from tests.promises.test_one_person import app, join, mail_contact, on_instagram, separate, sms_contact

SUPERVISOR: dict[str, Any] = {"user": "sef", "role": "supervisor"}


@pytest.fixture(params=["memory", "moto"], scope="module")
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """The table in memory, and moto's with its stream."""
    memory = request.param == "memory"
    with World(memory=memory, streaming=not memory) as made:
        yield Ground(made)


@pytest.fixture
def world(ground: Ground) -> World:
    return ground.begin()


def held(world: World) -> str:
    """Ayşe has an SMS conversation; its id."""
    world.come_in("ayse")
    world.sms()
    world.pump()
    (one,) = world.conversations()
    assert one.agent == "ayse"
    return str(one.id)


def the(world: World, conversation: str) -> Conversation:
    found = world.x.table.conversation(conversation)
    assert found is not None
    return found


def only(world: World, conversation: str) -> Promise:
    (promise,) = the(world, conversation).promises
    return promise


def path(conversation: str, *more: str) -> str:
    return "/".join((f"/v1/conversations/{conversation}", *more))


def promise(world: World, conversation: str, *, minutes: float = 60, **body: Any) -> str:
    """Promised by Ayşe; the promise's id."""
    wanted = {"until": (world.now + timedelta(minutes=minutes)).isoformat(), "what": "call back", **body}
    status, answer = world.call("POST", path(conversation, "promises"), wanted)
    assert status == 200, answer
    return str(answer["conversation"]["promises"][-1]["id"])


def told(world: World, kind: str = "promise") -> list[str]:
    """What others hear of promises, in order; nothing where there is no stream."""
    return [t for t in world.bus.types() if t.startswith(kind)] if world.bus is not None else []


def history(world: World, conversation: str, *whats: str) -> list[str]:
    return [entry["what"] for entry in Seen.of(world).history[conversation] if entry["what"] in whats]


def rings(world: World, **by: float) -> None:
    """Time passes; timers ring, and the sweep comes by."""
    world.pass_time(**by)
    world.ring()
    world.pump(sweep_too=True)


def test_an_answer_in_time_keeps_what_was_promised_to_be_answered(world: World) -> None:
    one = held(world)
    promise(world, one, answer=True)
    world.pass_time(minutes=59)
    world.reply(one)
    rings(world, minutes=30)
    assert only(world, one).standing is Standing.KEPT
    assert history(world, one, "breach") == []
    if world.bus is not None:
        assert told(world) == ["promise.made", "promise.kept"]
        (event, _) = [e for e in world.bus.events if e["type"].startswith("promise")]
        assert {"by": "ayse", "standing": "open"}.items() <= event["data"].items()
        assert "call back" not in str(event), "an agent's words are read by id (P11)"
    check(world)


def test_an_answer_may_carry_a_promise_in_one_transaction_and_does_not_keep_it(world: World) -> None:
    one = held(world)
    until = (world.now + timedelta(hours=3)).isoformat()
    body = {"text": "Yarına kadar bakarız.", "promise": {"until": until, "answer": True}}
    status, answer = world.call("POST", path(one, "replies"), body, key="k")
    assert status == 200, answer
    again, _ = world.call("POST", path(one, "replies"), body, key="k")
    world.pump()
    (shown,) = answer["conversation"]["promises"]
    assert (again, shown["by"], shown["state"], shown["what"]) == (200, "ayse", "open", "")
    assert datetime.fromisoformat(shown["until"]) == datetime.fromisoformat(until)
    assert only(world, one).open
    refused = {"text": "Dün", "promise": {"until": (world.now - timedelta(hours=1)).isoformat(), "answer": True}}
    assert world.call("POST", path(one, "replies"), refused)[0] == 422
    world.pump()
    assert len(world.providers.left) == 1, "what cannot be promised is not said either"
    check(world)


@pytest.mark.parametrize("noticed", ["timer", "sweep"])
def test_one_that_nobody_keeps_is_broken_once(world: World, noticed: str) -> None:
    one = held(world)
    promise(world, one, minutes=10)
    for _ in range(3):
        world.pass_time(minutes=5)
        if noticed == "timer":
            world.ring()
        else:
            world.sweep()
        world.pump()
    world.pump(sweep_too=True)
    assert only(world, one).standing is Standing.BROKEN
    assert history(world, one, "warning", "breach") == ["warning", "warning", "breach"]
    if world.bus is not None:
        assert told(world) == ["promise.made", "promise.broken"]
    status, _ = world.call("POST", path(one, "promises", only(world, one).id, "keep"), {})
    assert status == 200
    rings(world, minutes=1)
    assert only(world, one).standing is Standing.BROKEN, "it came too late"
    if world.bus is not None:
        assert told(world) == ["promise.made", "promise.broken"]
    check(world)


def test_it_is_kept_by_a_word_and_only_once(world: World) -> None:
    one = held(world)
    id_ = promise(world, one)
    world.pass_time(minutes=5)
    world.reply(one)
    assert only(world, one).open, "an answer is no call"
    for key in ("a", "a"):
        assert world.call("POST", path(one, "promises", id_, "keep"), {}, key=key)[0] == 200
    status, problem = world.call("POST", path(one, "promises", id_, "take-back"), {})
    assert (status, problem["detail"]) == (409, "it is over: kept")
    assert history(world, one, "promise", "promise_kept") == ["promise", "promise_kept"]
    assert world.call("POST", path(one, "promises", "pr_none", "keep"), {})[0] == 404
    world.pump()
    if world.bus is not None:
        assert told(world) == ["promise.made", "promise.kept"]
    check(world)


def test_a_promise_is_its_agents_and_supervisors_and_of_open_conversations(world: World) -> None:
    one = held(world)
    wanted = {"until": (world.now + timedelta(hours=1)).isoformat(), "what": "call back"}
    assert world.call("POST", path(one, "promises"), wanted, user="mehmet")[0] == 403
    assert world.call("POST", path(one, "promises"), wanted, **SUPERVISOR)[0] == 200
    id_ = only(world, one).id
    assert world.call("POST", path(one, "promises", id_, "keep"), {}, user="mehmet")[0] == 403
    assert world.call("POST", path(one, "promises", id_, "take-back"), {}, **SUPERVISOR)[0] == 200
    for until in (world.now, world.now + timedelta(days=400)):
        status, problem = world.call("POST", path(one, "promises"), wanted | {"until": until.isoformat()})
        assert (status, problem["field"]) == (422, "until")
    assert world.call("POST", path(one, "promises"), {"until": wanted["until"]})[0] == 422
    for _ in range(10):
        promise(world, one)
    assert world.call("POST", path(one, "promises"), wanted)[0] == 409
    for open_ in [p for p in the(world, one).promises if p.open]:
        assert world.call("POST", path(one, "promises", open_.id, "take-back"), {})[0] == 200
    assert world.call("POST", path(one, "resolve"), {})[0] == 200
    assert world.call("POST", path(one, "promises"), wanted)[0] == 409


@pytest.mark.parametrize("answer", [False, True])
def test_nobody_resolves_over_an_open_promise(world: World, answer: bool) -> None:
    one = held(world)
    id_ = promise(world, one, answer=answer)
    status, problem = world.call("POST", path(one, "resolve"), {})
    assert status == 409
    assert problem["detail"].startswith("ayse promised until 2026-03-02 ")
    assert "call back" in problem["detail"]
    assert world.call("POST", path(one, "promises", id_, "take-back"), {})[0] == 200
    assert world.call("POST", path(one, "resolve"), {})[0] == 200
    world.pump()
    assert only(world, one).standing is Standing.TAKEN_BACK
    if world.bus is not None:
        assert told(world) == ["promise.made", "promise.taken_back"]


@pytest.mark.parametrize("how", ["spam", "block"])
def test_spam_and_a_block_take_it_back(world: World, how: str) -> None:
    one = held(world)
    promise(world, one, minutes=30)
    if how == "spam":
        assert world.call("POST", path(one, "spam"), {})[0] == 200
    else:
        assert world.call("POST", f"/v1/contacts/{the(world, one).contact}/block", {}, **SUPERVISOR)[0] == 200
    rings(world, hours=2)
    assert only(world, one).standing is Standing.TAKEN_BACK
    assert history(world, one, "breach") == []
    check(world)


def test_a_customer_who_leaves_the_chat_waits_for_nothing(world: World) -> None:
    world.frame(connection := world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    (one,) = world.conversations()
    wanted = {"until": (world.now + timedelta(hours=1)).isoformat(), "what": "call back"}
    assert world.call("POST", path(one.id, "promises"), wanted, **SUPERVISOR)[0] == 200
    world.frame(connection, {"type": "leave"})
    world.pump()
    after = the(world, one.id)
    assert after.state is State.RESOLVED
    assert only(world, one.id).standing is Standing.TAKEN_BACK


def test_promises_come_along_with_a_joined_person_and_go_back_with_them(world: World) -> None:
    world.come_in("ayse", "mehmet")
    world.mail()
    world.pump()
    world.pass_time(seconds=30)
    world.sms()
    world.pump()
    mails, texts = (next(c for c in world.conversations() if c.channel == ch) for ch in ("email", "sms"))
    until = (world.now + timedelta(hours=1)).isoformat()
    for one, what in ((mails, "send the invoice"), (texts, "call back")):
        body = {"until": until, "what": what}
        assert world.call("POST", path(one.id, "promises"), body, **SUPERVISOR)[0] == 200
    to_answer: dict[str, Any] = {"until": until, "answer": True, "what": "answer the text"}
    assert world.call("POST", path(texts.id, "promises"), to_answer, **SUPERVISOR)[0] == 200
    join(world, mail_contact(world), sms_contact(world))
    world.pump()
    joint = the(world, mails.id)
    open_ = {p.what for p in joint.promises if p.open and p.what}
    assert open_ == {"send the invoice", "call back", "answer the text"}
    call_back = next(p for p in joint.promises if p.what == "call back")
    assert world.call("POST", path(mails.id, "promises", call_back.id, "keep"), {}, **SUPERVISOR)[0] == 200
    world.pass_time(minutes=5)
    body = {"text": "Faturanız ektedir", "via": "email"}
    assert world.call("POST", path(mails.id, "replies"), body, **SUPERVISOR)[0] == 200
    world.pump()
    world.pass_time(minutes=5)
    assert {p.what for p in the(world, mails.id).promises if p.standing is Standing.KEPT} == {
        "call back",
        "answer the text",
    }
    separate(world, mail_contact(world), sms_contact(world))
    world.pump()
    assert [(p.what, p.standing) for p in the(world, mails.id).promises] == [("send the invoice", Standing.OPEN)]
    theirs = next(c for c in world.conversations() if c.contact == sms_contact(world))
    assert [(p.what, p.standing, p.source) for p in theirs.promises] == [
        ("call back", Standing.KEPT, None),
        ("answer the text", Standing.OPEN, None),  # what kept it was a mail to somebody else
    ]
    if world.bus is not None:
        assert told(world).count("promise.made") == 3, "to come along, or to go back, is not to be made again"
    check(world)


def test_nothing_breaks_twice_where_it_came_along(world: World) -> None:
    world.mail()
    world.pump()
    world.sms()
    world.pump()
    texts = next(c for c in world.conversations() if c.channel == "sms")
    body = {"until": (world.now + timedelta(minutes=5)).isoformat(), "what": "call back"}
    assert world.call("POST", path(texts.id, "promises"), body, **SUPERVISOR)[0] == 200
    join(world, mail_contact(world), sms_contact(world))
    rings(world, minutes=6)
    rings(world, minutes=6)
    everywhere = [e for entries in Seen.of(world).history.values() for e in entries if e["what"] == "breach"]
    assert [e["detail"]["target"] for e in everywhere] == ["promise"]


def test_an_answer_from_elsewhere_that_turns_up_late_makes_a_broken_promise_kept(ground: Ground) -> None:
    """Somebody answered in Instagram's own app in time, and the provider told us an hour later, with its own time."""
    world = ground.begin(app("instagram", "1784", {}))
    world.come_in("ayse")
    assert meta_call(world, "instagram", "instagram", on_instagram(world, {"message": {"mid": "m1", "text": "Alo"}}))
    world.pump()
    (one,) = world.conversations()
    promise(world, one.id, minutes=10, answer=True)
    answered_at = world.now + timedelta(minutes=8)
    rings(world, minutes=11)
    assert only(world, one.id).standing is Standing.BROKEN
    echo = {
        "sender": {"id": "1784"},
        "recipient": {"id": "1284"},
        "timestamp": int(answered_at.timestamp() * 1000),
        "message": {"mid": "m2", "text": "Buradayız", "is_echo": True},
    }
    assert meta_call(world, "instagram", "instagram", on_instagram(world, echo))["statusCode"] == 200
    world.pump()
    kept = only(world, one.id)
    assert (kept.standing, kept.ended_at) == (Standing.KEPT, answered_at)
    if world.bus is not None:
        assert told(world) == ["promise.made", "promise.broken", "promise.kept"]


# --- automatic answers -----------------------------------------------------------------------------------------------

OFFICE = {"name": "ofis", "zone": "Europe/Istanbul", "open": {"mon-fri": ["09:00-12:30", "13:30-18:00"]}}
POLICY = {"name": "dort", "calendar": "ofis", "first_response": "4h"}
WORDS = {"tr": "{expected} yanıtlarız.", "en": "We answer {expected}."}


def with_answers(ground: Ground, *, sla: bool = True, **answers: Any) -> World:
    queues = [{**queue, **({"sla": "dort"} if sla else {})} for queue in CONFIG["queues"]]
    made = {"queue": "genel", "acknowledgement": WORDS, "promises": True} | answers
    config = {**CONFIG, "version": "promising", "queues": queues, "calendars": [OFFICE], "sla": [POLICY]}
    return ground.begin({**config, "answers": [made]})


def said(world: World) -> list[str]:
    sends = sorted(Seen.of(world).sends.values(), key=lambda send: send.message.cursor)
    return [send.message.text for send in sends if send.message.author == "auto"]


def test_four_hours_of_business_at_five_are_due_tomorrow_and_the_text_says_so(ground: Ground) -> None:
    world = with_answers(ground)
    world.now = datetime.fromisoformat("2026-03-02T17:00:20+03:00")
    world.sms("Where is my order?")
    world.mail("Merhaba")
    world.pump()
    assert said(world) == ["We answer tomorrow by 12:01.", "yarın saat 12:01'e kadar yanıtlarız."]
    for one in world.conversations():
        (made,) = one.promises
        assert (made.by, made.answer, made.personal) == (AUTO, True, False)
        assert made.due_at == datetime.fromisoformat("2026-03-03T12:01:00+03:00"), "to the minute that the words name"
        assert one.first_response is not None
        assert one.first_response.due_at == datetime.fromisoformat("2026-03-03T12:00:20+03:00")
    check(world)


def test_without_promises_the_text_says_the_clock_s_time_and_nothing_is_promised(ground: Ground) -> None:
    world = with_answers(ground, promises=False)
    world.now = datetime.fromisoformat("2026-03-02T17:00:00+03:00")
    world.sms("Where is my order?")
    world.pass_time(hours=-6)
    world.sms("And mine?", sender="+15550188")
    world.pump()
    assert sorted(said(world)) == ["We answer in about 5 hours.", "We answer tomorrow by 12:00."]
    assert [one.promises for one in world.conversations()] == [(), ()]


def test_a_target_by_the_wall_is_promised_in_the_hours_of_those_who_answer(ground: Ground) -> None:
    world = with_answers(ground, sla=False, hours="ofis")
    world.now = datetime.fromisoformat("2026-03-06T17:30:00+03:00")  # a Friday, half an hour before they leave
    world.sms("Where is my order?")
    world.pump()
    assert said(world) == ["We answer on Monday by 09:30."]
    (one,) = world.conversations()
    assert only(world, one.id).due_at == datetime.fromisoformat("2026-03-09T09:30:00+03:00")


def test_a_persons_answer_keeps_what_an_automatic_one_told_and_resolving_takes_it_back(ground: Ground) -> None:
    world = with_answers(ground, sla=False)
    world.come_in("ayse")
    world.sms("Where is my order?")
    world.sms("And mine?", sender="+15550188")
    world.pump()
    assert said(world) == ["We answer in about 60 minutes."] * 2
    first, second = world.conversations()
    world.pass_time(minutes=5)
    world.reply(first.id)
    assert world.call("POST", path(second.id, "resolve"), {})[0] == 200
    world.pump()
    assert only(world, first.id).standing is Standing.KEPT
    assert only(world, second.id).standing is Standing.TAKEN_BACK
    assert history(world, first.id, "promise") == ["promise"]


def test_what_an_automatic_answer_told_is_broken_by_its_own_clock(ground: Ground) -> None:
    world = with_answers(ground, sla=False)
    world.sms("Where is my order?")
    world.pump()
    for _ in range(5):
        rings(world, minutes=14)
    (one,) = world.conversations()
    assert only(world, one.id).standing is Standing.BROKEN
    breaches = [e for e in Seen.of(world).history[one.id] if e["what"] == "breach"]
    assert sorted(e["detail"]["target"] for e in breaches) == ["first_response", "promise"]
    if world.bus is not None:
        assert told(world) == ["promise.made", "promise.broken"]


def test_a_text_that_tells_no_time_promises_none(ground: Ground) -> None:
    world = with_answers(ground, acknowledgement={"en": "We have it.", "tr": WORDS["tr"]})
    world.sms("Where is my order?")
    world.pump()
    (one,) = world.conversations()
    assert (said(world), one.promises) == (["We have it."], ())


def test_answers_that_promise_and_tell_no_time_are_refused() -> None:
    with pytest.raises(ValueError, match="promises a time, but no text tells one"):
        Config.model_validate(
            {**CONFIG, "answers": [{"queue": "genel", "acknowledgement": {"en": "Hi"}, "promises": True}]}
        )


# --- scores ----------------------------------------------------------------------------------------------------------


def scores(world: World, conversation: str, **who: Any) -> list[tuple[str, int]]:
    status, body = world.call("GET", path(conversation), **who)
    assert status == 200
    return [(one["kind"], one["score"]) for one in body["scores"]]


def test_supervisors_judge_the_work_and_only_whose_it_is_reads_it(world: World) -> None:
    one = held(world)
    assert world.call("POST", path(one, "quality"), {"score": 80})[0] == 403
    body = {"score": 80, "text": "friendly, but late"}
    for _ in range(2):
        assert world.call("POST", path(one, "quality"), body, key="q", **SUPERVISOR)[0] == 200
    assert scores(world, one, **SUPERVISOR) == [("quality", 80)]
    assert scores(world, one, user="ayse") == [("quality", 80)]
    assert scores(world, one, user="mehmet") == []
    for user, reads in (("ayse", True), ("mehmet", False)):
        _, detail = world.call("GET", path(one), user=user)
        (entry,) = [e for e in detail["history"] if e["what"] == "score"]
        assert ("friendly, but late" in str(entry), "80" in str(entry["detail"])) == (reads, reads)
    assert world.call("POST", path(one, "quality"), {"score": 101}, **SUPERVISOR)[0] == 422
    status, problem = world.call("POST", path(one, "quality"), {"score": 50, "agent": "usta"}, **SUPERVISOR)
    assert (status, problem["field"]) == (422, "agent")
    assert world.call("POST", path(one, "quality"), {"score": 100}, user="ayse", role="supervisor")[0] == 403
    world.pump()
    if world.bus is not None:
        assert told(world, "conversation.scored") == ["conversation.scored"]
        (event,) = [e for e in world.bus.events if e["type"] == "conversation.scored"]
        assert (event["data"]["kind"], event["data"]["score"], event["data"]["about"]) == ("quality", 80, "ayse")
        assert "friendly" not in str(event)


def test_nobody_is_judged_for_what_nobody_had(world: World) -> None:
    world.sms()
    world.pump()
    (one,) = world.conversations()
    assert world.call("POST", path(one.id, "quality"), {"score": 80}, **SUPERVISOR)[0] == 422


def test_who_had_it_is_judged_after_it_is_done_too(world: World) -> None:
    one = held(world)
    world.reply(one)
    assert world.call("POST", path(one, "resolve"), {})[0] == 200
    assert world.call("POST", path(one, "quality"), {"score": 0}, **SUPERVISOR)[0] == 200
    (score,) = the(world, one).scores
    assert (score.agent, score.value, score.by) == ("ayse", 0, "sef")


def test_what_a_customer_says_is_about_who_had_it_and_not_about_who_helped_out(world: World) -> None:
    one = held(world)
    world.pass_time(minutes=1)
    assert world.call("POST", path(one, "replies"), {"text": "Bir de şu"}, **SUPERVISOR)[0] == 200
    world.pump()
    assert world.call("POST", path(one, "satisfaction"), {"kind": "csat", "score": 4}, **SUPERVISOR)[0] == 200
    (score,) = the(world, one).scores
    assert score.agent == "ayse"


@pytest.mark.parametrize(("kind", "least", "most"), [("csat", 1, 5), ("nps", 0, 10), ("ces", 1, 7)])
def test_a_customers_word_is_within_its_kind_s_range(world: World, kind: str, least: int, most: int) -> None:
    one = held(world)
    for value, status in ((least - 1, 422), (least, 200), (most, 200), (most + 1, 422)):
        found, _ = world.call("POST", path(one, "satisfaction"), {"kind": kind, "score": value}, **SUPERVISOR)
        assert found == status, value
    assert scores(world, one, user="mehmet") == [(kind, least), (kind, most)], (
        "whoever reads it reads how content they were"
    )
    assert world.call("POST", path(one, "satisfaction"), {"kind": kind, "score": most})[0] == 403
    check(world)


def test_a_conversation_remembers_its_newest_twenty_scores(world: World) -> None:
    one = held(world)
    for value in range(22):
        world.pass_time(seconds=1)
        assert world.call("POST", path(one, "quality"), {"score": value}, **SUPERVISOR)[0] == 200
    assert [score.value for score in the(world, one).scores] == list(range(2, 22))


def test_what_is_closed_for_good_can_be_judged_too(world: World) -> None:
    one = held(world)
    world.reply(one)
    assert world.call("POST", path(one, "resolve"), {})[0] == 200
    world.pump()
    world.pass_time(days=9)
    world.sms("Something else")
    world.pump()
    assert the(world, one).state is State.CLOSED
    assert world.call("POST", path(one, "quality"), {"score": 70}, **SUPERVISOR)[0] == 200
    assert world.call("POST", path(one, "satisfaction"), {"kind": "csat", "score": 5}, **SUPERVISOR)[0] == 200
    assert scores(world, one, **SUPERVISOR) == [("quality", 70), ("csat", 5)]
    assert the(world, one).state is State.CLOSED
    world.pump()
    check(world, settled=False)
