"""The `santral` command's root: finds the command groups in `santral.commands` and starts the one asked for."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import typer

import santral.commands


@cache
def build() -> typer.Typer:
    """The whole command line: every module of `santral.commands` adds its own commands through `register(app)`."""
    app = typer.Typer(
        name="santral",
        help="A serverless omnichannel message router.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    for module in sorted(pkgutil.iter_modules(santral.commands.__path__), key=lambda m: m.name):
        importlib.import_module(f"santral.commands.{module.name}").register(app)
    return app


def _root() -> None:
    """A serverless omnichannel message router."""


def main() -> None:
    """Run the command line."""
    build()()


if __name__ == "__main__":
    main()
