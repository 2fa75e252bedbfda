"""Automatic answers: that we have a message and when an answer is to be had, or that nobody is there until then.

One leaves when a message begins a conversation or reopens it, never when it joins an open one; once within the window, out of
hours once while it is closed. It is written in the transaction that stores the message, so a crash neither loses it nor
sends it twice. It stops no clock and changes no state: only people answer.

Nothing leaves to machines' mail, to strangers whose mail fails DMARC or looks like spam, to blocked or suppressed addresses, or
to somebody who answers what we wrote to another (a robot with a new address for each mail would go on for ever). One address
gets at most a few a day over all conversations, and none while it writes faster than any person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from router import promises
from router.answers import check_way, closed_since, limits_of, sends_for
from router.config import AutomaticAnswers, Config, Inbox, Rule
from router.conversations import Conversation, State, Way
from router.errors import Conflict, Invalid
from router.exchange import Exchange
from router.expecting import expected
from router.ids import digest, split_conversation_id
from router.messages import ChannelName, Direction, Kind, Message, Verdict
from router.parts import Answer, Parted, parts
from router.promises import Pledge
from router.records import Known
from router.rules import NOTHING, Outcome
from router.sends import Send, SendState
from router.signals import Signal, delivery
from router.timeline import What
from router.times import to_ms
from router.wordings import PLACEHOLDER, chosen, filled, name_of, opening

if TYPE_CHECKING:
    from router.aws.dynamo import Change

DAY = timedelta(hours=24)
_UNREAD = re.compile(
    r"(no|do[-_.]?not)[-_.]?repl(y|ies)|cevap[-_.]?yok|cevaplamayin|yanitlamayin|mailer-daemon@|postmaster@|bounces?[-+@]"
)
"""Mail addresses that nobody reads, by their own word: a person may write to us in their name, an answer reaches no one."""
FASTEST = 10
"""Messages a minute: who writes faster is no person."""


@dataclass(frozen=True, slots=True)
class Told:
    """A conversation with what leaves by itself, and what is written besides."""

    conversation: Conversation
    sends: tuple[Send, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be said, the opening it names when it is closed, and until when it promises an answer, where it does."""

    text: str
    opens: datetime | None
    until: datetime | None


def acknowledged(
    x: Exchange,
    message: Message,
    inbox: Inbox,
    known: Known,
    before: Conversation | None,
    after: Conversation,
    said: Outcome = NOTHING,
) -> Told:
    """The conversation with its automatic answer, where one is configured and wanted: then 2 reads and 2 items more."""
    config = x.config()
    if not _configured(config) or message.direction is not Direction.INBOUND:
        return Told(after)
    after = _paced(before, after, message)
    person = known.contact.language if known.contact is not None else None
    languages = (*spoken(inbox, after), message.language, person, inbox.language)
    rule = config.rule(said.answer)
    if rule is not None and chosen(rule.answer, languages) is None:
        rule = None  # it has no words for this customer: the queue's acknowledgement may
    answers = config.answers_for(after.queue, inbox.name)
    if rule is not None:
        answers = (answers or AutomaticAnswers(queue=after.queue)).model_copy(update={"acknowledgement": rule.answer})
    if answers is None or not _wanted(message, known, before, after):
        return Told(after)
    now = x.now()
    found = _text(x, answers, inbox, after, languages, now, rule)
    if found is None:
        return Told(after)
    opens = found.opens
    told = say(x, message, inbox, after, found.text, now, purpose="answer", most=answers.most)
    if told is None:
        x.count("AutomaticAnswerWithheld", 1)
        return Told(after)
    x.count("AutomaticAnswer", 1)
    noted = told.conversation
    noted = replace(noted, timeline=noted.timeline.wrote(What.AUTOMATIC, to_ms(now)))
    if opens is None:
        noted = replace(noted, acknowledged_at=now, acknowledged_by=rule.name if rule is not None else None)
    told = replace(told, conversation=replace(noted, told_opens=opens or after.told_opens))
    return told if found.until is None else _promised(x, message, told, found.until, now)


def _promised(x: Exchange, message: Message, told: Told, until: datetime, now: datetime) -> Told:
    """The time that the text told is promised; a person's answer keeps it."""
    known, stem = told.conversation.promises, stem_of(x, message)
    try:
        made = promises.made(known, Pledge(until, answer=True), promises.AUTO, f"pr_{stem}", now)
    except (Conflict, Invalid):
        return told  # ten are open, or it is for more than a year away: the text stands without
    detail = promises.told(made[-1])
    entry = x.table.history(told.conversation.id, "promise", promises.AUTO, detail, now, f"h_{stem}")
    return replace(told, conversation=replace(told.conversation, promises=made), changes=(*told.changes, entry))


def _configured(config: Config) -> bool:
    """Is there any text that leaves by itself?"""
    return bool(config.answers) or any(rule.answer for rule in config.rules)


def say(
    x: Exchange,
    message: Message,
    inbox: Inbox,
    after: Conversation,
    text: str,
    now: datetime,
    *,
    purpose: str,
    most: int,
    kind: Kind = Kind.MESSAGE,
) -> Told | None:
    """A text to the author of a message, counted; None when its way is closed or the address has had enough.

    Of kind SYSTEM it is the answer to STOP, START or HELP, which a suppressed address gets all the same.
    """
    address = message.sender.address
    way = next((w for w in after.ways if (w.inbox, w.address) == (inbox.name, address)), None)
    way = way or Way(message.channel, inbox.name, address, message.occurred_at)
    return leaving(x, after, way, inbox, text, stem_of(x, message), now, purpose=purpose, most=most, kind=kind)


