"""What must hold between the parts of a configuration: names resolve, and somebody can take what waits. Each fault a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from router import outreach_checks
from router.keywords import folded
from router.requirements import LANGUAGE, WORDS, Requirement, in_language, leaves, met, read, text
from router.written import UNCHECKED, like

if TYPE_CHECKING:
    from router.config import Agent, Config, Queue
    from router.targets import Sla

_BUILT_IN = frozenset({"online", "away", "offline"})


def faults(config: Config) -> list[str]:
    """Everything that does not fit together, in the order of the files' sections."""
    return [
        *_twice(config),
        *_inboxes(config),
        *_agents(config),
        *(fault for queue in config.queues for fault in _queue(config, queue)),
        *_rules(config),
        *_policies(config),
        *_answers(config),
        *_keywords(config),
        *(fault for policy in config.sla for fault in _policy(config, policy)),
        *outreach_checks.faults(config),
    ]


def _twice(config: Config) -> Iterator[str]:
    lists: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("inbox", config.inboxes), ("queue", config.queues), ("agent", config.agents), ("webhook", config.webhooks),
        ("calendar", config.calendars), ("rule", config.rules), ("skill", config.skills), ("presence", config.presences),
        ("pool", config.pools), ("sla", config.sla), ("template", config.templates),
        ("segment", config.segments), ("campaign", config.campaigns),
    )  # fmt: skip
    for kind, items in lists:
        names = [item.name for item in items]
        yield from (f"{kind} '{name}' is defined twice" for name in sorted({n for n in names if names.count(n) > 1}))


def _inboxes(config: Config) -> Iterator[str]:
    queues = {queue.name for queue in config.queues}
    for inbox in config.inboxes:
        if inbox.queue not in queues:
            yield f"inbox '{inbox.name}': there is no queue '{inbox.queue}'"


def _agents(config: Config) -> Iterator[str]:
    known = {skill.name for skill in config.skills}
    if LANGUAGE in known:
        yield f"skill '{LANGUAGE}': the name is taken, it means the conversation's language"
    for name in sorted(WORDS & known.union(*(agent.levels for agent in config.agents))):
        yield f"skill '{name}': the name is taken, it is a word of requirements"
    for presence in config.presences:
        if presence.name in _BUILT_IN:
            yield f"presence '{presence.name}': is built in; leave it out"
    pools, calendars = {queue.pool for queue in config.queues}, {one.name for one in config.calendars}
    brands = {inbox.brand for inbox in config.inboxes}
    for pool in config.pools:
        if pool.name not in pools:
            yield f"pool '{pool.name}': no queue belongs to it"
    for agent in config.agents:
        if known:
            for name in sorted(set(agent.skills) - known):
                yield f"agent '{agent.name}': there is no skill '{name}'{like(name, known)}"
        for name in sorted(agent.secondary - set(agent.levels)):
            yield f"agent '{agent.name}': '{name}' is in secondary but not among the skills"
        if agent.hours is not None and agent.hours not in calendars:
            yield f"agent '{agent.name}': there is no calendar '{agent.hours}'"
        for brand in sorted(set(agent.brands) - brands):
            yield f"agent '{agent.name}': no inbox has the brand '{brand}'"


