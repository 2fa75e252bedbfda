"""Taking a file in, page by page: where it stands is written down after each page, so that a run that was ended goes on.

A page that was sent and not written down is sent again, which changes nothing: what a row says is so already.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from santral.contact_files import BadFile, Refusal

PAGE = 25
Send = Callable[[list[dict[str, Any]], str], list[dict[str, Any]]]
"""Takes rows and their Idempotency-Key; what became of each."""


class Rows(Protocol):
    """How a file is read."""

    def rows(self, data: bytes) -> Iterator[tuple[int, dict[str, Any] | Refusal]]:
        """Each row with its line: what the API takes, or why it is none. Raises BadFile."""


@dataclass
class Progress:
    """How far a run has come. `report` is the refused rows' file, so many bytes of it written with what is counted."""

    file: str  # a hash of what is in it
    line: int = 0  # the last that is done
    counts: dict[str, int] = field(default_factory=dict)
    report: int = 0

    def count(self, outcome: str) -> None:
        """One row more."""
        self.counts[outcome] = self.counts.get(outcome, 0) + 1


def progress_file(path: Path) -> Path:
    """Where a run writes down how far it has come."""
    return path.with_name(path.name + ".progress.json")


def report_file(path: Path) -> Path:
    """Where refused rows are told."""
    return path.with_name(path.name + ".refused.csv")


def begun(path: Path, data: bytes, *, resume: bool) -> Progress:
    """Where to begin. Raises BadFile when the file, or the list of its refused rows, is not what the run that was ended left."""
    name = hashlib.sha256(data).hexdigest()
    kept = progress_file(path)
    if not resume or not kept.exists():
        return Progress(name)
    progress = Progress(**json.loads(kept.read_text("utf-8")))
    if progress.file != name:
        raise BadFile("the file has changed since the run that was ended: start without --resume")
    report = report_file(path)
    if progress.report > (report.stat().st_size if report.exists() else 0):
        raise BadFile(f"{report.name} is not what the run that was ended left: start without --resume")
    return progress


def taken_in(
    path: Path, data: bytes, reader: Rows, send: Send | None, progress: Progress, step: Callable[[int], None]
) -> Progress:
    """Take in the rows that are not done; without `send` it is only a judgement. `step` hears of each page. Raises BadFile, ApiError."""
    report = report_file(path)
    with report.open("ab" if progress.report else "wb") as told:
        told.truncate(progress.report)
        if not progress.report:
            told.write(_line("line", "column", "reason"))
        for page in _pages(reader, data, progress.line):
            outcomes = _page(page, send, progress.file)
            for (line, row), outcome in zip(page, outcomes, strict=True):
                progress.count(outcome["outcome"])
                if outcome["outcome"] == "refused":
                    column = row.column if isinstance(row, Refusal) else outcome.get("field") or ""
                    told.write(_line(str(line), column, outcome.get("reason") or ""))
            told.flush()
            os.fsync(told.fileno())
            progress.line, progress.report = page[-1][0], told.tell()
            if send is not None:
                _write(progress_file(path), progress)
            step(len(page))
    if send is not None:
        progress_file(path).unlink(missing_ok=True)
    if not progress.counts.get("refused"):
        report.unlink()
    return progress


Judged = list[tuple[int, dict[str, Any] | Refusal]]


def _pages(reader: Rows, data: bytes, after: int) -> Iterator[Judged]:
    page: Judged = []
    for line, row in reader.rows(data):
        if line > after:
            page.append((line, row))
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def _page(page: Judged, send: Send | None, name: str) -> list[dict[str, Any]]:
    """What became of each row of a page, in order."""
    good = [row for _, row in page if not isinstance(row, Refusal)]
    key = f"{name[:32]}.{page[0][0]}"
    answers = iter(send(good, key) if send is not None and good else [{"outcome": "accepted"}] * len(good))
    return [
        {"outcome": "refused", "reason": row.reason} if isinstance(row, Refusal) else next(answers) for _, row in page
    ]


def _line(*cells: str) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def _write(path: Path, progress: Progress) -> None:
    """All of it or what was there before."""
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(asdict(progress)), "utf-8")
    new.replace(path)
