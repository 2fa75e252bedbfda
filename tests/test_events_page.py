"""docs/events.md and the schemas say what the models say, and its examples are events."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from router.catalogue import EVENTS
from router.webhooks import SCHEDULE
from santral.catalogue_page import PAGE, current, examples
from santral.schema import FOLDER

TEXT = PAGE.read_text("utf-8")


def test_the_catalogue_is_current() -> None:
    assert current(), "run `santral schema`"


@pytest.mark.parametrize("event_type", EVENTS)
def test_every_type_has_its_fields_and_an_example_that_is_valid_by_its_schema(event_type: str) -> None:
    part = TEXT.partition(f"### {event_type}\n")[2].partition("\n### ")[0]
    example: dict[str, Any] = json.loads(re.search(r"```json\n(.*?)```", part, re.S)[1])  # type: ignore[index]
    assert example["type"] == event_type
    schema = json.loads((FOLDER / "events" / f"{event_type}.v1.json").read_text())
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(example)
    assert not Draft202012Validator(schema).is_valid({**example, "data": {}})
    for field in example["data"]:
        assert f"| `{field}` |" in part


def test_the_examples_show_everything_that_can_happen() -> None:
    assert set(examples()) == set(EVENTS)


def test_the_page_names_the_schedule_that_is_kept() -> None:
    said = re.search(r"again after (.*?); then listed", TEXT)
    assert said is not None
    units = {"s": "seconds", "min": "minutes", "h": "hours"}
    words = re.findall(r"(\d+) (s|min|h)\b", said[1])
    assert [timedelta(**{units[unit]: int(number)}) for number, unit in words] == list(SCHEDULE)
