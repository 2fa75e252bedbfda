"""Fields that may be written in two ways: one length or several, a queue or several with weights.

What is wrong is told of the way that was meant, which is plain from what stands there: a list, a mapping, or something else.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator


def one_or_several(one: Any, several: Any) -> WrapValidator:
    """A list is read as several, everything else as one."""
    return _apart((list, tuple), several, one)


def mapping_or(other: Any, mapping: Any) -> WrapValidator:
    """A mapping is read as one, everything else as the other."""
    return _apart((dict,), mapping, other)


def _apart(kinds: tuple[type, ...], way: Any, other: Any) -> WrapValidator:
    first, second = TypeAdapter[Any](way), TypeAdapter[Any](other)

    def read(value: Any, _: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        return (first if isinstance(value, kinds) else second).validate_python(value, context=info.context)

    return WrapValidator(read)
