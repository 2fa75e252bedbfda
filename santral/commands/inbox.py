"""`santral inbox`: is an inbox ready, and what is missing?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from santral.options import Profile, Region, StackName, Yes, connected, told

if TYPE_CHECKING:
    from santral.inbox import Inspector
    from santral.inbox_checks import Line

_COLOURS = {"ok": typer.colors.GREEN, "missing": typer.colors.RED, "unknown": typer.colors.YELLOW}


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Inboxes: what is missing until one works.", no_args_is_help=True)
    group.callback()(lambda: None)
    group.command("check")(check)
    app.add_typer(group, name="inbox")


def check(
    name: Annotated[str, typer.Argument(help="The inbox, as in config/inboxes.yaml.")],
    url: Annotated[
        str | None, typer.Option("--url", help="Base URL that providers call, if it is not the stack's ApiUrl.")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Offer to mend what the provider's API can mend.")] = False,
    yes: Yes = False,
    directory: Annotated[Path, typer.Option("--config", help="The directory with the YAML files.")] = Path("config"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Say what an inbox has and lacks: configuration, credentials by name, our webhook, and what its provider knows.

    Each line is ok, missing (with what to do) or unknown (nobody can tell from here). It asks the provider where that has an
    API, by calls that change nothing; with --fix it offers to set webhooks and subscriptions. No secret is printed.

    Exit status 1 if something is missing.
    """
    from santral.inbox import Inspector

    connection = connected(stack_name, profile, region)
    with told():
        inspector = Inspector(connection, name, url, directory)
        lines = _show(inspector, as_json=as_json)
        if fix and _mend(inspector, lines, yes=yes):
            if not as_json:
                typer.echo("Looking again:")
            lines = _show(inspector, as_json=as_json)
    if any(line.state == "missing" for line in lines):
        raise typer.Exit(1)


def _show(inspector: Inspector, *, as_json: bool) -> list[Line]:
    import json

    lines = []
    for line in inspector.lines():
        lines.append(line)
        if as_json:
            row = {"inbox": inspector.name, "state": line.state, "what": line.what, "todo": line.todo or None}
            typer.echo(json.dumps(row | {"fixable": line.fix is not None}, ensure_ascii=False))
            continue
        typer.secho(f"{line.state:8}", fg=_COLOURS[line.state], nl=False)
        typer.echo(line.what)
        if line.todo:
            typer.echo(f"{'':8}→ {line.todo}")
    return lines


def _mend(inspector: Inspector, lines: list[Line], *, yes: bool) -> bool:
    """Offer each fix once; whether one was made."""
    made = False
    asked: set[str] = set()
    for fix in (line.fix for line in lines if line.fix is not None):
        if fix.question in asked:
            continue
        asked.add(fix.question)
        if not yes and not typer.confirm(fix.question, err=True):
            continue
        why = inspector.mend(fix)
        typer.echo(f"failed: {why}" if why else "done", err=True)
        made = made or why is None
    return made
