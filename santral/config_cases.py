"""Golden cases of a configuration: YAML files with a message each and what must become of it, checked against the configuration.

What is given about the message has the names that conditions use; what is not given is empty, unknown or for the first time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model, model_validator

from router.calendars import made
from router.config import Config, Rule
from router.messages import ChannelName, Kind, Proof
from router.requirements import Needs
from router.written import Language, Slug
from santral import config_yaml
from santral.config_places import Fault, Place, Places
from santral.config_reach import arrives_by
from santral.configuration import check, files

FOLDER = "tests"
"""Where the cases are, inside the configuration's directory."""
SECTION = "cases"
"""Theirs in a file, which may have cases of journeys beside them (santral/journey_cases.py)."""
_SECTIONS = (SECTION, "journeys")
NOON = datetime(2026, 1, 7, 12, tzinfo=UTC)
"""A Wednesday: when a message comes whose case gives no time."""


class Model(BaseModel):
    """Strict about names, as the configuration is."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sender(Model):
    """Who writes, as the channel says it."""

    address: str = Field(default="", description="by default one that fits the channel")
    name: str | None = None


class Said(Model):
    """The message, by the names of docs/rules.md."""

    text: str = ""
    subject: str | None = None
    channel: ChannelName | None = Field(default=None, description="stands in for `inbox` where one inbox has it")
    sender: Sender | str = Field(default=Sender(), description="an address, or {address, name}")
    language: Language | None = Field(
        default=None, description="as the message says; else the contact's or the inbox's"
    )
    kind: Kind = Kind.MESSAGE
    payload: str | None = Field(default=None, description="of a tapped button")
    files: int = Field(default=0, ge=0, le=100, description="how many attachments")
    proof: Proof | None = Field(default=None, description="by default weak for SMS, strong elsewhere")


class Visited(Model):
    """An earlier time that the person came about something."""

    days_ago: float = Field(ge=0, le=366)
    about: tuple[Slug, ...] = Field(default=(), description="category and tags it had")


class Person(Model):
    """The person. They are known if anything is said of them."""

    known: bool | None = None
    name: str | None = None
    language: Language | None = None
    channels: tuple[ChannelName, ...] = Field(default=(), description="where else they have written from")
    since: AwareDatetime | None = Field(default=None, description="when we first met")
    messages_hours_ago: tuple[float, ...] = Field(default=(), description="when they wrote before, in hours")
    visits: tuple[Visited, ...] = Field(default=(), description="what they came about before, the latest last")


class Before(Model):
    """Which conversation it is, and what the one before was like; where one is reopened, what it was like itself."""

    number: int | None = Field(default=None, ge=1, description="the n-th of the person; by default as their visits say")
    reopened: bool = False
    tags_before: tuple[Slug, ...] = ()
    category_before: Slug | None = None
    queue_before: Slug | None = Field(default=None, description="where one waited that is reopened")
    queue_chosen: bool = Field(default=False, description="people moved it there")


Owed = Literal["accept", "first_response", "next_response", "resolution"]


def _says_something(self: Any) -> Any:
    if not self.model_fields_set:
        raise ValueError("expects nothing; name a queue, a priority, rules...")
    return self


_EXPECTED: dict[str, Any] = {
    "queue": (Slug, Field(default=None)),
    "priority": (int, Field(default=None, ge=1, le=9)),
    "language": (Language, Field(default=None)),
    "tags": (tuple[Slug, ...], Field(default=(), description="exactly these, in any order")),
    "rules": (tuple[Slug, ...], Field(default=(), description="the rules that match, in their order")),
    "rule_faults": (tuple[Slug, ...], Field(default=(), description="the rules that have no value for the message")),
    "answer": (Slug | None, Field(default=None, description="the rule whose text leaves by itself")),
    "skills": (Needs, Field(default=None, description="what is asked of an agent at first, as in `skill` of a queue")),
    "skills_after": (
        dict[int, Needs], Field(default={}, description="what is asked after so many seconds of waiting"),
    ),
    "agents": (tuple[Slug, ...], Field(default=(), description="exactly these can take it, were they free")),
    "due": (
        dict[Owed, datetime],
        Field(default={}, description="when, by target; without an offset on the clock of the policy's calendar"),
    ),
    "agents_with": (Needs, Field(default=None, description="all who can take it meet this, and somebody can")),
}  # fmt: skip
_NOT_EXPECTED = {"name", "when", "require", "stop", *made(Rule), *_EXPECTED}
_EXPECTED |= {name: (field.annotation, None) for name, field in Rule.model_fields.items() if name not in _NOT_EXPECTED}
Expected = create_model(
    "Expected",
    __base__=Model,
    __doc__="What must become of the message; what is not named may be anything. Each field of a rule may be expected.",
    __validators__={"says_something": cast("Any", model_validator(mode="after")(_says_something))},
    **_EXPECTED,
)


class Case(Model):
    """A message, and what must become of it."""

    name: str = Field(min_length=1, max_length=200, description="what the case shows, in a sentence")
    inbox: Slug | None = Field(
        default=None, description="where it comes in; or message.channel, where one inbox has it"
    )
    now: AwareDatetime = Field(default=NOON, description="the message's time, with an offset")
    message: Said = Said()
    contact: Person = Person()
    conversation: Before = Before()
    expect: Expected

    @model_validator(mode="after")
    def _fits(self) -> Case:
        if self.inbox is None and self.message.channel is None:
            raise ValueError("names no inbox; write `inbox`, or message.channel where one inbox has that channel")
        if self.contact.known is False and self.known:
            raise ValueError("the contact is not known, and something is said of them")
        if not self.conversation.reopened and {"queue_before", "queue_chosen"} & self.conversation.model_fields_set:
            raise ValueError("queue_before and queue_chosen are for a conversation that is reopened")
        return self

    @property
    def number(self) -> int:
        """Which conversation of the person it is."""
        earlier = len(self.contact.visits)
        if self.contact.messages_hours_ago or self.conversation.tags_before or self.conversation.category_before:
            earlier = max(earlier, 1)
        return self.conversation.number or max(1, earlier + (0 if self.conversation.reopened else 1))

    @property
    def known(self) -> bool:
        """Was the person met before?"""
        said = self.contact.model_fields_set - {"known"}
        return bool(self.contact.known or said or self.conversation.reopened or self.number > 1)


@dataclass(frozen=True, slots=True)
class Placed:
    """A case with its inbox, and where it stands."""

    case: Case
    inbox: str
    place: Place


def read(directory: Path, config: Config) -> tuple[list[Placed], list[Fault]]:
    """The cases in a directory's files, in order, and everything that is wrong with them."""
    paths, faults = files(directory), list[Fault]()
    if not paths:
        return [], [Fault(str(directory), "", "there is no *.yaml file with cases here")]
    places, placed = Places(paths), list[Placed]()
    for path in paths:
        for index, item in enumerate(_items(path, faults)):
            at = f"cases[{index}]"
            before = len(faults)
            check(Case, item, path.name, at, faults)
            if len(faults) > before:
                continue
            case = Case.model_validate(item)
            inbox = case.inbox or _by_channel(config, case)
            for field, what in _unknown(config, case, inbox):
                faults.append(Fault(path.name, f"{at}.{field} ({case.name})", what))
            if any(one.place.file == path.name and one.case.name == case.name for one in placed):
                faults.append(Fault(path.name, at, f"'{case.name}' is the name of another case already"))
            place = places.at(path.name, ["cases", index]) or Place(path.name, 1, 1)
            placed.append(Placed(case, inbox or "", place))
    return placed, [places.told(fault) for fault in faults]


