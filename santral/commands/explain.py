"""`santral explain`: why a conversation is where it is, told as a story."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from enum import StrEnum
from typing import Annotated, Any

import typer

from santral.options import AsJson, Profile, Region, StackName, connected, told

_INDENT = 11
_NARROW = 50
_COUNTED = re.compile(r"(?<=\d) (?=\w)|(?<=\d\.) (?=\w)|(?<=\w) (?=\d+\))")
_TIE = "\N{NO-BREAK SPACE}"


class Audience(StrEnum):
    """Whom it is told to."""

    agent = "agent"
    supervisor = "supervisor"


class Language(StrEnum):
    """What it is told in."""

    en = "en"
    tr = "tr"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    conversation: Annotated[str, typer.Argument(metavar="CONVERSATION", help="Its id, c_...")],
    language: Annotated[Language, typer.Option(help="What it is told in.")] = Language.en,
    audience: Annotated[
        Audience,
        typer.Option("--as", help="An agent reads how many could not take it; a supervisor who, with scores and ids."),
    ] = Audience.supervisor,
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Tell what happened to a conversation and why; of one that waits, why nobody has taken it yet."""
    from santral.api_client import segment

    with told():
        api = connected(stack_name, profile, region).api(audience.value)
        path = f"/v1/conversations/{segment(conversation)}/explanation"
        found = api.get(path, **{"language": language.value, "as": audience.value})
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _tell(found)


def _tell(found: dict[str, Any]) -> None:
    _say(found["title"], "")
    _say(found["note"], "")
    day = None
    for line in found["story"]:
        if line["day"] != day:
            day = line["day"]
            typer.echo(f"\n{day}")
        _say(line["text"], f"  {line['clock']:<{_INDENT - 2}}")
        for detail in line["details"]:
            _say(detail, " " * (_INDENT + 2))
        if line["decision"]:
            _say(f"[{line['decision']}, {line['config']}]", " " * (_INDENT + 2))
    typer.echo("")
    for text in (*found["now"]["text"], *filter(None, [found["now"]["you"]])):
        _say(text, "")


def _say(text: str, before: str) -> None:
    """One sentence, folded to the terminal's width with its continuation indented; whole where there is no terminal.

    A number stays on the line of what it counts. What no terminal should be told (others wrote the names and notes) is a space.
    """
    text = "".join(one if one.isprintable() else " " for one in text)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    if width < _NARROW:
        typer.echo(before + text)
        return
    rest = " " * len(before)
    told_ = textwrap.fill(
        _COUNTED.sub(_TIE, text), width, initial_indent=before, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    typer.echo(told_.replace(_TIE, " "))
