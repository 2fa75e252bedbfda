"""Errors, named by what the caller does next.

SantralError
├── Refused          refuse the call; nothing is stored            (401/403)
├── Unparsable       authentic but unreadable: quarantine it       (2xx to the provider)
├── TooLarge         refuse for its size, say the limit            (413), mail: quarantine
├── Temporary        try again later, not before `retry_after`
├── Rejected         the provider said no, for good; `suppress` when the address is dead
├── Unknown          the provider may or may not have acted: never guess, park
├── Conflict         somebody else changed it first: read again, decide again
│   └── Lost         a transaction's conditions failed; `names` says which
├── NotFound         no such thing                                 (404)
└── Invalid          the caller's data is wrong: `field` says where (400/422)
"""

from __future__ import annotations

from collections.abc import Sequence


class SantralError(Exception):
    """Root of every error Santral raises on purpose."""


class Refused(SantralError):
    """The caller did not prove who they are. Nothing of the call may be stored."""


class Unparsable(SantralError):
    """The call is authentic, yet its body cannot be read. Keep it in quarantine and answer 2xx."""


class TooLarge(Unparsable):
    """Over a stated limit (bytes, parts, depth)."""


class Temporary(SantralError):
    """The provider cannot take it now. `retry_after` is in seconds, None where the provider did not say."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Rejected(SantralError):
    """The provider refused for good. `suppress`: the address itself is dead or opted out.

    `asked`: they told the provider to stop: everything, with `suppress`, else marketing alone. `credentials`: ours are wrong.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        suppress: bool = False,
        credentials: bool = False,
        asked: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.suppress = suppress
        self.credentials = credentials
        self.asked = asked


class Unknown(SantralError):
    """The call may have been carried out (a time-out after sending, say). Settle by a receipt or park; never repeat blindly."""


class Conflict(SantralError):
    """A condition failed: the item changed since it was read."""


class Lost(Conflict):
    """Conditions failed: `names` are the changes whose condition did."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__("condition failed: " + ", ".join(names))
        self.names = tuple(names)


class NotFound(SantralError):
    """There is no such conversation, message, contact or send."""


class Invalid(SantralError):
    """The caller's data breaks a rule. `field` is a dotted path where one is known."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
