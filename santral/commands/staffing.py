"""`santral staffing`: agents per interval and skill for a target, by simulation; and `santral scenario`: a scenario from history."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from santral.options import Language, Profile, Region, StackName, Told, connected, period, told
from santral.progress import bar

if TYPE_CHECKING:
    from santral.simulation.files import Ready
    from santral.simulation.history import Past
    from santral.simulation.staff_plans import Goal, Staffing

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WIDE = 80
Zone = Annotated[str | None, typer.Option(help="Whose clock hours are by; else that of the first calendar, else UTC.")]


class Per(StrEnum):
    """Of what the target is reached apart."""

    all = "all"
    queue = "queue"
    channel = "channel"
    tier = "tier"


class Day(StrEnum):
    """Which day is planned."""

    mon = "mon"
    tue = "tue"
    wed = "wed"
    thu = "thu"
    fri = "fri"
    sat = "sat"
    sun = "sun"
    busiest = "busiest"
    all = "all"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("staffing")(staffing)
    app.command("scenario")(scenario)


def staffing(
    file: Annotated[
        Path | None, typer.Argument(metavar="[SCENARIO.yaml]", help="Without it, history: --since.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Plan for what came in the last 28d, 4w or 240h.")] = None,
    target: Annotated[
        float, typer.Option(min=1, max=99.9, help="Per cent dealt with in their own target, in every interval.")
    ] = 80,
    per: Annotated[
        Per, typer.Option(help="Reach it for all together, or for each queue, channel or tier apart.")
    ] = Per.all,
    interval: Annotated[int, typer.Option(min=5, max=1440, help="Minutes.")] = 30,
    shrinkage: Annotated[
        float, typer.Option(min=0, max=90, help="Per cent of paid time in which agents are not there.")
    ] = 0,
    day: Annotated[
        Day | None, typer.Option(help="A weekday, the busiest, or all seven; else a file's first, history's busiest.")
    ] = None,
    policy: Annotated[
        str, typer.Option(help="Match every pool so; as-configured: as each pool says.")
    ] = "as-configured",
    load: Annotated[
        float | None, typer.Option(min=0.01, max=10, help="Scale what comes, as in `santral simulate`.")
    ] = None,
    replications: Annotated[
        int | None, typer.Option(min=2, max=10_000, help="Of each day; else as in the scenario.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; else one for each processor.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each day.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="A line for each interval and team or queue.")] = False,
    language: Told = Language.en,
    zone: Zone = None,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Plan how many agents of each skill a day takes, by simulation, with Erlang C and A beside it; docs/staffing.md."""
    import json

    from router.errors import Invalid
    from santral.simulation import staffing_texts
    from santral.simulation.staff_plans import Goal
    from santral.simulation.staffing_words import word

    if (file is None) == (since is None):
        raise typer.BadParameter("name a scenario's file, or history by --since 28d: one of both")
    if as_json and as_csv:
        raise typer.BadParameter("--json or --csv, not both")
    goal = Goal(target / 100, per.value, interval, shrinkage / 100)
    plans: list[Staffing] = []
    try:
        with told():
            ready = _under(_ready(file, since, zone, language, stack_name, profile, region), policy)
        for one in _days(ready, day, history=since is not None):
            plans.append(_planned(one, goal, ready, load, replications, workers, language))
            if as_json:
                typer.echo(json.dumps(staffing_texts.as_data(plans[-1]), ensure_ascii=False))
            elif not as_csv:
                typer.echo(
                    ("\n" if len(plans) > 1 else "") + staffing_texts.told(plans[-1], language, _width()), nl=False
                )
    except (Invalid, OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if as_csv:
        typer.echo(staffing_texts.as_csv(plans), nl=False)
    if not all(plan.reached for plan in plans):
        if as_json or as_csv:
            typer.echo(word("missed", language), err=True)
        raise typer.Exit(1)


def scenario(
    since: Annotated[str, typer.Option(help="From what came in the last 28d, 4w or 240h.")] = "28d",
    out: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
    name: Annotated[str, typer.Option(help="What it is called.")] = "from history",
    language: Told = Language.en,
    zone: Zone = None,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Draw a scenario from history, to be changed and tried: who came when, how long work took, who gave up, who was there."""
    from santral.simulation.drafting import draft

    try:
        with told():
            text = draft(_past(since, zone, language, stack_name, profile, region), name)
        if out is not None:
            out.write_text(text, encoding="utf-8")
        else:
            typer.echo(text, nl=False)
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _past(
    since: str, zone: str | None, language: Language, stack_name: str | None, profile: str | None, region: str | None
) -> Past:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from santral.simulation import recorded
    from santral.simulation.staffing_words import word

    start, end = period(since)
    try:
        if zone is not None:
            ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter(f"there is no time zone '{zone}'", param_hint="--zone") from None
    connection = connected(stack_name, profile, region)
    with bar(word("reading", language), 1.0, parts=False) as shown:
        return recorded.read(recorded.kept(connection), start, end, zone, shown.at)


def _ready(
    file: Path | None, since: str | None, zone: str | None, language: Language, stack_name: str | None, profile: str | None,
    region: str | None,
) -> Ready:  # fmt: skip
    from tempfile import TemporaryDirectory

    from santral.simulation import files
    from santral.simulation.drafting import draft

    if file is not None:
        return files.read(file)
    text = draft(_past(since or "", zone, language, stack_name, profile, region), f"--since {since}")
    with TemporaryDirectory() as made:
        drawn = Path(made) / "scenario.yaml"
        drawn.write_text(text, encoding="utf-8")
        return files.read(drawn)


def _under(ready: Ready, policy: str) -> Ready:
    from dataclasses import replace
    from typing import get_args

    from router.config import PolicyName
    from santral.simulation.experiment import AS_CONFIGURED, under

    variants = ready.scenario.variants
    known = (AS_CONFIGURED, *get_args(PolicyName), *variants)
    if policy not in known:
        raise ValueError(f"there is no policy '{policy}'; there are {', '.join(known)}")
    return replace(ready, config=under(ready.config, policy, variants))


def _days(ready: Ready, day: Day | None, *, history: bool) -> Iterator[Ready]:
    from santral.simulation.demand import Idle, busiest, one_day

    day = day or (Day.busiest if history else None)
    if day is None:
        yield one_day(ready)
    elif day is Day.busiest:
        yield one_day(ready, busiest(ready))
    elif day is Day.all:
        for number in range(7):
            try:
                one = one_day(ready, number)
            except Idle:
                continue
            yield one
    else:
        yield one_day(ready, _DAYS.index(day.value))


def _planned(
    one: Ready, goal: Goal, whole: Ready, load: float | None, replications: int | None, workers: int | None, language: Language
) -> Staffing:  # fmt: skip
    from santral.simulation.staffing import staffing as plan
    from santral.simulation.staffing_words import weekday, word

    each, done = replications or one.scenario.replications, 0
    day = weekday(one.scenario.start, language)
    with bar(word("planning", language, day=day, number=1), 1.0, parts=False) as shown:

        def tick() -> None:
            nonlocal done
            shown.at(done % each / each, word("planning", language, day=day, number=done // each + 1))
            done += 1

        return plan(one, goal, load=load, replications=replications, workers=workers, progress=tick, whole=whole)


def _width() -> int:
    return shutil.get_terminal_size((_WIDE, 24)).columns if sys.stdout.isatty() else _WIDE
