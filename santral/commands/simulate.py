"""`santral simulate`: a contact centre tried out, under one policy or several side by side."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from errno import EISDIR
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from santral.options import Language, Told
from santral.progress import bar

if TYPE_CHECKING:
    from santral.simulation.experiment import Trial
    from santral.simulation.files import Ready
    from santral.simulation.results import Result
    from santral.simulation.sweep import Sweep

_WIDE = 80  # columns, where no terminal says how many there are


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.yaml", help="docs/simulation.md says what it holds.")],
    load: Annotated[
        float | None,
        typer.Option(min=0.001, max=100, help="Scale arrivals to this share of what agents could do: 0.95."),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(help="Match every pool so; repeat it for several side by side. as-configured: as each pool says."),
    ] = None,
    replications: Annotated[int | None, typer.Option(min=1, help="How often, each with other chances.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the chances: the same seed, the same days.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days of each replication.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; as many as processors by default.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a report to this file, a page that needs no server.")] = None,
    plots: Annotated[Path | None, typer.Option(help="Draw plots as PNG into this folder.")] = None,
    target: Annotated[
        float | None, typer.Option(min=1, max=100, help="How many more agents for this service level in per cent: 90.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="With --target: more of this group; else of all, in proportion.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="Write the first replication's traffic to this file, for santral whatif --file.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object: shares from 0 to 1, times in seconds.")
    ] = False,
    language: Told = Language.en,
) -> None:
    """Try a contact centre out: the decisions of production, over customers and agents that a scenario draws.

    Each replication meets the same customers under every policy, so differences are those of the policies. Figures are means over
    replications with 95 % confidence intervals.
    """
    from santral.configuration import BadConfiguration
    from santral.simulation.experiment import experiment, nominal_load, trials
    from santral.simulation.figures import differences, figures
    from santral.simulation.narrow_tables import folded
    from santral.simulation.results import Result
    from santral.simulation.told import (
        About,
        as_data,
        as_points,
        difference_line,
        doing,
        headline,
        legend,
        never,
        points,
        sweep_line,
        table,
    )

    try:
        ready = _read(scenario, load, policy, replications, seed, days)
        plan, config = ready.scenario, ready.config
        _checked(ready, target, group)
        _folders(html, record)
        tried = trials(plan, config, plan.policies)
        begun = perf_counter()
        with bar(doing("running", language), len(tried) * plan.replications, quiet=as_json) as shown:
            counted = experiment(tried, plan.replications, shown.one_more, workers)
        found = {name: figures(counts, config.routing.tiers, plan.abandoned) for name, counts in counted.items()}
        apart = differences(counted, config.routing.tiers, plan.abandoned)
        took = perf_counter() - begun
        sweeps = {} if target is None else _sweeps(ready, target / 100, group, workers, language, quiet=as_json)
    except (BadConfiguration, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    scale = next(iter(tried.values())).scale
    busy = nominal_load(plan, config) * scale
    about = About(plan.name, busy, len(config.agents), plan.days, plan.replications, plan.seed, took)
    ran = plan.model_copy(update={"load": busy})
    results = [Result(name, ran, one.config, counted[name]) for name, one in tried.items()]
    written = _written(results, html, plots, language, sweeps) + _recorded(next(iter(tried.values())), record)
    if as_json:
        more = {"staffing": {name: as_points(one) for name, one in sweeps.items()}} if sweeps else {}
        typer.echo(json.dumps(as_data(about, found, apart) | more, ensure_ascii=False))
        return
    width = _width()
    typer.echo(folded(headline(about, language), width) + "\n")
    typer.echo(table(found, language, width) + "\n")
    for name, difference in apart.items():
        typer.echo(folded(difference_line(name, next(iter(found)), difference, about, language), width))
    for line in never(found, language):
        typer.echo(folded(line, width))
    typer.echo(("\n" if apart or never(found, language) else "") + folded(legend(language), width))
    for name, one in sweeps.items():
        typer.echo("\n" + folded(sweep_line(name, one, language), width) + "\n")
        typer.echo(points(one, language, width))
    for path in written:
        typer.echo(str(path))
    if any(one.least is None for one in sweeps.values()):
        raise typer.Exit(1)


def _checked(ready: Ready, target: float | None, group: str | None) -> None:
    """Raises ValueError for a group that is not there, before anything is run."""
    from santral.simulation.crowd import has

    if group is not None:
        if target is None:
            raise typer.BadParameter("goes with --target", param_hint="--group")
        has(ready, group)
    if target is not None and ready.scenario.replications < 2:
        raise typer.BadParameter(
            "one replication says nothing of how sure it is; ask for 2 or more", param_hint="--replications"
        )


def _folders(*paths: Path | None) -> None:
    """Make the folders of files that will be written, so that nothing is run in vain."""
    for path in paths:
        if path is None:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(EISDIR, "Is a directory")
        except OSError as error:
            typer.echo(f"{path}: {error.strerror or error}", err=True)
            raise typer.Exit(1) from None


def _sweeps(
    ready: Ready, share: float, group: str | None, workers: int | None, language: Language, *, quiet: bool
) -> dict[str, Sweep]:
    """How many agents reach the share, under each policy. Raises ValueError."""
    from santral.simulation.sweep import Goal, least
    from santral.simulation.told import doing

    with bar(doing("sweeping", language), quiet=quiet) as shown:
        return {
            name: least(ready, Goal(share), group, policy=name, workers=workers, progress=shown.one_more)
            for name in ready.scenario.policies
        }


def _recorded(trial: Trial, path: Path | None) -> list[Path]:
    """The traffic of the first replication, in a file."""
    if path is None:
        return []
    from santral.whatif.recording import record

    try:
        record(trial, 0, path)
    except OSError as error:
        typer.echo(f"{path}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from None
    return [path]


def _written(
    results: list[Result], html: Path | None, plots: Path | None, language: Language, sweeps: dict[str, Sweep]
) -> list[Path]:
    """The page and the plots that are asked for."""
    paths = list[Path]()
    try:
        if html is not None:
            from santral.simulation.report import page

            html.write_text(page(results, language, sweeps), encoding="utf-8")
            paths.append(html)
        if plots is not None:
            from santral.simulation.plots import draw

            paths += draw(results, plots, language)
    except OSError as error:
        typer.echo(f"{error.filename or html or plots}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from None
    return paths


def _width() -> int:
    return shutil.get_terminal_size((_WIDE, 24)).columns if sys.stdout.isatty() else _WIDE


def _read(
    path: Path,
    load: float | None,
    policy: list[str] | None,
    replications: int | None,
    seed: int | None,
    days: int | None,
) -> Ready:
    """The scenario, with what the command line says instead. Raises BadConfiguration."""
    from santral.simulation.experiment import POLICIES
    from santral.simulation.files import read

    said: dict[str, Any] = {"load": load, "days": days, "replications": replications, "seed": seed}
    ready = read(path, {name: value for name, value in said.items() if value is not None})
    known = (*POLICIES, *ready.scenario.variants)
    for name in policy or ():
        if name not in known:
            what = f"there is no policy '{name}'; write one of {', '.join(known)}"
            raise typer.BadParameter(what, param_hint="--policy")
    for warning in ready.warnings:
        typer.echo(str(warning), err=True)
    if not policy:
        return ready
    return replace(ready, scenario=ready.scenario.model_copy(update={"policies": tuple(dict.fromkeys(policy))}))
