"""The due function in a process of its own, over the shards it is given, until nothing is due in them. The environment is a deployment's.

`python -m tests.soak.due_worker 0 1 2`
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from functions import due, wiring
from santral.bench.bed import CONTEXT


def main(shards: list[int]) -> None:
    """One run after the other, as the queue would hand them out."""
    table = wiring.exchange().table
    while left := [shard for shard in shards if any(table.due(shard, datetime.now(UTC), limit=1))]:
        for shard in left:
            record = {"messageId": str(shard), "body": json.dumps({"shard": shard})}
            assert due.handler({"Records": [record]}, CONTEXT) == {"batchItemFailures": []}


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
