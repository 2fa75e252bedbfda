"""Golden cases, tried: the functions that route a message in production judge it, and what comes out is compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from channels import registry
from router.config import Agent, Config, Inbox
from router.conversations import Conversation, State
from router.facts import facts_of
from router.heard import begin, join
from router.keeping import kept
from router.messages import Attachment, Authenticity, ChannelName, Direction, Message, Party, Proof
from router.records import Contact, Identity, Known
from router.requirements import Requirement, current, met, parts, read, text
from router.rules import NOTHING, Outcome, judge
from router.visits import Visit, seconds
from santral.config_cases import Case, Placed, Sender

_CONTACT = "case"
_BEFORE = timedelta(days=1)
"""So long before the message the conversation before it was."""


class Difference(NamedTuple):
    """A field that did not come out as it should."""

    field: str
    expected: Any
    got: Any


@dataclass(frozen=True, slots=True)
class Result:
    """A case that was tried; it holds if nothing differs."""

    placed: Placed
    differences: tuple[Difference, ...]


def tried(config: Config, placed: Placed) -> Result:
    """Judge a case's message and compare what it expects, and that no rule fails at it which it does not name."""
    case, inbox = placed.case, config.inbox(placed.inbox)
    if inbox is None:
        raise ValueError(f"there is no inbox '{placed.inbox}'")
    conversation, said = routed(config, case, inbox)
    differences = list(_differences(config, case, conversation, said))
    failed = [name for name, _ in said.failed]
    if "rule_faults" not in case.expect.model_fields_set and failed:
        differences.append(Difference("rule_faults", [], [f"{name}: {why}" for name, why in said.failed]))
    return Result(placed, tuple(differences))


def routed(config: Config, case: Case, inbox: Inbox) -> tuple[Conversation, Outcome]:
    """What becomes of a case's message, by the functions of production, and what the rules say of it."""
    message = _message(case, inbox)
    known = _known(config, case, inbox, message)
    before, reopened = known.conversation, case.conversation.reopened
    said = NOTHING
    if config.rules and not (message.kind.passing if reopened else message.kind.quiet):
        settled = reopened and before is not None and before.queue_chosen
        said = judge(config, facts_of(message, known, inbox, config, reopened=reopened), settled=settled)
    if reopened and before is not None:
        return join(before, message, inbox, config, said), said
    language = known.contact.language if known.contact is not None else None
    return begin(message, _CONTACT, case.number, inbox, config, language=language, said=said), said


def _message(case: Case, inbox: Inbox) -> Message:
    said = case.message
    carrier = registry.get(inbox.channel)
    channel = said.channel or carrier.channel
    sender = said.sender if isinstance(said.sender, Sender) else Sender(address=said.sender)
    usual = {ChannelName.EMAIL: "customer@example.com", ChannelName.SMS: "+12025550143"}.get(channel, "customer")
    file = Attachment(content_type="application/octet-stream")
    return Message(
        id=_CONTACT,
        channel=channel,
        provider=carrier.provider,
        inbox=inbox.name,
        direction=Direction.INBOUND,
        kind=said.kind,
        sender=Party(address=sender.address or usual, name=sender.name),
        subject=said.subject,
        text=said.text,
        language=said.language,
        payload=said.payload,
        attachments=(file,) * said.files,
        received_at=case.now,
        authenticity=Authenticity(proof=said.proof or (Proof.WEAK if channel is ChannelName.SMS else Proof.STRONG)),
    )


def _known(config: Config, case: Case, inbox: Inbox, message: Message) -> Known:
    """What the table would know about the message's sender."""
    if not case.known:
        return Known(None, None, None)
    proof, at = message.authenticity.proof, message.occurred_at
    since = case.contact.since or at - _BEFORE
    contact = Contact(
        id=_CONTACT,
        channel=message.channel,
        address=message.sender.address,
        proof=proof,
        first_seen_at=since,
        name=case.contact.name,
        language=case.contact.language,
        joined=tuple(Identity(channel, "", proof, _CONTACT, since) for channel in case.contact.channels),
    )
    number = case.number - (0 if case.conversation.reopened else 1)
    return Known(None, contact, _before(config, case, inbox, message, number) if number else None)


