"""Surveys: asked on a page that records nothing, answered by its form or by a reply, once, and low scores looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions import api, measure
from router.aws.dynamo import put
from router.conversations import Conversation, State
from router.ids import contact_id, conversation_id, read_survey_token, survey_token, unsubscribe_token
from router.messages import ChannelName, Proof
from router.records import Contact
from router.scores import ScoreKind
from router.sends import Send, SendState
from router.survey_pages import url_of
from router.surveys import Asked, packed
from tests.kit import values as v
from tests.kit.amount import times
from tests.kit.events import LambdaContext, http_event
from tests.kit.promises import Seen, check, said
from tests.kit.surveyed import SURVEYS, asks, now_of, resolved, token_of
from tests.kit.world import PUBLIC, World

PHONE = "+15550199"


@pytest.fixture
def world() -> Iterator[World]:
    with World(SURVEYS, memory=True) as found:
        yield found


@pytest.fixture
def about(world: World) -> Conversation:
    return resolved(world)


@pytest.fixture
def asked(world: World, about: Conversation) -> Asked:
    return asks(world, about)


def visit(world: World, method: str, token: str, body: bytes = b"", query: str = "") -> tuple[int, str]:
    answer = api.handler(http_event(method, f"/s/{token}", body, {}, query=query), LambdaContext())
    return answer["statusCode"], answer["body"]


def scores(one: Conversation) -> list[tuple[str, int, str | None]]:
    return [(str(score.kind), score.value, score.agent) for score in one.scores]


def post(world: World, asked: Asked, body: str) -> tuple[int, str]:
    found = visit(world, "POST", token_of(world, asked), body.encode())
    world.pump()
    check(world, settled=False)
    return found


def reply(world: World, text: str) -> None:
    assert world.sms(text)["statusCode"] == 200
    world.pump()
    check(world, settled=False)


def test_the_page_asks_in_the_message_s_language_and_records_nothing(world: World, asked: Asked) -> None:
    before = world.items()
    for query in ("", "score=4", "score=4&text=x"):  # a mail scanner, a preview, the reader
        status, page = visit(world, "GET", token_of(world, asked), query=query)
        assert status == 200
        assert 'lang="tr"' in page
        assert "ne kadar memnunsunuz" in page
        assert page.count('type="radio"') == 5
        assert "checked" not in page
        assert PHONE not in page
    assert world.items() == before


@pytest.mark.parametrize(("kind", "buttons"), [(ScoreKind.CSAT, 5), (ScoreKind.NPS, 11), (ScoreKind.CES, 7)])
def test_each_kind_has_its_numbers(world: World, about: Conversation, kind: ScoreKind, buttons: int) -> None:
    _, page = visit(world, "GET", token_of(world, asks(world, about, kind)))
    assert page.count('type="radio"') == buttons


def test_a_score_joins_the_conversation_and_counts_for_who_had_it(
    world: World, about: Conversation, asked: Asked
) -> None:
    status, page = post(world, asked, "score=5&text=%C3%87ok+h%C4%B1zl%C4%B1")
    assert (status, "Teşekkür ederiz!" in page) == (200, True)
    one = now_of(world, about.id)
    assert scores(one) == [("csat", 5, "ayse")]
    assert one.state is State.RESOLVED
    (rating,) = world.x.table.ratings(asked.contact)
    assert (rating.value, rating.text, rating.how, rating.agent, rating.raised) == (
        5,
        "Çok hızlı",
        "link",
        "ayse",
        None,
    )
    assert world.x.table.ratings_of([[asked.contact, "p_nobody"]]) == [[rating]]
    (entry,) = [e for e in Seen.of(world).history[about.id] if e["what"] == "score"]
    assert entry["detail"] == {
        "kind": "csat", "score": 5, "agent": "ayse", "text": "Çok hızlı", "campaign": "sonrasi", "how": "link",
    }  # fmt: skip


def test_the_first_answer_counts_however_often_somebody_answers(
    world: World, about: Conversation, asked: Asked
) -> None:
    post(world, asked, "score=4")
    before = world.items("P#")
    for body in ("score=4", "score=1"):
        status, page = post(world, asked, body)
        assert (status, "daha önce aldık: 4" in page) == (200, True)
    assert "daha önce aldık: 4" in visit(world, "GET", token_of(world, asked))[1]
    reply(world, "2")
    assert [item for item in world.items("P#") if item["sk"].startswith("score#")] == [
        item for item in before if item["sk"].startswith("score#")
    ]
    assert scores(now_of(world, about.id)) == [("csat", 4, "ayse")]
    assert now_of(world, about.id).state is State.RESOLVED


@pytest.mark.parametrize(
    "body", ["", "score=", "score=6", "score=0", "score=-1", "score=5.0", "score=on", "score=%EF%BC%95", "x" * 100_000]
)
def test_a_post_without_a_score_of_the_range_only_asks(world: World, asked: Asked, body: str) -> None:
    before = world.items()
    status, page = visit(world, "POST", token_of(world, asked), body.encode())
    assert (status, "Lütfen bir sayı seçin" in page) == (422, True)
    assert world.items() == before


def test_what_was_written_stays_on_the_page_and_cannot_break_it(world: World, asked: Asked) -> None:
    _, page = visit(world, "POST", token_of(world, asked), b"text=%3C%2Ftextarea%3E%3Cscript%3E&score=")
    assert "&lt;/textarea&gt;&lt;script&gt;" in page
    assert "<script>" not in page


def test_every_link_that_is_not_ours_gets_one_answer_and_reads_nothing(
    world: World, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = token_of(world, asked)
    unknown = survey_token(world.x.key, "m_" + "a" * 24)
    forged = [
        "x", right[:-1], right + "a", right.upper(), right[:24] + "a" * 16, unsubscribe_token(world.x.key, asked.send),
        survey_token(b"another" * 5, asked.send), unknown, "%00", "ş" * 40,
    ]  # fmt: skip
    before = world.items()
    answers = {
        visit(world, method, token, body) for token in forged for method, body in (("GET", b""), ("POST", b"score=1"))
    }
    assert len(answers) == 1
    assert {status for status, _ in answers} == {404}
    assert world.items() == before

    def read(_: Any) -> dict[str, Any]:
        raise AssertionError("the table was read for a link that is not ours")

    monkeypatch.setattr(world.x.table, "sends", read)
    for token in forged:
        if token != unknown:
            visit(world, "POST", token, b"score=1")


@settings(max_examples=times(200))
@given(st.integers(0, 39), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567ABC-_189"))
def test_one_character_changed_is_no_link(place: int, char: str) -> None:
    right = survey_token(b"k" * 32, "m_" + "abcd2345" * 3)
    altered = right[:place] + char + right[place + 1 :]
    assert (read_survey_token(b"k" * 32, altered) is None) == (altered != right)


def test_the_link_is_made_of_the_public_address(world: World) -> None:
    assert url_of(world.x, "m_" + "a" * 24) == f"{PUBLIC}/s/{survey_token(world.x.key, 'm_' + 'a' * 24)}"


def test_after_ninety_days_the_page_says_that_it_is_closed(world: World, asked: Asked) -> None:
    world.pass_time(days=91)
    before = world.items()
    for method in ("GET", "POST"):
        status, page = visit(world, method, token_of(world, asked), b"score=5")
        assert (status, "Bu anket kapandı" in page) == (410, True)
    assert world.items() == before


# --- low scores ------------------------------------------------------------------------------------------------------


def test_a_low_score_has_the_conversation_wait_for_a_supervisor(
    world: World, about: Conversation, asked: Asked
) -> None:
    status, page = post(world, asked, "score=1&text=Kimse+aramad%C4%B1")
    assert (status, "ilgilenecek" in page) == (200, True)
    one = now_of(world, about.id)
    assert (one.state, one.queue, one.priority, one.tags, one.category) == (
        State.WAITING,
        "uzman",
        2,
        ("low-score",),
        "feedback",
    )
    assert scores(one) == [("csat", 1, "ayse")]
    assert said(world)[about.id][-1] == "Anket yanıtı: memnuniyet 1 (1–5)\nYorum: Kimse aramadı\nKampanya: sonrasi"
    (rating,) = world.x.table.ratings(asked.contact)
    assert rating.raised == about.id
    assert one.stub is not None, "it stands in line"


def test_without_a_queue_of_its_own_it_waits_where_the_conversation_was(world: World, about: Conversation) -> None:
    world.apply(type(world.x.config()).model_validate({**SURVEYS, "version": "v2", "outreach": {}}))
    world.call("POST", "/v1/agents/ayse/presence", {"presence": "away"})
    post(world, asks(world, about), "score=2")
    one = now_of(world, about.id)
    assert (one.state, one.queue, one.last_agent) == (State.WAITING, "genel", None)


def test_what_is_open_is_raised_and_stays_whose_it_is(world: World, about: Conversation, asked: Asked) -> None:
    world.sms("Bir şey daha")
    world.pump()
    held = now_of(world, about.id)
    assert (held.state, held.agent) == (State.ACTIVE, "ayse")
    post(world, asked, "score=2")
    one = now_of(world, about.id)
    assert (one.state, one.agent, one.queue, one.tags) == (State.ACTIVE, "ayse", "genel", ("low-score",))
    assert said(world)[about.id][-1].startswith("Anket yanıtı: memnuniyet 2")
    assert scores(one) == [("csat", 2, "ayse")]


def test_what_waits_is_raised_in_its_line(world: World, about: Conversation, asked: Asked) -> None:
    world.call("POST", "/v1/agents/ayse/presence", {"presence": "away"})
    world.sms("Bir şey daha")
    world.pump()
    assert now_of(world, about.id).state is State.WAITING
    post(world, asked, "score=1")
    one = now_of(world, about.id)
    assert (one.state, one.queue, one.priority, one.stub is not None) == (State.WAITING, "genel", 2, True)


def test_long_after_it_was_resolved_and_about_something_else_a_new_one_begins(
    world: World, about: Conversation
) -> None:
    nps = asks(world, about, ScoreKind.NPS, of_it=False)
    world.pass_time(days=30)
    post(world, nps, "score=0&text=Pahal%C4%B1")
    one = max(world.conversations(), key=lambda found: found.number)
    assert (one.number, one.state, one.queue, one.tags) == (2, State.WAITING, "uzman", ("low-score",))
    assert one.address == PHONE
    assert one.scores == ()
    assert now_of(world, about.id).state is State.CLOSED
    (rating,) = world.x.table.ratings(nps.contact)
    assert (rating.value, rating.raised, rating.agent) == (0, one.id, None)
    assert [e["detail"]["score"] for e in Seen.of(world).history[one.id] if e["what"] == "score"] == [0]


def test_a_score_of_what_is_archived_by_now_joins_it_there(world: World, about: Conversation, asked: Asked) -> None:
    world.pass_time(days=30)
    world.sms("Yeni bir konu")
    world.pump()
    assert now_of(world, about.id).state is State.CLOSED
    post(world, asked, "score=5")
    assert scores(now_of(world, about.id)) == [("csat", 5, "ayse")]
    world.pump()
    (rating,) = world.x.table.ratings(asked.contact)
    assert rating.agent == "ayse"


def test_a_low_score_of_what_is_archived_raises_what_is_open(world: World, about: Conversation, asked: Asked) -> None:
    world.pass_time(days=30)
    world.sms("Yeni bir konu")
    world.pump()
    post(world, asked, "score=1")
    assert scores(now_of(world, about.id)) == [("csat", 1, "ayse")]
    one = max(world.conversations(), key=lambda found: found.number)
    assert (one.number, one.tags, one.scores) == (2, ("low-score",), ())


def test_of_a_blocked_person_the_score_is_kept_and_nobody_looks(
    world: World, about: Conversation, asked: Asked
) -> None:
    assert world.call("POST", f"/v1/contacts/{about.contact}/block", {}, role="supervisor", user="amir")[0] == 200
    post(world, asked, "score=1")
    assert now_of(world, about.id).state is State.RESOLVED
    assert scores(now_of(world, about.id)) == [("csat", 1, "ayse")]


def test_a_survey_s_score_is_in_the_measures(world: World, asked: Asked) -> None:
    measure.handler({}, LambdaContext())
    post(world, asked, "score=4")
    world.pass_time(hours=2)
    measure.handler({}, LambdaContext())
    status, page = world.call("GET", "/v1/measures", role="supervisor")
    assert status == 200
    counted: dict[str, int] = {}
    for hour in page["hours"]:
        for cell in hour["cells"]:
            for name, number in cell["n"].items():
                counted[name] = counted.get(name, 0) + number
    assert {name: n for name, n in counted.items() if name.startswith("csat")} == {"csat.4": 1}


# --- whom we wrote to first --------------------------------------------------------------------------------------------


@pytest.fixture
def stranger(world: World) -> Asked:
    """Somebody who never wrote was asked, in the thread of what we wrote first."""
    x = world.x
    person = Contact(
        contact_id(x.key, "sms", PHONE, proved=True), ChannelName.SMS, PHONE, Proof.WEAK, world.now, "Zeynep"
    )
    message = v.message("m_" + "b" * 24, inbox="sms", channel="sms", direction="outbound", language="tr")
    send = Send(message, conversation_id(person.id, "default", 0), SendState.SENT, to=PHONE)
    x.table.commit(x.table.new_contact(person), x.table.new_send(send))
    until = world.now + timedelta(days=3)
    asked = Asked(send.id, ScoreKind.NPS, "sonrasi", person.id, None, ChannelName.SMS, world.now, until, "tr")
    x.table.commit(put("outreach", {"pk": f"P#{person.id}", "sk": "outreach", "sv": packed([asked])}))
    world.pass_time(minutes=1)
    return asked


def test_a_low_score_of_who_never_wrote_begins_their_first_conversation(world: World, stranger: Asked) -> None:
    visit(world, "POST", token_of(world, stranger), b"score=3&text=Kimsiniz")
    world.pump()
    (one,) = world.conversations()
    assert (one.number, one.state, one.queue, one.tags, one.name) == (
        1,
        State.WAITING,
        "uzman",
        ("low-score",),
        "Zeynep",
    )
    assert (one.address, one.way.address, one.inbox) == (PHONE, PHONE, "sms")
    assert one.stub is not None
    assert one.preview.startswith("Anket yanıtı: tavsiye 3 (0–10)")


def test_a_high_score_of_who_never_wrote_is_kept_beside_them(world: World, stranger: Asked) -> None:
    visit(world, "POST", token_of(world, stranger), b"score=10")
    assert world.conversations() == []
    assert [rating.value for rating in world.x.table.ratings(stranger.contact)] == [10]


@pytest.mark.parametrize(("text", "state", "tags"), [("10", State.RESOLVED, ()), ("2", State.WAITING, ("low-score",))])
def test_a_reply_of_who_never_wrote_begins_their_first_conversation(
    world: World, stranger: Asked, text: str, state: State, tags: tuple[str, ...]
) -> None:
    assert world.sms(text)["statusCode"] == 200
    world.pump()
    (one,) = world.conversations()
    assert (one.number, one.state, one.tags) == (1, state, tags)
    assert [rating.value for rating in world.x.table.ratings(stranger.contact)] == [int(text)]


def test_who_became_part_of_another_answers_what_they_were_asked(
    world: World, about: Conversation, asked: Asked
) -> None:
    world.mail()
    world.pump()
    other = next(one.contact for one in world.conversations() if one.contact != about.contact)
    path = f"/v1/contacts/{other}/join"
    status, answer = world.call("POST", path, {"contact": about.contact}, role="supervisor", user="amir")
    assert status == 200, answer
    world.pump()
    assert visit(world, "POST", token_of(world, asked), b"score=1")[0] == 200
    (rating,) = world.x.table.ratings(asked.contact)
    found = world.x.table.conversation(rating.raised or "")
    assert found is not None
    assert (found.contact, found.tags) == (other, ("low-score",))


# --- replies ---------------------------------------------------------------------------------------------------------


def test_a_reply_that_is_a_score_is_stored_and_asks_nobody(world: World, about: Conversation, asked: Asked) -> None:
    reply(world, "5 puan")
    one = now_of(world, about.id)
    assert (one.state, one.resolved_at) == (State.RESOLVED, about.resolved_at)
    assert scores(one) == [("csat", 5, "ayse")]
    assert said(world)[about.id][-1] == "5 puan"
    (rating,) = world.x.table.ratings(asked.contact)
    assert (rating.value, rating.how, rating.text) == (5, "reply", None)
    assert "daha önce aldık: 5" in visit(world, "GET", token_of(world, asked))[1]


def test_a_reply_that_says_more_is_read_by_somebody_and_counts(world: World, about: Conversation, asked: Asked) -> None:
    reply(world, "5 ama kargo geç geldi")
    one = now_of(world, about.id)
    assert (one.state, one.agent, one.tags) == (State.ACTIVE, "ayse", ())
    assert scores(one) == [("csat", 5, "ayse")]
    (rating,) = world.x.table.ratings(asked.contact)
    assert rating.text == "5 ama kargo geç geldi"


def test_a_low_reply_waits_for_a_supervisor(world: World, about: Conversation, asked: Asked) -> None:
    reply(world, "1")
    one = now_of(world, about.id)
    assert (one.state, one.queue, one.priority, one.tags, one.category) == (
        State.WAITING,
        "uzman",
        2,
        ("low-score",),
        "feedback",
    )
    assert said(world)[about.id][-2:] == ["1", "Anket yanıtı: memnuniyet 1 (1–5)\nKampanya: sonrasi"]
    assert scores(one) == [("csat", 1, "ayse")]


def test_a_low_reply_into_an_open_conversation_raises_it(world: World, about: Conversation, asked: Asked) -> None:
    world.sms("Bir şey daha")
    world.pump()
    world.pass_time(minutes=1)
    reply(world, "2")
    one = now_of(world, about.id)
    assert (one.state, one.agent, one.queue, one.tags) == (State.ACTIVE, "ayse", "genel", ("low-score",))


def test_an_open_conversation_goes_on_as_it_was_when_a_score_comes(world: World, about: Conversation) -> None:
    world.sms("Bir şey daha")
    world.pump()
    world.pass_time(minutes=1)
    world.reply(about.id)
    world.pump()
    world.pass_time(minutes=1)
    nps = asks(world, now_of(world, about.id), ScoreKind.NPS, of_it=False)
    before = now_of(world, about.id)
    assert before.state is State.PENDING
    reply(world, "10")
    one = now_of(world, about.id)
    assert (one.state, one.clocks) == (State.PENDING, before.clocks)
    assert one.scores == ()
    assert [rating.value for rating in world.x.table.ratings(nps.contact)] == [10]


def test_after_an_agent_has_written_a_number_is_the_answer_to_them(
    world: World, about: Conversation, asked: Asked
) -> None:
    world.sms("İade etmek istiyorum")
    world.pump()
    world.pass_time(minutes=1)
    world.reply(about.id, "Kaç adet?")
    world.pump()
    world.pass_time(minutes=1)
    reply(world, "2")
    assert now_of(world, about.id).state is State.ACTIVE
    assert world.x.table.ratings(asked.contact) == []


def test_after_its_time_a_number_is_a_message_like_any_other(world: World, about: Conversation) -> None:
    asked = asks(world, about, until=world.now + timedelta(minutes=30))
    world.pass_time(hours=1)
    reply(world, "5")
    assert now_of(world, about.id).state is State.ACTIVE
    assert world.x.table.ratings(asked.contact) == []


def test_a_reply_belongs_to_what_it_is_about_however_long_that_is_resolved(world: World, about: Conversation) -> None:
    world.pass_time(days=30)
    asked = asks(world, about)
    reply(world, "4")
    (one,) = world.conversations()
    assert (one.id, one.state, scores(one)) == (about.id, State.RESOLVED, [("csat", 4, "ayse")])
    assert said(world)[about.id][-1] == "4"
    assert len(world.x.table.ratings(asked.contact)) == 1


def test_a_reply_about_nothing_begins_a_conversation_that_nobody_has_to_look_at(
    world: World, about: Conversation
) -> None:
    world.pass_time(days=30)
    asks(world, about, ScoreKind.NPS, of_it=False)
    reply(world, "9")
    one = max(world.conversations(), key=lambda found: found.number)
    assert (one.number, one.state) == (2, State.RESOLVED)


def test_of_two_surveys_the_last_is_answered(world: World, about: Conversation, asked: Asked) -> None:
    nps = asks(world, about, ScoreKind.NPS, of_it=False)
    reply(world, "9")
    assert [(rating.asked.send, rating.value) for rating in world.x.table.ratings(nps.contact)] == [(nps.send, 9)]


def test_another_brand_s_inbox_is_not_where_it_was_asked(world: World, about: Conversation, asked: Asked) -> None:
    known = [{**one, "brand": "other"} if one["name"] == "sms" else one for one in SURVEYS["inboxes"]]
    world.apply(type(world.x.config()).model_validate({**SURVEYS, "version": "v2", "inboxes": known}))
    reply(world, "5")
    assert world.x.table.ratings(asked.contact) == []


def test_what_cannot_be_a_score_reads_nothing_more(world: World, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_: Any) -> Any:
        raise AssertionError("the surveys of a person were read for an ordinary message")

    monkeypatch.setattr(world.x.table, "surveys_asked", read)
    reply(world, "3. gün oldu hâlâ gelmedi")
    reply(world, "İptal etmek istiyorum")


def test_stop_is_stop_though_somebody_was_asked(world: World, asked: Asked) -> None:
    reply(world, "STOP")
    assert world.x.table.suppression("sms", PHONE) is not None
    assert world.x.table.ratings(asked.contact) == []
