"""Cases of whole journeys: YAML files with a person, what happens to them in order, and every message that must reach them.

They stand beside the golden cases, in `config/tests/*.yaml`, under `journeys`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, model_validator

from router.campaigns import Became, EventType, Happened
from router.config import Config
from router.messages import ChannelName
from router.purposes import Purpose
from router.records import Scalar
from router.spans import Span
from router.written import Language, Slug
from router.zones import ZoneName
from santral import config_yaml
from santral.config_cases import FOLDER, SECTION, Model
from santral.config_places import Fault, Place, Places
from santral.configuration import check, files

__all__ = ["FOLDER", "JOURNEYS", "Act", "Came", "JourneyCase", "PlacedJourney", "Somebody", "read"]

JOURNEYS = "journeys"
"""The section of a file."""
WEEK = 7 * 86_400
MONTH = 30 * 86_400


def _a_time(value: str) -> str:
    datetime.fromisoformat(value)
    return value


LocalTime = Annotated[
    str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$"), AfterValidator(_a_time)
]  # fmt: skip
"""YYYY-MM-DDThh:mm by the clock of a zone that is known otherwise."""
Channels = tuple[ChannelName, ...]


class Earlier(Model):
    """Something that another system told of them before the case begins. It sets nothing off."""

    event: EventType = Field(description="its type: purchase.completed")
    days_ago: float = Field(gt=0, le=400, description="so long before the start")
    data: dict[str, JsonValue] = Field(default={}, description="of the event")


class Somebody(Model):
    """Whom it is about. One address at least."""

    name: str | None = Field(default=None, description="as they are called in the messages")
    language: Language | None = Field(default=None, description="else the inbox's")
    zone: ZoneName | None = Field(default=None, description="where they are; else outreach.zone")
    phone: str | None = Field(default=None, description="their number for SMS: +905321112233")
    email: str | None = Field(default=None, description="their address")
    whatsapp: str | None = Field(default=None, description="their number there")
    telegram: str | None = Field(default=None, description="their chat's number")
    consents: dict[Purpose, Channels] = Field(default={}, description="given: {marketing: [sms, email]}")
    declines: dict[Purpose, Channels] = Field(default={}, description="withdrawn: {service: [sms]}")
    preferred: ChannelName | None = Field(default=None, description="the channel they prefer")
    birthday: str | None = Field(default=None, description="MM-DD or YYYY-MM-DD")
    tags: tuple[str, ...] = Field(default=(), description="of the contact")
    attributes: dict[str, Scalar] = Field(default={}, description="of the contact, by name")
    history: tuple[Earlier, ...] = Field(default=(), max_length=100, description="what happened before the case begins")
    known_for: Span = Field(default=MONTH, description="so long before the start they were met, and consented")

    @property
    def addresses(self) -> tuple[tuple[ChannelName, str], ...]:
        """By channel, in this order."""
        found = (
            (ChannelName.SMS, self.phone), (ChannelName.EMAIL, self.email), (ChannelName.WHATSAPP, self.whatsapp),
            (ChannelName.TELEGRAM, self.telegram),
        )  # fmt: skip
        return tuple((channel, address) for channel, address in found if address)

    @model_validator(mode="after")
    def _reachable(self) -> Somebody:
        having = [channel for channel, _ in self.addresses]
        if not having:
            raise ValueError("has no address: give a phone, an email, a whatsapp or a telegram")
        for said in (*self.consents.values(), *self.declines.values()):
            if missing := [channel for channel in said if channel not in having]:
                raise ValueError(f"consents on {missing[0]} and has no address there")
        return self


_ACTS = (
    "event", "says", "category", "resolved", "clicks", "stops", "unsubscribes", "fails", "score", "decided",
)  # fmt: skip


class Act(Model):
    """Something that happens: one thing, and when. Without a time it happens when the one before it did, the first at the start."""

    at: LocalTime | None = Field(default=None, description="by the clock of the person")
    after: Span | None = Field(default=None, description="so long after the step before it, the first after the start")
    event: EventType | None = Field(default=None, description="another system tells it of them: purchase.completed")
    data: dict[str, JsonValue] = Field(default={}, description="of the event")
    says: str | None = Field(default=None, min_length=1, description="they write this")
    channel: ChannelName | None = Field(
        default=None, description="where they write; else where they were written to last, else their first address"
    )
    category: Slug | None = Field(default=None, description="what their conversation is about, an agent says")
    resolved: Literal[True] | None = Field(
        default=None, description="an agent answers their conversation and resolves it"
    )
    clicks: Literal[True] | None = Field(default=None, description="they follow the first link of the last message")
    stops: Literal[True] | None = Field(default=None, description="they write STOP where they were written to last")
    unsubscribes: Literal[True] | None = Field(
        default=None, description="they follow the unsubscribe link of the last message, and confirm"
    )
    fails: ChannelName | None = Field(default=None, description="from now on the provider refuses what goes there")
    score: int | None = Field(default=None, ge=0, le=10, description="they answer the last message with this number")
    decided: Literal["pause", "resume", "cancel"] | None = Field(
        default=None, description="somebody pauses, resumes or cancels the campaign"
    )

    @model_validator(mode="after")
    def _one_thing(self) -> Act:
        done = [name for name in _ACTS if getattr(self, name) is not None]
        if done not in (["says", "category"], *([name] for name in _ACTS)):
            raise ValueError(f"says {' and '.join(done) or 'nothing'}: write one of {', '.join(_ACTS)}")
        if self.at is not None and self.after is not None:
            raise ValueError("is either `at` a time or `after` a while")
        if self.data and self.event is None:
            raise ValueError("has data of no event")
        if self.channel is not None and self.says is None:
            raise ValueError("has a channel on which nobody says anything")
        return self


class Came(Model):
    """A message that left. What is not named may be anything."""

    at: LocalTime | None = Field(default=None, description="by the clock of the person, to the minute or second")
    channel: ChannelName | None = Field(default=None, description="by which")
    template: Slug | None = Field(default=None, description="of which template")
    variant: Slug | None = Field(default=None, description="of which variant")
    text: str | None = Field(default=None, min_length=1, description="is in its text")
    subject: str | None = Field(default=None, min_length=1, description="is in its subject")
    to: str | None = Field(default=None, description="to this address")
    parts: int | None = Field(default=None, ge=1, description="what an SMS is billed as")
    campaign: Slug | None = Field(default=None, description="of this campaign, where several run")


class JourneyCase(Model):
    """A person, what happens, and every message that must reach them."""

    name: str = Field(min_length=1, max_length=200, description="what the case shows, in a sentence")
    campaign: Slug = Field(description="which runs; all others are switched off, but for those of `also`")
    also: tuple[Slug, ...] = Field(default=(), description="campaigns that run as well")
    start: LocalTime | None = Field(
        default=None,
        description="by the clock of the person; else when its clock sets it off, or 2026-01-07T12:00",
    )
    contact: Somebody
    steps: tuple[Act, ...] = Field(default=(), max_length=100, description="what happens, in order")
    until: Span = Field(default=WEEK, description="so long after the start it is looked at")
    variant: Slug | None = Field(default=None, description="they get this one; else one by chance, always the same")
    holdout: bool = Field(default=False, description="they are in a holdout; else in none")
    expect: tuple[Came, ...] | None = Field(
        default=None, description="every message that left, in order, nothing else; []: none"
    )
    ends: str | tuple[str, ...] | None = Field(
        default=None,
        description="how the journey ends: done, reply, complaint, consent.withdrawn... or stands: waiting, held; "
        "never: nothing set it off. Several, where it begins several times",
    )

    @model_validator(mode="after")
    def _says_something(self) -> JourneyCase:
        if self.expect is None and self.ends is None:
            raise ValueError("expects nothing: write the messages under `expect`, or how it `ends`")
        return self


@dataclass(frozen=True, slots=True)
class PlacedJourney:
    """A case, and where it stands."""

    case: JourneyCase
    place: Place


def read(directory: Path, config: Config) -> tuple[list[PlacedJourney], list[Fault]]:
    """The cases of journeys in a directory's files, in order, and everything that is wrong with them."""
    paths, faults = files(directory), list[Fault]()
    places, placed = Places(paths), list[PlacedJourney]()
    for path in paths:
        for index, item in enumerate(_items(path, faults)):
            at = f"{JOURNEYS}[{index}]"
            before = len(faults)
            check(JourneyCase, item, path.name, at, faults)
            if len(faults) > before:
                continue
            case = JourneyCase.model_validate(item)
            for field, what in _unknown(config, case):
                faults.append(Fault(path.name, f"{at}.{field} ({case.name})", what))
            if any(one.place.file == path.name and one.case.name == case.name for one in placed):
                faults.append(Fault(path.name, at, f"'{case.name}' is the name of another case already"))
            placed.append(PlacedJourney(case, places.at(path.name, [JOURNEYS, index]) or Place(path.name, 1, 1)))
    return placed, [places.told(fault) for fault in faults]


