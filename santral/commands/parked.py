"""`santral parked`: sends that wait for a person because their outcome is unknown, or failed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from santral.options import AsJson, Profile, Region, StackName, Yes, age, connected, described, found, show, sure, told

if TYPE_CHECKING:
    from santral.api_client import ApiClient

SendId = Annotated[str, typer.Argument(metavar="ID", help="As in `santral parked list`.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Sends whose outcome nobody knows: list, resend, discard.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("resend")(resend)
    group.command("discard")(discard)
    app.add_typer(group, name="parked")


def list_(
    as_json: AsJson = False, stack_name: StackName = None, profile: Profile = None, region: Region = None
) -> None:
    """List the parked sends, oldest first."""
    with told():
        rows = connected(stack_name, profile, region).api().pages("/v1/parked", "parked")
        columns = ("id", "since", "channel", "recipient", "attempts", "reason")
        show(rows, columns, as_json=as_json, empty="No send is parked.")


def resend(
    send: SendId, yes: Yes = False, stack_name: StackName = None, profile: Profile = None, region: Region = None
) -> None:
    """Send it once more. If the first attempt did go out after all, the customer gets it twice."""
    with told():
        api = connected(stack_name, profile, region).api()
        _settle(api, send, "resend", f"Send {send} again? The customer may have it already.", yes=yes)
    typer.echo(f"{send} is queued again.")


def discard(
    send: SendId, yes: Yes = False, stack_name: StackName = None, profile: Profile = None, region: Region = None
) -> None:
    """Never send it. It stays in the conversation as discarded."""
    with told():
        api = connected(stack_name, profile, region).api()
        _settle(api, send, "discard", f"Discard {send}? It will never be sent.", yes=yes)
    typer.echo(f"{send} is discarded.")


def _settle(api: ApiClient, send: str, what: str, question: str, *, yes: bool) -> None:
    """Show what it is about, ask, and do it."""
    from santral.api_client import segment

    row = found(api.pages("/v1/parked", "parked"), send, "the list of parked sends")
    shown = row | {"age": age(row["since"])}
    described(shown, ("recipient", "channel", "age", "attempts", "reason", "text"))
    sure(question, yes=yes)
    api.post(f"/v1/parked/{segment(send)}/{what}")
