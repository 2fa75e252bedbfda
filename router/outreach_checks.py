"""What must hold between campaigns and all that they name, and what the rules for all of them name. Each fault a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from router.campaigns import GIVEN, Branch, Campaign, FromEvent, Happened, Send, placed
from router.scores import RANGES, ScoreKind
from router.templates import Template, parts
from router.written import UNCHECKED, like

if TYPE_CHECKING:
    from router.config import Config

_SURVEY = re.compile(r"\{[{%][^}]*\bsurvey\b")


def faults(config: Config) -> Iterator[str]:
    """Of segments, campaigns and outreach, in this order."""
    for segment in config.segments:
        if segment.checked is None:
            yield f"segment '{segment.name}': {UNCHECKED}"
    for campaign in config.campaigns:
        yield from (f"campaign '{campaign.name}': {fault}" for fault in _campaign(config, campaign))
    yield from (f"outreach: {fault}" for fault in _outreach(config))


def written_on(campaign: Campaign, step: Send, template: Template) -> tuple[str, ...]:
    """The channels on which a step's template may leave, in the order in which they are tried."""
    texts = list(dict.fromkeys(channel for channel, _ in template.texts))
    wanted = [str(one) for one in step.channels or campaign.channels or texts]
    return tuple(one for one in wanted if one in texts)


def templates_of(step: Send, way: str) -> Iterator[tuple[str, str]]:
    """The templates of a step, each with the way to its name."""
    if step.send is not None:
        yield f"{way}.send", step.send
    for number, variant in enumerate(step.variants):
        yield f"{way}.variants[{number}].template", variant.template


def _campaign(config: Config, campaign: Campaign) -> Iterator[str]:
    if campaign.segment is not None and config.segment(campaign.segment) is None:
        known = {one.name for one in config.segments}
        yield f"segment: there is no segment '{campaign.segment}'{like(campaign.segment, known)}"
    if campaign.when is not None and campaign.checked is None:
        yield f"when: {UNCHECKED}"
    brands = {inbox.brand for inbox in config.inboxes}
    if campaign.brand is not None and campaign.brand not in brands:
        yield f"brand: no inbox has the brand '{campaign.brand}'{like(campaign.brand, brands)}"
    if not isinstance(campaign.starts, Happened):
        for name, value in campaign.values.items():
            if isinstance(value, FromEvent):
                yield f"values.{name}: there is no event to take it from: only a campaign that an event sets off has one"
    for way, step in placed(campaign.steps):
        if isinstance(step, Branch) and step.checked is None:
            yield f"{way}.when: {UNCHECKED}"
        elif isinstance(step, Send):
            yield from _send(config, campaign, step, way)


def _send(config: Config, campaign: Campaign, step: Send, way: str) -> Iterator[str]:
    purposes: dict[str, str] = {}
    for at, name in templates_of(step, way):
        template = config.template(name)
        if template is None:
            yield f"{at}: there is no template '{name}'{like(name, {one.name for one in config.templates})}"
            continue
        purposes.setdefault(str(template.purpose), name)
        channels = written_on(campaign, step, template)
        if not channels:
            wanted = ", ".join(step.channels or campaign.channels)
            texts = ", ".join(dict.fromkeys(channel for channel, _ in template.texts))
            yield f"{at}: template '{name}' has no text for {wanted}; it has texts for {texts}"
        yield from (f"{at}: template '{name}' {fault}" for fault in _values(campaign, step, template))
        if step.survey is not None:
            yield from (f"{at}: template '{name}' {fault}" for fault in _asks(template, channels))
    if len(purposes) > 1:
        which = ", ".join(f"'{name}' is {purpose}" for purpose, name in purposes.items())
        yield f"{way}.variants: the templates of one step have one purpose, and {which}"


def _values(campaign: Campaign, step: Send, template: Template) -> Iterator[str]:
    """Whether everything that a template cannot do without is given, in the shape that it has in the template's examples."""
    for name, example in template.needs.items():
        if name == "survey" and step.survey is None and name not in template.optional:
            yield "needs 'survey', and the step asks for no score: write `survey: csat`, nps or ces"
        elif name in campaign.values:
            value = campaign.values[name]
            if isinstance(example, dict | list) and not isinstance(value, FromEvent):
                what = f"fields ({', '.join(example)})" if isinstance(example, dict) else "a list"
                yield f"needs {what} as '{name}', and `values` has a single value"
        elif name not in GIVEN and name not in template.optional:
            yield f"needs '{name}', and `values` has none{like(name, campaign.values)}"


def _asks(template: Template, channels: tuple[str, ...]) -> Iterator[str]:
    """Whether each mail that asks for a score has the link to give it by; elsewhere a text may ask for a reply such as 5 alone."""
    for channel, language in template.texts:
        if (
            channel == "email"
            and channel in channels
            and not any(_SURVEY.search(part.source) for part in parts(template, channel, language))
        ):
            yield f"asks for no score in {channel}.{language}: write {{{{ survey }}}} where the link belongs"


def _outreach(config: Config) -> Iterator[str]:
    outreach = config.outreach
    inboxes: Mapping[str, object] = {one.name: one for one in config.inboxes}
    for name in outreach.rates:
        if name not in inboxes:
            yield f"rates.{name}: there is no inbox '{name}'{like(name, inboxes)}"
    calendars = {one.name for one in config.calendars}
    for number, hours in enumerate(outreach.hours):
        if hours.holidays is not None and hours.holidays not in calendars:
            yield f"hours[{number}].holidays: there is no calendar '{hours.holidays}'{like(hours.holidays, calendars)}"
    queue = outreach.surveys.queue
    if queue is not None and config.queue(queue) is None:
        yield f"surveys.queue: there is no queue '{queue}'{like(queue, config.queue_names)}"
    for kind, low in outreach.surveys.low.items():
        least, most = RANGES[ScoreKind(kind)]
        if not least <= low < most:
            yield f"surveys.low.{kind}: {low} is no low score of those from {least} to {most}"
