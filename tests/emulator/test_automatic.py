"""What leaves by itself, and what STOP does, on the deployed template: each function under its own role."""

from __future__ import annotations

import pytest

from santral.api_client import ApiError
from tests.emulator.conftest import GREETING, WELCOME, Live, until

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(180)]
NUMBER = "+12025550188"


def write(live: Live, text: str, sid: str) -> None:
    """The customer writes to the inbox that answers by itself."""
    assert live.sms(NUMBER, text, sid, inbox="selam", To=GREETING) == 200


def heard(live: Live) -> list[str]:
    """What the customer's phone shows of us."""
    texts = live.stage.sandbox.world.texts
    return [one.text for one in texts if one.customer == NUMBER and one.way == "to-customer"]


def test_a_message_is_acknowledged_stop_is_kept_and_start_lifts_it(live: Live) -> None:
    write(live, "Kargom nerede?", "SM" + "a1" * 16)
    until(
        lambda: heard(live) == [WELCOME.format(expected="in about 60 minutes")],
        "it is acknowledged",
    )
    conversation = live.conversation("sms", NUMBER)
    assert conversation["first_response"]["met_at"] is None

    write(live, "RET", "SM" + "a2" * 16)
    until(lambda: len(heard(live)) == 2 and "START" in heard(live)[1], "STOP is confirmed")
    with pytest.raises(ApiError) as refused:
        live.reply(conversation["id"], "Yolda")
    assert refused.value.status == 409
    stopped = live.supervisor.get("/v1/suppressions", channel="sms")["suppressions"]
    assert (NUMBER, "opt-out") in [(one["address"], one["source"]) for one in stopped]

    write(live, "BAŞLAT", "SM" + "a3" * 16)
    until(lambda: len(heard(live)) == 3, "START is confirmed")
    live.delivered(conversation["id"], live.reply(conversation["id"], "Yolda"))
    what = [entry["what"] for entry in live.detail(conversation["id"])["history"]]
    assert [one for one in what if one.startswith("opted")] == ["opted_out", "opted_in"]
