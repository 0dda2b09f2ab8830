"""Cutting a large audience into ranges of user numbers, so that several workers walk one event.

A task is looked at when it is claimed for the first time. One that has more members than fit a
first range keeps just these, and is walked at once; what is left behind them is a task of its own,
which whoever claims it cuts evenly. Members are counted off along the index, so it makes no
difference how their numbers lie.
"""

from __future__ import annotations

import msgspec

from clarion.store.contract import Store
from clarion.store.contract.work import RANGE, REST, UNCUT, Task

STEP = 5_000
"""Members between two places where an audience may be cut."""

FIRST_STEPS = 2
"""Steps of the first range. An audience with no more is not cut."""

MOST_RANGES = 64
"""Of one task, the first included."""

MOST_MARKS = 1_024
"""Places kept in mind; when there are more, every second is dropped, and so on. As they are many
times the ranges, these are of nearly the same size."""

MARKS_A_LOOK = 20
"""So that no look holds a reader for long."""


async def cut(store: Store, task: Task) -> Task:
    """The task, or what is left of it when it was cut. LostLeaseError when it was taken over."""
    if task.cut == UNCUT:
        bounds = await store.work.marks(task, task.cursor, STEP * FIRST_STEPS, 1)
        if bounds and bounds[0] < task.hi:
            await store.work.cut(task, bounds, True)
            return msgspec.structs.replace(task, hi=bounds[0], cut=RANGE)
    elif task.cut == REST:
        bounds = even(await _all_marks(store, task), MOST_RANGES - 1)
        if bounds:
            await store.work.cut(task, bounds, False)
            return msgspec.structs.replace(task, hi=bounds[0], cut=RANGE)
    return task


async def _all_marks(store: Store, task: Task) -> list[int]:
    found: list[int] = []
    step, after = STEP, task.cursor
    while True:
        some = await store.work.marks(task, after, step, MARKS_A_LOOK)
        found += some
        if len(some) < MARKS_A_LOOK:
            return found
        after = found[-1]
        while len(found) > MOST_MARKS:
            found = found[1::2]
            step *= 2
            after = found[-1]


def even(marks: list[int], ranges: int) -> list[int]:
    """Bounds among marks that lie equally far apart, for at most so many ranges."""
    steps = len(marks) + 1
    ranges = min(ranges, steps)
    places = [steps * n // ranges for n in range(1, ranges)]
    return [marks[place - 1] for place in places]
