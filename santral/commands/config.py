"""`santral config`: the configuration's YAML files checked, tried, compared, put in force, and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from santral.options import AsJson, Language, Profile, Region, StackName, Told, Yes, connected, show, sure, told

if TYPE_CHECKING:
    from router.aws.configs import Configs, InForce
    from router.config import Config
    from santral.connection import Connection

Directory = Annotated[Path, typer.Argument(help="The directory with the YAML files.")]
Note = Annotated[str, typer.Option("--note", help="What to remember about it, such as a commit; shown by `versions`.")]
SHOWN = 60  # lines of a difference before it is asked about


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="The configuration: check, test, compare, apply, go back.", no_args_is_help=True)
    group.command("check")(check)
    group.command("test")(try_cases)
    for command in (diff, apply, versions, rollback, schema):
        group.command(command.__name__)(command)
    app.add_typer(group, name="config")


def check(
    directory: Directory = Path("config"),
    strict: Annotated[bool, typer.Option("--strict", help="Warnings give status 1 as well; notes never do.")] = False,
) -> None:
    """Read and check the files: every fault with its file, line and field, and status 1 if there is one; then warnings and notes."""
    from santral import answer_texts, template_texts
    from santral.config_lint import findings
    from santral.config_places import Places
    from santral.configuration import files

    config = _load(directory)
    found = findings(config, Places(files(directory)))
    for line in [
        *found,
        *(f"Note: {note}" for note in (*answer_texts.warnings(config), *template_texts.notes(config))),
    ]:
        typer.echo(str(line), err=True)
    counts = ", ".join(f"{len(getattr(config, name))} {name}" for name in ("inboxes", "queues", "agents", "rules"))
    typer.echo(f"{counts}; version {config.version}")
    if strict and any(one.level == "warning" for one in found):
        raise typer.Exit(1)


def try_cases(
    directory: Directory = Path("config"),
    cases: Annotated[
        Path | None, typer.Option(help="The directory with the cases; DIRECTORY/tests by default.")
    ] = None,
    language: Told = Language.en,
) -> None:
    """Try the golden cases, those of messages and of journeys: what comes out as in production is compared. Status 1 if one differs."""
    from santral import journey_cases
    from santral.commands.campaign.trying import try_journeys
    from santral.config_cases import FOLDER, read
    from santral.config_trial import tried

    config = _load(directory)
    placed, faults = read(cases or directory / FOLDER, config)
    journeys, more = journey_cases.read(cases or directory / FOLDER, config)
    for fault in dict.fromkeys(map(str, (*faults, *more))):
        typer.echo(fault, err=True)
    if faults or more:
        raise typer.Exit(1)
    failed = 0
    for result in (tried(config, one) for one in placed):
        failed += bool(result.differences)
        typer.echo(f"{'FAIL' if result.differences else 'ok  '}  {result.placed.place}  {result.placed.case.name}")
        for one in result.differences:
            typer.echo(f"        {one.field}: expected {_shown(one.expected)}, got {_shown(one.got)}")
    failed += try_journeys(config, journeys, language)
    typer.echo(f"{len(placed) + len(journeys)} cases, {failed} failed")
    if failed:
        raise typer.Exit(1)


def diff(
    sides: Annotated[
        list[str] | None,
        typer.Argument(
            help="What to compare: directories or applied versions. One: with what is in force. None: config/."
        ),
    ] = None,
    as_json: AsJson = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Status 1 if they differ.")] = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """What applying the files would change, by section and name; or what lies between two versions or directories."""
    from santral.config_diff import difference

    names = sides or ["config"]
    if len(names) > 2:
        raise typer.BadParameter("name two at most")
    local = len(names) == 2 and all(Path(name).is_dir() for name in names)
    configs = None if local else _configs(connected(stack_name, profile, region))
    with told(), _plainly():
        old, new = [_side(name, configs) for name in (names if len(names) == 2 else [None, *names])]
    found = difference(old, new)
    if as_json:
        typer.echo(json.dumps(found.record(), ensure_ascii=False, default=str))
    else:
        _tell(old, new)
    if exit_code and found:
        raise typer.Exit(1)


def apply(
    directory: Directory = Path("config"),
    yes: Yes = False,
    note: Note = "",
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Check the files and put them in force as one immutable version, with the schedules of its campaigns.

    The functions see it within five seconds.
    """
    config = _load(directory)
    connection = connected(stack_name, profile, region)
    configs = _configs(connection)
    with told(), _plainly():
        seen = configs.in_force()
        if seen.version == config.version:
            typer.echo(f"Version {config.version} is in force already.")
        else:
            _tell_from(configs, seen, config)
            sure(f"Put version {config.version} in force in {stack_name or 'the running dev'}?", yes=yes)
            configs.apply(config, by=_who(connection), note=note, seen=seen)
            typer.echo(f"Version {config.version} is in force.")
    _schedule(connection, configs, config, f"apply {directory}{_named(stack_name)}")