def _queue(config: Config, queue: Queue) -> Iterator[str]:
    start = f"queue '{queue.name}': "
    yield from (f"{start}sla: {fault}" for fault in _no_policy(config, queue.sla))
    target = read(queue.skill)
    if any(name == LANGUAGE for name, _, _ in leaves(target)):
        yield f"{start}its skill may not ask for the language: who writes in one that nobody speaks would wait for ever"
        return
    if any(_able(agent, queue.pool, target) for agent in config.agents):
        yield from (start + fault for fault in _unknown(config, target))
    else:
        hint = "".join(fault.partition(";")[1] + fault.partition(";")[2] for fault in _unknown(config, target))
        yield f"{start}no agent of pool '{queue.pool}' has the skill '{text(target)}'{hint}"
    for number, step in enumerate(queue.steps):
        needs = read(step.needs)
        unknown = list(_unknown(config, needs))
        yield from (f"{start}steps[{number}]: {fault}" for fault in unknown)
        if not unknown and not _meetable(config, {queue.pool}, needs):
            yield f"{start}steps[{number}]: no agent of pool '{queue.pool}' can meet {text(needs)}"
    for number, overflow in enumerate(queue.overflow):
        other = config.queue(overflow.queue)
        at = f"{start}overflow[{number}]: "
        if other is None:
            yield f"{at}there is no queue '{overflow.queue}'"
        elif other.pool != queue.pool:
            yield f"{at}queue '{other.name}' is in pool '{other.pool}'; queues that help each other belong to one pool"
        elif other is queue:
            yield f"{at}names the queue itself"


def _rules(config: Config) -> Iterator[str]:
    queues = {queue.name: queue for queue in config.queues}
    for rule in config.rules:
        start = f"rule '{rule.name}': "
        if rule.queue is not None and rule.queue not in queues:
            yield f"{start}there is no queue '{rule.queue}'"
        if rule.tier is not None and rule.tier not in config.routing.tiers:
            yield f"{start}there is no tier '{rule.tier}'; they are {', '.join(config.routing.tiers)}"
        yield from (start + fault for fault in _no_policy(config, rule.sla))
        if rule.when is not None and rule.checked is None:
            yield start + UNCHECKED
        pools = {queues[rule.queue].pool} if rule.queue in queues else {queue.pool for queue in config.queues}
        for number, step in enumerate(rule.require):
            needs = read(step.needs)
            unknown = list(_unknown(config, needs))
            yield from (f"{start}require[{number}]: {fault}" for fault in unknown)
            if not unknown and not _meetable(config, pools, needs):
                yield f"{start}require[{number}]: no agent can meet {text(needs)}"


def _no_policy(config: Config, name: str | None) -> Iterator[str]:
    """Is a policy named that is not there?"""
    if name is not None and all(one.name != name for one in config.sla):
        known = f"; they are {', '.join(one.name for one in config.sla)}" if config.sla else ": none is defined"
        yield f"there is no sla '{name}'{known}"


def _policies(config: Config) -> Iterator[str]:
    for policy in config.sla:
        start = f"sla '{policy.name}': "
        if policy.calendar is not None and config.calendar(policy.calendar) is None:
            yield f"{start}calendar: there is no calendar '{policy.calendar}'"
        for tier in sorted(set(policy.tiers) - set(config.routing.tiers)):
            yield f"{start}tiers: there is no tier '{tier}'; they are {', '.join(config.routing.tiers)}"


def _answers(config: Config) -> Iterator[str]:
    places = [(one.queue, one.inbox) for one in config.answers]
    for one in config.answers:
        start = f"answers of queue '{one.queue}': "
        if config.queue(one.queue) is None:
            yield f"{start}there is no such queue"
        if one.inbox is not None and config.inbox(one.inbox) is None:
            yield f"{start}there is no inbox '{one.inbox}'"
        if one.hours is not None and config.calendar(one.hours) is None:
            yield f"{start}there is no calendar '{one.hours}'"
        if one.out_of_hours and one.hours is None:
            yield f"{start}out_of_hours without hours, which say when it is closed"
        told = (
            *one.acknowledgement.values(),
            *one.out_of_hours.values(),
            *(t for r in config.rules for t in r.answer.values()),
        )
        if one.promises and not any("{expected}" in text for text in told):
            yield f"{start}promises a time, but no text tells one: write {{expected}} into it"
    for queue_name, inbox_name in sorted({p for p in places if places.count(p) > 1}, key=str):
        where = f" and inbox '{inbox_name}'" if inbox_name else ""
        yield f"answers of queue '{queue_name}'{where} are defined twice"


