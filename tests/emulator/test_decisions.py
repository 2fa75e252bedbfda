"""Decisions reach the archive and are replayed from it, under the deployed functions' own roles and on the reader's machine."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from router.aws.blobs import Blobs
from router.aws.configs import Configs
from router.aws.dynamo import Dynamo
from router.aws.table import Table
from router.replaying import Kept, replay
from santral.api_client import ApiError
from tests.emulator.conftest import Live, until

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(180)]
NUMBER = "+12025550181"


def test_a_decision_is_replayed_from_the_table_and_from_the_archive(live: Live) -> None:
    live.sms(NUMBER, "Kararı göster", "SM" + "d" * 32)
    found = live.conversation("sms", NUMBER, with_agent=False)

    def decided() -> str | None:
        history = live.detail(found["id"])["history"]
        return next((str(entry["id"]) for entry in history if entry["what"] == "decision"), None)

    decision = until(decided, "a decision")
    path = f"/v1/decisions/{quote(decision, safe='')}/replay"

    def archived() -> dict[str, Any] | None:
        try:
            return live.supervisor.get(path, **{"from": "archive"})
        except ApiError as error:
            if error.status != 404:
                raise
            return None

    table, archive = live.supervisor.get(path, **{"from": "table"}), until(archived, "it in the archive", 60, every=1)
    assert (table["source"], archive["source"]) == ("table", "archive")
    assert table["same"], table
    assert archive["same"], archive
    assert table["sha256"] == archive["sha256"]
    dynamo = Dynamo(live.aws("dynamodb"), live.outputs["TableName"])
    blobs = Blobs(live.aws("s3"), live.outputs["BlobsBucketName"])
    ours = replay(Kept(Table(dynamo, b""), blobs, Configs(dynamo).once), decision, "archive")
    assert (ours.same, ours.sha256) == (True, table["sha256"])
