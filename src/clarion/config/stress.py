"""What may be said of an account under stress: its rate and its breaker."""

from __future__ import annotations

import math

from clarion.config.given import Given
from clarion.config.values import OddError
from clarion.core.breaker import BreakerPolicy
from clarion.core.document import kind_of
from clarion.core.quota import Quota
from clarion.core.suggestion import did_you_mean

BOUNDS: dict[str, tuple[float, float]] = {
    "failures": (1, 100_000),
    "rate": (0.01, 1.0),
    "window_seconds": (1, 3600),
    "open_seconds": (1, 3600),
    "longest_open_seconds": (1, 86_400),
    "probe_seconds": (31, 3600),
    "step_seconds": (1, 3600),
}
"""Fields of the table `breaker` with their bounds, both included. A probe outlasts the longest
time-out of a send."""


def rate_of(given: Given) -> float:
    """Messages a second: a number from 0.01 to 100,000."""
    return _number(given.value, "is", 0.01, 100_000)


def quota_of(rate_per_second: float | None, burst: int | None) -> Quota | None:
    """The quota; without a burst a second's worth may leave at once."""
    if rate_per_second is None:
        return None
    return Quota(rate_per_second=rate_per_second, burst=burst or max(1, math.ceil(rate_per_second)))


def breaker_of(given: Given) -> BreakerPolicy:
    """A table of numbers; what is left out is as usual."""
    table = given.value
    if not isinstance(table, dict):
        example = "write breaker = { failures = 20 }"
        raise OddError(f"is {kind_of(table)}; {example}, or a table [{given.name}]")
    for name in table:
        if name not in BOUNDS:
            raise OddError(f"holds {name[:40]!r}; {did_you_mean(name, tuple(BOUNDS))}")
    found = {
        name: _number(value, f"has a {name} that is", *BOUNDS[name])
        for name, value in table.items()
    }
    failures = found.pop("failures", BreakerPolicy().failures)
    if failures != int(failures):
        raise OddError(f"has failures that are {failures}; write a whole number")
    policy = BreakerPolicy(failures=int(failures), **found)
    if policy.longest_open_seconds < policy.open_seconds:
        raise OddError("has a longest_open_seconds below its open_seconds; raise it")
    return policy


def _number(value: object, said: str, low: float, high: float) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, int | float) or not number or not low <= value <= high:
        shown = str(value) if number else kind_of(value)
        bounds = f"from {low:g} to {high:g}" if high < 1e6 else f"of at least {low:g}"
        raise OddError(f"{said} {shown}; write a number {bounds}, without quotes")
    return value
