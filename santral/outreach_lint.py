"""What works in segments and campaigns and may not be meant: times that are past, waits for nothing, conditions that are constant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from router.campaigns import Await, Branch, Campaign, Send, Step, Stop, Wait, every, placed
from router.config import Config
from router.errors import Invalid
from router.grounds import nodes
from router.outreach_checks import templates_of, written_on
from router.profile import attribute_name
from router.recurring import Once, next_after
from santral import campaign_lint
from santral.config_places import Finding, Place, Places, steps_of
from santral.config_reach import ALWAYS, NEVER, plain

_LAST = "Etc/GMT+12"
"""Where every local time comes last."""


def findings(config: Config, places: Places, now: int) -> Iterator[Finding]:
    """All of them; `now` in milliseconds since 1970."""
    for segment in config.segments:
        name, place = f"segment '{segment.name}'", places.of("segments", segment.name, "when")
        yield from _condition(name, segment.checked, place)
        if all(one.segment != segment.name for one in config.campaigns):
            yield Finding("note", f"{name}: no campaign names it", places.of("segments", segment.name))
    for campaign in config.campaigns:
        for level, way, what in (*_campaign(config, campaign, now), *campaign_lint.odd(config, campaign)):
            text = f"campaign '{campaign.name}': {f'{way}: ' if way else ''}{what}"
            yield Finding(level, text, places.of("campaigns", campaign.name, *steps_of(way)))
        conditions = [("when", campaign.checked)]
        conditions += [
            (f"{way}.when", step.checked) for way, step in placed(campaign.steps) if isinstance(step, Branch)
        ]
        for way, tree in conditions:
            place = places.of("campaigns", campaign.name, *steps_of(way))
            yield from _condition(f"campaign '{campaign.name}': {way}", tree, place)
    for level, way, what in campaign_lint.odd_rules(config.outreach):
        yield Finding(level, f"outreach: {way}: {what}", places.inside("outreach", *steps_of(way)))


def _condition(name: str, tree: Any, place: Place | None) -> Iterator[Finding]:
    """Conditions that are the same for everybody, or look at what nobody can have."""
    if tree is None:
        return
    simple = plain(tree, {})
    if simple == NEVER:
        yield Finding("warning", f"{name} never holds, whoever it is", place)
    elif simple == ALWAYS:
        yield Finding("warning", f"{name} always holds: leave it out, or correct it", place)
    for node in nodes(tree):
        if node[0] == "ask" and node[1] == "contact":
            try:
                attribute_name(node[3])
            except Invalid as error:
                yield Finding("warning", f"{name}: nobody has such an attribute: {error}", place)


def _campaign(config: Config, campaign: Campaign, now: int) -> Iterator[tuple[Any, str, str]]:
    clock = campaign.clock
    if clock is not None and next_after(clock, now, _LAST) is None:
        when = f"its time, {clock.at}, is past" if isinstance(clock, Once) else "its time never comes"
        yield "warning", "starts", f"{when}: nothing sets it off"
    yield from _idle(campaign.steps, "steps", more=False)
    yield from _unreached(campaign)
    yield from _unused(config, campaign)
    yield from _unpriced(config, campaign)


def _idle(steps: tuple[Step, ...], way: str, *, more: bool) -> Iterator[tuple[Any, str, str]]:
    """Steps after which nothing is sent any more. `more`: something is, once these are over."""
    found: list[tuple[Any, str, str]] = []
    for number, step in reversed(list(enumerate(steps))):
        here = f"{way}[{number}]"
        if isinstance(step, Await | Branch):
            found += _idle(step.otherwise, f"{here}.otherwise", more=more)
            found += _idle(step.then, f"{here}.then", more=more)
            sends = any(isinstance(one, Send) for one in every((step,)))
            if not sends and not more:
                found.append(("warning", here, "is of no use: nothing is sent in it or after it"))
            elif isinstance(step, Branch) and not step.then and not step.otherwise:
                found.append(("warning", here, "is of no use: it does the same either way"))
            more = more or sends
        elif isinstance(step, Wait) and not more:
            found.append(("warning", here, "waits for nothing: nothing is sent after it"))
        elif isinstance(step, Send | Stop):
            more = isinstance(step, Send)
    yield from reversed(found)


def _unreached(campaign: Campaign) -> Iterator[tuple[Any, str, str]]:
    """Steps behind a stop."""
    lists = [("steps", campaign.steps)]
    for way, step in placed(campaign.steps):
        if isinstance(step, Await | Branch):
            lists += [(f"{way}.then", step.then), (f"{way}.otherwise", step.otherwise)]
    for way, steps in lists:
        stops = [number for number, step in enumerate(steps[:-1]) if isinstance(step, Stop)]
        if stops:
            yield "warning", f"{way}[{stops[0] + 1}]", "is never reached: the step before it stops"


def _unused(config: Config, campaign: Campaign) -> Iterator[tuple[Any, str, str]]:
    """Values that none of its templates needs."""
    names = {name for step in campaign.sends for name in step.templates}
    needed = {value for name in names if (template := config.template(name)) is not None for value in template.needs}
    for value in campaign.values:
        if value not in needed:
            yield "note", f"values.{value}", "none of its templates needs it"


def _unpriced(config: Config, campaign: Campaign) -> Iterator[tuple[Any, str, str]]:
    """A budget over channels that cost nothing."""
    if campaign.budget is None:
        return
    used = {
        channel
        for way, step in placed(campaign.steps)
        if isinstance(step, Send)
        for _, name in templates_of(step, way)
        if (template := config.template(name)) is not None
        for channel in written_on(campaign, step, template)
    }
    free = sorted(used - set(map(str, config.outreach.prices)))
    if free:
        yield "warning", "budget", f"outreach.prices has none for {', '.join(free)}: what leaves there costs nothing"
