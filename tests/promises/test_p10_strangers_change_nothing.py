"""P10: unsigned callers are refused; an unproven identity never sees or joins somebody else's conversation."""

import base64
import json
from email import message_from_bytes
from email.message import Message as Mail
from email.utils import parseaddr
from typing import Any

import pytest

from tests.kit.crash import settle
from tests.kit.promises import check, said
from tests.kit.rewind import save
from tests.kit.world import PUBLIC, SID, TOKEN, World

CUSTOMER, STRANGER = "musteri@example.net", "yabanci@elsewhere.example"


def everything(world: World) -> Any:
    """The table byte for byte, but for how many frames each visitor sent, and what is in the queues."""
    saved = save(world)
    queues = {name: [(m.id, m.body) for m in parts[0]] for name, parts in saved.queues.items()}
    kept = [item for item in world.items() if item["sk"] != "rate"]
    return kept, queues, len(world.providers.calls)


# --- who is not who they say ---------------------------------------------------------------------------------------


def signed_for_another_url(fields: dict[str, str]) -> str:
    from tests.kit.twilio import sign

    return sign(TOKEN, f"{PUBLIC}/webhooks/twilio/other", fields)


def signed_with_another_token(fields: dict[str, str]) -> str:
    from tests.kit.twilio import sign

    return sign("f" * 32, f"{PUBLIC}/webhooks/twilio/sms", fields)


def signed_for_another_text(fields: dict[str, str]) -> str:
    from tests.kit.twilio import sign

    return sign(TOKEN, f"{PUBLIC}/webhooks/twilio/sms", {**fields, "Body": "Başka"})


@pytest.mark.parametrize(
    "signature",
    [lambda _: "", lambda _: "AAAA", signed_for_another_url, signed_with_another_token, signed_for_another_text],
    ids=["none", "nonsense", "another url", "another token", "another text"],
)
def test_a_badly_signed_webhook_is_refused_and_nothing_is_stored(world: World, signature: Any) -> None:
    fields = {
        "MessageSid": "SM" + "1" * 32,
        "AccountSid": SID,
        "From": "+15550199",
        "To": "+15550100",
        "Body": "Merhaba",
    }
    before = everything(world)
    answer = world.webhook("twilio", "sms", fields, signature=signature(fields))
    assert answer["statusCode"] == 403
    assert everything(world) == before


def test_a_badly_signed_report_changes_no_send(world: World) -> None:
    world.come_in("ayse")
    world.sms()
    world.pump()
    send = world.reply(world.conversations()[0].id)["message"]["id"]
    world.pump()
    before = everything(world)
    fields = {"MessageSid": f"SM{1:032d}", "AccountSid": SID, "MessageStatus": "failed", "To": "+15550199"}
    assert world.webhook("twilio", "sms", fields, query=f"send={send}", signature="AAAA")["statusCode"] == 403
    assert everything(world) == before


@pytest.mark.parametrize(("channel", "inbox"), [("twilio", "none"), ("twilio", "chat"), ("carrier-pigeon", "sms")])
def test_an_inbox_that_does_not_exist_is_not_found(world: World, channel: str, inbox: str) -> None:
    before = everything(world)
    assert world.webhook(channel, inbox, {"MessageSid": "SM1", "Body": "x"})["statusCode"] == 404
    assert everything(world) == before


@pytest.mark.parametrize(
    "protocols",
    [[], ["santral.v1"], ["santral.v1", "ticket.guessed"], ["santral.v1", "session.a.b"], ["santral.v1", "session."]],
)
def test_a_socket_without_a_ticket_or_session_does_not_open(world: World, protocols: list[str]) -> None:
    before = everything(world)
    assert world.socket("CONNECT", "stranger=", protocols=protocols)["statusCode"] == 401
    assert everything(world) == before


