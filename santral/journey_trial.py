"""Cases of journeys, tried: what happens is done by the use cases of production on a clock of its own, and what left is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from router.campaigns import Campaign
from router.config import Config
from router.consenting import Said
from router.consents import How
from router.contact_rows import Row, Taken
from router.errors import SantralError
from router.explaining_outreach import reason_told
from router.explaining_reader import Reader
from router.ids import contact_id
from router.journeys import Journey
from router.outreach_facts import held_out_by, home, place_of
from router.outreach_values import Person
from router.profile import Changes
from router.recurring import TICK, Birthday, Once, celebrated, next_after, occurrences
from router.signals import Launch
from router.times import from_ms, to_ms
from router.zones import instant, wall, zone
from santral.journey_acts import Acts, Impossible
from santral.journey_cases import Act, Came, JourneyCase, PlacedJourney, Somebody
from santral.rehearsal import Left, Rehearsal, key_of

NOON = datetime(2026, 1, 7, 12)  # noqa: DTZ001 - by the clock of whoever it is about
"""A Wednesday: when a case begins that gives no time."""
NEVER = "never"
_KEYS = 20_000
"""So many keys are tried for one by which chance falls as a case wants it."""
_SHOWN = 70  # characters of a text


@dataclass(frozen=True, slots=True)
class Tried:
    """A case that was tried: how it differs from what it expects (not at all: it holds), and what happened, for who reads it."""

    placed: PlacedJourney
    differences: tuple[str, ...]
    story: tuple[str, ...]
    left: tuple[Left, ...]


def tried(config: Config, placed: PlacedJourney, language: str = "en") -> Tried:
    """Play a case and compare. Reasons are told in the language."""
    try:
        return _Play(config, placed.case, language).tried(placed)
    except (Impossible, SantralError) as error:
        return Tried(placed, (str(error),), (), ())


class _Play:
    """One case on its way."""

    def __init__(self, config: Config, case: JourneyCase, language: str) -> None:
        self.case = case
        self.config = alone(config, (case.campaign, *case.also))
        found = self.config.campaign(case.campaign)
        if found is None:
            raise ValueError(f"there is no campaign '{case.campaign}'")
        self.campaign = found
        self.zone = case.contact.zone or home(config)
        self.start = self._start()
        self.until = self.start + timedelta(seconds=case.until)
        self.reader = Reader(language, self.zone, config, True)
        met = self.start - timedelta(seconds=case.contact.known_for)
        self.rehearsal = Rehearsal(self.config, met, key=_key(self.config, case, found))

    def tried(self, placed: PlacedJourney) -> Tried:
        contact = self._meet()
        self._play(contact)
        left, journeys = tuple(self.rehearsal.left), self.rehearsal.journeys(contact)
        differences = (*self._messages(left), *self._ends(journeys))
        return Tried(placed, differences, tuple(self._story(left, journeys)) if differences else (), left)

    # --- what happens -------------------------------------------------------------------------------------------------

    def _start(self) -> datetime:
        """As written, else when its clock sets it off, else noon of a Wednesday."""
        place = zone(self.zone)
        if self.case.start is not None:
            return from_ms(instant(place, datetime.fromisoformat(self.case.start)))
        noon = instant(place, NOON)
        clock = self.campaign.clock
        if clock is None:
            return from_ms(noon)
        own = self.zone if clock.zone == "recipient" else None
        if isinstance(clock, Once):
            return from_ms(instant(zone(own or clock.zone), datetime.fromisoformat(clock.at)))
        days = _days(clock, self.case.contact.birthday)
        if isinstance(clock, Birthday) and days:
            coming = occurrences(clock, noon, noon + 366 * 86_400_000, own)
            return from_ms(next((one.at for one in coming if days & {*celebrated(one.day, clock.leap)}), noon))
        first = next_after(clock, noon, own)
        return from_ms(first.at if first is not None else noon)

    def _meet(self) -> str:
        (taken,) = self.rehearsal.meet([row_of(self.case.contact, self.rehearsal.now)])
        if not isinstance(taken, Taken):
            raise Impossible(f"contact: {taken}")
        self.rehearsal.remember(
            taken.contact,
            [(one.event, self.start - timedelta(days=one.days_ago), one.data) for one in self.case.contact.history],
        )
        return taken.contact

    def _play(self, contact: str) -> None:
        """All that is set off and all that happens, each at its time."""
        acts = Acts(self.rehearsal, contact, self.campaign, self.case.contact.addresses, self.case.contact.name)
        coming: list[tuple[datetime, int, Callable[[], None]]] = []
        for number, (at, act) in enumerate(self._times()):
            coming.append((at, number + 1, lambda act=act: acts.do(act)))  # type: ignore[misc]
        person = self.rehearsal.x.table.person(contact)
        for name in (self.case.campaign, *self.case.also):
            campaign = self.config.campaign(name)
            if campaign is not None and person is not None:
                coming += [(at, 0, fire) for at, fire in self._fires(campaign, person, acts)]
        for at, _, happen in sorted(coming, key=lambda one: one[:2]):
            self.rehearsal.advance(at)
            happen()
        self.rehearsal.advance(self.until)

    def _times(self) -> Iterator[tuple[datetime, Act]]:
        """When each step happens."""
        at = self.start
        for number, act in enumerate(self.case.steps, 1):
            before = at
            if act.at is not None:
                at = from_ms(instant(zone(self.zone), datetime.fromisoformat(act.at)))
            elif act.after is not None:
                at += timedelta(seconds=act.after)
            if at < before:
                raise Impossible(f"step {number} is at {act.at}, before what it follows")
            if at > self.until:
                raise Impossible(f"step {number} is after the end: raise `until`")
            yield at, act

    def _fires(self, campaign: Campaign, person: Person, acts: Acts) -> Iterator[tuple[datetime, Callable[[], None]]]:
        """When its schedule fires for them, within the case; one that is run by hand is run at the start."""
        clock, first = campaign.clock, to_ms(self.start) - 1
        if clock is None:
            if campaign.scheduled:
                yield self.start, lambda: acts.run(campaign)
            return
        own = place_of(person, self.config).zones[0] if clock.zone == "recipient" else None
        days = _days(clock, person.contact.birthday)
        for one in occurrences(clock, first, to_ms(self.until), own):
            if isinstance(clock, Birthday) and not days & {*celebrated(one.day, clock.leap)}:
                continue
            at = one.at if own is None else -(-one.at // TICK) * TICK
            yield from_ms(at), _launch(self.rehearsal, campaign.name, from_ms(at))

    # --- what came of it ----------------------------------------------------------------------------------------------

    def _messages(self, left: Sequence[Left]) -> Iterator[str]:
        wanted = self.case.expect
        if wanted is None:
            return
        for number, (came, one) in enumerate(zip(wanted, left, strict=False), 1):
            for field, expected, got in self._differ(came, one):
                yield f"message {number}, {field}: expected {expected}, came {got}"
        for number, came in enumerate(wanted[len(left) :], len(left) + 1):
            yield f"message {number}: expected {_written(came)}, and none came"
        for one in left[len(wanted) :]:
            yield f"not expected: {self._shown(one)}"

    def _differ(self, came: Came, one: Left) -> Iterator[tuple[str, str, str]]:
        message = one.send.message
        got = {
            "channel": str(one.channel), "template": one.template, "variant": one.variant, "to": one.send.to,
            "parts": one.parts, "campaign": one.journey.campaign,
        }  # fmt: skip
        if came.at is not None and not self._clock(one.at).startswith(came.at):
            yield "at", came.at, self._clock(one.at).removesuffix(":00")
        for field, is_ in got.items():
            wanted = getattr(came, field)
            if wanted is not None and wanted != is_:
                yield field, str(wanted), str(is_)
        for field, text in (("text", message.text), ("subject", message.subject or "")):
            wanted = getattr(came, field)
            if wanted is not None and wanted not in text:
                yield field, f"“{wanted}” in it", f"“{text}”"

    def _ends(self, journeys: Sequence[Journey]) -> Iterator[str]:
        if self.case.ends is None:
            return
        wanted = (self.case.ends,) if isinstance(self.case.ends, str) else self.case.ends
        got = tuple(end_of(one) for one in journeys if one.campaign == self.case.campaign) or (self._without(),)
        if wanted != got:
            yield f"ends: expected {', '.join(wanted)}, got {', '.join(got)}"

    def _without(self) -> str:
        """Why there is no journey: it was not for them, or nothing set it off."""
        table = self.rehearsal.x.table
        looked = any(
            part.outside for run in table.runs(self.campaign.name) for part in table.parts(run.campaign, run.name)
        )
        return "segment" if looked else NEVER

    def _story(self, left: Sequence[Left], journeys: Sequence[Journey]) -> Iterator[str]:
        """What came, and how each journey ended or stands, in words."""
        for one in left:
            yield f"came: {self._shown(one)}"
        for journey in journeys:
            yield f"{journey.campaign}, begun {self._clock(to_ms(from_ms(journey.began)))}: {reason_told(self.reader, journey)}"
        if not any(one.campaign == self.campaign.name for one in journeys):
            told = self._without()
            end = self._clock(to_ms(self.until))
            yield (
                f"{self.campaign.name}: it is not for them"
                if told != NEVER
                else f"{self.campaign.name}: nothing set it off from {self._clock(to_ms(self.start))} until {end}"
            )

    def _shown(self, one: Left) -> str:
        which = "/".join(filter(None, (one.template, one.variant)))
        of = f"{one.journey.campaign}: " if self.case.also else ""
        return f"{self._clock(one.at).removesuffix(':00')} {one.channel} {of}{which} “{_short(one.send.message.text)}”"

    def _clock(self, at: datetime | int) -> str:
        return wall(zone(self.zone), at if isinstance(at, int) else to_ms(at)).isoformat(timespec="seconds")


def end_of(journey: Journey) -> str:
    """How a journey ended, by its reason's code; of one that has not, where it stands. What ended it by an event is that event."""
    if journey.stage.live:
        return str(journey.stage)
    if journey.reason is not None and journey.reason.code == "exit":
        return str(journey.reason.values.get("what", "exit"))
    return journey.why


