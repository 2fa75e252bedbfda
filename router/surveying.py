"""A survey is answered, on its page or by a reply such as 5. The score counts once, with all that follows from it, in one transaction.

It joins the conversation that the survey was about, of whoever had that last, and is kept beside the person. A low one is looked at: the
person's open conversation is raised, or one waits for a supervisor, with the score and the comment in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from router import low_scores, survey_replies
from router.config import Inbox, Queue
from router.conversations import Conversation, State, reopens
from router.errors import Lost, Temporary
from router.exchange import Exchange
from router.heard import noted
from router.hints import tell_owner
from router.ids import digest
from router.keeping import Saved, open_new, save
from router.measures import Answer
from router.messages import Direction, Kind, Message
from router.moves import at_rest
from router.onward import HEARD, scored, scored_by_reply
from router.people import resolve
from router.records import Contact, Known
from router.scores import Score
from router.scores import scored as with_score
from router.sends import Send
from router.signals import Signal, Step, follow_ups
from router.surveys import LONGEST, Asked, How, Rating, is_low, remembered
from router.times import to_ms, whole_ms
from router.workers import worker

if TYPE_CHECKING:
    from router.aws.dynamo import Change

CUSTOMER = "customer"
"""Whose word a score is, in a conversation's scores and history."""
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Reply:
    """A message that answers a survey. `about` is what the survey was about; `known`: it was answered before, and counts no more."""

    asked: Asked
    value: int
    rest: str
    about: Conversation | None
    low: bool
    known: bool

    @property
    def asks_nobody(self) -> bool:
        """Is there nothing in it that a person has to look at?"""
        return not self.rest and (self.known or not self.low)


@dataclass(frozen=True, slots=True)
class Scored:
    """A conversation after the reply to a survey came into it, and what is written besides."""

    conversation: Conversation
    changes: tuple[Change, ...] = ()


def pending(x: Exchange, contact: str) -> Sequence[Asked]:
    """What a person was asked and may still answer, the newest last: 1 R."""
    return remembered(x.table.surveys_asked(contact), x.now())


# --- by a reply ------------------------------------------------------------------------------------------------------


def in_message(x: Exchange, message: Message, known: Known, contact: str) -> Reply | None:
    """Is a message the answer to what its author was asked last, there where they were asked? Asks the table only if it may be one.

    If a person has written to them since, it is the answer to that.
    """
    if message.kind is not Kind.MESSAGE or message.direction is not Direction.INBOUND or _blocked(known.contact):
        return None
    if not survey_replies.may_be(message.spoken):
        return None
    inbox, at = x.config().inbox(message.inbox), message.occurred_at
    brand = inbox.brand if inbox is not None else None
    fits = [
        one
        for one in pending(x, contact)
        if (one.channel, one.brand) == (message.channel, brand) and one.at <= at < one.until
    ]
    if not fits:
        return None
    asked, before = fits[-1], known.conversation
    said = survey_replies.read(message.spoken, asked.kind, asked.language or message.language)
    answered_since = before is not None and before.last_outbound_at is not None and before.last_outbound_at > asked.at
    if said is None or answered_since:
        return None
    rest = said.rest or ("…" if message.attachments else "")
    low = is_low(asked.kind, said.value, x.config().outreach.surveys)
    return Reply(asked, said.value, rest, _about(x, asked), low, x.table.rating(asked) is not None)


def belongs(reply: Reply | None, before: Conversation | None) -> bool:
    """Does a reply go on with the contact's latest conversation because that is what it is about, however long ago it was resolved?"""
    if reply is None or reply.about is None or before is None:
        return False
    return reply.about.id == before.id and before.state is not State.CLOSED


