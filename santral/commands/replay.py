"""`santral replay`: a decision made again from what it saw, by this release, and compared byte by byte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from santral.options import AsJson, Profile, Region, StackName, connected, told

if TYPE_CHECKING:
    from router.replaying import Kept, Replay
    from santral.connection import Connection


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay")(replay)


def replay(
    subject: Annotated[
        str,
        typer.Argument(metavar="DECISION", help="A decision's id (d_...), or a conversation's (c_...) for all of its."),
    ],
    source: Annotated[
        Literal["table", "archive"] | None,
        typer.Option(
            "--from", help="Only from there; by default from the table, and what is not there from the archive."
        ),
    ] = None,
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Make a decision again from the snapshot it names, and say whether the same bytes come out; exit status 1 if they do not.

    This machine's release decides: it reads the record, the roster and the version of the configuration with your AWS
    credentials and judges them anew. The rules are judged again as well, from the message; where that was erased, the replay
    says so.
    """
    import json

    from router import replaying
    from router.decision_views import replay_view
    from router.errors import SantralError

    failed = 0
    with told():
        kept = _kept(connected(stack_name, profile, region))
        try:
            found = [subject] if subject.startswith("d_") else replaying.decisions_of(kept, subject, source)
            for decision in found:
                result = replaying.replay(kept, decision, source)
                failed += not result.same
                view = replay_view(result)
                for line in [json.dumps(view.model_dump(), ensure_ascii=False)] if as_json else _lines(result):
                    typer.echo(line)
        except SantralError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
    if not found:
        typer.echo(f"{subject} has no decision of the matcher's{f' in the {source}' if source else ''}.", err=True)
    if failed or not found:
        raise typer.Exit(1)


def _kept(connection: Connection) -> Kept:
    from router.aws.blobs import Blobs
    from router.aws.configs import Configs
    from router.aws.dynamo import Dynamo
    from router.aws.table import Table
    from router.replaying import Kept

    table = Dynamo(connection.client("dynamodb"), connection.outputs["TableName"])
    blobs = Blobs(connection.client("s3"), connection.outputs["BlobsBucketName"])
    return Kept(Table(table, b""), blobs, Configs(table).once)


def _lines(result: Replay) -> Iterator[str]:
    """What a person reads."""
    if result.same:
        yield f"{result.decision}: the same bytes, SHA-256 {result.sha256}"
    elif result.made is None:
        yield f"{result.decision}: cannot be replayed: {result.problem}"
    else:
        yield f"{result.decision}: NOT the same: SHA-256 {result.sha256} is kept, {result.made} came out"
    who = result.record.get("agent")
    yield f"  {f'given to {who}' if who else 'nobody could take it'}; record and roster as in the {result.source}"
    parts = ("config", "policy", "pool", "roster")
    yield "  " + ", ".join(f"{part} {result.named(part) or '?'}" for part in parts)
    if result.made is not None and result.problem is not None:
        yield f"  {result.problem}"
    for one in result.differences:
        yield f"  {one.where}: kept {_short(one.kept)}, came out {_short(one.made)}"
    said = result.record.get("rules") or {}
    if result.judged:
        yield f"  the rules were judged again: {', '.join(said['matched']) or 'none matched'}"
    for gone in result.erased:
        yield f"  erased: {gone}; so the rules were not judged again"
    for today in result.present:
        yield f"  taken as it is today: {today}"


def _short(value: Any) -> str:
    import json

    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:199] + "…"
