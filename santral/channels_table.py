"""The tables of docs/channels.md: what the channels' own data says, as Markdown. A test holds page and data together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from channels import registry
from router import parts
from router.config import Routing
from router.limits import Limits
from router.messages import ChannelName, ReceiptStatus

PAGE = Path(__file__).resolve().parent.parent / "docs" / "channels.md"
FEATURES = ("text", "files", "taps", "quotes", "places", "reactions", "edits", "unsends", "albums", "echoes")

_ALL_BUT = frozenset(FEATURES)
COMES_IN: Mapping[tuple[str, ChannelName], frozenset[str]] = {
    ("email", ChannelName.EMAIL): frozenset({"text", "files", "quotes"}),
    ("instagram", ChannelName.INSTAGRAM): _ALL_BUT - {"places", "albums"},
    ("messenger", ChannelName.MESSENGER): _ALL_BUT - {"unsends", "albums"},
    ("telegram", ChannelName.TELEGRAM): _ALL_BUT,
    ("twilio", ChannelName.SMS): frozenset({"text", "files", "taps"}),
    ("twilio", ChannelName.WHATSAPP): frozenset({"text", "files", "taps", "quotes", "places", "reactions"}),
    ("twilio", ChannelName.MESSENGER): frozenset({"text"}),
    ("webchat", ChannelName.WEBCHAT): frozenset({"text"}),
    ("whatsapp", ChannelName.WHATSAPP): _ALL_BUT - {"albums"},
}
"""What a test finds among the samples of each channel, and nothing more."""

QUOTES = frozenset({"email", "telegram", "whatsapp"})  # an answer shows what it answers

_UNITS = {"characters": "characters", "utf16": "UTF-16 units", "bytes": "bytes"}
_NAMES = {"taps": "buttons tapped", "unsends": "withdrawals", "echoes": "echoes of answers given elsewhere"}


def tables() -> dict[str, str]:
    """Each table by the name of its place on the page."""
    made: dict[str, Callable[[], str]] = {
        "inbound": inbound,
        "outbound": outbound,
        "limits": limits,
        "receipts": receipts,
        "access": access,
        "degrade": degrade,
        "fallback": fallback,
    }
    return {name: make() for name, make in made.items()}


def filled(page: str) -> str:
    """The page with its tables as they are now."""
    for name, table in tables().items():
        begin, end = f"<!-- santral channels: {name} -->", "<!-- end -->"
        place = re.compile(re.escape(begin) + r"\n.*?" + re.escape(end), re.DOTALL)
        page = place.sub(lambda _, text=f"{begin}\n{table}\n{end}": text, page)  # type: ignore[misc]
    return page


def inbound() -> str:
    """What comes in."""
    head = ["in", *(_NAMES.get(one, one) for one in FEATURES)]
    rows = [
        [_shown(name, on), *("yes" if one in COMES_IN[name, on] else "–" for one in FEATURES)]
        for name, on, _ in _ways()
    ]
    return _table(head, rows)


def outbound() -> str:
    """What goes out as it is; all else degrades."""
    head = [
        "out",
        "text",
        "files in one message",
        "text beside a file",
        "buttons",
        "links to tap",
        "list",
        "templates",
        "quotes",
    ]
    rows = []
    for name, on, one in _ways():
        buttons = f"{one.buttons} of {one.button_title}" if one.buttons else "–"
        menu = f"{one.menu} rows of {one.menu_title}" if one.menu else "–"
        rows.append(
            [
                _shown(name, on), "yes", str(one.files or "–"), _caption(one), buttons, str(one.link_buttons or "–"), menu,
                _yes(one.templates), _yes(name in QUOTES),
            ]
        )  # fmt: skip
    return _table(head, rows)


def limits() -> str:
    """Lengths, sizes, windows, rates."""
    head = ["limit", "text", "largest file", "all files together", "free answers for", "a person's", "a second"]
    rows = []
    for name, on, one in _ways():
        text = f"{one.text:,} {_UNITS[one.unit]}" if one.text is not None else "none reached"
        together = _bytes(one.all_bytes) if one.all_bytes is not None else "–"
        rate = f"{one.sends_per_second:g}" if one.sends_per_second is not None else "–"
        window = [_span(span) for span in (one.window, one.human_window)]
        rows.append([_shown(name, on), text, "<br>".join(_files(one)) or "–", together, *window, rate])
    return _table(head, rows)


def receipts() -> str:
    """The receipts that really come."""
    order = [one for one in ReceiptStatus if one is not ReceiptStatus.UNKNOWN]
    rows = [[_shown(name, on), *(_yes(str(s) in one.receipts) for s in order)] for name, on, one in _ways()]
    return _table(["receipts", *map(str, order)], rows)


def access() -> str:
    """Whose calls are taken, by which credentials, and where files are fetched from."""
    rows = []
    for channel in map(registry.get, registry.names()):
        rotated = [f"`{name}_previous`" for name in channel.secrets if f"{name}_previous" in ROTATED]
        rows.append(
            [
                f"`{channel.name}`", _coded(channel.secrets), ", ".join(rotated) or "–", _coded(channel.media_hosts),
                "all inboxes with the same `secret`" if channel.shared else "one inbox" if channel.secrets else "–",
            ]
        )  # fmt: skip
    return _table(["channel", "credentials", "taken too while rotating", "hosts of files", "a webhook serves"], rows)


ROTATED = frozenset({"auth_token_previous", "app_secret_previous", "verify_token_previous", "webhook_secret_previous"})


def degrade() -> str:
    """The table of router/parts.py, which the code follows."""
    return "\n".join(line for line in (parts.__doc__ or "").splitlines() if line.startswith("|"))


def fallback() -> str:
    """The default order."""
    return "`" + "`, `".join(Routing().fallback) + "`"


def _ways() -> Iterable[tuple[str, ChannelName, Limits]]:
    for channel in map(registry.get, registry.names()):
        for on, one in channel.limits.items():
            yield channel.name, on, one


def _shown(name: str, on: ChannelName) -> str:
    return f"`{name}`" if registry.get(name).channel == on == name else f"`{name}`: {on}"


def _caption(one: Limits) -> str:
    if one.caption is None:
        return "yes"
    return f"{one.caption:,}" if one.caption and one.files else "–"


def _files(one: Limits) -> list[str]:
    """Types by size, the largest first."""
    by_size: dict[int, list[str]] = {}
    for pattern, most in one.file_bytes.items():
        by_size.setdefault(most, []).append("any other" if pattern == "*" and len(one.file_bytes) > 1 else pattern)
    return [
        f"{_bytes(most)}: {', '.join('any' if kind == '*' else kind for kind in kinds)}"
        for most, kinds in sorted(by_size.items(), reverse=True)
    ]


def _bytes(most: int) -> str:
    for unit, size in (("MiB", 1024 * 1024), ("MB", 1_000_000), ("kB", 1000)):
        if most % size == 0:
            return f"{most // size} {unit}"
    return f"{most:,} bytes"


def _span(span: timedelta | None) -> str:
    if span is None:
        return "–"
    hours = int(span.total_seconds() // 3600)
    return f"{hours} hours" if hours <= 48 else f"{hours // 24} days"


def _yes(value: bool) -> str:
    return "yes" if value else "–"


def _coded(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "–"


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
