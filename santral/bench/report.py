"""The measurements as tables for a terminal, each with its aim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from santral.bench.decide import Decided, Grown
from santral.bench.imports import BOTO3, Import
from santral.bench.mail import Pace
from santral.bench.memory import Calls
from santral.bench.money import Bill, Round
from santral.bench.outreach import Judged as Arbitrated
from santral.bench.outreach_memory import Peak
from santral.bench.outreach_way import CHANNEL, Deployed, Way
from santral.bench.page import Latency
from santral.bench.prices import FLOOR, STATELESS
from santral.bench.rules import Judged
from santral.bench.simulation import Day, Grid
from santral.bench.simulation import Peak as SimulationPeak
from santral.bench.size import Size
from santral.bench.trips import Trips
from santral.bench.units import Step
from santral.bench.webhook import Webhook


class Report:
    """Prints each section as it is ready."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def _table(self, title: str, *columns: str) -> Table:
        self._console.print(title, style="bold", highlight=False)
        table = Table()
        for number, column in enumerate(columns):
            table.add_column(column, justify="right" if number else "left")
        return table

    def _show(self, table: Table) -> None:
        self._console.print(table)
        self._console.print()

    def webhooks(self, found: Mapping[str, Webhook]) -> None:
        """The handlers' own time."""
        title = "Signed webhook of 1 KB in one process, AWS answered at once inside botocore"
        table = self._table(title, "channel", "calls", "a second", "p50 ms", "p99 ms")
        for name, one in found.items():
            table.add_row(name, str(one.calls), f"{one.per_second:.0f}", f"{one.p50:.2f}", f"{one.p99:.2f}")
        self._show(table)

    def simulations(self, days: Sequence[Day], grid: Grid | None, peaks: Sequence[SimulationPeak]) -> None:
        """Reference days, the grid, and memory by days."""
        table = self._table(
            "The reference centre, one day (aim: under 2 s)", "load", "customers", "s", "conversations/s"
        )
        for one in days:
            table.add_row(f"{one.load:.2f}", str(one.customers), f"{one.seconds:.2f}", f"{one.per_second:.0f}")
        self._show(table)
        if grid is not None:
            title = "20 replications of 5 policies at 4 loads (aim: under 5 minutes on two cores)"
            table = self._table(title, "days", "processors", "s")
            table.add_row(str(grid.days), str(grid.processors), f"{grid.seconds:.0f}")
            self._show(table)
        table = self._table("Peak memory of one replication", "days", "customers", "MB")
        for peak in peaks:
            table.add_row(str(peak.days), str(peak.customers), f"{peak.most:.1f}")
        self._show(table)

    def paces(self, found: Sequence[Pace]) -> None:
        """E-mails a second."""
        title = "E-mails of 1 KB, raw MIME to assigned (aim: 55 a second in one process, 10 ms own processor time)"
        table = self._table(title, "processes", "mails", "a second", "own ms each")
        for one in found:
            table.add_row(str(one.processes), str(one.mails), f"{one.per_second:.1f}", f"{one.cpu_ms:.1f}")
        self._show(table)

    def units(self, channel: str, steps: Mapping[str, Step]) -> None:
        """Requests and units, and the sums that have aims."""
        title = f"AWS requests and DynamoDB units of a 1 KB message by {channel} (aims below)"
        table = self._table(
            title,
            "step",
            "requests",
            "writes",
            "index",
            "reads",
            "reported",
            "largest B",
            "ms",
            "log B",
            "which requests",
        )
        for name, step in steps.items():
            self._row(table, name, step)
        table.columns[-1].justify = "left"
        table.add_section()
        for name, parts, aim in (
            ("first: route, match", ("route", "match"), "6 / 14"),
            ("further: route", ("route, further",), "3 / 4"),
        ):
            tally = sum((steps[part].tally for part in parts[1:]), steps[parts[0]].tally)
            requests, writes = str(tally.requests), f"{tally.table:g}"
            table.add_row(
                f"{name}; aim {aim}", requests, writes, f"{tally.index:g}", f"{tally.reads:g}", "", "", "", ""
            )
        self._show(table)

    @staticmethod
    def _row(table: Table, name: str, step: Step) -> None:
        tally = step.tally
        which = " ".join(
            call.partition(".")[2] + ("" if n == 1 else f"x{n}") for call, n in sorted(tally.calls.items())
        )
        table.add_row(
            name, str(tally.requests), f"{tally.table:g}", f"{tally.index:g}",
            f"{tally.reads:g}", f"{tally.reported_table:g} + {tally.reported_index:g}", str(tally.largest),
            f"{step.duration:.1f}", f"{step.logged:.0f}", which,
        )  # fmt: skip

    def bills(self, alone: Bill, six: Bill, receipt: Bill) -> None:
        """Dollars a million."""
        title = "List-price dollars for a million inbound messages, each with a reply"
        table = self._table(title, "", "alone", "six a conversation", "a receipt each")
        for name in dict.fromkeys([*alone.lines, *six.lines, *receipt.lines]):
            amounts = [bill.lines.get(name, 0.0) for bill in (alone, six, receipt)]
            table.add_row(name, *(f"{amount:.2f}" for amount in amounts))
        table.add_section()
        table.add_row("all", *(f"{bill.total:.2f}" for bill in (alone, six, receipt)))
        table.add_row("physical floor", *(f"{amount:.2f}" for amount in FLOOR), "")
        table.add_row("a stateless matcher", *(f"{amount:.2f}" for amount in STATELESS), "")
        self._show(table)

    def rounds(self, found: Mapping[str, Round]) -> None:
        """Each channel's round trip."""
        title = "One conversation: in, routed, assigned, answered, delivered, every receipt, resolved"
        table = self._table(title, "channel", "requests", "writes", "index", "reads", "$ a million", "receipts")
        for channel, one in found.items():
            units = (f"{amount:g}" for amount in (one.table, one.index, one.reads))
            table.add_row(channel, str(one.requests), *units, f"{one.dollars:.2f}", ", ".join(one.receipts) or "none")
        table.columns[-1].justify = "left"
        self._show(table)

    def latencies(self, found: Mapping[str, Latency]) -> None:
        """To the agent's page."""
        title = "From the POST to the agent's page, deployed stack, ms (aim: median 60, p99 150)"
        table = self._table(title, "messages", "count", "answered", "median", "p99")
        for name, one in found.items():
            table.add_row(name, str(one.messages), f"{one.answered:.0f}", f"{one.median:.0f}", f"{one.p99:.0f}")
        self._show(table)

    def imports(self, found: Sequence[Import]) -> None:
        """Cold starts' imports."""
        title = f"Imports in a fresh process, processor ms above a bare interpreter (aim: 1.5 times {BOTO3})"
        table = self._table(title, "", "ms", "ratio")
        for one in found:
            table.add_row(one.name, f"{one.milliseconds:.0f}", f"{one.ratio:.2f}")
        self._show(table)

    def rules(self, found: Judged) -> None:
        """How long one message is judged."""
        self._console.print(
            f"{found.rules} rules over a message of a kilobyte: {found.judging:.0f} µs, and {found.facts:.0f} µs for its facts",
            highlight=False,
        )

    def decisions(self, found: Sequence[Decided], grown: Sequence[Grown]) -> None:
        """How long it takes to decide, and whether that grows."""
        names = [name for one in found[:1] for name in one.events]
        table = self._table(
            "A decision with its record, µs, and bytes of the record (aim: 20, 60, 200 µs)",
            "agents", "skill signatures", "floor, apart", "heads, apart", *names,
        )  # fmt: skip
        for one in found:
            events = (f"{one.events[name]:.0f} · {one.bytes[name]} B" for name in names)
            made = f"{one.floor:.0f}", f"{one.heads:.0f} ({one.in_hand} rows)"
            table.add_row(str(one.agents), str(one.signatures), *made, *events)
        self._show(table)
        table = self._table(
            "An agent of 1,000 becomes free (aim: no growth)", "waiting", "rows in hand", "heads, apart, µs", "µs"
        )
        for grew in grown:
            table.add_row(f"{grew.waiting:,}", str(grew.in_hand), f"{grew.heads:.0f}", f"{grew.event:.0f}")
        self._show(table)

    def trips(self, found: Sequence[Trips]) -> None:
        """What a batch of the match asks of the table."""
        table = self._table(
            "One batch of the match (aim: 4 round trips and one a claim)",
            "", "agents", "with room", "claims", "calls", "round trips", "beside claims", "read units", "items", "KB", "presences, KB",
        )  # fmt: skip
        for one in found:
            calls = sum(one.calls.values())
            counts = (
                *(one.agents, one.room, one.claims, calls, one.round_trips, one.beside_claims),
                *(one.reads, one.items),
            )
            table.add_row(
                one.name, *(f"{count:,}" for count in counts), f"{one.bytes / 1000:.1f}", f"{one.presences / 1000:.1f}"
            )
        self._show(table)

    def memory(self, found: Sequence[Calls]) -> None:
        """The table in memory."""
        table = self._table(
            "The table in memory, µs a call (aim: 5, 30, 60, 60)",
            "waiting",
            "get",
            "query of 10",
            "commit of 4",
            "claim",
        )
        for one in found:
            table.add_row(str(one.waiting), *(f"{us:.1f}" for us in (one.get, one.query, one.commit, one.claim)))
        self._show(table)

    def judged(self, found: Arbitrated) -> None:
        """Planning and arbitration without the writes."""
        title = (
            f"Planning and arbitration of {found.recipients:,} recipients without the writes (aim: 100,000 a minute)"
        )
        table = self._table(title, "", "µs each")
        table.add_row("planning", f"{found.planning:.1f}")
        table.add_row("arbitration, with the text", f"{found.arbitration:.1f}")
        for name, us in found.stages.items():
            table.add_row(f"  apart: {name}", f"{us:.1f}")
        self._show(table)
        told = f"{found.without_text:,.0f} a minute, {found.whole:,.0f} with the text; {found.sent:,} of them leave"
        self._console.print(told, highlight=False)

    def ways(self, found: Sequence[Way], bills: Mapping[str, Bill], fastest: float, deployed: Deployed) -> None:
        """The whole way with its writes, and what it costs."""
        table = self._table(
            "A thousand sends of a campaign, planning included", "channel", "table calls", "SQS requests", "writes", "index",
            "reads", "$ at AWS", "$ of the channel", "which calls",
        )  # fmt: skip
        for way in found:
            tally = way.all
            counts = (tally.requests, way.queue + way.polls, tally.table, tally.index, tally.reads)
            calls = sorted(tally.calls.items())
            which = " ".join(f"{call.partition('.')[2]} {way.per_thousand(count):,.0f}" for call, count in calls)
            dollars = f"{bills[way.channel].total:.4f}", f"{1000 * CHANNEL[way.channel]:.2f}"
            table.add_row(way.channel, *(f"{way.per_thousand(count):,.0f}" for count in counts), *dollars, which)
        table.columns[-1].justify = "left"
        self._show(table)
        table = self._table("Dollars of a thousand sends at AWS", "", *bills)
        for name in next(iter(bills.values())).lines:
            table.add_row(name, *(f"{one.lines[name]:.4f}" for one in bills.values()))
        self._show(table)
        told = (
            f"In one process {fastest:.0f} sends a second over the table in memory; over the emulator {deployed.per_second:.0f}, "
            f"{deployed.own_ms:.1f} ms of our processor and {deployed.lambda_ms:.1f} ms of the function each"
        )
        self._console.print(told, highlight=False)

    def peaks(self, found: Sequence[Peak]) -> None:
        """Memory of planning and counting."""
        table = self._table("Memory of planning and counting (aim: no growth)", "recipients", "MB before", "MB at most")
        for one in found:
            table.add_row(f"{one.recipients:,}", f"{one.before:.1f}", f"{one.most:.1f}")
        self._show(table)

    def sizes(self, found: Sequence[Size]) -> None:
        """The artifacts."""
        table = self._table("Artifacts (aim: 25 MB together)", "", "MB unpacked", "MB zipped", ".pyc")
        for one in found:
            table.add_row(one.name, f"{one.unpacked / 1e6:.2f}", f"{one.zipped / 1e6:.2f}", str(one.compiled))
        together = sum(one.unpacked for one in found), sum(one.zipped for one in found)
        table.add_row("together", *(f"{size / 1e6:.2f}" for size in together), "")
        self._show(table)
