"""`santral config`: the configuration's YAML files, checked and put in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from santral.options import Profile, Region, StackName, Yes, connected, sure, told

if TYPE_CHECKING:
    from router.config import Config

Directory = Annotated[Path, typer.Argument(help="The directory with the YAML files.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="The configuration: check it, apply it.", no_args_is_help=True)
    group.command("check")(check)
    group.command("apply")(apply)
    app.add_typer(group, name="config")


def check(directory: Directory = Path("config")) -> None:
    """Read and check the files; every fault with its file and field, exit status 1 if there is one. Notes change no status."""
    from santral import answer_texts, rule_files

    config = _load(directory)
    for warning in [*answer_texts.warnings(config), *rule_files.warnings(config)]:
        typer.echo(f"Note: {warning}", err=True)
    counts = ", ".join(f"{len(getattr(config, name))} {name}" for name in ("inboxes", "queues", "agents", "rules"))
    typer.echo(f"{counts}; version {config.version}")


def apply(
    directory: Directory = Path("config"),
    yes: Yes = False,
    stack_name: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Check the files and put them in force as one immutable version. The functions see it within five seconds."""
    from router.aws.configs import Configs
    from router.aws.dynamo import Dynamo

    config = _load(directory)
    connection = connected(stack_name, profile, region)
    sure(f"Put version {config.version} in force in {stack_name or 'the running dev'}?", yes=yes)
    with told():
        Configs(Dynamo(connection.client("dynamodb"), connection.outputs["TableName"])).apply(config)
    typer.echo(f"Version {config.version} is in force.")


def _load(directory: Path) -> Config:
    from santral.configuration import BadConfiguration, load

    try:
        return load(directory)
    except BadConfiguration as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
