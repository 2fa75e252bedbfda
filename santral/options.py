"""What several commands share: which deployment, JSON or a table, asking before something is destroyed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from santral.reporting_choices import Language as Language

if TYPE_CHECKING:
    from santral.connection import Connection


Told = Annotated[Language, typer.Option("--language", "--lang", help="What it is told in.")]
StackName = Annotated[
    str | None, typer.Option("--stack-name", help="A stack in an AWS account; without it, the running `santral dev`.")
]
Profile = Annotated[str | None, typer.Option("--profile", help="The AWS profile to use with --stack-name.")]
Region = Annotated[str | None, typer.Option("--region", help="The AWS region to use with --stack-name.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
SHOWN = 100  # characters of one field
_LENGTH = re.compile(r"(\d+)([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def connected(stack_name: str | None, profile: str | None = None, region: str | None = None) -> Connection:
    """The deployment that was named; says what to do when there is none."""
    from botocore.exceptions import BotoCoreError, ClientError

    from santral.connection import NoConnection, connect

    try:
        return connect(stack_name, profile, region)
    except (NoConnection, BotoCoreError, ClientError) as error:
        raise _fail(str(error)) from None


@contextmanager
def told() -> Iterator[None]:
    """Errors of the API and of AWS as one line and status 1."""
    from botocore.exceptions import BotoCoreError, ClientError

    from santral.api_client import ApiError
    from santral.connection import NoConnection

    try:
        yield
    except (ApiError, NoConnection, BotoCoreError, ClientError) as error:
        raise _fail(str(error)) from None


def show(rows: Iterable[dict[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """Rows as a table, or as JSON lines with all their fields."""
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False, default=str))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(" ".join(str(row.get(column, "")).split())) for column in columns))
    if table.row_count:
        Console().print(table)
    else:
        typer.echo(empty)


def found(rows: Iterable[dict[str, Any]], id_: str, what: str) -> dict[str, Any]:
    """The row with this id; says so when there is none."""
    for row in rows:
        if row["id"] == id_:
            return row
    raise _fail(f"{what} has no {id_} (404)")


def described(row: dict[str, Any], columns: Sequence[str]) -> None:
    """A row, one field a line: what a person must know before they decide."""
    for column in columns:
        value = " ".join(str(row.get(column, "")).split())
        if value:
            short = value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
            typer.echo(f"  {column.replace('_', ' '):12}{short}", err=True)


def age(time_: str) -> str:
    """How long ago, roughly."""
    seconds = max(0, int((datetime.now(UTC) - datetime.fromisoformat(time_)).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def sure(question: str, *, yes: bool) -> None:
    """Ask before destroying; no answer, or no terminal, means no."""
    if not yes:
        typer.confirm(question, abort=True)


def country_of(text: str | None) -> str | None:
    """A country by its two letters, of numbers that name none; says so where there is no such country."""
    if text is None:
        return None
    import phonenumbers  # 20 ms, which no other command should pay

    if text.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise typer.BadParameter(f"'{text}' is no country: write two letters, such as TR")
    return text.upper()


def period(since: str) -> tuple[datetime, datetime]:
    """From when until when, in whole hours: 24h, 7d or 4w back."""
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    try:
        return end - back(since), end
    except OverflowError:
        raise typer.BadParameter(f"{since} is before all time", param_hint="--since") from None


def back(since: str, longest: timedelta = timedelta.max) -> timedelta:
    """How far back 24h, 7d or 4w is."""
    found = _LENGTH.fullmatch(since.strip())
    hours = int(found[1]) * _HOURS[found[2]] if found is not None else 0
    if not hours:
        raise typer.BadParameter(f"{since!r} is no time; write 24h, 7d or 4w", param_hint="--since")
    if hours > longest // timedelta(hours=1):
        what = f"longer than {longest.days} days" if longest < timedelta.max else "before all time"
        raise typer.BadParameter(f"{since} is {what}", param_hint="--since")
    return timedelta(hours=hours)


def _fail(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)
