"""What the parts of a configuration would do together: inboxes that could not send, queues that wait for ever, webhooks for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from channels import registry
from channels.optout import lexicon
from router.campaigns import Send, placed
from router.catalogue import EVENTS, matches
from router.config import Config
from router.keywords import folded
from router.messages import ChannelName
from router.outreach_checks import templates_of, written_on
from router.requirements import Requirement, met
from santral.config_places import Fault, Where
from santral.config_reach import arrives_by, senders

_NO_CHANNEL = f"is no channel; write one of {', '.join(ChannelName)}"


def faults(config: Config, where: Where, directory: str) -> Iterator[Fault]:
    """All of them; `where` names each item's file, `directory` stands in for it."""
    for look in (_inboxes, _channels, _shared, _stuck, _webhooks, _keywords, _campaigns):
        yield from look(config, where, directory)


def _inboxes(config: Config, where: Where, directory: str) -> Iterator[Fault]:
    """Inboxes that no channel serves, that shadow each other, or that could not send."""
    first: dict[tuple[str, str], str] = {}
    for index, inbox in enumerate(config.inboxes):
        file, place = where.get(("inboxes", inbox.name), directory), f"({inbox.name})"
        if inbox.channel not in registry.names():
            what = f"there is no channel '{inbox.channel}'; write one of {', '.join(registry.names())}"
            yield Fault(file, f"inboxes[{index}].channel {place}", what)
            continue
        if inbox.channel == "twilio" and not inbox.secret:
            what = "is missing; name the key of the Twilio credentials inside the provider secret, such as twilio"
            yield Fault(file, f"inboxes[{index}].secret {place}", what)
        if inbox.channel == "webchat":
            continue  # its address is a label, its name is what is looked up
        found = config.inbox_by_address(inbox.channel, inbox.address)
        name = first.setdefault((inbox.channel, found.name if found else inbox.name), inbox.name)
        if name != inbox.name:
            what = f"'{inbox.address}' is the address of inbox '{name}' already; give each inbox its own"
            yield Fault(file, f"inboxes[{index}].address {place}", what)


def _channels(config: Config, where: Where, directory: str) -> Iterator[Fault]:
    """Channels that there are not, where something is said by channel: it would hold for nothing."""
    for field in ("units", "handle_minutes", "offers", "fallback"):
        for name in sorted(set(getattr(config.routing, field)) - set(ChannelName)):
            yield Fault(where.get(("routing", ""), directory), f"routing.{field}.{name}", _NO_CHANNEL)
    for index, policy in enumerate(config.sla):
        for name in sorted(set(policy.channels) - set(ChannelName)):
            file = where.get(("sla", policy.name), directory)
            yield Fault(file, f"sla[{index}].channels.{name} ({policy.name})", _NO_CHANNEL)
    for index, agent in enumerate(config.agents):
        for name in sorted(set(agent.limits) - set(ChannelName)):
            file = where.get(("agents", agent.name), directory)
            yield Fault(file, f"agents[{index}].limits.{name} ({agent.name})", _NO_CHANNEL)


def _shared(config: Config, where: Where, directory: str) -> Iterator[Fault]:
    """Inboxes behind one webhook whose calls could not be told apart."""
    first: dict[tuple[str, str, str], str] = {}
    for index, inbox in enumerate(config.inboxes):
        channel = registry.get(inbox.channel) if inbox.channel in registry.names() else None
        if channel is None or not channel.shared or inbox.secret is None:
            continue
        others = [one.name for one in config.inboxes if (one.channel, one.secret) == (inbox.channel, inbox.secret)]
        file, account = where.get(("inboxes", inbox.name), directory), channel.account(inbox)
        if not account and len(others) > 1:
            setting = (
                "settings.phone_number_id" if inbox.channel == "whatsapp" else "settings.page_id or a numeric address"
            )
            what = (
                f"inboxes {', '.join(others)} have the same credentials, so one webhook calls for all of them: "
                f"say by {setting} which account is this one's"
            )
            yield Fault(file, f"inboxes[{index}] ({inbox.name})", what)
        name = first.setdefault((inbox.channel, inbox.secret, account), inbox.name)
        if account and name != inbox.name:
            what = f"the account {account} is that of inbox '{name}' already: each message would come twice"
            yield Fault(file, f"inboxes[{index}] ({inbox.name})", what)


