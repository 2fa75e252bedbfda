"""Proofs of identity: what joins, what never does (P10), and that a code is seen by nobody but its receiver (P11)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from router.codes import code_of
from router.ids import contact_id
from tests.kit.crash import Ground, settle
from tests.kit.promises import Seen, check
from tests.kit.users import OLD_USERS, code_sent, connected, jwt, session, user_token, whatsapp, with_apps
from tests.kit.world import CONFIG, World
from tests.promises.test_journeys import MAIL, PHONE, open_ones, prove, thread, write


@pytest.fixture
def world(ground: Ground) -> World:
    """A world whose chat knows the company's users, with WhatsApp beside it."""
    return ground.begin(with_apps(CONFIG))


def ask(world: World, contact: str, channel: str = "email", address: str = MAIL, **how: Any) -> tuple[int, Any]:
    """An agent asks for a code."""
    body = {"channel": channel, "address": address}
    return world.call("POST", f"/v1/contacts/{contact}/verifications", body, **how)


def asked(world: World, page: str, address: str = MAIL, channel: str = "email", id_: str | None = None) -> Any:
    """A visitor asks for a code; the answer."""
    frame = {"type": "prove", "channel": channel, "address": address, "id": id_ or f"p{world.serial()}"}
    (answer,) = world.frame(page, frame)
    world.pump()
    return answer


def code(world: World, page: str, typed: str) -> dict[str, Any]:
    (answer,) = world.frame(page, {"type": "code", "id": "k", "code": typed})
    return answer


def wrong(right: str) -> str:
    return f"{(int(right) + 1) % 1_000_000:06d}"


def visitor(world: World, text: str = "Merhaba") -> str:
    """A visitor who wrote; their connection."""
    page = connected(world, session(world, language="tr"))
    write(world, page, text)
    return page


def contacts(world: World) -> int:
    return sum(item["sk"] == "contact" for item in world.items("P#"))


# --- user tokens ---------------------------------------------------------------------------------------------------


def test_a_user_is_one_visitor_on_every_device_and_another_user_is_another(world: World) -> None:
    phone, laptop, other = (session(world, user_token=user_token(world, sub)) for sub in ("42", "42", "43"))
    assert phone["visitor"] == laptop["visitor"] != other["visitor"]


def test_an_anonymous_session_still_costs_no_call_of_the_table_and_a_known_user_one(world: World) -> None:
    from tests.kit.crash import watching

    token = user_token(world, email=MAIL, phone=PHONE)
    session(world, user_token=token)
    with watching(world) as anonymous:
        session(world)
    with watching(world) as known:
        session(world, user_token=token)
    assert (anonymous.calls, known.calls) == ([], ["batch_get_item"])


@pytest.mark.parametrize(
    "token",
    [
        lambda world: jwt({"sub": "42", "exp": 2**33}),
        lambda world: jwt({"sub": "42", "exp": int(world.now.timestamp()) + 60}, "another-secret-of-enough-characters"),
        lambda world: jwt({"sub": "42", "exp": int(world.now.timestamp()) + 60}, alg="none"),
        lambda world: "a.b.c",
    ],
)
def test_p10_a_token_that_is_not_the_companys_opens_nothing(world: World, token: Any) -> None:
    before = world.items()
    session(world, 403, user_token=token(world))
    assert world.items() == before


def test_a_chat_without_a_secret_takes_no_tokens(ground: Ground) -> None:
    world = ground.begin()
    session(world, 403, user_token=user_token(world))


def test_the_secret_before_is_good_too(world: World) -> None:
    claims = {"sub": "42", "exp": int(world.now.timestamp()) + 60}
    assert session(world, user_token=jwt(claims, OLD_USERS))["method"] == "user-token"


def test_a_users_session_ends_within_a_day_and_is_renewed_by_a_token_only(world: World) -> None:
    opened = session(world, user_token=user_token(world))
    session(world, 403, session=opened["session"])
    world.pass_time(hours=25)
    assert world.socket("CONNECT", "x=", protocols=["santral.v1", f"session.{opened['session']}"])["statusCode"] == 401


