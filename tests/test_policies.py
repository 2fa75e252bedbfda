"""Each function may do what it does, on what it does it to, and nothing else: its policy against the calls it makes.

A long day in the world, every path that touches AWS, while each function's calls are written down as grants:
"action resource". The template must allow exactly those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.kit.grants import MODULES, Ledger
from tests.kit.long_day import ROOMY, Day
from tests.kit.world import World
from tests.test_template import FUNCTIONS

# Twice the same permission: SESv2's SendEmail with raw content is authorised as one or the other, and AWS's pages differ.
TOGETHER = {"ses:SendRawEmail": "ses:SendEmail"}


def granted(function: str) -> set[str]:
    """What the template allows a function, in the same words."""
    found = set()
    (properties,) = (it for it in FUNCTIONS.values() if it["Handler"] == f"functions.{function}.handler")
    for statement in (it for policy in properties["Policies"] for it in policy["Statement"]):
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        for resource in resources:
            found |= {f"{TOGETHER.get(action, action)} {_target(resource)}" for action in statement["Action"]}
    return found


def _target(resource: Mapping[str, str]) -> str:
    ((_, text),) = resource.items()
    if found := re.fullmatch(r"\$\{(\w+)\.Arn\}(/index/\w+|(?:/\w+)?)(/\*)?", text):
        return str(found[1]) + found[2]
    if "execute-api" in text:
        return str(re.findall(r"\$\{(\w+)\}", text)[-1])
    if found := re.match(r"arn:\$\{AWS::Partition\}:([\w-]+):", text):
        return found[1]
    return text.partition(".")[0]


def test_a_function_may_do_what_it_does_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with World(ROOMY, streaming=True) as world:
        ledger = Ledger(world, monkeypatch)
        Day(world, ledger).live()
    missing = {name: sorted(ledger.used[name] - granted(name)) for name in MODULES}
    idle = {name: sorted(granted(name) - ledger.used[name]) for name in MODULES}
    assert {name: grants for name, grants in missing.items() if grants} == {}, "they do what they may not"
    assert {name: grants for name, grants in idle.items() if grants} == {}, "they may do what they never do"


@pytest.mark.parametrize("function", MODULES)
def test_a_function_knows_the_names_of_what_it_may_use_and_of_nothing_else(function: str) -> None:
    (properties,) = (it for it in FUNCTIONS.values() if it["Handler"] == f"functions.{function}.handler")
    texts = [
        text
        for value in properties["Environment"]["Variables"].values()
        if isinstance(value, dict)
        for text in value.values()
    ]
    known = {
        text.partition(".")[0]
        for text in texts
        if isinstance(text, str) and re.match(r"\w+(Queue|Bucket|Secret)\b", text)
    }
    may = {grant.partition(" ")[2].partition("/")[0] for grant in granted(function)}
    read_by_reference = {"sweep": {"BlobsBucket", "MailBucket"}, "api": {"MailBucket"}, "deliver": {"BlobsBucket"}}.get(
        function, set()
    )
    assert known == {name for name in may if re.fullmatch(r"\w+(Queue|Bucket|Secret)", name)} - read_by_reference
