"""One request of the API, taken apart: who asks, for what, with which key. And one call of the API: what answers it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from router.errors import Invalid
from router.exchange import Exchange
from router.gateway import body_of
from router.once import User

_MARK = re.compile(r"0|\d{13}#[!-~]{1,200}")
AnyBody = TypeVar("AnyBody", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, from an event of API Gateway's HTTP API. `parts` are those of its path that name something."""

    event: Mapping[str, Any] = field(repr=False)
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def user(self) -> User:
        """Who calls, from the claims that API Gateway verified, or the machine that proved itself. Raises Refused for others."""
        authorizer = self.event.get("requestContext", {}).get("authorizer") or {}
        machine = authorizer.get("machine")
        if isinstance(machine, User):  # no JSON can hold one: the handler put it there
            return machine
        claims = authorizer.get("jwt", {}).get("claims", {})
        name = str(claims.get("cognito:username") or claims.get("username") or "")
        groups = str(claims.get("cognito:groups", "")).strip("[]").replace(",", " ").split()
        roles = frozenset(groups) & {"agent", "supervisor", "admin"}
        found = User(
            name, frozenset() if name.startswith(("client:", "bus:")) else roles
        )  # so the audit calls machines
        found.need("agent")
        return found

    @property
    def headers(self) -> dict[str, str]:
        """Its headers, by lower-case name."""
        return {str(name).lower(): str(value) for name, value in (self.event.get("headers") or {}).items()}

    @property
    def key(self) -> str:
        """The Idempotency-Key header."""
        return self.headers.get("idempotency-key", "")

    @property
    def limit(self) -> int:
        """How many rows are asked for, 50 without it. Raises Invalid."""
        value = self.query("limit") or "50"
        if not (value.isascii() and value.isdigit() and len(value) < 6) or not 1 <= int(value) <= 100:
            raise Invalid("limit is a number from 1 to 100", field="limit")
        return int(value)

    def path(self, name: str) -> str:
        """A part of the path."""
        return self.parts[name]

    def query(self, name: str) -> str | None:
        """A query parameter; None when absent or empty."""
        value = (self.event.get("queryStringParameters") or {}).get(name)
        return str(value) if value else None

    def time(self, name: str) -> datetime | None:
        """A query parameter that is a time or a day, UTC where it names no offset; None without it. Raises Invalid."""
        value = self.query(name)
        if value is None:
            return None
        try:
            found = datetime.fromisoformat(value)
            return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Invalid("a time is like 2026-03-02 or 2026-03-02T09:00:00Z", field=name) from None

    def mark(self, name: str) -> str | None:
        """A place in a list by time, as `next` gives it; None without one, 0 before all. Raises Invalid for what is none of ours."""
        value = self.query(name)
        if value is not None and not _MARK.fullmatch(value):
            raise Invalid("this cursor is not one of ours", field=name)
        return value

    def body(self, model: type[AnyBody]) -> AnyBody:
        """The request's JSON as a model; Invalid names the field that is wrong."""
        try:
            return model.model_validate_json(body_of(self.event) or b"{}")
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or None
            raise Invalid(f"{where or 'the body'}: {first['msg']}", field=where) from None


@dataclass(frozen=True, slots=True)
class Call:
    """One call and what answers it. A part of `path` in braces is what `Asked.path` gives by that name."""

    method: str
    path: str
    answer: Callable[[Exchange, Asked], BaseModel]
    status: int = 200