def versions(
    limit: Annotated[int, typer.Option("-n", min=1, help="So many, the newest first.")] = 20,
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """The versions that were put in force: when, by whom, which one is now."""
    configs = _configs(connected(stack_name, profile, region))
    with told(), _plainly():
        now, history = configs.in_force(), configs.history(limit)
    rows = [
        {
            "number": one.number,
            "version": one.version,
            "applied_at": one.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "by": one.by,
            "how": "rollback" if one.back else "apply",
            "note": one.note,
            "in_force": one.number == now.number,
        }
        for one in history
    ]
    if not as_json:
        rows = [row | {"in_force": "in force" if row["in_force"] else ""} for row in rows]
        if now.version and not now.number:
            typer.echo(f"Version {now.version} is in force; it was applied before there was a log.", err=True)
    show(rows, list(rows[0]) if rows else [], as_json=as_json, empty="No version is logged.")


def rollback(
    version: Annotated[str | None, typer.Argument(help="The version to go back to; by default the one before.")] = None,
    yes: Yes = False,
    note: Note = "",
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Put an applied version in force again. Refused, with nothing changed, where this release cannot read it."""
    from router.aws.configs import version_before

    connection = connected(stack_name, profile, region)
    configs = _configs(connection)
    with told(), _plainly():
        seen = configs.in_force()
        target = version or version_before(configs.history())
        if target is None:
            _fail("there is no version before the one in force")
        config = _usable(configs.readable(target))
        if seen.version == target:
            typer.echo(f"Version {target} is in force already.")
        else:
            _tell_from(configs, seen, config)
            sure(f"Go back to version {target} in {stack_name or 'the running dev'}?", yes=yes)
            configs.roll_back(target, by=_who(connection), note=note, seen=seen)
            typer.echo(f"Version {target} is in force.")
    _schedule(connection, configs, config, f"rollback {target}{_named(stack_name)}")


def schema(
    folder: Annotated[Path | None, typer.Argument(help="Where to; docs/schema of this checkout by default.")] = None,
    only_check: Annotated[bool, typer.Option("--check", help="Only say what is not current, with status 1.")] = False,
    shown: Annotated[bool, typer.Option("--print", help="Print the schema of the files, and write nothing.")] = False,
) -> None:
    """Write the JSON Schema of the files and of the golden cases, for editors: config.v1.json and config-tests.v1.json."""
    from santral import config_schema

    if shown:
        typer.echo(config_schema.text("config.v1.json"), nl=False)
        return
    where = folder or config_schema.FOLDER
    names = config_schema.stale(where) if only_check else config_schema.write(where)
    for name in names:
        typer.echo(f"{where / name}{' is not current' if only_check else ''}")
    if only_check and names:
        raise typer.Exit(1)


def _load(directory: Path) -> Config:
    from santral.configuration import BadConfiguration, load

    try:
        return load(directory)
    except BadConfiguration as error:
        _fail(str(error))


def _configs(connection: Connection) -> Configs:
    from router.aws.configs import Configs
    from router.aws.dynamo import Dynamo

    return Configs(Dynamo(connection.client("dynamodb"), connection.outputs["TableName"]))


def _side(name: str | None, configs: Configs | None) -> Config:
    """A directory's configuration, an applied version's, or (None) the one in force: an empty one before the first."""
    from router.config import Config

    if name is not None and Path(name).is_dir():
        return _load(Path(name))
    assert configs is not None
    version = configs.in_force().version if name is None else name
    return configs.readable(version) if version else Config(version="")


def _tell_from(configs: Configs, seen: InForce, new: Config) -> None:
    """What would change, on stderr, before it is asked about."""
    from router.errors import Invalid

    try:
        old = _side(seen.version or None, configs)
    except Invalid as error:
        typer.echo(f"What changes cannot be shown: {error}", err=True)
        return
    _tell(old, new, most=SHOWN, err=True)


def _tell(old: Config, new: Config, *, most: int | None = None, err: bool = False) -> None:
    from santral.config_diff import difference, told

    lines = list(told(difference(old, new)))
    if not lines:
        same = "No difference." if old.version == new.version else "The same, in another order or by another release."
        typer.echo(same, err=err)
    for line in lines[:most]:
        typer.echo(line, err=err)
    if most is not None and len(lines) > most:
        typer.echo(f"... and {len(lines) - most} more lines: see `santral config diff`", err=err)


def _usable(config: Config) -> Config:
    from channels import registry

    unknown = sorted({inbox.channel for inbox in config.inboxes} - set(registry.names()))
    if unknown:
        _fail(f"version {config.version} has inboxes on channels that this release does not have: {', '.join(unknown)}")
    return config


def _schedule(connection: Connection, configs: Configs, config: Config, command: str) -> None:
    """Keep the schedules of what is in force now; `command` is what to run again where that fails."""
    from santral import schedules

    try:
        with _plainly():
            for line in schedules.settle(connection, configs, config):
                typer.echo(line)
    except schedules.NotKept as error:
        _fail(f"{error}\nRun `santral config {command}` again: it sets what is missing.")


def _named(stack_name: str | None) -> str:
    return f" --stack-name {stack_name}" if stack_name else ""


def _who(connection: Connection) -> str:
    """Who applies: the user of this machine in a local run, else whom AWS takes the credentials for."""
    import getpass

    if connection.endpoint:
        return getpass.getuser()
    arn: str = connection.client("sts").get_caller_identity()["Arn"]
    return arn.rpartition(":")[2]


@contextmanager
def _plainly() -> Iterator[None]:
    """Errors of Santral as one line and status 1."""
    from router.errors import SantralError

    try:
        yield
    except SantralError as error:
        _fail(str(error))


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1) from None
