"""`santral dlq`: the dead-letter queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from santral.options import AsJson, Profile, Region, StackName, Yes, connected, found, show, sure, told

if TYPE_CHECKING:
    from santral.connection import Connection
    from santral.dlq import Letter

Queue = Annotated[
    str, typer.Argument(metavar="QUEUE", help="inbound, match, outbound, outreach, happen, timer, due, mail, sweep...")
]
Id = Annotated[str | None, typer.Option("--id", help="Only this letter.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Dead-letter queues: list, redrive, discard.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("redrive")(redrive)
    group.command("discard")(discard)
    app.add_typer(group, name="dlq")


def list_(
    queue: Annotated[str | None, typer.Argument(metavar="[QUEUE]", help="Only this one.")] = None,
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """List dead letters: where, when, how often tried. Never what is in them."""
    from santral import dlq

    with told():
        connection = connected(stack_name, profile, region)
        letters = [letter for name in _chosen(connection, queue) for letter in dlq.read(connection, name)]
        for letter in letters:
            dlq.release(connection, letter)
    columns = ("queue", "id", "sent", "receives", "bytes")
    show((letter.view() for letter in letters), columns, as_json=as_json, empty="All dead-letter queues are empty.")


def redrive(
    queue: Queue,
    letter_id: Id = None,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Put letters back into the queue they came from, under their old order group."""
    from santral import dlq

    with told():
        connection = connected(stack_name, profile, region)
        letters = _letters(connection, queue, letter_id)
        try:
            for letter in letters:
                dlq.redrive(connection, letter)
        except dlq.NoWayBack as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
    typer.echo(f"{len(letters)} back in the {queue} queue.")


def discard(
    queue: Queue,
    letter_id: Id = None,
    yes: Yes = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Delete letters for good: what they asked for will never be done."""
    from santral import dlq

    with told():
        connection = connected(stack_name, profile, region)
        letters = _letters(connection, queue, letter_id)
        if letter_id is not None and not letters:
            found([], letter_id, f"the {queue} dead-letter queue")
        if letters and not yes:
            columns = ("queue", "id", "sent", "receives", "bytes")
            show((letter.view() for letter in letters), columns, as_json=False, empty="")
        if letters:
            sure(f"Delete {len(letters)} from the {queue} dead-letter queue for good?", yes=yes)
        for letter in letters:
            dlq.discard(connection, letter)
    typer.echo(f"{len(letters)} deleted.")


def _letters(connection: Connection, queue: str, letter_id: str | None) -> list[Letter]:
    """The chosen letters; the others are visible again at once."""
    from santral import dlq

    chosen = []
    for name in _chosen(connection, queue):
        for letter in dlq.read(connection, name):
            if letter_id in (None, letter.id):
                chosen.append(letter)
            else:
                dlq.release(connection, letter)
    return chosen


def _chosen(connection: Connection, queue: str | None) -> list[str]:
    from santral import dlq

    known = dlq.names(connection)
    if queue is None:
        return known
    if queue not in known:
        raise typer.BadParameter(f"there is no dead-letter queue '{queue}'; there are: {', '.join(known)}")
    return [queue]
