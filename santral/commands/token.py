"""`santral token`: a token for curl."""

from __future__ import annotations

from typing import Annotated

import typer

from santral.options import Profile, Region, StackName, connected, told


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("token")(token)


def token(
    who: Annotated[str, typer.Argument(metavar="ROLE|USER", help="agent, supervisor, admin; or a user's name.")],
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Print an ID token of a sample user of the running dev, good for an hour: `Authorization: Bearer ...` for the API.

    With --stack-name it is the user in SANTRAL_EMAIL and SANTRAL_PASSWORD.
    """
    with told():
        connection = connected(stack_name, profile, region)
        role = next((user.role for user in connection.users if who and who in (user.name, user.email)), who)
        known = {user.role for user in connection.users}
        if known and role not in known:
            names = ", ".join(f"{user.role} ({user.name})" if user.name else user.role for user in connection.users)
            raise typer.BadParameter(f"there is no '{who}'; there are: {names}")
        typer.echo(connection.token(role))
