"""What works in a campaign and is of no use as it is: results that never tell anything, messages that nobody gets, words said twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from router.campaigns import Await, Branch, Campaign, Happened, Outreach, Send, Step, placed
from router.config import Config, Inbox
from router.outreach_checks import templates_of, written_on
from router.recurring import TICK
from router.spans import shown
from router.templates import Template, parts
from santral.config_reach import arrives_by

_UNSUBSCRIBE = re.compile(r"\{\{[^}]*\bunsubscribe\b")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
"""A messaging service of Twilio: its numbers are answered as any other."""


class Odd(NamedTuple):
    """What is odd, and the way to it."""

    level: Literal["warning", "note"]
    way: str
    what: str


def odd(config: Config, campaign: Campaign) -> Iterator[Odd]:
    """All of it, of one campaign."""
    yield from _results(campaign)
    yield from _variants(campaign)
    yield from _ends(campaign)
    yield from _in_time(campaign)
    yield from _either_way(campaign)
    yield from _twice(campaign)
    yield from _asked_again(config, campaign)
    yield from _no_way_out(config, campaign)


def odd_rules(outreach: Outreach) -> Iterator[Odd]:
    """Of what holds for all campaigns."""
    if outreach.holdout_percent == 100:
        yield Odd("warning", "holdout_percent", "100: nobody gets anything but transactional messages")
    for purpose, caps in outreach.caps.items():
        if caps.day is not None and caps.week is not None and caps.day > caps.week:
            what = f"{caps.day} on one day are never reached: a week has {caps.week}"
            yield Odd("warning", f"caps.{purpose}.day", what)


def _results(campaign: Campaign) -> Iterator[Odd]:
    """Comparisons that cannot be made."""
    if campaign.holdout_percent == 100:
        yield Odd("warning", "holdout_percent", "100: nobody gets anything")
    if campaign.goal is not None:
        return
    several = next((way for way, step in _sends(campaign) if len(step.variants) > 1), None)
    why = "without a `goal` nobody can tell what difference it makes"
    if campaign.holdout_percent:
        yield Odd("warning", "holdout_percent", why)
    elif several is not None:
        yield Odd("warning", f"{several}.variants", why)


def _variants(campaign: Campaign) -> Iterator[Odd]:
    """Variants that are none, and those of two steps that results would mix."""
    first: tuple[str, dict[str, float]] | None = None
    for way, step in _sends(campaign):
        if len(step.variants) == 1:
            yield Odd("warning", f"{way}.variants", "has one variant, which everybody gets: write `send`")
        if len(step.variants) < 2:
            continue
        shares = {one.name: one.share for one in step.variants}
        if first is None:
            first = way, shares
        elif set(shares) != set(first[1]):
            what = (
                f"has other variants than {first[0]}: results count each person once, by the last one they got; "
                "give both steps the same names, or make two campaigns of them"
            )
            yield Odd("warning", f"{way}.variants", what)
        elif _relative(shares) != _relative(first[1]):
            what = (
                f"has other shares than {first[0]}: some people get one variant there and another here, and results mix"
            )
            yield Odd("warning", f"{way}.variants", what)


def _relative(shares: dict[str, float]) -> dict[str, float]:
    return {name: round(share / sum(shares.values()), 9) for name, share in shares.items()}


def _ends(campaign: Campaign) -> Iterator[Odd]:
    """What begins a campaign and ends it."""
    starts = campaign.starts
    if isinstance(starts, Happened) and starts.event in campaign.exits:
        number = campaign.exits.index(starts.event)
        what = f"{starts.event} begins the campaign too: the next one ends this journey and begins another"
        yield Odd("warning", f"exits[{number}]", what)


def _in_time(campaign: Campaign) -> Iterator[Odd]:
    """Messages that are too late before anybody has looked for them."""
    clock = campaign.clock
    if clock is None or clock.zone != "recipient":
        return
    stale = [("stale", campaign.stale), *((f"{way}.stale", step.stale) for way, step in _sends(campaign))]
    for way, span in stale:
        if span is not None and span * 1000 < TICK:
            what = (
                f"each recipient's own time is looked for every {shown(TICK // 1000)}: "
                f"what is dropped after {shown(span)} leaves for few or none"
            )
            yield Odd("warning", way, what)


def _either_way(campaign: Campaign) -> Iterator[Odd]:
    for way, step in placed(campaign.steps):
        if isinstance(step, Await) and not step.then and not step.otherwise:
            what = "goes on the same way whether it happens or not: write `then` or `otherwise`, or only `wait`"
            yield Odd("note", way, what)


def _twice(campaign: Campaign) -> Iterator[Odd]:
    """Channels that are named twice."""
    lists = [("channels", campaign.channels), *((f"{way}.channels", step.channels) for way, step in _sends(campaign))]
    for way, channels in lists:
        for number, channel in enumerate(channels):
            if channel in channels[:number]:
                yield Odd("warning", f"{way}[{number}]", f"names {channel} twice")


def _asked_again(config: Config, campaign: Campaign) -> Iterator[Odd]:
    """Surveys behind another one that the same person was asked in."""
    every = shown(config.outreach.surveys.every)
    for way in _second_surveys(campaign.steps, "steps", before=False)[1]:
        what = f"asks again who was asked by this campaign already: outreach.surveys.every is {every}, and their scores mix"
        yield Odd("warning", f"{way}.survey", what)


def _second_surveys(steps: tuple[Step, ...], way: str, *, before: bool) -> tuple[bool, list[str]]:
    """Was anybody who comes to the end asked, and which steps ask them once more?"""
    found: list[str] = []
    for number, step in enumerate(steps):
        here = f"{way}[{number}]"
        if isinstance(step, Send) and step.survey is not None:
            found += [here] if before else []
            before = True
        elif isinstance(step, Await | Branch):
            then, in_then = _second_surveys(step.then, f"{here}.then", before=before)
            otherwise, in_otherwise = _second_surveys(step.otherwise, f"{here}.otherwise", before=before)
            found += [*in_then, *in_otherwise]
            before = then or otherwise
    return before, found


def _no_way_out(config: Config, campaign: Campaign) -> Iterator[Odd]:
    """Marketing by SMS from a name: nobody can answer STOP to one, and the text says no other way."""
    ours = [one for one in config.inboxes if campaign.brand in (None, one.brand) and "sms" in arrives_by(one)]
    if not ours or any(_answered(one) for one in ours):
        return
    for way, step in _sends(campaign):
        for at, name in templates_of(step, way):
            template = config.template(name)
            if template is None or template.purpose != "marketing" or "sms" not in written_on(campaign, step, template):
                continue
            for language in _without_link(template):
                what = (
                    f"template '{name}' has no way out in sms.{language}: nobody can answer STOP to '{ours[0].address}', "
                    "which is no number; write {{ unsubscribe }}"
                )
                yield Odd("warning", at, what)


def _answered(inbox: Inbox) -> bool:
    """Can people answer to its address? They can to a number and to a messaging service, not to a name."""
    address = inbox.address.strip()
    return not any(char.isalpha() for char in address) or _SERVICE.fullmatch(address) is not None


def _without_link(template: Template) -> Iterator[str]:
    for channel, language in template.texts:
        if channel == "sms" and not any(_UNSUBSCRIBE.search(one.source) for one in parts(template, channel, language)):
            yield language


def _sends(campaign: Campaign) -> Iterator[tuple[str, Send]]:
    return ((way, step) for way, step in placed(campaign.steps) if isinstance(step, Send))
