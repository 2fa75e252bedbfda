"""What the arbiter is told of a person, and where and when they can be reached. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from router.arbiter import Facts, Policy, Unresolved
from router.campaigns import Campaign, Send
from router.candidates import Candidate
from router.config import Config, Inbox
from router.conversations import Way
from router.experiments import GLOBAL, held_out
from router.ids import send_id, split_conversation_id
from router.journeys import Journey
from router.messages import ChannelName
from router.outreach_values import Person
from router.places import Place, place
from router.purposes import Purpose
from router.quiet import Quiet
from router.slots import Ledger
from router.templates import Template
from router.times import from_ms
from router.zones import zone

_QUIET: dict[str, Quiet] = {}
"""Of the versions that were last asked for: quiet hours remember days."""
_MOST_QUIET = 8


def quiet_of(config: Config) -> Quiet:
    """The quiet hours of a configuration."""
    found = _QUIET.get(config.version)
    if found is None:
        if len(_QUIET) >= _MOST_QUIET:
            _QUIET.clear()
        found = _QUIET[config.version] = Quiet(config.outreach.hours, {one.name: one for one in config.calendars})
    return found


def policy_of(config: Config) -> Policy:
    """What the company has decided."""
    caps = {purpose: caps.caps for purpose, caps in config.outreach.caps.items()}
    return Policy(caps, config.outreach.complaints)


def home(config: Config) -> str:
    """Where the company is."""
    return config.outreach.zone or config.zone()


def place_of(person: Person, config: Config) -> Place:
    """Where somebody is, as far as that is known."""
    return place(person.contact.zone, person.phone, home(config))


def unresolved(person: Person, now: int) -> tuple[Unresolved, ...]:
    """What support has open with somebody."""
    at = from_ms(now)
    return tuple(
        Unresolved(one.id, one.category, any(c.ended_at is None and c.due_at is not None and c.due_at <= at for c in one.clocks))
        for one in person.conversations
        if not one.state.done and not one.spam
    )  # fmt: skip


def complains(person: Person, config: Config) -> bool:
    """Is a complaint of theirs unresolved?"""
    return any(not one.state.done and one.category in config.outreach.complaints for one in person.conversations)


# --- where to --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Route:
    """A way a message could take: channel, address, the inbox it leaves from, and when the person was last heard there."""

    channel: ChannelName
    address: str
    inbox: Inbox
    heard_at: datetime | None = None
    wire: str | None = None

    def way(self, never: datetime) -> Way:
        """As answers have it."""
        return Way(self.channel, self.inbox.name, self.address, self.heard_at or never, self.wire)


def carried(inbox: Inbox) -> ChannelName:
    """What an inbox carries: a Twilio inbox says it in its address."""
    prefix, colon, _ = inbox.address.partition(":")
    if inbox.channel == "twilio":
        return ChannelName(prefix) if colon and prefix in {str(one) for one in ChannelName} else ChannelName.SMS
    return ChannelName(inbox.channel)


def brand_of(campaign: Campaign, config: Config, journey: Journey | None = None) -> str:
    """Whose inboxes it leaves from: the one it names, else that of the conversation it is about, else the only one there is."""
    place = split_conversation_id(journey.about) if journey is not None and journey.about is not None else None
    if campaign.brand is None and place is not None:
        return place[1]
    return campaign.brand or (config.inboxes[0].brand if config.inboxes else "default")


def order_of(campaign: Campaign, step: Send, template: Template, person: Person) -> Sequence[ChannelName]:
    """The channels in the order in which they are tried: those of the step, of the campaign, or as the person prefers."""
    written = [ChannelName(channel) for channel in template.written]
    chosen = step.channels or campaign.channels
    if chosen:
        return [one for one in chosen if one in written]
    preferred = person.contact.preferred
    return sorted(written, key=lambda one: one != preferred)


def routes(
    campaign: Campaign,
    step: Send,
    template: Template,
    person: Person,
    config: Config,
    journey: Journey | None = None,
) -> Iterator[Route]:
    """Every way there is, the best first: of several addresses the one that was heard last, of inboxes one in their language."""
    brand = brand_of(campaign, config, journey)
    ways = [way for one in person.conversations if one.group == brand for way in one.ways]
    heard = {(way.channel, way.address): way for way in sorted(ways, key=lambda way: way.heard_at)}
    for channel in order_of(campaign, step, template, person):
        inboxes = [one for one in config.inboxes if one.brand == brand and carried(one) is channel]
        addresses = [one.address for one in person.addresses if one.channel is channel and one.address]
        for address in sorted(addresses, key=lambda one: -_heard(heard.get((channel, one)))):
            way = heard.get((channel, address))
            inbox = _inbox(inboxes, way, (person.contact.language,))
            if inbox is not None:
                yield Route(
                    channel,
                    address,
                    inbox,
                    way.heard_at if way is not None else None,
                    way.wire if way is not None else None,
                )


def _heard(way: Way | None) -> float:
    return 0.0 if way is None else way.heard_at.timestamp()


def _inbox(inboxes: Sequence[Inbox], way: Way | None, languages: Sequence[str | None]) -> Inbox | None:
    """The one they wrote to, else one in their language, else the first."""
    if way is not None:
        known = next((one for one in inboxes if one.name == way.inbox), None)
        if known is not None:
            return known
    spoken = [language.partition("-")[0] for language in languages if language]
    own = next((one for one in inboxes if one.language.partition("-")[0] in spoken), None)
    return own or next(iter(inboxes), None)


# --- what is judged --------------------------------------------------------------------------------------------------


def slot_id(key: bytes, journey: Journey) -> str:
    """What a message takes its slot by, whatever channel it leaves by."""
    return send_id(key, journey.campaign, journey.contact, journey.occurrence, str(journey.at))


def held_out_by(key: bytes, campaign: Campaign, purpose: Purpose, contact: str, config: Config) -> str | None:
    """The holdout that somebody is in: of all campaigns, which what has to arrive is not under, or of this one."""
    share = config.outreach.holdout_percent
    if share and purpose is not Purpose.TRANSACTIONAL and held_out(key, GLOBAL, contact, share):
        return GLOBAL
    own = campaign.holdout_percent
    return campaign.name if own and held_out(key, campaign.name, contact, own) else None


def candidate_of(
    key: bytes, campaign: Campaign, step: Send, purpose: Purpose, journey: Journey, channel: ChannelName, config: Config
) -> Candidate:
    """A journey's message as the arbiter judges it."""
    stale = step.stale if step.stale is not None else campaign.stale
    return Candidate(
        send=slot_id(key, journey),
        campaign=campaign.name,
        channel=str(channel),
        purpose=purpose,
        importance=campaign.importance,
        due=journey.since,
        stale_at=journey.since + stale * 1000,
        triggered=not campaign.scheduled,
        foreseen=campaign.clock is not None,
        heeds=campaign.heeds,
        held_out=held_out_by(key, campaign, purpose, journey.contact, config),
    )


def facts_of(person: Person, route: Route, purpose: Purpose, ledger: Ledger, config: Config, now: int) -> Facts:
    """What is known of the recipient, for a message by this way."""
    where = place_of(person, config)
    stopped = person.suppressed.get((route.channel, route.address))
    consent = person.consents.get((route.channel, route.address, purpose))
    opens = quiet_of(config).opens(route.channel, purpose, where, now)
    return Facts(
        suppressed=stopped.source if stopped is not None and stopped.stands(route.heard_at) else None,
        consent=consent.given if consent is not None else None,
        unresolved=unresolved(person, now),
        quiet_until=opens if opens is not None and opens > now else None,
        never_open=opens is None,
        ledger=ledger,
        zone=zone(where.zones[0]),
    )
