"""`santral send`: play a customer against the running `santral dev`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from santral.options import connected, told

Text = Annotated[str, typer.Argument(help="What the customer writes; - reads standard input.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Play a customer: a mail, an SMS, a chat message.", no_args_is_help=True)
    group.command("email")(email)
    group.command("sms")(sms)
    group.command("chat")(chat)
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


def _text(given: str) -> str:
    return sys.stdin.read() if given == "-" else given


def _refused(error: Exception) -> None:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)
