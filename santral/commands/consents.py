"""`santral consents`: records of consent to and from a national registry."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from santral.options import Profile, Region, StackName, connected, told

Registry = Annotated[str, typer.Option("--format", help="The registry: iys, Turkey's.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Consents: export to a national registry's file, import from one.", no_args_is_help=True)
    group.command("export")(export)
    group.command("import")(import_)
    app.add_typer(group, name="consents")


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv|.json", dir_okay=False)],
    registry: Registry = "iys",
    since: Annotated[str | None, typer.Option(help="Only what was recorded since a day or a time, UTC.")] = None,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Write what holds of each address, for marketing, as the registry takes it; what came from the registry is left out."""
    from santral.registries import latest

    format_, after = _format(registry, file), _time(since)
    with told():
        api = connected(stack_name, profile, region).api("supervisor")
        records = [
            one
            for channel in ("email", "sms")
            for one in api.pages("/v1/consents", "consents", channel=channel, limit=100)
        ]
    with file.open("w", encoding="utf-8", newline="") as out:
        count, others = format_.written(latest(records, after), out)
    left = f"; {others} are none of the registry's" if others else ""
    typer.echo(f"{count} records are in {file}{left}.")


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv|.json", exists=True, dir_okay=False)],
    registry: Registry = "iys",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge every record; send nothing.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run was ended.")] = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Take in a registry's records. The same record again changes nothing; refused ones are listed in FILE.refused.csv (status 2)."""
    from santral.importing import end, in_words, run

    connect = None if dry_run else lambda: connected(stack_name, profile, region)
    counts = run(file, _format(registry, file), "/v1/consents", connect, resume=resume)
    typer.echo(in_words(counts))
    end(file, counts)


def _format(registry: str, file: Path) -> Any:
    from santral.registries import FORMATS

    found = FORMATS.get((registry, file.suffix.lower()))
    if found is None:
        known = ", ".join(f"{name} as {ending}" for name, ending in FORMATS)
        raise typer.BadParameter(
            f"there is no {registry} in {file.suffix or 'a file without ending'}; there are: {known}"
        )
    return found


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a time is like 2026-03-02 or 2026-03-02T09:00:00Z") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
