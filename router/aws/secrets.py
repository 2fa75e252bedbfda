"""Credentials from Secrets Manager, kept in memory for five minutes, never in the environment, a log or a `repr`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from router.config import Inbox

_FRESH_SECONDS = 300.0


class Secrets:
    """The provider secret (one JSON object of credentials per name) and our own signing key."""

    def __init__(
        self, client: Any, provider_id: str, signing_id: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._provider_id = provider_id
        self._signing_id = signing_id
        self._clock = clock
        self._values: dict[str, tuple[float, str]] = {}

    def credentials(self, inbox: Inbox) -> Mapping[str, str]:
        """An inbox's credentials; empty when it needs none or they are not stored yet (its channel then refuses)."""
        if inbox.secret is None or not self._provider_id:
            return {}
        stored = json.loads(self._read(self._provider_id))
        found = stored.get(inbox.secret, {})
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    def webhook(self, name: str) -> tuple[str, ...]:
        """The secrets that sign to a webhook: the one in force, and the one before while both are stored (`<name>_previous`)."""
        stored = json.loads(self._read(self._provider_id))
        found = (stored.get(key) for key in (name, f"{name}_previous"))
        return tuple(secret for secret in found if isinstance(secret, str) and secret)

    def signing_key(self) -> bytes:
        """The deployment's own key: hashes ids, signs tokens. It never changes, or every id would."""
        return self._read(self._signing_id).encode()

    def _read(self, secret_id: str) -> str:
        now = self._clock()
        known = self._values.get(secret_id)
        if known is not None and now - known[0] < _FRESH_SECONDS:
            return known[1]
        value: str = self._client.get_secret_value(SecretId=secret_id)["SecretString"]
        self._values[secret_id] = (now, value)
        return value

    def __repr__(self) -> str:
        return "Secrets(...)"
