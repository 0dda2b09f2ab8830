"""Markdown tables of results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bench.catalog import runs
from bench.charts import PROCESSOR, RATE, processes, push_cells
from bench.plot import Chart
from bench.report import DONE, Report, shown
from bench.targets import TARGETS, Target, verdicts

Results = Mapping[str, Report]
_OWN = ("cores", "python", "system")
"""Settings that the line about the machine says already."""


def headline(results: Results) -> str:
    """What README shows: the first targets with what was measured."""
    return _judged([target for target in TARGETS if target.first], results)


def targets_table(results: Results) -> str:
    """The same with the runs that the numbers come from."""
    rows = []
    for target in TARGETS:
        names = " ".join(f"`{run}`" for run in (target.run, target.embedded) if run)
        rows.append((target.title, names, *_answers(target, results), target.words()))
    return _table(("what", "run", "measured", "on SQLite", "target"), rows)


def results_page(results: Results, plots: Mapping[str, Chart]) -> str:
    """Targets, plots, and for each run its figures, what was checked, and its settings."""
    parts = [_judged(TARGETS, results), "## Runs", _runs(results)]
    parts += [f"![{chart.title}]({name}.svg)" for name, chart in plots.items()]
    for name, report in results.items():
        parts += _section(name, report)
    return "\n\n".join(parts)


def _judged(targets: Iterable[Target], results: Results) -> str:
    rows = ((target.title, *_answers(target, results), target.words()) for target in targets)
    table = _table(("", "measured", "on SQLite", "target"), rows)
    return f"{table}\n\n{_measured_on(results)}"


def _answers(target: Target, results: Results) -> tuple[str, str]:
    """What was measured, and the same on SQLite."""
    found, embedded = verdicts(target, results)
    return found.words(), embedded.words() if embedded else ""


def _measured_on(results: Results) -> str:
    """Machines and days, as one line."""
    machines = dict.fromkeys(r.machine.words() for r in results.values() if r.machine)
    days = sorted({report.at[:10] for report in results.values() if report.at})
    loads = [report.machine.load for report in results.values() if report.machine]
    if not machines:
        return "Nothing was measured yet."
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    return (
        f"Measured on {' and '.join(machines)}, {when}; load before the runs "
        f"{min(loads):.2f} to {max(loads):.2f}. PostgreSQL with fsync on, SQLite with "
        "`synchronous=FULL`; database, server, provider and clients share the machine."
    )


def _runs(results: Results) -> str:
    rows = []
    for run in runs():
        report = results.get(run.name)
        if report is None:
            rows.append((f"`{run.name}`", run.bench.what, "not run yet", "", "", ""))
            continue
        load = f"{report.machine.load:.2f}" if report.machine else ""
        form = "short" if report.short else "full"
        said = report.status if report.status == DONE else f"{report.status}: {_line(report.why)}"
        took = f"{report.seconds:.0f} s"
        rows.append((f"`{run.name}`", run.bench.what, said, f"{form}, {took}", report.at, load))
    return _table(("run", "what", "", "took", "began (UTC)", "load before"), rows)


def _section(name: str, report: Report) -> list[str]:
    parts = [f"## {name}"]
    if report.status != DONE:
        return [*parts, f"{report.status}: {_line(report.why)}"]
    if name == "push":
        parts.append(_push_table(report, RATE, "deliveries a second"))
        parts.append(_push_table(report, PROCESSOR, "microseconds of processor time a delivery"))
    figures = {**report.figures, **report.ratios}
    for peer, theirs in report.peers.items():
        figures |= {f"{peer}: {figure}": value for figure, value in theirs.items()}
    rows = [(f"`{figure}`", shown(v), _around(report, figure)) for figure, v in figures.items()]
    parts.append(_folded("All figures" if name == "push" else "", rows))
    if report.checks:
        parts.append("Checked: " + "; ".join(_line(text) for text in report.checks) + ".")
    parts += [f"Not measured: {part}: {_line(why)}" for part, why in report.missing.items()]
    said = {key: value for key, value in report.settings.items() if key not in _OWN}
    parts.append("Settings: " + "; ".join(f"{key} {_plain(v)}" for key, v in said.items()) + ".")
    return parts


def _folded(title: str, rows: Iterable[tuple[str, ...]]) -> str:
    table = _table(("figure", "median", "smallest .. largest round"), rows)
    if not title:
        return table
    return f"<details><summary>{title}</summary>\n\n{table}\n\n</details>"


def _push_table(report: Report, what: str, title: str) -> str:
    """Systems down, worker processes and latency across."""
    cells = push_cells({"push": report}, what)
    systems = dict.fromkeys(system for bars in cells.values() for system in bars)
    head = (f"{processes(workers)}, {latency} ms" for latency, workers in cells)
    rows = []
    for system in systems:
        found = [bars.get(system) for bars in cells.values()]
        said = (shown(bar.value) if bar and bar.value is not None else "-" for bar in found)
        rows.append((system.replace("_", "-"), *said))
    return _table((title, *head), rows)


def _around(report: Report, figure: str) -> str:
    if figure not in report.spread:
        return ""
    low, high = report.spread[figure]
    return f"{shown(low)} .. {shown(high)}"


def _plain(value: object) -> str:
    if isinstance(value, list):
        return " / ".join(_plain(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(one)}" for key, one in value.items())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,}"
    return _line(str(value))


def _line(text: str) -> str:
    """In one line, and harmless in a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