def test_p10_a_session_that_another_user_left_behind_is_no_proof(world: World) -> None:
    first = session(world, user_token=user_token(world, "42"))
    write(world, connected(world, first), "Benim sırrım")
    second = session(world, session=first["session"], user_token=user_token(world, "43"))
    page = connected(world, second)
    write(world, page, "Ben başkasıyım")
    assert len(open_ones(world)) == 2
    (read,) = world.frame(page, {"type": "resume", "after": None})
    assert [m["text"] for m in read["messages"]] == ["Ben başkasıyım"]


def test_p10_an_anonymous_visitor_becomes_one_user_and_never_a_second(world: World) -> None:
    before = session(world)
    write(world, connected(world, before), "Anonim")
    session(world, session=before["session"], user_token=user_token(world, "42"))
    second = session(world, session=before["session"], user_token=user_token(world, "43"))
    assert second["disputed"] == ["session"]
    (read,) = world.frame(connected(world, second), {"type": "resume", "after": None})
    assert read["messages"] == []


def test_p10_an_address_of_one_user_is_not_joined_to_another(world: World) -> None:
    session(world, user_token=user_token(world, "42", email=MAIL))
    second = session(world, user_token=user_token(world, "43", email=MAIL))
    assert second["disputed"] == ["email"]
    write(world, connected(world, second), "Aynı adres")
    world.mail("Mail", sender=MAIL)
    world.pump()
    assert len(open_ones(world)) == 2
    assert world.counts["ProofDisputed"] == 1


def test_a_bad_phone_number_is_named_and_joins_nothing(world: World) -> None:
    opened = session(world, user_token=user_token(world, phone="0555 000 00 42"))
    assert opened["unused"] == ["phone"]
    assert contacts(world) == 1


# --- codes ---------------------------------------------------------------------------------------------------------


def test_p10_unproved_mail_and_a_bare_sms_never_join_by_themselves(world: World) -> None:
    page = visitor(world)
    assert prove(world, page, "email", MAIL)["type"] == "proved"
    world.mail("Sahte", sender=MAIL, dmarc="FAIL")
    world.sms("Sahte", sender=PHONE)
    world.pump()
    assert len(open_ones(world)) == 3
    session(world, user_token=user_token(world, email=MAIL, phone=PHONE))
    settle(world)
    assert len(open_ones(world)) == 3
    check(world)


def test_p11_the_code_is_in_its_mail_alone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.come_in("ayse")
    page = visitor(world)
    asked(world, page)
    right = code_sent(world)
    one = open_ones(world)[0]
    shown = [world.call("GET", path) for path in (f"/v1/conversations/{one.id}", f"/v1/contacts/{one.contact}")]
    assert code(world, page, right)["type"] == "proved"
    shown += [world.call("GET", f"/v1/conversations/{one.id}"), world.call("GET", "/v1/audit", role="admin")]
    world.pump(sweep_too=True)
    seen = [
        shown,
        world.pushes,
        world.counts,
        [repr(send) for send in Seen.of(world).sends.values()],
        capsys.readouterr(),
    ]
    assert right not in str(seen)
    assert right not in str(world.items())
    assert "••••••" in str(shown)


def test_a_code_says_the_same_whether_the_address_is_known_or_not(world: World) -> None:
    world.mail("Ben buradayım", sender=MAIL)
    world.pump()
    page = visitor(world)
    known, unknown = asked(world, page, MAIL), asked(world, page, "kimse@example.org")
    assert {k: v for k, v in known.items() if k not in ("address", "id")} == {
        k: v for k, v in unknown.items() if k not in ("address", "id")
    }


def test_a_code_has_five_tries_and_ten_minutes(world: World) -> None:
    page = visitor(world)
    asked(world, page)
    right = code_sent(world)
    answers = [code(world, page, wrong(right)) for _ in range(5)]
    assert [a["code"] for a in answers] == ["invalid"] * 4 + ["refused"]
    assert code(world, page, right)["code"] == "refused"
    asked(world, page)
    right = code_sent(world)
    world.pass_time(minutes=10)
    assert code(world, page, right)["code"] == "refused"
    world.mail("Mail", sender=MAIL)
    world.pump()
    assert len(open_ones(world)) == 2


def test_a_newer_code_takes_the_place_of_the_one_before(world: World) -> None:
    page = visitor(world)
    asked(world, page)
    first = code_sent(world)
    asked(world, page, "baska@example.org")
    assert code(world, page, first)["code"] == "invalid"
    assert code(world, page, code_sent(world))["address"] == "baska@example.org"


