"""`santral report`: the measures of some days, to read, to calculate with, or to hand around."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from santral.options import Language, Profile, Region, StackName, Told, connected, period, told
from santral.reporting_choices import By, Format

if TYPE_CHECKING:
    from santral.reporting import Report


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    since: Annotated[str, typer.Option(help="How far back, in whole hours: 24h, 7d or 4w.")] = "7d",
    by: Annotated[By, typer.Option(help="What the rows are; the HTML page has all of them.")] = By.queue,
    format_: Annotated[Format, typer.Option("--format", help="A page with plots is html.")] = Format.table,
    out: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
    language: Told = Language.en,
    file: Annotated[
        Path | None, typer.Option(help="Read hours from a kept answer of GET /v1/measures instead, all it has.")
    ] = None,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Tell service level, waits, work, outcome and backlog of the last days; docs/measures.md has each definition."""
    from santral.reporting import report_of

    start, end = period(since)
    try:
        with told():
            found = report_of(_kept(file) if file is not None else _asked(start, end, stack_name, profile, region))
        text = _text(found, by, format_, language, None if out is not None else _width())
        if out is not None:
            out.write_text(text, encoding="utf-8")
        else:
            typer.echo(text, nl=False)
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _asked(
    start: datetime, end: datetime, stack_name: str | None, profile: str | None, region: str | None
) -> Iterable[Mapping[str, Any]]:
    api = connected(stack_name, profile, region).api("supervisor")
    return list(api.pages("/v1/measures", "hours", since=start.isoformat(), until=end.isoformat()))


def _kept(file: Path) -> Iterable[Mapping[str, Any]]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("hours"), list):
        raise ValueError(f'{file}: there are no "hours" in it, as GET /v1/measures answers them')
    return list(data["hours"])


def _text(found: Report, by: By, format_: Format, language: Language, width: int | None) -> str:
    from santral import reporting_page, reporting_texts

    match format_:
        case Format.table:
            return reporting_texts.table(found, by, language, None, width)
        case Format.csv:
            return reporting_texts.as_csv(found, by)
        case Format.json:
            return reporting_texts.as_json(found, by)
        case Format.html:
            return reporting_page.page(found, language, None)


def _width() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
