"""What was in flight at a death: of these a worker holds one at a time.

Should it die again, no other of them dies with it for the second time, so only what kills is
quarantined. A suspect is a row or a task with a crash before this claim.
"""

from __future__ import annotations

from collections.abc import Sequence

from clarion.store.sql.tx import Row, Rows, Tx

APART = 10_000
"""Microseconds between the next looks at those that have to wait."""

_CRASHES_OF_ROW, _CRASHES_OF_TASK = 10, 12


async def alone(tx: Tx, rows: Sequence[Row], worker: int, now: int) -> list[Row]:
    """Ready rows claimed just now without the suspects that have to wait; those are given back."""
    suspects = [row for row in rows if row[_CRASHES_OF_ROW] > 1]
    waiting = await _waiting(tx, suspects, worker)
    if waiting:
        await tx.run("deliveries/put_back", _later(waiting, now))
    return [row for row in rows if row not in waiting]


async def alone_tasks(tx: Tx, rows: Sequence[Row], worker: int, now: int) -> list[Row]:
    """The same for tasks."""
    suspects = [row for row in rows if row[_CRASHES_OF_TASK] > 1]
    waiting = await _waiting(tx, suspects, worker)
    if waiting:
        await tx.run("work/put_back", _later(waiting, now))
    return [row for row in rows if row not in waiting]


async def _waiting(tx: Tx, suspects: list[Row], worker: int) -> list[Row]:
    """All but the first, or all where the worker holds another one."""
    if not suspects:
        return []
    await tx.hold("suspects", worker)
    (held,) = await tx.row("deliveries/suspects", worker) or (0,)
    return suspects[1:] if held <= len(suspects) else suspects


def _later(waiting: list[Row], now: int) -> Rows:
    ordered = sorted(row[0] for row in waiting)
    return Rows([[number, now + place * APART] for place, number in enumerate(ordered, 1)])
