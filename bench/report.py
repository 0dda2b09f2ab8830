"""What a benchmark answers: always the same JSON form, and a table for people."""

from __future__ import annotations

import contextlib
import os
import platform
from pathlib import Path
from typing import Any

import msgspec


class Report(msgspec.Struct, kw_only=True):
    """Figures by name; peers and ratios stay empty until something is measured beside us."""

    bench: str
    settings: dict[str, Any]
    figures: dict[str, float]
    peers: dict[str, dict[str, float]] = {}
    ratios: dict[str, float] = {}

    def encoded(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2)


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


def show(report: Report) -> None:
    """Print a report as a small table."""
    print(f"bench {report.bench}")
    for name, value in report.settings.items():
        print(f"  {name}: {value}")
    for name, value in report.figures.items():
        print(f"  {name:34} {value:14,.1f}")


def percentile(values: list[float], part: float) -> float:
    """The value below which `part` (0..1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]
