"""Streams whose messages go through the rules: what the configuration makes of one, by the functions of production."""

from __future__ import annotations

import json
from datetime import datetime

from router.config import Config, Inbox
from router.conversations import Conversation
from router.rules import Outcome
from santral.config_cases import Case, Expected
from santral.config_reach import arrives_by
from santral.config_trial import routed
from santral.simulation.scenario import Sample, Stream

_TIMED = ('"now"', '"open"', '"since"')
"""What a condition's tree holds that may come out otherwise at another time."""

_ANYTHING = Expected.model_validate({"rules": ()})


def inboxes(config: Config, stream: Stream) -> list[Inbox]:
    """Where a stream's messages may come in: the inbox that it names, else all that its channel comes to."""
    if stream.inbox is not None:
        return [one for one in config.inboxes if one.name == stream.inbox]
    return [one for one in config.inboxes if stream.channel in arrives_by(one)]


def judged(config: Config, stream: Stream, sample: Sample, at: datetime) -> tuple[Conversation, Outcome]:
    """The conversation that a message begins, and what the rules say of it. Raises ValueError without one inbox for it."""
    found = inboxes(config, stream)
    if len(found) != 1:
        raise ValueError(f"stream '{stream.name}' has no inbox of its own")
    said = sample.model_copy(update={"channel": stream.channel})
    case = Case(name=stream.name, inbox=found[0].name, now=at, message=said, contact=sample.contact, expect=_ANYTHING)
    return routed(config, case, found[0])


def looks_at_time(config: Config) -> bool:
    """May a rule say something else at another time?"""
    trees = (json.dumps(rule.checked) for rule in config.rules if rule.checked is not None)
    return any(word in tree for tree in trees for word in _TIMED)
