"""`santral explain`: why a conversation is where it is; `explain sla`: its deadlines; `explain outreach`: a person's journeys."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from santral.options import AsJson, Language, Profile, Region, StackName, Told, connected, told

_STORY = "story"
_INDENT = 11
_NARROW = 50
_COUNTED = re.compile(r"(?<=\d) (?=\w)|(?<=\d\.) (?=\w)|(?<=\w) (?=\d+\))")
_TIE = "\N{NO-BREAK SPACE}"


class Audience(StrEnum):
    """Whom it is told to."""

    agent = "agent"
    supervisor = "supervisor"


class _StoryFirst(TyperGroup):
    """Commands of which one goes without its name: `santral explain CONVERSATION` tells the story."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name in where none is written."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = [_STORY, *args]
        return super().parse_args(ctx, args)


Id = Annotated[str, typer.Argument(metavar="CONVERSATION", help="Its id, c_...")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        cls=_StoryFirst,
        no_args_is_help=True,
        help="Why a conversation is where it is (`explain CONVERSATION`), how its deadlines came about (`explain sla CONVERSATION`), and "
        "what campaigns sent a person, or why not (`explain outreach CONTACT`).",
    )
    group.command(_STORY)(explain)
    group.command("sla")(explain_sla)
    group.command("outreach")(explain_outreach)
    app.add_typer(group, name="explain")


def explain(
    conversation: Id,
    language: Told = Language.en,
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


def explain_sla(
    conversation: Id,
    language: Told = Language.en,
    every: Annotated[
        bool, typer.Option("--all", help="With the sums of clocks that are over and had others after them.")
    ] = False,
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show each deadline of a conversation with its sum: what counts, every pause and holiday that does not, and when it is due."""
    from santral.api_client import segment

    with told():
        api = connected(stack_name, profile, region).api("supervisor")
        found = api.get(f"/v1/conversations/{segment(conversation)}/sla", language=language.value)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _show(found, every=every)


def explain_outreach(
    contact: Annotated[str | None, typer.Argument(metavar="[CONTACT]", help="Their id, p_...")] = None,
    channel: Annotated[
        str | None, typer.Option(help="Instead of the id: email, sms, whatsapp... of --address.")
    ] = None,
    address: Annotated[str | None, typer.Option(help="Instead of the id: an address of theirs.")] = None,
    language: Told = Language.en,
    as_json: AsJson = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Tell what campaigns sent a person, what is held and until when, and why the rest did not leave; the newest first."""
    from santral.api_client import segment

    given = (contact is not None, channel is not None, address is not None)
    if given not in ((True, False, False), (False, True, True)):
        raise typer.BadParameter("name a contact, or an address with --channel and --address")
    with told():
        api = connected(stack_name, profile, region).api("supervisor")
        id_ = contact or api.get("/v1/contacts", channel=channel, address=address)["id"]
        found = api.get(f"/v1/contacts/{segment(id_)}/outreach", language=language.value)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    _say(found["title"], "")
    _say(found["note"], "")
    for one in found["journeys"]:
        typer.echo("")
        _say(one["title"], "")
        _say(one["told"], "  ")
        if one["details"]:
            _say(" ".join(one["details"]), "  ")


def _show(found: dict[str, Any], *, every: bool) -> None:
    _say(found["title"], "")
    for text in found["note"]:
        _say(text, "")
    for clock in found["clocks"]:
        typer.echo("")
        _say(f"{clock['title']}: {clock['state_text']}", "")
        for text in clock["text"]:
            _say(text, "  ")
        if clock["latest"] or every:
            _table([(line["label"], line["text"], line["length"]) for line in clock["lines"]])
    for promise in found["promises"]:
        typer.echo("")
        _say(promise["text"], "")


def _table(rows: list[tuple[str, str, str]]) -> None:
    """Three columns, the last at the right; what is too long for the middle goes on below its beginning."""
    if not rows:
        return
    first, last = (max(len(row[column]) for row in rows) for column in (0, 2))
    left, width = f"  {'':{first}}  ", _width()
    room = max(max(len(row[1]) for row in rows) if width < _NARROW else width - len(left) - last - 2, _NARROW // 2)
    typer.echo("")
    for label, text, length in rows:
        folded = textwrap.wrap(_kept(text), room, break_long_words=False, break_on_hyphens=False) or [""]
        typer.echo(f"  {label:<{first}}  {_loose(folded[0]):<{room}}  {length:>{last}}")
        for more in folded[1:]:
            typer.echo(left + _loose(more))


def _width() -> int:
    """Of the terminal; 0 where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _kept(text: str) -> str:
    """What no terminal should be told (others wrote the names and notes) is a space; a number stays with what it counts."""
    return _COUNTED.sub(_TIE, "".join(one if one.isprintable() else " " for one in text))


def _loose(text: str) -> str:
    return text.replace(_TIE, " ")


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
    """One sentence, folded to the terminal's width with its continuation indented; whole where there is no terminal."""
    width = _width()
    if width < _NARROW:
        typer.echo(before + _loose(_kept(text)))
        return
    rest = " " * len(before)
    told_ = textwrap.fill(
        _kept(text), width, initial_indent=before, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    typer.echo(_loose(told_))
