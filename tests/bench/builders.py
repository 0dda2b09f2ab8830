"""Results as benchmarks leave them."""

from __future__ import annotations

from typing import Any

from bench.machine import Machine
from bench.report import Report

QUIET = Machine(
    cpu="a processor", cores=2, memory_gigabytes=24.0, system="Linux 6 x86_64", python="3.11.7",
    load=0.1,
)  # fmt: skip


def a_report(bench: str, **changed: Any) -> Report:
    """One that ran for a minute on a quiet machine."""
    values: dict[str, Any] = {
        "bench": bench, "settings": {"rounds": 3}, "figures": {}, "at": "2026-11-22T10:00:00+00:00",
        "seconds": 60.0, "machine": QUIET,
    }  # fmt: skip
    return Report(**{**values, **changed})
