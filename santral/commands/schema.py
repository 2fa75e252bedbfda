"""`santral schema`: the one schema as JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("schema")(schema)


def schema(
    folder: Annotated[Path | None, typer.Argument(help="Where to; docs/schema of this checkout by default.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what is not current, with status 1.")] = False,
) -> None:
    """Write the JSON Schema of what Santral stores and publishes, and the catalogue in docs/events.md."""
    from santral import catalogue_page
    from santral import schema as logic

    where = folder or logic.FOLDER
    names = logic.stale(where) if check else logic.write(where)
    if folder is None and (not catalogue_page.current() if check else catalogue_page.write()):
        names = [*names, "../events.md"]
    for name in names:
        typer.echo(f"{where / name}{' is not current' if check else ''}")
    if check and names:
        raise typer.Exit(1)
