"""Failures to order: what the next answers to a customer meet at the provider."""

from __future__ import annotations

from typing import Final

BUSY: Final = "busy"  # too many calls: refused for now
DOWN: Final = "down"  # the provider broke: 5xx
REFUSED: Final = "refused"  # refused for good: blocked, gone
LOST: Final = "lost"  # taken, and reported as failed later (WhatsApp; elsewhere the same as refused)
SILENT: Final = "silent"  # taken and delivered, yet the answer never comes
KINDS: Final = (BUSY, DOWN, REFUSED, LOST, SILENT)
ANYBODY: Final = ""


class Faults:
    """What was ordered, by inbox and customer; each is played as often as was asked, then it is over."""

    def __init__(self) -> None:
        self._ordered: dict[tuple[str, str], list[str]] = {}

    def order(self, inbox: str, customer: str, kind: str, times: int = 1) -> None:
        """The next `times` answers to this customer fail so; none for an empty `kind`. Empty customer: whoever is next."""
        if kind and kind not in KINDS:
            raise ValueError(f"there is no failure '{kind}'; there are: {', '.join(KINDS)}")
        self._ordered[inbox, customer] = [kind] * times if kind else []

    def take(self, inbox: str, customer: str) -> str | None:
        """What happens to this answer, which uses the order up."""
        for key in ((inbox, customer), (inbox, ANYBODY)):
            if ordered := self._ordered.get(key):
                return ordered.pop(0)
        return None

    def state(self) -> list[dict[str, str | int]]:
        """What is still to come, for the page."""
        return [
            {"inbox": inbox, "customer": customer, "kind": ordered[0], "times": len(ordered)}
            for (inbox, customer), ordered in self._ordered.items()
            if ordered
        ]
