"""What the API takes and gives of campaigns: how they stand, what people decide of them, and what a person got or did not get."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, Field

from router import campaigning
from router.asked import Asked, Call
from router.campaigning import Standing
from router.campaigns import Became, Campaign, Happened
from router.errors import Invalid, NotFound
from router.exchange import Exchange
from router.experiments import Comparison
from router.explaining_outreach import begun_told, details_told, finding_told, reason_told, shortly_told
from router.explaining_reader import Reader
from router.journeys import Journey
from router.messages import Time
from router.outreach_facts import home
from router.outreach_values import MILLIONTHS, Control
from router.people import resolve
from router.planning import segmented
from router.recurring import Birthday, Once, Recurring
from router.score_views import SurveyView, survey_view
from router.times import from_ms
from router.views import Body, View

Language = Literal["en", "tr"]


class CampaignView(View):
    """A campaign of the configuration, and what was decided of it."""

    name: str
    starts: str
    enabled: bool
    paused: bool
    why: str = Field(default="", description="by hand, or budget")
    by: str = ""
    since: Time | None = None
    cancelled_at: Time | None = None
    run: str | None = Field(default=None, description="the one that was just begun, or confirmed")
    runs: tuple[str, ...] = Field(default=(), description="the newest first")


class CampaignList(View):
    """All that are configured."""

    campaigns: tuple[CampaignView, ...]


class VariantView(View):
    """What came of one variant, or of those held out; against the holdout where there is one."""

    name: str
    people: int
    reached: int
    rate: float
    low: float | None = Field(default=None, description="of the difference to the baseline: 95 %")
    high: float | None = None
    finding: str | None = Field(default=None, description="more, less, not_yet")
    told: str | None = None


class CampaignStatus(View):
    """How a run stands, or all since a day. looked = outside + journeys; journeys = sent + pending + parked + dropped."""

    campaign: str
    run: str | None = Field(description="an occurrence, or a run by hand; none where all since a day are counted")
    since: str | None = Field(default=None, description="a day: all that began from then on")
    state: str = Field(description="planning, running, done, asking, paused, out_of_budget, cancelled, none")
    why: str = Field(default="", description="where it is paused: by hand")
    by: str = ""
    decided_at: Time | None = None
    share: int | None = Field(default=None, description="per cent of those looked at whom it is for, where it asks")
    looked: int
    outside: int
    journeys: int
    sent: int = Field(description="people to whom a message left")
    messages: int
    pending: int
    parked: int
    dropped: int
    clicked: int = Field(description="people who followed a link of it")
    replied: int = Field(description="people who answered after it began")
    reasons: dict[str, int] = Field(description="why nothing has left, by code")
    told: dict[str, str] = Field(default={}, description="each of these reasons in a few words")
    channels: dict[str, int]
    cost: float
    currency: str
    budget: float | None = Field(default=None, description="of each run; of what events set off, of each day")
    goal: str | None = Field(default=None, description="what results are counted by; without one there are none")
    variants: tuple[VariantView, ...] = ()
    surveys: tuple[SurveyView, ...] = Field(
        default=(), description="of each kind that it asks for, or that was answered"
    )


class MemberView(View):
    """Somebody of a segment."""

    contact: str
    name: str | None = None
    channels: tuple[str, ...]


class SegmentPage(View):
    """A page of all contacts, and who of them belongs to a segment. Count page by page until there is no `next`."""

    segment: str
    looked: int
    inside: int
    members: tuple[MemberView, ...]
    next: str | None = None


class RunBody(Body):
    """Set it off now."""

    confirmed: bool = Field(default=False, description="also where it is for a large share of all contacts")


class ConfirmBody(Body):
    """Which run goes on."""

    run: str = Field(max_length=60)


class JourneyView(View):
    """One journey of a person: where it stands, and why."""

    campaign: str
    occurrence: str
    stage: str
    reason: str = ""
    title: str = Field(description="the campaign, and since when, in words")
    told: str = Field(description="in a sentence")
    details: tuple[str, ...] = Field(
        default=(), description="its way and variant, and what the person did, in sentences"
    )
    began_at: Time
    due_at: Time | None = None
    variant: str = ""
    channel: str = ""
    messages: tuple[str, ...] = Field(default=(), description="ids of those that left")
    reached: bool = False


class JourneyList(View):
    """All journeys of a person that are kept, the newest first."""

    contact: str
    language: Literal["en", "tr"]
    zone: str = Field(description="of all times in words: the person's, else that of the configuration")
    title: str
    note: str = Field(description="says the zone, and whether there is nothing to tell")
    journeys: tuple[JourneyView, ...]


def _campaigns(x: Exchange, asked: Asked) -> BaseModel:
    _may_read(asked)
    return CampaignList(campaigns=tuple(_view(x, one.name) for one in x.config().campaigns))


def _campaign(x: Exchange, asked: Asked) -> BaseModel:
    _may_read(asked)
    name = asked.path("campaign")
    if x.config().campaign(name) is None:
        raise NotFound(f"there is no campaign '{name}'")
    return _view(x, name)


def _may_read(asked: Asked) -> None:
    if not asked.user.machine:
        asked.user.need("supervisor")


def _view(x: Exchange, name: str, control: Control | None = None, run: str | None = None) -> CampaignView:
    campaign = x.config().campaign(name)
    control = control or x.table.control(name)
    return CampaignView(
        name=name,
        starts=_starts(campaign) if campaign is not None else "",
        enabled=campaign is not None and campaign.enabled,
        paused=control.paused,
        why=control.why,
        by=control.by,
        since=from_ms(control.at) if control.at else None,
        cancelled_at=from_ms(control.cancelled) if control.cancelled else None,
        run=run,
        runs=tuple(dict.fromkeys(one.group for one in x.table.runs(name))),
    )


def _starts(campaign: Campaign) -> str:
    """What sets it off, shortly."""
    match campaign.starts:
        case Once(at=at, zone=zone):
            return f"at {at}, {zone}"
        case Recurring(cron=cron, zone=zone):
            return f"cron {cron}, {zone}"
        case Birthday(birthday=clock):
            return f"birthday {clock}"
        case Happened(event=event):
            return f"event {event}"
        case Became(conversation=state):
            return f"conversation {state}"
        case _:
            return "by hand"


def _language(asked: Asked) -> Language:
    match asked.query("language") or "en":
        case "en":
            return "en"
        case "tr":
            return "tr"
        case _:
            raise Invalid("explanations are in en and tr", field="language")


def _status(x: Exchange, asked: Asked) -> BaseModel:
    _may_read(asked)
    name = asked.path("campaign")
    found = campaigning.standing(x, name, asked.query("run"), _day(asked))
    return status_view(x, found, x.table.control(name), _language(asked))


def _day(asked: Asked) -> str | None:
    since = asked.time("since")
    return None if since is None else f"{since:%Y-%m-%d}"


def status_view(x: Exchange, found: Standing, control: Control, language: str = "en") -> CampaignStatus:
    """How a run stands, or all since a day, with results in words where there is a goal to count them by."""
    tally, config = found.tally, x.config()
    campaign = config.campaign(control.campaign)
    goal = campaign.goal if campaign is not None else None
    baseline, comparisons = campaigning.results(tally) if goal is not None else (None, [])
    reader = Reader(language, home(config), config, names=False)
    told = {one.group.name: one for one in comparisons}
    asking = found.asking
    return CampaignStatus(
        campaign=control.campaign,
        run=found.name,
        since=found.since,
        state=state_of(found, control),
        why=control.why,
        by=control.by,
        decided_at=from_ms(control.at) if control.at else None,
        share=asking.share if asking is not None else None,
        looked=found.looked,
        outside=found.outside,
        journeys=tally.journeys,
        sent=tally.sent,
        messages=tally.messages,
        pending=tally.pending,
        parked=tally.parked,
        dropped=tally.dropped,
        clicked=tally.clicked,
        replied=tally.replied,
        reasons=dict(tally.reasons),
        told={code: shortly_told(reader, code) for code in tally.reasons},
        channels=dict(tally.channels),
        cost=tally.cost / MILLIONTHS,
        currency=config.outreach.currency,
        budget=campaign.budget.most if campaign is not None and campaign.budget is not None else None,
        goal=goal.of if goal is not None else None,
        variants=tuple(
            _variant(reader, name, people, reached, told.get(name), baseline.name if baseline is not None else "")
            for name, (people, reached) in tally.variants.items()
        ),
        surveys=tuple(survey_view(one, tally.sent) for one in campaigning.answers(tally, campaign)),
    )


def state_of(found: Standing, control: Control) -> str:
    """One word for a run, or for all since a day."""
    if found.runs and all(run.at <= control.cancelled for run in found.runs):
        return "cancelled"
    if found.asking is not None:
        return "asking"
    if control.paused:
        return "paused"
    if found.tally.reasons.get("budget"):
        return "out_of_budget"
    if not found.planned:
        return "planning"
    if found.tally.pending or found.tally.parked:
        return "running"
    return "done" if found.runs or found.tally.journeys else "none"


def _variant(
    reader: Reader, name: str, people: int, reached: int, found: Comparison | None, baseline: str
) -> VariantView:
    return VariantView(
        name=name,
        people=people,
        reached=reached,
        rate=reached / people if people else 0.0,
        low=found.between.low if found is not None else None,
        high=found.between.high if found is not None else None,
        finding=str(found.finding) if found is not None else None,
        told=finding_told(reader, found, baseline) if found is not None else None,
    )


def _run(x: Exchange, asked: Asked) -> BaseModel:
    name = asked.path("campaign")
    run = campaigning.run_now(x, asked.user, name, asked.key, confirmed=asked.body(RunBody).confirmed)
    return _view(x, name, run=run.group)


def _confirm(x: Exchange, asked: Asked) -> BaseModel:
    name = asked.path("campaign")
    return _view(x, name, run=campaigning.confirm(x, asked.user, name, asked.body(ConfirmBody).run, asked.key))


def _pause(x: Exchange, asked: Asked) -> BaseModel:
    return _view(x, asked.path("campaign"), campaigning.pause(x, asked.user, asked.path("campaign"), asked.key))


def _resume(x: Exchange, asked: Asked) -> BaseModel:
    return _view(x, asked.path("campaign"), campaigning.resume(x, asked.user, asked.path("campaign"), asked.key))


def _cancel(x: Exchange, asked: Asked) -> BaseModel:
    return _view(x, asked.path("campaign"), campaigning.cancel(x, asked.user, asked.path("campaign"), asked.key))


def _of_contact(x: Exchange, asked: Asked) -> BaseModel:
    person = resolve(x, asked.path("contact"))
    if person is None:
        raise NotFound(f"there is no contact {asked.path('contact')}")
    language, zone = _language(asked), person.zone or home(x.config())
    reader = Reader(language, zone, x.config(), names=False)
    found = [one for identity in person.identities for one in x.table.journeys_of(identity.contact)]
    found.sort(key=lambda one: (-one.began, one.campaign))
    note = [reader.say("zone", zone=zone)] + ([] if found else [reader.say("outreach.nothing")])
    return JourneyList(
        contact=person.id,
        language=language,
        zone=zone,
        title=reader.say("outreach.title", customer=person.name or person.address),
        note=" ".join(note),
        journeys=tuple(_journey(reader, one) for one in found),
    )


def _journey(reader: Reader, one: Journey) -> JourneyView:
    return JourneyView(
        campaign=one.campaign,
        occurrence=one.occurrence,
        stage=str(one.stage),
        reason=one.why,
        title=begun_told(reader, one),
        told=reason_told(reader, one),
        details=tuple(details_told(reader, one)),
        began_at=from_ms(one.began),
        due_at=from_ms(one.due) if one.due is not None else None,
        variant=one.variant,
        channel=one.channel,
        messages=one.sent,
        reached=one.reached,
    )


def _segment(x: Exchange, asked: Asked) -> BaseModel:
    _may_read(asked)
    looked, inside, mark = segmented(x, asked.path("segment"), asked.query("cursor"))
    members = tuple(
        MemberView(
            contact=one.contact.id,
            name=one.contact.name,
            channels=tuple(dict.fromkeys(str(identity.channel) for identity in one.contact.identities)),
        )
        for one in inside
    )
    return SegmentPage(segment=asked.path("segment"), looked=looked, inside=len(inside), members=members, next=mark)


CALLS: Iterable[Call] = (
    Call("get", "/v1/segments/{segment}", _segment),
    Call("get", "/v1/campaigns", _campaigns),
    Call("get", "/v1/campaigns/{campaign}", _campaign),
    Call("get", "/v1/campaigns/{campaign}/status", _status),
    Call("post", "/v1/campaigns/{campaign}/run", _run),
    Call("post", "/v1/campaigns/{campaign}/confirm", _confirm),
    Call("post", "/v1/campaigns/{campaign}/pause", _pause),
    Call("post", "/v1/campaigns/{campaign}/resume", _resume),
    Call("post", "/v1/campaigns/{campaign}/cancel", _cancel),
    Call("get", "/v1/contacts/{contact}/outreach", _of_contact),
)
