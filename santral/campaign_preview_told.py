"""A preview as people read it: who gets what and when, what is read, why the others get nothing, and what it costs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from textwrap import wrap
from typing import Any

from router.launching import LEAST
from router.outreach_values import MILLIONTHS
from router.times import to_ms
from router.zones import wall, zone
from santral.campaign_preview import Preview
from santral.preview_sums import Outcome, Refused, Sums, local

WIDTH = 100
_TEXTS = 8
_NARROW = 60


def told(preview: Preview, shown: Sequence[Outcome], notes: Sequence[str] = ()) -> Iterator[str]:
    """All of it, a line at a time, none longer than the terminal or a hundred columns."""
    width = max(_NARROW, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))
    for line in _lines(preview, shown, notes, width):
        yield line.rstrip()[:width]


def record(preview: Preview, notes: Sequence[str] = ()) -> dict[str, Any]:
    """The sums, as JSON has them."""
    sums, plan = preview.sums, preview.plan
    total = sum(sums.cost.values()) / MILLIONTHS
    budget = plan.campaign.budget
    return {
        "campaign": plan.campaign.name,
        "at": plan.at.isoformat(timespec="minutes"),
        "zone": preview.zone,
        "contacts": sums.looked,
        "for": sums.begun,
        "people": sums.people,
        "messages": dict(sums.messages.most_common()),
        "parts": dict(sums.parts),
        "variants": dict(sorted(sums.variants.items())),
        "nothing": {code: {"count": count, "told": sums.told[code]} for code, count in sums.reasons.most_common()},
        "refused": sum(one.count for one in sums.refused.values()),
        "refused_for": [one.record() for one in _by_count(sums)],
        "cost": {channel: cost / MILLIONTHS for channel, cost in sums.cost.items()},
        "total": total,
        "currency": preview.config.outreach.currency,
        "budget": budget.most if budget is not None else None,
        "share": round(sums.share, 1),
        "share_of": "stack" if plan.whole else "file",
        "allowed_share": preview.limit,
        "asks": preview.asks,
        "seconds": {inbox: round(count / rate) for inbox, count, rate in preview.rates()},
        "notes": list(notes),
    }


def _lines(preview: Preview, shown: Sequence[Outcome], notes: Sequence[str], width: int) -> Iterator[str]:
    sums = preview.sums
    yield from _folded(_title(preview), width)
    for note in notes:
        yield from _folded(note, width)
    yield ""
    yield (
        f"{_n(sums.people)} of {_counted(sums.looked, 'contact')} get it, "
        f"{_counted(sum(sums.messages.values()), 'message')} in all."
    )
    if sums.refused:
        count = sum(one.count for one in sums.refused.values())
        yield ""
        yield f"{_counted(count, 'row')} cannot be taken in"
        yield from _refused(sums, width)
    if shown:
        yield ""
        yield from _table(shown, width)
        more = sums.people - len(shown)
        if more > 0:
            yield f"... and {_n(more)} more: see --limit, and --json for all of them"
    yield from _texts(sums, width)
    yield from _reasons(sums, width)
    yield from _costs(preview)
    yield from _rest(preview, width)


def _by_count(sums: Sums) -> list[Refused]:
    return sorted(sums.refused.values(), key=lambda one: -one.count)


def _refused(sums: Sums, width: int) -> Iterator[str]:
    """Why, with the first lines of each reason."""
    found = _by_count(sums)
    size = max(len(_n(one.count)) for one in found)
    for one in found:
        before = f"  {_n(one.count):>{size}}  "
        lines = ", ".join(map(str, one.lines))
        more = f" and {_n(one.count - len(one.lines))} more" if one.count > len(one.lines) else ""
        text = (
            f"{f'{one.column}: ' if one.column else ''}{one.reason} (line{'' if one.count == 1 else 's'} {lines}{more})"
        )
        yield from wrap(text, width, initial_indent=before, subsequent_indent=" " * len(before), break_on_hyphens=False)


def _title(preview: Preview) -> str:
    plan, of = preview.plan, preview.zone
    clock = "by each recipient's clock" if of == "recipient" else of
    when = f"{plan.at:%A} {plan.at.day} {plan.at:%B %Y %H:%M} {clock}"
    if of not in ("recipient", "UTC"):
        when += f" ({preview.at:%Y-%m-%d %H:%M} UTC)"
    return f"Campaign {plan.campaign.name}, as if it were set off on {when}, and nobody answered for {plan.days} days."


def _table(shown: Sequence[Outcome], width: int) -> Iterator[str]:
    """A line for each message of those that are shown."""
    rows = [
        (
            f"{local(left.at, one.zone):%Y-%m-%d %H:%M}",
            f"{left.at:%m-%d %H:%M}",
            f"{left.channel}" + (f" ({left.parts})" if left.parts > 1 else ""),
            left.variant,
            _cut(one.who, 20) if number == 0 else "",
            " ".join((left.send.message.subject or left.send.message.text).split()),
        )
        for one in shown
        for number, left in enumerate(one.left)
    ]
    head = ("when, local", "UTC", "channel", "variant", "who", "what they read")
    kept = [column for column in range(len(head)) if column != 3 or any(row[3] for row in rows)]
    sizes = [max(len(row[column]) for row in (head, *rows)) for column in kept]
    for row in (head, *rows):
        cells = [f"{row[column]:<{size}}" for column, size in zip(kept, sizes, strict=True)]
        yield _cut("  ".join(cells).rstrip(), width)


def _texts(sums: Sums, width: int) -> Iterator[str]:
    """One message of each text, whole."""
    if sums.texts:
        yield ""
        yield "What they read"
    for (template, variant, channel, language), left in list(sums.texts.items())[:_TEXTS]:
        name = "/".join(filter(None, (template, variant)))
        parts = f", {left.parts} SMS part{'s' if left.parts > 1 else ''}" if channel == "sms" else ""
        yield f"  {name}, {channel}, {language}{parts}"
        message = left.send.message
        for line in (*([message.subject] if message.subject else []), *message.text.splitlines()):
            yield from wrap(line, width, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False) or [
                ""
            ]
    if len(sums.texts) > _TEXTS:
        yield f"  ... and {len(sums.texts) - _TEXTS} more texts"


def _reasons(sums: Sums, width: int) -> Iterator[str]:
    if sums.reasons:
        yield ""
        yield "Who gets nothing"
    size = max((len(_n(count)) for count in sums.reasons.values()), default=0)
    for code, count in sums.reasons.most_common():
        before = f"  {_n(count):>{size}}  "
        yield from wrap(
            f"{sums.told[code]} [{code}]", width, initial_indent=before, subsequent_indent=" " * len(before),
            break_on_hyphens=False,
        )  # fmt: skip


def _costs(preview: Preview) -> Iterator[str]:
    sums, currency = preview.sums, preview.config.outreach.currency
    if not sums.messages:
        return
    yield ""
    yield "What it costs"
    rows = [
        (channel, _counted(count, "message"), _counted(sums.parts[channel], "part") if channel == "sms" else "",
         _money(sums.cost[channel] / MILLIONTHS, currency))
        for channel, count in sums.messages.most_common()
    ]  # fmt: skip
    total = sum(sums.cost.values()) / MILLIONTHS
    rows.append(("total", "", "", _money(total, currency)))
    sizes = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        yield f"  {row[0]:<{sizes[0]}}  {row[1]:>{sizes[1]}}  {row[2]:>{sizes[2]}}  {row[3]:>{sizes[3]}}"
    unpriced = [channel for channel in sums.messages if channel not in map(str, preview.config.outreach.prices)]
    if unpriced:
        yield f"  No price is written for {', '.join(unpriced)}: see outreach.prices."
    budget = preview.plan.campaign.budget
    if budget is not None:
        enough = (
            f"{100 * total / budget.most:.0f}% of its budget"
            if total <= budget.most
            else "more than its budget: it would stop"
        )
        yield f"  {enough} ({_money(budget.most, currency)})"


def _rest(preview: Preview, width: int) -> Iterator[str]:
    """Variants, how long it takes, and the guard."""
    sums = preview.sums
    lines = list[str]()
    if sums.variants:
        shares = ", ".join(f"{name} {_n(count)}" for name, count in sorted(sums.variants.items()))
        lines.append(
            f"Variants: {shares}. Who gets which is by chance of the deployment's own; the numbers hold, the names need not."
        )
    if sums.first is not None and sums.last is not None:
        lines.append(f"The first leaves {_both(preview, sums.first)}, the last {_both(preview, sums.last)}.")
    for inbox, count, rate in preview.rates():
        lines.append(
            f"Inbox {inbox} sends {rate:g} a second: {_counted(count, 'message')} take it {_span(count / rate)}."
        )
    limit = preview.limit
    if limit is not None:
        what = "a run waits until somebody confirms it" if preview.asks else "a run asks nobody"
        if not preview.asks and sums.share > limit:
            what += f", as these are fewer than {LEAST}"
        lines.append(
            f"It is for {sums.share:.0f}% of these contacts, and {limit:g}% may be written to without a word: {what}."
            + (
                ""
                if preview.plan.whole
                else " That is the share of this file; a run goes by that of the stack's contacts."
            )
        )
    if lines:
        yield ""
    for line in lines:
        yield from _folded(line, width)


def _both(preview: Preview, at: datetime) -> str:
    shown = wall(zone(preview.home), to_ms(at))
    return f"{shown:%Y-%m-%d %H:%M} {preview.home}"


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _n(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def _counted(count: int, of: str) -> str:
    return f"{_n(count)} {of}{'' if count == 1 else 's'}"


def _money(amount: float, currency: str) -> str:
    """With as many digits as a small sum needs to be seen."""
    return f"{amount:,.{2 if amount >= 1 or not amount else 4}f} {currency}".replace(",", " ")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _folded(text: str, width: int) -> list[str]:
    return wrap(text, width, break_on_hyphens=False)
