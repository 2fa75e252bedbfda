"""`santral sla`: deadlines by a calendar, with their sum, out of the configuration's files and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from santral.options import told


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Deadlines in business time, and their sum.", no_args_is_help=True)
    group.command("deadline")(deadline)
    app.add_typer(group, name="sla")


def deadline(
    calendar: Annotated[str, typer.Option(help="The calendar's name, of `calendars` in the files.")],
    config: Annotated[Path, typer.Option(help="The directory with the YAML files.")] = Path("config"),
) -> None:
    """Read JSON lines, write one for each: when so many minutes of business time have passed, what counted, what did not and why.

    In: {"from": "2026-11-20T16:30:00+03:00", "minutes": 60, "pauses": [["2026-11-20T16:40:00+03:00", null]]}; a pause without an end
    goes on. Out: {"due", "counted": [[start, end], ...], "skipped": [{"start", "end", "why", "name"}, ...]}, on the clock of the
    calendar's zone; `due` is null when it never comes. A line that cannot be read is answered by {"error", "line"}, and the status
    is 1 at the end.
    """
    from santral.configuration import load
    from santral.deadlines import answered

    with told():
        loaded = load(config)
    found = loaded.calendar(calendar)
    if found is None:
        known = ", ".join(one.name for one in loaded.calendars) or "none"
        typer.echo(f"{config}: there is no calendar '{calendar}'; known are {known}", err=True)
        raise typer.Exit(2)
    failed = False
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        answer: dict[str, Any] = answered(found, line)
        if "error" in answer:
            failed, answer = True, {**answer, "line": number}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    if failed:
        raise typer.Exit(1)
