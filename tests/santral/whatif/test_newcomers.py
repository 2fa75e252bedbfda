"""A new agent comes and goes with a colleague, and has nothing else of theirs."""

from __future__ import annotations

from router.config import Config
from santral.simulation.roles import Coming
from santral.whatif.newcomers import joined, unfit
from santral.whatif.record import Record, Standing

CONFIG = Config.model_validate(
    {
        "version": "one",
        "agents": [{"name": name, "display_name": name} for name in ("ada", "bora", "can")],
        "presences": [{"name": "lunch"}],
    }
)
COMINGS = (Coming(0, "ada", "online"), Coming(0, "can", "offline"), Coming(50, "ada", "lunch"))
STANDING = (Standing("ada", "online", -20, 2, paused_until=10, wrap_until=5), Standing("can", "offline", 0))
RECORD = Record("table", 0, 100, CONFIG, (), COMINGS, STANDING)


def test_each_of_them_stands_and_comes_as_the_colleague_without_what_those_missed_or_wrap_up() -> None:
    found = joined(RECORD, {"yeni": "ada", "deniz": "ada"})
    assert found.comings == (
        Coming(0, "ada", "online"),
        Coming(0, "yeni", "online"),
        Coming(0, "deniz", "online"),
        Coming(0, "can", "offline"),
        Coming(50, "ada", "lunch"),
        Coming(50, "yeni", "lunch"),
        Coming(50, "deniz", "lunch"),
    )
    ada, can = STANDING
    assert found.standing == (ada, Standing("yeni", "online", -20), Standing("deniz", "online", -20), can)
    assert joined(RECORD, {}) is RECORD


def test_who_was_an_agent_and_never_in_may_have_hours_and_has_none_to_give() -> None:
    assert unfit(RECORD, {"can": "ada", "bora": "ada"}) is None
    found = joined(RECORD, {"can": "ada"})
    assert [one for one in found.comings if one.agent == "can"] == [
        Coming(0, "can", "online"),
        Coming(50, "can", "lunch"),
    ]
    assert unfit(RECORD, {"yeni": "can"}) == "'can' was never in on record; who was: ada"
    assert unfit(RECORD, {"ada": "ada"}) == "'ada' is on record, with hours of their own"
