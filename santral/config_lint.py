"""What works and may not be meant: rules that are never reached or never say anything, queues nobody comes to, skills nobody asks for.

A warning is nearly always a mistake; a note may well be as it should. Neither keeps a configuration from being applied: in an
outage a rule at the top that stops everything is what is wanted.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import time
from typing import Any

from router.calendars import made
from router.config import Config, Rule
from router.grounds import names_return
from router.requirements import LANGUAGE, leaves, read
from santral import outreach_lint
from santral.config_places import Finding, Place, Places
from santral.config_reach import ALWAYS, NEVER, Tree, condition, implies, senders

_ONCE = tuple(name for name in Rule.model_fields if name not in ("name", "when", "tags", "stop", *made(Rule)))
"""What the first rule that says it says for all; tags add up."""
_NOTHING: tuple[Any, ...] = (None, (), {})


@dataclass(frozen=True, slots=True)
class _Judged:
    """A rule with its condition's plain form."""

    rule: Rule
    tree: Tree
    place: Place | None

    @property
    def name(self) -> str:
        return f"rule '{self.rule.name}'" + (f" ({self.place})" if self.place else "")


__all__ = ["Finding", "findings"]


def findings(config: Config, places: Places | None = None) -> list[Finding]:
    """All of them, in the order of the rules, the queues, the skills and the campaigns."""
    at = places or Places([])
    rules = [_Judged(rule, condition(rule), at.of("rules", rule.name)) for rule in config.rules]
    found = [finding for index, one in enumerate(rules) for finding in _rule(one, rules[:index])]
    found += [*_uncounted(config, at), *_deserted(config, at), *_unwanted(config, at), *_policies(config, at)]
    return [*found, *outreach_lint.findings(config, at, round(time() * 1000))]


def _rule(one: _Judged, above: Sequence[_Judged]) -> Iterator[Finding]:
    """What is odd about a rule, given those above it."""
    name = f"rule '{one.rule.name}'"
    if one.tree == NEVER:
        yield Finding("warning", f"{name} never holds: its condition is false whatever comes", one.place)
        return
    if one.tree == ALWAYS and one.rule.when is not None:
        yield Finding("warning", f"{name} always holds: leave `when` out, or correct it", one.place)
    first = [other for other in above if other.tree != NEVER and implies(one.tree, other.tree)]
    stop = next((other for other in first if other.rule.stop), None)
    if stop is not None:
        why = "stops whatever comes" if stop.tree == ALWAYS else "stops whatever it would match"
        yield Finding("warning", f"{name} is never reached: {stop.name} above it {why}", one.place)
        return
    yield from _said_before(one, first)


def _said_before(one: _Judged, first: Sequence[_Judged]) -> Iterator[Finding]:
    """Of what a rule says, that which rules that hold whenever it does say before it."""
    name = f"rule '{one.rule.name}'"
    says = {field: value for field in _ONCE if (value := getattr(one.rule, field)) not in _NOTHING}
    before = {field: other for field in says if (other := _first_to_say(field, one, first)) is not None}
    lost = {field: other for field, other in before.items() if getattr(other.rule, field) != says[field]}
    tags = {tag for other in first for tag in other.rule.tags}
    new = [field for field in says if field not in before] + [tag for tag in one.rule.tags if tag not in tags]
    if not new and not lost and not one.rule.stop:
        saying = dict.fromkeys(other.name for other in (*before.values(), *(o for o in first if o.rule.tags)))
        yield Finding("warning", f"{name} says nothing that {', '.join(saying)} above it does not say", one.place)
        return
    for other in {id(other): other for other in lost.values()}.values():
        fields = [field for field in lost if lost[field] is other]
        if other.tree == one.tree:
            said = "; ".join(
                f"{field} {_short(getattr(other.rule, field))} and {_short(says[field])}" for field in fields
            )
            what = f"{name} contradicts {other.name}: under the same condition they say {said}; the upper one counts"
        else:
            what = f"{name} never sets {', '.join(fields)}: {other.name} above it holds whenever it does, and says so first"
        yield Finding("warning", what, one.place)


