"""The sandbox plays WhatsApp, Messenger and Instagram as Meta does: what it signs, refuses, fails and reports."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from santral.sandbox import messenger, whatsapp
from tests.santral.sandbox_kit import (
    ACCOUNT,
    FOLLOWER,
    NUMBER_ID,
    PAGE,
    PERSON,
    PIXEL,
    WRITER,
    Called,
    Played,
    picture,
    play,
)

TO = WRITER.lstrip("+")


async def send(played: Played, inbox: str, **body: Any) -> tuple[int, dict[str, Any]]:
    """One call of the Graph API with the inbox's token."""
    account, secret = {"wa": (NUMBER_ID, "whatsapp"), "page": (PAGE, "messenger"), "insta": (ACCOUNT, "instagram")}[
        inbox
    ]
    headers = {"Authorization": f"Bearer {played.credentials[secret]['access_token']}"}
    answer = await played.client.post(f"/graph/v23.0/{account}/messages", json=body, headers=headers)
    return answer.status, await answer.json()


def written(**content: Any) -> dict[str, Any]:
    """A WhatsApp message to send."""
    kind = next(iter(content))
    return {"messaging_product": "whatsapp", "recipient_type": "individual", "to": TO, "type": kind, **content}


def to_person(person: str = PERSON, **message: Any) -> dict[str, Any]:
    """A Messenger or Instagram message to send."""
    return {"recipient": {"id": person}, "messaging_type": "RESPONSE", "message": message}


def value(called: Called) -> dict[str, Any]:
    """What a WhatsApp call is about."""
    found: dict[str, Any] = called.json["entry"][0]["changes"][0]["value"]
    return found


def event(called: Called) -> dict[str, Any]:
    """What a Messenger or Instagram call is about."""
    found: dict[str, Any] = called.json["entry"][0]["messaging"][0]
    return found


def button(id_: str, title: str) -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": id_, "title": title}}


def choices(*buttons: dict[str, Any], text: str = "Hangisi?") -> dict[str, Any]:
    return {"type": "button", "body": {"text": text}, "action": {"buttons": list(buttons)}}


@pytest.mark.parametrize(("inbox", "channel"), [("wa", "whatsapp"), ("page", "messenger"), ("insta", "instagram")])
def test_what_a_customer_writes_is_posted_in_escaped_bytes_and_signed_over_them(inbox: str, channel: str) -> None:
    async def scene(played: Played) -> None:
        await played.say(inbox)
        (called,) = played.called
        assert called.path == f"/webhooks/{channel}/{inbox}"
        assert called.body.isascii()
        assert b"\\u011f" in called.body
        assert b" \\/ " in called.body
        secret = played.credentials[channel]["app_secret"].encode()
        right = hmac.new(secret, called.body, hashlib.sha256).hexdigest()
        assert called.headers["x-hub-signature-256"] == f"sha256={right}"

    play(scene)


def test_a_whatsapp_text_has_its_envelope_contact_and_time_in_seconds() -> None:
    async def scene(played: Played) -> None:
        (wamid,) = await played.say("wa", "Merhaba")
        change = value(played.called[0])
        assert change["metadata"] == {"display_phone_number": "15005550106", "phone_number_id": NUMBER_ID}
        assert change["contacts"] == [{"profile": {"name": "Deniz Kaya"}, "wa_id": TO}]
        (message,) = change["messages"]
        assert (message["from"], message["id"], message["type"]) == (TO, wamid, "text")
        assert message["text"] == {"body": "Merhaba"}
        assert message["timestamp"].isdigit()
        assert wamid.startswith("wamid.")

    play(scene)


def test_a_customer_with_a_user_name_shows_no_number() -> None:
    async def scene(played: Played) -> None:
        await played.ask("say", "wa", **{"from": "US.13491208655302741918", "text": "Hi", "name": "Ann"})
        change = value(played.called[0])
        assert change["contacts"] == [{"profile": {"name": "Ann"}, "user_id": "US.13491208655302741918"}]
        assert change["messages"][0]["from_user_id"] == "US.13491208655302741918"
        assert "from" not in change["messages"][0]
        body = written(text={"body": "Hello"})
        del body["to"]
        status, answer = await send(played, "wa", **body, recipient="US.13491208655302741918")
        assert (status, answer["contacts"][0]["user_id"]) == (200, "US.13491208655302741918")
        await played.until(lambda: len(played.called) == 3)
        assert value(played.called[2])["statuses"][0]["recipient_user_id"] == "US.13491208655302741918"

    play(scene)


