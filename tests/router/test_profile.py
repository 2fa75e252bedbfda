"""What is known of a person: judged with its reason, lent by a join and given back by parting."""

import calendar
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import Invalid
from router.lending import lent, taken_back
from router.messages import ChannelName, Proof
from router.profile import Changes, attribute, attribute_name, birthday_of, changed, language_of, tags_of, zone_of
from router.records import Contact
from tests.kit.values import NOW

TODAY = date(2026, 3, 2)
KNOWN = Contact("p_a", ChannelName.SMS, "+15550199", Proof.WEAK, NOW, "Zeynep")


@given(st.integers(0, 9999), st.integers(0, 99), st.integers(0, 99))
def test_a_birthday_is_any_day_there_was(year: int, month: int, day: int) -> None:
    text = f"{year:04d}-{month:02d}-{day:02d}"
    days = calendar.monthrange(max(year, 1), month)[1] if 1 <= month <= 12 else 0
    there_was = year >= 1900 and 1 <= day <= days and (year, month, day) <= (2026, 3, 2)
    try:
        assert birthday_of(text, TODAY) == text
        assert there_was
    except Invalid:
        assert not there_was


@pytest.mark.parametrize("text", ["02-29", "12-31", "2024-02-29", "2026-03-02"])
def test_days_that_are_birthdays(text: str) -> None:
    assert birthday_of(text, TODAY) == text


@pytest.mark.parametrize("text", ["02-30", "2023-02-29", "2-9", "29.02.2000", "2026-03-03", "1899-12-31", "٠٢-٢٩", "x"])
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(Invalid) as told:
        birthday_of(text, TODAY)
    assert told.value.field == "birthday"


def test_every_zone_of_the_database_is_one() -> None:
    assert all(zone_of(zone) == zone for zone in available_timezones() - {"localtime", "Factory"})


@pytest.mark.parametrize(
    "text",
    [
        "Europe",
        "Istanbul",
        "localtime",
        "../etc/passwd",
        "/etc/passwd",
        "Europe/Istanbul ",
        "UTC+3x",
        "İstanbul",
        "A" * 99,
    ],
)
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="no time zone"):
        zone_of(text)


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    for judge in (zone_of, language_of, lambda said: birthday_of(said, TODAY), attribute_name):
        with suppress(Invalid):
            assert judge(text) in (text, None)


@given(st.lists(st.text(max_size=50), max_size=60))
def test_tags_are_judged_and_judged_again_are_the_same(tags: list[str]) -> None:
    try:
        kept = tags_of(tags)
    except Invalid:
        return
    assert tags_of(kept) == kept
    assert set(kept) == {" ".join(tag.split()) for tag in tags} - {""}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**16, None, [], {"a": 1}, "x" * 501])
def test_an_attribute_is_a_short_scalar(value: Any) -> None:
    with pytest.raises(Invalid) as told:
        attribute("city", value)
    assert told.value.field == "attributes.city"


@pytest.mark.parametrize("name", ["", "City", "şehir", "1st", "a" * 41, "a-b", "a.b"])
def test_an_attribute_has_a_name_that_conditions_can_say(name: str) -> None:
    with pytest.raises(Invalid):
        changed(KNOWN, Changes(attributes={name: "x"}), TODAY)


def test_what_is_left_out_stays_and_an_empty_text_clears() -> None:
    full = changed(
        KNOWN, Changes(zone="Europe/Istanbul", tags=("vip",), attributes={"city": "İzmir", "orders": 3}), TODAY
    )
    assert changed(full, Changes(), TODAY) == full
    assert changed(full, Changes(attributes={"city": "Bursa"}), TODAY).attributes == (("city", "Bursa"), ("orders", 3))
    bare = changed(full, Changes(zone="", tags=(), attributes={"city": None, "orders": ""}), TODAY)
    assert bare == replace(KNOWN)


def test_fifty_attributes_and_no_more() -> None:
    full = changed(KNOWN, Changes(attributes={f"a{n}": n for n in range(50)}), TODAY)
    assert changed(full, Changes(attributes={"a1": "x"}), TODAY) != full
    with pytest.raises(Invalid, match="at most 50"):
        changed(full, Changes(attributes={"more": 1}), TODAY)


SCALARS = st.one_of(st.booleans(), st.integers(0, 3), st.sampled_from(["", "x", "1"]))
NAMES = st.sampled_from([f"a{n}" for n in range(40)])


@st.composite
def contacts(draw: st.DrawFn, id_: str) -> Contact:
    """Somebody, with anything known of them or nothing."""
    return replace(
        KNOWN,
        id=id_,
        name=draw(st.sampled_from([None, "Ada"])),
        zone=draw(st.sampled_from([None, "Europe/Istanbul", "UTC"])),
        birthday=draw(st.sampled_from([None, "02-29"])),
        tags=tuple(sorted(draw(st.sets(st.sampled_from([f"t{n}" for n in range(60)]), max_size=50)))),
        attributes=tuple(sorted(draw(st.dictionaries(NAMES, SCALARS, max_size=40)).items())),
    )


@given(contacts("p_a"), contacts("p_b"))
def test_parting_undoes_what_a_join_lent(a: Contact, b: Contact) -> None:
    joint = lent(a, b)
    assert dict(joint.attributes).items() >= dict(a.attributes).items()
    assert set(a.tags) <= set(joint.tags) <= set(a.tags) | set(b.tags)
    assert len(joint.tags) <= 50
    assert len(joint.attributes) <= 50
    assert taken_back(joint, b, {"p_b"}) == a


@given(contacts("p_a"), contacts("p_b"), contacts("p_c"))
def test_who_goes_takes_only_what_they_brought(a: Contact, b: Contact, c: Contact) -> None:
    joint = lent(lent(a, b), c)
    assert taken_back(joint, c, {"p_c"}) == lent(a, b)


def test_what_was_changed_since_is_the_joint_person_s() -> None:
    joint = lent(KNOWN, replace(KNOWN, id="p_b", zone="UTC", attributes=(("city", "İzmir"), ("vip", True))))
    since = changed(joint, Changes(zone="Europe/Istanbul", attributes={"vip": 1}), TODAY)
    parted = taken_back(
        since, replace(KNOWN, id="p_b", zone="UTC", attributes=(("city", "İzmir"), ("vip", True))), {"p_b"}
    )
    assert (parted.zone, parted.attributes) == ("Europe/Istanbul", (("vip", 1),))
