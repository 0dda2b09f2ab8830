"""What a round found, as a table for people and as JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from rich.table import Table

from clarion.testing.chaos.judge import Verdict
from clarion.testing.chaos.members import Stop
from clarion.testing.chaos.plan import DRAIN_SECONDS, LEASE_SECONDS, Plan

STOP_MARGIN_SECONDS = 3.0
"""Beyond the drain: requests under way, and letting go of everything."""


class Report(msgspec.Struct, kw_only=True):
    """One round. `in_hand` are the sends that a killed worker had begun and not settled, at most;
    `requests` those at providers by how they were treated; `stops` every SIGTERM."""

    plan: Plan
    faults: dict[str, int]
    verdict: Verdict
    requests: dict[str, int]
    stops: list[Stop]
    in_hand: int
    seconds: float
    rest_seconds: float
    producer_tries: int

    @property
    def messages_per_second(self) -> float:
        """Deliveries and inbox items, over the whole time until rest."""
        return (self.verdict.deliveries + self.verdict.items) / max(self.seconds, 0.001)

    @property
    def bad_stops(self) -> list[Stop]:
        """Those that were late, or ended with anything but 0."""
        most = DRAIN_SECONDS + STOP_MARGIN_SECONDS
        return [stop for stop in self.stops if stop.code or stop.seconds > most]

    def document(self) -> dict[str, Any]:
        """Everything, as JSON has it."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        median, longest = self.verdict.takeover_seconds
        return found | {
            "messages_per_second": self.messages_per_second,
            "takeover_median_seconds": median,
            "takeover_longest_seconds": longest,
            "recovery_longest_seconds": max(self.verdict.recoveries_seconds, default=0.0),
            "holds": self.verdict.holds,
        }


def table_of(report: Report) -> Table:
    """The report for people."""
    plan, verdict = report.plan, report.verdict
    table = Table(title=f"chaos, {plan.store}, seed {plan.seed}", title_justify="left", box=None)
    table.add_column("what")
    table.add_column("count", justify="right")
    for fault, count in report.faults.items():
        table.add_row(fault, f"{count:,}")
    for treatment, count in sorted(report.requests.items()):
        table.add_row(f"provider: {treatment}", f"{count:,}")
    table.add_section()
    median, longest = verdict.takeover_seconds
    recovery = max(verdict.recoveries_seconds, default=0.0)
    slowest = max((stop.seconds for stop in report.stops), default=0.0)
    rows = {
        "events accepted": f"{verdict.events:,}",
        "requests of producers for them": f"{report.producer_tries:,}",
        "deliveries": f"{verdict.deliveries:,}",
        "inbox items": f"{verdict.items:,}",
        "lost": f"[bold]{verdict.lost:,}[/bold]",
        "doubled": f"[bold]{verdict.doubled:,}[/bold]",
        "ledger out of balance": f"{verdict.unbalanced:,}",
        "ambiguous tries": f"{verdict.ambiguous:,}",
        **{f"  {code}": f"{n:,}" for code, n in sorted(verdict.ambiguous_by_code.items())},
        "taken again by a provider after one": f"{verdict.repeated:,}",
        "ended unknown": f"{verdict.unknown:,}",
        "ended dead": f"{verdict.dead:,}",
        "  of these quarantined": f"{verdict.quarantined:,}",
        "in hand at a kill, most": f"{report.in_hand:,}",
        f"take-over, median of {len(verdict.takeovers_seconds)}": f"{median:.1f} s",
        f"take-over, longest (lease {LEASE_SECONDS:g} s)": f"{longest:.1f} s",
        "until the next message after a fault, longest": f"{recovery:.1f} s",
        "stop on SIGTERM, longest": f"{slowest:.1f} s",
        "stops late or not 0": f"{len(report.bad_stops):,}",
        "faults and work": f"{report.seconds:.0f} s",
        "from the last fault to rest": f"{report.rest_seconds:.1f} s",
        "messages a second": f"{report.messages_per_second:,.0f}",
    }
    for what, text in rows.items():
        table.add_row(what, text)
    return table
