"""What a provider's word says of an address for good: nothing more at all, no more marketing, or nothing."""

from typing import Any

import pytest

from channels.twilio_errors import DELIVERY, REFUSALS
from channels.whatsapp_errors import REFUSALS as WHATSAPP
from router.consents import How
from router.messages import ChannelName, Provider, Receipt, ReceiptStatus
from router.receipts import Stop, refused_by
from tests.kit.values import NOW


def word(status: str, provider: Provider = Provider.SES, **more: Any) -> tuple[str | None, How | None]:
    """Why nothing is sent there any more, and how marketing was declined."""
    receipt = Receipt(
        id="r_1", channel=ChannelName.EMAIL, provider=provider, inbox="i", status=ReceiptStatus(status), provider_status=status,
        send_id="m_1", at=NOW, received_at=NOW, **more,
    )  # fmt: skip
    stop: Stop = refused_by(receipt)
    assert bool(stop.reason) == (stop.source is not None or stop.withdraws is not None)
    return stop.source, stop.withdraws


@pytest.mark.parametrize(
    ("said", "source", "withdraws"),
    [
        (word("complained"), "complaint", How.COMPLAINT),
        (word("bounced", permanent=True), "bounce", None),
        (word("bounced", permanent=False), None, None),
        (word("failed", permanent=True, code="OnAccountSuppressionList"), "complaint", How.COMPLAINT),
        (word("failed", permanent=True), None, None),  # a virus, a template that cannot be filled in: ours, not theirs
        (word("failed", Provider.TWILIO, permanent=True, code="30005"), "30005", None),
        (word("failed", Provider.TWILIO, permanent=True, code="30006"), "30006", None),
        (word("failed", Provider.TWILIO, permanent=True, code="21610"), "opt-out", How.PROVIDER),
        (word("failed", Provider.TWILIO, permanent=False, code="30003"), None, None),
        (word("failed", Provider.META, permanent=True, code="131026"), None, None),  # one code for many causes
        (word("failed", Provider.META, permanent=True, code="131050"), None, How.PROVIDER),
        (word("failed", Provider.META, permanent=False, code="131049"), None, None),
        (word("delivered"), None, None),
    ],
)
def test_what_each_word_stops(said: tuple[str | None, How | None], source: str | None, withdraws: How | None) -> None:
    assert said == (source, withdraws)


def test_codes_that_stop_an_address_are_known_to_the_channels() -> None:
    assert {code for code, one in REFUSALS.items() if one.asked} == {"21610"}
    assert {code for code, one in REFUSALS.items() if one.suppress} == {"21211", "21610", "21614", "21635", "63003"}
    assert {code for code, one in DELIVERY.items() if one.permanent} == {"21610", "30005", "30006", "63003", "63014"}
    assert [(code, one.permanent) for code, one in WHATSAPP.items() if one.asked] == [("131050", True)]
    assert not any(one.suppress for one in WHATSAPP.values())
