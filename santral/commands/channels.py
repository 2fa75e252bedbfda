"""`santral channels`: what every channel carries, as the tables of docs/channels.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("channels")(channels)


def channels(
    write: Annotated[Path | None, typer.Option("--write", help="Put the tables into this page instead.")] = None,
) -> None:
    """Print what every channel takes and gives: kinds, limits, receipts, credentials, as Markdown tables."""
    from santral.channels_table import filled, tables

    if write is None:
        typer.echo("\n\n".join(tables().values()))
        return
    page = write.read_text("utf-8")
    new = filled(page)
    write.write_text(new, "utf-8")
    typer.echo(f"{write}: {'brought up to date' if new != page else 'up to date'}")
