"""`santral campaign run|pause|resume|cancel|confirm|status|list`: what people decide of campaigns, and how they stand."""

from __future__ import annotations

import json
import time
from typing import Annotated, Any

import typer

from santral.campaign_status import told_status
from santral.options import AsJson, Profile, Region, StackName, Yes, connected, show, sure, told

Name = Annotated[str, typer.Argument(metavar="NAME", help="As in the configuration.")]
Follow = Annotated[
    bool, typer.Option("--follow", "-f", help="Show its progress until it is done, or you press Ctrl+C.")
]
Language = Annotated[str, typer.Option("--language", help="Of what is told: en, tr.")]
_EVERY = 2.0
"""Seconds between two looks."""
_COLUMNS = ("name", "starts", "state", "runs")


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command("list")(list_)
    for command in (run, confirm, pause, resume, cancel, status):
        group.command(command.__name__)(command)


def list_(
    as_json: AsJson = False, stack_name: StackName = None, profile: Profile = None, region: Region = None
) -> None:
    """All campaigns, and what was decided of them."""
    with told():
        found = connected(stack_name, profile, region).api().get("/v1/campaigns")["campaigns"]
    rows = found if as_json else [_row(one) for one in found]
    show(rows, _COLUMNS, as_json=as_json, empty="The configuration has no campaigns.")


def _row(one: dict[str, Any]) -> dict[str, Any]:
    """As briefly as eighty columns need it."""
    state = "off" if not one["enabled"] else f"paused by {one['by']}" if one["paused"] else "on"
    return {**one, "starts": one["starts"].removeprefix("cron "), "state": state, "runs": len(one["runs"])}


def run(
    name: Name,
    yes: Yes = False,
    follow: Follow = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Set it off for its audience now. For a large share of all contacts it asks first."""
    from santral.api_client import ApiError, segment

    with told():
        api = connected(stack_name, profile, region).api("admin")
        path = f"/v1/campaigns/{segment(name)}/run"
        sure(f"Write to everybody whom campaign '{name}' is for? `santral campaign preview {name}` shows who.", yes=yes)
        try:
            api.post(path, {"confirmed": False})
        except ApiError as error:
            if error.status != 409 or ("share" not in str(error) and "%" not in str(error)):
                raise
            typer.echo(str(error).rpartition(" (")[0].capitalize() + ".", err=True)
            typer.confirm("Confirm?", abort=True)
            api.post(path, {"confirmed": True})
    typer.echo(f"Campaign '{name}' runs. `santral campaign status {name}` shows how it stands.")
    if follow:
        status(name, follow=True, stack_name=stack_name, profile=profile, region=region)


def confirm(
    name: Name,
    run_name: Annotated[str | None, typer.Option("--run", help="The run; the latest, without it.")] = None,
    yes: Yes = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Let a run go on that asks because it is for a large share of all contacts."""
    from santral.api_client import segment

    with told():
        api = connected(stack_name, profile, region).api("admin")
        found = api.get(f"/v1/campaigns/{segment(name)}/status", run=run_name)
        if found["state"] != "asking":
            what = (
                f"run {found['run']} of campaign '{name}' does not ask"
                if found["run"]
                else f"campaign '{name}' has no run"
            )
            typer.echo(f"There is nothing to confirm: {what}.", err=True)
            raise typer.Exit(1)
        sure(f"Run {found['run']} is for about {found['share']} % of all contacts. Let it go on?", yes=yes)
        api.post(f"/v1/campaigns/{segment(name)}/confirm", {"run": found["run"]})
    typer.echo(f"Run {found['run']} of campaign '{name}' goes on.")


def pause(name: Name, stack_name: StackName = None, profile: Profile = None, region: Region = None) -> None:
    """Hold everything of it that has not left."""
    _decide(name, "pause", stack_name, profile, region)
    typer.echo(f"Campaign '{name}' is paused: nothing more of it leaves.")


def resume(name: Name, stack_name: StackName = None, profile: Profile = None, region: Region = None) -> None:
    """Go on where it stood: nobody gets anything twice, nobody is passed over."""
    _decide(name, "resume", stack_name, profile, region)
    typer.echo(f"Campaign '{name}' goes on.")


def cancel(
    name: Name, yes: Yes = False, stack_name: StackName = None, profile: Profile = None, region: Region = None
) -> None:
    """End all that began until now. A later time of its schedule is a new run: switch it off in the configuration to end it for good."""
    sure(f"End everything of campaign '{name}' that has begun?", yes=yes)
    _decide(name, "cancel", stack_name, profile, region)
    typer.echo(f"Campaign '{name}' is cancelled: nobody more is written to by what has begun.")


def _decide(name: str, what: str, stack_name: str | None, profile: str | None, region: str | None) -> None:
    from santral.api_client import segment

    with told():
        connected(stack_name, profile, region).api("admin").post(f"/v1/campaigns/{segment(name)}/{what}", {})


def status(
    name: Name,
    run_name: Annotated[str | None, typer.Option("--run", help="The run; the latest, without it.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="All that began from this day on: 2026-12-01.")] = None,
    follow: Follow = False,
    language: Language = "en",
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """How a run stands: who was looked at, what left, why not, what it cost, what came of each variant."""
    from santral.api_client import segment

    with told():
        api = connected(stack_name, profile, region).api("admin")
        path = f"/v1/campaigns/{segment(name)}/status"
        found = api.get(path, run=run_name, since=since, language=language)
        if follow and not as_json:
            found = _followed(lambda: api.get(path, run=run_name, since=since, language=language), found)
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else told_status(found))


def _followed(look: Any, found: dict[str, Any]) -> dict[str, Any]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"), TimeElapsedColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("", total=None, told="")
        while True:
            settled = found["journeys"] - found["pending"]
            planning = found["state"] == "planning"
            progress.update(
                task,
                description=found["state"],
                total=None if planning else max(1, found["journeys"]),
                completed=settled,
                told=f"{found['looked']} looked at, {found['sent']} sent, {found['pending']} to go",
            )
            if found["state"] not in ("planning", "running") or (not planning and not found["pending"]):
                return found
            time.sleep(_EVERY)
            found = look()