def test_a_picture_is_asked_for_by_its_id_and_its_address_dies() -> None:
    async def scene(played: Played) -> None:
        await played.say("wa", "Kırık geldi", files=[picture()])
        (message,) = value(played.called[0])["messages"]
        assert (message["type"], message["image"]["caption"]) == ("image", "Kırık geldi")
        assert "url" not in message["image"]
        path = f"/graph/v23.0/{message['image']['id']}"
        assert (await played.client.get(path)).status == 401
        headers = {"Authorization": f"Bearer {played.credentials['whatsapp']['access_token']}"}
        told = await (await played.client.get(path, headers=headers)).json()
        assert (told["mime_type"], told["file_size"]) == ("image/png", len(PIXEL))
        assert told["sha256"] == hashlib.sha256(PIXEL).hexdigest()
        link = told["url"].replace("https://lookaside.fbsbx.com", "/lookaside")
        assert (await played.client.get(link)).status == 401
        assert await (await played.client.get(link, headers=headers)).read() == PIXEL
        assert (await played.client.get(link.replace("ext=", "ext=1"), headers=headers)).status == 404

    play(scene)


def test_messenger_gives_a_file_s_address_itself() -> None:
    async def scene(played: Played) -> None:
        await played.say("page", "", files=[picture(), picture("b.png")])
        attachments = event(played.called[0])["message"]["attachments"]
        assert [one["type"] for one in attachments] == ["image", "image"]
        link = attachments[0]["payload"]["url"].replace("https://lookaside.fbsbx.com", "/lookaside")
        assert await (await played.client.get(link)).read() == PIXEL

    play(scene)


def test_whatsapp_tells_sent_delivered_and_read_with_our_own_data() -> None:
    async def scene(played: Played) -> None:
        await played.say("wa")
        body = written(text={"body": "Selam", "preview_url": False}) | {"biz_opaque_callback_data": "m_abc"}
        status, answer = await send(played, "wa", **body)
        assert status == 200
        wamid = answer["messages"][0]["id"]
        assert answer["contacts"] == [{"input": TO, "wa_id": TO}]
        await played.until(lambda: played.bubble("wa").state == "delivered")
        assert await played.ask("seen", "wa", customer=WRITER) == {"ids": [wamid]}
        statuses = [value(called)["statuses"][0] for called in await played.seen(4) if "statuses" in value(called)]
        assert [one["status"] for one in statuses] == ["sent", "delivered", "read"]
        for one in statuses:
            assert (one["id"], one["recipient_id"], one["biz_opaque_callback_data"]) == (wamid, TO, "m_abc")
        assert await played.ask("seen", "wa", customer=WRITER) == {"ids": []}

    play(scene)


def test_after_a_day_whatsapp_takes_an_answer_and_fails_it_later_but_for_a_template() -> None:
    async def scene(played: Played) -> None:
        await played.say("wa")
        await played.ask("pass", "wa", customer=WRITER, hours=25)
        assert (await send(played, "wa", **written(text={"body": "Selam"})))[0] == 200
        await played.seen(2)
        (failed,) = value(played.called[1])["statuses"]
        assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131047)
        assert set(failed["errors"][0]) == {"code", "title", "message", "error_data", "href"}
        components = [{"type": "body", "parameters": [{"type": "text", "text": "4711"}]}]
        template = {"name": "siparis_yolda", "language": {"code": "tr"}, "components": components}
        assert (await send(played, "wa", **written(template=template)))[0] == 200
        await played.until(lambda: played.bubble("wa").state == "delivered")
        assert "4711" in played.bubble("wa").text

    play(scene)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"text": {"body": "x" * 4097}}, 100),
        ({"text": {"body": ""}}, 100),
        ({"text": {"body": "x", "colour": "red"}}, 100),
        ({"interactive": choices(*(button(str(n), f"B{n}") for n in range(4)))}, 100),
        ({"interactive": choices(button("1", "x" * 21))}, 100),
        ({"interactive": choices(button("1", "Evet"), button("1", "Hayır"))}, 100),
        ({"interactive": choices(button("1", "Evet"), text="x" * 1025)}, 100),
        ({"image": {"caption": "no link"}}, 100),
        ({"audio": {"link": "https://example.com/a.ogg", "caption": "no"}}, 100),
        ({"template": {"name": "Not A Name", "language": {"code": "tr"}}}, 132001),
    ],
)
def test_whatsapp_refuses_by_its_own_rules(content: dict[str, Any], code: int) -> None:
    async def scene(played: Played) -> None:
        await played.say("wa")
        status, answer = await send(played, "wa", **written(**content))
        assert status in (400, 404)
        assert answer["error"]["code"] == code
        assert set(answer["error"]) == {"message", "type", "code", "error_data", "fbtrace_id"}
        assert answer["error"]["error_data"]["details"]
        assert [bubble.way for bubble in played.sandbox.world.bubbles] == ["from-customer"]

    play(scene)


