"""The arbiter: one reason each, the first in the order that is promised, and a sentence for every one of them."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.arbiter import Facts, Policy, Unresolved, judge
from router.candidates import Candidate, Cap, Caps, Drop, Heed, Hold, Reason, Send
from router.config import Config
from router.experiments import Group, compared
from router.explaining_outreach import finding_told, verdict_told
from router.explaining_reader import PHRASES, Reader
from router.purposes import Purpose
from router.slots import EMPTY, Ledger, claim, planned
from router.times import to_ms

NOON = to_ms(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
HOUR = 3_600_000
PLAIN = Candidate("m_1", "spring", "sms", Purpose.MARKETING, 5, NOON, NOON + 30 * HOUR)
WELCOME = Facts(consent=True)
POLICY = Policy()


def reader(language: str) -> Reader:
    return Reader(language, "Europe/Istanbul", Config(), names=True)


def full() -> Ledger:
    ledger = claim(EMPTY, replace(PLAIN, send="m_0", campaign="birthday"), Caps(day=Cap(1)), UTC, NOON)
    assert isinstance(ledger, Ledger)
    return ledger


WRONG: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("suppressed", {"suppressed": "bounce"}, {}),
    ("consent.withdrawn", {"consent": False}, {}),
    ("support.complaint", {"unresolved": (Unresolved("c_1", "complaint"),)}, {}),
    ("quiet", {"quiet_until": NOON + HOUR}, {}),
    ("cap.day", {"ledger": full()}, {}),
    ("holdout", {}, {"held_out": "global"}),
]
"""Everything that keeps a message back, in the order that is promised."""


def test_what_nothing_keeps_back_leaves() -> None:
    assert judge(PLAIN, WELCOME, POLICY, NOON) == Send()


@pytest.mark.parametrize("wrong", [c for n in range(1, len(WRONG) + 1) for c in combinations(WRONG, n)])
def test_of_everything_that_is_wrong_the_first_in_order_is_the_one_reason(wrong: tuple[Any, ...]) -> None:
    facts, candidate = WELCOME, PLAIN
    for _, of_facts, of_candidate in wrong:
        facts, candidate = replace(facts, **of_facts), replace(candidate, **of_candidate)
    verdict = judge(candidate, facts, POLICY, NOON)
    assert not isinstance(verdict, Send)
    assert verdict.reason.code == wrong[0][0]
    assert isinstance(verdict, Hold) == (verdict.reason.code in ("quiet", "cap.day"))


@pytest.mark.parametrize(
    ("importance", "hours", "foreseen", "code"),
    [
        (10, 1, False, "holdout"),  # it left after this one was due, and only as this one is held out
        (10, -1, True, "holdout"),  # nor would it have left before what the calendar foresees
        (10, -1, False, "cap.day"),  # nobody knew of this one yet
        (90, 1, True, "cap.day"),
    ],
)
def test_who_is_held_out_counts_as_held_out_unless_something_else_would_have_had_the_slot(
    importance: int, hours: int, foreseen: bool, code: str
) -> None:
    caps = Caps(day=Cap(1))
    at = NOON + hours * HOUR
    other = replace(PLAIN, send="m_0", campaign="news", importance=importance, due=at, stale_at=at + 24 * HOUR)
    ledger = claim(EMPTY, other, caps, UTC, at)
    assert isinstance(ledger, Ledger)
    held_out = replace(PLAIN, importance=50, held_out="indirim", foreseen=foreseen)
    verdict = judge(held_out, replace(WELCOME, ledger=ledger), POLICY, NOON + 2 * HOUR)
    assert not isinstance(verdict, Send)
    assert verdict.reason.code == code


@pytest.mark.parametrize(
    ("purpose", "consent", "code"),
    [
        (Purpose.MARKETING, None, "consent.none"),
        (Purpose.MARKETING, False, "consent.withdrawn"),
        (Purpose.MARKETING, True, None),
        (Purpose.SERVICE, None, None),
        (Purpose.SERVICE, False, "consent.withdrawn"),
        (Purpose.TRANSACTIONAL, None, None),
        (Purpose.TRANSACTIONAL, False, None),
    ],
)
def test_marketing_needs_a_consent_service_that_none_was_withdrawn_and_what_was_ordered_leaves(
    purpose: Purpose, consent: bool | None, code: str | None
) -> None:
    verdict = judge(replace(PLAIN, purpose=purpose), Facts(consent=consent), POLICY, NOON)
    assert (verdict.reason.code if isinstance(verdict, Drop) else verdict) == (code or Send())


def test_a_complaint_that_comes_after_the_thank_you_was_planned_keeps_it_from_leaving() -> None:
    thanks = replace(PLAIN, send="m_thanks", campaign="thank-you", purpose=Purpose.SERVICE)
    ledger = planned(EMPTY, thanks, POLICY.caps[Purpose.SERVICE], NOON, UTC, NOON - HOUR)
    facts = Facts(ledger=ledger)
    assert judge(thanks, facts, POLICY, NOON - HOUR) == Send()
    angry = replace(facts, unresolved=(Unresolved("c_a.default.1", "order"), Unresolved("c_a.default.2", "complaint")))
    verdict = judge(thanks, angry, POLICY, NOON)
    assert verdict == Drop(Reason("support.complaint", {"conversation": "c_a.default.2"}))
    assert verdict_told(reader("en"), verdict) == "Not sent: a complaint is not resolved (c_a.default.2)."
    assert verdict_told(reader("tr"), verdict) == "Gönderilmedi: çözülmemiş bir şikâyet var (c_a.default.2)."


@pytest.mark.parametrize(
    ("conversation", "holds"),
    [
        (Unresolved("c", "complaint"), {Heed.COMPLAINT, Heed.OPEN}),
        (Unresolved("c", "order", late=True), {Heed.BREACH, Heed.OPEN}),
        (Unresolved("c", "complaint", late=True), {Heed.COMPLAINT, Heed.BREACH, Heed.OPEN}),
        (Unresolved("c"), {Heed.OPEN}),
    ],
)
@pytest.mark.parametrize("heeds", [set(c) for n in range(4) for c in combinations(Heed, n)])
def test_each_campaign_says_what_of_support_it_heeds(
    conversation: Unresolved, holds: set[Heed], heeds: set[Heed]
) -> None:
    verdict = judge(replace(PLAIN, heeds=frozenset(heeds)), replace(WELCOME, unresolved=(conversation,)), POLICY, NOON)
    first = next((heed for heed in Heed if heed in heeds & holds), None)
    assert verdict == (Send() if first is None else Drop(Reason(f"support.{first}", {"conversation": "c"})))


def test_quiet_hours_hold_a_message_and_drop_one_that_would_be_stale_by_their_end() -> None:
    quiet = replace(WELCOME, quiet_until=NOON + 10 * HOUR)
    assert judge(PLAIN, quiet, POLICY, NOON) == Hold(NOON + 10 * HOUR, Reason("quiet", {"until": NOON + 10 * HOUR}))
    verdict = judge(replace(PLAIN, stale_at=NOON + 10 * HOUR), quiet, POLICY, NOON)
    assert isinstance(verdict, Drop)
    assert verdict.reason.code == "stale.quiet"
    assert judge(PLAIN, quiet, POLICY, NOON + 10 * HOUR) == Send()
    assert judge(PLAIN, replace(WELCOME, never_open=True), POLICY, NOON) == Drop(Reason("quiet.always"))


def test_a_message_that_comes_too_late_is_dropped_in_the_place_of_quiet_hours() -> None:
    late = judge(PLAIN, WELCOME, POLICY, PLAIN.stale_at)
    assert late == Drop(Reason("stale", {"since": PLAIN.stale_at}))
    unwanted = judge(PLAIN, replace(WELCOME, consent=None), POLICY, PLAIN.stale_at)
    assert isinstance(unwanted, Drop)
    assert unwanted.reason.code == "consent.none"


def test_one_that_has_its_slot_is_judged_anew_on_everything_else() -> None:
    ledger = claim(EMPTY, PLAIN, POLICY.caps[Purpose.MARKETING], UTC, NOON)
    assert isinstance(ledger, Ledger)
    facts = replace(WELCOME, ledger=ledger)
    assert judge(PLAIN, facts, POLICY, NOON + 1) == Send()
    assert isinstance(judge(PLAIN, replace(facts, suppressed="opt-out"), POLICY, NOON + 1), Drop)


def test_transactional_messages_have_no_cap_unless_the_company_gives_them_one() -> None:
    bill = replace(PLAIN, purpose=Purpose.TRANSACTIONAL)
    assert judge(bill, Facts(ledger=full()), POLICY, NOON) == Send()
    none = Policy(caps={Purpose.TRANSACTIONAL: Caps(day=Cap(0))})
    assert judge(bill, Facts(), none, NOON) == Drop(Reason("cap.closed", {"purpose": "transactional"}))


FACTS = st.builds(
    Facts,
    suppressed=st.none() | st.sampled_from(["opt-out", "by hand", "bounce", "complaint", "21610"]),
    consent=st.sampled_from([True, True, True, False, None]),
    unresolved=st.lists(
        st.builds(Unresolved, st.just("c_1"), st.sampled_from([None, "order", "complaint"]), st.booleans()), max_size=2
    ).map(tuple),
    quiet_until=st.none() | st.integers(-5, 40).map(lambda hours: NOON + hours * HOUR),
    ledger=st.sampled_from([EMPTY, full()]),
    never_open=st.sampled_from([False, False, False, True]),
    zone=st.sampled_from([ZoneInfo("Pacific/Kiritimati"), ZoneInfo("America/St_Johns"), UTC]),
)
CANDIDATES = st.builds(
    Candidate,
    send=st.sampled_from(["m_0", "m_1"]),
    campaign=st.just("spring"),
    channel=st.sampled_from(["sms", "email"]),
    purpose=st.sampled_from(list(Purpose)),
    importance=st.integers(1, 9),
    due=st.just(NOON),
    stale_at=st.integers(0, 60).map(lambda hours: NOON + hours * HOUR),
    triggered=st.booleans(),
    heeds=st.frozensets(st.sampled_from(list(Heed))),
    held_out=st.none() | st.just("global"),
)
POLICIES = st.builds(
    Policy,
    caps=st.fixed_dictionaries(
        {Purpose.MARKETING: st.builds(Caps, st.none() | st.builds(Cap, st.integers(0, 2), st.integers(0, 1)),
                                      st.none() | st.builds(Cap, st.integers(0, 2), st.integers(0, 2)))}
    ),
)  # fmt: skip


@given(CANDIDATES, FACTS, POLICIES, st.integers(0, 70))
def test_every_candidate_gets_one_answer_with_a_sentence_in_both_languages_and_a_hold_ends_before_it_is_stale(
    candidate: Candidate, facts: Facts, policy: Policy, hours: int
) -> None:
    now = NOON + hours * HOUR
    verdict = judge(candidate, facts, policy, now)
    assert verdict == judge(candidate, facts, policy, now)
    if isinstance(verdict, Hold):
        assert now < verdict.until < candidate.stale_at
    for language in ("en", "tr"):
        said = verdict_told(reader(language), verdict)
        assert said.endswith(".")
        assert "{" not in said
    if isinstance(verdict, Drop | Hold):
        prefix = "outreach.held." if isinstance(verdict, Hold) else "outreach."
        assert prefix + verdict.reason.code in PHRASES


def test_a_held_message_says_until_when_and_for_whom() -> None:
    verdict = judge(PLAIN, replace(WELCOME, ledger=full()), POLICY, NOON)
    assert verdict_told(reader("en"), verdict) == (
        "Held until Tuesday, 3 March 2026 15:00: the limit of marketing messages a day is 1. Sent or more important: birthday."
    )
    assert verdict_told(reader("tr"), verdict) == (
        "Bekletiliyor (bitiş: 3 Mart 2026 Salı 15:00): günlük pazarlama mesajı sınırı 1. Gönderilen ya da daha önemli: birthday."
    )
    assert verdict_told(reader("tr"), judge(PLAIN, replace(WELCOME, suppressed="21610"), POLICY, NOON)) == (
        "Gönderilmedi: bu adrese SMS üzerinden mesaj gönderilmiyor (sağlayıcının bildirdiği: 21610)."
    )


def test_a_finding_is_said_plainly_in_both_languages() -> None:
    [found] = compared(Group("holdout", 200, 20), [Group("a", 200, 25)])
    assert finding_told(reader("en"), found, "holdout") == (
        "Not enough yet to tell “a” from “holdout”: 12.5%, a difference of 2.5 points (from -3.8 to 8.8). "
        "A difference of this size shows with some 2507 people in each group."
    )
    assert finding_told(reader("tr"), found, "kontrol").startswith(
        "“a” ile “kontrol” arasında fark olduğunu söylemek için veri henüz yetersiz: %12,5, fark 2,5 puan"
    )
    [more] = compared(Group("holdout", 1000, 100), [Group("a", 1000, 160)])
    assert finding_told(reader("en"), more, "holdout").startswith(
        "“a” does more than “holdout”: 16.0%, a difference of 6.0 points"
    )


def test_judging_and_claiming_keeps_up_with_a_hundred_thousand_recipients_a_minute() -> None:
    """600 microseconds each are 100,000 a minute; the aim of 100 leaves the rest to the writes. Processor time, best of five."""
    zone, caps = ZoneInfo("America/New_York"), POLICY.caps[Purpose.MARKETING]
    ledger = EMPTY
    for number in range(8):
        at = NOON + number * 20 * HOUR
        ledger = planned(
            ledger, replace(PLAIN, send=f"p{number}", importance=number, stale_at=at + 48 * HOUR), caps, at, zone, NOON
        )
    sent = claim(ledger, replace(PLAIN, send="s", importance=99, due=NOON - 60 * HOUR), caps, zone, NOON - 60 * HOUR)
    assert isinstance(sent, Ledger)
    facts = replace(WELCOME, ledger=sent, zone=zone, unresolved=(Unresolved("c", "order"),))
    plain = replace(PLAIN, heeds=frozenset((Heed.COMPLAINT,)))
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for importance in range(500):
            one = replace(plain, importance=importance % 10)
            if judge(one, facts, POLICY, NOON) == Send():
                claim(sent, one, caps, zone, NOON)
        best = min(best, (time.process_time() - began) / 500)
    assert best < 600e-6