def _before(config: Config, case: Case, inbox: Inbox, message: Message, number: int) -> Conversation:
    at, told = message.occurred_at, case.conversation
    earlier = message.model_copy(update={"received_at": at - _BEFORE})
    there = inbox.model_copy(update={"queue": told.queue_before or inbox.queue})
    return replace(
        begin(earlier, _CONTACT, number, there, config, language=case.contact.language),
        state=State.RESOLVED if told.reopened else State.CLOSED,
        resolved_at=at - timedelta(seconds=1),
        tags=told.tags_before,
        category=told.category_before,
        queue_chosen=told.queue_chosen,
        heard=tuple(sorted(_ago(at, hours=hours) for hours in case.contact.messages_hours_ago)),
        visits=tuple(Visit(_ago(at, hours=one.days_ago * 24), one.about) for one in case.contact.visits)
        or (Visit(seconds(earlier.occurred_at)),),
    )


def _ago(at: datetime, *, hours: float) -> int:
    return seconds(at - timedelta(hours=hours))


def _differences(config: Config, case: Case, conversation: Conversation, said: Outcome) -> Iterator[Difference]:
    kind = conversation.kind
    rungs = config.ladder(kind.queue, kind.steps, kind.language)
    able = [agent for agent in config.agents if _able(config, agent, conversation, rungs[0].needs)]
    for field in (name for name in type(case.expect).model_fields if name in case.expect.model_fields_set):
        expected: Any = getattr(case.expect, field)
        got: Any
        match field:
            case "rules":
                expected, got = list(expected), list(said.matched)
            case "rule_faults":
                expected, got = sorted(expected), sorted(name for name, _ in said.failed)
            case "answer":
                got = said.answer
            case "tags":
                expected, got = sorted(expected), sorted(conversation.tags)
            case "agents":
                expected, got = sorted(expected), sorted(agent.name for agent in able)
            case "skills":
                expected, got = _asked(read(expected)), _asked(rungs[0].needs)
            case "skills_after":
                got = {after: _asked(current(rungs, after).needs) for after in expected}
                expected = {after: _asked(read(needs)) for after, needs in expected.items()}
            case "due":
                expected, got = _due(config, case, conversation, expected)
            case "agents_with":
                others = [agent.name for agent in able if not met(read(expected), agent.levels)]
                if not able or others:
                    said_of = f"also {', '.join(others)}" if others else "nobody"
                    yield Difference(field, text(read(expected)), said_of)
                continue
            case _:
                got = getattr(conversation, field, getattr(said, field, None))
        if expected != got:
            yield Difference(field, expected, got)


def _due(
    config: Config, case: Case, conversation: Conversation, expected: Mapping[str, datetime]
) -> tuple[dict[str, str], dict[str, str]]:
    """When each target that is named should be due, and when it is, on the clock that they are told by."""
    zone = ZoneInfo(config.zone_of(conversation.sla, conversation.queue, conversation.inbox))
    clocks = {clock.target.value: clock.due_at for clock in kept(conversation, config, case.now).clocks}
    wanted = {target: at.replace(tzinfo=at.tzinfo or zone) for target, at in expected.items()}
    found = {target: due for target in expected if (due := clocks.get(target)) is not None}
    return _on(zone, wanted), _on(zone, found)


def _on(zone: ZoneInfo, times: Mapping[str, datetime]) -> dict[str, str]:
    return {target: at.astimezone(zone).isoformat() for target, at in times.items()}


def _able(config: Config, agent: Agent, conversation: Conversation, needs: Requirement) -> bool:
    """Could the agent take it, present and holding nothing?"""
    return (
        agent.pool == conversation.pool
        and agent.answers_for(conversation.group)
        and agent.units >= config.routing.weight(str(conversation.channel))
        and agent.limits.get(str(conversation.channel), 1) > 0
        and met(needs, agent.levels)
    )


def _asked(needs: Requirement) -> list[str]:
    """A requirement's pieces, in one order."""
    return sorted(text(part) for part in parts(needs))
