"""`santral send`: play a customer against the running `santral dev`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from santral.options import connected, told

Text = Annotated[str, typer.Argument(help="What the customer writes; - reads standard input.")]
_APPS = {
    "whatsapp": ("WhatsApp", "a number, or a user id such as US.1349"),
    "messenger": ("Messenger", "a page-scoped id"),
    "instagram": ("Instagram", "an Instagram-scoped id"),
    "telegram": ("Telegram", "a user id"),
}


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Play a customer: a mail, an SMS, a chat message, or a message in an app.", no_args_is_help=True
    )
    group.command("email")(email)
    group.command("sms")(sms)
    group.command("chat")(chat)
    for name, (shown, address) in _APPS.items():
        told = f"Write in {shown}, as {address}: the sandbox posts it to the webhook as the provider does, signed."
        group.command(name, help=told)(_in_app(name))
    app.add_typer(group, name="send")


def email(
    text: Text,
    to: Annotated[str, typer.Option(help="The inbox's address.")] = "destek@example.com",
    sender: Annotated[
        str | None, typer.Option("--from", help="The customer's address; by default deniz@example.net, Deniz Kaya.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The customer's name; none by default with --from.")] = None,
    subject: Annotated[str, typer.Option()] = "",
    in_reply_to: Annotated[str | None, typer.Option(help="The Message-ID that is answered.")] = None,
    message_id: Annotated[str | None, typer.Option(help="Instead of a new one: to play a repeated mail.")] = None,
    spoof: Annotated[bool, typer.Option("--spoof", help="Play a forger: SPF, DKIM and DMARC fail.")] = False,
) -> None:
    """Send a mail by SMTP to the sandbox, which stores and notifies as SES does."""
    from santral.customers import Refusal, write_mail

    mail = {
        "from": sender or "deniz@example.net",
        "name": name if name is not None else ("" if sender else "Deniz Kaya"),
        "to": to,
        "subject": subject,
        "text": _text(text),
        "in_reply_to": in_reply_to,
        "message_id": f"<{message_id.strip('<>')}>" if message_id else None,
        "spoof": spoof,
    }
    try:
        typer.echo(write_mail(connected(None).smtp_port, mail))
    except Refusal as error:
        _refused(error)


def sms(
    text: Text,
    sender: Annotated[str, typer.Option("--from", help="The customer's number.")] = "+12025550143",
    to: Annotated[str | None, typer.Option(help="The inbox's number; the configured one by default.")] = None,
) -> None:
    """Send an SMS: the sandbox posts it to the webhook as Twilio does, signed."""
    from santral.configuration import load
    from santral.customers import Refusal, write_sms
    from santral.emulator import ROOT

    connection = connected(None)
    number = to or next(i.address for i in load(ROOT / "config").inboxes if i.channel == "twilio")
    try:
        typer.echo(write_sms(connection.sandbox, sender, number, _text(text)))
    except Refusal as error:
        _refused(error)


def chat(
    text: Text,
    inbox: Annotated[str, typer.Option(help="The web chat inbox's name.")] = "web",
    name: Annotated[str, typer.Option(help="The visitor's name.")] = "Ece",
    wait: Annotated[float, typer.Option(help="Seconds to wait for an answer.")] = 0,
) -> None:
    """Write in the web chat as a new visitor; with --wait, print the answers that come in that time."""
    import asyncio

    from santral.customers import ChatVisitor, Refusal

    async def play(base: str) -> None:
        async with ChatVisitor(base, inbox, name=name) as visitor:
            typer.echo(await visitor.write(_text(text)))
            loop = asyncio.get_running_loop()
            until = loop.time() + wait
            while loop.time() < until:
                try:
                    heard = await asyncio.wait_for(visitor.heard.get(), until - loop.time())
                except TimeoutError:
                    return
                typer.echo(f"{heard.get('author') or 'agent'}: {heard['text']}")

    with told():
        try:
            asyncio.run(play(connected(None).api_url))
        except Refusal as error:
            _refused(error)


def _in_app(channel: str) -> Callable[..., None]:
    def write(
        text: Annotated[str, typer.Argument(help="What the customer writes; - reads standard input.")] = "",
        sender: Annotated[
            str | None, typer.Option("--from", help="The customer's number or id; the sample's by default.")
        ] = None,
        name: Annotated[str | None, typer.Option(help="The customer's name.")] = None,
        inbox: Annotated[
            str | None, typer.Option(help="The inbox's name; the first of the channel by default.")
        ] = None,
        file: Annotated[list[Path] | None, typer.Option(exists=True, dir_okay=False, help="Sent along.")] = None,
        place: Annotated[str | None, typer.Option(help="A point on the map: LATITUDE,LONGITUDE.")] = None,
        quote: Annotated[str | None, typer.Option(help="The id of the message that is quoted.")] = None,
        wait: Annotated[float, typer.Option(help="Seconds to wait for answers, which are printed.")] = 0,
    ) -> None:
        from santral.configuration import load
        from santral.customers import Refusal, write_message
        from santral.emulator import ROOT
        from santral.samples import SCRIPTS

        sandbox = connected(None).sandbox
        where = inbox or next(i.name for i in load(ROOT / "config").inboxes if i.channel == channel)
        customer = sender or SCRIPTS[channel].customer
        shown = name if name is not None else ("" if sender else SCRIPTS[channel].name)
        more: dict[str, Any] = {"name": shown, "quotes": quote, "files": [_file(path) for path in file or ()]}
        if place:
            latitude, _, longitude = place.partition(",")
            more["place"] = {"latitude": latitude, "longitude": longitude}
        try:
            before = set(_arrived(sandbox, where, customer))
            for id_ in write_message(sandbox, where, customer, _text(text), **more):
                typer.echo(id_)
            if wait:
                _follow(sandbox, where, customer, wait, before)
        except Refusal as error:
            _refused(error)

    return write


def _arrived(sandbox: str, inbox: str, customer: str) -> dict[str, Any]:
    """What is on the customer's phone, by its id."""
    from santral.customers import phones

    found = phones(sandbox)["bubbles"]
    return {b["id"]: b for b in found if (b["inbox"], b["customer"], b["way"]) == (inbox, customer, "to-customer")}


def _follow(sandbox: str, inbox: str, customer: str, seconds: float, known: set[str]) -> None:
    """Print what arrives on the phone in that time."""
    import time

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for id_, bubble in _arrived(sandbox, inbox, customer).items():
            if id_ not in known and bubble["state"] != "queued":
                known.add(id_)
                buttons = "".join(f" [{button['title']}]" for button in bubble["buttons"])
                typer.echo(f"agent: {bubble['text']}{buttons}" + (f" ({bubble['error']})" if bubble["error"] else ""))
        time.sleep(0.3)


def _file(path: Path) -> dict[str, str]:
    import base64
    import mimetypes

    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return {"name": path.name, "type": kind, "data": base64.b64encode(path.read_bytes()).decode()}


def _text(given: str) -> str:
    return sys.stdin.read() if given == "-" else given


def _refused(error: Exception) -> None:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)
