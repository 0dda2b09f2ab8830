"""Ranges of an audience: where to cut, and the tasks that walk the parts.

An audience is cut by its members' own numbers, found by steps along the index that the walk itself
uses; outside any write, and without reading a row.
"""

from __future__ import annotations

from clarion.errors import LostLeaseError
from clarion.store.contract.work import RANGE, REST, Task
from clarion.store.sql.ordering import hold_orders
from clarion.store.sql.tx import Row, Rows, Tx


async def marks(tx: Tx, task: Task, after: int, step: int, limit: int) -> list[int]:
    """See `WorkStore.marks`."""
    found: list[int] = []
    while len(found) < limit:
        row = await _mark(tx, task, after, step - 1)
        if row is None:
            break
        (after,) = row
        found.append(after)
    return found


async def cut(tx: Tx, task: Task, bounds: list[int], rest: bool) -> None:
    """See `WorkStore.cut`."""
    if task.ordering_key is not None:
        await hold_orders(tx, [(task.env, task.ordering_key)])
    if not await tx.run("work/shorten_task", task.task, task.fence, bounds[0]):
        raise LostLeaseError(f"task {task.task} was taken over")
    ends = [*bounds[1:], task.hi]
    ranges = [[lo + 1, hi, RANGE] for lo, hi in zip(bounds, ends, strict=True)]
    if rest:
        ranges[-1][2] = REST
    await tx.run("work/insert_ranges", task.task, Rows(ranges))
    await tx.run("work/expand_event", task.env, task.event, len(ranges))


async def _mark(tx: Tx, task: Task, after: int, skipped: int) -> Row | None:
    if task.source == "topic":
        return await tx.row("work/mark_topic", task.env, task.scope, after, task.hi, skipped)
    if task.source != "all":
        return None
    if task.scope:
        return await tx.row("work/mark_tenant", task.env, task.scope, after, task.hi, skipped)
    return await tx.row("work/mark_all", task.env, after, task.hi, skipped)
