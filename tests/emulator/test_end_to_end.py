"""A message goes all the way on the deployed template, each function under its own role."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from santral.api_client import ApiError
from santral.customers import ChatVisitor
from tests.emulator.conftest import CONFIG, MAIL_TEXT, NUMBERS, SMS_TEXT, Live, http, until

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(180)]


def test_p1_p2_a_mail_is_answered_where_it_came_from_and_its_thread_goes_on(live: Live) -> None:
    message_id = live.mail("deniz@example.net", "destek@example.com", MAIL_TEXT)
    conversation = live.conversation("email", "deniz@example.net")
    assert (conversation["agent"], conversation["queue"], conversation["proof"]) == ("ayse", "genel", "strong")
    assert conversation["first_response"]["due_at"]
    detail = live.detail(conversation["id"])
    assert [one["text"].strip() for one in detail["messages"]] == [MAIL_TEXT]
    assert "decision" in [entry["what"] for entry in detail["history"]]

    answer = live.reply(conversation["id"], "Bugün yola çıktı.")
    live.delivered(conversation["id"], answer)
    (mail,) = [one for one in live.stage.sandbox.world.mails if one.customer == "deniz@example.net"]
    assert message_id.strip("<>") in mail.references
    assert "Bugün yola çıktı." in mail.text

    live.mail(
        "deniz@example.net", "destek@example.com", "Teşekkürler", "Re: Sipariş", In_Reply_To=f"<{mail.message_id}>"
    )
    until(lambda: len(live.detail(conversation["id"])["messages"]) == 3, "the second mail joins the first")

    done = live.agent.post(f"/v1/conversations/{conversation['id']}/resolve")
    assert done["conversation"]["state"] == "resolved"
    live.mail("deniz@example.net", "destek@example.com", "Bir şey daha", "Yine ben")
    again = until(
        lambda: (found := live.detail(conversation["id"])["conversation"])["state"] == "active" and found, "it reopens"
    )
    assert again["agent"] == "ayse"


def test_p2_p10_an_sms_counts_once_and_a_forged_one_never(live: Live) -> None:
    number = NUMBERS[0]
    assert live.sms(number, SMS_TEXT, "SM" + "1" * 32, signature="forged") == 403
    assert live.sms(number, SMS_TEXT, "SM" + "2" * 32) == 200
    assert live.sms(number, SMS_TEXT, "SM" + "2" * 32) == 200
    conversation = live.conversation("sms", number)
    answer = live.reply(conversation["id"], "Evet, 10'dan 18'e kadar.")
    live.delivered(conversation["id"], answer)
    (text,) = [one for one in live.stage.sandbox.world.texts if one.customer == number]
    assert text.text == "Evet, 10'dan 18'e kadar."
    assert live.sms(number, SMS_TEXT, "SM" + "2" * 32) == 200
    assert live.sms(number, "Teşekkürler", "SM" + "3" * 32) == 200
    until(lambda: len(live.detail(conversation["id"])["messages"]) >= 3, "the next one comes")
    texts = [one["text"] for one in live.detail(conversation["id"])["messages"]]
    assert texts == [SMS_TEXT, "Evet, 10'dan 18'e kadar.", "Teşekkürler"]


def test_p2_a_chat_goes_on_after_the_line_broke_and_the_agent_s_page_hears_of_it(live: Live) -> None:
    asyncio.run(chat(live))


async def chat(live: Live) -> None:
    """The visitor and the agent, each on their socket."""
    api = asyncio.to_thread
    ticket = await api(live.agent.post, "/v1/socket-tickets")
    protocols = ["santral.v1", f"ticket.{ticket['ticket']}"]
    async with aiohttp.ClientSession() as http_, http_.ws_connect(ticket["url"], protocols=protocols) as desk:
        assert desk.protocol == "santral.v1"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http_.ws_connect(ticket["url"], protocols=protocols)
        assert refused.value.status in (401, 403), "a ticket lets in once"
        async with ChatVisitor(live.connection.api_url, "web", name="Ece") as visitor:
            await visitor.write("Kargo ücreti ne kadar?")
            hint = await asyncio.wait_for(desk.receive_json(), 20)
            assert (hint["type"], hint["reason"]) == ("conversation", "assigned")
            detail = await api(live.detail, hint["conversation"])
            assert [one["text"] for one in detail["messages"]] == ["Kargo ücreti ne kadar?"]

            await desk.send_json({"type": "typing", "conversation": hint["conversation"]})
            first = await api(live.reply, hint["conversation"], "500 TL üzeri ücretsiz.")
            heard = await asyncio.wait_for(visitor.heard.get(), 20)
            assert (heard["id"], heard["text"], heard["author"]) == (first, "500 TL üzeri ücretsiz.", "Ayşe")
            await api(live.delivered, hint["conversation"], first)

            await visitor.disconnect()
            second = await api(live.reply, hint["conversation"], "Başka sorunuz var mı?")
            await api(until, lambda: live.state(hint["conversation"], second) == "sent", "it is stored for the page")
            await visitor.connect()
            heard = await asyncio.wait_for(visitor.heard.get(), 20)
            assert heard["id"] == second
            assert visitor.heard.empty()
            await visitor.write("Yok, teşekkürler")
        await desk.send_json({"type": "ping"})
        while (await asyncio.wait_for(desk.receive_json(), 20))["type"] != "pong":
            pass


def test_p10_who_has_no_token_or_not_the_role_gets_nothing(live: Live) -> None:
    base = live.connection.api_url
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {_tampered(live)}"}):
        assert http("GET", f"{base}/v1/conversations", None, headers)[0] == 401
    assert live.agent.get("/v1/me")["roles"] == ["agent"]
    for path in ("/v1/audit", "/v1/parked", "/v1/quarantine"):
        with pytest.raises(ApiError) as refused:
            live.agent.get(path)
        assert refused.value.status == 403
    with pytest.raises(ApiError) as other:
        live.agent.post("/v1/agents/mehmet/presence", {"presence": "away"})
    assert other.value.status == 403
    assert live.supervisor.get("/v1/parked")["parked"] == []
    assert live.admin.get("/v1/audit")["entries"]


def _tampered(live: Live) -> str:
    head, body, signature = live.connection.token("agent").split(".")
    return f"{head}.{body}.{signature[:-8]}AAAAAAAA"


def test_the_pages_and_the_document_are_open_and_strangers_sessions_are_not(live: Live) -> None:
    base = live.connection.api_url
    for path in ("/", "/desk", "/chat/web", "/web/desk.js", "/web/config.json", "/openapi.json"):
        assert http("GET", base + path)[0] == 200, path
    assert http("POST", f"{base}/chat/nowhere/sessions", b"{}")[0] == 404
    assert http("POST", f"{base}/webhooks/twilio/nowhere", b"")[0] == 404


def test_what_cannot_be_delivered_is_listed_until_a_person_decides(live: Live) -> None:
    number = NUMBERS[1]  # has opted out
    live.sms(number, "Merhaba", "SM" + "4" * 32)
    conversation = live.conversation("sms", number)
    answer = live.reply(conversation["id"], "Buyurun")
    until(lambda: live.state(conversation["id"], answer) == "failed", "the provider refuses")
    (parked,) = live.supervisor.get("/v1/parked")["parked"]
    assert parked["id"] == answer
    assert "opted out" in parked["reason"]
    live.supervisor.post(f"/v1/parked/{answer}/discard")
    assert live.supervisor.get("/v1/parked")["parked"] == []
    assert live.state(conversation["id"], answer) == "discarded"


def test_p1_what_cannot_be_read_is_kept_and_read_again_when_it_can_be(live: Live) -> None:
    assert live.sms("", "x" * 9000, "") == 200, "an error would make the provider stop"
    live.mail("yeni@example.net", "yeni@example.com", "Bu adres yeni mi?")
    until(lambda: len(live.supervisor.get("/v1/quarantine")["quarantine"]) == 2, "both are in quarantine")
    kept = {one["channel"]: one["id"] for one in live.supervisor.get("/v1/quarantine")["quarantine"]}
    with pytest.raises(ApiError) as unreadable:
        live.supervisor.post(f"/v1/quarantine/{kept['twilio']}/retry")
    assert unreadable.value.status == 422
    live.supervisor.post(f"/v1/quarantine/{kept['twilio']}/discard")

    new = {"name": "yeni", "channel": "email", "address": "yeni@example.com", "queue": "genel"}
    live.apply({**CONFIG, "version": "end-to-end-2", "inboxes": [*CONFIG["inboxes"], new]})
    found = until(lambda: _read_again(live), "every function sees the new inbox", 40)
    assert found["inbox"] == "yeni"
    assert live.supervisor.get("/v1/quarantine")["quarantine"] == []


def _read_again(live: Live) -> dict[str, Any] | None:
    """Retry what is in quarantine, as a person would: functions see a new configuration at different times."""
    for entry in live.supervisor.get("/v1/quarantine")["quarantine"]:
        try:
            live.supervisor.post(f"/v1/quarantine/{entry['id']}/retry")
        except ApiError as error:
            if error.status != 422:
                raise
    return live.known("email", "yeni@example.net")


def test_p7_a_deadline_that_passes_is_recorded_by_its_timer_and_somebody_who_comes_takes_it(live: Live) -> None:
    live.mail("acele@example.net", "hizli@example.com", "Çok acele!")
    conversation = live.conversation("email", "acele@example.net", with_agent=False)
    entry = until(
        lambda: next((e for e in live.detail(conversation["id"])["history"] if e["what"] == "breach"), None),
        "the breach",
    )
    assert entry is not None
    assert entry["who"] == "clock"
    late = live.detail(conversation["id"])["conversation"]
    assert (late["state"], late["priority"]) == ("waiting", 5)
    assert late["first_response"]["breached_at"]
    live.supervisor.post("/v1/agents/mehmet/presence", {"presence": "online"})
    assert live.conversation("email", "acele@example.net")["agent"] == "mehmet"


def test_a_message_that_no_function_can_take_ends_in_the_dead_letter_queue_alone(live: Live) -> None:
    sqs, url = live.aws("sqs"), live.outputs["OutboundQueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
    poison = {"send": "m_nothing", "conversation": "c_nothing.default.1", "previous": None}
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(poison), MessageGroupId="poison", MessageDeduplicationId="1")
    until(lambda: live.waiting_in("OutboundDlq") == 1, "the poison is in the dead-letter queue", 30)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "360"})
    for queue in ("InboundDlq", "MatchDlq", "TimerDlq", "MailDlq", "SweepDlq"):
        assert live.waiting_in(queue) == 0, queue