def leaving(
    x: Exchange,
    after: Conversation,
    way: Way,
    inbox: Inbox,
    text: str,
    stem: str,
    now: datetime,
    *,
    purpose: str,
    most: int,
    kind: Kind = Kind.MESSAGE,
) -> Told | None:
    """A text that leaves by itself, counted for its address; None when its way is closed or the address has had enough."""
    try:
        parted = (
            _parted(x, way, inbox, Answer(text), now)
            if kind is Kind.SYSTEM
            else check_way(x, way, Answer(text), now, human=False)
        )
    except (Conflict, Invalid):
        return None
    channel, sender = str(way.channel), _one(way.channel, way.address)
    spent = x.table.spent(purpose, channel, sender)
    counts = spent is not None and spent.until > now
    if spent is not None and counts and spent.count >= most:
        x.count("AutomaticAnswerCapped", 1)
        return None
    until = spent.until if spent is not None and counts else now + DAY
    sends = sends_for(
        x, after, way, parted, stem, author="auto", name=inbox.display_name, now=now, previous=after.last_send
    )
    if kind is not Kind.MESSAGE:
        sends = [replace(one, message=one.message.model_copy(update={"kind": kind})) for one in sends]
    changes = [*map(x.table.new_send, sends), x.table.spend(purpose, channel, sender, spent, until)]
    return Told(replace(after, last_send=sends[-1].id), tuple(sends), tuple(changes))


def _parted(x: Exchange, way: Way, inbox: Inbox, answer: Answer, now: datetime) -> Parted:
    """The parts of an answer that leaves though nothing else may be sent there."""
    limits = limits_of(x.channel(inbox.channel), way.channel)
    if closed_since(limits, way, inbox, now, human=False) is not None:
        raise Conflict("the provider takes no free answers any more")
    return parts(answer, limits, str(way.channel))


def stem_of(x: Exchange, message: Message) -> str:
    """What the id of a message's automatic answer is derived from, so that it has one."""
    return digest(x.key, "automatic", message.id)


def again(x: Exchange, message: Message, conversation: Conversation) -> list[Signal]:
    """What a message's automatic answer still needs, when the message comes once more: 1 call where one may have been."""
    if not _configured(x.config()) and x.keyword(message, x.config().keywords) is None:
        return []
    ids = {f"m_{stem_of(x, message)}", conversation.last_send or ""} - {""}
    found = x.table.sends(sorted(ids)).values()
    return [delivery(one) for one in found if one.message.author == "auto" and one.state is SendState.QUEUED]


def _wanted(message: Message, known: Known, before: Conversation | None, after: Conversation) -> bool:
    begins = before is None or after.number != before.number or before.state.done
    if not begins or after.state is not State.WAITING or (before is not None and before.spam):
        return False
    if message.kind not in (Kind.MESSAGE, Kind.POSTBACK) or not message.sender.address:
        return False
    if message.channel is ChannelName.EMAIL and _UNREAD.match(message.sender.address):
        return False
    checks = message.authenticity
    if Verdict.FAIL in (checks.dmarc, checks.spam, checks.virus):
        return False  # the address may be somebody's who never wrote
    if after.pace is not None and after.pace[1] > FASTEST:
        return False
    mine = {after.contact} | ({i.contact for i in known.contact.identities} if known.contact is not None else set())
    named = [split_conversation_id(one) for one in known.referenced]
    return all(one is not None and one[0] in mine for one in named)


def _text(
    x: Exchange,
    answers: AutomaticAnswers,
    inbox: Inbox,
    after: Conversation,
    languages: Sequence[str | None],
    now: datetime,
    rule: Rule | None,
) -> Text | None:
    """What is to be said now; None when it was said, or there is no text for it."""
    config = x.config()
    hours = config.calendar(answers.hours)
    closed = hours is not None and not config.is_open(answers.hours, now)
    opens = config.opens(answers.hours, now) if closed else None
    if closed and (opens is None or after.told_opens == opens):
        return None
    recently = after.acknowledged_at is not None and now - after.acknowledged_at < timedelta(hours=answers.window_hours)
    if not closed and recently and (rule is None or after.acknowledged_by == rule.name):
        return None
    texts = (answers.out_of_hours if closed else {}) or answers.acknowledgement
    found = chosen(texts, languages)
    if found is None:
        return None
    text, language = found
    when = expected(config, answers, after, language, now)
    values = {"name": name_of(after.name), "company": company(inbox), "expected": when.words}
    if opens is not None and hours is not None:
        values["opens"] = opening(opens, now, hours.zone, language)
    promised = answers.promises and "expected" in PLACEHOLDER.findall(text)
    return Text(filled(text, values), opens, when.until if promised else None)


def spoken(inbox: Inbox, after: Conversation) -> tuple[str, ...]:
    """The conversation's own language; none where it is only the inbox's."""
    return (after.language,) if after.language is not None and after.language != inbox.language else ()


def company(inbox: Inbox) -> str:
    """Who writes, as customers know them."""
    return inbox.display_name or inbox.brand


def _paced(before: Conversation | None, after: Conversation, message: Message) -> Conversation:
    """How fast its customer writes, with what was told before it; a contact's next conversation goes on from there."""
    if before is not None and after.number != before.number:
        after = replace(
            after,
            acknowledged_at=before.acknowledged_at,
            acknowledged_by=before.acknowledged_by,
            told_opens=before.told_opens,
        )
    at = round(message.received_at.timestamp() * 1000)
    since, count = before.pace if before is not None and before.pace is not None else (at, 0)
    return replace(after, pace=(since, count + 1) if 0 <= at - since < 60_000 else (at, 1))


def _one(channel: ChannelName, address: str) -> str:
    """An address without what a robot varies: the part of a mail address after +."""
    if channel is not ChannelName.EMAIL:
        return address
    local, at, domain = address.rpartition("@")
    return local.partition("+")[0] + at + domain
