"""A low score is looked at: what becomes of the person's conversation, and the note in it that says why. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from router.config import Config, Inbox, Queue
from router.conversations import FOLLOW_WITHIN, MOST_TAGS, NEVER, WAKE, Conversation, State, Way, preview_of
from router.messages import Direction, Message, Party, Provider
from router.moves import placed, waiting_again
from router.records import Contact
from router.scores import RANGES, ScoreKind
from router.sends import Send
from router.surveys import Rating
from router.timeline import EMPTY, What
from router.times import to_ms
from router.visits import ended

TAG = "low-score"
CATEGORY = "feedback"
PRIORITY = 2
"""It waits before what is ordinary, and behind what is urgent."""
AUTHOR = "auto"
"""Who writes the note: nobody."""

_NOTE: Mapping[str, tuple[str, str, str]] = {
    "tr": ("Anket yanıtı: {what} {value} ({least}–{most})", "Yorum: {text}", "Kampanya: {campaign}"),
    "en": ("Survey answer: {what} {value} ({least} to {most})", "Comment: {text}", "Campaign: {campaign}"),
}
_WHAT: Mapping[str, Mapping[ScoreKind, str]] = {
    "tr": {ScoreKind.CSAT: "memnuniyet", ScoreKind.NPS: "tavsiye", ScoreKind.CES: "kolaylık"},
    "en": {ScoreKind.CSAT: "satisfaction", ScoreKind.NPS: "recommendation", ScoreKind.CES: "ease"},
}


def raised(c: Conversation, queue: Queue | None, config: Config, now: datetime) -> Conversation:
    """Tagged, and before what is ordinary. With a queue it waits in that one and is feedback; else it stays where, and what, it is."""
    tags = c.tags if TAG in c.tags or len(c.tags) >= MOST_TAGS else tuple(sorted((*c.tags, TAG)))
    after = replace(c, tags=tags)
    if queue is not None:
        after = replace(after, category=CATEGORY, **placed(after, queue, config))
    after = replace(after, priority=min(after.priority, PRIORITY))
    if after.state is not State.WAITING or (after.kind, after.pool, after.stub) == (c.kind, c.pool, c.stub):
        return after
    follow = tuple(dict.fromkeys((*after.follow, WAKE)))  # it waits in another line by now, and has no place in it yet
    return replace(after, stub=None, look_at=None, follow=follow, follow_at=now + FOLLOW_WITHIN)


def again(resolved: Conversation, queue: Queue, config: Config, now: datetime) -> Conversation:
    """What was resolved waits once more, as if its customer had written."""
    heard = replace(resolved, timeline=resolved.timeline.wrote(What.HEARD, to_ms(now)))
    return raised(waiting_again(heard, now, queue=queue.name, config=config), queue, config, now)


def begun(
    send: Send, person: Contact, before: Conversation | None, inbox: Inbox, queue: Queue, config: Config, now: datetime
) -> Conversation:
    """The person's next conversation, which can be answered where the survey went."""
    channel, heard = send.message.channel, before.ways if before is not None else ()
    way = next((one for one in heard if (one.inbox, one.address) == (inbox.name, send.to)), None)
    way = way or Way(channel, inbox.name, send.to, NEVER)
    return Conversation(
        contact=person.id,
        group=inbox.brand,
        number=1 if before is None else before.number + 1,
        state=State.WAITING,
        channel=channel,
        inbox=inbox.name,
        queue=queue.name,
        pool=queue.pool,
        target=round(config.target(None, queue.name, None, str(channel)).total_seconds()),
        units=config.routing.weight(str(channel)),
        priority=min(queue.priority, PRIORITY),
        address=send.to,
        opened_at=now,
        waiting_since=now,
        name=person.name,
        proof=person.proof,
        subject=send.message.subject,
        language=send.message.language or person.language or inbox.language,
        timeline=EMPTY.wrote(What.HEARD, to_ms(now)).became(What.WAITING, to_ms(now), queue.name),
        ways=(way, *(one for one in heard if one is not way))[:6],
        tags=(TAG,),
        category=CATEGORY,
        heard=before.heard if before is not None else (),
        visits=ended(before),
        follow=(WAKE,),
        follow_at=now + FOLLOW_WITHIN,
    )


def noted(c: Conversation, note: Message) -> Conversation:
    """With what the note says where people see first what it is about."""
    return replace(c, preview=preview_of(note.text))


def note_of(rating: Rating, id_: str, c: Conversation, provider: Provider, language: str, now: datetime) -> Message:
    """What agents read: the score, of what it is one, and the comment."""
    tag = language.partition("-")[0].lower()
    tag = tag if tag in _NOTE else "en"
    least, most = RANGES[rating.kind]
    score, comment, campaign = _NOTE[tag]
    lines = [score.format(what=_WHAT[tag][rating.kind], value=rating.value, least=least, most=most)]
    lines += [comment.format(text=rating.text)] if rating.text else []
    lines += [campaign.format(campaign=rating.asked.campaign)] if rating.asked.campaign else []
    return Message(
        id=id_,
        channel=c.channel,
        provider=provider,
        inbox=c.inbox,
        direction=Direction.NOTE,
        sender=Party(address=AUTHOR),
        text="\n".join(lines),
        received_at=now,
        author=AUTHOR,
    )