def test_a_session_that_was_changed_does_not_open(world: World) -> None:
    token = json.loads(world.call("POST", "/chat/chat/sessions", {}, user=None)[1]["session"].join('""'))
    body, _, mac = token.rpartition(".")
    claims = json.loads(base64.urlsafe_b64decode(body.rpartition(".")[2] + "=="))
    name = next(key for key, value in claims.items() if isinstance(value, str) and len(value) == 24)
    forged = base64.urlsafe_b64encode(json.dumps({**claims, name: "another"}).encode()).decode().rstrip("=")
    token = f"{body.rpartition('.')[0]}.{forged}.{mac}".lstrip(".")
    assert world.socket("CONNECT", "stranger=", protocols=["santral.v1", f"session.{token}"])["statusCode"] == 401


def test_a_ticket_opens_one_socket(world: World) -> None:
    status, body = world.call("POST", "/v1/socket-tickets", {})
    assert status == 201
    protocols = ["santral.v1", f"ticket.{body['ticket']}"]
    assert world.socket("CONNECT", "first=", protocols=protocols)["statusCode"] == 200
    assert world.socket("CONNECT", "second=", protocols=protocols)["statusCode"] == 401


def test_a_frame_on_an_unknown_connection_stores_nothing(world: World) -> None:
    before = everything(world)
    frames = world.frame("stranger=", {"type": "message", "id": "1", "text": "Merhaba"})
    assert [frame["type"] for frame in frames] == ["error"]
    assert everything(world) == before


@pytest.mark.parametrize("role", ["", "customer", "agents"])
def test_who_has_no_role_is_let_in_nowhere(world: World, role: str) -> None:
    world.sms()
    world.pump()
    (conversation,) = world.conversations()
    before = everything(world)
    for method, path in (
        ("GET", f"/v1/conversations/{conversation.id}"),
        ("POST", f"/v1/conversations/{conversation.id}/replies"),
    ):
        status, _ = world.call(method, path, {"text": "x"} if method == "POST" else None, user="mallory", role=role)
        assert status == 403
    assert everything(world) == before


# --- whose conversation it is --------------------------------------------------------------------------------------


def answered_mail(world: World) -> tuple[str, Mail]:
    """A proved customer's mail, answered; their conversation and our answer as it left."""
    world.come_in("ayse")
    world.mail("Merhaba", sender=CUSTOMER)
    world.pump()
    (conversation,) = world.conversations()
    world.pass_time(seconds=5)
    world.reply(conversation.id, "Gizli cevap")
    world.pump()
    world.pass_time(seconds=5)
    body = json.loads(world.providers.calls[-1].body)
    return conversation.id, message_from_bytes(base64.b64decode(body["Content"]["Raw"]["Data"]))


def our_message_id(world: World) -> str:
    """As SES writes it over ours."""
    return f"<0102-000001@{world.x.mail_host}>"


def quotes_the_token(world: World, answer: Mail) -> dict[str, Any]:
    return {"to": parseaddr(answer["Reply-To"])[1]}


def quotes_in_reply_to(world: World, answer: Mail) -> dict[str, Any]:
    return {"headers": {"In-Reply-To": our_message_id(world)}}


def quotes_in_references(world: World, answer: Mail) -> dict[str, Any]:
    return {"headers": {"References": f"<other@x> {our_message_id(world)}"}}


def quotes_the_subject(world: World, answer: Mail) -> dict[str, Any]:
    (conversation,) = world.conversations()
    return {"subject": f"Re: Sipariş [#{conversation.number}] {conversation.id}"}


QUOTES = [quotes_the_token, quotes_in_reply_to, quotes_in_references, quotes_the_subject]


