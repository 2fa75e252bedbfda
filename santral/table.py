"""The live table of the sample conversations; plain lines where there is no terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from santral.samples import Sample

HEADINGS = ("channel", "received", "conversation", "queue", "agent", "answer due", "reply", "delivered")


def cells(sample: Sample) -> tuple[str, ...]:
    """One row; what is still to come is a dot, where it failed says why."""
    row = (
        sample.channel,
        clock(sample.received),
        short(sample.conversation),
        sample.queue,
        sample.agent,
        clock(sample.due),
        clock(sample.answered),
        clock(sample.delivered),
    )
    return tuple(cell or "·" for cell in row)


def clock(time_: datetime | None) -> str:
    """Local time of day."""
    return time_.astimezone().strftime("%H:%M:%S") if time_ else ""


def short(conversation: str) -> str:
    """Enough of a conversation's id to tell it apart: c_abcdef….brand.1."""
    head, dot, rest = conversation.partition(".")
    return f"{head[:8]}….{rest}" if dot else conversation


def follow(console: Console, samples: list[Sample], work: Callable[[], None]) -> None:
    """Run `work` and show the samples change until it ends."""
    worker = threading.Thread(target=work, name="samples", daemon=True)
    worker.start()
    if console.is_terminal:
        with Live(console=console, refresh_per_second=8) as live:
            while worker.is_alive():
                live.update(drawn(samples))
                worker.join(0.12)
            live.update(drawn(samples))
    else:
        _lines(console, samples, worker)


def drawn(samples: list[Sample]) -> Table:
    """The table as it is now."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in HEADINGS:
        table.add_column(heading, no_wrap=True)
    for sample in samples:
        table.add_row(*(Text(cell, style="dim" if cell == "·" else "") for cell in cells(sample)))
        if sample.error:
            table.add_row(Text("", end=""), Text(sample.error, style="red"))
    return table


def _lines(console: Console, samples: list[Sample], worker: threading.Thread) -> None:
    """One line when a sample has got as far as it gets."""
    told: set[str] = set()
    widths = (9, 9, 22, 8, 8, 11, 9, 9)
    console.print("  ".join(name.ljust(width) for name, width in zip(HEADINGS, widths, strict=True)), soft_wrap=True)
    while True:
        alive = worker.is_alive()
        for sample in samples:
            if sample.channel not in told and (sample.done or sample.error):
                told.add(sample.channel)
                row = "  ".join(cell.ljust(width) for cell, width in zip(cells(sample), widths, strict=True))
                console.print(row + (f"  {sample.error}" if sample.error else ""), soft_wrap=True, highlight=False)
        if not alive:
            return
        time.sleep(0.1)


def now() -> datetime:
    """The time, for lines that say when."""
    return datetime.now(UTC)