def alone(config: Config, names: Sequence[str]) -> Config:
    """The configuration with these campaigns switched on, and all others off."""
    campaigns = tuple(one.model_copy(update={"enabled": one.name in names}) for one in config.campaigns)
    return config.model_copy(update={"campaigns": campaigns})


def row_of(who: Somebody, at: datetime) -> Row:
    """A person as a file's row, consented then."""
    said = [
        Said(str(channel), who_at, purpose, given, How.IMPORT, at)
        for given, of in ((True, who.consents), (False, who.declines))
        for purpose, channels in of.items()
        for channel, who_at in who.addresses
        if channel in channels
    ]
    changes = Changes(
        who.name, who.language, str(who.preferred) if who.preferred else None, who.zone, who.birthday,
        who.tags or None, who.attributes or None,
    )  # fmt: skip
    return Row(tuple((str(channel), address) for channel, address in who.addresses), changes, tuple(said))


def _key(config: Config, case: JourneyCase, campaign: Campaign) -> bytes:
    """A key by which chance falls as the case wants it: in a holdout or in none, and the variant that it names. Raises Impossible."""
    channel, address = case.contact.addresses[0]
    running = [one for name in (case.campaign, *case.also) if (one := config.campaign(name)) is not None]
    purposes = {
        one.name: [
            t.purpose for step in one.sends for name in step.templates if (t := config.template(name)) is not None
        ]
        for one in running
    }
    by_chance = (
        case.variant is not None or any(one.holdout_percent for one in running) or config.outreach.holdout_percent
    )
    for number in range(_KEYS if by_chance or case.holdout else 1):
        key = key_of(case.name, str(number))
        contact = contact_id(key, str(channel), address, proved=True)
        held = {
            one.name: any(held_out_by(key, one, purpose, contact, config) for purpose in purposes[one.name])
            for one in running
        }
        wanted = held.pop(campaign.name) is case.holdout and not (any(held.values()) and not case.holdout)
        if wanted and (case.variant is None or case.variant in _variants(key, campaign, contact)):
            return key
    what = (
        "nobody is in a holdout of it" if case.holdout else f"nobody gets variant '{case.variant}' outside the holdouts"
    )
    return _none(what)


def _none(what: str) -> bytes:
    raise Impossible(what)


def _variants(key: bytes, campaign: Campaign, contact: str) -> set[str]:
    from router.composing import variant_of

    return {variant_of(key, campaign, step, contact)[0] for step in campaign.sends}


def _days(clock: object, birthday: str | None) -> set[str]:
    return {birthday[-5:]} if isinstance(clock, Birthday) and birthday else set()


def _launch(rehearsal: Rehearsal, name: str, at: datetime) -> Callable[[], None]:
    return lambda: rehearsal.send(Launch(name, at))


def _written(came: Came) -> str:
    said = came.model_dump(exclude_none=True, mode="json")
    return ", ".join(f"{name} {value}" for name, value in said.items()) or "a message"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