@pytest.mark.parametrize("quote", QUOTES, ids=lambda quote: quote.__name__)
@pytest.mark.parametrize("dmarc", ["PASS", "FAIL"])
def test_a_stranger_who_quotes_us_gets_a_conversation_of_their_own(world: World, quote: Any, dmarc: str) -> None:
    theirs, answer = answered_mail(world)
    before = said(world)[theirs]
    world.mail("Ben de okuyayım", sender=STRANGER, dmarc=dmarc, **quote(world, answer))
    world.pump()
    check(world, settled=False)
    assert said(world)[theirs] == before
    (new,) = [c for c in world.conversations() if c.id != theirs]
    assert said(world)[new.id] == ["Ben de okuyayım"]
    status, body = world.call("GET", f"/v1/conversations/{new.id}", role="supervisor")
    assert status == 200
    assert list(body["conversation"]["links"]) == ([] if quote is quotes_the_subject else [theirs])
    world.reply(new.id, "Size nasıl yardımcı olabilirim?")
    settle(world)
    check(world)
    sent = json.loads(world.providers.calls[-1].body)
    raw = base64.b64decode(sent["Content"]["Raw"]["Data"]).decode()
    assert sent["Destination"]["ToAddresses"] == [STRANGER]
    assert CUSTOMER not in raw
    assert base64.b64encode(b"Gizli").decode()[:6] not in raw


@pytest.mark.parametrize("quote", QUOTES[:3], ids=lambda quote: quote.__name__)
def test_the_customer_who_quotes_us_is_still_in_their_conversation(world: World, quote: Any) -> None:
    theirs, answer = answered_mail(world)
    world.mail("Teşekkürler", sender=CUSTOMER, **quote(world, answer))
    settle(world)
    check(world)
    assert said(world)[theirs] == ["Merhaba", "Gizli cevap", "Teşekkürler"]


@pytest.mark.parametrize("dmarc", ["FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED"])
@pytest.mark.parametrize("quote", [None, *QUOTES], ids=lambda quote: quote.__name__ if quote else "plain")
def test_an_unproved_mail_from_a_customers_address_never_joins_them(world: World, dmarc: str, quote: Any) -> None:
    theirs, answer = answered_mail(world)
    before = said(world)[theirs]
    world.mail("Şifremi değiştirin", sender=CUSTOMER, dmarc=dmarc, **(quote(world, answer) if quote else {}))
    settle(world)
    check(world)
    assert said(world)[theirs] == before
    (new,) = [c for c in world.conversations() if c.id != theirs]
    assert new.contact != world.x.table.conversation(theirs).contact  # type: ignore[union-attr]
    assert new.proof == "none"


def test_the_customer_never_joins_what_somebody_began_in_their_name(world: World) -> None:
    world.mail("Sahte", sender=CUSTOMER, dmarc="FAIL")
    world.pump()
    world.mail("Gerçek", sender=CUSTOMER)
    settle(world)
    check(world)
    assert sorted(said(world).values()) == [["Gerçek"], ["Sahte"]]


def test_two_authors_in_one_from_prove_neither(world: World) -> None:
    answered_mail(world)
    raw = f"From: {CUSTOMER}, {STRANGER}\r\nTo: destek@example.com\r\nMessage-ID: <2@x>\r\nSubject: s\r\n\r\nBiz\r\n"
    world.mail(raw=raw.encode(), sender=STRANGER)
    settle(world)
    check(world)
    assert sorted(len(texts) for texts in said(world).values()) == [1, 2]


# --- Message-IDs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message_id", [None, "", "<>", "< >"])
def test_mails_without_a_message_id_are_kept_apart_by_sender_and_none_is_lost(
    world: World, message_id: str | None
) -> None:
    for sender, text in ((CUSTOMER, "1"), (STRANGER, "2"), (CUSTOMER, "3"), ("ucuncu@example.org", "4")):
        head = f"Message-ID: {message_id}\r\n" if message_id is not None else ""
        raw = f"From: {sender}\r\nTo: destek@example.com\r\n{head}In-Reply-To: <>\r\nReferences: <> \r\nSubject: s\r\n\r\n{text}\r\n"
        world.mail(raw=raw.encode(), sender=sender)
        world.pass_time(seconds=1)
    settle(world)
    check(world)
    assert list(said(world).values()) == [["1", "3"], ["2"], ["4"]]


