"""`santral normalize`: files in, the one schema out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("normalize")(normalize)


def normalize(
    channel: Annotated[str, typer.Argument(help="The channel that reads them: email, twilio, webchat.")],
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files; directories are walked.")],
) -> None:
    """Print what a channel reads in files: one JSON object a line, per file.

    A file is a raw body, a MIME message, a Lambda event (HTTP API, WebSocket API, SNS, SES, SQS, S3), an SES or SNS
    notification, or a recorded request {method, headers, body_text | body_base64, url}; which one is found out. A list,
    several JSON objects a file, and what stands inside a call alone (a message, an update, a status) are read too.

    NO SIGNATURE IS CHECKED HERE, and nothing is fetched: this shows how a payload is read, not whether it is authentic.

    Each line is {"file", "messages", "receipts", "ignored", "error"}. Exit status 2 if any file had an error.
    """
    import sys
    from datetime import UTC, datetime

    from pydantic_core import to_json

    from channels import registry
    from router.errors import NotFound
    from santral import normalize as logic

    try:
        reader = registry.get(channel)
    except NotFound as error:
        raise typer.BadParameter(str(error), param_hint="CHANNEL") from None
    failed = False
    for path in logic.files(paths):
        result = logic.normalize(reader, path, datetime.now(UTC))
        failed = failed or result["error"] is not None
        sys.stdout.buffer.write(to_json(result) + b"\n")
    sys.stdout.flush()
    if failed:
        raise typer.Exit(2)
