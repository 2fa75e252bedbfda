"""The sandbox and the channels, written apart, understand each other: each checks the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels import registry
from router.errors import Rejected, SantralError, Temporary, Unknown
from router.messages import (
    Attachment,
    Direction,
    Kind,
    Message,
    Option,
    Parsed,
    Party,
    Receipt,
    ReceiptStatus,
    Template,
)
from router.wire import HttpRequest, HttpResponse, Outgoing, Request
from tests.santral.sandbox_kit import CUSTOMERS, PIXEL, Called, Played, inbox, picture, play

KEY = b"k" * 32
NAMES = ("wa", "page", "insta", "bot")
SEND_ID = "m_" + "a" * 24
HOSTS = {
    "https://graph.facebook.com": "/graph",
    "https://lookaside.fbsbx.com": "/lookaside",
    "https://api.telegram.org": "/telegram",
}


def heard(played: Played, name: str, called: Called) -> Parsed:
    """One webhook call as our channel verifies and reads it."""
    one, channel = inbox(name), registry.get(inbox(name).channel)
    now = datetime.now(UTC)
    request = Request(called.body, called.headers, received_at=now)
    channel.verify(request, one, played.credentials[one.secret or ""], now)
    return channel.parse(request, one, KEY)


def messages(played: Played, name: str) -> list[Message]:
    """Every message that was told so far."""
    return [m for called in played.called for m in heard(played, name, called).messages]


def receipts(played: Played, name: str) -> list[Receipt]:
    """Every receipt that was told so far."""
    return [r for called in played.called for r in heard(played, name, called).receipts]


def answer(name: str, text: str = "Buyurun", **more: Any) -> Message:
    """An answer of an agent's to the customer."""
    one = inbox(name)
    channel = registry.get(one.channel)
    return Message(
        id=SEND_ID, channel=channel.channel, provider=channel.provider, inbox=name, direction=Direction.OUTBOUND,
        sender=Party(address=one.address), recipients=(Party(address=CUSTOMERS[name]),), text=text,
        received_at=datetime.now(UTC), author="ayse", **more,
    )  # fmt: skip


async def carry(played: Played, request: HttpRequest) -> HttpResponse:
    """The call, made as the sender of a local run makes it."""
    url = next(request.url.replace(start, path) for start, path in HOSTS.items() if request.url.startswith(start))
    got = await played.client.request(request.method, url, data=request.body or None, headers=dict(request.headers))
    return HttpResponse(got.status, {k.lower(): v for k, v in got.headers.items()}, await got.read())


async def send(played: Played, name: str, message: Message, files: tuple[bytes, ...] = ()) -> str | None:
    """The provider's id of what was sent; raises what the channel makes of a refusal."""
    one = inbox(name)
    channel = registry.get(one.channel)
    outgoing = Outgoing(message, one, since_heard=timedelta(minutes=1), files=files)
    return channel.interpret(await carry(played, channel.render(outgoing, played.credentials[one.secret or ""])))


@pytest.mark.parametrize("name", NAMES)
def test_what_a_customer_writes_is_believed_and_read(name: str) -> None:
    async def scene(played: Played) -> None:
        (first,) = await played.say(name, 'Merhaba ğüş / "iyi" mi? 😀')
        await played.say(name, "Bunu diyorum", quotes=first)
        one, two = messages(played, name)
        assert (one.text, one.kind, one.direction) == ('Merhaba ğüş / "iyi" mi? 😀', Kind.MESSAGE, Direction.INBOUND)
        assert one.sender.address == CUSTOMERS[name]
        assert one.provider_at is not None
        assert one.id != two.id
        assert two.refers_to == one.external_id

    play(scene)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_taken_and_its_id_is_the_one_in_the_reports(name: str) -> None:
    async def scene(played: Played) -> None:
        await played.say(name)
        external = await send(played, name, answer(name, "Selam ğüş"))
        assert external
        assert played.bubble(name).text == "Selam ğüş"
        await played.until(lambda: played.bubble(name).state == "delivered")
        await played.ask("seen", name, customer=CUSTOMERS[name])
        await played.until(lambda: len(played.called) >= {"wa": 4, "page": 4, "insta": 3, "bot": 1}[name])
        found = receipts(played, name)
        expected = {
            "wa": [ReceiptStatus.SENT, ReceiptStatus.DELIVERED, ReceiptStatus.READ],
            "page": [ReceiptStatus.SENT, ReceiptStatus.DELIVERED, ReceiptStatus.READ],
            "insta": [ReceiptStatus.READ],
            "bot": [],
        }[name]
        assert [one.status for one in found] == expected
        assert {one.external_id for one in found} <= {external, None}
        if name == "wa":
            assert {one.send_id for one in found} == {SEND_ID}
        if name == "page":
            assert (found[0].send_id, found[2].upto is not None) == (SEND_ID, True)

    play(scene)


