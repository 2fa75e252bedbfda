"""What must hold in a scenario, and between it and its configuration by name. Each fault a field and a sentence, all at once.

Who could take what, and when, is looked at in `scenario_people`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta

from pydantic import ValidationError

from router.calendars import DAYS, Span, week
from router.config import Pool
from router.messages import ChannelName
from router.written import like
from santral.config_words import plainly
from santral.simulation.experiment import POLICIES
from santral.simulation.scenario import Group, Shifts, Stream
from santral.simulation.sound import Names, Sound
from santral.simulation.traffic import Opening

Told = Iterator[tuple[str, str]]
"""Fields by their paths, each with what is wrong there."""
YEARS = 1971, 2199
"""A scenario lies in these: no clock and no calendar is asked beyond them."""
_LONGEST = 40
_OF_RULES = ("queues", "tiers", "priority", "sla", "require", "language", "brand")
"""What a stream with a message does not say itself."""


def faults(sound: Sound, known: Names) -> Told:
    """Everything that can be said without asking who could take what."""
    for look in (_times, _days, _numbers, _policies, _traffic, _streams, _groups, _shifts):
        for field, what in look(sound, known):
            at, _, inner = field.partition(".")
            about = inner.partition(".")[0].partition("[")[0]
            if not {about, *_BY.get(about, ())} & sound.wrong(at):
                yield field, what


_BY = {"breaks": ("shifts",), "per_hour": ("period_minutes",)}
"""What else a fault of a field goes by: while that is at fault itself, nothing is said."""


def dated(sound: Sound) -> bool:
    """Can its days be asked for their times?"""
    return not {"start", "days", "day", "day.opens", "day.hours", "zone"} & sound.broken and not any(
        _times(sound, Names())
    )


# --- the scenario alone ----------------------------------------------------------------------------------------------


def _times(sound: Sound, _: Names) -> Told:
    scenario, (first, last) = sound.scenario, YEARS
    if not first <= scenario.start.year <= last:
        yield "start", f"must be between {first} and {last}"
    elif scenario.start.year + scenario.days * scenario.day.hours / 24 / 365 > last or (
        scenario.start + timedelta(days=scenario.days * Opening(scenario).span)
    ).year > last:  # fmt: skip
        yield "days", f"they end after the year {last}"


def _days(sound: Sound, _: Names) -> Told:
    """Streams that none of the scenario's days is for."""
    if not dated(sound):
        return
    opening = Opening(sound.scenario)
    there = {opening.weekday(number) for number in range(min(7, sound.scenario.days))}
    for at, stream in sound.streams():
        if not there & stream.on:
            names = ", ".join(DAYS[number] for number in sorted(there))
            yield f"{at}.days", f"the scenario has none of these days: its days are {names}"


def _numbers(sound: Sound, _: Names) -> Told:
    scenario = sound.scenario
    if scenario.offers.declined + scenario.offers.missed > 1:
        yield "offers", "declined and missed are more than 1 together; they are shares of all offers"
    if scenario.busyness is not None and abs(scenario.busyness.mean - 1) > 0.01:
        yield (
            "busyness",
            f"must have the mean 1 and has {scenario.busyness.mean:g}, so rates would not be what they say",
        )


def _policies(sound: Sound, _: Names) -> Told:
    names, variants = sound.scenario.policies, sound.scenario.variants
    known = (*POLICIES, *variants)
    if not names:
        yield "policies", f"needs at least one; they are {', '.join(known)}"
    for number, name in enumerate(names):
        if name not in known:
            yield f"policies[{number}]", f"there is no policy '{name}'; they are {', '.join(known)}"
        elif name in names[:number]:
            yield f"policies[{number}]", f"'{name}' is there twice"
    for name, said in variants.items():
        if name in POLICIES:
            yield f"variants.{name}", "is the name of a policy already"
        try:
            Pool.model_validate({"name": "main", **said})
        except ValidationError as error:
            for one in error.errors():
                field = ".".join(str(part) for part in one["loc"])
                yield f"variants.{name}" + (f".{field}" if field else ""), plainly(Pool, one)


def _traffic(sound: Sound, _: Names) -> Told:
    scenario, streams = sound.scenario, list(sound.streams())
    names = [stream.name for _, stream in streams]
    for number, (at, stream) in enumerate(streams):
        if stream.name in names[:number]:
            yield f"{at}.name", f"'{stream.name}' is the name of another stream already"
        lasts, day = len(stream.rates) * stream.period_minutes, scenario.day.hours * 60
        if len(stream.rates) > 1 and lasts > day + 1e-6 and not {"day", "day.hours"} & sound.broken:
            what = (
                f"{len(stream.rates)} rates of {stream.period_minutes:g} minutes each are more than the day's {day:g}"
            )
            yield f"{at}.per_hour", f"{what}; lengthen day.hours, or leave some out"
    if streams and sound.sure("traffic", "per_hour") and not any(map(any, (stream.rates for _, stream in streams))):
        yield "traffic", "nobody ever writes: every rate is 0"


# --- a stream --------------------------------------------------------------------------------------------------------


def _streams(sound: Sound, known: Names) -> Told:
    for at, stream in sound.streams():
        yield from ((f"{at}.{field}", what) for field, what in _stream(stream, known, sound.wrong(at)))


