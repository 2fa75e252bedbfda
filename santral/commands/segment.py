"""`santral segment`: how many belong to a segment, and some of them, before it is used."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from santral.options import AsJson, Profile, Region, StackName, connected, show, told


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("segment")(segment)


def segment(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As in the configuration in force.")],
    sample: Annotated[int, typer.Option(min=0, max=1000, help="So many of them are shown.")] = 10,
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Count who belongs to a segment now, over all contacts of the stack, and show some of them. Nothing is written."""
    from santral.api_client import segment as path_of
    from santral.progress import bar

    looked = inside = 0
    shown: list[dict[str, Any]] = []
    cursor: str | None = None
    with told():
        api = connected(stack_name, profile, region).api("supervisor")
        with bar("contacts") as seen:
            while True:
                page = api.get(f"/v1/segments/{path_of(name)}", cursor=cursor)
                looked, inside = looked + page["looked"], inside + page["inside"]
                shown += page["members"][: max(0, sample - len(shown))]
                seen.at(looked)
                cursor = page["next"]
                if cursor is None:
                    break
    if as_json:
        typer.echo(
            json.dumps({"segment": name, "looked": looked, "inside": inside, "sample": shown}, ensure_ascii=False)
        )
        return
    share = f" ({100 * inside / looked:.1f} %)" if looked else ""
    typer.echo(f"{inside} of {looked} contacts belong to '{name}'{share}.")
    rows = [{**one, "name": one["name"] or "", "channels": ", ".join(one["channels"])} for one in shown]
    if rows:
        show(rows, ("contact", "name", "channels"), as_json=False, empty="")