def _first_to_say(field: str, one: _Judged, first: Sequence[_Judged]) -> _Judged | None:
    """The rule that says a field before it. Where people chose the queue, only rules that name the return choose another."""
    moves = field == "queue" and _names_return(one)
    saying = (other for other in first if getattr(other.rule, field) not in _NOTHING)
    return next((other for other in saying if not moves or _names_return(other)), None)


def _names_return(one: _Judged) -> bool:
    return one.rule.when is not None and names_return(one.rule.checked)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _uncounted(config: Config, places: Places) -> Iterator[Finding]:
    """People may set any tag, so a word that no rule gives is only worth a note: it may be misspelt."""
    given = {word for rule in config.rules for word in (*rule.tags, rule.category) if word is not None}
    for rule in config.rules:
        for word in dict.fromkeys(_words_counted(rule.checked)):
            if word not in given:
                near = difflib.get_close_matches(word, sorted(given), 1)
                meant = f"; is '{near[0]}' meant?" if near else ""
                what = f"rule '{rule.name}' counts contacts about '{word}', which no rule gives{meant}"
                yield Finding("note", what, places.of("rules", rule.name, "when"))


def _words_counted(tree: Any) -> Iterator[str]:
    if isinstance(tree, (list, tuple)):
        if tree and tree[0] == "contacts":
            yield str(tree[2][1])
        for part in tree:
            yield from _words_counted(part)


def _deserted(config: Config, places: Places) -> Iterator[Finding]:
    """Queues that only people's transfers could fill."""
    for queue in config.queues:
        if not senders(config, queue.name):
            what = f"queue '{queue.name}': no inbox and no rule sends anything there, only transfers by people can"
            yield Finding("note", what, places.of("queues", queue.name))


def _unwanted(config: Config, places: Places) -> Iterator[Finding]:
    """Skills that agents have, or that are listed, and that nothing asks for."""
    needs = [needs for queue in config.queues for needs in (queue.skill, *(step.needs for step in queue.steps))]
    needs += [step.needs for rule in config.rules for step in rule.require]
    wanted = {name for one in needs for name, _, _ in leaves(read(one))}
    listed = {skill.name for skill in config.skills}
    for agent in config.agents:
        for name in sorted(agent.skills):
            if name not in wanted | listed and not (LANGUAGE in wanted and name in _spoken(config)):
                listed.add(name)  # once is enough
                what = f"skill '{name}': agent '{agent.name}' has it, and no queue and no rule asks for it"
                yield Finding("note", what, places.of("agents", agent.name, "skills"))
    for skill in config.skills:
        if skill.name not in wanted and not (LANGUAGE in wanted and skill.name in _spoken(config)):
            yield Finding(
                "note", f"skill '{skill.name}': no queue and no rule asks for it", places.of("skills", skill.name)
            )


def _policies(config: Config, places: Places) -> Iterator[Finding]:
    """SLA policies that nothing names, and those under which a conversation that is reopened would have no clock."""
    named = {*(rule.sla for rule in config.rules), *(queue.sla for queue in config.queues)}
    for policy in config.sla:
        if policy.name not in named:
            yield Finding("note", f"sla '{policy.name}': no queue and no rule names it", places.of("sla", policy.name))
        if policy.reopened == "continues" and policy.next_response is None:
            what = (
                f"sla '{policy.name}': what is reopened `continues`, and there is no next_response: "
                "whoever was answered before and writes again has no deadline for an answer"
            )
            yield Finding("warning", what, places.of("sla", policy.name, "reopened"))


def _spoken(config: Config) -> set[str]:
    """The languages of the inboxes and the agents, by their first part."""
    tags = [inbox.language for inbox in config.inboxes] + [tag for agent in config.agents for tag in agent.languages]
    return {tag.partition("-")[0].lower() for tag in tags}
