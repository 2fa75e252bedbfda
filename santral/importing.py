"""A command that takes a file in: pages go to the API under a bar, and at the end it is said what became of the rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from santral.contact_files import BadFile
from santral.file_import import Rows, Send, begun, report_file, taken_in
from santral.options import told
from santral.progress import bar

if TYPE_CHECKING:
    from santral.api_client import ApiClient
    from santral.connection import Connection


def run(
    file: Path, reader: Rows, path: str, connect: Callable[[], Connection] | None, *, resume: bool
) -> dict[str, int]:
    """Take a file in by a POST to `path`, or without `connect` only judge it; how many rows came to what.

    Ends the command with status 1 where the file as a whole cannot be read, or the API cannot be reached.
    """
    data = file.read_bytes()
    try:
        with told():
            send = None if connect is None else _sender(connect().api("admin"), path)
            progress = begun(file, data, resume=resume and send is not None)
            with bar("rows", max(1, data.count(b"\n")), done=progress.line) as shown:
                return taken_in(file, data, reader, send, progress, shown.more).counts
    except BadFile as error:
        typer.echo(f"{file.name}: {error}", err=True)
        raise typer.Exit(1) from None


def in_words(counts: dict[str, int]) -> str:
    """How many rows came to what."""
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "no rows"


def end(file: Path, counts: dict[str, int]) -> None:
    """Say where refused rows are told, and end the command with status 2 if there are any."""
    if counts.get("refused"):
        typer.echo(f"Refused rows: {report_file(file)}", err=True)
        raise typer.Exit(2)


def _sender(api: ApiClient, path: str) -> Send:
    def send(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
        return list(api.post(path, {"rows": rows}, key)["rows"])

    return send
