"""What a benchmark answers: always the same JSON form, and a table for people."""

from __future__ import annotations

import os
import platform
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