def _stuck(config: Config, where: Where, directory: str) -> Iterator[Fault]:
    """Queues in which a conversation would wait for ever: it weighs more than any agent who may take it in the end can hold."""
    people = [(agent, agent.levels) for agent in config.agents]

    @cache
    def most_units(pool: str, brand: str, channel: str, needs: Requirement) -> int | None:
        able = (
            a.units
            for a, levels in people
            if a.pool == pool and a.answers_for(brand) and a.limits.get(channel, 1) > 0 and met(needs, levels)
        )
        return max(able, default=None)

    for index, queue in enumerate(config.queues):
        file = where.get(("queues", queue.name), directory)
        told: set[str] = set()
        for inbox, channel, rule in senders(config, queue.name):
            weight = config.routing.weight(channel)
            language = (rule.language if rule is not None else None) or inbox.language
            target = config.ladder(queue.name, (), language)[-1].needs
            if not any(a.pool == queue.pool and met(target, levels) for a, levels in people):
                break  # told as a skill that nobody has
            most = most_units(queue.pool, inbox.brand, channel, target)
            if inbox.name in told or (most is not None and most >= weight):
                continue
            told.add(inbox.name)
            if most is None:
                what = (
                    f"nobody who has its skill may answer what comes to inbox '{inbox.name}' (brand '{inbox.brand}', {channel}): "
                    "it waits for ever; look at the agents' `brands` and `limits`"
                )
                yield Fault(file, f"queues[{index}] ({queue.name})", what)
                continue
            sent = f", which rule '{rule.name}' may send here," if rule is not None else ""
            what = (
                f"a conversation of inbox '{inbox.name}'{sent} weighs {weight} units and no agent has more than {most}: "
                f"it waits for ever; give an agent more `units`, or lower routing.units.{channel}"
            )
            yield Fault(file, f"queues[{index}] ({queue.name})", what)


def _webhooks(config: Config, where: Where, directory: str) -> Iterator[Fault]:
    """Webhooks that wait for events that never come."""
    for index, webhook in enumerate(config.webhooks):
        for pattern in webhook.events:
            if not any(matches(pattern, event_type) for event_type in EVENTS):
                file = where.get(("webhooks", webhook.name), directory)
                what = f"'{pattern}' means no event; they are in docs/events.md, such as conversation.* or message.received"
                yield Fault(file, f"webhooks[{index}].events ({webhook.name})", what)


def _keywords(config: Config, where: Where, directory: str) -> Iterator[Fault]:
    """Words for stop, start and help that mean two things, with the built-in words of other languages among them."""
    twofold = lexicon(config.keywords).twofold
    for index, one in enumerate(config.keywords):
        file = where.get(("keywords", one.language), directory)
        for which in ("stop", "start", "help"):
            for word in getattr(one, which):
                if not any(char.isalnum() for char in word):
                    yield Fault(file, f"keywords[{index}].{which} ({one.language})", f"'{word}' is no word")
                elif folded(word) in twofold:
                    what = f"'{word}' means something else too, here or in another language; a word asks for one thing"
                    yield Fault(file, f"keywords[{index}].{which} ({one.language})", what)


def _campaigns(config: Config, where: Where, directory: str) -> Iterator[Fault]:
    """Campaigns that leave it open from which brand they leave, and messages that no inbox could send."""
    known = {None, *(inbox.brand for inbox in config.inboxes)}
    for index, campaign in enumerate(config.campaigns):
        if campaign.brand not in known:
            continue  # told as a brand that there is not
        file = where.get(("campaigns", campaign.name), directory)
        brands: set[str] = set()
        for way, step in placed(campaign.steps):
            if not isinstance(step, Send):
                continue
            for at, name in templates_of(step, way):
                template = config.template(name)
                channels = set() if template is None else set(written_on(campaign, step, template))
                able = [one.brand for one in config.inboxes if channels & set(arrives_by(one))]
                brands.update(able)
                if channels and (not able if campaign.brand is None else campaign.brand not in able):
                    whose = "" if campaign.brand is None else f" of brand '{campaign.brand}'"
                    what = f"'{name}' is written for {', '.join(sorted(channels))}, and no inbox{whose} can send that"
                    yield Fault(file, f"campaigns[{index}].{at} ({campaign.name})", what)
        if campaign.brand is None and len(brands) > 1:
            what = f"from which brand does it leave? Write `brand`: one of {', '.join(sorted(brands))}"
            yield Fault(file, f"campaigns[{index}] ({campaign.name})", what)
