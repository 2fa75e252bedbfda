"""Is a campaign for somebody, and which way does a branch go: conditions judged on what is read for them, and on no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from router.audience import JourneyFacts, conditions, events, matches, needs, scope_of, sent_days
from router.audience import holds as condition_holds
from router.campaigns import Branch, Campaign, Segment
from router.conditions import Scope, Tree
from router.conversations import Conversation
from router.exchange import Exchange
from router.ids import conversation_id
from router.journeys import Journey
from router.outreach_values import Person
from router.records import Happening


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
    ratings = x.table.ratings_of(list(map(_contacts, people))) if "ratings" in wanted else None
    sent = _sent(x, trees, people, now) if "sent" in wanted else None
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
    return x.table.happened_since(list(map(_contacts, people)), now - timedelta(days=days))


def _sent(x: Exchange, trees: Sequence[Tree], people: Sequence[Person], now: datetime) -> list[list[datetime]]:
    """When messages of outreach left for each, by every brand."""
    brands = dict.fromkeys(inbox.brand for inbox in x.config().inboxes)
    threads = [
        [conversation_id(contact, brand, 0) for contact in _contacts(person) for brand in brands] for person in people
    ]
    return x.table.left_for(threads, now - timedelta(days=max(map(sent_days, trees), default=0)))


def _contacts(person: Person) -> list[str]:
    """Theirs, and those that were joined: what happened before stands beside each."""
    return list(dict.fromkeys((person.contact.id, *(one.contact for one in person.contact.identities))))


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
