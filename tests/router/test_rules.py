"""Rules are judged from the top: the first that says a thing counts, tags add up, one that fails is named and passed over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from router.config import Config
from router.rules import Outcome, judge

TRUE, FALSE = ["const", True], ["const", False]
FAILS = ["==", ["/", ["const", 1], ["const", 0]], ["const", 1]]


def outcome(*rules: dict[str, Any]) -> Outcome:
    return judge(configured(*rules), {})


def configured(*rules: dict[str, Any]) -> Config:
    named = [{"name": f"r{number}", **rule} for number, rule in enumerate(rules, 1)]
    queues = [{"name": name, "skill": "s"} for name in ("one", "two")]
    agents = [{"name": "a", "display_name": "A", "skills": ["s"]}]
    sla = [{"name": "quick", "first_response": 5}]
    return Config.model_validate({"queues": queues, "agents": agents, "rules": named, "sla": sla})


def when(tree: list[Any]) -> dict[str, Any]:
    return {"when": "written", "checked": tree}


def test_the_first_rule_that_says_a_thing_counts_and_tags_add_up() -> None:
    found = outcome(
        {**when(TRUE), "queue": "one", "tags": ["x"]},
        {**when(TRUE), "queue": "two", "priority": 2, "tags": ["y", "x"]},
        {**when(FALSE), "priority": 1, "language": "de"},
        {"language": "tr", "priority": 3},
    )
    assert found == Outcome("one", 2, "tr", tags=("x", "y"), matched=("r1", "r2", "r4"), why=({}, {}, {}))


def test_a_rule_that_stops_is_the_last_one_looked_at() -> None:
    assert outcome({**when(TRUE), "stop": True}, {"queue": "two"}).matched == ("r1",)
    assert outcome({**when(FALSE), "stop": True}, {"queue": "two"}).matched == ("r2",)


def test_a_rule_without_a_value_is_named_and_the_others_count() -> None:
    found = outcome({**when(FAILS), "queue": "one", "stop": True}, {"queue": "two"})
    assert (found.queue, found.failed) == ("two", (("r1", "a division by nought"),))


def test_of_category_policy_and_answer_the_first_counts_and_the_answer_is_named_by_its_rule() -> None:
    found = outcome(
        {**when(FALSE), "category": "question", "answer": {"en": "No."}},
        {**when(TRUE), "category": "order", "answer": {"en": "We have it."}},
        {"category": "complaint", "sla": "quick", "answer": {"en": "Hello."}},
    )
    assert (found.category, found.sla, found.answer) == ("order", "quick", "r2")


def test_where_people_chose_the_queue_only_a_rule_about_coming_back_chooses_another() -> None:
    returns = ["get", "conversation", "reopened"]
    counts = [">=", ["contacts", ["get", "memory"], ["const", "x"], ["const", 30]], ["const", 1]]
    scope = {
        "conversation": SimpleNamespace(reopened=True),
        "memory": SimpleNamespace(contacts=lambda word, days: 1),
    }
    for tree, queue in (
        (TRUE, None),
        (returns, "two"),
        (["and", TRUE, counts], "two"),
        (["not", ["not", returns]], "two"),
    ):
        rules = [{"queue": "one", "tags": ["x"]}, {**when(tree), "queue": "two"}]
        found = judge(configured(*rules), scope, settled=True)
        assert (found.queue, found.tags) == (queue, ("x",))
        assert judge(configured(*rules), scope).queue == "one"


def test_without_rules_nothing_is_said() -> None:
    assert outcome() == Outcome()