def _policy(config: Config, policy: Sla) -> Iterator[str]:
    """What escalations name, and events that never come."""
    queues, agents = config.queue_names, {agent.name for agent in config.agents}
    webhooks = {webhook.name for webhook in config.webhooks}
    by_rule = any(rule.sla == policy.name for rule in config.rules)
    under = {queue.name for queue in config.queues if queue.sla == policy.name}
    for number, one in enumerate(policy.escalate):
        start = f"sla '{policy.name}': escalate[{number}]"
        if isinstance(one.at, int) and one.at not in policy.warn_at:
            shares = ", ".join(map(str, sorted(policy.warn_at))) or "none"
            yield f"{start}.at: no warning is given at {one.at} per cent; warn_at has {shares}"
        if one.at == "warning" and not policy.warn_at:
            yield f"{start}.at: no warning is given; write `warn_at`"
        if one.at == "reminder" and policy.remind is None:
            yield f"{start}.at: nobody is reminded; write `remind`"
        promised = {"promise"} | {goal for goal in _GOALS if any(_promises(policy, goal))}
        for goal in one.targets:
            if goal not in promised:
                yield f"{start}.targets: the policy promises no {goal}"
        for field, name in (("queue", one.queue), ("call.queue", one.call.queue if one.call is not None else None)):
            if name is not None and name not in queues:
                yield f"{start}.{field}: there is no queue '{name}'{like(name, set(queues))}"
        if one.queue is not None and under == {one.queue} and not by_rule:
            yield f"{start}.queue: only queue '{one.queue}' goes by this policy, so nothing moves"
        for name in one.watch:
            if name not in agents:
                yield f"{start}.watch: there is no agent '{name}'{like(name, agents)}"
        if one.notify is None:
            continue
        for name in one.notify.webhook:
            if name not in webhooks:
                yield f"{start}.notify.webhook: there is no webhook '{name}'{like(name, webhooks)}"
        if one.notify.email and all(inbox.channel != "email" for inbox in config.inboxes):
            yield f"{start}.notify.email: no inbox of channel email can send it"


def _keywords(config: Config) -> Iterator[str]:
    languages = [one.language for one in config.keywords]
    for name in sorted({name for name in languages if languages.count(name) > 1}):
        yield f"keywords '{name}': the language is there twice"
    for one in config.keywords:
        stop = {folded(word) for word in one.stop}
        for word in one.everywhere:
            if stop and folded(word) not in stop:
                yield f"keywords '{one.language}': everywhere: '{word}' is none of the words in `stop`"


_GOALS = ("accept", "first_response", "next_response", "resolution")


def _promises(policy: Sla, goal: str) -> Iterator[bool]:
    """Whether each part of a policy promises something of a goal."""
    for limits in (policy, *policy.tiers.values(), *policy.channels.values()):
        yield getattr(limits, goal) is not None


def _unknown(config: Config, needs: Requirement) -> Iterator[str]:
    """Skills that a requirement names and nobody knows."""
    listed = {skill.name for skill in config.skills}
    held = {name for agent in config.agents for name in agent.levels}
    for name in sorted({name for name, _, _ in leaves(needs)} - listed - {LANGUAGE}):
        if name not in held:
            yield f"there is no skill '{name}'{like(name, listed | held)}"


def _able(agent: Agent, pool: str, needs: Requirement) -> bool:
    return agent.pool == pool and met(needs, agent.levels)


def _meetable(config: Config, pools: set[str], needs: Requirement) -> bool:
    """Can any agent of these pools meet it, for a customer of some language?"""
    spoken = {inbox.language for inbox in config.inboxes} | {
        name for agent in config.agents for name in agent.levels if len(name) in (2, 3)
    }
    return any(
        _able(agent, agent.pool, in_language(needs, language))
        for agent in config.agents
        if agent.pool in pools
        for language in sorted(spoken) or ["en"]
    )
