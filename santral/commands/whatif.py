"""`santral whatif`: a changed configuration over recorded traffic, beside what happened."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from santral.options import Language, Profile, Region, StackName, Told, back, connected, told
from santral.progress import bar

if TYPE_CHECKING:
    from router.config import Config
    from santral.connection import Connection
    from santral.whatif.changed import Messages
    from santral.whatif.comparing import Comparison
    from santral.whatif.record import Record
    from santral.whatif.words import Words

_LONGEST = timedelta(days=400)
WIDTH = 80


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("whatif")(whatif)


def whatif(
    directory: Annotated[
        Path, typer.Option("--config", help="The changed configuration's directory, or a scenario's file.")
    ] = Path("config"),
    since: Annotated[str, typer.Option(help="How far back, in whole hours: 24h, 7d or 4w.")] = "7d",
    file: Annotated[
        Path | None, typer.Option(help="Read a record from this file, all it has; no stack is asked.")
    ] = None,
    archive: Annotated[bool, typer.Option("--archive", help="Read the stack's archive in S3, not its table.")] = False,
    save: Annotated[
        Path | None, typer.Option(help="Write what was read to this file, for --file; gzipped if it ends in .gz.")
    ] = None,
    hours: Annotated[
        list[str] | None,
        typer.Option("--as", metavar="NEW=COLLEAGUE", help="A new agent is in whenever this one was; may be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All of it as one JSON object.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Markdown for a comment on a pull request.")] = False,
    language: Told = Language.en,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Play recorded traffic again under a changed configuration, and tell it beside what happened, with how sure that is.

    Who would have got what, waits, breaches, load and fairness per agent. docs/whatif.md says what is known and what is assumed.
    """
    from santral.whatif.words import Words

    if as_json and as_markdown:
        raise typer.BadParameter("write --json or --markdown, not both", param_hint="--markdown")
    if file is not None and (archive or stack_name):
        raise typer.BadParameter("a file holds all there is; no stack and no archive is read", param_hint="--file")
    length = back(since, _LONGEST)
    config, words = _load(directory), Words(language)
    pairs = _pairs(hours or (), config)
    with told(), _read():
        if file is not None:
            record, messages = _from_file(file, words)
        else:
            connection = connected(stack_name, profile, region)
            record, messages = _from_stack(connection, length, words, archive=archive, facts=save is not None)
        if not any(wait.at >= record.since for wait in record.waits):
            _fail("nobody waited in that time: there is no traffic to play again")
        if save is not None:
            _save(record, save)
        _are_there(record, pairs)
        compared = _compared(record, config, messages, words, pairs)
    typer.echo(_shown(compared, str(directory), words, as_json, as_markdown), nl=False)


def _shown(c: Comparison, directory: str, words: Words, as_json: bool, as_markdown: bool) -> str:
    from santral.whatif import telling
    from santral.whatif.markdown import markdown
    from santral.whatif.texts import text

    if as_json:
        return json.dumps(telling.data(c), ensure_ascii=False) + "\n"
    if as_markdown:
        return markdown(c, words, directory)
    there = sys.stdout.isatty()
    width = min(shutil.get_terminal_size().columns, 120) if there else WIDTH
    return text(c, words, directory, width, colour=there)


def _compared(record: Record, config: Config, messages: Messages, words: Words, hours: Mapping[str, str]) -> Comparison:
    from santral.whatif.changed import changes
    from santral.whatif.comparing import compare
    from santral.whatif.newcomers import joined
    from santral.whatif.playing import happened, play

    found = changes(record, config, messages)
    with bar(words("playing.recorded"), len(record.waits)) as shown:
        replayed = play(record, progress=shown.at)
    with bar(words("playing.changed"), len(record.waits)) as shown:
        changed = play(joined(record, hours), config, found.places, shown.at)
    return compare(record, happened(record), replayed, changed, found, hours)


# --- who is new ----------------------------------------------------------------------------------------------------


def _pairs(written: Sequence[str], config: Config) -> dict[str, str]:
    """Each new agent with the colleague whose presence they have."""
    agents = sorted(agent.name for agent in config.agents)
    pairs: dict[str, str] = {}
    for one in written:
        new, _, colleague = one.partition("=")
        if not new or not colleague:
            raise typer.BadParameter(f"'{one}' is no pair; write NEW=COLLEAGUE", param_hint="--as")
        if new not in agents:
            what = f"the changed configuration has no agent '{new}'; its agents: {', '.join(agents)}"
            raise typer.BadParameter(what, param_hint="--as")
        if pairs.setdefault(new, colleague) != colleague:
            raise typer.BadParameter(f"'{new}' has two colleagues; name one", param_hint="--as")
    return pairs


def _are_there(record: Record, pairs: Mapping[str, str]) -> None:
    from santral.whatif.newcomers import unfit

    why = unfit(record, pairs)
    if why is not None:
        raise typer.BadParameter(why, param_hint="--as")


# --- what is read --------------------------------------------------------------------------------------------------


@contextmanager
def _read() -> Iterator[None]:
    """What keeps a record or a message from being read, as one line and status 1."""
    from router.errors import SantralError
    from santral.whatif.reading import NoTraffic
    from santral.whatif.record_files import BadRecord

    try:
        yield
    except (BadRecord, NoTraffic, SantralError) as error:
        _fail(str(error))


def _from_file(path: Path, words: Words) -> tuple[Record, Messages]:
    from santral.whatif.record_files import read

    try:
        with bar(words("reading.file", file=path.name)) as shown:
            return read(path, shown.at), lambda _: None
    except OSError as error:
        _fail(f"{path}: {error.strerror or error}")


def _from_stack(
    connection: Connection, length: timedelta, words: Words, *, archive: bool, facts: bool
) -> tuple[Record, Messages]:
    from router.aws.blobs import Blobs
    from router.aws.configs import Configs
    from router.aws.dynamo import Dynamo
    from router.aws.table import Table
    from santral.whatif import archived, reading

    table = Dynamo(connection.client("dynamodb"), connection.outputs["TableName"], at_once=8)
    configs = Configs(table)
    stack = reading.Stack(Table(table, b""), configs.history, configs.once)
    until = now()
    with bar(words("reading.archive" if archive else "reading.table")) as shown:
        if archive:
            blobs = Blobs(connection.client("s3"), connection.outputs["BlobsBucketName"])
            record = archived.read(blobs, configs.once, until - length, until, shown.at)
        else:
            record = reading.read(stack, until - length, until, facts=facts, progress=shown.at)
    return record, reading.messages_of(stack.table)


def _save(record: Record, path: Path) -> None:
    from santral.whatif.record_files import write

    try:
        write(record, path)
    except OSError as error:
        _fail(f"{path}: {error.strerror or error}")
    typer.echo(f"{path}: {len(record.waits)} waits", err=True)


def _load(directory: Path) -> Config:
    from santral.configuration import BadConfiguration, load
    from santral.simulation.files import read

    try:
        return read(directory).config if directory.is_file() else load(directory)
    except (BadConfiguration, OSError) as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def now() -> datetime:
    """Until when traffic is read."""
    return datetime.now(UTC)