def test_a_field_that_does_not_exist_and_a_list_that_is_too_long_are_refused() -> None:
    async def scene(played: Played) -> None:
        await played.say("wa")
        rows = [{"id": str(n), "title": f"R{n}"} for n in range(11)]
        action = {"button": "Seç", "sections": [{"title": "A", "rows": rows[:6]}, {"title": "B", "rows": rows[6:]}]}
        whole = {"type": "list", "body": {"text": "Hangisi?"}, "action": action}
        status, answer = await send(played, "wa", **written(interactive=whole))
        assert (status, "max allowed count: 10" in answer["error"]["error_data"]["details"]) == (400, True)
        status, answer = await send(played, "wa", **written(text={"body": "a"}), callback="x")
        assert (status, answer["error"]["error_data"]["details"]) == (
            400,
            'Unexpected key "callback" on param "message".',
        )

    play(scene)


def test_a_tapped_button_and_a_tapped_row_come_back_with_their_ids() -> None:
    async def scene(played: Played) -> None:
        await played.say("wa")
        _, asked = await send(
            played, "wa", **written(interactive=choices(button("yes", "Evet"), button("no", "Hayır")))
        )
        first = asked["messages"][0]["id"]
        await played.seen(3)
        await played.ask("tap", "wa", message=first, button=1)
        (message,) = value(played.called[3])["messages"]
        assert message["interactive"] == {"type": "button_reply", "button_reply": {"id": "no", "title": "Hayır"}}
        assert message["context"] == {"from": "15005550106", "id": first}
        rows = [{"id": "r1", "title": "İade", "description": "14 gün"}]
        whole = {"type": "list", "body": {"text": "?"}, "action": {"button": "Seç", "sections": [{"rows": rows}]}}
        _, asked = await send(played, "wa", **written(interactive=whole))
        await played.seen(6)
        await played.ask("tap", "wa", message=asked["messages"][0]["id"], button=0)
        reply = value(played.called[6])["messages"][0]["interactive"]
        assert reply == {"type": "list_reply", "list_reply": {"id": "r1", "title": "İade", "description": "14 gün"}}
        assert await played.refused("tap", "wa", message=first, button=2) == "that message has no such button"

    play(scene)


def test_whatsapp_tells_quotes_places_reactions_edits_and_withdrawals() -> None:
    async def scene(played: Played) -> None:
        (first,) = await played.say("wa")
        await played.say("wa", "Bunu diyorum", quotes=first)
        await played.say("wa", "", place={"latitude": 41.01, "longitude": 28.97, "name": "Galata"})
        _, answer = await send(played, "wa", **written(text={"body": "Selam"}))
        ours = answer["messages"][0]["id"]
        await played.seen(5)
        await played.ask("react", "wa", message=ours, emoji="👍")
        await played.ask("react", "wa", message=ours, emoji="")
        await played.ask("edit", "wa", message=first, text="Merhabalar")
        await played.ask("unsend", "wa", message=first)
        messages = [value(called)["messages"][0] for called in played.called if "messages" in value(called)]
        assert messages[1]["context"] == {"from": TO, "id": first}
        assert messages[2]["location"] == {"latitude": 41.01, "longitude": 28.97, "name": "Galata"}
        assert messages[3]["reaction"] == {"message_id": ours, "emoji": "👍"}
        assert messages[4]["reaction"] == {"message_id": ours}
        assert messages[5]["edit"] == {
            "original_message_id": first,
            "message": {"type": "text", "text": {"body": "Merhabalar"}},
        }
        assert messages[6]["revoke"] == {"original_message_id": first}
        assert len({message["id"] for message in messages}) == 7

    play(scene)


