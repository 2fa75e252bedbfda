"""Whether a message that we write first may leave now: judged in one place, just before each send, by what is known then.

In this order, and the first that holds is the one reason: suppression, consent, what support has open, quiet hours, caps, holdout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from router.candidates import Candidate, Cap, Caps, Drop, Heed, Hold, Reason, Send, Verdict
from router.consents import may
from router.purposes import Purpose
from router.slots import EMPTY, Ledger, before, refused


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A conversation of the recipient that is not resolved. `late`: one of its clocks is past its time."""

    id: str
    category: str | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the recipient, read just before the send.

    `suppressed` says why nothing is sent to the address (its source, such as `opt-out`). `consent` is for this channel and purpose:
    given, withdrawn (False), or never asked (None). `quiet_until` is when the recipient's quiet hours end (router.quiet), in
    milliseconds; None outside them; `never_open` says that they do not end. `ledger` is what has left and is planned
    (router.slots), `zone` the recipient's.
    """

    suppressed: str | None = None
    consent: bool | None = None
    unresolved: tuple[Unresolved, ...] = ()
    quiet_until: int | None = None
    never_open: bool = False
    ledger: Ledger = EMPTY
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Policy:
    """What the company has decided. A purpose without caps has none."""

    caps: Mapping[Purpose, Caps] = field(
        default_factory=lambda: {
            Purpose.MARKETING: Caps(day=Cap(1), week=Cap(3, reserve=1)),
            Purpose.SERVICE: Caps(day=Cap(2), week=Cap(5, reserve=1)),
        }
    )
    complaints: frozenset[str] = frozenset(("complaint",))


def judge(candidate: Candidate, facts: Facts, policy: Policy, now: int) -> Verdict:
    """May it leave now? `now` in milliseconds since 1970. Total: every candidate gets one answer, and every Hold ends before it is stale.

    A Send still has to get its slot (router.slots.claim). One that has it is judged anew on all the rest, as often as it is asked.
    """
    reason = _unwanted(candidate, facts) or _owed(candidate, facts, policy)
    if reason is not None:
        return Drop(reason)
    untimely = _untimely(candidate, facts, now)
    if untimely is not None:
        return untimely
    ledger = facts.ledger if candidate.held_out is None else before(facts.ledger, candidate)
    refusal = refused(ledger, candidate, policy.caps.get(candidate.purpose), facts.zone, now)
    if refusal is not None:
        return refusal
    if candidate.held_out is not None:
        return Drop(Reason("holdout", {"group": candidate.held_out}))
    return Send()


def _unwanted(candidate: Candidate, facts: Facts) -> Reason | None:
    """The address or the person does not want it."""
    if facts.suppressed is not None:
        return Reason("suppressed", {"channel": candidate.channel, "source": facts.suppressed})
    if may(facts.consent, candidate.purpose):
        return None
    code = "consent.none" if facts.consent is None else "consent.withdrawn"
    return Reason(code, {"channel": candidate.channel, "purpose": str(candidate.purpose)})


def _owed(candidate: Candidate, facts: Facts, policy: Policy) -> Reason | None:
    """We owe this person something: a complaint before what is late, that before whatever else is open."""
    for heed in Heed:
        if heed in candidate.heeds:
            for conversation in facts.unresolved:
                if _counts(heed, conversation, policy):
                    return Reason(f"support.{heed}", {"conversation": conversation.id})
    return None


def _counts(heed: Heed, conversation: Unresolved, policy: Policy) -> bool:
    if heed is Heed.COMPLAINT:
        return conversation.category in policy.complaints
    return conversation.late or heed is Heed.OPEN


def _untimely(candidate: Candidate, facts: Facts, now: int) -> Hold | Drop | None:
    """It makes no sense any more, or would not when the quiet hours end; else held over them, never skipped."""
    if now >= candidate.stale_at:
        return Drop(Reason("stale", {"since": candidate.stale_at}))
    if facts.never_open:
        return Drop(Reason("quiet.always"))
    until = facts.quiet_until
    if until is None or until <= now:
        return None
    if until >= candidate.stale_at:
        return Drop(Reason("stale.quiet", {"until": until, "since": candidate.stale_at}))
    return Hold(until, Reason("quiet", {"until": until}))