@pytest.mark.parametrize("name", NAMES)
def test_a_customer_s_picture_is_fetched_with_what_the_provider_asks_for(name: str) -> None:
    async def scene(played: Played) -> None:
        await played.say(name, "", files=[picture()])
        (message,) = messages(played, name)
        (attachment,) = message.attachments
        assert attachment.content_type.startswith("image/")
        one = inbox(name)
        channel = registry.get(one.channel)
        got: HttpResponse | None = None
        for _ in range(4):
            request = channel.fetch(attachment, one, played.credentials[one.secret or ""], got)
            if request is None:
                break
            got = await carry(played, request)
        assert got is not None
        assert got.body == PIXEL

    play(scene)


def test_two_pictures_at_once_are_one_album_on_telegram() -> None:
    async def scene(played: Played) -> None:
        await played.say("bot", "İkisi de", files=[picture(), picture("b.png")])
        one, two = messages(played, "bot")
        assert one.album == two.album is not None

    play(scene)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_offered_can_be_tapped_and_comes_back_as_its_payload(name: str) -> None:
    async def scene(played: Played) -> None:
        await played.say(name)
        options = (Option(title="Evet", payload="YES"), Option(title="Hayır", payload="NO"))
        await send(played, name, answer(name, "Olur mu?", options=options))
        bubble = played.bubble(name)
        assert [button.title for button in bubble.buttons] == ["Evet", "Hayır"]
        await played.until(lambda: played.bubble(name).state == "delivered")
        before = len(played.called)
        await played.ask("tap", name, message=bubble.id, button=1)
        tapped = [m for called in played.called[before:] for m in heard(played, name, called).messages]
        assert [(one.kind, one.payload) for one in tapped] == [(Kind.POSTBACK, "NO")]

    play(scene)


@pytest.mark.parametrize("name", ["wa", "page", "insta"])
def test_a_link_to_tap_is_shown(name: str) -> None:
    async def scene(played: Played) -> None:
        await played.say(name)
        await send(played, name, answer(name, "Bakın", options=(Option(title="Site", url="https://example.com/"),)))
        assert [(b.title, b.url) for b in played.bubble(name).buttons] == [("Site", "https://example.com/")]

    play(scene)


