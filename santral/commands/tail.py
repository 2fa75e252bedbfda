"""`santral tail`: watch conversations change."""

from __future__ import annotations

from typing import Annotated

import typer

from santral.options import AsJson, Profile, Region, StackName, connected, told


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("tail")(tail)


def tail(
    every: Annotated[float, typer.Option(help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Print what there is and stop.")] = False,
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Print each conversation when it begins or changes, newest change last, until Ctrl-C."""
    import json
    import time

    states = ("waiting", "active", "pending", "resolved")
    connection = connected(stack_name, profile, region)
    seen: dict[str, int] = {}
    with told():
        api = connection.api()
        while True:
            found = [
                c for state in states for c in api.get("/v1/conversations", state=state, limit=100)["conversations"]
            ]
            found.sort(key=lambda c: c["last_outbound_at"] or c["last_inbound_at"] or c["opened_at"])
            for conversation in found:
                if seen.get(conversation["id"]) == conversation["version"]:
                    continue
                seen[conversation["id"]] = conversation["version"]
                typer.echo(json.dumps(conversation, ensure_ascii=False) if as_json else _line(conversation))
            if once:
                return
            try:
                time.sleep(every)
            except KeyboardInterrupt:
                return


def _due(conversation: dict[str, object]) -> str:
    """How the answer stands: due, late, given; or that the customer wrote again after it."""
    from datetime import datetime

    clock = conversation["first_response"]
    wrote, answered = conversation["last_inbound_at"], conversation["last_outbound_at"]
    if isinstance(clock, dict) and clock["met_at"] and isinstance(wrote, str) and conversation["state"] != "resolved":
        when = datetime.fromisoformat(wrote)
        if when > datetime.fromisoformat(str(answered or clock["met_at"])):
            return f"customer waits since {when.astimezone():%H:%M:%S}"
    if isinstance(clock, dict):
        what = "answered" if clock["met_at"] else "late since" if clock["breached_at"] else "due"
        at = datetime.fromisoformat(clock["met_at"] or clock["due_at"]).astimezone()
        return f"{what} {at:%H:%M:%S}"
    return ""


def _line(conversation: dict[str, object]) -> str:
    from datetime import datetime

    parts = (
        f"{datetime.now().astimezone():%H:%M:%S}",
        str(conversation["state"]).ljust(8),
        str(conversation["channel"]).ljust(8),
        str(conversation["queue"]).ljust(8),
        str(conversation["agent"] or "-").ljust(8),
        _due(conversation).ljust(18),
        str(conversation["customer"]),
        f"“{conversation['preview']}”",
    )
    return "  ".join(parts)
