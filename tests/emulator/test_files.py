"""Files on the deployed template, each function under its own role: in by MMS, out by mail and in the chat, links from S3."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

import pytest

from santral.customers import ChatVisitor
from santral.sandbox.world import File
from tests.emulator.conftest import Live, until
from tests.kit.providers import PNG

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(180)]
NUMBER = "+12025550177"


def get(url: str) -> tuple[int, str, bytes]:
    """What anybody gets at a link."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, "", b""


def mms(live: Live, sid: str, *media: str) -> None:
    """Twilio posts an MMS whose files lie with the sandbox."""
    more = {"NumMedia": str(len(media))}
    for number, one in enumerate(media):
        account = f"https://api.twilio.com/2010-04-01/Accounts/{live.twilio['account_sid']}"
        more |= {f"MediaUrl{number}": f"{account}/Messages/{sid}/Media/{one}", f"MediaContentType{number}": "image/png"}
    assert live.sms(NUMBER, "Bakın", sid, **more) == 200


def upload(live: Live, name: str, kind: str, data: bytes) -> str:
    """An agent uploads a file as the desk's page does; its id."""
    made = live.agent.post("/v1/attachments", {"filename": name, "content_type": kind, "size": len(data)})
    request = urllib.request.Request(made["upload_url"], data, {"Content-Type": made["content_type"]}, method="PUT")
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200
    return str(made["id"])


def answer(live: Live, conversation: str, file: str) -> dict[str, Any]:
    """The agent answers with a file; the message."""
    path = f"/v1/conversations/{quote(conversation, safe='')}/replies"
    done: dict[str, Any] = live.agent.post(path, {"text": "Ektedir", "attachments": [file]})["message"]
    return done


def test_p10_an_mms_is_fetched_with_the_account_s_credentials_and_shown_by_a_short_lived_link(live: Live) -> None:
    files = live.stage.sandbox.world.files
    files["ME" + "1" * 32] = File("ME" + "1" * 32, "resim.png", "image/png", PNG)
    files["ME" + "2" * 32] = File("ME" + "2" * 32, "sayfa.png", "image/png", b"<html><script>alert(1)</script>")
    mms(live, "MM" + "1" * 32, "ME" + "1" * 32, "ME" + "2" * 32, "ME" + "3" * 32)
    conversation = live.conversation("sms", NUMBER)

    def fetched() -> dict[str, Any] | None:
        found = [
            m for m in live.detail(conversation["id"])["messages"] if m["attachments"]
        ]  # others wrote from there too
        whole = found and all(one["state"] != "fetching" for one in found[-1]["attachments"])
        return found[-1] if whole else None

    message = until(fetched, "the files are fetched")
    assert [(one["state"], one["filename"], one["content_type"]) for one in message["attachments"]] == [
        ("ready", "resim.png", "image/png"),
        ("ready", "sayfa.png", "application/octet-stream"),
        ("failed", None, "image/png"),
    ]
    link = live.agent.get(f"/v1/messages/{message['id']}/attachments/0")
    assert get(link["url"]) == (200, "image/png", PNG)
    key = link["url"].partition("?")[0]
    assert get(key)[0] in (401, 403), "without its signature nobody gets it"
    page = live.agent.get(f"/v1/messages/{message['id']}/attachments/1")
    assert get(page["url"])[1] == "application/octet-stream"


def test_an_uploaded_file_goes_out_by_mail(live: Live) -> None:
    live.mail("ek@example.net", "destek@example.com", "Faturam nerede?")
    conversation = live.conversation("email", "ek@example.net")
    sent = answer(live, conversation["id"], upload(live, "fatura şubat.pdf", "application/pdf", b"%PDF-1.7"))
    live.delivered(conversation["id"], sent["id"])
    link = live.agent.get(f"/v1/messages/{sent['id']}/attachments/0")
    assert (link["filename"], get(link["url"])[2]) == ("fatura şubat.pdf", b"%PDF-1.7")


def test_an_uploaded_file_is_a_link_in_the_visitor_s_page(live: Live) -> None:
    asyncio.run(chat(live))


async def chat(live: Live) -> None:
    """A visitor asks, and is sent a picture."""
    api = asyncio.to_thread
    async with ChatVisitor(live.connection.api_url, "web", name="Deniz") as visitor:
        await visitor.write("Kroki var mı?")

        def asked() -> dict[str, Any] | None:
            mine = live.agent.get("/v1/conversations", state="active")["conversations"]
            return next((one for one in mine if one["preview"] == "Kroki var mı?"), None)

        conversation = await api(until, asked, "the agent has it")
        file = await api(upload, live, "kroki.png", "image/png", PNG)
        await api(answer, live, conversation["id"], file)
        heard = await asyncio.wait_for(visitor.heard.get(), 20)
        (shown,) = heard["attachments"]
        assert await api(get, shown["url"]) == (200, "image/png", PNG)