def received(
    x: Exchange, reply: Reply, message: Message, inbox: Inbox, before: Conversation | None, after: Conversation
) -> Scored:
    """The conversation that a reply came into, with its score. If it says nothing else nobody has to answer, and no clock starts."""
    joined = before if before is not None and before.number == after.number else None
    if reply.asks_nobody:
        after = noted(joined, message, inbox) if joined is not None else at_rest(after, message.occurred_at)
    if reply.known:
        return Scored(after)
    text = message.spoken.strip()[:LONGEST] if reply.rest else None
    rating = Rating(reply.asked, reply.value, "reply", whole_ms(x.now()), text)
    changes: list[Change] = []
    if reply.low:
        was_open = joined is not None and not joined.state.done
        queue = None if was_open else _queue(x, reply.about, before, inbox)
        after = low_scores.raised(after, queue, x.config(), x.now())
        rating = replace(rating, raised=after.id)
        changes.append(x.table.new_message(_note(x, replace(rating, text=None), after, inbox), after.id))
    archived = before if joined is None else None
    rating, after, more = _joined(x, rating, reply.about, after, archived)
    changes += [*more, *_kept(x, rating, reply.about, archived), *scored_by_reply(x, rating)]
    return Scored(after, tuple(changes))


def tells(reply: Reply | None) -> list[Step]:
    """The journey that asked is looked at once its answer is stored."""
    if reply is None or reply.known or not reply.asked.occurrence:
        return []
    return [_step(reply.asked)]


# --- on its page -----------------------------------------------------------------------------------------------------


def answered(x: Exchange, asked: Asked, send: Send, value: int, text: str | None, how: How = "link") -> Rating:
    """Keep the score of a survey, once: what was answered before stays, and is the answer. Raises Temporary under contention.

    What it sets off is sent once it is stored; if that fails the sweep does it.
    """
    tells = bool(asked.occurrence)
    for _ in range(_TRIES):
        known = x.table.rating(asked)
        if known is not None:
            return known
        rating = Rating(asked, value, how, whole_ms(x.now()), text or None)
        rating, changes, looked = _planned(x, rating, send)
        told = scored(x, rating) if tells else []
        try:
            x.table.commit(*changes, *told)
        except Lost as lost:
            tells = tells and HEARD not in lost.names  # its journey is over, and forgotten
            continue
        x.count("SurveyAnswered", 1)
        _follow(x, asked, looked, tells=tells)
        return rating
    raise Temporary("somebody else keeps changing it; try again")


def _planned(x: Exchange, rating: Rating, send: Send) -> tuple[Rating, list[Change], Saved | None]:
    """What is written, and the conversation in which a low score is looked at."""
    asked, about = rating.asked, _about(x, rating.asked)
    person = resolve(x, asked.contact)
    inbox = _inbox(x, send, asked)
    if not is_low(asked.kind, rating.value, x.config().outreach.surveys) or person is None or _blocked(person):
        changes: list[Change] = []
        if about is not None:
            rating, joined, _ = _joined(x, rating, about, about, None)
            changes += save(x, about, joined, past=about.state is State.CLOSED).changes
        return rating, [*changes, *_kept(x, rating, about, None)], None
    before = x.table.open_conversation(person.id, inbox.brand)
    after = _looked_at(x, send, person, before, about, inbox)
    rating = replace(rating, raised=after.id)
    note = _note(x, rating, after, inbox)
    if before is None or before.state.done:
        after = low_scores.noted(after, note)
    archived = before if before is not None and before.number != after.number else None
    rating, joined, changes = _joined(x, rating, about, after, archived)
    saved = open_new(x, joined) if before is None else save(x, before, joined)
    changes += [x.table.new_message(note, after.id), *saved.changes, *_kept(x, rating, about, archived)]
    if before is None:
        changes.append(x.table.still_apart(person))
    elif archived is not None:
        changes.append(x.table.archive(archived))
    elif joined.stub is None:
        changes += x.table.leave_line(before)
    return rating, changes, saved


def _looked_at(
    x: Exchange, send: Send, person: Contact, before: Conversation | None, about: Conversation | None, inbox: Inbox
) -> Conversation:
    """Where it is looked at: what is open of theirs is raised; what was resolved lately, or is what it is about, waits again."""
    config, now = x.config(), x.now()
    queue = _queue(x, about, before, inbox)
    if before is not None and not before.state.done:
        return low_scores.raised(before, None, config, now)
    goes_on = before is not None and (reopens(before, now, config) or (about is not None and about.id == before.id))
    if before is not None and goes_on and before.state is not State.CLOSED:
        return low_scores.again(before, queue, config, now)
    begun = low_scores.begun(send, person, before, inbox, queue, config, now)
    return begun if about is None else replace(begun, links=(about.id,))


