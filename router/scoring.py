"""Scores are given: by supervisors for the work, by customers (through a survey, or whoever asked them) for how it was."""

from __future__ import annotations

from dataclasses import replace

from router.conversations import Conversation, State
from router.desk import audit
from router.errors import Invalid, NotFound, Refused
from router.exchange import Exchange
from router.ids import digest
from router.keeping import save
from router.once import Plan, Result, User, once
from router.scores import Score, ScoreKind, checked, scored
from router.times import whole_ms
from router.workers import worker, workers


def judge(
    x: Exchange, user: User, conversation_id: str, value: int, text: str | None, agent: str | None, key: str
) -> Result:
    """How good the work was, from 0 to 100, by a supervisor; about who has or had it, or another who had a part in it.

    Raises Refused for one's own work, Invalid for a value outside the range and for an agent who had no part.
    """
    user.need("supervisor")
    checked(ScoreKind.QUALITY, value)

    def plan(digest_: str) -> Plan:
        before = _ever(x, conversation_id)
        about = agent or worker(before)
        if about is None:
            raise Invalid("nobody has worked on it yet", field="agent")
        if about not in workers(before):
            raise Invalid(f"{about} had no part in it", field="agent")
        if about == user.name:
            raise Refused("nobody judges their own work")
        return _plan(x, user, before, ScoreKind.QUALITY, value, text, about, digest_)

    what = (conversation_id, str(value), text or "", agent or "")
    return once(x, user, key, digest(x.key, "quality", *what), plan)


def rate(
    x: Exchange, user: User, conversation_id: str, kind: ScoreKind, value: int, text: str | None, key: str
) -> Result:
    """What the customer says: csat from 1 to 5, nps from 0 to 10, ces from 1 to 7. By a supervisor, or a machine with its scope.

    It is about who had the conversation last. Raises Invalid for a value outside the range.
    """
    if not user.machine:
        user.need("supervisor")
    checked(kind, value)

    def plan(digest_: str) -> Plan:
        before = _ever(x, conversation_id)
        return _plan(x, user, before, kind, value, text, worker(before), digest_)

    return once(x, user, key, digest(x.key, "satisfaction", conversation_id, kind, str(value), text or ""), plan)


def _ever(x: Exchange, conversation_id: str) -> Conversation:
    """A conversation, also one that is closed for good, or what it has become part of. Raises NotFound."""
    found = x.table.standing(conversation_id)
    if found is None:
        raise NotFound(f"there is no conversation {conversation_id}")
    return found


def _plan(
    x: Exchange,
    user: User,
    before: Conversation,
    kind: ScoreKind,
    value: int,
    text: str | None,
    about: str | None,
    digest_: str,
) -> Plan:
    score = Score(whole_ms(x.now()), kind, value, user.name, about)
    after = replace(before, scores=scored(before.scores, score))
    saved = save(x, before, after, past=before.state is State.CLOSED)
    detail = {"kind": str(kind), "score": value, "agent": about, "text": text}
    entry = audit(x, user, before, "score", digest_, {name: told for name, told in detail.items() if told is not None})
    told = [about] if about is not None and about == before.agent and about != user.name else []
    return Plan([*saved.changes, entry], Result(before.id), saved.timers, saved.after, told)