def test_a_long_menu_is_a_list_on_whatsapp_and_a_template_opens_a_closed_window() -> None:
    async def scene(played: Played) -> None:
        await played.say("wa")
        options = tuple(Option(title=f"Konu {n}", payload=f"K{n}") for n in range(5))
        await send(played, "wa", answer("wa", "Hangisi?", options=options))
        assert (played.bubble("wa").menu, len(played.bubble("wa").buttons)) == ("Seç", 5)
        await played.ask("pass", "wa", customer=CUSTOMERS["wa"], hours=48)
        template = Template(name="siparis_yolda", language="tr", parameters=("4711",))
        await send(played, "wa", answer("wa", "", template=template))
        await played.until(lambda: played.bubble("wa").state == "delivered")

    play(scene)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_s_picture_reaches_the_phone(name: str) -> None:
    async def scene(played: Played) -> None:
        await played.say(name)
        link = played.url.replace("http://", "https://") + "/link/a.png"  # this machine speaks no TLS, and is known
        file = Attachment(content_type="image/png", filename="a.png", size=len(PIXEL), url=link)
        await send(played, name, answer(name, "", attachments=(file,)), (PIXEL,))
        await played.until(lambda: played.bubble(name).files)
        assert played.bubble(name).files[0]["size"] == len(PIXEL)

    play(scene)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("kind", "raised"), [("busy", Temporary), ("down", Unknown), ("refused", Rejected)], ids=["busy", "down", "refused"]
)
def test_a_failure_means_to_the_channel_what_it_is(name: str, kind: str, raised: type[SantralError]) -> None:
    async def scene(played: Played) -> None:
        await played.say(name)
        await played.ask("fail", name, customer=CUSTOMERS[name], kind=kind)
        with pytest.raises(raised):
            await send(played, name, answer(name))
        assert await send(played, name, answer(name))

    play(scene)


def test_a_lost_whatsapp_message_is_reported_failed() -> None:
    async def scene(played: Played) -> None:
        await played.say("wa")
        await played.ask("fail", "wa", kind="lost")
        external = await send(played, "wa", answer("wa"))
        await played.until(lambda: played.bubble("wa").state == "failed" and len(played.called) == 2)
        (receipt,) = receipts(played, "wa")
        assert (receipt.status, receipt.external_id, receipt.send_id, receipt.code) == (
            ReceiptStatus.FAILED, external, SEND_ID, "131026",
        )  # fmt: skip

    play(scene)


@pytest.mark.parametrize("name", ["page", "insta"])
def test_a_closed_window_is_known_by_its_code(name: str) -> None:
    async def scene(played: Played) -> None:
        await played.say(name)
        await played.ask("pass", name, customer=CUSTOMERS[name], hours=25)
        with pytest.raises(Rejected) as refused:
            await send(played, name, answer(name))
        assert str(refused.value.code).startswith("10/")

    play(scene)


@pytest.mark.parametrize(
    ("name", "act", "kind"),
    [
        ("wa", "edit", Kind.EDIT),
        ("wa", "unsend", Kind.DELETION),
        ("page", "edit", Kind.EDIT),
        ("insta", "unsend", Kind.DELETION),
        ("bot", "edit", Kind.EDIT),
    ],
)
def test_a_change_or_a_withdrawal_names_its_message(name: str, act: str, kind: Kind) -> None:
    async def scene(played: Played) -> None:
        (first,) = await played.say(name)
        await played.ask(act, name, message=first, text="Başka")
        original, change = messages(played, name)
        assert (change.kind, change.refers_to) == (kind, original.external_id)
        assert change.text == ("Başka" if act == "edit" else "")

    play(scene)


@pytest.mark.parametrize("name", NAMES)
def test_a_reaction_names_the_message_that_the_channel_sent(name: str) -> None:
    async def scene(played: Played) -> None:
        await played.say(name)
        external = await send(played, name, answer(name))
        await played.ask("react", name, message=played.bubble(name).id, emoji="👍")
        (reaction,) = [one for one in messages(played, name) if one.kind is Kind.REACTION]
        assert (reaction.refers_to, reaction.text) == (external, "👍")

    play(scene)


@pytest.mark.parametrize("name", ["wa", "page"])
def test_what_a_colleague_wrote_elsewhere_is_an_outbound_message(name: str) -> None:
    async def scene(played: Played) -> None:
        await played.say(name)
        await played.ask("elsewhere", name, customer=CUSTOMERS[name], text="Ben baktım")
        echo = messages(played, name)[-1]
        assert (echo.direction, echo.author, echo.text) == (Direction.OUTBOUND, "elsewhere", "Ben baktım")
        assert [one.address for one in echo.recipients] == [CUSTOMERS[name]]

    play(scene)


def test_every_registered_app_is_played() -> None:
    assert {inbox(name).channel for name in NAMES} == set(registry.names()) - {"email", "twilio", "webchat"}
