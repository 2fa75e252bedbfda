"""`santral campaign test|preview`: campaigns tried before anybody gets them, by cases of whole journeys and by a preview."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from santral.options import AsJson, Language, Profile, Region, StackName, Told, connected, country_of, told

if TYPE_CHECKING:
    from router.campaigns import Campaign
    from router.config import Config
    from santral.campaign_preview import Preview
    from santral.connection import Connection
    from santral.contact_files import Refusal
    from santral.journey_cases import PlacedJourney
    from santral.preview_people import Known

Directory = Annotated[Path, typer.Argument(help="The directory with the YAML files.")]


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command("test")(try_)
    group.command("preview")(preview)


def try_(
    directory: Directory = Path("config"),
    cases: Annotated[
        Path | None, typer.Option(help="The directory with the cases; DIRECTORY/tests by default.")
    ] = None,
    only: Annotated[str | None, typer.Option("--only", help="Cases of this campaign.")] = None,
    language: Told = Language.en,
) -> None:
    """Try the cases of journeys: what happens is done as in production, on a clock of its own. Status 1 if one differs."""
    from time import perf_counter

    from santral.journey_cases import FOLDER, read

    config = loaded(directory)
    placed, faults = read(cases or directory / FOLDER, config)
    for fault in faults:
        typer.echo(str(fault), err=True)
    if faults:
        raise typer.Exit(1)
    chosen = [one for one in placed if only in (None, one.case.campaign)]
    began = perf_counter()
    failed = try_journeys(config, chosen, language)
    typer.echo(f"{len(chosen)} journeys, {failed} failed, {perf_counter() - began:.2f} s")
    if failed:
        raise typer.Exit(1)


def try_journeys(config: Config, placed: Sequence[PlacedJourney], language: Language) -> int:
    """Try cases of journeys and tell what came of each; how many failed."""
    from santral.journey_trial import tried

    failed = 0
    for result in (tried(config, one, language.value) for one in placed):
        failed += bool(result.differences)
        typer.echo(f"{'FAIL' if result.differences else 'ok  '}  {result.placed.place}  {result.placed.case.name}")
        for line in (*result.differences, *result.story):
            typer.echo(f"        {line}")
    return failed


def preview(
    name: Annotated[str, typer.Argument(help="Which campaign.")],
    at: Annotated[
        str | None,
        typer.Option(
            "--at", help="Set off then, by its clock: 2026-12-01T10:00, or a date. By default when it next is."
        ),
    ] = None,
    contacts: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A CSV file, as `contacts import` takes it; else those of the running stack.",
        ),
    ] = None,
    event: Annotated[str | None, typer.Option(help="The data of the event that begins it, as JSON.")] = None,
    event_file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="The same, in a file.")] = None,
    directory: Annotated[Path, typer.Option("--config", help="The directory with the YAML files.")] = Path("config"),
    limit: Annotated[
        int,
        typer.Option(
            min=1, help="So many people are shown; of a campaign begun by an event or a conversation, looked at."
        ),
    ] = 10,
    days: Annotated[int, typer.Option(min=1, max=366, help="So long journeys are followed.")] = 30,
    url: Annotated[
        str | None,
        typer.Option(help="The deployment's address, as it stands in links: it counts for the length of an SMS."),
    ] = None,
    country: Annotated[str | None, typer.Option(help="Of phone numbers that name none, such as TR.")] = None,
    language: Told = Language.en,
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show what a campaign would do, and send nothing: who gets what and when, why the others do not, and what it costs.

    Everything is decided by the functions of production, over the configuration's files and the contacts of a file, or those of a
    stack, which are only read. With --json a line for each person and each row that cannot be taken in, and the sums at the end.
    Status 2 if there are such rows.
    """
    from datetime import UTC, datetime

    from router.errors import Invalid
    from santral import preview_start
    from santral.campaign_preview import Plan, Preview
    from santral.rehearsal import URL

    config = loaded(directory)
    campaign = _campaign(config, name)
    numbers, notes = country_of(country), list[str]()
    try:
        begins = preview_start.time_of(config, campaign, at, datetime.now(UTC))
        data = preview_start.data_of(campaign, event, event_file)
    except Invalid as error:
        _fail(str(error))
    if data is None:
        data = preview_start.examples(config, campaign)
        notes += [preview_start.told(data)] if data else []
    connection = connected(stack_name, profile, region) if contacts is None else None
    stack_url = connection.api_url if connection is not None else URL
    plan = Plan(campaign, begins, days, data, url or stack_url, language.value, whole=contacts is None)
    _show(Preview(config, plan), contacts, connection, numbers, limit, notes, as_json=as_json)


def _show(
    seen: Preview,
    file: Path | None,
    connection: Connection | None,
    country: str | None,
    limit: int,
    notes: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Go through all people, and tell."""
    import json
    from itertools import islice

    from santral.campaign_preview_told import record
    from santral.campaign_preview_told import told as lines
    from santral.contact_files import BadFile, Refusal
    from santral.preview_sums import Outcome
    from santral.progress import bar

    people, total, note = _people(seen, file, connection, country)
    notes = [note, *notes]
    if not seen.plan.campaign.scheduled:
        people, total = islice(people, limit), min(total or limit, limit)
    shown: list[Outcome] = []
    try:
        with told(), bar("rows", total) as seen_so_far:
            for one in seen.run(people, seen_so_far.more):
                if as_json:
                    told_of = _refusal(one) if isinstance(one, Refusal) else one.record()
                    typer.echo(json.dumps(told_of, ensure_ascii=False))
                elif isinstance(one, Outcome) and one.left and len(shown) < limit:
                    shown.append(one)
    except BadFile as error:
        typer.echo(f"{file.name if file is not None else ''}: {error}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(record(seen, notes), ensure_ascii=False))
    else:
        for line in lines(seen, shown, notes):
            typer.echo(line)
    if seen.sums.refused:
        raise typer.Exit(2)


def _refusal(one: Refusal) -> dict[str, Any]:
    return {"line": one.line, "column": one.column, "refused": one.reason}


def _people(
    seen: Preview, file: Path | None, connection: Connection | None, country: str | None
) -> tuple[Iterable[Known | Refusal], int | None, str]:
    """Whom it is looked at for, how many at most, and what is not known of them."""
    from datetime import UTC, datetime

    from santral import preview_people
    from santral.contact_files import Reader

    config, plan = seen.config, seen.plan
    if file is not None:
        data = file.read_bytes()
        reader = Reader(datetime.now(UTC).date(), country)
        note = "Known of these contacts is what the file says: no history, no suppressions, no open conversations."
        return preview_people.of_file(data, reader), max(1, data.count(b"\n")), note
    assert connection is not None
    channels = preview_people.channels_of(config, plan.campaign)
    since = preview_people.looked_back(config, plan.campaign, seen.at)
    stack = preview_people.Stack(connection.api("admin"), channels, since)
    note = "Read from the stack: contacts, consents, suppressions, events. Not known here: what they got lately, and open conversations."
    return stack.people(), None, note


def _campaign(config: Config, name: str) -> Campaign:
    found = config.campaign(name)
    if found is None:
        names = ", ".join(one.name for one in config.campaigns)
        _fail(f"there is no campaign '{name}'; " + (f"there are {names}" if names else "none is configured"))
    return found


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def loaded(directory: Path) -> Config:
    """The configuration of a directory; its faults are told, and end the command."""
    from santral.configuration import BadConfiguration, load

    try:
        return load(directory)
    except BadConfiguration as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
