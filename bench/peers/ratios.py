"""How many times more than others, in one round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

OURS = "clarion"
RATE, PROCESSOR = "deliveries_per_second", "cpu_microseconds"
_FIGURE = re.compile(
    rf"(?P<system>[a-z_]+?)_(?P<cell>workers_\d+_latency_\d+)_({RATE}|{PROCESSOR})"
)


def ratios(figures: Mapping[str, float]) -> dict[str, float]:
    """By peer and cell: `vs_bullmq_workers_1_latency_0` is our rate over its, with `_cpu` its
    processor time for a delivery over ours. `vs_bullmq` and `vs_bullmq_cpu` compare the best that
    each of both reached at latency 0, with whatever number of worker processes."""
    made: dict[str, float] = {}
    systems = {match["system"] for match in _matches(figures)} - {OURS}
    cells = list(dict.fromkeys(match["cell"] for match in _matches(figures)))
    for system in sorted(systems):
        for name, cell in (("", None), *((f"_{cell}", cell) for cell in cells)):
            ours, theirs = (_best(figures, one, cell) for one in (OURS, system))
            if ours and theirs:
                made[f"vs_{system}{name}"] = ours[0] / theirs[0]
                made[f"vs_{system}{name}_cpu"] = theirs[1] / ours[1]
    return made


def _best(
    figures: Mapping[str, float], system: str, cell: str | None
) -> tuple[float, float] | None:
    """Highest rate and lowest processor time, in the cell or in all of latency 0; None if it was
    not measured there."""
    cells = [
        match["cell"]
        for match in _matches(figures)
        if match["system"] == system and cell in (None, match["cell"])
    ]
    found = [each for each in cells if cell is not None or each.endswith("_latency_0")]
    if not found:
        return None
    rates, spent = (
        [figures[f"{system}_{each}_{what}"] for each in found] for what in (RATE, PROCESSOR)
    )
    return max(rates), min(spent)


def _matches(figures: Mapping[str, float]) -> Iterator[re.Match[str]]:
    for name in figures:
        if match := _FIGURE.fullmatch(name):
            yield match
