"""Fan-out work: tasks, their audiences and pages, reserved keys, and workers."""

from __future__ import annotations

from typing import Any

from clarion.clock import SECOND
from clarion.errors import LostLeaseError
from clarion.store.contract.blasts import SOURCE
from clarion.store.contract.work import NOBODYS_TURN, UNCUT, Doubted, PageWrite, Task
from clarion.store.sql.blast_audience import audience_of_cut
from clarion.store.sql.codec import plain, text_json
from clarion.store.sql.ordering import advance_tasks, hold_orders
from clarion.store.sql.pages import write_page_rows
from clarion.store.sql.ranges import cut, marks
from clarion.store.sql.suspects import alone_tasks
from clarion.store.sql.tx import Executor, Row, Rows, Tx, Values

FORGOTTEN_AFTER = 24 * 3600 * SECOND
_BULK = 3
TURNS_LOOKED_AT = 16
MOST_TURNS = 200
"""A claim looks at some tenants more than it has room for, as nothing of theirs may be due, but not
at all of them: the next claim goes on behind the last one."""


class SqlWork:
    """Tasks and workers."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def start_worker(self, lanes: list[int], lease: int, now: int) -> int:
        async def work(tx: Tx) -> list[Row]:
            at = await tx.clock(now)
            return await tx.rows("work/insert_worker", at, text_json(lanes), lease)

        rows = await self._executor.write(work, 0)
        return int(rows[0][0])

    async def beat(self, worker: int, now: int) -> bool:
        async def work(tx: Tx) -> int:
            return await tx.run("work/beat", worker, await tx.clock(now))

        return await self._executor.write(work, 0) > 0

    async def stop_worker(self, worker: int, now: int) -> None:
        async def work(tx: Tx) -> int:
            return await tx.run("work/stop_worker", worker, await tx.clock(now))

        await self._executor.write(work, 0)

    async def bury(self, alone: int, now: int) -> list[int]:
        async def work(tx: Tx) -> list[Row]:
            await tx.run("work/bury_lapsed", alone, await tx.clock(now))
            return await tx.rows("work/dead_workers")

        return [worker for (worker,) in await self._executor.write(work, 0)]

    async def rescue_tasks(self, dead: list[int]) -> int:
        wanted = Values(dead)
        return await self._executor.write(lambda tx: tx.run("work/rescue_tasks", wanted), 0)

    async def left_behind(self) -> int:
        return await self._executor.write(lambda tx: tx.run("work/left_behind"), _BULK)

    async def rescued(self, dead: list[int], now: int) -> None:
        async def work(tx: Tx) -> None:
            at = await tx.clock(now)
            await tx.run("work/rescued", Values(dead), at)
            await tx.run("work/forget_workers", at - FORGOTTEN_AFTER)

        await self._executor.write(work, 0)

    async def doubt(self, worker: int, alone: bool, now: int) -> Doubted:
        async def work(tx: Tx) -> Doubted:
            ((living,),) = await tx.rows("work/living", worker, await tx.clock(now))
            if living and not alone:
                return Doubted(living=living)
            waiting = await tx.run("work/doubt_ready", worker)
            rows = await tx.rows("work/unwalked")
            return Doubted(deliveries=waiting, events=[(env, event) for env, event in rows])

        return await self._executor.write(work, _BULK)

    async def lead(self, role: str, worker: int, term: int, now: int) -> bool:
        async def work(tx: Tx) -> int:
            at = await tx.clock(now)
            return await tx.run("work/lead", role, worker, at + term, at)

        return await self._executor.write(work, 0) > 0

    async def claim_tasks(
        self,
        lanes: list[int],
        worker: int,
        limit: int,
        now: int,
        after: tuple[int, int] = NOBODYS_TURN,
    ) -> list[Task]:
        async def work(tx: Tx) -> list[Task]:
            found: list[Task] = []
            for lane in sorted(lanes):
                if len(found) < limit:
                    rows = await _claim_lane(tx, lane, worker, limit - len(found), now, after)
                    rows = await alone_tasks(tx, rows, worker, now)
                    found += sorted(map(_task, rows), key=lambda task: task.task)
            return found

        return await self._executor.write(work, min(lanes))

    async def reclaim_tasks(self, lanes: list[int], worker: int) -> list[Task]:
        wanted = Values(lanes)
        rows = await self._executor.write(
            lambda tx: tx.rows("work/reclaim_tasks", wanted, worker), min(lanes)
        )
        return sorted((_task(row) for row in rows), key=lambda task: (task.lane, task.task))

    async def audience(self, task: Task, after: int, limit: int) -> list[int]:
        rows = await self._executor.read(lambda tx: _audience(tx, task, after, limit))
        return [user for (user,) in rows]

    async def marks(self, task: Task, after: int, step: int, limit: int) -> list[int]:
        return await self._executor.read(lambda tx: marks(tx, task, after, step, limit))

    async def cut(self, task: Task, bounds: list[int], rest: bool) -> None:
        await self._executor.write(lambda tx: cut(tx, task, bounds, rest), task.lane)

    async def write_page(
        self, task: Task, page: PageWrite, cursor: int, done: bool, now: int
    ) -> None:
        async def work(tx: Tx) -> None:
            await _hold_order(tx, task)
            if not await tx.run("work/move_cursor", task.task, task.fence, cursor, int(done)):
                raise LostLeaseError(f"task {task.task} was taken over")
            await write_page_rows(tx, page, new_event=False)
            if done:
                await tx.run("work/end_task", task.env, task.event)
                await _advance(tx, task)

        await self._executor.write(work, task.lane)

    async def give_back(self, task: Task, due: int, state: int) -> None:
        async def work(tx: Tx) -> None:
            await _hold_order(tx, task)
            await tx.run("work/give_back", task.task, task.fence, due, state)
            if state:
                await _advance(tx, task)
            else:
                await _end_turn(tx, task, due)

        await self._executor.write(work, task.lane)

    async def postpone(self, task: Task, due: int) -> None:
        async def work(tx: Tx) -> None:
            await tx.run("work/postpone", task.task, task.fence, due)
            await _end_turn(tx, task, due)

        await self._executor.write(work, task.lane)

    async def reserve(
        self, rows: list[tuple[int, str, int, int, str, int]], now: int
    ) -> dict[tuple[int, int, str], int]:
        ordered = sorted(rows, key=lambda row: (row[0], *row[2:5], row[1]))
        asked = Rows(ordered)
        # Keys are locked by their rows, in order and each once: of two events the first gets it.
        firsts = {(row[0], *row[2:5]): row for row in reversed(ordered)}
        once = asked if len(firsts) == len(ordered) else Rows([*reversed(firsts.values())])

        async def work(tx: Tx) -> dict[tuple[int, int, str], int]:
            await tx.run("work/reserve_dedupe", once, now)
            return {(w, u, k): until for w, u, k, until in await tx.rows("work/holders", asked)}

        return await self._executor.write(work, 0)

    async def prune_dedupe(self, now: int, limit: int) -> int:
        return await self._executor.write(lambda tx: tx.run("work/prune_dedupe", now, limit), _BULK)


def _task(row: tuple[Any, ...]) -> Task:
    return Task(
        task=row[0], env=row[1], event=row[2], workflow=row[3], lane=row[4], tenant=row[5],
        source=row[6], scope=row[7], hi=row[8], cursor=row[9], excepted=tuple(plain(row[10])),
        fence=row[11], crashes=row[12], ordering_key=row[13], cut=row[14],
    )  # fmt: skip


async def _claim_lane(
    tx: Tx, lane: int, worker: int, limit: int, now: int, after: tuple[int, int]
) -> list[Row]:
    turns = await tx.rows("work/turns", lane, *after, min(limit + TURNS_LOOKED_AT, MOST_TURNS))
    takers = [[env, tenant] for env, tenant, due in turns if due <= now][:limit]
    if not takers:
        return []
    return await tx.rows("work/claim_tasks", lane, worker, limit, now, Rows(takers))


async def _hold_order(tx: Tx, task: Task) -> None:
    if task.ordering_key is not None:
        await hold_orders(tx, [(task.env, task.ordering_key)])


async def _advance(tx: Tx, task: Task) -> None:
    if task.ordering_key is not None:
        await advance_tasks(tx, (task.env, task.ordering_key))


async def _end_turn(tx: Tx, task: Task, due: int) -> None:
    if task.cut != UNCUT:
        await tx.run("work/end_turn", task.env, task.event, task.lane, task.task, due)


async def _audience(tx: Tx, task: Task, after: int, limit: int) -> list[tuple[Any, ...]]:
    if task.source == "nobody":
        return [(0,)] if after < 0 else []
    excepted = Values(task.excepted)
    if task.source.startswith(SOURCE):
        return [*await audience_of_cut(tx, task, after, limit)]
    if task.source == "users":
        return await tx.rows(
            "work/audience_users", task.env, task.event, after, task.hi, limit, excepted
        )
    if task.source == "topic":
        return await tx.rows(
            "work/audience_topic", task.env, task.scope, after, task.hi, limit, excepted
        )
    if task.scope:
        return await tx.rows(
            "work/audience_tenant", task.env, task.scope, after, task.hi, limit, excepted
        )
    return await tx.rows("work/audience_all", task.env, after, task.hi, limit, excepted)