def test_a_file_is_fetched_by_its_link_or_the_message_fails() -> None:
    async def scene(played: Played) -> None:
        await played.say("wa")
        for name, state in (("a.png", "delivered"), ("gone.png", "failed"), ("a.exe", "failed")):
            link = f"{played.url}/link/{name}"
            assert (await send(played, "wa", **written(image={"link": link, "caption": "Yenisi"})))[0] == 200
            await played.until(lambda state=state: played.bubble("wa").state == state)  # type: ignore[misc]
        failed = [s for c in await played.seen(5) for s in value(c).get("statuses", []) if s["status"] == "failed"]
        assert [one["errors"][0]["code"] for one in failed] == [131053, 131053]
        shown = [bubble.files for bubble in played.sandbox.world.bubbles if bubble.files]
        assert shown[0][0]["type"] == "image/png"
        answer = await played.client.get(f"/sandbox/api/files/{shown[0][0]['id']}")
        assert (await answer.read(), answer.headers["X-Content-Type-Options"]) == (PIXEL, "nosniff")

    play(scene)


@pytest.mark.parametrize(
    ("inbox", "kind", "status", "code"),
    [
        ("wa", "busy", 429, 130429),
        ("wa", "down", 500, 131000),
        ("wa", "refused", 400, 131026),
        ("page", "busy", 400, 613),
        ("page", "down", 503, 2),
        ("page", "refused", 400, 551),
        ("insta", "lost", 400, 551),
    ],
)
def test_the_next_answer_fails_as_ordered_and_the_one_after_does_not(
    inbox: str, kind: str, status: int, code: int
) -> None:
    async def scene(played: Played) -> None:
        await played.say(inbox)
        person = FOLLOWER if inbox == "insta" else PERSON
        body = written(text={"body": "a"}) if inbox == "wa" else to_person(person, text="a")
        await played.ask("fail", inbox, kind=kind)
        found, answer = await send(played, inbox, **body)
        assert (found, answer["error"]["code"]) == (status, code)
        assert (await send(played, inbox, **body))[0] == 200

    play(scene)


def test_whatsapp_takes_a_lost_message_and_reports_it_undeliverable() -> None:
    async def scene(played: Played) -> None:
        await played.say("wa")
        await played.ask("fail", "wa", customer=WRITER, kind="lost")
        assert (await send(played, "wa", **written(text={"body": "a"})))[0] == 200
        await played.seen(2)
        assert value(played.called[1])["statuses"][0]["errors"][0]["code"] == 131026
        assert played.bubble("wa").state == "failed"
        assert "there is no failure" in await played.refused("fail", "wa", kind="meteor")

    play(scene)


@pytest.mark.parametrize("inbox", ["wa", "page"])
def test_a_message_may_arrive_though_its_call_is_never_answered(inbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whatsapp, "SILENCE", 30)
    monkeypatch.setattr(messenger, "SILENCE", 30)

    async def scene(played: Played) -> None:
        await played.say(inbox)
        await played.ask("fail", inbox, kind="silent")
        body = written(text={"body": "a"}) if inbox == "wa" else to_person(text="a", metadata="m_1")
        import asyncio

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(send(played, inbox, **body), 0.3)
        await played.until(lambda: played.bubble(inbox).state == "delivered")

    play(scene)


def test_messenger_echoes_with_metadata_then_tells_delivery_and_reading_by_a_watermark() -> None:
    async def scene(played: Played) -> None:
        await played.say("page")
        status, answer = await send(played, "page", **to_person(text="Selam", metadata="m_abc"))
        assert (status, answer["recipient_id"]) == (200, PERSON)
        await played.until(lambda: played.bubble("page").state == "delivered")
        await played.seen(3)
        await played.ask("seen", "page", customer=PERSON)
        echo, delivery, read = (event(called) for called in await played.seen(4) if called is not played.called[0])
        assert (echo["sender"]["id"], echo["recipient"]["id"]) == (PAGE, PERSON)
        assert echo["message"]["is_echo"] is True
        assert (echo["message"]["mid"], echo["message"]["metadata"]) == (answer["message_id"], "m_abc")
        assert delivery["delivery"]["mids"] == [answer["message_id"]]
        assert delivery["delivery"]["watermark"] <= read["read"]["watermark"]
        assert "mid" not in read["read"]

    play(scene)