def _items(path: Path, faults: list[Fault]) -> Sequence[Any]:
    content = config_yaml.read(path, faults, about="cases")
    faults += [
        Fault(path.name, key, f"is not known here; a file of cases has {' and '.join(f'`{one}`' for one in _SECTIONS)}")
        for key in content
        if key not in _SECTIONS
    ]
    items = content.get(SECTION, [])
    if not isinstance(items, list) or (SECTION in content and not items):
        faults.append(Fault(path.name, SECTION, "must be a list of cases"))
        return []
    return items


def _by_channel(config: Config, case: Case) -> str | None:
    found = [inbox.name for inbox in config.inboxes if arrives_by(inbox)[0] == case.message.channel]
    return found[0] if len(found) == 1 else None


def _unknown(config: Config, case: Case, inbox: str | None) -> Iterator[tuple[str, str]]:
    """Names in a case that the configuration does not have: it could never come out as expected."""
    if inbox is None:
        having = [one.name for one in config.inboxes if arrives_by(one)[0] == case.message.channel]
        said = f"inboxes {', '.join(having)} have it" if having else "no inbox has it"
        yield "message.channel", f"{said}; name one as `inbox`"
    elif (found := config.inbox(inbox)) is None:
        yield "inbox", f"there is no inbox '{inbox}'"
    elif case.message.channel is not None and case.message.channel not in arrives_by(found):
        yield "message.channel", f"inbox '{inbox}' has no {case.message.channel}"
    if case.conversation.queue_before is not None and config.queue(case.conversation.queue_before) is None:
        yield "conversation.queue_before", f"there is no queue '{case.conversation.queue_before}'"
    queues, rules = {one.name for one in config.queues}, {one.name for one in config.rules}
    for field, names, known, what in (
        ("queue", [getattr(case.expect, "queue", None)], queues, "queue"),
        ("rules", getattr(case.expect, "rules", ()), rules, "rule"),
        ("rule_faults", getattr(case.expect, "rule_faults", ()), rules, "rule"),
        ("answer", [getattr(case.expect, "answer", None)], rules, "rule"),
        ("agents", getattr(case.expect, "agents", ()), {one.name for one in config.agents}, "agent"),
        ("sla", [getattr(case.expect, "sla", None)], {one.name for one in config.sla}, "policy"),
    ):
        for name in names:
            if name is not None and name not in known:
                yield f"expect.{field}", f"there is no {what} '{name}'"
