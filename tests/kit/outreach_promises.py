"""What must hold of journeys and their messages (P9), told from the table and from when messages left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from router.journeys import Journey, Stage
from router.messages import ReceiptStatus
from router.outreach_facts import place_of, quiet_of
from router.outreach_values import Person
from router.purposes import Purpose
from router.sends import Send, SendState
from router.slots import local_day
from router.times import to_ms
from router.zones import zone

if TYPE_CHECKING:
    from tests.kit.promises import Seen

_BACK = (ReceiptStatus.FAILED, ReceiptStatus.BOUNCED)


def journeys_hold(seen: Seen, *, settled: bool) -> Iterator[str]:
    """All of it; some only once everything has settled."""
    of_journeys = [send for send in seen.sends.values() if send.journey is not None]
    yield from _each_message_has_its_journey(seen, of_journeys, settled=settled)
    yield from _who_goes_on_is_listed(seen)
    yield from _caps_hold(seen, of_journeys)
    yield from _nothing_left_in_quiet_hours(seen, of_journeys)


def _each_message_has_its_journey(seen: Seen, sends: list[Send], *, settled: bool) -> Iterator[str]:
    left: Counter[tuple[str, str, str]] = Counter()
    for send in sends:
        journey = seen.journeys.get(send.journey or ("", "", ""))
        if journey is None:
            yield f"P9: message {send.id} is of journey {send.journey}, which does not exist"
            continue
        left[journey.key] += send.state is SendState.SENT and send.receipt not in _BACK
        over = send.state in (SendState.FAILED, SendState.DISCARDED) or send.receipt in _BACK
        if not over and send.id not in (journey.send, *journey.sent):
            yield f"P9: message {send.id} is {send.state}, and its journey knows nothing of it"
    for key, journey in seen.journeys.items():
        for id_ in filter(None, (journey.send, *journey.sent)):
            if id_ not in seen.sends:
                yield f"P9: journey {key} names message {id_}, which does not exist"
        if left[key] > len(journey.sent) + (journey.send is not None):
            yield f"P9: {left[key]} messages of journey {key} left, {len(journey.sent)} are told"
        if settled and journey.stage is Stage.PARKED:
            send_ = seen.sends.get(journey.send or "")
            if send_ is None or send_.state is not SendState.PARKED:
                yield f"P9: journey {key} is parked, and its message is not"
        if settled and journey.stage is Stage.SENDING:
            send_ = seen.sends.get(journey.send or "")
            if send_ is not None and send_.state is SendState.PARKED:
                yield f"P9: the message of journey {key} is parked, and it is not"


def _who_goes_on_is_listed(seen: Seen) -> Iterator[str]:
    listed = {(contact, one.campaign, one.occurrence) for contact, row in seen.outreach.items() for one in row.live}
    for key in listed:
        journey = seen.journeys.get(key)
        if journey is None or journey.stage is Stage.ENDED:
            yield f"P9: journey {key} is among those that go on, and is {journey.stage if journey else 'not there'}"
    for key, journey in seen.journeys.items():
        if journey.stage is not Stage.ENDED and not journey.fresh and key not in listed:
            yield f"P9: journey {key} is {journey.stage}, and not among those that go on"
        if journey.stage is not Stage.ENDED and journey.due is None:
            yield f"P9: journey {key} is {journey.stage}, and nobody will look at it"


def _purpose(seen: Seen, journey: Journey | None) -> Purpose | None:
    """Of a campaign's messages, where they are all of one."""
    config = seen.world.x.config()
    campaign = config.campaign(journey.campaign) if journey is not None else None
    templates = [config.template(name) for step in campaign.sends for name in step.templates] if campaign else []
    purposes = {template.purpose for template in templates if template is not None}
    return next(iter(purposes)) if len(purposes) == 1 else None


def _left(seen: Seen, sends: list[Send]) -> Iterator[tuple[Person, Send, Purpose, int]]:
    """Messages that left when their provider said so at once: for whom, of what purpose, and when."""
    for send in sends:
        contact = seen.people.get((send.journey or ("",))[0])
        purpose = _purpose(seen, seen.journeys.get(send.journey or ("", "", "")))
        if send.state is SendState.SENT and send.settled_at is not None and contact is not None and purpose is not None:
            yield Person(contact), send, purpose, to_ms(send.settled_at)


def _caps_hold(seen: Seen, sends: list[Send]) -> Iterator[str]:
    config = seen.world.x.config()
    days: dict[tuple[str, Purpose], list[int]] = defaultdict(list)
    for person, send, purpose, at in _left(seen, sends):
        if send.receipt not in _BACK:
            days[person.contact.id, purpose].append(local_day(at, zone(place_of(person, config).zones[0])))
    for (contact, purpose), found in days.items():
        caps = config.outreach.caps.get(purpose)
        for day in found if caps is not None else ():
            assert caps is not None
            if caps.day is not None and found.count(day) > caps.day:
                yield f"P9: {contact} got {found.count(day)} {purpose} messages on one day, at most {caps.day} are allowed"
            week = sum(day <= other < day + 7 for other in found)
            if caps.week is not None and week > caps.week:
                yield f"P9: {contact} got {week} {purpose} messages in seven days, at most {caps.week} are allowed"


def _nothing_left_in_quiet_hours(seen: Seen, sends: list[Send]) -> Iterator[str]:
    config = seen.world.x.config()
    for person, send, purpose, at in _left(seen, sends):
        before = at - timedelta(minutes=2) // timedelta(milliseconds=1)  # it was judged a minute before at most
        place = place_of(person, config)
        opens = [quiet_of(config).opens(send.message.channel, purpose, place, when) for when in (at, before)]
        if send.receipt is None and at not in opens[:1] and before not in opens[1:]:
            yield f"P9: {send.id} left in quiet hours"
