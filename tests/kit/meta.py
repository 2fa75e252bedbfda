"""Meta's calls, signed as its documentation says and apart from the code under test."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from functions import receive
from tests.kit.events import LambdaContext, http_event

if TYPE_CHECKING:
    from tests.kit.world import World

META = {"app_secret": "an-app-secret-of-the-tests", "verify_token": "a-verify-token", "access_token": "an-access-token"}


def call(
    world: World, channel: str, inbox: str, payload: Mapping[str, Any], secret: str = META["app_secret"]
) -> dict[str, Any]:
    """A signed webhook call ("Validating Payloads"); the HTTP answer."""
    path, body = f"/webhooks/{channel}/{inbox}", json.dumps(payload).encode("ascii")
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    event = http_event("POST", path, body, {"content-type": "application/json", "x-hub-signature-256": signature})
    event["pathParameters"] = {"channel": channel, "inbox": inbox}
    return dict(receive.handler(event, LambdaContext()))


def page_call(*written: tuple[str, str, str, str], at: int = 1772442000000) -> dict[str, Any]:
    """Messages to pages in one call: page, PSID, mid, text."""
    entries = [
        {"id": page, "time": at, "messaging": [_item(page, person, mid, text, at)]}
        for page, person, mid, text in written
    ]
    return {"object": "page", "entry": entries}


def _item(page: str, person: str, mid: str, text: str, at: int) -> dict[str, Any]:
    return {
        "sender": {"id": person}, "recipient": {"id": page}, "timestamp": at, "message": {"mid": mid, "text": text},
    }  # fmt: skip


def number_call(*written: tuple[str, str, str, str], at: int = 1772442000) -> dict[str, Any]:
    """Messages to WhatsApp numbers in one call: phone number id, wa_id, wamid, text."""
    changes = [
        {
            "field": "messages",
            "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "15550100", "phone_number_id": number},
                "contacts": [{"profile": {"name": "Kerem"}, "wa_id": person}],
                "messages": [
                    {"from": person, "id": wamid, "timestamp": str(at), "type": "text", "text": {"body": text}}
                ],
            },
        }
        for number, person, wamid, text in written
    ]
    return {"object": "whatsapp_business_account", "entry": [{"id": "204", "changes": changes}]}
