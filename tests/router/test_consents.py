"""Consent holds by the customer's own time, in whatever order its records come in."""

from datetime import timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.consents import Consent, How, may, standing
from router.messages import ChannelName
from router.purposes import Purpose
from tests.kit.values import NOW

MARKETING = Purpose.MARKETING


def consent(id_: str, given: bool, minutes: int, purpose: Purpose = MARKETING, address: str = "+15550199") -> Consent:
    at = NOW + timedelta(minutes=minutes)
    return Consent(id_, ChannelName.SMS, address, purpose, given, at, How.FORM, "form", NOW)


def believed(records: list[Consent]) -> dict[tuple[str, Purpose], bool]:
    """An oracle by plain words: for each address and purpose, no record is later, and none of that time withdraws."""
    places = {(one.address, one.purpose) for one in records}
    found = {}
    for place in places:
        mine = [one for one in records if (one.address, one.purpose) == place]
        latest = max(one.at for one in mine)
        found[place] = all(one.given for one in mine if one.at == latest)
    return found


RECORDS = st.lists(
    st.builds(
        consent,
        st.uuids().map(str),
        st.booleans(),
        st.integers(0, 4),
        st.sampled_from(Purpose),
        st.sampled_from(["+15550199", "+15550188"]),
    ),
    max_size=12,
)


@given(RECORDS, st.randoms(use_true_random=False))
def test_what_holds_depends_on_no_order(records: list[Consent], random: Random) -> None:
    held = standing(records)
    shuffled = [*records, *records[:3]]
    random.shuffle(shuffled)
    assert standing(shuffled) == held
    assert {(place[1], place[2]): one.given for place, one in held.items()} == believed(records)


def test_a_late_record_changes_nothing_that_was_said_after_it() -> None:
    given_, withdrawn, stale = consent("a", True, 0), consent("b", False, 9), consent("c", True, 5)
    for order in permutations([given_, withdrawn, stale]):
        assert list(standing(order).values()) == [withdrawn]


@pytest.mark.parametrize(
    ("purpose", "nothing", "given_", "withdrawn"),
    [
        (Purpose.TRANSACTIONAL, True, True, True),
        (Purpose.SERVICE, True, True, False),
        (Purpose.MARKETING, False, True, False),
    ],
)
def test_what_may_be_sent(purpose: Purpose, nothing: bool, given_: bool, withdrawn: bool) -> None:
    assert [may(None, purpose), may(True, purpose), may(False, purpose)] == [nothing, given_, withdrawn]
