"""From the chat to mail on the deployed template: by a code, and by the company's word; each function under its own role."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from tests.emulator.conftest import CONFIG, Live, http, until
from tests.kit.users import USERS, jwt

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(180)]
CHAT = {"name": "uye", "channel": "webchat", "address": "uye", "queue": "genel", "secret": "uye"}


@pytest.fixture(scope="module", autouse=True)
def with_users(live: Live) -> Iterator[None]:
    """A chat whose company signs its users."""
    secrets, where = live.aws("secretsmanager"), live.outputs["SecretArn"]
    stored = json.loads(secrets.get_secret_value(SecretId=where)["SecretString"])
    secrets.put_secret_value(SecretId=where, SecretString=json.dumps(stored | {"uye": {"user_token_secret": USERS}}))
    live.apply({**CONFIG, "version": "with-users", "inboxes": [*CONFIG["inboxes"], CHAT]})
    yield
    live.apply(CONFIG)


def opened(live: Live, **asked: Any) -> dict[str, Any]:
    """A session of the chat, once the configuration is known."""

    def look() -> dict[str, Any] | None:
        url = f"{live.connection.api_url}/chat/uye/sessions"
        status, body = http("POST", url, json.dumps(asked).encode(), {"content-type": "application/json"})
        return json.loads(body) if status == 201 else None

    return until(look, "a session")


async def written(session: dict[str, Any], *frames: dict[str, Any]) -> list[dict[str, Any]]:
    """Frames on one socket, each after the answer to the one before; the answers."""
    answers = []
    protocols = ["santral.v1", f"session.{session['session']}"]
    async with aiohttp.ClientSession() as client, client.ws_connect(session["url"], protocols=protocols) as socket:
        for frame in frames:
            while True:
                await socket.send_json(frame)
                answer = await socket.receive_json(timeout=20)
                if answer.get("message") != "write a message first":  # it is routed a moment after it is taken
                    break
                await asyncio.sleep(0.2)
            answers.append(answer)
    return answers


def chat(session: dict[str, Any], *frames: dict[str, Any]) -> list[dict[str, Any]]:
    return asyncio.run(written(session, *frames))


def test_a_code_by_mail_makes_chat_and_mail_one_thread(live: Live) -> None:
    session = opened(live, language="tr")
    hello = {"type": "message", "id": "1", "text": "Siparişim nerede?"}
    ask = {"type": "prove", "id": "p", "channel": "email", "address": "kod@example.net"}
    assert [a["type"] for a in chat(session, hello, ask)] == ["ack", "proving"]
    mail = until(
        lambda: next((m for m in live.stage.sandbox.world.mails if m.customer == "kod@example.net"), None), "the code"
    )
    (code,) = re.findall(r"\b\d{6}\b", mail.text)
    (proved,) = chat(session, {"type": "code", "id": "k", "code": code})
    assert proved["type"] == "proved"
    live.mail("kod@example.net", "destek@example.com", "Mailden devam")
    person = until(
        lambda: (found := live.agent.get("/v1/contacts", channel="email", address="kod@example.net"))["into"] and found,
        "a person",
    )

    def joint() -> dict[str, Any] | None:
        (conversation,) = live.agent.get(f"/v1/contacts/{person['into']}")["conversations"]
        found = live.detail(conversation["id"])
        return found if len(found["messages"]) == 3 else None

    thread = until(joint, "one thread")
    assert [m["text"].strip() for m in thread["messages"]][0::2] == ["Siparişim nerede?", "Mailden devam"]
    assert code not in json.dumps(thread)


def test_a_user_of_the_company_is_known_by_their_mail_from_the_first(live: Live) -> None:
    claims = {"sub": "42", "exp": int(time.time()) + 600, "name": "Zeynep", "email": "uye@example.net"}
    session = opened(live, user_token=jwt(claims))
    assert session["method"] == "user-token"
    assert chat(session, {"type": "message", "id": "1", "text": "Merhaba"})[0]["type"] == "ack"
    live.mail("uye@example.net", "destek@example.com", "Bir de mailden")
    person = live.agent.get("/v1/contacts", channel="email", address="uye@example.net")

    def joint() -> bool:
        found = live.agent.get(f"/v1/contacts/{person['into']}")["conversations"]
        return bool(found) and len(live.detail(found[0]["id"])["messages"]) == 2

    until(joint, "one thread of chat and mail")
