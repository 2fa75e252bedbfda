"""The configuration's YAML files: read from a directory, checked, and named by their content's hash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from channels import registry
from router.catalogue import EVENTS, matches
from router.config import Agent, AutomaticAnswers, Config, Inbox, Queue, Routing, Rule, Webhook
from router.errors import Invalid
from router.hours import Hours
from santral import answer_texts, rule_files
from santral.answer_texts import Fault

__all__ = ["BadConfiguration", "Fault", "load", "version_of"]

LISTS: dict[str, type[BaseModel]] = {
    "inboxes": Inbox, "queues": Queue, "agents": Agent, "webhooks": Webhook, "hours": Hours, "answers": AutomaticAnswers,
    "rules": Rule,
}  # fmt: skip
_NAMED = re.compile(r"^(inbox|queue|agent|webhook|hours|rule|answers of queue) '([^']*)'")
_SECTION = {
    "inbox": "inboxes", "queue": "queues", "agent": "agents", "webhook": "webhooks", "hours": "hours", "answers of queue": "answers",
    "rule": "rules",
}  # fmt: skip


class BadConfiguration(Invalid):
    """The files do not make a configuration; `faults` says why, all of them at once."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults), field=faults[0].field or None)
        self.faults = faults


def load(directory: Path) -> Config:
    """The configuration in all *.yaml files of a directory, its version set. Raises BadConfiguration."""
    paths = sorted([*directory.glob("*.yaml"), *directory.glob("*.yml")])
    if not paths:
        raise BadConfiguration([Fault(str(directory), "", "there is no *.yaml file here")])
    faults: list[Fault] = []
    merged: dict[str, Any] = {}
    where: dict[tuple[str, str], str] = {}
    for path in paths:
        for section, content in _read(path, faults).items():
            _merge(merged, where, path.name, section, content, faults)
    rules = merged.pop("rules", [])
    if faults:
        with suppress(
            ValidationError
        ):  # where all that conditions name is right, their faults are told with the others
            rule_files.checked(paths, rules, Config.model_validate(merged), faults)
        raise BadConfiguration(faults)
    try:
        config = Config.model_validate(merged)
        config = Config.model_validate({**merged, "rules": rule_files.checked(paths, rules, config, faults)})
    except ValidationError as error:
        raise BadConfiguration([*faults, *_crossing(error, where, directory.name)]) from None
    faults += [
        *_inboxes(config, where, directory.name),
        *_shared(config, where, directory.name),
        *_stuck(config, where, directory.name),
        *_webhooks(config, where, directory.name),
        *answer_texts.faults(config, where, directory.name),
    ]
    if faults:
        raise BadConfiguration(faults)
    return config.model_copy(update={"version": version_of(config)})


