"""Placeholder until the function is written: answers with what it was given."""

import json
import logging
from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Echo the event."""
    logging.getLogger().warning("called")
    return {"statusCode": 200, "body": json.dumps(event)}
