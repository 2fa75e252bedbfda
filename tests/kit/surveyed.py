"""Somebody was asked in a survey: what stands in the table then, without the campaign that asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from router.aws.dynamo import put
from router.candidates import Reason
from router.conversations import Conversation
from router.ids import digest, survey_token
from router.journeys import Journey, Stage
from router.messages import ChannelName
from router.scores import ScoreKind
from router.surveys import Asked, packed
from router.times import to_ms
from tests.kit.promises import Seen
from tests.kit.world import CONFIG, World

SURVEYS: dict[str, Any] = {
    **CONFIG,
    "version": "surveys",
    "inboxes": [{**one, "language": "tr"} for one in CONFIG["inboxes"]],
    "outreach": {"surveys": {"queue": "uzman"}},
}
"""Low scores wait where only Usta could take them, who is not in."""


def resolved(world: World, *, by: str = "sms") -> Conversation:
    """Ayşe answered somebody and resolved their conversation."""
    if not world.items("SEAT#ayse"):
        world.come_in("ayse")
    if by == "sms":
        assert world.sms("Siparişim nerede")["statusCode"] == 200
    else:
        world.mail()
    world.pump()
    one = max(world.conversations(), key=lambda found: found.opened_at)
    world.pass_time(minutes=1)
    world.reply(one.id)
    world.pump()
    world.pass_time(minutes=1)
    assert world.call("POST", f"/v1/conversations/{one.id}/resolve", {})[0] == 200
    world.pump()
    world.pass_time(minutes=5)
    return now_of(world, one.id)


def asks(
    world: World,
    about: Conversation,
    kind: ScoreKind = ScoreKind.CSAT,
    *,
    of_it: bool = True,
    until: datetime | None = None,
    occurrence: str = "",
) -> Asked:
    """Its person is asked, by the channel and in the thread of that conversation; the message is one that left in it.

    With an occurrence a journey asked them, which is over.
    """
    send = max(
        (one for one in Seen.of(world).sends.values() if one.conversation == about.id),
        key=lambda one: one.message.cursor,
    )
    asked = Asked(
        send=send.id,
        kind=kind,
        campaign="sonrasi",
        contact=about.contact,
        conversation=about.id if of_it else None,
        channel=ChannelName(about.channel),
        at=world.now,
        until=until or world.now + timedelta(days=3),
        language="tr",
        brand=about.group,
        occurrence=occurrence,
    )
    if occurrence:
        over = Journey(
            about.contact, asked.campaign, occurrence, "run", world.x.config().version, to_ms(world.now), None, Stage.ENDED,
            reason=Reason("done"), channel=str(about.channel), sent=(asked.send,), ended=to_ms(world.now),
        )  # fmt: skip
        world.x.table.commit(world.x.table.new_journey(over))
    known = [one for one in world.x.table.surveys_asked(about.contact) if one.send != asked.send]
    if known:  # each is of a message of its own
        asked = replace(asked, send="m_" + digest(world.x.key, "another", str(len(known))))
    item = {"pk": f"P#{about.contact}", "sk": "outreach", "sv": packed([*known, asked])}
    world.x.table.commit(put("outreach", item))
    world.pass_time(minutes=1)
    return asked


def token_of(world: World, asked: Asked) -> str:
    """What stands at the end of its link."""
    return survey_token(world.x.key, asked.send)


def now_of(world: World, conversation: str) -> Conversation:
    """A conversation as it is by now."""
    found = world.x.table.conversation(conversation)
    assert found is not None
    return found
