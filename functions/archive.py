"""The table's stream a second time, for the archive: decisions, and the rosters that they name, kept beyond the table."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.wiring import blobs, logger, metrics
from router.archive import archive
from router.aws.changes import read_kept


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A batch of some minutes; the first record that could not be kept comes again, with all behind it."""
    again = archive(blobs(), event["Records"], read_kept)
    logger.info("archived", extra={"records": len(event["Records"]), "again": again})
    return {"batchItemFailures": [{"itemIdentifier": again}] if again is not None else []}
