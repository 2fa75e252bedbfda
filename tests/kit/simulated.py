"""Results of a small simulation: four hours, in the second of which nobody writes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from santral.simulation.experiment import experiment, trials
from santral.simulation.files import Ready, read
from santral.simulation.results import Result
from santral.simulation.scenario import Scenario

SCENARIO: dict[str, Any] = {
    "name": "küçük",
    "config": {
        "queues": [{"name": "genel", "skill": "genel", "sla": "genel"}],
        "sla": [{"name": "genel", "first_response": "2m"}],
    },
    "day": {"opens": "09:30", "hours": 4},
    "days": 2,
    "groups": [{"name": "ekip", "count": 3, "skills": ["genel"], "units": 6}],
    "traffic": [
        {
            "name": "sohbet", "channel": "webchat", "queues": "genel", "per_hour": [30, 0, 40, 30],
            "tiers": {"gold": 1, "bronze": 3}, "handling": {"exponential": 8}, "patience": {"exponential": 6},
        },
        {"name": "posta", "channel": "email", "queues": "genel", "per_hour": [8, 0, 8, 8], "handling": {"constant": 5}},
    ],
    "seed": 7,
}  # fmt: skip


def ready(**changed: Any) -> Ready:
    """The scenario, with some of it written differently: what a file may not say, such as that nobody ever writes, too."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.yaml"
        path.write_text(yaml.safe_dump(SCENARIO, allow_unicode=True), encoding="utf-8")
        return Ready(Scenario.model_validate(SCENARIO | changed), read(path).config)


def results(*policies: str, replications: int = 3, **changed: Any) -> list[Result]:
    """What it comes to under each policy."""
    found = ready(**changed)
    counts = experiment(trials(found.scenario, found.config, policies), replications, workers=1)
    return [Result(name, found.scenario, found.config, counted) for name, counted in counts.items()]
