"""One decision of the matcher's, and its replay, as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from router.asked import Asked, Call
from router.decisions import FORMAT, in_names
from router.errors import Invalid, NotFound
from router.exchange import Exchange
from router.ids import split_decision_id
from router.messages import Time
from router.replaying import Kept, Replay, Source, found, replay
from router.views import View


class DecisionView(View):
    """Why somebody was given a conversation, or nobody."""

    id: str
    conversation: str
    at: Time
    source: Literal["table", "archive"] = Field(description="where it was found")
    record: dict[str, Any] = Field(
        description="policy, score, who fitted, and each other agent under the first reason that excluded them; of more than "
        "100 agents how many they are"
    )


class DifferenceView(View):
    """One thing that came out otherwise."""

    where: str = Field(description="its place in the record, dotted")
    kept: Any = None
    made: Any = None


class ReplayView(View):
    """A decision made again from what it saw, compared with what was kept."""

    decision: str
    source: Literal["table", "archive"]
    same: bool = Field(description="the same bytes came out")
    sha256: str = Field(description="of the kept record as canonical JSON")
    config: str = Field(description="the version of the configuration")
    policy: str
    pool: str
    roster: str = Field(description="the hash of the roster it names")
    judged: bool = Field(description="the rules were judged again, too")
    differences: tuple[DifferenceView, ...] = ()
    erased: tuple[str, ...] = Field(
        default=(), description="inputs of the rules that are gone: the rest was made again without them"
    )
    present: tuple[str, ...] = Field(default=(), description="inputs of the rules that were taken as they are today")
    problem: str | None = Field(default=None, description="why it could not be made again, or the rules not judged")


def replay_view(one: Replay) -> ReplayView:
    """A replay."""
    return ReplayView(
        decision=one.decision,
        source=one.source,
        same=one.same,
        sha256=one.sha256,
        config=one.named("config"),
        policy=one.named("policy"),
        pool=one.named("pool"),
        roster=one.named("roster"),
        judged=one.judged,
        differences=tuple(DifferenceView(where=d.where, kept=d.kept, made=d.made) for d in one.differences),
        erased=one.erased,
        present=one.present,
        problem=one.problem,
    )


def decision_view(x: Exchange, decision_id: str, source: Source | None) -> DecisionView:
    """A decision with its agents by name. Raises NotFound."""
    where, kept = found(_kept(x), decision_id, source)
    conversation, ms = split_decision_id(decision_id) or ("", 0)
    shown = dict(kept)
    if shown.get("v") == FORMAT:
        with suppress(NotFound, KeyError, ValueError, TypeError):
            shown = in_names(shown, x.version(shown["config"]))
    shown.pop("seen", None)
    return DecisionView(
        id=decision_id, conversation=conversation, at=datetime.fromtimestamp(ms / 1000, UTC), source=where, record=shown
    )


def _kept(x: Exchange) -> Kept:
    return Kept(x.table, x.blobs, x.version)


def _source(asked: Asked) -> Source | None:
    match asked.query("from"):
        case None:
            return None
        case "table":
            return "table"
        case "archive":
            return "archive"
        case _:
            raise Invalid("from is table or archive", field="from")


def _decision(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("supervisor")
    return decision_view(x, asked.path("decision"), _source(asked))


def _replay(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("supervisor")
    return replay_view(replay(_kept(x), asked.path("decision"), _source(asked)))


CALLS: Iterable[Call] = (
    Call("get", "/v1/decisions/{decision}", _decision),
    Call("get", "/v1/decisions/{decision}/replay", _replay),
)