def _items(path: Path, faults: list[Fault]) -> Sequence[Any]:
    content: Mapping[str, Any] = config_yaml.read(path, faults, about="cases")
    faults += [
        Fault(path.name, key, f"is not known here; a file of cases has `{SECTION}` and `{JOURNEYS}`")
        for key in content
        if key not in (SECTION, JOURNEYS)
    ]
    items = content.get(JOURNEYS, [])
    if not isinstance(items, list) or (JOURNEYS in content and not items):
        faults.append(Fault(path.name, JOURNEYS, "must be a list of cases"))
        return []
    return items


def _unknown(config: Config, case: JourneyCase) -> Iterator[tuple[str, str]]:
    """Names in a case that the configuration does not have: it could never come out as expected."""
    names = [one.name for one in config.campaigns]
    for field, name in (("campaign", case.campaign), *((f"also[{i}]", one) for i, one in enumerate(case.also))):
        if name not in names:
            known = f"there are {', '.join(names)}" if names else "none is configured"
            yield field, f"there is no campaign '{name}'; {known}"
    for index, came in enumerate(case.expect or ()):
        if came.template is not None and config.template(came.template) is None:
            yield f"expect[{index}].template", f"there is no template '{came.template}'"
        if came.campaign is not None and came.campaign not in (case.campaign, *case.also):
            yield f"expect[{index}].campaign", f"'{came.campaign}' does not run in this case; name it under `also`"
    campaign = config.campaign(case.campaign)
    if campaign is None:
        return
    variants = {one.name for step in campaign.sends for one in step.variants}
    if case.variant is not None and case.variant not in variants:
        yield "variant", f"campaign '{campaign.name}' has no variant '{case.variant}'"
    begins = campaign.starts
    if isinstance(begins, Happened) and not any(act.event == begins.event for act in case.steps):
        yield "steps", f"campaign '{campaign.name}' begins by {begins.event}, and none of them is that event"
    if isinstance(begins, Became) and not any(act.resolved for act in case.steps):
        yield "steps", f"campaign '{campaign.name}' begins when a conversation is resolved, and none of them does that"