def test_instagram_tells_no_delivery_names_what_was_read_and_repeats_the_id_of_what_was_withdrawn() -> None:
    async def scene(played: Played) -> None:
        (first,) = await played.say("insta")
        _, answer = await send(played, "insta", **to_person(FOLLOWER, text="Selam"))
        await played.until(lambda: played.bubble("insta").state == "delivered")
        await played.ask("seen", "insta", customer=FOLLOWER)
        await played.ask("unsend", "insta", message=first)
        found = [event(called) for called in await played.seen(4)]
        assert all(called.json["object"] == "instagram" for called in played.called)
        assert not any("delivery" in one for one in found)
        assert found[2]["read"] == {"mid": answer["message_id"]}
        assert found[3]["message"] == {"mid": first, "is_deleted": True}
        assert await played.refused("say", "insta", **{"from": FOLLOWER, "place": {"latitude": 1, "longitude": 2}})

    play(scene)


def test_quick_replies_go_with_their_payload_and_buttons_of_a_card_are_postbacks() -> None:
    async def scene(played: Played) -> None:
        await played.say("page")
        reply = {"content_type": "text", "title": "Evet", "payload": "YES"}
        _, asked = await send(played, "page", **to_person(text="Olur mu?", quick_replies=[reply]))
        await played.seen(3)
        await played.ask("tap", "page", message=asked["message_id"], button=0)
        tapped = event(played.called[3])["message"]
        assert (tapped["text"], tapped["quick_reply"]) == ("Evet", {"payload": "YES"})
        buttons = [
            {"type": "postback", "title": "İade", "payload": "RETURN"},
            {"type": "web_url", "title": "Site", "url": "https://example.com/"},
        ]
        card = {"type": "template", "payload": {"template_type": "button", "text": "Ne?", "buttons": buttons}}
        _, asked = await send(played, "page", **to_person(attachment=card))
        await played.seen(6)
        await played.ask("tap", "page", message=asked["message_id"], button=0)
        postback = event(played.called[6])["postback"]
        assert (postback["title"], postback["payload"]) == ("İade", "RETURN")
        assert await played.refused("tap", "page", message=asked["message_id"], button=1)

    play(scene)


