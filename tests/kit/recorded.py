"""A made-up week with all that can happen in a centre, to be recorded and played again."""

from __future__ import annotations

from typing import Any

from router.config import Config
from santral.simulation.experiment import Trial
from santral.simulation.scenario import Scenario

CONFIG: dict[str, Any] = {
    "version": "week-1",
    "queues": [
        {
            "name": "orders",
            "skill": "orders",
            "offer_seconds": 20,
            "wrap_up_seconds": 45,
            "first_response_minutes": 2,
            "steps": [{"needs": "orders>=3", "seconds": 60}],
        },
        {"name": "billing", "skill": "billing", "first_response_minutes": 5, "overflow": [{"queue": "orders", "after_seconds": 120}]},
        {"name": "returns", "skill": "returns", "pool": "back", "first_response_minutes": 60},
    ],
    "agents": [
        {"name": "ada", "display_name": "Ada", "skills": {"orders": 4, "billing": 2}, "limits": {"webchat": 2}},
        {"name": "bora", "display_name": "Bora", "skills": {"orders": 2}, "secondary": ["orders"]},
        {"name": "can", "display_name": "Can", "skills": {"billing": 3}, "units": 8},
        {"name": "derya", "display_name": "Derya", "skills": {"orders": 3, "billing": 1}},
        {"name": "ece", "display_name": "Ece", "skills": {"returns": 1}, "pool": "back"},
        {"name": "fuat", "display_name": "Fuat", "skills": {"returns": 2}, "pool": "back"},
    ],
    "pools": [{"name": "main", "pause_after": 2, "pause_seconds": 120}, {"name": "back", "policy": "fifo"}],
}  # fmt: skip
SCENARIO: dict[str, Any] = {
    "name": "a small week",
    "config": CONFIG,
    "days": 7,
    "day": {"opens": "08:00", "hours": 10},
    "zone": "Europe/Istanbul",
    "secondary_pace": 1.3,
    "waiting_places": 7,
    "offers": {"accept": {"exponential": 0.12}, "declined": 0.1, "missed": 0.1},
    "shifts": [
        {
            "agents": ["ada", "bora"],
            "shifts": {"mon-sun": ["08:00-16:00"]},
            "breaks": {"mon-sun": ["10:00-10:15", "12:00-12:45"]},
            "pace": 1.2,
        },
        {"agents": ["can", "derya", "ece", "fuat"], "shifts": {"mon-sun": ["09:30-18:00"]}, "breaks": {"mon-fri": ["13:00-13:30"]}},
    ],
    "traffic": [
        {
            "name": "chat",
            "channel": "webchat",
            "per_hour": [20, 45, 30],
            "period_minutes": 200,
            "queues": {"orders": 3, "billing": 1},
            "tiers": {"gold": 1, "silver": 3},
            "handling": {"lognormal": {"mean": 8, "cv": 0.8}},
            "patience": {"exponential": 6},
        },
        {"name": "mail", "channel": "email", "per_hour": 12, "queues": {"billing": 1, "returns": 2}, "handling": {"exponential": 9}},
        {
            "name": "text",
            "channel": "sms",
            "per_hour": 10,
            "queues": "returns",
            "handling": {"exponential": 7},
            "patience": {"exponential": 40},
        },
    ],
    "seed": 5,
}  # fmt: skip


def config(**sections: Any) -> Config:
    """The week's configuration, with other sections."""
    return Config.model_validate({**CONFIG, **sections})


def trial(days: int = 7, seed: int = 5, changed: Config | None = None, **scenario: Any) -> Trial:
    """The week, or some of its days, as a trial."""
    made = Scenario.model_validate({**SCENARIO, "days": days, "seed": seed, **scenario})
    return Trial(made, changed or config())
