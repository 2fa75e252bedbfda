"""`santral verify`: is this recorded call a provider's?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify")(verify)


def verify(
    channel: Annotated[str, typer.Argument(help="The channel that judges it: twilio, telegram, whatsapp...")],
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The call: a request record or a Lambda event.")],
    secret: Annotated[
        list[str] | None,
        typer.Option("--secret", metavar="NAME=VALUE", help="Else from the environment: SANTRAL_AUTH_TOKEN..."),
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="The URL that the provider called, where the file does not say it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say whether a call is authentic, as the deployment would: `authentic`, or `refused:` and why.

    A file is a request record {method, url, headers, body_text | body_base64, query} or an HTTP API's Lambda event.
    A webhook's set-up (GET) is judged too. Secrets are named as in an inbox's credentials (auth_token, app_secret,
    verify_token, webhook_secret, and each with _previous); in the environment with SANTRAL_ before, in capitals,
    where they stay out of the shell's history. They are never printed.

    Exit status 0 authentic, 1 refused, 2 no request in the file.
    """
    import json
    import os
    from datetime import UTC, datetime

    from channels import registry
    from router.errors import Invalid, NotFound
    from santral import verify as logic

    try:
        judge = registry.get(channel)
    except NotFound as error:
        raise typer.BadParameter(str(error), param_hint="CHANNEL") from None
    now = datetime.now(UTC)
    try:
        secrets = logic.secrets_from(judge, secret or (), os.environ)
        verdict = logic.judge(judge, logic.request_in(path.read_bytes(), now, url), secrets, now)
    except (Invalid, OSError) as error:
        said = error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
        typer.echo(json.dumps({"file": str(path), "error": said}) if as_json else said, err=not as_json)
        raise typer.Exit(2) from None
    if as_json:
        told = {"file": str(path), "channel": channel, "authentic": verdict.authentic}
        typer.echo(json.dumps(told | {"handshake": verdict.handshake, "why": verdict.why}, ensure_ascii=False))
    else:
        typer.echo("authentic" if verdict.authentic else f"refused: {verdict.why}")
    if not secrets:
        variable = logic.VARIABLE + judge.secrets[-1].upper()
        typer.echo(f"no secret was given: --secret {judge.secrets[-1]}=... or {variable}", err=True)
    if not verdict.authentic:
        raise typer.Exit(1)
