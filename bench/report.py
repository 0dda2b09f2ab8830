"""What a benchmark answers: always the same JSON form, and a table for people."""

from __future__ import annotations

import contextlib
import os
import platform
import statistics
import sys
from pathlib import Path
from typing import Any

import msgspec

from bench.machine import Machine

DONE, FAILED, SKIPPED = "done", "failed", "skipped"


class SkippedError(Exception):
    """This benchmark cannot run here; the text says what is missing and how to get it."""


class Report(msgspec.Struct, kw_only=True):
    """Figures by name: medians where there were several rounds, whose smallest and largest value
    are in `spread`.

    `peers` and `ratios` stay empty until something is measured beside us. `checks` says what was
    found right before a figure counted, `missing` which part was left out and why. The fields from
    `status` on are filled in by the command line: `why` tells of a run that failed or was skipped,
    `at` is when it began (ISO 8601, UTC), `seconds` how long it took.
    """

    bench: str
    settings: dict[str, Any]
    figures: dict[str, float]
    peers: dict[str, dict[str, float]] = {}
    ratios: dict[str, float] = {}
    spread: dict[str, tuple[float, float]] = {}
    checks: list[str] = []
    missing: dict[str, str] = {}
    status: str = DONE
    why: str = ""
    store: str = ""
    short: bool = False
    at: str = ""
    seconds: float = 0.0
    machine: Machine | None = None

    def encoded(self) -> bytes:
        """As JSON, with figures rounded to what can be told apart."""
        rounded = msgspec.structs.replace(
            self,
            figures=_rounded(self.figures),
            ratios=_rounded(self.ratios),
            peers={name: _rounded(figures) for name, figures in self.peers.items()},
            spread={name: (_round(a), _round(b)) for name, (a, b) in self.spread.items()},
        )
        return msgspec.json.format(msgspec.json.encode(rounded), indent=2) + b"\n"


def decoded(data: bytes) -> Report:
    """A report as it was written; msgspec.ValidationError when it is none."""
    return msgspec.json.decode(data, type=Report)


class Rounds:
    """Values of several rounds, by figure."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = {}

    def add(self, figures: dict[str, float]) -> None:
        """What one round came to."""
        for name, value in figures.items():
            self._values.setdefault(name, []).append(value)

    def figures(self) -> dict[str, float]:
        """The median of each."""
        return {name: statistics.median(values) for name, values in self._values.items()}

    def spread(self) -> dict[str, tuple[float, float]]:
        """The smallest and the largest of each that has several."""
        several = {name: values for name, values in self._values.items() if len(values) > 1}
        return {name: (min(values), max(values)) for name, values in several.items()}


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "store": "sqlite, WAL, synchronous=FULL",
    }


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and its children so far, those that have ended included."""
    spent = 0.0
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for process, ended in [(str(pid), 4), *((child, 2) for child in listed)]:
        with contextlib.suppress(FileNotFoundError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
            spent += sum(map(int, fields[11 : 11 + ended])) / os.sysconf("SC_CLK_TCK")
    return spent


def progress(text: str) -> None:
    """Tell who is waiting what is going on; not part of the result."""
    print(f"  .. {text}", file=sys.stderr, flush=True)


def show(report: Report) -> None:
    """Print a report as a small table."""
    print(f"bench {report.bench}")
    for name, value in report.settings.items():
        print(f"  {name}: {value}")
    for name, value in {**report.figures, **report.ratios}.items():
        low, high = report.spread.get(name, (value, value))
        around = f"  ({shown(low)} .. {shown(high)})" if low < high else ""
        print(f"  {name:44} {shown(value):>14}{around}")
    for peer, figures in report.peers.items():
        for name, value in figures.items():
            print(f"  {peer + ': ' + name:44} {shown(value):>14}")
    for text in report.checks:
        print(f"  checked: {text}")
    for part, text in report.missing.items():
        print(f"  not measured: {part}: {text}")


def shown(value: float) -> str:
    """As people read it: three or four digits that count."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def percentile(values: list[float], part: float) -> float:
    """The value below which `part` (0..1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: _round(value) for name, value in figures.items()}


def _round(value: float) -> float:
    """Five digits that count; whole numbers stay."""
    return float(f"{value:.5g}") if value != int(value) else value
