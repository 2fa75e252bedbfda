"""`santral quarantine`: authentic calls that could not be read."""

from __future__ import annotations

from typing import Annotated

import typer

from santral.options import AsJson, Profile, Region, StackName, Yes, age, connected, described, found, show, sure, told

CallId = Annotated[str, typer.Argument(metavar="ID", help="As in `santral quarantine list`.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Authentic calls that could not be read: list, retry, discard.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("retry")(retry)
    group.command("discard")(discard)
    app.add_typer(group, name="quarantine")


def list_(
    as_json: AsJson = False, stack_name: StackName = None, profile: Profile = None, region: Region = None
) -> None:
    """List what is in quarantine, oldest first."""
    with told():
        rows = connected(stack_name, profile, region).api().pages("/v1/quarantine", "quarantine")
        columns = ("id", "received_at", "channel", "inbox", "bytes", "reason")
        show(rows, columns, as_json=as_json, empty="Nothing is in quarantine.")


def retry(call: CallId, stack_name: StackName = None, profile: Profile = None, region: Region = None) -> None:
    """Read it once more, after a fix was deployed. What was read already is not read twice."""
    from santral.api_client import segment

    with told():
        connected(stack_name, profile, region).api().post(f"/v1/quarantine/{segment(call)}/retry")
    typer.echo(f"{call} was read again.")


def discard(
    call: CallId, yes: Yes = False, stack_name: StackName = None, profile: Profile = None, region: Region = None
) -> None:
    """Give it up: what the customer wrote in it will reach nobody."""
    from santral.api_client import segment

    with told():
        api = connected(stack_name, profile, region).api()
        row = found(api.pages("/v1/quarantine", "quarantine"), call, "the quarantine")
        described(row | {"age": age(row["received_at"])}, ("channel", "inbox", "age", "bytes", "reason"))
        sure(f"Discard {call}? Nobody will ever read it.", yes=yes)
        api.post(f"/v1/quarantine/{segment(call)}/discard")
    typer.echo(f"{call} is discarded.")
