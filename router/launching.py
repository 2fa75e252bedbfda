"""A campaign is set off: a run is written, once, and its parts are ordered to be gone through, until they are.

Where it is for more people than is likely meant, it waits until somebody confirms it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from router.campaigns import Campaign
from router.config import Config
from router.errors import Lost
from router.exchange import Exchange
from router.fitting import fitting
from router.outreach_values import PARTS, SLICE, Run
from router.recurring import TICK, Birthday, Occurrence, occurrence_at, occurrences, zones_due
from router.signals import Plan, Signal
from router.times import from_ms, to_ms

_SAMPLE = 50
"""Contacts of each part by whom the share is estimated that a run is for."""
LEAST = 100
"""Of fewer contacts no share is asked about."""
_LATE = 60 * 60_000
"""A schedule's time that is none of the trigger's stands for one that came at most so long before."""
LOOK = 6 * 60_000
"""After so long it is looked whether a run is through; sooner, an order of its would be taken for the last one's repeat (5 minutes)."""
_RECIPIENT = "recipient"


def launch(x: Exchange, name: str, at: datetime) -> list[Signal]:
    """A schedule fired. Once for each scheduled time, however often it is told; what must follow."""
    campaign = x.config().campaign(name)
    if campaign is None or not campaign.enabled or campaign.clock is None:
        x.count("LaunchOfNothing", 1)
        x.log("a schedule fired for nothing", {"campaign": name})
        return []
    if campaign.clock.zone == _RECIPIENT:
        return _look_around(x, campaign, to_ms(at))
    known = _occurrence(campaign, to_ms(at))
    if known is None:
        x.count("LaunchOfNothing", 1)
        x.log("a schedule fired at a time that is none of the campaign's", {"campaign": name, "at": at.isoformat()})
        return []
    run = Run(name, known.name, x.config().version, known.at, known.name)
    return begin(x, campaign, run)


def _occurrence(campaign: Campaign, at: int) -> Occurrence | None:
    if campaign.clock is None:
        return None
    exact = occurrence_at(campaign.clock, at)
    if exact is not None:
        return exact
    return max(occurrences(campaign.clock, at - _LATE, at), key=lambda one: one.at, default=None)


def _look_around(x: Exchange, campaign: Campaign, at: int) -> list[Signal]:
    """Each recipient's own time: runs for the zones whose time came since the last look, one for each occurrence."""
    if campaign.clock is None:
        return []
    since = x.table.looked(campaign.name)
    stale = campaign.stale * 1000
    after = max(at - TICK if since is None else since, at - stale - TICK)
    if after >= at:
        return []
    zones: dict[str, dict[str, int]] = {}
    for one in zones_due(campaign.clock, after, at, stale):
        zones.setdefault(one.occurrence.name, {})[one.zone] = one.occurrence.at
    for occurrence, where in zones.items():
        name = f"{occurrence}{SLICE}{from_ms(at):%Y%m%dT%H%MZ}"
        x.queues.send(begin(x, campaign, Run(campaign.name, name, x.config().version, at, occurrence, where)), x.now())
    x.table.set_looked(campaign.name, at)
    return []


def begin(x: Exchange, campaign: Campaign, run: Run) -> list[Signal]:
    """Write a run, unless it is there, and have its parts gone through. One that is for too many people waits until it is confirmed.

    Runs of one occurrence ask once, are confirmed together, and are all cancelled if one of them was.
    """
    siblings = [one for one in x.table.runs_of(campaign.name, run.group) if one.name != run.name] if run.zones else []
    cancelled = x.table.control(campaign.name).cancelled
    if any(one.at <= cancelled for one in (run, *siblings)):
        return []
    known = x.table.run(campaign.name, run.name)
    if known is None:
        run = _asked(x, campaign, run, siblings)
        try:
            x.table.commit(x.table.new_run(run if run.waits else replace(run, due=to_ms(x.now()) + LOOK)))
            x.count("CampaignRun", 1)
        except Lost:
            known = x.table.run(campaign.name, run.name)
    return plans(run if known is None else known)


def _asked(x: Exchange, campaign: Campaign, run: Run, siblings: Iterable[Run]) -> Run:
    """The run, asking if it has to."""
    if run.confirmed:
        return run
    for one in siblings:
        return replace(run, asking=one.asking, share=one.share, confirmed=one.confirmed)
    share = _asks(x, campaign)
    if share is None:
        return run
    x.count("CampaignAsks", 1)
    told = {"campaign": run.campaign, "run": run.name, "share": share}
    x.log("a run is for more people than is likely meant", told)
    return replace(run, asking=True, share=share)


def plans(run: Run, parts: Iterable[int] = range(PARTS)) -> list[Signal]:
    """The orders to go through the parts of a run; none while it asks."""
    return [] if run.waits else [Plan(run.campaign, run.name, part) for part in parts]


def look_after(x: Exchange, run: Run) -> list[Signal]:
    """A run is due: what is left of it is ordered again, so that no order that was lost leaves anybody out."""
    now = to_ms(x.now())
    if run.due is None or run.due > now or run.waits:
        return []
    left = [part.number for part in x.table.parts(run.campaign, run.name) if not part.done]
    over = not left or x.table.control(run.campaign).cancelled >= run.at
    x.table.commit(x.table.save_run(run, replace(run, due=None if over else now + LOOK)))
    return [] if over else plans(run, left)


def _asks(x: Exchange, campaign: Campaign) -> int | None:
    """The share that a run would ask about; None where it need not, as an earlier one for the same people went on."""
    if any(_same(x, campaign, run) for run in x.table.runs(campaign.name)[:1]):
        return None
    return share_of(x, campaign)


def share_of(x: Exchange, campaign: Campaign) -> int | None:
    """The share (per cent) of the first contacts of each part whom it is for, where that is more than is allowed without a word."""
    limit = x.config().outreach.confirm_above_percent
    if campaign.everyone or (campaign.segment is None and campaign.when is None) or limit >= 100:
        return None
    if isinstance(campaign.clock, Birthday):
        return None
    listed = [one.contact for part in range(PARTS) for one in x.table.contacts_in(part, "", _SAMPLE)]
    people = [one for one in x.table.people(listed) if one is not None]
    if len(people) < LEAST:
        return None
    share = 100 * sum(fitting(x, campaign, people)) / len(people)
    return round(share) if share > limit else None


def _same(x: Exchange, campaign: Campaign, run: Run) -> bool:
    """Was an earlier run for the same people, and not waiting to be confirmed?"""
    if run.waits:
        return False
    then = x.under(run.version).config()
    before = then.campaign(campaign.name)
    return before is not None and _for_whom(then, before) == _for_whom(x.config(), campaign)


def _for_whom(config: Config, campaign: Campaign) -> tuple[object, ...]:
    segment = config.segment(campaign.segment)
    return campaign.when, None if segment is None else segment.when
