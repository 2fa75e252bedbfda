"""Who a campaign is for: what the conditions of segments, campaigns and branches look at, and whether they hold. Pure.

Everything always has a value, so that a condition never meets nothing: a text that is not there is empty, a time that never was is
1970. What costs a read is given as a value; a condition that looks at what was not given raises Unread, for `needs` tells beforehand.
The types are in `santral.cel_outreach`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from router.campaigns import Branch, Campaign, every
from router.conditions import Failed, Run, Scope, Tree, compiled
from router.config import Config
from router.consents import Consent
from router.consents import Place as Permitted
from router.conversations import Conversation
from router.facts import small_tag
from router.grounds import nodes
from router.paths import value_at
from router.places import phone_country
from router.purposes import Purpose
from router.records import Contact, Scalar

if TYPE_CHECKING:
    from router.records import Happening
    from router.surveys import Rating

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NEVER_DAYS = 10_000
"""So many days ago is what never happened."""
MOST_DAYS = 366
"""So far back a condition looks."""
STANDINGS = ("given", "withdrawn", "none")
"""What may be known of somebody's consent."""


class Unread(LookupError):
    """A condition looks at what was not read: a mistake of whoever made its scope."""


# --- what the names stand for ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """The person. Nothing is worked out before a condition looks at it."""

    person: Contact
    now: datetime

    @property
    def name(self) -> str:
        """Empty where it is not known."""
        return self.person.name or ""

    @property
    def language(self) -> str:
        """As conditions write it."""
        return small_tag(self.person.language or "")

    @property
    def zone(self) -> str:
        """Of the tz database, where it is known."""
        return self.person.zone or ""

    @property
    def country(self) -> str:
        """That of the first of their phone numbers that says one: TR."""
        numbers = (one.address for one in self.person.identities if one.address.startswith("+"))
        return next((country for number in numbers if (country := phone_country(number)) is not None), "")

    @property
    def channels(self) -> tuple[str, ...]:
        """On which we know an address of theirs."""
        return tuple(dict.fromkeys(str(one.channel) for one in self.person.identities))

    @property
    def tags(self) -> tuple[str, ...]:
        """In order."""
        return self.person.tags

    @property
    def birthday(self) -> str:
        """MM-DD."""
        return (self.person.birthday or "")[-5:]

    @property
    def age(self) -> int:
        """In whole years, by the date in UTC; -1 where the year of birth is not known."""
        born = self.person.birthday or ""
        if len(born) != 10:
            return -1
        return self.now.year - int(born[:4]) - (f"{self.now:%m-%d}" < born[5:])

    @property
    def since(self) -> datetime:
        """When we first met them."""
        return self.person.first_seen_at

    @property
    def preferred(self) -> str:
        """The channel they want to be answered on."""
        return self.person.preferred or ""

    def text(self, name: str) -> str:
        """An attribute that is a text; else an empty one."""
        value = self._attribute(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> float:
        """An attribute that is a number; else nought."""
        return _number(self._attribute(name))

    def flag(self, name: str) -> bool:
        """Is there an attribute that is true?"""
        return self._attribute(name) is True

    def has(self, name: str) -> bool:
        """Is there such an attribute?"""
        return self._attribute(name) is not None

    def _attribute(self, name: str) -> Scalar | None:
        for known, value in self.person.attributes:
            if known == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """What the person has said of being written to, over all their addresses on a channel."""

    person: Contact
    known: Mapping[Permitted, Consent] | None

    def marketing(self, channel: str) -> str:
        """given, where it is for one of the addresses; else withdrawn, where it is for one; else none."""
        return self._standing(channel, Purpose.MARKETING)

    def service(self, channel: str) -> str:
        """As with marketing."""
        return self._standing(channel, Purpose.SERVICE)

    def _standing(self, channel: str, purpose: Purpose) -> str:
        known = _read(self.known, "consents")
        found = "none"
        for one in self.person.identities:
            said = known.get((one.channel, one.address, purpose)) if one.channel == channel else None
            if said is not None:
                if said.given:
                    return "given"
                found = "withdrawn"
        return found


@dataclass(frozen=True, slots=True)
class HistoryFacts:
    """What was between the person and us. `latest`: at least the latest conversation of each brand; `sent`: when outreach left."""

    now: datetime
    complaints: frozenset[str]
    latest: Sequence[Conversation] | None = None
    happenings: Sequence[Happening] | None = None
    sent: Sequence[datetime] | None = None
    ratings: Sequence[Rating] | None = None

    @property
    def last_inbound(self) -> datetime:
        """When they last wrote to us."""
        return max((one.last_inbound_at or NEVER for one in self._conversations()), default=NEVER)

    @property
    def last_outreach(self) -> datetime:
        """When outreach last left for them."""
        return max(_read(self.sent, "sent"), default=NEVER)

    @property
    def conversations(self) -> int:
        """How many there were; one that became part of another is none of its own."""
        last: dict[tuple[str, str], int] = {}
        joined = 0
        for one in self._conversations():
            place = one.contact, one.group
            last[place] = max(last.get(place, 0), one.number)
            joined += one.into is not None
        return max(sum(last.values()) - joined, 0)

    @property
    def open(self) -> bool:
        """Is one of them not resolved?"""
        return any(not one.state.done for one in self._conversations())

    @property
    def complaint(self) -> bool:
        """Is one of them, of a category that is a complaint, not resolved?"""
        return any(not one.state.done and one.category in self.complaints for one in self._conversations())

    def lastScore(self, kind: str) -> int:  # noqa: N802  as conditions write it
        """The latest score of a kind that they gave; -1 without one."""
        given = [(one.at, one.value) for one in _read(self.ratings, "ratings") if one.kind == kind]
        told = (score for one in self.latest or () for score in one.scores)
        given += [(score.at, score.value) for score in told if score.kind == kind]
        return max(given)[1] if given else -1

    def eventsInDays(self, kind: str, days: int) -> int:  # noqa: N802
        """How many events of a type came within so many days."""
        since = self.now - timedelta(days=days)
        return sum(one.type == kind and since < one.at <= self.now for one in _read(self.happenings, "events"))

    def daysSinceEvent(self, kind: str) -> int:  # noqa: N802
        """Whole days since the latest event of a type; NEVER_DAYS without one within MOST_DAYS, however far back was read."""
        times = [one.at for one in _read(self.happenings, "events") if one.type == kind and one.at <= self.now]
        days = (self.now - max(times)).days if times else NEVER_DAYS
        return days if days < MOST_DAYS else NEVER_DAYS

    def sentInDays(self, days: int) -> int:  # noqa: N802
        """How many messages of outreach left within so many days."""
        since = self.now - timedelta(days=days)
        return sum(since < at <= self.now for at in _read(self.sent, "sent"))

    def _conversations(self) -> Iterable[Conversation]:
        """Without number 0, the thread of what we wrote first."""
        return (one for one in _read(self.latest, "conversations") if one.number > 0)


@dataclass(frozen=True, slots=True)
class EventFacts:
    """The event that set the campaign off; the others take a path into its data: order.number."""

    type: str
    data: Mapping[str, Any]

    def text(self, path: str) -> str:
        """A text; else an empty one."""
        value = value_at(path, self.data)
        return value if isinstance(value, str) else ""

    def number(self, path: str) -> float:
        """A number; else nought."""
        return _number(value_at(path, self.data))

    def flag(self, path: str) -> bool:
        """Is it true?"""
        return value_at(path, self.data) is True

    def has(self, path: str) -> bool:
        """Is there anything but null?"""
        return value_at(path, self.data) is not None


@dataclass(frozen=True, slots=True)
class ConversationFacts:
    """The conversation that set the campaign off."""

    channel: str
    queue: str
    category: str
    tags: tuple[str, ...]
    language: str
    agent: str
    inbox: str


def conversation_facts(one: Conversation) -> ConversationFacts:
    """A conversation as conditions see it. `agent` is who had it, or had it last."""
    return ConversationFacts(
        channel=str(one.channel),
        queue=one.queue,
        category=one.category or "",
        tags=one.tags,
        language=small_tag(one.language or ""),
        agent=one.agent or one.last_agent or "",
        inbox=one.inbox,
    )


@dataclass(frozen=True, slots=True)
class JourneyFacts:
    """What became of the journey so far: how many of its messages left, which variant the last one of several was, and the score given."""

    sent: int = 0
    replied: bool = False
    clicked: bool = False
    variant: str = ""
    score: int = -1


def scope_of(
    person: Contact, config: Config, now: datetime, *, consents: Mapping[Permitted, Consent] | None = None,
    conversations: Sequence[Conversation] | None = None, happenings: Sequence[Happening] | None = None,
    sent: Sequence[datetime] | None = None, ratings: Sequence[Rating] | None = None, event: Happening | None = None,
    conversation: Conversation | None = None,
    journey: JourneyFacts | None = None,
) -> Scope:  # fmt: skip
    """The scope of a condition. What `needs` names has to be given: None is not read, and empty is that there is nothing.

    `consents` as router.consents.standing gives them; `conversations` at least the latest of each brand; `happenings` of at least the
    types and days that `events` tells; `ratings` are their answers to surveys; `sent` is when messages of outreach left within at least the
    days that `sent_days` tells. `event` and `conversation` set the campaign off.
    """
    scope: dict[str, Any] = {
        "contact": ContactFacts(person, now),
        "consent": ConsentFacts(person, consents),
        "history": HistoryFacts(now, config.outreach.complaints, conversations, happenings, sent, ratings),
        "now": now,
    }
    if event is not None:
        scope["event"] = EventFacts(event.type, event.data)
    if conversation is not None:
        scope["conversation"] = conversation_facts(conversation)
    if journey is not None:
        scope["journey"] = journey
    return scope


# --- what a condition looks at ---------------------------------------------------------------------------------------

_COSTS = {
    "last_inbound": "conversations", "conversations": "conversations", "open": "conversations", "complaint": "conversations",
    "lastScore": "ratings", "eventsInDays": "events", "daysSinceEvent": "events", "last_outreach": "sent", "sentInDays": "sent",
}  # fmt: skip


def needs(tree: Tree | None) -> frozenset[str]:
    """Which facts that have to be read a checked condition looks at: consents, conversations, events, ratings, sent."""
    return frozenset() if tree is None else _made(tree).needs


def _needs(tree: Tree) -> frozenset[str]:
    found = set()
    for node in nodes(tree):
        if node[0] in ("get", "ask") and len(node) > 2:
            if node[1] == "consent":
                found.add("consents")
            elif node[1] == "history":
                found.add(_COSTS[node[2]])
    return frozenset(found)


def events(tree: Tree | None) -> Mapping[str, int]:
    """The types of events that a condition looks at, each with the days it looks back; `daysSinceEvent` as far as MOST_DAYS."""
    found: Counter[str] = Counter()
    for node in nodes(tree):
        if list(node[:2]) == ["ask", "history"] and _COSTS[node[2]] == "events":
            days = node[4] if node[2] == "eventsInDays" else MOST_DAYS
            found[node[3]] = max(found[node[3]], days)
    return dict(found)


def sent_days(tree: Tree | None) -> int:
    """How many days back a condition looks at messages of outreach; `last_outreach` as far as MOST_DAYS."""
    asked = (node for node in nodes(tree) if list(node[:2]) in (["get", "history"], ["ask", "history"]))
    days = (node[3] if node[2] == "sentInDays" else MOST_DAYS for node in asked if _COSTS[node[2]] == "sent")
    return max(days, default=0)


def conditions(config: Config, campaign: Campaign) -> tuple[Tree, ...]:
    """Who it is for: the trees of its segment and its own."""
    segment = config.segment(campaign.segment)
    found = (None if segment is None else segment.checked, campaign.checked)
    return tuple(tree for tree in found if tree is not None)


def trees(config: Config) -> Iterable[Tree]:
    """Every checked condition of outreach."""
    for campaign in config.campaigns:
        found = (campaign.checked, *(step.checked for step in every(campaign.steps) if isinstance(step, Branch)))
        yield from (tree for tree in found if tree is not None)
    yield from (segment.checked for segment in config.segments if segment.checked is not None)


# --- whether it holds ------------------------------------------------------------------------------------------------


def matches(config: Config, campaign: Campaign, scope: Scope, failed: Callable[[str], None] = lambda _: None) -> bool:
    """Is the campaign for this person: do its segment's condition and its own hold?

    One that has no value does not hold; `failed` is told why, to count it.
    """
    return all(holds(tree, scope, failed) for tree in conditions(config, campaign))


def holds(tree: Tree | None, scope: Scope, failed: Callable[[str], None] = lambda _: None) -> bool:
    """Does a checked condition hold? Without one, always. `failed` as in `matches`."""
    if tree is None:
        return True
    try:
        return _made(tree).run(scope) is True
    except Failed as error:
        failed(str(error))
        return False


class _Made(NamedTuple):
    """What is made of a tree once for each version: the tree is kept with it, so that its id stays its own."""

    tree: Tree
    run: Run
    needs: frozenset[str]


_MOST_MADE = 2_000
_known: dict[int, _Made] = {}


def _made(tree: Tree) -> _Made:
    found = _known.get(id(tree))
    if found is None:
        if len(_known) >= _MOST_MADE:
            _known.clear()
        found = _known[id(tree)] = _Made(tree, compiled(tree), _needs(tree))
    return found


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


_T = TypeVar("_T")


def _read(value: _T | None, what: str) -> _T:
    if value is None:
        raise Unread(f"a condition looks at {what}, which were not read")
    return value
