"""`santral campaign`: campaigns are tried before anybody gets them, run, and looked at."""

from __future__ import annotations

import typer

from santral.commands.campaign import running, trying


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Campaigns: try them before anybody gets them, run them, see how they stand.", no_args_is_help=True
    )
    trying.register(group)
    running.register(group)
    app.add_typer(group, name="campaign")
