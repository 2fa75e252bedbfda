"""The sandbox plays Telegram as it is: updates with the secret in a header, the Bot API's calls and its refusals."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import FormData

from santral.sandbox import telegram
from tests.santral.sandbox_kit import CHATTER, PIXEL, Called, Played, picture, play


async def call(played: Played, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
    """One call of the Bot API, as JSON."""
    token = played.credentials["telegram"]["bot_token"]
    answer = await played.client.post(f"/telegram/bot{token}/{method}", json=params)
    return answer.status, await answer.json()


async def sent(played: Played, method: str = "sendMessage", **params: Any) -> dict[str, Any]:
    """The message that a call sent."""
    status, answer = await call(played, method, **{"chat_id": int(CHATTER), **params})
    assert status == 200, answer
    assert answer["ok"] is True
    result: dict[str, Any] = answer["result"]
    return result


def update(called: Called) -> dict[str, Any]:
    """What an update holds besides its id."""
    assert isinstance(called.json["update_id"], int)
    return {name: value for name, value in called.json.items() if name != "update_id"}


def keys(*buttons: dict[str, str]) -> dict[str, Any]:
    return {"inline_keyboard": [[button] for button in buttons]}


def test_a_customer_s_text_is_an_update_with_the_secret_in_its_header() -> None:
    async def scene(played: Played) -> None:
        await played.say("bot", "Merhaba")
        await played.say("bot", "Orada mısınız?")
        first, second = played.called
        assert first.path == "/webhooks/telegram/bot"
        assert first.headers["x-telegram-bot-api-secret-token"] == played.credentials["telegram"]["webhook_secret"]
        message = update(first)["message"]
        person = {"id": int(CHATTER), "first_name": "Deniz", "last_name": "Kaya"}
        assert message["from"] == {**person, "is_bot": False, "language_code": "en"}
        assert message["chat"] == {**person, "type": "private"}
        assert (message["text"], isinstance(message["date"], int)) == ("Merhaba", True)
        assert second.json["update_id"] == first.json["update_id"] + 1
        assert update(second)["message"]["message_id"] == message["message_id"] + 1

    play(scene)


def test_an_answer_is_shown_and_returned_as_a_message() -> None:
    async def scene(played: Played) -> None:
        await played.say("bot", "Merhaba")
        asked = update(played.called[0])["message"]["message_id"]
        message = await sent(played, text="Buyurun", reply_parameters={"message_id": asked})
        assert (message["chat"]["id"], message["text"], message["from"]["is_bot"]) == (int(CHATTER), "Buyurun", True)
        bubble = played.bubble("bot")
        assert (bubble.text, bubble.refers_to, bubble.state) == ("Buyurun", str(asked), "delivered")
        assert message["message_id"] == asked + 1

    play(scene)


def test_two_pictures_are_two_updates_of_one_group_and_are_had_by_their_path() -> None:
    async def scene(played: Played) -> None:
        await played.say("bot", "İkisi de kırık", files=[picture(), picture("b.png")])
        one, two = (update(called)["message"] for called in played.called)
        assert one["media_group_id"] == two["media_group_id"]
        assert one["message_id"] != two["message_id"]
        assert (one["caption"], "caption" in two) == ("İkisi de kırık", False)
        largest = one["photo"][-1]
        _, told = await call(played, "getFile", file_id=largest["file_id"])
        assert told["result"]["file_size"] == len(PIXEL)
        token = played.credentials["telegram"]["bot_token"]
        path = told["result"]["file_path"]
        assert await (await played.client.get(f"/telegram/file/bot{token}/{path}")).read() == PIXEL
        assert (await played.client.get(f"/telegram/file/bot1:x/{path}")).status == 401
        assert (await call(played, "getFile", file_id="nothing"))[1]["description"] == "Bad Request: invalid file_id"

    play(scene)


def test_a_tap_is_a_callback_query_that_is_answered_once() -> None:
    async def scene(played: Played) -> None:
        await played.say("bot", "Merhaba")
        buttons = keys({"text": "Evet", "callback_data": "yes"}, {"text": "Site", "url": "https://example.com/"})
        message = await sent(played, text="Olur mu?", reply_markup=buttons)
        await played.ask("tap", "bot", message=str(message["message_id"]), button=0)
        query = update(played.called[1])["callback_query"]
        assert (query["data"], query["from"]["id"]) == ("yes", int(CHATTER))
        assert query["message"]["reply_markup"] == buttons
        assert (await call(played, "answerCallbackQuery", callback_query_id=query["id"]))[1]["result"] is True
        status, again = await call(played, "answerCallbackQuery", callback_query_id=query["id"])
        assert (status, "query is too old" in again["description"]) == (400, True)
        assert await played.refused("tap", "bot", message=str(message["message_id"]), button=1)

    play(scene)


def test_a_webhook_s_answer_may_be_a_call() -> None:
    async def scene(played: Played) -> None:
        played.reply = {"method": "sendMessage", "chat_id": int(CHATTER), "text": "Otomatik"}
        await played.say("bot", "Merhaba")
        assert played.bubble("bot").text == "Otomatik"
        played.reply = {"method": "sendMessage", "chat_id": int(CHATTER), "text": ""}
        await played.say("bot", "Yine")  # what cannot be done is told to nobody

    play(scene)


def test_a_key_of_a_reply_keyboard_writes_its_text() -> None:
    async def scene(played: Played) -> None:
        await played.say("bot", "Merhaba")
        markup = {"keyboard": [[{"text": "Sipariş"}, {"text": "İade"}]], "one_time_keyboard": True}
        message = await sent(played, text="Konu?", reply_markup=markup)
        await played.ask("tap", "bot", message=str(message["message_id"]), button=1)
        assert update(played.called[1])["message"]["text"] == "İade"

    play(scene)


def test_quotes_places_edits_and_reactions_are_told() -> None:
    async def scene(played: Played) -> None:
        (first,) = await played.say("bot", "Merhaba")
        await played.say("bot", "Bunu", quotes=first)
        await played.say("bot", "", place={"latitude": 41.01, "longitude": 28.97})
        await played.ask("edit", "bot", message=first, text="Selam")
        message = await sent(played, text="Buyurun")
        await played.ask("react", "bot", message=str(message["message_id"]), emoji="👍")
        quoted, place, edited, reaction = (update(called) for called in played.called[1:])
        assert quoted["message"]["reply_to_message"]["message_id"] == int(first)
        assert place["message"]["location"] == {"latitude": 41.01, "longitude": 28.97}
        assert (edited["edited_message"]["text"], "edit_date" in edited["edited_message"]) == ("Selam", True)
        assert reaction["message_reaction"]["new_reaction"] == [{"type": "emoji", "emoji": "👍"}]
        assert "does not tell" in await played.refused("unsend", "bot", message=first)

    play(scene)


def test_a_file_is_sent_as_an_upload_or_by_its_link() -> None:
    async def scene(played: Played) -> None:
        await played.say("bot", "Merhaba")
        token = played.credentials["telegram"]["bot_token"]
        form = FormData()
        form.add_field("chat_id", CHATTER)
        form.add_field("caption", "[fiş] {4711}")
        form.add_field("photo", PIXEL, filename="fis.png", content_type="image/png")
        answer = await (await played.client.post(f"/telegram/bot{token}/sendPhoto", data=form)).json()
        assert answer["result"]["caption"] == "[fiş] {4711}"
        assert answer["result"]["photo"][-1]["file_size"] == len(PIXEL)
        await sent(played, "sendDocument", document=f"{played.url}/link/a.png", caption="Fatura")
        assert played.bubble("bot").files[0]["name"] == "a.png"
        again = answer["result"]["photo"][-1]["file_id"]
        group = [{"type": "photo", "media": again, "caption": "bir"}, {"type": "photo", "media": again}]
        status, album = await call(played, "sendMediaGroup", chat_id=CHATTER, media=json.dumps(group))
        assert (status, len({one["media_group_id"] for one in album["result"]})) == (200, 1)
        for link in ("/link/gone.png", "/nowhere"):
            _, told = await call(played, "sendPhoto", chat_id=CHATTER, photo=played.url + link)
            assert told["description"] == "Bad Request: failed to get HTTP URL content"

    play(scene)


@pytest.mark.parametrize(
    ("method", "params", "status", "words"),
    [
        ("sendMessage", {"text": " "}, 400, "message text is empty"),
        ("sendMessage", {"text": "x" * 4097}, 400, "message is too long"),
        ("sendMessage", {"text": "😀" * 2049}, 400, "message is too long"),
        ("sendMessage", {"text": "<b>a", "parse_mode": "HTML"}, 400, "Can't find end tag"),
        ("sendMessage", {"text": "<h1>a</h1>", "parse_mode": "HTML"}, 400, "Unsupported start tag"),
        ("sendMessage", {"text": "a", "chat_id": 9}, 400, "chat not found"),
        ("sendMessage", {"text": "a", "reply_parameters": {"message_id": 9}}, 400, "message to be replied not found"),
        ("sendMessage", {"text": "a", "colour": "red"}, 400, "no parameter colour"),
        ("sendMessage", {"text": "a", "reply_markup": keys({"text": "A"})}, 400, "Text buttons are unallowed"),
        (
            "sendMessage",
            {"text": "a", "reply_markup": keys({"text": "A", "callback_data": "ğ" * 33})},
            400,
            "DATA_INVALID",
        ),
        ("sendPhoto", {"photo": "nothing"}, 400, "wrong file identifier"),
        ("editMessageText", {"message_id": 9, "text": "a"}, 400, "message to edit not found"),
        ("sendMoney", {}, 404, "Not Found"),
    ],
)
def test_telegram_refuses_by_its_own_rules(method: str, params: dict[str, Any], status: int, words: str) -> None:
    async def scene(played: Played) -> None:
        await played.say("bot", "Merhaba")
        found, answer = await call(played, method, **{"chat_id": int(CHATTER), **params})
        assert (found, answer["ok"], answer["error_code"]) == (status, False, status)
        assert words in answer["description"]

    play(scene)


def test_a_quote_of_a_message_that_is_gone_may_be_let_go() -> None:
    async def scene(played: Played) -> None:
        await played.say("bot", "Merhaba")
        reply = {"message_id": 9, "allow_sending_without_reply": True}
        await sent(played, text="<b>Buyurun</b> &amp; sağ olun", reply_parameters=reply, parse_mode="HTML")
        assert (played.bubble("bot").refers_to, played.bubble("bot").text) == (None, "Buyurun & sağ olun")

    play(scene)


@pytest.mark.parametrize(("kind", "status"), [("busy", 429), ("down", 502), ("refused", 403)])
def test_the_next_answer_fails_as_ordered_and_the_one_after_does_not(kind: str, status: int) -> None:
    async def scene(played: Played) -> None:
        await played.say("bot", "Merhaba")
        await played.ask("fail", "bot", customer=CHATTER, kind=kind)
        found, answer = await call(played, "sendMessage", chat_id=CHATTER, text="a")
        assert (found, answer["error_code"]) == (status, status)
        assert answer.get("parameters") == ({"retry_after": 1} if kind == "busy" else None)
        await sent(played, text="a")

    play(scene)


def test_a_message_may_arrive_though_its_call_is_never_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram, "SILENCE", 30)

    async def scene(played: Played) -> None:
        await played.say("bot", "Merhaba")
        await played.ask("fail", "bot", kind="silent")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(call(played, "sendMessage", chat_id=CHATTER, text="a"), 0.3)
        assert played.bubble("bot").text == "a"

    play(scene)


def test_the_webhook_is_known_and_can_be_set_anew() -> None:
    async def scene(played: Played) -> None:
        _, told = await call(played, "getWebhookInfo")
        assert told["result"]["url"] == f"{played.url}/webhooks/telegram/bot"
        assert (await call(played, "getMe"))[1]["result"]["is_bot"] is True
        other = f"{played.url}/webhooks/telegram/other"
        await call(played, "setWebhook", url=other, secret_token="new")
        (first,) = await played.say("bot", "Merhaba")
        assert (played.called[0].path, played.called[0].headers["x-telegram-bot-api-secret-token"]) == (
            "/webhooks/telegram/other",
            "new",
        )
        message = await sent(played, text="a")
        await played.ask("react", "bot", message=str(message["message_id"]), emoji="👍")
        assert len(played.called) == 1, "reactions are told only where they were asked for by name"
        assert first
        status, refused = await call(played, "setWebhook", url="http://example.com/")
        assert (status, "HTTPS" in refused["description"]) == (400, True)
        await call(played, "deleteWebhook")
        await played.say("bot", "Kimse yok mu?")
        assert len(played.called) == 1

    play(scene)


def test_a_wrong_token_is_refused() -> None:
    async def scene(played: Played) -> None:
        answer = await played.client.get("/telegram/bot1:wrong/getMe")
        assert (answer.status, await answer.json()) == (
            401,
            {"ok": False, "error_code": 401, "description": "Unauthorized"},
        )

    play(scene)
