"""What API Gateway's events say of a call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from router.gateway import to_request
from tests.kit.events import http_event
from tests.kit.values import NOW

AT = NOW + timedelta(milliseconds=734)


def received(epoch: Any, now: datetime = AT) -> datetime:
    """When a call was received that the gateway took at a time, in milliseconds since 1970."""
    event = http_event("POST", "/webhooks/whatsapp/wa", b"{}", {})
    event["requestContext"]["timeEpoch"] = epoch
    return to_request(event, "https://santral.example.com", now).received_at


def test_a_call_is_as_old_as_the_gateway_says_however_long_it_waited_for_the_function() -> None:
    began = round(NOW.timestamp() * 1000)
    first, second = received(began + 100, NOW + timedelta(seconds=2)), received(began + 300, NOW + timedelta(seconds=1))
    assert (first, second) == (NOW + timedelta(milliseconds=100), NOW + timedelta(milliseconds=300))


def test_a_call_is_received_at_a_whole_millisecond_as_the_ledger_keeps_it() -> None:
    assert received(None, AT + timedelta(microseconds=999)) == AT
    assert received(round(AT.timestamp() * 1000), AT + timedelta(microseconds=999)) == AT


@pytest.mark.parametrize("epoch", [0, -1, None, "soon", 10**13, round(AT.timestamp() * 1000) - 30_001])
def test_a_time_that_cannot_be_is_not_believed(epoch: Any) -> None:
    assert received(epoch) == AT


def test_an_event_without_that_time_is_received_now() -> None:
    event = http_event("POST", "/webhooks/whatsapp/wa", b"{}", {})
    del event["requestContext"]["timeEpoch"]
    assert to_request(event, "https://santral.example.com", AT).received_at == AT
