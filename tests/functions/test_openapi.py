"""The API's document says what the API does."""

import json
import re
from pathlib import Path

from openapi_spec_validator import validate

from functions.api import app
from router.openapi import OPERATIONS, document
from tests.kit.world import World

CHECKED_IN = Path(__file__).resolve().parent.parent.parent / "docs" / "openapi.json"
PAGES = {("get", path) for path in ("/", "/desk", "/chat/{inbox}", "/web/{name}", "/web/config.json", "/openapi.json")}
PAGES |= {("get", "/u/{token}"), ("post", "/u/{token}")}  # a page and its form, for people and mail programs
PAGES |= {
    ("get", "/s/{token}"),
    ("post", "/s/{token}"),
    ("get", "/l/{code}"),
    ("head", "/l/{code}"),
}  # surveys, tracked links


def routes() -> set[tuple[str, str]]:
    """Method and path of every route of the resolver."""
    return {
        (str(route.method).lower(), re.sub(r"<(\w+)>", r"{\1}", route.path))
        for route in [*app._static_routes, *app._dynamic_routes]
    }


def test_every_operation_has_a_route_and_every_route_an_operation() -> None:
    assert routes() - PAGES == {(operation.method, operation.path) for operation in OPERATIONS}


def test_the_document_is_valid_openapi() -> None:
    validate(document())


def test_the_document_in_docs_is_current() -> None:
    assert json.loads(CHECKED_IN.read_text("utf-8")) == document(), (
        "run `.venv/bin/santral openapi > docs/openapi.json`"
    )


def test_the_api_serves_its_document(world: World) -> None:
    assert world.call("GET", "/openapi.json", user=None) == (200, document())
