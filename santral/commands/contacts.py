"""`santral contacts`: people from a file, and into one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from santral.options import AsJson, Profile, Region, StackName, connected, country_of, told


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
    from santral.contact_files import Reader
    from santral.importing import end, in_words, run

    try:
        zone_of(zone)
    except Invalid as error:
        raise typer.BadParameter(str(error)) from None
    reader = Reader(datetime.now(UTC).date(), country_of(country), zone)
    connect = None if dry_run else lambda: connected(stack_name, profile, region)
    counts = run(file, reader, "/v1/contact-rows", connect, resume=resume)
    typer.echo(json.dumps(counts) if as_json else in_words(counts))
    end(file, counts)


def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE.csv]", dir_okay=False, help="Standard output without it.")
    ] = None,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Write all people who have an e-mail address or a number to a CSV file that `import` takes again."""
    from santral.contact_export import collected

    with told():
        rows = connected(stack_name, profile, region).api("admin").pages("/v1/contact-rows", "rows", limit=100)
        with collected(rows) as written:
            if file is None:
                written(sys.stdout)
                return
            with file.open("w", encoding="utf-8-sig", newline="") as out:  # spreadsheets know UTF-8 by its mark
                count = written(out)
    typer.echo(f"{count} contacts are in {file}.")
