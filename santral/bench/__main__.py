"""Runs the measurements, prints them and writes build/bench.json. `--quick` only shows that they run; its times mean nothing.

Of several runs the one least disturbed is told: other work on the machine only ever adds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console

from santral.bench import (
    bed,
    callers,
    decide,
    imports,
    mail,
    memory,
    money,
    outreach,
    outreach_memory,
    outreach_way,
    page,
    rules,
    simulation,
    size,
    trips,
    units,
    webhook,
)
from santral.bench.money import Round
from santral.bench.report import Report
from santral.configuration import load
from santral.emulator import ROOT

T = TypeVar("T")
SECTIONS = (
    "size",
    "imports",
    "rules",
    "decide",
    "simulation",
    "trips",
    "memory",
    "page",
    "mail",
    "webhook",
    "units",
    "outreach",
)


def main() -> None:
    """The sections asked for, in an order in which none disturbs another."""
    parser = argparse.ArgumentParser(prog="python -m santral.bench", description=__doc__)
    parser.add_argument(
        "sections",
        nargs="*",
        choices=[*SECTIONS, []],
        metavar="section",
        help=f"of {', '.join(SECTIONS)}; all, if none is named",
    )
    parser.add_argument("--quick", action="store_true", help="a smoke test: few rounds")
    arguments = parser.parse_args()
    console = Console()
    if not console.is_terminal:
        console = Console(width=140)
    bench = Bench(console, set(arguments.sections or SECTIONS), quick=arguments.quick)
    bench.run()
    path = ROOT / "build" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    before = json.loads(path.read_text()) if arguments.sections and path.exists() else {}
    path.write_text(json.dumps(before | bench.found, indent=2) + "\n")
    console.print(f"Written to {path.relative_to(ROOT)}.", highlight=False)


class Bench:
    """One run; `found` is what is written."""

    def __init__(self, console: Console, sections: set[str], *, quick: bool) -> None:
        self.console = console
        self.report = Report(console)
        self.sections = sections
        self.quick = quick
        self.found: dict[str, Any] = {"machine": machine(), "quick": quick}
        console.print(" · ".join(str(v) for v in self.found["machine"].values()), highlight=False)

    def run(self) -> None:
        """All of it: what needs the deployed stack, then what needs nothing."""
        if self.sections & {"page", "mail", "webhook", "units", "outreach"}:
            with bed.deployed(self._step, callers.credentials()) as one:
                for name in ("page", "mail", "webhook", "units", "outreach"):
                    if name in self.sections:
                        getattr(self, f"_{name}")(one)
        for name in ("size", "imports", "rules", "decide", "simulation", "trips", "memory"):
            if name in self.sections:
                getattr(self, f"_{name}")()

    def _step(self, name: str, seconds: float | None) -> None:
        if seconds is not None:
            self.console.print(f"{name} {seconds:.1f} s", style="dim", highlight=False)

    def _rounds(self, many: int, few: int) -> int:
        return few if self.quick else many

    def _page(self, one: bed.Bed) -> None:
        bed.listening(one.stack, True)
        runs, messages = self._rounds(3, 1), self._rounds(100, 5)
        found = {
            name: min((page.measure(one, messages, rest=rest) for _ in range(runs)), key=lambda run: run.median)
            for name, rest in (("one after the other, at rest", 0.2), ("one right after the other", 0.0))
        }
        self.report.latencies(found)
        self.found["page"] = {name: asdict(latency) for name, latency in found.items()}

    def _mail(self, one: bed.Bed) -> None:
        bed.listening(one.stack, False)
        bed.come_in(one.stack)
        runs, mails = self._rounds(5, 1), self._rounds(300, 20)
        found = [
            max(
                (mail.measure(one.stack, processes, mails, f"{processes}{run}x") for run in range(runs)),
                key=lambda pace: pace.per_second,
            )
            for processes in (1, 2)
        ]
        self.report.paces(found)
        self.found["mail"] = [asdict(pace) for pace in found]

    def _webhook(self, one: bed.Bed) -> None:
        self._here(one)
        calls = self._rounds(1000, 20)
        runs = self._rounds(3, 1)
        found = {}
        for name, caller in callers.CALLERS.items():
            mine = caller(one)
            again = [webhook.measure(mine, calls, stubbed=True) for _ in range(runs)]
            found[name] = min(again, key=lambda run: run.p50)
        sms = callers.Sms(one)
        found["twilio, by the emulator"] = webhook.measure(sms, calls // 2, stubbed=False)
        self.report.webhooks(found)
        self.found["webhook"] = {name: asdict(times) for name, times in found.items()}
        bed.drop(one.stack)

    def _units(self, one: bed.Bed) -> None:
        self._here(one)
        self.found["units"] = {}
        with page.Page(one) as agent:
            bed.come_in(one.stack, agent.connection)
            rounds: dict[str, Round] = {}
            for caller in callers.CALLERS.values():
                mine = caller(one)
                channel = mine.channel
                steps = units.measure(one.stack, mine, self._rounds(15 if channel in ("sms", "email") else 7, 1))
                self.found["units"][channel] = {name: step.plain() for name, step in steps.items()}
                rounds[channel] = Round.of(steps, mine.door, mine.receipts)
                if channel in ("sms", "email"):
                    self.report.units(channel, steps)
                if channel == "sms":
                    bills = [money.bill(steps, times) for times in (money.ALONE, money.OF_SIX, money.RECEIPT)]
        self.report.rounds(rounds)
        self.found["rounds"] = {channel: asdict(one) for channel, one in rounds.items()}
        self.report.bills(*bills)
        names = ("alone", "six a conversation", "a receipt each")
        self.found["dollars"] = {n: {**b.lines, "all": b.total} for n, b in zip(names, bills, strict=True)}

    def _outreach(self, one: bed.Bed) -> None:
        self._here(one)
        deployed = outreach_way.emulated(one, recipients=self._rounds(300, 20))
        runs, recipients = self._rounds(5, 1), self._rounds(1000, 40)
        judged = outreach.measure(self._rounds(2000, 40), runs)
        ways = [outreach_way.measure(channel, recipients) for channel in outreach_way.CHANNELS]
        fastest = max(outreach_way.measure("sms", recipients, billed=False).per_second for _ in range(runs))
        peaks = outreach_memory.measure(outreach_memory.SIZES[:1] if self.quick else outreach_memory.SIZES)
        bills = {way.channel: outreach_way.bill(way, deployed) for way in ways}
        self.report.judged(judged)
        self.report.ways(ways, bills, fastest, deployed)
        self.report.peaks(peaks)
        self.found["outreach"] = {
            "judged": asdict(judged) | {"a_minute": judged.without_text, "a_minute_with_text": judged.whole},
            "in_memory_a_second": fastest,
            "emulator": asdict(deployed),
            "a_thousand": {way.channel: way.plain() | {"dollars": dict(bills[way.channel].lines)} for way in ways},
            "memory": [asdict(peak) for peak in peaks],
        }

    @staticmethod
    def _here(one: bed.Bed) -> None:
        bed.listening(one.stack, False)
        bed.become(bed.environment(one.stack))

    def _imports(self) -> None:
        found = imports.measure(self._rounds(9, 1))
        self.report.imports(found)
        self.found["imports"] = [asdict(one) for one in found]

    def _rules(self) -> None:
        found = rules.measure(load(ROOT / "config"), rounds=self._rounds(500, 5))
        self.report.rules(found)
        self.found["rules"] = asdict(found)

    def _decide(self) -> None:
        sizes, counts = (decide.SIZES[:1], decide.WAITING[:2]) if self.quick else (decide.SIZES, decide.WAITING)
        decided = decide.measure(self._rounds(1000, 5), sizes)
        grown = decide.grow(self._rounds(1000, 5), counts)
        self.report.decisions(decided, grown)
        self.found["decide"] = {"decided": [asdict(one) for one in decided], "grown": [asdict(one) for one in grown]}

    def _simulation(self) -> None:
        days = [simulation.day(load, self._rounds(5, 1)) for load in self._rounds_of(simulation.LOADS, 1)]
        grid = simulation.grid(20) if not self.quick else None
        peaks = simulation.peaks(self._rounds_of(simulation.DAYS, 1))
        self.report.simulations(days, grid, peaks)
        self.found["simulation"] = {
            "days": [asdict(one) for one in days],
            "grid": asdict(grid) if grid is not None else None,
            "peaks": [asdict(one) for one in peaks],
        }

    def _rounds_of(self, all_: Sequence[T], few: int) -> Sequence[T]:
        return all_[:few] if self.quick else all_

    def _trips(self) -> None:
        found = trips.measure(trips.FLOORS[:1] if self.quick else trips.FLOORS)
        self.report.trips(found)
        self.found["trips"] = [asdict(one) for one in found]

    def _memory(self) -> None:
        found = [memory.measure(waiting, self._rounds(2000, 5)) for waiting in (10, self._rounds(memory.FULL, 1000))]
        self.report.memory(found)
        self.found["memory"] = [asdict(one) for one in found]

    def _size(self) -> None:
        found = size.measure()
        self.report.sizes(found)
        self.found["size"] = [asdict(one) for one in found]


def machine() -> dict[str, str]:
    """What it ran on."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    return {
        "cpu": cpu or platform.processor(),
        "cores": f"{os.cpu_count()} cores",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


if __name__ == "__main__":
    main()
