"""What Clarion is meant to reach, and whether the results do."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bench.report import DONE, Report, shown


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A bound on one figure (or ratio) of one run; `at_least` or else at most."""

    title: str
    run: str
    figure: str
    bound: float
    unit: str = ""
    at_least: bool = True

    def words(self) -> str:
        """`>= 40,000/s`."""
        return f"{'≥' if self.at_least else '≤'} {shown(self.bound)}{self.unit}"


class Verdict(msgspec.Struct, frozen=True):
    """A target beside what was measured; None when it was not, and then why."""

    target: Target
    value: float | None
    why: str = ""
    short: bool = False
    busy: bool = False

    @property
    def reached(self) -> bool:
        """False when it was not measured."""
        if self.value is None:
            return False
        bound = self.target.bound
        return self.value >= bound if self.target.at_least else self.value <= bound

    def measured(self) -> str:
        """The value as people read it."""
        return "not measured" if self.value is None else f"{shown(self.value)}{self.target.unit}"

    def answer(self) -> str:
        """`reached`, `missed` or why it was not measured."""
        if self.value is None:
            return self.why
        return "reached" if self.reached else "missed"


TARGETS = (
    Target(
        title="push, end to end: times BullMQ with its row per notification",
        run="push", figure="vs_bullmq", bound=4, unit="×",
    ),
    Target(
        title="push, end to end: times Celery",
        run="push", figure="vs_celery", bound=20, unit="×",
    ),
    Target(
        title="one event to 1,000,000 inboxes, a decision recorded for each (PostgreSQL)",
        run="inbox-postgres", figure="written_1000000_recipients_per_second", bound=40_000,
        unit="/s",
    ),
    Target(
        title="the same on SQLite",
        run="inbox-sqlite", figure="written_1000000_recipients_per_second", bound=40_000,
        unit="/s",
    ),
    Target(
        title="broadcast to 1,000,000, visible after accept, the slowest look (PostgreSQL)",
        run="inbox-postgres", figure="broadcast_1000000_visible_ms_max", bound=200, unit=" ms",
        at_least=False,
    ),
    Target(
        title="the same on SQLite",
        run="inbox-sqlite", figure="broadcast_1000000_visible_ms_max", bound=200, unit=" ms",
        at_least=False,
    ),
    Target(
        title="memory at 1,000,000 recipients, times that at 10,000 (PostgreSQL)",
        run="inbox-postgres", figure="written_memory_ratio", bound=1.3, unit="×",
        at_least=False,
    ),
    Target(
        title="the same on SQLite",
        run="inbox-sqlite", figure="written_memory_ratio", bound=1.3, unit="×", at_least=False,
    ),
    Target(
        title="one-time password during the blast, p99",
        run="otp-postgres", figure="blast_otp_ms_p99", bound=50, unit=" ms", at_least=False,
    ),
    Target(
        title="one-time password, p99 during the blast over p99 idle",
        run="otp-postgres", figure="blast_over_idle_ms_p99", bound=25, unit=" ms",
        at_least=False,
    ),
    Target(
        title="rate of the blast with one-time passwords beside it, part of that without",
        run="otp-postgres", figure="blast_rate_kept", bound=0.7,
    ),
    Target(
        title="durable events, one by one (PostgreSQL)",
        run="ingest-postgres", figure="single_events_per_second", bound=4_000, unit="/s",
    ),
    Target(
        title="durable events, one by one (SQLite)",
        run="ingest-sqlite", figure="single_events_per_second", bound=4_000, unit="/s",
    ),
    Target(
        title="durable events in batches (PostgreSQL)",
        run="ingest-postgres", figure="batch_events_per_second", bound=40_000, unit="/s",
    ),
    Target(
        title="durable events in batches (SQLite)",
        run="ingest-sqlite", figure="batch_events_per_second", bound=40_000, unit="/s",
    ),
    Target(
        title="decide, a recipient and channel, every gate asked over eight scopes",
        run="decide", figure="all_gates_us_median", bound=10, unit=" µs", at_least=False,
    ),
)  # fmt: skip


def verdicts(results: Mapping[str, Report]) -> list[Verdict]:
    """One for each target; `results` by name of the run."""
    return [_verdict(target, results.get(target.run)) for target in TARGETS]


def _verdict(target: Target, report: Report | None) -> Verdict:
    if report is None:
        return Verdict(target, None, "not run yet")
    if report.status != DONE:
        return Verdict(target, None, f"{report.status}: {report.why}")
    value = {**report.figures, **report.ratios}.get(target.figure)
    if value is None:
        return Verdict(target, None, report.missing.get(target.figure, "not in this run"))
    busy = report.machine is not None and bool(report.machine.warning())
    return Verdict(target, value, short=report.short, busy=busy)
