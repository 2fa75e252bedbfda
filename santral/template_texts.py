"""The templates of a configuration, looked over: faults with their lines, and what their SMS cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC

from router.config import Config
from router.segments import Segments, plainer, split
from router.templates import GIVEN, Template, render_in
from santral.config_places import Fault

MOST_SEGMENTS = 3
"""An SMS of more is a letter: each part is billed."""


def faults(config: Config, where: Mapping[tuple[str, str], str], directory: str) -> Iterator[Fault]:
    """Everything that is wrong with any of them, by their own examples."""
    if not config.templates:
        return
    from router.template_checks import check  # imports Jinja

    for index, template in enumerate(config.templates):
        file = where.get(("templates", template.name), directory)
        for flaw in check(template):
            what = flaw.what if flaw.line is None else f"line {flaw.line}: {flaw.what}"
            yield Fault(file, f"templates[{index}].{flaw.field} ({template.name})", what)


def notes(config: Config) -> Iterator[str]:
    """SMS that are dear: of several parts because of a few letters, or of many parts. Measured by the examples."""
    for template in config.templates:
        for language in template.channels.sms:
            text = _example(template, language)
            found, plain = split(text), plainer(text)
            name = f"template {template.name}: sms.{language}"
            if plain is not None:
                letters = ", ".join(f"{letter} as {instead or 'nothing'}" for letter, instead in plain.replaced)
                yield f"{name} is {_size(found)}; {_size(split(plain.text))} with {letters}"
            elif found.count > MOST_SEGMENTS:
                yield f"{name} is {_size(found)}, each billed"


def _example(template: Template, language: str) -> str:
    return render_in(template, "sms", language, {**GIVEN, **template.needs}, zone=UTC).text


def _size(found: Segments) -> str:
    return f"{found.count} {'part' if found.count == 1 else 'parts'} ({found.encoding})"
