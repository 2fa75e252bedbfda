"""`santral openapi`: the API's description."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("openapi")(openapi)


def openapi() -> None:
    """Print the API's OpenAPI document, as docs/openapi.json holds it and the stack serves it."""
    import json

    from router.openapi import document

    typer.echo(json.dumps(document(), indent=1, ensure_ascii=False))