def _follow(x: Exchange, asked: Asked, looked: Saved | None, *, tells: bool) -> None:
    signals: list[Signal] = []
    if tells:
        signals.append(_step(asked))
    if looked is not None:
        signals += [*follow_ups(looked.after), *looked.timers]
    try:
        x.queues.send(signals, x.now())
    except Temporary:
        x.count("FollowUpLeftToSweep", len(signals))
    tell_owner(x, looked.after if looked is not None else None, "changed")


# --- both ------------------------------------------------------------------------------------------------------------


def _step(asked: Asked) -> Step:
    return Step(asked.contact, asked.campaign, asked.occurrence, f"{asked.send}.score")


def _about(x: Exchange, asked: Asked) -> Conversation | None:
    """The conversation that a survey is about, or what that has become part of."""
    return x.table.standing(asked.conversation) if asked.conversation is not None else None


def _joined(
    x: Exchange,
    rating: Rating,
    about: Conversation | None,
    after: Conversation,
    archived: Conversation | None,
) -> tuple[Rating, Conversation, list[Change]]:
    """The score in the conversation that it is about: in `after`, which is written anyway, or by a change of its own.

    None is written to what this very transaction moves into the past; that is only what was closed before.
    """
    if about is None or _apart(about, archived):
        return rating, after, []
    rating = replace(rating, agent=worker(about))
    score = Score(whole_ms(x.now()), rating.kind, rating.value, CUSTOMER, rating.agent)
    if about.id == after.id:
        return rating, replace(after, scores=with_score(after.scores, score)), []
    changed = replace(about, scores=with_score(about.scores, score))
    return rating, after, list(save(x, about, changed, past=about.state is State.CLOSED).changes)


def _apart(about: Conversation | None, archived: Conversation | None) -> bool:
    """Does a score join no conversation? There is none that it is about, or that is moved into the past by this very transaction."""
    return about is None or (archived is not None and about.id == archived.id)


def _kept(x: Exchange, rating: Rating, about: Conversation | None, archived: Conversation | None) -> list[Change]:
    """The answer beside the person, and in the history of what it is about; one that joins no conversation enters its hour itself."""
    asked = rating.asked
    detail = {
        "kind": str(rating.kind), "score": rating.value, "agent": rating.agent, "text": rating.text, "campaign": asked.campaign,
        "how": rating.how, "raised": rating.raised,
    }  # fmt: skip
    told = {name: value for name, value in detail.items() if value}
    told["score"] = rating.value  # which may be 0
    subject = about.id if about is not None else rating.raised or f"contact:{asked.contact}"
    entry = "h_" + digest(x.key, "survey", asked.send)
    changes = [x.table.new_rating(rating), x.table.history(subject, "score", CUSTOMER, told, x.now(), entry)]
    if _apart(about, archived):
        language = (asked.language or "").partition("-")[0].lower() or None  # as conversations count by it
        counts = Answer(to_ms(rating.at), rating.kind.value, rating.value, str(asked.channel), language)
        changes.append(x.table.enter_answer(digest(x.key, "answer", asked.send), counts))
    return changes


def _note(x: Exchange, rating: Rating, c: Conversation, inbox: Inbox) -> Message:
    id_ = "m_" + digest(x.key, "survey", rating.asked.send)
    return low_scores.note_of(rating, id_, c, x.channel(inbox.channel).provider, inbox.language, x.now())


def _queue(x: Exchange, about: Conversation | None, before: Conversation | None, inbox: Inbox) -> Queue:
    """Where a low score is looked at: as configured, else where what it is about was, or the person's last conversation."""
    config = x.config()
    names = [config.outreach.surveys.queue, about and about.queue, before and before.queue, inbox.queue]
    return next((queue for name in names if name and (queue := config.queue(name)) is not None), config.queues[0])


def _inbox(x: Exchange, send: Send, asked: Asked) -> Inbox:
    """The inbox that the survey left from; where the configuration has it no more, another of the brand."""
    inboxes = x.config().inboxes
    found = x.inbox(send.message.inbox) or next((one for one in inboxes if one.brand == asked.brand), None)
    return found or inboxes[0]


def _blocked(person: Contact | None) -> bool:
    return person is not None and person.blocked_at is not None
