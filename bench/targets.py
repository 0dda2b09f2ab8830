"""What Clarion is meant to reach, and whether the results do."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bench.report import DONE, Report, shown


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A bound on one figure (or ratio); `at_least` or else at most. `run` is judged first, on
    PostgreSQL where that makes a difference; `embedded` is the same on SQLite. README shows those
    that are `first`, the page of results all of them."""

    title: str
    run: str
    figure: str
    bound: float
    embedded: str = ""
    unit: str = ""
    at_least: bool = True
    first: bool = True

    def words(self) -> str:
        """`≥ 40,000/s`."""
        return f"{'≥' if self.at_least else '≤'} {shown(self.bound)}{self.unit}"


class Verdict(msgspec.Struct, frozen=True):
    """What was measured for a target; None when nothing was, and then why."""

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

    def words(self) -> str:
        """`**41,300/s**, reached`, with what to know about it; or why it was not measured."""
        if self.value is None:
            return self.why
        said = [f"**{shown(self.value)}{self.target.unit}**"]
        said.append("reached" if self.reached else "missed")
        said += ["short run"] if self.short else []
        said += ["busy machine"] if self.busy else []
        return ", ".join(said)


TARGETS = (
    Target(
        title="push, end to end, as many times as BullMQ with a row per notification",
        run="push", figure="vs_bullmq", bound=4, unit="x",
    ),
    Target(
        title="the same, as many times as Celery", first=False,
        run="push", figure="vs_celery", bound=20, unit="x",
    ),
    Target(
        title="one event to 1,000,000 inboxes, a decision recorded for each",
        run="inbox-postgres", embedded="inbox-sqlite", figure="written_recipients_per_second",
        bound=40_000, unit="/s",
    ),
    Target(
        title="its memory, as many times as with 10,000", first=False,
        run="inbox-postgres", embedded="inbox-sqlite", figure="written_memory_ratio",
        bound=1.3, unit="x", at_least=False,
    ),
    Target(
        title="broadcast to 1,000,000, from accept until the slowest look shows it",
        run="inbox-postgres", embedded="inbox-sqlite", figure="broadcast_visible_ms_max",
        bound=200, unit=" ms", at_least=False,
    ),
    Target(
        title="one-time password while a million are told, request to provider, p99",
        run="otp-postgres", embedded="otp-sqlite", figure="blast_otp_ms_p99",
        bound=50, unit=" ms", at_least=False,
    ),
    Target(
        title="the same, above the p99 of an idle system", first=False,
        run="otp-postgres", embedded="otp-sqlite", figure="blast_over_idle_ms_p99",
        bound=25, unit=" ms", at_least=False,
    ),
    Target(
        title="what the blast keeps of its rate beside one-time passwords", first=False,
        run="otp-postgres", embedded="otp-sqlite", figure="blast_rate_kept", bound=0.7, unit="x",
    ),
    Target(
        title="durable events, one by one",
        run="ingest-postgres", embedded="ingest-sqlite", figure="single_events_per_second",
        bound=4_000, unit="/s",
    ),
    Target(
        title="durable events, in batches",
        run="ingest-postgres", embedded="ingest-sqlite", figure="batch_events_per_second",
        bound=40_000, unit="/s",
    ),
    Target(
        title="an item in the live inbox, 10,000 open, 1,000 items a second, p99",
        run="sse", figure="live_p99_ms", bound=250, unit=" ms", at_least=False,
    ),
    Target(
        title="a broadcast in the live inboxes of 100 who look, of 20,100 members, p99",
        run="sse", figure="broadcast_to_100_p99_ms", bound=200, unit=" ms", at_least=False,
    ),
    Target(
        title="the same where all 10,000 who look are members", first=False,
        run="sse", figure="broadcast_to_10000_p99_ms", bound=200, unit=" ms", at_least=False,
    ),
    Target(
        title="a decision, every gate asked, for a recipient and channel",
        run="decide", figure="all_gates_us_median", bound=10, unit=" µs", at_least=False,
    ),
)  # fmt: skip


def verdicts(target: Target, results: Mapping[str, Report]) -> tuple[Verdict, Verdict | None]:
    """Of its run, and on SQLite where that is a run of its own; `results` by name of the run."""
    embedded = _verdict(target, target.embedded, results) if target.embedded else None
    return _verdict(target, target.run, results), embedded


def _verdict(target: Target, run: str, results: Mapping[str, Report]) -> Verdict:
    report = results.get(run)
    if report is None:
        return Verdict(target, None, "not run yet")
    if report.status != DONE:
        return Verdict(target, None, report.status)
    value = {**report.figures, **report.ratios}.get(target.figure)
    if value is None:
        return Verdict(target, None, "not measured")
    busy = report.machine is not None and bool(report.machine.warning())
    return Verdict(target, value, short=report.short, busy=busy)