def version_of(config: Config) -> str:
    """The content's hash: the same configuration has the same version, however its files are cut."""
    content = json.dumps(
        config.model_dump(exclude={"version"}),
        default=sorted,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _merge(
    merged: dict[str, Any],
    where: dict[tuple[str, str], str],
    file: str,
    section: str,
    content: Any,
    faults: list[Fault],
) -> None:
    if section == "format":
        merged["format"] = content
    elif section == "routing":
        if "routing" in merged:
            faults.append(Fault(file, section, "is already in another file"))
        _check(Routing, content, file, section, faults)
        merged["routing"] = content
    elif section in LISTS:
        if not content and content in (None, []):
            faults.append(Fault(file, "", f"defines no {section}"))
            return
        if not isinstance(content, list):
            faults.append(Fault(file, section, "must be a list"))
            return
        for index, item in enumerate(content):
            _check(LISTS[section], item, file, f"{section}[{index}]", faults)
            name = item.get("queue" if section == "answers" else "name") if isinstance(item, dict) else None
            if isinstance(name, str):
                where.setdefault((section, name), file)
        merged.setdefault(section, []).extend(content)
    else:
        known = ", ".join([*LISTS, "routing", "format"])
        faults.append(Fault(file, section, f"is not known here; known are {known}"))


def _check(model: type[BaseModel], item: Any, file: str, place: str, faults: list[Fault]) -> None:
    try:
        model.model_validate(item)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            at = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"])
            name = f" ({item['name']})" if isinstance(item, dict) and "name" in item else ""
            faults.append(Fault(file, f"{place}{at}{name}", _plainly(model, detail)))


def _plainly(model: type[BaseModel], detail: Any) -> str:
    """Pydantic's finding in words for who writes the file."""
    if detail["type"] == "extra_forbidden":
        return f"is not known here; known are {', '.join(name for name in model.model_fields if name != 'checked')}"
    if detail["type"] == "string_pattern_mismatch" and {"language", "languages", "[key]"} & set(detail["loc"]):
        return "must be a language tag such as tr or en-GB"
    return str(detail["msg"])


def _inboxes(config: Config, where: dict[tuple[str, str], str], directory: str) -> Iterator[Fault]:
    """Inboxes that no channel serves, that shadow each other, or that could not send."""
    first: dict[tuple[str, str], str] = {}
    for index, inbox in enumerate(config.inboxes):
        file, place = where.get(("inboxes", inbox.name), directory), f"({inbox.name})"
        if inbox.channel not in registry.names():
            what = f"there is no channel '{inbox.channel}'; write one of {', '.join(registry.names())}"
            yield Fault(file, f"inboxes[{index}].channel {place}", what)
            continue
        if inbox.channel == "twilio" and not inbox.secret:
            what = "is missing; name the key of the Twilio credentials inside the provider secret, such as twilio"
            yield Fault(file, f"inboxes[{index}].secret {place}", what)
        if inbox.channel == "webchat":
            continue  # its address is a label, its name is what is looked up
        found = config.inbox_by_address(inbox.channel, inbox.address)
        name = first.setdefault((inbox.channel, found.name if found else inbox.name), inbox.name)
        if name != inbox.name:
            what = f"'{inbox.address}' is the address of inbox '{name}' already; give each inbox its own"
            yield Fault(file, f"inboxes[{index}].address {place}", what)


def _shared(config: Config, where: dict[tuple[str, str], str], directory: str) -> Iterator[Fault]:
    """Inboxes behind one webhook whose calls could not be told apart."""
    first: dict[tuple[str, str, str], str] = {}
    for index, inbox in enumerate(config.inboxes):
        channel = registry.get(inbox.channel) if inbox.channel in registry.names() else None
        if channel is None or not channel.shared or inbox.secret is None:
            continue
        others = [one.name for one in config.inboxes if (one.channel, one.secret) == (inbox.channel, inbox.secret)]
        file, account = where.get(("inboxes", inbox.name), directory), channel.account(inbox)
        if not account and len(others) > 1:
            setting = (
                "settings.phone_number_id" if inbox.channel == "whatsapp" else "settings.page_id or a numeric address"
            )
            what = (
                f"inboxes {', '.join(others)} have the same credentials, so one webhook calls for all of them: "
                f"say by {setting} which account is this one's"
            )
            yield Fault(file, f"inboxes[{index}] ({inbox.name})", what)
        name = first.setdefault((inbox.channel, inbox.secret, account), inbox.name)
        if account and name != inbox.name:
            what = f"the account {account} is that of inbox '{name}' already: each message would come twice"
            yield Fault(file, f"inboxes[{index}] ({inbox.name})", what)


def _stuck(config: Config, where: dict[tuple[str, str], str], directory: str) -> Iterator[Fault]:
    """Queues in which a conversation would wait for ever: it weighs more than any of their agents can hold."""
    for index, queue in enumerate(config.queues):
        able = [agent.units for agent in config.agents if queue.skill in agent.skills and agent.pool == queue.pool]
        for inbox in config.inboxes:
            channel = "sms" if inbox.channel == "twilio" else inbox.channel
            weight = config.routing.weight(channel)
            if inbox.queue == queue.name and max(able, default=weight) < weight:
                file = where.get(("queues", queue.name), directory)
                what = (
                    f"a conversation of inbox '{inbox.name}' weighs {weight} units and no agent has more than {max(able)}: "
                    f"it waits for ever; give an agent more `units`, or lower routing.units.{channel}"
                )
                yield Fault(file, f"queues[{index}] ({queue.name})", what)


def _webhooks(config: Config, where: dict[tuple[str, str], str], directory: str) -> Iterator[Fault]:
    """Webhooks that wait for events that never come."""
    for index, webhook in enumerate(config.webhooks):
        for pattern in webhook.events:
            if not any(matches(pattern, event_type) for event_type in EVENTS):
                file = where.get(("webhooks", webhook.name), directory)
                what = f"'{pattern}' means no event; they are in docs/events.md, such as conversation.* or message.received"
                yield Fault(file, f"webhooks[{index}].events ({webhook.name})", what)


def _crossing(error: ValidationError, where: dict[tuple[str, str], str], directory: str) -> list[Fault]:
    """Faults between files; the file is the one that defines what the sentence begins with."""
    faults = []
    for detail in error.errors(include_url=False):
        cause = detail.get("ctx", {}).get("error")
        for sentence in (str(cause) if cause is not None else detail["msg"]).split("; "):
            named = _NAMED.match(sentence)
            file = where.get((_SECTION[named[1]], named[2])) if named else None
            faults.append(Fault(file or directory, ".".join(str(part) for part in detail["loc"]), sentence))
    return faults


class _Loader(yaml.SafeLoader):
    """Refuses a key given twice: YAML lets the last one win without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"the key '{key}' is given twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _read(path: Path, faults: list[Fault]) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        faults.append(Fault(path.name, f"line {mark.line + 1}" if mark else "", error.problem or "is not YAML"))
        return {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.append(Fault(path.name, "", f"is not YAML: {error}"))
        return {}
    if content is None:
        known = path.stem in (*LISTS, "routing")
        faults.append(Fault(path.name, "", f"defines no {path.stem}" if known else "is empty; fill it or delete it"))
        return {}
    if not isinstance(content, dict):
        faults.append(Fault(path.name, "", "must be a mapping at its top"))
        return {}
    return {str(key): value for key, value in content.items()}
