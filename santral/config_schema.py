"""The configuration's files, its golden cases and scenarios as JSON Schema, for editors that complete and check while one writes.

Draft 7, which yaml-language-server reads (https://github.com/redhat-developer/yaml-language-server). What no schema can say (that a
queue exists, that a condition's types fit) is told by `santral config check`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from channels import registry
from router.calendars import Calendar, made
from router.campaigns import Branch, Campaign, Segment
from router.config import Config, Rule
from router.messages import ChannelName
from santral.config_cases import Case
from santral.configuration import LISTS, SINGLES
from santral.journey_cases import JourneyCase
from santral.simulation.experiment import POLICIES
from santral.simulation.scenario import Scenario

FOLDER = Path(__file__).parents[1] / "docs" / "schema"
_DRAFT = "http://json-schema.org/draft-07/schema#"
_WORDS: dict[str, str] = {
    "name": "small letters, digits and -, at most 40; one of its kind",
    "Agent.name": "the user name in the user pool",
    "Agent.display_name": "what customers and colleagues read",
    "pool": "agents and conversations are matched inside one pool",
    "Inbox.queue": "where its conversations wait, unless a rule says otherwise",
    "Inbox.language": "that customers are answered in, where nothing else is known of theirs",
    "Inbox.display_name": "the sender's name that customers read",
    "AutomaticAnswers.queue": "whose conversations are answered",
    "Queue.overflow": "queues whose agents help after a while",
    "Queue.first_response_minutes": "the target: minutes of wall-clock time until the first answer",
    "Pool.policy": "who goes first; see docs/routing-policy.md",
    "Presence.label": "what people read, by language",
    "Skill.description": "for people",
    "Routing.units": "capacity units that one conversation takes, by channel",
    "Routing.reopen_hours": "a resolved conversation reopens when its customer writes within so long",
    "Sample.text": "what they write",
    "Sample.subject": "of an e-mail",
    "Sample.kind": "message, or postback for a tapped button",
    "Person.known": "were they met before? Anything said of them says so",
    "Person.language": "that they are known to write in",
    "Visited.days_ago": "how long before the message",
    "Rule.queue": "where the conversation waits",
    "Rule.tags": "that the conversation gets",
    "Webhook.enabled": "false: kept, and nothing is sent",
}
"""What the models do not say themselves, by model and field, or by field alone."""


def config_schema() -> dict[str, Any]:
    """Of any file of the configuration: a mapping of sections, none of which must be there."""
    schema = Config.model_json_schema(ref_template="#/definitions/{model}")
    definitions = schema["$defs"]
    for model in (Rule, Calendar, Segment, Campaign, Branch):
        for field in made(model):
            del definitions[model.__name__]["properties"][field]
    del definitions["Holiday"]
    definitions["Inbox"]["properties"]["channel"]["enum"] = registry.names()
    for path in ("Routing.units", "Routing.handle_minutes", "Routing.offers", "Agent.limits"):
        of, _, field = path.partition(".")
        definitions[of]["properties"][field]["propertyNames"] = {"enum": [str(one) for one in ChannelName]}
    sections = {"format": schema["properties"]["format"]}
    for name, item in LISTS.items():
        sections[name] = {
            "type": "array",
            "minItems": 1,
            "items": {"$ref": f"#/definitions/{item.__name__}"},
            "description": _summary(item),
        }
    for name, single in SINGLES.items():
        sections[name] = {"$ref": f"#/definitions/{single.__name__}", "description": _summary(single)}
    sections["format"]["description"] = "of these files; 1 is the only one"
    return _whole("Santral's configuration", "Any file of config/; see docs/configuration.md.", sections, definitions)


def cases_schema() -> dict[str, Any]:
    """Of a file of golden cases."""
    schema = Case.model_json_schema(ref_template="#/definitions/{model}")
    definitions = schema.pop("$defs")
    definitions["Case"] = {key: value for key, value in schema.items() if key != "$schema"}
    more = JourneyCase.model_json_schema(ref_template="#/definitions/{model}")
    definitions |= more.pop("$defs")
    definitions["JourneyCase"] = more
    models: dict[str, type[BaseModel]] = {"cases": Case, "journeys": JourneyCase}
    sections = {
        name: {
            "type": "array",
            "minItems": 1,
            "items": {"$ref": f"#/definitions/{model.__name__}"},
            "description": _summary(model),
        }
        for name, model in models.items()
    }
    return _whole("Golden cases", "Any file of config/tests/; see docs/configuration.md.", sections, definitions)


def scenario_schema() -> dict[str, Any]:
    """Of a scenario, with the sections of a configuration that may stand in it."""
    schema = Scenario.model_json_schema(ref_template="#/definitions/{model}")
    definitions, properties, config = schema.pop("$defs"), schema["properties"], config_schema()
    inline = {"type": "object", "properties": config["properties"], "additionalProperties": False}
    properties["config"] |= {"anyOf": [{"type": "string"}, inline]}
    properties["policies"] |= {"minItems": 1, "items": {"anyOf": [{"enum": list(POLICIES)}, {"type": "string"}]}}
    definitions["Group"]["properties"]["limits"]["propertyNames"] = {"enum": [str(one) for one in ChannelName]}
    whole = _whole(
        "A scenario", "To be simulated; see docs/simulation.md.", properties, config["definitions"] | definitions
    )
    return whole | {"required": schema["required"]}


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "config.v1.json": config_schema,
    "config-tests.v1.json": cases_schema,
    "scenario.v1.json": scenario_schema,
}


def text(name: str) -> str:
    """A file's text."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n"


def stale(folder: Path = FOLDER) -> list[str]:
    """The files that do not say what the models say."""
    paths = {name: folder / name for name in SCHEMAS}
    return [name for name, path in paths.items() if not path.exists() or path.read_text("utf-8") != text(name)]


def write(folder: Path = FOLDER) -> list[str]:
    """Bring the files up to date; those that were written."""
    names = stale(folder)
    for name in names:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text(name), "utf-8")
    return names


def undescribed() -> list[str]:
    """Fields that an editor could say nothing about."""
    scenario = scenario_schema()
    models = scenario["definitions"] | {"Scenario": scenario}  # those of a configuration are among them
    return [f"{name}.{field}" for name, field, shown in _fields(models) if "description" not in shown]


def _whole(
    title: str, description: str, properties: dict[str, Any], definitions: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    for name, field, shown in _fields(definitions):
        words = _WORDS.get(f"{name}.{field}", _WORDS.get(field))
        if words is not None:
            shown.setdefault("description", words)
    return {
        "$schema": _DRAFT,
        "title": title,
        "description": description,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "definitions": {name: _strict(definition) for name, definition in sorted(definitions.items())},
    }


def _fields(definitions: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, definition in definitions.items():
        for field, shown in definition.get("properties", {}).items():
            yield name, field, shown


def _strict(schema: Any) -> Any:
    """Keys of a mapping that fit no pattern are refused, as the models do; titles, which repeat the names, are left out."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    if "prefixItems" in strict:
        strict["items"] = strict.pop("prefixItems")  # as draft 7 has it
    if "patternProperties" in strict:
        strict.setdefault("additionalProperties", False)
    return strict


def _summary(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().partition("\n\n")[0]
