"""Hours are counted by the deployed function under its own role, and supervisors read how it stands."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from router.aws.dynamo import Dynamo
from router.aws.table import Table
from router.hourly import CURSOR
from router.touched import hour_named, name_of
from tests.emulator.conftest import Live, until

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(180)]
NUMBER = "+12025550187"


def test_hours_are_counted_and_how_it_stands_is_told(live: Live) -> None:
    live.sms(NUMBER, "Kaç kişi bekliyor?", "SM" + "e" * 32)
    live.conversation("sms", NUMBER, with_agent=False)
    functions = live.aws("lambda").list_functions()["Functions"]
    (name,) = (one["FunctionName"] for one in functions if one["Handler"] == "functions.measure.handler")

    def counted() -> str | None:
        answer = live.aws("lambda").invoke(FunctionName=name, Payload=b"{}")
        assert "FunctionError" not in answer, answer["Payload"].read()
        assert set(json.loads(answer["Payload"].read())) == {"hours"}
        return table.cursor(CURSOR)

    table = Table(Dynamo(live.aws("dynamodb"), live.outputs["TableName"]), b"")
    cursor = until(counted, "the first hour")
    now = datetime.now(UTC)
    assert cursor in {name_of(int(now.timestamp() // 3600) - behind) for behind in (1, 2)}
    found = live.supervisor.get("/v1/measures", since=now.replace(hour=0).isoformat())
    assert (
        found["counted_until"] == f"{datetime.fromtimestamp((hour_named(cursor) + 1) * 3600, UTC):%Y-%m-%dT%H:%M:%SZ}"
    )
    stands = {queue["queue"]: queue for queue in live.supervisor.get("/v1/measures/now")["queues"]}
    assert stands["genel"]["begun"] >= 1
    assert stands["genel"]["waiting"] + stands["genel"]["held"] >= 1
