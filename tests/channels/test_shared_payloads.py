"""Real payloads kept beside the repository, and what each must be read as. Skipped where they are not."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels import registry
from santral.normalize import files, normalize

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"
NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not FIXTURES.exists(), reason="no payloads beside the repository")

MESSAGE = {"channel": "sms", "kind": "message", "direction": "inbound", "provider": "twilio", "problems": []}
US, US_TO = "+12065550123", "+14155550100"
BAD_FROM, BAD_TO = "From: not a phone number or sender name", "To: not a phone number or sender name"

# A message or receipt as some of its fields (`from`, `to`, `name` and `media` are shorthand), or the error's start.
TWILIO: dict[str, dict[str, Any]] = {
    "apigw_inbound_sms_base64": {"from": US, "to": US_TO, "text": "Where is my order? & why + so late"},
    "apigw_inbound_sms_plain_body": {"from": US, "to": US_TO, "text": "2nd message"},
    "apigw_inbound_emoji_ucs2": {"from": "+491701234567", "to": US_TO, "text": "Danke 😀 für die Hilfe"},
    "apigw_inbound_stop_optouttype": {"from": US, "text": "STOP", "raw.OptOutType": "STOP"},
    "apigw_inbound_mms_two_media": {"from": US, "text": "", "media": ["image/jpeg", "application/pdf"]},
    "apigw_inbound_whatsapp_via_twilio": {
        "channel": "whatsapp",
        "from": US,
        "to": US_TO,
        "name": "Ann",
        "text": "hola",
        "authenticity.proof": "strong",
    },
    "callbacks_controller_spec__L8": {
        "from": "+1234567890",
        "text": "Test message",
        "external_id": "SM123",
        "raw.ProfileUsername": "muhsin",
        "problems": [BAD_TO],
    },
    "delivery_status_service_spec__L63": {
        "receipt": {
            "status": "failed",
            "provider_status": "undelivered",
            "code": "30002",
            "detail": "Account suspended",
        }
    },
    "delivery_status_service_spec__L80": {
        "receipt": {"status": "failed", "provider_status": "failed", "code": "30008", "permanent": False}
    },
    "incoming_message_service_spec__L266": {"from": "+12345", "text": "geo:12.160894393921,75.265205383301"},
    "incoming_message_service_spec__L28": {"from": "+12345", "text": "remove null bytes"},
    "incoming_message_service_spec__L303": {"from": "+1234567890", "name": None, "text": "Hello without profile name"},
    "incoming_message_service_spec__L318": {"from": "+1234567890", "text": "Regular SMS message"},
    "incoming_message_service_spec__L392": {"from": "+1234567890", "name": "Alice Johnson", "text": "Hello"},
    "incoming_message_service_spec__L465": {
        "channel": "whatsapp",
        "from": "IN.2081978709342942",
        "external_id": "SMxx2",
        "text": "bsuid only",
    },
    "incoming_message_service_spec__L485": {
        "channel": "whatsapp",
        "from": "IN.2081978709342942",
        "external_id": "SMxx1",
        "text": "bsuid first",
    },
    "incoming_message_service_spec__L521": {
        "channel": "whatsapp",
        "from": "+5541988887777",
        "name": "João Silva",
        "text": "Test message from Brazil",
    },
    "incoming_message_service_spec__L545": {
        "channel": "whatsapp",
        "from": "+5541988887777",
        "text": "Another message from Brazil",
    },
    "incoming_message_service_spec__L53": {"from": "+123456", "text": "new conversation"},
    "incoming_message_service_spec__L73": {"from": "+12345", "text": "testing3", "problems": [BAD_TO]},
    "twilio_events_job_spec__L7": {"from": "+1234567890", "text": "Test message", "problems": [BAD_TO]},
    "DictionaryMediaPayload": {"text": "Hello", "media": ["json"], "problems": [BAD_FROM, BAD_TO]},
    "MediaPayload": {
        "from": "+2222",
        "to": "+1111",
        "text": "Hello",
        "external_id": "3333",
        "media": ["json"],
        "problems": [BAD_FROM, BAD_TO],
    },
}

WEBCHAT: dict[str, dict[str, Any]] = {
    "disconnect_abnormal_1006": {"ignored": "$disconnect"},
    "disconnect_idle_timeout": {"ignored": "$disconnect"},
    "apiGatewayWebSocketApiConnect": {"ignored": "$connect"},
    "apiGatewayWebSocketApiDisconnect": {"ignored": "$disconnect"},
    "message_custom_route_send": {"text": "Hello 👋"},
    "apigw-request-send-message": {"error": "Unparsable: the frame has no type"},
    "apigw-websocket-request-send-message": {"error": "Unparsable: the frame has no type"},
    "apigw-rest__websocket": {"error": "Unparsable: the event has no body"},
}


def _paths(folder: str) -> list[Any]:
    return [pytest.param(path, id=path.stem[:60]) for path in files([FIXTURES / folder])] if FIXTURES.exists() else []


@pytest.mark.parametrize("path", _paths("sms_twilio"))
def test_twilio(path: Path) -> None:
    _check("twilio", path, TWILIO, MESSAGE)


@pytest.mark.parametrize("path", _paths("webchat"))
def test_webchat(path: Path) -> None:
    _check("webchat", path, WEBCHAT, {})


def _check(channel: str, path: Path, table: dict[str, dict[str, Any]], common: dict[str, Any]) -> None:
    expected = next(
        (value for name, value in table.items() if path.stem == name or path.stem.startswith(name + "__")), None
    )
    assert expected is not None, f"look at {path.name} and say what it must be read as"
    found = normalize(registry.get(channel), path, NOW)
    if "error" in expected:
        assert found["error"].startswith(expected["error"])
        return
    assert found["error"] is None
    if "ignored" in expected:
        assert [item["what"] for item in found["ignored"]] == [expected["ignored"]]
    elif "receipt" in expected:
        (receipt,) = found["receipts"]
        assert {name: receipt[name] for name in expected["receipt"]} == expected["receipt"]
    else:
        (message,) = found["messages"]
        wanted = common | expected
        assert {name: _field(message, name) for name in wanted} == wanted


def _field(message: dict[str, Any], name: str) -> Any:
    match name:
        case "from":
            return message["sender"]["address"]
        case "to":
            return message["recipients"][0]["address"]
        case "name":
            return message["sender"]["name"]
        case "media":
            return [attachment["content_type"] for attachment in message["attachments"]]
    value: Any = message
    for part in name.split("."):
        value = value[part]
    return value
