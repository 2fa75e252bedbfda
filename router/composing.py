"""A campaign's message made: its variant, its values, its text in the reader's language with short links, and the send that carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from router.answers import closed_since, limits_of
from router.campaigns import Campaign, FromContact, FromEvent
from router.campaigns import Send as Step
from router.config import Config
from router.conversations import FOLLOW_WITHIN, NEVER
from router.errors import Invalid
from router.exchange import Exchange
from router.experiments import variant
from router.ids import conversation_id, send_id
from router.journeys import Journey
from router.links import Link, tracked
from router.messages import ChannelName, Direction, Message, Party
from router.messages import Template as ApprovedMessage
from router.outreach_facts import Route, place_of
from router.outreach_values import MILLIONTHS, Person
from router.parts import Answer, parts
from router.paths import value_at
from router.records import Happening
from router.segments import split
from router.sends import Send, SendState
from router.survey_pages import url_of as survey_url
from router.templates import Rendered, Template, render
from router.unsubscribing import url_of as unsubscribe_url
from router.wordings import name_of
from router.zones import zone

if TYPE_CHECKING:
    from collections.abc import Sequence


MOST_LINKS = 60
"""A message with more links is sent with the addresses as they are: all of them are stored with the message, or none."""


class Unfit(Invalid):
    """This message cannot leave by this way; another may do. `code` is the reason that is kept."""

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.code = code


@dataclass(frozen=True, slots=True)
class Composed:
    """A message that is ready to leave: the send, its links, and what it costs in millionths of the currency."""

    send: Send
    links: tuple[Link, ...]
    cost: int
    rendered: Rendered


def variant_of(key: bytes, campaign: Campaign, step: Step, contact: str) -> tuple[str, str]:
    """The variant somebody gets, by its name (empty where there is one text), and its template."""
    if step.send is not None:
        return "", step.send
    by_name = {one.name: one for one in step.variants}
    name = variant(key, campaign.name, contact, {one.name: one.share for one in step.variants})
    return name, by_name[name].template


def languages_of(person: Person, route: Route) -> Sequence[str | None]:
    """What they read, the best first."""
    said = [one.language for one in person.conversations]
    return (person.contact.language, *said, route.inbox.language)


def message_id(key: bytes, journey: Journey, channel: ChannelName) -> str:
    """The id of a journey's message by a channel: the same however often it is made."""
    return send_id(key, journey.campaign, journey.contact, journey.occurrence, f"{journey.at}.{channel}")


def composed(
    x: Exchange, campaign: Campaign, step: Step, template: Template, journey: Journey, person: Person, route: Route,
    event: Happening | None, now: datetime,
) -> Composed:  # fmt: skip
    """The message by this way. Raises Unrenderable where a value or a text is missing, Unfit where the channel does not take it."""
    id_ = message_id(x.key, journey, route.channel)
    config = x.config()
    given = values_of(x, campaign, step, person, route, event, id_)
    rendered = render(
        template, str(route.channel), languages_of(person, route), given, zone=zone(place_of(person, config).zones[0])
    )
    text, html, links = _with_links(x, campaign, rendered, id_, given)
    _check_way(x, route, rendered, text, now)
    approved = None
    if rendered.approved is not None:
        approved = ApprovedMessage(name=rendered.approved, language=rendered.code or "", parameters=rendered.parameters)
    inbox = route.inbox
    message = Message(
        id=id_,
        channel=route.channel,
        provider=x.channel(inbox.channel).provider,
        inbox=inbox.name,
        direction=Direction.OUTBOUND,
        sender=Party(address=inbox.address, name=inbox.display_name),
        recipients=(Party(address=route.address, name=person.contact.name),),
        subject=rendered.subject,
        text=text,
        html=html,
        template=approved,
        language=rendered.language,
        received_at=now,
        author="auto",
    )
    send = Send(
        message=message,
        conversation=conversation_id(person.contact.id, inbox.brand, 0),
        state=SendState.QUEUED,
        due_at=now + FOLLOW_WITHIN,
        to=route.address,
        unsubscribe_url=given.get("unsubscribe") if template.purpose != "transactional" else None,
        journey=journey.key,
    )
    return Composed(send, links, price_of(config, route.channel, text), rendered)


def price_of(config: Config, channel: ChannelName, text: str) -> int:
    """What a message costs by the configuration's prices, in millionths; an SMS by its parts."""
    one = round(config.outreach.prices.get(channel, 0.0) * MILLIONTHS)
    return one * split(text).count if channel is ChannelName.SMS else one


def values_of(
    x: Exchange, campaign: Campaign, step: Step, person: Person, route: Route, event: Happening | None, id_: str
) -> dict[str, Any]:  # fmt: skip
    """What the template is filled in with: what each of them may use, then what the campaign says."""
    found: dict[str, Any] = {
        "name": name_of(person.contact.name),
        "company": route.inbox.display_name or route.inbox.brand,
        "language": person.contact.language or route.inbox.language,
        "unsubscribe": unsubscribe_url(x, id_),
    }
    if step.survey is not None:
        found["survey"] = survey_url(x, id_)
    data: Mapping[str, Any] = event.data if event is not None else {}
    attributes = dict(person.contact.attributes)
    for name, value in campaign.values.items():
        match value:
            case FromEvent():
                found[name] = value_at(value.event, data)
            case FromContact():
                found[name] = attributes.get(value.contact)
            case _:
                found[name] = value
    return {name: value for name, value in found.items() if value is not None and value != ""}


def _with_links(
    x: Exchange, campaign: Campaign, rendered: Rendered, id_: str, given: Mapping[str, Any]
) -> tuple[str, str | None, tuple[Link, ...]]:
    """The text and HTML with short links, where the campaign tracks and the deployment has a public URL. Approved texts stay."""
    if not campaign.track or not x.public_url or rendered.approved is not None:
        return rendered.text, rendered.html, ()
    spared = {*rendered.untracked, *(str(given[name]) for name in ("survey", "unsubscribe") if name in given)}
    made = tracked(
        rendered.text, rendered.html, key=x.key, send_id=id_, base=x.public_url, untracked=spared, utm=campaign.utm
    )
    if len(made.links) > MOST_LINKS:
        return rendered.text, rendered.html, ()
    return made.text, made.html, made.links


def _check_way(x: Exchange, route: Route, rendered: Rendered, text: str, now: datetime) -> None:
    """Raise Unfit where the provider's window is closed, or the text is more than one message."""
    limits = limits_of(x.channel(route.inbox.channel), route.channel)
    if rendered.approved is None and closed_since(limits, route.way(NEVER), route.inbox, now, human=False) is not None:
        raise Unfit("window", f"{route.channel} takes no free text now", field="channels")
    if rendered.approved is not None and not limits.templates:
        raise Unfit("window", f"{route.inbox.channel} has no approved messages", field="channels")
    if rendered.approved is not None:
        return
    try:
        made = parts(Answer(text), limits, str(route.channel))
    except Invalid as error:
        raise Unfit("long", str(error), field=error.field) from None
    if len(made.parts) > 1:
        raise Unfit("long", f"it would be {len(made.parts)} messages on {route.channel}", field="text")
