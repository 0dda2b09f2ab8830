"""`python -m clarion.testing.simulation`: play one seed and show it, or play many.

    --seed 7                 the trace of seed 7 and what was wrong
    --seeds 10000            seeds 0 to 9999 on all cores; failing ones with the end of their trace
    --seeds 100 --first 500  seeds 500 to 599

Exit code 0: nothing was violated; 1: something was.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from clarion.testing.simulation.run import Report, play

SHOWN_SEEDS = 3
SHOWN_LINES = 60
LISTED_SEEDS = 20
AT_ONCE = 8


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m clarion.testing.simulation")
    parser.add_argument("--seed", type=int, help="play this seed and show its trace")
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds to play")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    chosen = parser.parse_args(arguments)
    if chosen.seed is not None:
        return _show(play(chosen.seed))
    return _many(range(chosen.first, chosen.first + chosen.seeds), max(1, chosen.jobs))


def _show(report: Report) -> int:
    _say(*report.trace, "", *_verdict(report))
    return int(bool(report.violations))


def _verdict(report: Report) -> list[str]:
    faults = ", ".join(f"{count} x {name}" for name, count in report.faults.items()) or "no faults"
    lines = [
        f"seed {report.seed}: {report.seconds:.0f} s of the world, {report.turns} turns, "
        f"{report.deliveries} deliveries, {report.asks} requests; {faults}",
        f"digest {report.digest}",
    ]
    return lines + [f"VIOLATED {v.name}: {v.message}" for v in report.violations]


def _many(seeds: range, jobs: int) -> int:
    failed: list[Report] = []
    faults: Counter[str] = Counter()
    deliveries = 0
    with _progress() as progress:
        bar = progress.add_task("seeds", total=len(seeds), failed=0)
        for report in _played(seeds, jobs):
            faults.update(report.faults)
            deliveries += report.deliveries
            if report.violations:
                failed.append(report)
            progress.update(bar, advance=1, failed=len(failed))
    failed.sort(key=lambda report: report.seed)
    for report in failed[:SHOWN_SEEDS]:
        _say("", *report.trace[-SHOWN_LINES:], *_verdict(report))
    counted = ", ".join(f"{count} x {name}" for name, count in sorted(faults.items()))
    _say("", f"{len(seeds)} seeds, {deliveries} deliveries; {counted}")
    if failed:
        listed = ", ".join(str(report.seed) for report in failed[:LISTED_SEEDS])
        _say(
            f"{len(failed)} failed, first: {listed}",
            f"play it again: python -m clarion.testing.simulation --seed {failed[0].seed}",
        )
    return int(bool(failed))


def _played(seeds: range, jobs: int) -> Iterator[Report]:
    if jobs == 1:
        yield from map(play, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(play, seeds, chunksize=AT_ONCE)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