def test_different_mails_under_one_message_id_are_both_kept_and_their_senders_apart(world: World) -> None:
    for sender, text in ((CUSTOMER, "1"), (CUSTOMER, "2"), (STRANGER, "3")):
        world.mail(text, sender=sender, message_id="<same@example.net>")
        world.pass_time(seconds=1)
    settle(world)
    check(world)
    assert list(said(world).values()) == [["1", "2"], ["3"]]


def test_a_stranger_cannot_swallow_a_mail_by_sending_its_message_id_first(world: World) -> None:
    world.mail("Sahte", sender=STRANGER, message_id="<next@example.net>")
    world.pump()
    world.mail("Gerçek", sender=CUSTOMER, message_id="<next@example.net>")
    settle(world)
    check(world)
    assert sorted(said(world).values()) == [["Gerçek"], ["Sahte"]]


# --- web chat ------------------------------------------------------------------------------------------------------


def chatted(world: World) -> tuple[str, str, str]:
    """Two visitors; the first was answered and noted on. Both connections, and the answer's id."""
    world.come_in("ayse")
    mine, other = world.open_chat("zeynep"), world.open_chat("yabanci")
    world.frame(mine, {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    (conversation,) = world.conversations()
    world.pass_time(seconds=1)
    answer = world.reply(conversation.id, "Gizli cevap")["message"]["id"]
    world.pass_time(seconds=1)
    assert world.call("POST", f"/v1/conversations/{conversation.id}/notes", {"text": "Zor müşteri"})[0] == 200
    world.pump()
    return mine, other, str(answer)


@pytest.mark.parametrize("kind", ["ack", "read", "read by its cursor"])
def test_a_visitor_who_names_anothers_message_changes_nothing(world: World, kind: str) -> None:
    _, other, answer = chatted(world)
    send = world.x.table.sends([answer])[answer]
    frame = {"ack": {"type": "ack", "message": answer}, "read": {"type": "read", "upto": answer}}.get(
        kind, {"type": "read", "upto": send.message.cursor}
    )
    before = everything(world)
    world.frame(other, frame)
    world.pump()
    assert everything(world) == before
    assert world.x.table.sends([answer])[answer].receipt is None


def test_a_visitor_who_comes_back_reads_their_own_conversation_without_its_notes(world: World) -> None:
    mine, other, _ = chatted(world)
    (page,) = world.frame(mine, {"type": "resume", "after": None})
    assert [message["text"] for message in page["messages"]] == ["Merhaba", "Gizli cevap"]
    (page,) = world.frame(other, {"type": "resume", "after": None})
    assert page["messages"] == []


def test_notes_are_left_out_at_every_cursor(world: World) -> None:
    mine, _, _ = chatted(world)
    seen: dict[str, str] = {}  # by id, as the page keeps them: a little before the cursor is read again
    after: str | None = "0"
    for _ in range(5):
        (page,) = world.frame(mine, {"type": "resume", "after": after})
        seen |= {message["id"]: message["text"] for message in page["messages"]}
        after = page["cursor"]
    assert list(seen.values()) == ["Merhaba", "Gizli cevap"]


def test_pushes_go_only_to_their_own_visitor(world: World) -> None:
    mine, other, _ = chatted(world)
    texts = {c: json.dumps(f) for c, f in world.pushes}
    assert "Gizli cevap" in texts[mine]
    assert "Gizli" not in "".join(json.dumps(f) for c, f in world.pushes if c == other)
    assert "Zor" not in "".join(json.dumps(f) for c, f in world.pushes if c in (mine, other))


def test_an_agent_who_does_not_hold_it_cannot_answer_it(world: World) -> None:
    chatted(world)
    (conversation,) = world.conversations()
    status, _ = world.call("POST", f"/v1/conversations/{conversation.id}/replies", {"text": "x"}, user="mehmet")
    assert status == 403
