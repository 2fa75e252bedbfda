"""STOP, START and HELP: the customer's word is kept, shown in the conversation, and answered unless the provider has.

After STOP nothing is sent to the address on its channel, and its consent to marketing is withdrawn; that somebody writes again, whatever
it is, is no consent. START lifts it, and gives back the consent that STOP took.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from router import wordings
from router.automatic import Told, company, say, spoken
from router.config import Inbox
from router.consenting import regained, withdrawn
from router.consents import How
from router.conversations import Conversation
from router.exchange import Exchange
from router.ids import digest
from router.marks import unheard
from router.messages import ChannelName, Kind, Message
from router.moves import at_rest
from router.records import Suppression
from router.wordings import chosen, filled

if TYPE_CHECKING:
    from channels.optout import Asked
    from router.aws.dynamo import Change

ASKED = "the customer asked to stop"
SOURCE = "opt-out"
MOST = 3
"""Such words of one address that are answered within a day; they are kept whenever they come."""
_UNREAD = frozenset({ChannelName.EMAIL, ChannelName.WEBCHAT})
"""Where the words mean what they say: mail has its own way to unsubscribe, and nobody writes first in the web chat."""


def opted(
    x: Exchange, message: Message, inbox: Inbox, before: Conversation | None, after: Conversation, *, blocked: bool
) -> Told | None:
    """What a message that is only such a word does; None for every other, which goes the usual way.

    An open conversation goes on; one that begins with STOP or START, or was resolved, stays resolved: nobody may, or has to, answer.
    """
    asked = word_in(x, message)
    if asked is None:
        return None
    stopped = x.table.suppression(str(message.channel), message.sender.address)
    if asked.word == "start" and stopped is None:
        return None  # nothing was stopped: it is a message like any other
    changes: list[Change] = []
    if asked.word != "help":
        after = _asks_nobody(x, before, after, message)
        changes = _kept(x, message, after, asked.word)
    said_already = asked.word == "stop" and stopped is not None and stopped.source == SOURCE
    if asked.answered or said_already or blocked:
        return Told(after, changes=tuple(changes))
    text = _words(x, asked.word, inbox, after, message.language)
    told = say(x, message, inbox, after, text, x.now(), purpose="word", most=MOST, kind=Kind.SYSTEM)
    if told is None:
        return Told(after, changes=tuple(changes))
    return replace(told, changes=(*changes, *told.changes))


def word_in(x: Exchange, message: Message) -> Asked | None:
    """STOP, START or HELP, where a message is nothing but one of these words and comes from where they are read."""
    if message.channel in _UNREAD or not message.sender.address:
        return None
    return x.keyword(message, x.config().keywords)


def _kept(x: Exchange, message: Message, after: Conversation, word: str) -> list[Change]:
    """The word is kept for each lasting id the provider says the author has on this channel."""
    channel = str(message.channel)
    addresses = dict.fromkeys(
        [message.sender.address, *(a for a in message.sender.also if a and not a.startswith("@"))]
    )
    changes: list[Change] = []
    for address in list(addresses)[:4]:
        at, said = message.occurred_at, message.spoken.strip()[:60]
        if word == "stop":
            changes.append(x.table.suppress(Suppression(channel, address, ASKED, SOURCE, at)))
            changes += withdrawn(x, message.channel, address, How.MESSAGE, at, said, message.id)
        else:
            changes.append(x.table.lift(channel, address))
            changes += regained(x, message.channel, address, at, said, message.id)
    what = "opted_out" if word == "stop" else "opted_in"
    entry = "h_" + digest(x.key, what, message.id)
    detail = {"channel": channel, "inbox": message.inbox, "message": message.id}
    return [*changes, x.table.history(after.id, what, "customer", detail, x.now(), entry)]


def _asks_nobody(x: Exchange, before: Conversation | None, after: Conversation, message: Message) -> Conversation:
    if before is not None and after.number == before.number:
        return unheard(before, after, x.now()) if before.state.done else after
    return at_rest(after, message.occurred_at)


def _words(x: Exchange, word: str, inbox: Inbox, after: Conversation, said_in: str | None) -> str:
    """What is said of it: the queue's own text, else ours."""
    answers = x.config().answers_for(after.queue, inbox.name)
    ours: Mapping[str, str] = {"stop": wordings.STOPPED, "start": wordings.STARTED, "help": wordings.HELP}[word]
    own: Mapping[str, str] = {}
    if answers is not None:
        own = {"stop": answers.stopped, "start": answers.started, "help": answers.help}[word]
    languages = (*spoken(inbox, after), said_in, inbox.language)
    text, _ = chosen(own, languages) or chosen(ours, languages) or (ours["en"], "en")
    return filled(text, {"company": company(inbox), "name": wordings.name_of(after.name)})
