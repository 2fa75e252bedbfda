"""What every provider's answer has in common: when to come again, whose fault it is, and the window's last moment."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from channels import registry
from channels.base import Limits
from channels.reading import retry_after
from router.answers import limits_of
from router.errors import Rejected, Temporary
from router.messages import ChannelName
from router.parts import Answer
from router.wire import HttpResponse
from tests.channels.test_degrading import WAYS, sent

DATE = "Mon, 02 Mar 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"retry-after": " 0 "}, 0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "Mon, 02 Mar 2026 09:02:00 GMT", "Date": DATE}, 120),
        ({"Retry-After": "Monday, 02-Mar-26 09:02:00 GMT", "date": DATE}, 120),  # RFC 850's form, still to be read
        ({"Retry-After": "Mon, 02 Mar 2026 08:00:00 GMT", "Date": DATE}, 0),
        ({"Retry-After": "Mon, 02 Mar 2026 09:02:00 GMT"}, None),
        ({"Retry-After": "soon", "Date": DATE}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_when_to_come_again_is_read_in_each_of_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("name", ["email", "instagram", "messenger", "telegram", "twilio", "whatsapp"])
def test_too_many_calls_wait_until_the_date_that_the_provider_names(name: str) -> None:
    headers = {"Retry-After": "Mon, 02 Mar 2026 09:02:00 GMT", "Date": DATE}
    with pytest.raises(Temporary) as temporary:
        registry.get(name).interpret(HttpResponse(429, headers, b"{}"))
    assert temporary.value.retry_after == 120


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("whatsapp", 401, {"code": 0}),
        ("whatsapp", 500, {"code": 3}),
        ("whatsapp", 403, {"code": 368}),
        ("messenger", 500, {"code": 3}),
        ("messenger", 400, {"code": 0}),
        ("messenger", 400, {"code": 100, "error_subcode": 33}),
        ("instagram", 400, {"code": 803}),
    ],
)
def test_what_meta_refuses_for_our_account_is_ours_to_mend_whatever_the_status(
    name: str, status: int, code: dict[str, int]
) -> None:
    with pytest.raises(Rejected) as refused:
        registry.get(name).interpret(HttpResponse(status, {}, json.dumps({"error": code}).encode()))
    assert (refused.value.credentials, refused.value.suppress) == (True, False)


WINDOWED = [way for way in WAYS if limits_of(registry.get(way[0]), way[1]).window is not None]


@pytest.mark.parametrize("way", WINDOWED, ids=lambda way: f"{way[0]}-{way[1]}")
def test_a_window_closes_for_the_provider_s_call_in_the_moment_in_which_it_closes_for_the_desk(
    way: tuple[str, ChannelName, str],
) -> None:
    limits: Limits = limits_of(registry.get(way[0]), way[1])
    assert limits.window is not None
    sent(*way, Answer("Merhaba"), heard=limits.window - timedelta(microseconds=1))
    with pytest.raises(Rejected) as refused:
        sent(*way, Answer("Merhaba"), heard=limits.window)
    assert refused.value.code == "window"
