"""`santral dev`: the whole of Santral on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("dev")(dev)


def dev(
    once: Annotated[bool, typer.Option("--once", help="Stop after the sample; fail unless all was delivered.")] = False,
    port: Annotated[int | None, typer.Option(help="Of the pages and the API; 8025, or any if taken.")] = None,
    smtp_port: Annotated[int | None, typer.Option(help="Of the SMTP door; 2525, or any if taken.")] = None,
    config: Annotated[Path | None, typer.Option(help="Directory of the YAML files; config/ by default.")] = None,
) -> None:
    """Start the AWS emulator, build and deploy the template, open the sandbox, and play a conversation per channel.

    It stays up until Ctrl-C, which leaves no process behind.
    """
    from rich.console import Console

    from santral.dev import Dev
    from santral.emulator import ROOT

    raise typer.Exit(Dev(Console(), config=config or ROOT / "config", port=port, smtp_port=smtp_port, once=once).run())