def _stream(stream: Stream, known: Names, wrong: Collection[str]) -> Told:
    yield from _by_rules_or_not(stream, wrong)
    if isinstance(stream.queues, str):
        yield from _missing("queue", {"queues": stream.queues}, known.queues)
    elif stream.queues is not None:
        yield from _missing("queue", {f"queues.{name}": name for name in stream.queues}, known.queues)
        yield from _weights("queues", stream.queues.values())
    yield from _missing("tier", {f"tiers.{name}": name for name in stream.tiers}, known.tiers)
    if "tiers" in stream.model_fields_set:
        yield from _weights("tiers", stream.tiers.values())
    if stream.sla is not None:
        yield from _missing("sla", {"sla": stream.sla}, known.sla)
    if stream.inbox is not None and stream.samples:
        yield from _missing("inbox", {"inbox": stream.inbox}, known.inboxes)
    if "brand" in stream.model_fields_set and known.brands and stream.brand not in known.brands:
        yield "brand", f"no inbox has the brand '{stream.brand}'{like(stream.brand, known.brands)}"
    yield from _lengths(stream, wrong)


def _by_rules_or_not(stream: Stream, wrong: Collection[str]) -> Told:
    if not stream.samples:
        if "message" in wrong:
            return
        if stream.queues is None:
            yield "queues", "is missing; write where they wait, or a `message` and let the rules decide"
        if stream.inbox is not None:
            yield "inbox", "is for a `message`, which there is none of"
        return
    for field in _OF_RULES:
        if field in stream.model_fields_set:
            whose = "comes from its inbox" if field == "brand" else "is what the rules make of its `message`"
            yield field, f"{whose}; leave out the one or the other"
    yield from _weights("message", [sample.share for sample in stream.samples])
    for number, sample in enumerate(stream.samples):
        at = f"message[{number}]" if isinstance(stream.message, tuple) else "message"
        if sample.channel not in (None, stream.channel):
            yield f"{at}.channel", f"is that of the stream, {stream.channel}; leave it out"
        if sample.kind.passing or sample.kind.quiet:
            yield f"{at}.kind", f"nobody waits for an answer to '{sample.kind}'"


def _weights(field: str, weights: Iterable[float]) -> Told:
    several = list(weights)
    if not any(several):
        yield field, "every weight is 0; one must be more" if several else "names none; leave it out or name one"


def _missing(kind: str, named: Mapping[str, str], known: Collection[str] | None) -> Told:
    """Names that the configuration does not have, by field."""
    for field, name in named.items():
        if known is not None and name not in known:
            hint = like(name, known) or (f"; they are {', '.join(sorted(known))}" if 0 < len(known) <= _FEW else "")
            yield field, f"there is no {kind} '{name}'{hint}"


_FEW = 12


def _lengths(stream: Stream, wrong: Collection[str]) -> Told:
    handling = stream.handling if isinstance(stream.handling, tuple) else (stream.handling,)
    if any(lengths.mean == 0 for lengths in handling):
        yield "handling", "takes no time: every sample is 0"
    for field, lengths in (("handling", stream.handling), ("patience", stream.patience)):
        several = len(lengths) if isinstance(lengths, tuple) else 1
        if several > len(stream.rates) and "per_hour" not in wrong:
            rates = "one rate" if len(stream.rates) == 1 else f"{len(stream.rates)} rates"
            yield field, f"has {several} lengths for {rates}: the last would never be drawn"


# --- agents ----------------------------------------------------------------------------------------------------------


def _groups(sound: Sound, known: Names) -> Told:
    whose = dict.fromkeys(known.agents or (), "an agent")
    for at, group in sound.groups():
        taken = next((name for name in sorted({group.name, *group.names}) if name in whose), None)
        if taken is not None:
            yield f"{at}.name", f"'{taken}' is the name of {whose[taken]} already"
        if any(len(name) > _LONGEST for name in group.names):
            yield (
                f"{at}.name",
                f"is too long: its {group.count} agents have numbers behind it, and {_LONGEST} letters at most",
            )
        whose |= {**dict.fromkeys(group.names, f"an agent of group '{group.name}'"), group.name: "another group"}
        if known.pools and group.pool not in known.pools:
            yield f"{at}.pool", f"no queue belongs to the pool '{group.pool}'{like(group.pool, known.pools)}"
        for channel in sorted(set(group.limits) - set(ChannelName)):
            yield f"{at}.limits.{channel}", f"is no channel; write one of {', '.join(ChannelName)}"
        if group.breaks is not None and group.shifts is None:
            yield f"{at}.breaks", "are breaks of `shifts`, which there are none of"
        yield from ((f"{at}.{field}", what) for field, what in _breaks(group))


def _shifts(sound: Sound, known: Names) -> Told:
    of_groups = {name: group.name for _, group in sound.groups() for name in (group.name, *group.names)}
    named: set[str] = set()
    for at, entry in sound.shifts():
        for number, name in enumerate(entry.agents):
            field = f"{at}.agents[{number}]"
            if name in of_groups:
                yield field, f"is of group '{of_groups[name]}', which says itself when they are there"
            elif known.agents is not None and name not in known.agents and not _may_be_of_a_group(sound, name):
                yield field, f"there is no agent '{name}'{like(name, known.agents)}"
            elif name in named:
                yield field, f"'{name}' is named already: when are they there?"
            named.add(name)
        yield from ((f"{at}.{field}", what) for field, what in _breaks(entry))


def _may_be_of_a_group(sound: Sound, name: str) -> bool:
    """Does it say so, once the names and numbers of groups are mended?"""
    uncounted = (group.name for at, group in sound.groups() if "count" in sound.wrong(at))
    return not sound.sure("groups", "name") or any(name.startswith(f"{group}-") for group in uncounted)


def _breaks(of: Group | Shifts) -> Told:
    """Breaks that are not inside a shift."""
    if of.breaks is None or of.shifts is None:
        return
    there = week(of.shifts)
    for day, breaks in enumerate(week(of.breaks)):
        outside = [one for one in breaks if not any(since <= one[0] and one[1] <= until for since, until in there[day])]
        if outside:
            yield "breaks", f"{_clock(outside[0])} on {DAYS[day]} is not inside a shift"
            return


def _clock(span: Span) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)
