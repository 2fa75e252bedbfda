"""Rules as they stand in the YAML files: each condition checked, each fault with its file, line and column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from router.calendars import made
from router.config import Config, Rule
from santral.condition_files import conditions, tree
from santral.config_places import Fault

_EFFECTS = tuple(name for name in Rule.model_fields if name not in ("name", "when", *made(Rule)))


def checked(
    paths: Sequence[Path], rules: Sequence[dict[str, Any]], config: Config, faults: list[Fault]
) -> list[dict[str, Any]]:
    """The rules with their conditions' trees. What is wrong with them is added to `faults`, all at once."""
    places = conditions(paths, "rules")
    done = []
    for rule in map(dict, filter(lambda one: isinstance(one, dict), rules)):
        name = str(rule.get("name"))
        place = places.get((name, ("when",)))
        if "name" in rule and not any(rule.get(effect) for effect in _EFFECTS):
            faults.append(
                Fault(
                    place.file if place else "rules",
                    f"rule {name}",
                    f"does nothing: it has none of {', '.join(_EFFECTS)}",
                )
            )
        if isinstance(rule.get("when"), str):
            rule["checked"] = tree(rule["when"], config, None, place, f"rule {name}", "rules", faults)
        done.append(rule)
    return done
