"""What all sections of the configuration are written in: strict models, names, languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    StringConstraints,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class Model(BaseModel):
    """Frozen, and strict about names: a misspelt key is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


UNCHECKED = "its condition is not checked; load the files by `santral config`"


def like(name: str, known: Iterable[str]) -> str:
    """A hint at what was meant, to end a sentence with."""
    from difflib import get_close_matches  # for who wrote something wrong

    close = get_close_matches(name, sorted(known), 1)
    return f"; is '{close[0]}' meant?" if close else ""


def picked(none: str, *, plain: tuple[type, ...] = (), **models: type[Model]) -> WrapValidator:
    """For a union of models that are told apart by a key: what is wrong is told of the one that is meant, not of all.

    `none` is what to say of something without any of the keys; `plain` are the kinds that are no models.
    """
    kinds = tuple(dict.fromkeys(models.values()))

    def pick(value: Any, follow: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        if isinstance(value, (*kinds, *plain)):
            return follow(value)
        keys = [key for key in models if isinstance(value, dict) and key in value]
        found = list(dict.fromkeys(models[key] for key in keys))
        if len(found) > 1:
            raise ValueError(f"is two things in one, {keys[0]} and {keys[-1]}; write one of them, or each by itself")
        if found:
            return found[0].model_validate(value, context=info.context)
        written = list(map(str, value)) if isinstance(value, dict) else []
        near = next(filter(None, (like(key, models) for key in written)), "")
        raise ValueError(f"{none} {', '.join(models)}{near}")

    return WrapValidator(pick)
