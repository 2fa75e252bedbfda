"""Is a campaign for somebody, and which way does a branch go: conditions judged on what is read for them, and on no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from router.audience import JourneyFacts, conditions, events, matches, needs, scope_of
from router.audience import holds as condition_holds
from router.campaigns import Branch, Campaign, Segment
from router.conditions import Scope, Tree
from router.conversations import Conversation
from router.exchange import Exchange
from router.ids import conversation_id
from router.journeys import Journey
from router.messages import Message
from router.outreach_values import Person
from router.records import Happening
from router.sends import SendState
from router.surveys import Rating

_MOST = 1000
"""Messages of one thread that are looked through for when outreach left."""
_YEAR = timedelta(days=366)


def fits(x: Exchange, campaign: Campaign, person: Person, event: Happening | None, journey: Journey | None) -> bool:
    """Do the segment's condition and the campaign's own hold?"""
    trees = conditions(x.config(), campaign)
    if not trees:
        return True
    (scope,) = _scopes(x, trees, [person], event, journey)
    return matches(x.config(), campaign, scope, lambda _why: x.count("ConditionFailed", 1))


def fitting(x: Exchange, campaign: Campaign, people: Sequence[Person]) -> list[bool]:
    """For whom of several it is: what has to be read is read for all of them together."""
    trees = conditions(x.config(), campaign)
    if not trees:
        return [True] * len(people)
    failed = lambda _why: x.count("ConditionFailed", 1)  # noqa: E731
    return [matches(x.config(), campaign, scope, failed) for scope in _scopes(x, trees, people, None, None)]


def belonging(x: Exchange, segment: Segment, people: Sequence[Person]) -> list[bool]:
    """Who of several belongs to a segment."""
    if segment.checked is None:
        return [False] * len(people)
    failed = lambda _why: x.count("ConditionFailed", 1)  # noqa: E731
    scopes = _scopes(x, [segment.checked], people, None, None)
    return [condition_holds(segment.checked, scope, failed) for scope in scopes]


def holds(x: Exchange, branch: Branch, person: Person, event: Happening | None, journey: Journey) -> bool:
    """Does a branch's condition hold?"""
    if branch.checked is None:
        return False
    (scope,) = _scopes(x, [branch.checked], [person], event, journey)
    return condition_holds(branch.checked, scope, lambda _why: x.count("ConditionFailed", 1))


def about(x: Exchange, journey: Journey | None, person: Person) -> Conversation | None:
    """The conversation that set a journey off."""
    if journey is None or journey.about is None or not journey.about.startswith("c_"):
        return None
    known = next((one for one in person.conversations if one.id == journey.about), None)
    return known if known is not None else x.table.standing(journey.about)


def _scopes(
    x: Exchange, trees: Sequence[Tree], people: Sequence[Person], event: Happening | None, journey: Journey | None
) -> list[Scope]:
    config, now = x.config(), x.now()
    wanted = frozenset[str]().union(*map(needs, trees))
    happenings = _happenings(x, trees, people, now) if "events" in wanted else None
    ratings = _ratings(x, people) if "ratings" in wanted else None
    sent = [_sent(x, person, now) for person in people] if "sent" in wanted else None
    return [
        scope_of(
            person.contact,
            config,
            now,
            consents=person.consents,
            conversations=person.conversations,
            happenings=happenings[number] if happenings is not None else None,
            ratings=ratings[number] if ratings is not None else None,
            sent=sent[number] if sent is not None else None,
            event=event,
            conversation=about(x, journey, person),
            journey=_journey(x, journey) if journey is not None else None,
        )
        for number, person in enumerate(people)
    ]


def _happenings(x: Exchange, trees: Sequence[Tree], people: Sequence[Person], now: datetime) -> list[list[Happening]]:
    days = max((days for tree in trees for days in events(tree).values()), default=0)
    contacts = [[one.contact for one in person.contact.identities] for person in people]
    return x.table.happened_since(contacts, now - timedelta(days=days))


def _ratings(x: Exchange, people: Sequence[Person]) -> list[list[Rating]]:
    return [
        [rating for one in person.contact.identities for rating in x.table.ratings(one.contact)] for person in people
    ]


def _sent(x: Exchange, person: Person, now: datetime) -> list[datetime]:
    """When messages of outreach left for somebody, by every brand."""
    brands = dict.fromkeys(inbox.brand for inbox in x.config().inboxes)
    since = f"{round((now - _YEAR).timestamp() * 1000):013d}"
    found = (
        one
        for brand in brands
        for one in x.table.messages(conversation_id(person.contact.id, brand, 0), after=since, limit=_MOST)
    )
    return [one.message.occurred_at for one in found if not isinstance(one, Message) and one.state is SendState.SENT]


def _journey(x: Exchange, journey: Journey) -> JourneyFacts:
    scores = [
        rating
        for rating in (x.table.ratings(journey.contact) if journey.sent else ())
        if (rating.asked.campaign, rating.asked.occurrence) == (journey.campaign, journey.occurrence)
    ]
    return JourneyFacts(
        sent=len(journey.sent),
        replied=journey.did("reply", journey.began),
        clicked=journey.did("click", journey.began),
        variant=journey.variant,
        score=scores[0].value if scores else -1,
    )
