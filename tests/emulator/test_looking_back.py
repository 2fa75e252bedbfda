"""What the functions did while the other tests ran: the schedule fired, nothing was refused, nothing personal was logged.

These run last of all, a minute and more after the deploy.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from router.aws.dynamo import Dynamo
from router.aws.table import Table
from router.conversations import State
from tests.emulator.conftest import FUNCTIONS, MAIL_TEXT, NUMBERS, SMS_TEXT, Live, until
from tests.emulator.players import PERSONAL

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(180)]


def test_every_minute_the_sweep_runs_and_tells_the_gauges_behind_the_alarms(live: Live) -> None:
    lines = until(lambda: [line for line in live.logs("sweep") if '"_aws"' in line], "the schedule fires", 75)
    told: dict[str, Any] = json.loads(lines[0])
    assert {"IntakeGap", "ParkedSends", "Quarantined"} <= set(told)
    assert told["service"] == "sweep"
    (directive,) = told["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Santral", [["service"]])
    assert told["IntakeGap"] in (0, [0], [0.0])


def test_what_fell_due_and_no_timer_told_of_is_handed_to_its_shards_worker(live: Live) -> None:
    assert live.sms("+12025550177", "Sonra bakarız", "SM" + "7" * 32) == 200
    found = live.conversation("sms", "+12025550177")
    table = Table(Dynamo(live.aws("dynamodb"), live.outputs["TableName"]), b"")
    before = table.conversation(found["id"])
    assert before is not None
    past = datetime.now(UTC) - timedelta(minutes=1)
    table.commit(table.save_conversation(before, replace(before, state=State.SNOOZED, snoozed_until=past)))
    until(lambda: live.detail(before.id)["conversation"]["state"] == "active", "it is awake again", 130)
    until(lambda: any('"attended":1' in line for line in live.logs("due")), "its worker tells of it")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_ran_and_was_refused_nothing(live: Live, function: str) -> None:
    lines = live.logs(function)
    assert any(json.loads(line).get("level") == "INFO" for line in lines if line.startswith("{")), "it ran"
    refused = [line for line in lines if re.search(r"AccessDenied|not authorized|UnauthorizedOperation", line)]
    assert refused == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_p11_no_log_holds_what_a_customer_wrote_or_who_they_are(live: Live, function: str) -> None:
    personal = ("example.net", MAIL_TEXT, SMS_TEXT, "Deniz", "Ece", "Kargo", "acele", "yola çıktı", *NUMBERS, *PERSONAL)
    found = [line for line in live.logs(function) if any(word in line for word in personal)]
    assert found == []


def test_nothing_faulted_but_the_poison(live: Live) -> None:
    faults = [
        line for name in FUNCTIONS for line in live.logs(name) if '"level":"ERROR"' in line or "Traceback" in line
    ]
    assert [line for line in faults if "m_nothing" not in line] == []
