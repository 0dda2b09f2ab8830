"""All benchmarks, one after the other, each in a process of its own that may fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench.catalog import Run, runs
from bench.machine import described
from bench.publish import PUBLISHED, TRIED, publish
from bench.report import DONE, FAILED, SKIPPED, Report, decoded

SHORT_SECONDS = 300.0
"""The most that a short run may take; on a quiet machine it takes less than sixty."""
END_SECONDS = 40
CALM_SECONDS = 120.0
"""The most that a full run waits for what the run before has left in the average load."""


def run_all(short: bool, to: Path | None, only: list[str]) -> int:
    """Results, tables and plots in `to` (default: the published ones; for short runs a folder that
    is not kept in git). `only` names benches or runs. 1 when one of them failed."""
    folder = to or (TRIED if short else PUBLISHED)
    results = folder / "results"
    results.mkdir(parents=True, exist_ok=True)
    chosen = [run for run in runs() if not only or run.name in only or run.bench.name in only]
    statuses = []
    for number, run in enumerate(chosen, 1):
        print(f"[{number}/{len(chosen)}] {run.name}: {run.bench.what}", flush=True)
        if number > 1 and not short:
            _calm()
        report = _one(run, short, results / f"{run.name}.json")
        statuses.append(report.status)
        print(
            f"[{number}/{len(chosen)}] {run.name}: {report.status} after {report.seconds:.0f} s",
            flush=True,
        )
    publish(folder)
    print(f"{_counts(statuses)}; tables and plots are in {folder}")
    return 1 if FAILED in statuses or not chosen else 0


def command(run: Run, short: bool, path: Path) -> list[str]:
    """What its process is started with."""
    parts = [sys.executable, "-m", "bench", "run", run.bench.name, "--store", run.store]
    return [*parts, "--json", str(path), *(["--short"] if short else [])]


def _counts(statuses: list[str]) -> str:
    said = (f"{statuses.count(status)} {status}" for status in (DONE, FAILED, SKIPPED))
    return ", ".join(said)


def _one(run: Run, short: bool, path: Path) -> Report:
    """Its report, which is in the file as well, also when it wrote none itself."""
    path.unlink(missing_ok=True)
    limit = SHORT_SECONDS if short else run.bench.minutes * 60
    before, began = described(), time.perf_counter()
    process = subprocess.Popen(command(run, short, path), start_new_session=True)
    why = ""
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        why = f"it took more than {limit:.0f} s"
    finally:
        _end(process)
    if not why and path.exists():
        return decoded(path.read_bytes())
    report = Report(
        bench=run.bench.name, settings={}, figures={}, status=FAILED, short=short,
        why=why or f"its process ended with {process.returncode}",
        seconds=round(time.perf_counter() - began, 1), machine=before,
    )  # fmt: skip
    path.write_bytes(report.encoded())
    return report


def _calm() -> None:
    until = time.monotonic() + CALM_SECONDS
    while described().warning() and time.monotonic() < until:
        time.sleep(1)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop it and all that it started, which are a session of their own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
