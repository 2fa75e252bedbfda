"""`santral audit`: who did what."""

from __future__ import annotations

from typing import Annotated

import typer

from santral.options import AsJson, Profile, Region, StackName, connected, show, told


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit")(audit)


def audit(
    day: Annotated[str | None, typer.Option(help="YYYY-MM-DD, UTC; today without it.")] = None,
    who: Annotated[str | None, typer.Option(help="A user's name, or client:NAME.")] = None,
    what: Annotated[str | None, typer.Option(help="reply, resolve, block, client.create...")] = None,
    subject: Annotated[
        str | None, typer.Option(help="A conversation's id, contact:ID, agent:NAME, campaign:NAME, client:ID...")
    ] = None,
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Print who did what on a day, or everything that was done to one thing, oldest first."""
    with told():
        api = connected(stack_name, profile, region).api("admin")
        rows = api.pages("/v1/audit", "entries", day=day, who=who, what=what, subject=subject)
        show(rows, ("at", "who", "what", "subject"), as_json=as_json, empty="Nothing was done.")