def test_another_visitor_cannot_type_it(world: World) -> None:
    page = visitor(world)
    asked(world, page)
    assert code(world, visitor(world), code_sent(world))["code"] == "refused"


def test_three_codes_an_hour_go_to_an_address_and_ten_a_day_to_a_person(world: World) -> None:
    page = visitor(world)
    assert [asked(world, page)["type"] for _ in range(4)] == ["proving"] * 3 + ["error"]
    assert asked(world, visitor(world))["code"] == "refused"  # the address counts whoever asks
    assert len(world.providers.calls) == 3
    world.pass_time(minutes=61)
    assert asked(world, page)["type"] == "proving"
    assert [asked(world, page, f"a{n}@example.net")["type"] for n in range(7)] == ["proving"] * 6 + ["error"]


def test_all_visitors_of_a_chat_together_have_a_hundred_an_hour(world: World) -> None:
    pages = [visitor(world) for _ in range(11)]
    answers = [asked(world, pages[n // 10], f"a{n}@example.net") for n in range(101)]
    assert [a["type"] for a in answers] == ["proving"] * 100 + ["error"]


def test_the_same_frame_again_sends_no_second_code(world: World) -> None:
    page = visitor(world)
    answers = [asked(world, page, id_="once") for _ in range(3)]
    assert answers[0] == answers[2]
    assert len(world.providers.calls) == 1


def test_the_right_code_again_is_proved_again(world: World) -> None:
    page = visitor(world)
    asked(world, page)
    right = code_sent(world)
    assert [code(world, page, right)["type"] for _ in range(3)] == ["proved"] * 3
    assert contacts(world) == 2


@pytest.mark.parametrize(
    ("channel", "address"),
    [("email", "x"), ("email", "a@b"), ("sms", "0555"), ("telegram", "1"), ("", ""), ("email", "ö@example.net"), ("fax", MAIL)],
)  # fmt: skip
def test_what_is_no_address_gets_no_code(world: World, channel: str, address: str) -> None:
    assert asked(world, visitor(world), address, channel)["code"] == "invalid"
    assert world.providers.calls == []


def test_visitors_prove_only_what_the_chat_offers_and_that_is_mail_unless_it_says_more(ground: Ground) -> None:
    world = ground.begin()
    page = visitor(world)
    assert asked(world, page, PHONE, "sms")["code"] == "invalid"
    assert asked(world, page)["type"] == "proving"


def test_a_code_by_sms_and_by_a_whatsapp_template(world: World) -> None:
    page = visitor(world)
    assert prove(world, page, "sms", "+90 555 000 00 42")["address"] == PHONE
    assert prove(world, page, "whatsapp", PHONE)["type"] == "proved"
    template = json.loads(world.providers.calls[-1].body)["template"]
    assert (template["name"], [c["type"] for c in template["components"]]) == ("kod", ["body", "button"])
    whatsapp(world, "Benim")
    world.sms("Yine ben", sender=PHONE)
    world.pump()
    assert len(open_ones(world)) == 1


def test_a_code_that_could_not_leave_in_time_leaves_never(world: World) -> None:
    page = visitor(world)
    from router.wire import HttpResponse

    world.providers.answer = lambda _: HttpResponse(503)
    asked(world, page)
    world.providers.answer = None
    calls = len(world.providers.calls)
    world.pass_time(minutes=11)
    world.ring()
    settle(world)
    assert len(world.providers.calls) == calls
    assert [str(s.state) for s in Seen.of(world).sends.values()] == ["discarded"]
    check(world)


def test_a_code_that_was_refused_goes_nowhere_else(world: World) -> None:
    from router.wire import HttpResponse

    page = visitor(world)
    prove(world, page, "email", MAIL)
    world.mail("Mail", sender=MAIL)
    world.pump()
    refused = HttpResponse(400, {}, b'{"code": 21211}')
    world.providers.answer = lambda r: refused if "twilio" in r.url else world.providers.take(r)
    mails = sum(call.sign == "ses" for call in world.providers.calls)
    asked(world, page, PHONE, "sms")
    assert sum(call.sign == "ses" for call in world.providers.calls) == mails


def test_an_address_nothing_is_sent_to_gets_no_code_and_the_visitor_hears_nothing_of_it(world: World) -> None:
    from router.records import Suppression

    page = visitor(world)
    world.x.table.commit(world.x.table.suppress(Suppression("email", MAIL, "bounced", "ses", world.now)))
    assert asked(world, page)["type"] == "proving"
    assert world.providers.calls == []


# --- an agent asks -------------------------------------------------------------------------------------------------


def test_an_agent_asks_and_the_customer_types_the_code_in_the_conversation(world: World) -> None:
    world.come_in("ayse")
    whatsapp(world, "Siparişim nerede?")
    world.pump()
    (one,) = open_ones(world)
    status, body = ask(world, one.contact, key="once")
    assert (status, body["address"]) == (201, MAIL)
    assert ask(world, one.contact, key="once") == (status, body)
    world.pump()
    assert len(world.providers.calls) == 1
    right = code_sent(world)
    world.pass_time(seconds=20)
    whatsapp(world, wrong(right))
    world.pump()
    world.pass_time(seconds=20)
    whatsapp(world, right)
    world.pump()
    said = [text for _, text in thread(world, one.id)]
    assert (said[0], said[2], said[3]) == ("Siparişim nerede?", wrong(right), "••••••")
    world.pass_time(seconds=20)
    world.mail("Mailden", sender=MAIL)
    world.pump()
    assert thread(world, open_ones(world)[0].id)[-1] == ("email", "Mailden")
    assert len(open_ones(world)) == 1
    world.pump(sweep_too=True)
    check(world)


def test_p10_six_digits_mean_nothing_unless_a_code_was_asked_for(world: World) -> None:
    page = visitor(world)
    asked(world, page)
    right = code_sent(world)
    write(world, page, right)  # asked for in the chat's own form: a message is a message
    assert contacts(world) == 1
    whatsapp(world, right)
    world.pump()
    assert contacts(world) == 2
    assert len(open_ones(world)) == 2


def test_p10_the_code_typed_by_somebody_else_joins_nobody(world: World) -> None:
    whatsapp(world, "Merhaba")
    world.pump()
    (one,) = open_ones(world)
    assert ask(world, one.contact)[0] == 201
    world.pump()
    right = code_sent(world)
    world.mail(right, sender=MAIL)  # its receiver answers the mail instead of typing it where they were asked
    whatsapp(world, right, phone="905550000099")
    world.pump()
    assert len(open_ones(world)) == 3


def test_p10_an_unproved_person_is_given_no_proved_address(world: World) -> None:
    world.mail("Sahte olabilirim", sender="kim@example.net", dmarc="FAIL")
    world.sms("Ben de", sender="+15550199")
    world.pump()
    for one in open_ones(world):
        status, body = ask(world, one.contact)
        assert (status, body["title"]) == (409, "Conflict")
    assert world.providers.calls == []


@pytest.mark.parametrize(
    ("channel", "address", "status"), [("email", "x@y", 422), ("telegram", "12345", 422), ("sms", "0555", 422)]
)
def test_an_agents_wrong_address_is_named(world: World, channel: str, address: str, status: int) -> None:
    whatsapp(world, "Merhaba")
    world.pump()
    assert ask(world, open_ones(world)[0].contact, channel, address)[0] == status


def test_nobody_is_asked_for_a_code_who_is_not_known(world: World) -> None:
    assert ask(world, "p_" + "a" * 24)[0] == 404


def test_codes_are_six_digits_that_nobody_can_derive_without_the_key(world: World) -> None:
    codes = {code_of(world.x.key, f"m_{n}") for n in range(2000)}
    assert all(len(c) == 6 and c.isdigit() for c in codes)
    assert len(codes) > 1980
    assert code_of(world.x.key, "m_1") != code_of(b"other", "m_1")


def test_the_contact_of_a_user_who_wrote_nothing_is_found_by_what_the_company_vouches_for(world: World) -> None:
    session(world, user_token=user_token(world, email=MAIL))
    status, person = world.call("GET", "/v1/contacts", query=f"channel=email&address={MAIL.replace('@', '%40')}")
    assert status == 200
    assert person["into"] is not None
    mail = contact_id(world.x.key, "email", MAIL, proved=True)
    world.mail("İlk mesajım", sender=MAIL)
    world.pump()
    (one,) = open_ones(world)
    assert one.contact == person["into"] != mail
    check(world, settled=False)