@pytest.mark.parametrize(
    ("hours", "inbox", "body", "expected"),
    [
        (0, "page", {}, 200),
        (25, "page", {}, (400, 10, 2018278)),
        (25, "page", {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, 200),
        (169, "page", {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, (400, 10, 2018278)),
        (0, "page", {"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}, (400, 100, None)),
        (25, "insta", {}, (403, 10, 2534022)),
    ],
)
def test_the_window_closes_after_a_day_and_a_week_for_people(
    hours: int, inbox: str, body: dict[str, Any], expected: Any
) -> None:
    async def scene(played: Played) -> None:
        person = FOLLOWER if inbox == "insta" else PERSON
        await played.say(inbox)
        await played.ask("pass", inbox, customer=person, hours=hours)
        status, answer = await send(played, inbox, **(to_person(person, text="Selam") | body))
        error = answer.get("error", {})
        assert (status if status == 200 else (status, error["code"], error.get("error_subcode"))) == expected

    play(scene)


@pytest.mark.parametrize(
    ("inbox", "message"),
    [
        ("page", {"text": "x" * 2001}),
        ("page", {"text": "a", "attachment": {"type": "image", "payload": {"url": "https://example.com/a.png"}}}),
        ("page", {"text": "a", "quick_replies": [{"content_type": "text", "title": "x" * 21, "payload": "p"}]}),
        ("page", {"text": "a", "quick_replies": [{"content_type": "text", "title": "x", "payload": "p"}] * 14}),
        ("page", {"text": "a", "font": "b"}),
        ("page", {"attachment": {"type": "image", "payload": {"url": "http://127.0.0.1:1/a.png"}}}),
        ("insta", {"text": "ğ" * 501}),  # 1,002 bytes
    ],
)
def test_the_send_api_refuses_by_its_own_rules(inbox: str, message: dict[str, Any]) -> None:
    async def scene(played: Played) -> None:
        await played.say(inbox)
        status, answer = await send(played, inbox, **to_person(FOLLOWER if inbox == "insta" else PERSON, **message))
        assert (status, answer["error"]["code"]) == (400, 100)
        assert answer["error"]["message"].startswith("(#100) ")

    play(scene)


def test_only_people_who_wrote_can_be_answered() -> None:
    async def scene(played: Played) -> None:
        assert (await send(played, "page", **to_person(text="a")))[1]["error"]["error_subcode"] == 2018001
        assert (await send(played, "insta", **to_person(FOLLOWER, text="a")))[1]["error"]["error_subcode"] == 2534014

    play(scene)


def test_a_wrong_token_an_unknown_account_and_a_wrong_version_are_refused() -> None:
    async def scene(played: Played) -> None:
        async def error(path: str, token: str) -> tuple[int, int, int | None]:
            answer = await played.client.post(path, json={}, headers={"Authorization": f"Bearer {token}"})
            found = (await answer.json())["error"]
            return answer.status, found["code"], found.get("error_subcode")

        right = played.credentials["messenger"]["access_token"]
        assert await error(f"/graph/v23.0/{PAGE}/messages", "wrong") == (401, 190, None)
        assert await error(f"/graph/v23.0/{NUMBER_ID}/messages", right) == (401, 190, None)
        assert await error("/graph/v23.0/999/messages", right) == (400, 100, 33)
        assert await error(f"/graph/23/{PAGE}/messages", right) == (400, 2500, None)
        assert await error("/graph/v23.0/me/messages", right) == (400, 100, None)  # the page of the token

    play(scene)


def test_people_have_a_profile_and_accounts_a_name() -> None:
    async def scene(played: Played) -> None:
        await played.say("page")
        headers = {"Authorization": f"Bearer {played.credentials['messenger']['access_token']}"}
        told = await (await played.client.get(f"/graph/v23.0/{PERSON}", headers=headers)).json()
        assert (told["first_name"], told["last_name"]) == ("Deniz", "Kaya")
        assert (await (await played.client.get(f"/graph/v23.0/{PAGE}", headers=headers)).json())["id"] == PAGE

    play(scene)


def test_a_colleague_s_answer_from_the_provider_s_own_app_is_echoed() -> None:
    async def scene(played: Played) -> None:
        for inbox, customer in (("wa", WRITER), ("page", PERSON)):
            await played.say(inbox)
            await played.ask("elsewhere", inbox, customer=customer, text="Ben baktım")
        change = played.called[1].json["entry"][0]["changes"][0]
        assert change["field"] == "smb_message_echoes"
        assert change["value"]["message_echoes"][0]["to"] == TO
        echo = event(played.called[3])["message"]
        assert (echo["is_echo"], "metadata" in echo) == (True, False)

    play(scene)


def test_a_report_that_is_not_taken_is_told_again_and_a_customer_s_message_is_said_to_have_failed() -> None:
    async def scene(played: Played) -> None:
        await played.say("wa")
        played.answers = [500, 503]
        assert (await send(played, "wa", **written(text={"body": "a"})))[0] == 200
        await played.until(lambda: played.bubble("wa").state == "delivered" and len(played.called) == 3)
        played.answers = [500]
        assert "did not take it" in await played.refused("say", "wa", **{"from": WRITER, "text": "a"})
        assert played.sandbox.world.bubbles[-1].state == "failed"

    play(scene)


def test_a_customer_s_message_without_an_answer_in_time_is_told_once_more() -> None:
    async def scene(played: Played) -> None:
        played.sandbox.phones.line.patience, played.slow = 0.5, 1
        (wamid,) = await played.say("wa")
        assert [value(called)["messages"][0]["id"] for called in played.called] == [wamid]
        played.sandbox.phones.line.patience, played.slow = 0.5, 2
        assert "no answer in time" in await played.refused("say", "wa", **{"from": WRITER, "text": "a"})

    play(scene)


def test_the_app_dashboard_s_handshake_is_played() -> None:
    async def scene(played: Played) -> None:
        assert await played.ask("subscribe", "wa") == {"verified": True}
        assert "403" in await played.refused("subscribe", "page")

    play(scene)


def test_clearing_the_phones_closes_no_window() -> None:
    async def scene(played: Played) -> None:
        await played.say("page")
        await played.client.post("/sandbox/api/reset", json={})
        assert not played.sandbox.world.bubbles
        assert (await send(played, "page", **to_person(text="a")))[0] == 200

    play(scene)


@pytest.mark.parametrize("sender", ["", "0212 555", "../etc", "+"])
def test_a_customer_s_address_that_is_none_is_refused_in_words(sender: str) -> None:
    async def scene(played: Played) -> None:
        assert "address must be" in await played.refused("say", "wa", **{"from": sender, "text": "a"})

    play(scene)
