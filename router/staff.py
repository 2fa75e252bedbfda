"""Mail to the staff: that a deadline comes near or has passed. By the outbound queue like any answer, so that it leaves at most once.

It is in no customer's conversation and holds nothing that a customer wrote: whoever may read it follows the link.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from router.clocks import BREACH, Stage
from router.config import Config, Inbox
from router.conversations import FOLLOW_WITHIN, Conversation
from router.exchange import Exchange
from router.ids import conversation_id, digest, split_conversation_id
from router.messages import ChannelName, Direction, Message, Party
from router.sends import Send, SendState
from router.wordings import filled

_GROUP = "-staff"  # no brand's: names begin with a letter or a number
_SAID: Mapping[str, Mapping[str, str]] = {
    "en": {
        "subject": "Queue {queue}: {happened}",
        "warning": "{share} % of the time {target} has passed",
        "breach": "the time {target} has passed",
        "reminder": "the time {target} has passed, and it is still not done",
        "text": "Queue: {queue}\nPriority: {priority}\nWho has it: {agent}\n\n{link}",
        "nobody": "nobody",
        "accept": "to take it",
        "first_response": "for the first answer",
        "next_response": "for the next answer",
        "resolution": "to resolve it",
        "promise": "that was promised",
    },
    "tr": {
        "subject": "{queue} kuyruğu: {happened}",
        "warning": "{target} sürenin yüzde {share} kadarı geçti",
        "breach": "{target} süre doldu",
        "reminder": "{target} süre doldu ve iş hâlâ bitmedi",
        "text": "Kuyruk: {queue}\nÖncelik: {priority}\nTemsilci: {agent}\n\n{link}",
        "nobody": "yok",
        "accept": "üstlenmek için tanınan",
        "first_response": "ilk yanıt için tanınan",
        "next_response": "sonraki yanıt için tanınan",
        "resolution": "çözüm için tanınan",
        "promise": "söz verilen",
    },
}


def is_staff(conversation: str) -> bool:
    """Is it where mail to the staff stands, and no customer's?"""
    place = split_conversation_id(conversation)
    return place is not None and place[1] == _GROUP


def inbox_for(config: Config, brand: str) -> Inbox | None:
    """Where mail to the staff leaves from: a mail inbox of the brand, else any; None where there is none."""
    mail = [inbox for inbox in config.inboxes if inbox.channel == "email"]
    return next((inbox for inbox in mail if inbox.brand == brand), mail[0] if mail else None)


def mail(x: Exchange, conversation: Conversation, stage: Stage, event: str, to: str, now: datetime) -> Send | None:
    """The mail about one event, with an id of its own; None where no inbox can send mail."""
    inbox = inbox_for(x.config(), conversation.group)
    if inbox is None:
        return None
    said = _SAID.get(inbox.language.partition("-")[0], _SAID["en"])
    values = {"target": said[stage.target.value], "share": str(min(stage.number, BREACH))}
    link = f"{x.public_url}/desk#{conversation.id}" if x.public_url else conversation.id
    values = {
        "happened": filled(said[stage.kind], values),
        "queue": conversation.queue,
        "priority": str(conversation.priority),
        "agent": conversation.agent or said["nobody"],
        "link": link,
    }
    message = Message(
        id="m_" + digest(x.key, "staff", event, to),
        channel=ChannelName.EMAIL,
        provider=x.channel(inbox.channel).provider,
        inbox=inbox.name,
        direction=Direction.OUTBOUND,
        sender=Party(address=inbox.address, name=inbox.display_name),
        recipients=(Party(address=to),),
        subject=filled(said["subject"], values),
        text=filled(said["text"], values),
        language=inbox.language,
        received_at=now,
        author="auto",
    )
    thread = conversation_id("p_" + digest(x.key, "staff", to), _GROUP, 1)
    return Send(message, thread, SendState.QUEUED, due_at=now + FOLLOW_WITHIN, to=to)
