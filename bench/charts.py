"""Which plots are drawn of which results."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bench.plot import Bar, Chart, Group
from bench.report import Report

Results = Mapping[str, Report]

_CELL = re.compile(
    r"(?P<system>[a-z_]+?)_workers_(?P<workers>\d+)_latency_(?P<latency>\d+)_(?P<what>\w+)"
)
RATE, PROCESSOR = "deliveries_per_second", "cpu_microseconds"
_SHADES = {"clarion": 0, "bullmq": 1, "celery": 2, "taskiq": 3, "cue_notify": 4}


def charts(results: Results) -> dict[str, Chart]:
    """By the plot's name; those without a single value are left out."""
    made = {
        "push": _push(results, 0),
        "push-latency": _push(results, 50),
        "push-processor": _push_processor(results),
        "inbox-rate": _inbox_rate(results),
        "inbox-visible": _inbox_visible(results),
        "inbox-memory": _inbox_memory(results),
        "otp": _otp(results),
        "ingest": _ingest(results),
        "decide": _decide(results),
    }
    return {name: chart for name, chart in made.items() if chart.values_measured()}


def push_cells(results: Results, what: str) -> dict[tuple[int, int], dict[str, Bar]]:
    """Bars of one figure by (latency in ms, worker processes), and in these by system."""
    report = results.get("push")
    found: dict[tuple[int, int], dict[str, Bar]] = {}
    for name, value in report.figures.items() if report else ():
        match = _CELL.fullmatch(name)
        if match is None or report is None or match["what"] != what:
            continue
        system = match["system"]
        found.setdefault((int(match["latency"]), int(match["workers"])), {})[system] = Bar(
            label=system.replace("_", "-"), value=value, spread=report.spread.get(name),
            colour=_SHADES.get(system, 4),
        )  # fmt: skip
    return dict(sorted(found.items()))


def processes(workers: int) -> str:
    """`2 worker processes`."""
    return "1 worker process" if workers == 1 else f"{workers} worker processes"


def _push(results: Results, latency: int) -> Chart:
    cells = push_cells(results, RATE)
    return Chart(
        title=f"Push beside others, the provider answers after {latency} ms",
        note="deliveries a second, accept to settled; more is better",
        groups=tuple(
            Group(processes(workers), _best_first(bars, -1))
            for (milliseconds, workers), bars in cells.items()
            if milliseconds == latency
        ),
    )


def _push_processor(results: Results) -> Chart:
    cells = push_cells(results, PROCESSOR)
    return Chart(
        title="Processor time of a push, with queue and database",
        note="microseconds a delivery, without the provider's; less is better",
        groups=tuple(
            Group(processes(workers), _best_first(bars, 1))
            for (latency, workers), bars in cells.items()
            if latency == 0
        ),
    )


def _best_first(bars: Mapping[str, Bar], sign: int) -> tuple[Bar, ...]:
    return tuple(sorted(bars.values(), key=lambda bar: sign * (bar.value or 0)))


def _inbox_rate(results: Results) -> Chart:
    return Chart(
        title="One event to the inboxes of a topic, a decision recorded for each",
        note="recipients a second, written form; more is better",
        groups=_by_store(results, "inbox", r"written_(\d+)_recipients_per_second", "subscribers"),
        target=40_000,
    )


def _inbox_visible(results: Results) -> Chart:
    groups = []
    for store, report in _stores(results, "inbox"):
        for size in _sizes(report, r"broadcast_(\d+)_visible_ms_p50"):
            name = f"broadcast_{size}_visible_ms_"
            bars = (_bar(report, name + part, part) for part in ("p50", "p99", "max"))
            groups.append(Group(f"{store}, {size:,} subscribers", tuple(bars)))
    return Chart(
        title="A broadcast, from accept until people see it",
        note="milliseconds until GET /v1/inbox shows it; less is better",
        groups=tuple(groups),
        target=200,
    )


def _inbox_memory(results: Results) -> Chart:
    groups = []
    for store, report in _stores(results, "inbox"):
        for form in ("written", "broadcast"):
            bars = [
                _bar(report, f"{form}_{size}_peak_megabytes", f"{size:,} subscribers")
                for size in _sizes(report, rf"{form}_(\d+)_peak_megabytes")
            ]
            if bars:
                groups.append(Group(f"{store}, {form}", tuple(bars)))
    return Chart(
        title="Memory of the server while it tells a topic",
        note="megabytes at the most; less is better, and the same at every size is the aim",
        groups=tuple(groups),
    )


def _otp(results: Results) -> Chart:
    groups = []
    for store, report in _stores(results, "otp"):
        for part, words in (("idle", "idle"), ("blast", "during a blast")):
            bars = [
                _bar(report, f"{part}_otp_ms_{at}", label)
                for at, label in (("p50", "p50"), ("p99", "p99"), ("p999", "p99.9"))
                if f"{part}_otp_ms_{at}" in report.figures
            ]
            if bars:
                groups.append(Group(f"{store}, {words}", tuple(bars)))
    return Chart(
        title="A one-time password, from request to the provider's door",
        note="milliseconds; less is better",
        groups=tuple(groups),
        target=50,
    )


def _ingest(results: Results) -> Chart:
    groups = []
    for part, words in (("single", "one by one"), ("batch", "in batches of 500")):
        bars = tuple(
            _bar(report, f"{part}_events_per_second", store)
            for store, report in _stores(results, "ingest")
        )
        if bars:
            groups.append(Group(words, bars))
    return Chart(
        title="Durable events, each telling one person in the inbox",
        note="events a second, until nothing waits; more is better",
        groups=tuple(groups),
    )


def _decide(results: Results) -> Chart:
    report = results.get("decide")
    named = {"all_gates": "every gate", "quiet_hours": "in quiet hours", "blast": "a blast"}
    bars = [_bar(report, f"{name}_us_median", words) for name, words in named.items() if report]
    return Chart(
        title="One decision",
        note="microseconds of processor time for a recipient and channel; less is better",
        groups=(Group("", tuple(bars)),),
        target=10,
    )


def _by_store(results: Results, bench: str, pattern: str, unit: str) -> tuple[Group, ...]:
    """A bar for each size that is part of the figure's name."""
    groups = []
    for store, report in _stores(results, bench):
        bars = tuple(
            _bar(report, pattern.replace(r"(\d+)", str(size)), f"{size:,} {unit}")
            for size in _sizes(report, pattern)
        )
        groups.append(Group(store, bars))
    return tuple(groups)


def _stores(results: Results, bench: str) -> list[tuple[str, Report]]:
    named = {f"{bench}-sqlite": "SQLite", f"{bench}-postgres": "PostgreSQL", bench: "SQLite"}
    return [(words, results[name]) for name, words in named.items() if name in results]


def _sizes(report: Report, pattern: str) -> list[int]:
    matches = (re.fullmatch(pattern, name) for name in report.figures)
    return sorted({int(match[1]) for match in matches if match})


def _bar(report: Report | None, name: str, label: str) -> Bar:
    if report is None or name not in report.figures:
        return Bar(label=label, value=None, why=_why(report))
    return Bar(label=label, value=report.figures[name], spread=report.spread.get(name))


def _why(report: Report | None) -> str:
    return f"{report.status}: {report.why[:60]}" if report and report.why else "not measured"
