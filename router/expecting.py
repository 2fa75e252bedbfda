"""When a customer may expect an answer: by the clock of their conversation, in words, and until when the words bind us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from router.business import Business, business
from router.config import AutomaticAnswers, Config
from router.conversations import Conversation
from router.keeping import terms_for
from router.sla import counted, owed
from router.targets import Target
from router.times import from_ms, to_ms
from router.wordings import from_then, rounded, until_then, within


@dataclass(frozen=True, slots=True)
class Expected:
    """What is told, and the latest time at which it is true; None where the words name only the earliest."""

    words: str
    until: datetime | None


def expected(
    config: Config, answers: AutomaticAnswers, conversation: Conversation, language: str, now: datetime
) -> Expected:
    """When an answer is due by the conversation's own clock, from words that are as exact as what is promised.

    Business time is told by the clock of its calendar, on the same day as a wait. Where the wall's clock counts and nobody is there any
    more by then, the hours say from when somebody is, or, where it is promised, until when so much of their time has passed.
    """
    due, counts = _due(config, conversation, now)
    hours = config.calendar(answers.hours)
    if counts is None and hours is not None and not all(config.is_open(answers.hours, at) for at in (now, due)):
        opens = config.opens(answers.hours, due if config.is_open(answers.hours, now) else now)
        if not answers.promises and opens is not None:
            return Expected(from_then(opens, now, hours.zone, language), None)
        later = business(hours).after(to_ms(now), to_ms(due) - to_ms(now))
        due = due if later is None else from_ms(later)
    zone = counts.calendar.zone if counts is not None else hours.zone if hours is not None else None
    exact = answers.promises or (counts is not None and _day(due, counts) != _day(now, counts))
    if zone is None or not exact:
        return Expected(within(due - now, language), now + rounded(due - now))
    due = _whole_minute(due)
    return Expected(until_then(due, now, zone, language), due)


def _due(config: Config, conversation: Conversation, now: datetime) -> tuple[datetime, Business | None]:
    """When the answer is due that somebody owes, and the business time that counts until then; a late one has all its time again."""
    terms = terms_for(conversation, config)
    answer = owed(counted(conversation.timeline, terms, conversation.clocks))
    target = answer.target if answer is not None else Target.FIRST_RESPONSE
    term = terms.terms.get(target)
    time = term.time if term is not None and isinstance(term.time, Business) else None
    if answer is not None and answer.due_at is not None and answer.due_at > now:
        return answer.due_at, time
    later = time.after(to_ms(now), terms.nominal) if time is not None else None
    return now + timedelta(milliseconds=terms.nominal) if later is None else from_ms(later), time


def _day(at: datetime, time: Business) -> object:
    return at.astimezone(time.zone).date()


def _whole_minute(at: datetime) -> datetime:
    """The next whole minute: the words name no seconds."""
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)
