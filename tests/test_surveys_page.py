"""docs/surveys.md: its configuration is one, its defaults are those, and each reply is read as its row says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from router.campaigns import Outreach, SurveyPolicy
from router.scores import RANGES, ScoreKind
from router.survey_replies import read

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "surveys.md").read_text("utf-8")
(YAML,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
KINDS = re.findall(r"^\| `(\w+)` \| .* \| (\d+) to (\d+) \| up to (\d+) \|$", PAGE, re.MULTILINE)
REPLIES = [
    (reply, kind, said)
    for replies, kind, said in re.findall(r"^\| (`.*`) \| (\w+) \| (\d+|no score) \|$", PAGE, re.MULTILINE)
    for reply in re.findall(r"`([^`]+)`", replies)
]


def test_the_example_can_be_written_and_says_the_defaults() -> None:
    policy = Outreach.model_validate(yaml.safe_load(YAML)["outreach"]).surveys
    assert policy == SurveyPolicy(queue="supervisors")


def test_each_kind_has_the_range_and_the_bound_that_the_page_says() -> None:
    assert {ScoreKind(kind): (int(least), int(most)) for kind, least, most, _ in KINDS} == {
        kind: RANGES[kind] for kind in (ScoreKind.CSAT, ScoreKind.NPS, ScoreKind.CES)
    }
    assert {kind: int(low) for kind, _, _, low in KINDS} == SurveyPolicy().low


@pytest.mark.parametrize(("reply", "kind", "said"), REPLIES)
def test_each_reply_is_read_as_its_row_says(reply: str, kind: str, said: str) -> None:
    found = read(reply, ScoreKind(kind), "tr")
    assert (None if found is None else str(found.value)) == (None if said == "no score" else said)
    assert found is None or found.rest == ""


def test_there_are_replies() -> None:
    assert len(REPLIES) > 25
