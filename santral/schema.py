"""The one schema, and the events that others hear of, as JSON Schema for those who read them in other languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from router.catalogue import EVENTS
from router.messages import Message, Receipt

FOLDER = Path(__file__).parents[1] / "docs" / "schema"
MODELS: dict[str, type[BaseModel]] = {
    "message.v1.json": Message,
    "receipt.v1.json": Receipt,
    **{f"events/{event_type}.v1.json": model for event_type, model in EVENTS.items()},
}


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """A model's JSON Schema (2020-12), as it is written out: every field with a default is still there to read."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(mode="serialization"),
    }


def text(model: type[BaseModel]) -> str:
    """The file's text."""
    return json.dumps(schema(model), indent=2, ensure_ascii=False) + "\n"


def stale(folder: Path = FOLDER) -> list[str]:
    """The files that do not say what the models say."""
    paths = {name: folder / name for name in MODELS}
    return [name for name, path in paths.items() if not path.exists() or path.read_text("utf-8") != text(MODELS[name])]


def write(folder: Path = FOLDER) -> list[str]:
    """Bring the files up to date; those that were written."""
    names = stale(folder)
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(MODELS[name]), "utf-8")
    return names
