"""`santral contacts`: people from a file, and into one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from santral.options import AsJson, Profile, Region, StackName, connected, told


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="People: import from a CSV file, export to one.", no_args_is_help=True)
    group.command("import")(import_)
    group.command("export")(export)
    app.add_typer(group, name="contacts")


def import_(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.csv", exists=True, dir_okay=False, help="UTF-8 or Windows-1254; , ; or tabs."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge every row; send nothing.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run was ended.")] = False,
    country: Annotated[
        str | None, typer.Option(help="Of phone numbers that name none, such as TR; without it they are refused.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Of consent times that name none.")] = "UTC",
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Take people in from a file: made where nobody has the address, else changed. The same row again changes nothing.

    Columns are known by their headers, Turkish or English (docs/contacts.md); others become attributes. Refused rows are listed in
    FILE.csv.refused.csv with line, column and reason, and the command then ends with status 2.
    """
    import json
    from datetime import UTC, datetime

    from router.errors import Invalid
    from router.profile import zone_of
    from santral.contact_files import BadFile, Reader
    from santral.file_import import begun, report_file, taken_in

    try:
        zone_of(zone)
    except Invalid as error:
        raise typer.BadParameter(str(error)) from None
    if country is not None and not _is_country(country.upper()):
        raise typer.BadParameter(f"'{country}' is no country: write two letters, such as TR")
    reader = Reader(datetime.now(UTC).date(), country.upper() if country else None, zone)
    data = file.read_bytes()
    send = None
    try:
        with told():
            if not dry_run:
                api = connected(stack_name, profile, region).api("admin")

                def send(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
                    return list(api.post("/v1/contact-rows", {"rows": rows}, key)["rows"])

            progress = begun(file, data, resume=resume and not dry_run)
            with bar(max(1, data.count(b"\n")), progress.line) as step:
                progress = taken_in(file, data, reader, send, progress, step)
    except BadFile as error:
        typer.echo(f"{file.name}: {error}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(progress.counts))
    else:
        typer.echo(", ".join(f"{count} {outcome}" for outcome, count in sorted(progress.counts.items())) or "no rows")
    if progress.counts.get("refused"):
        typer.echo(f"Refused rows: {report_file(file)}", err=True)
        raise typer.Exit(2)


def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE.csv]", dir_okay=False, help="Standard output without it.")
    ] = None,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Write all people who have an e-mail address or a number to a CSV file that `import` takes again."""
    from santral.contact_export import written

    with told():
        rows = connected(stack_name, profile, region).api("admin").pages("/v1/contact-rows", "rows", limit=100)
        if file is None:
            written(rows, sys.stdout)
            return
        with file.open("w", encoding="utf-8-sig", newline="") as out:  # spreadsheets know UTF-8 by its mark
            count = written(rows, out)
    typer.echo(f"{count} contacts are in {file}.")


def _is_country(code: str) -> bool:
    import phonenumbers

    return code in phonenumbers.SUPPORTED_REGIONS


def bar(total: int, done: int) -> Any:
    """A progress bar on a terminal's standard error; elsewhere nothing."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    @contextmanager
    def shown() -> Any:
        columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            task = progress.add_task("rows", total=total, completed=done)
            yield lambda rows: progress.advance(task, rows)

    return shown()
