"""Named points at which a process can be told to end as if it had been killed. For tests only."""

from __future__ import annotations

import os
import random
import re
import signal
from collections.abc import Callable, Iterable
from typing import NamedTuple

POINTS = (
    "accept.before_commit",
    "accept.after_commit",
    "deliver.after_claim",
    "deliver.after_answer",
    "fanout.after_claim",
    "fanout.before_page",
    "fanout.after_page",
    "keeper.after_fold",
    "keeper.before_prune",
    "replicate.after_claim",
    "replicate.after_apply",
    "rescuer.after_bury",
    "rescuer.after_states",
    "rescuer.after_stranded",
    "rescuer.after_tasks",
    "rescuer.before_rescued",
    "settle.before_finish",
    "settle.after_finish",
)
"""All names. `before` and `after` are about the transaction that the name's stage commits."""

_FORM = re.compile(
    r"(?P<name>[a-z_.]+):(?:(?P<time>[1-9][0-9]{0,8})|%(?P<chance>[01]?\.?[0-9]+):"
    r"(?P<seed>[0-9]{1,18}))"
)


class FailPoint(NamedTuple):
    """Where to end: at the `time`th visit of the point, or (time 0) at each with a chance."""

    name: str
    time: int = 0
    chance: float = 0.0
    seed: int = 0


def read_fail_points(text: str) -> tuple[FailPoint, ...]:
    """`name:3` (at the third time) or `name:%0.01:7` (chance and seed), several by commas.
    ValueError, in words, when it is not that."""
    return tuple(_read(part.strip()) for part in text.split(","))


def arm(points: Iterable[FailPoint], end: Callable[[], None] | None = None) -> None:
    """From now on `reach` ends this process where the points say, by `end` (SIGKILL, if None).
    Without points: disarm."""
    global _armed
    armed = _Armed(list(points), end or _kill)
    _armed = armed if armed.points else None


def reach(name: str) -> None:
    """This process is at a point; nothing happens unless it is armed."""
    if _armed is not None:
        _armed.reach(name)


class _Armed:
    def __init__(self, points: list[FailPoint], end: Callable[[], None]) -> None:
        self.points = {point.name: point for point in points}
        self._end = end
        self._visits = dict.fromkeys(self.points, 0)
        self._chances = {
            point.name: random.Random(point.seed)  # noqa: S311 - a test repeats its chances
            for point in points
        }

    def reach(self, name: str) -> None:
        point = self.points.get(name)
        if point is None:
            return
        self._visits[name] += 1
        if point.time:
            due = self._visits[name] == point.time
        else:
            due = self._chances[name].random() < point.chance
        if due:
            self._end()


_armed: _Armed | None = None


def _read(part: str) -> FailPoint:
    match = _FORM.fullmatch(part)
    if match is None:
        raise ValueError(f"cannot be read at {part[:60]!r}; write name:3 or name:%0.01:7")
    if match["name"] not in POINTS:
        raise ValueError(f"names no fail point; choose from {', '.join(POINTS)}")
    if match["time"]:
        return FailPoint(match["name"], time=int(match["time"]))
    chance = float(match["chance"])
    if not 0 < chance <= 1:
        raise ValueError(f"has a chance of {chance:g}; write one above 0 and at most 1")
    return FailPoint(match["name"], chance=chance, seed=int(match["seed"]))


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
