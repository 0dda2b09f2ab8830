"""What it costs to count one delivery: `python -m bench.meters`. Time of the processor, not of the
wall, so that whoever else is busy on the machine does not count."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram

from clarion.meters import counts, durations
from clarion.telemetry import SECONDS

ROUNDS = 200_000
REPEATS = 5


def microseconds(work: Callable[[], None], rounds: int = ROUNDS) -> float:
    """Of one call, the best of some repeats."""
    best = float("inf")
    for _ in range(REPEATS):
        began = time.process_time()
        for _ in range(rounds):
            work()
        best = min(best, time.process_time() - began)
    return best / rounds * 1e6


def of_the_library() -> Callable[[], None]:
    """Two histograms and a counter, as they are counted at every accepted message."""
    registry = CollectorRegistry()
    labels = ["channel", "provider"]
    took = Histogram("a", "a", labels, buckets=SECONDS, registry=registry).labels("push", "x")
    waited = Histogram("b", "b", labels, buckets=SECONDS, registry=registry).labels("push", "x")
    sent = Counter("c_total", "c", labels, registry=registry).labels("push", "x")

    def work() -> None:
        took.observe(0.02)
        waited.observe(0.3)
        sent.inc()

    return work


def of_ours() -> Callable[[], None]:
    """The same with meters of our own."""
    registry = CollectorRegistry()
    labels = ["channel", "provider"]
    took = durations(registry, "a", "a", labels, SECONDS).labels("push", "x")
    waited = durations(registry, "b", "b", labels, SECONDS).labels("push", "x")
    sent = counts(registry, "c_total", "c", labels).labels("push", "x")

    def work() -> None:
        took.observe(0.02)
        waited.observe(0.3)
        sent.inc()

    return work


def main() -> None:
    """Print microseconds a delivery."""
    idle = microseconds(lambda: None)
    for name, work in (("library", of_the_library()), ("ours", of_ours())):
        sys.stdout.write(f"{name:8} {microseconds(work) - idle:5.2f} µs a delivery\n")


if __name__ == "__main__":
    main()
