"""Fan-out work on SQLite: one server holds the file, so a former process's work is free at once."""

from __future__ import annotations

from typing import Any

from clarion.clock import SECOND
from clarion.errors import LostLeaseError
from clarion.store.contract.work import PageWrite, Task
from clarion.store.sqlite.codec import plain, rows_json, text_json
from clarion.store.sqlite.connection import Tx
from clarion.store.sqlite.executor import Executor
from clarion.store.sqlite.pages import write_page_rows

FORGOTTEN_AFTER = 24 * 3600 * SECOND
_BULK = 3


class SqliteWork:
    """Tasks and workers on SQLite."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def start_worker(self, lanes: list[int], lease: int, now: int) -> int:
        rows = await self._executor.write(
            lambda tx: tx.rows("work/insert_worker", now, text_json(lanes), lease), 0
        )
        return int(rows[0][0])

    async def beat(self, worker: int, now: int) -> bool:
        return await self._executor.write(lambda tx: tx.run("work/beat", worker, now) > 0, 0)

    async def stop_worker(self, worker: int, now: int) -> None:
        await self._executor.write(lambda tx: tx.run("work/stop_worker", worker, now), 0)

    async def bury(self, alone: int, now: int) -> list[int]:
        def work(tx: Tx) -> list[int]:
            tx.run("work/bury_lapsed", alone, now)
            if alone:
                tx.run("work/revive_tasks")
            return [worker for (worker,) in tx.rows("work/dead_workers")]

        return await self._executor.write(work, 0)

    async def rescue_tasks(self, dead: list[int]) -> int:
        wanted = text_json(dead)
        return await self._executor.write(lambda tx: tx.run("work/rescue_tasks", wanted), 0)

    async def rescued(self, dead: list[int], now: int) -> None:
        def work(tx: Tx) -> None:
            tx.run("work/rescued", text_json(dead), now)
            tx.run("work/forget_workers", now - FORGOTTEN_AFTER)

        await self._executor.write(work, 0)

    async def lead(self, role: str, worker: int, term: int, now: int) -> bool:
        return await self._executor.write(
            lambda tx: tx.run("work/lead", role, worker, now + term, now) > 0, 0
        )

    async def claim_tasks(self, lanes: list[int], worker: int, limit: int, now: int) -> list[Task]:
        wanted = text_json(lanes)
        rows = await self._executor.write(
            lambda tx: tx.rows("work/claim_tasks", wanted, worker, limit, now), min(lanes)
        )
        return sorted((_task(row) for row in rows), key=lambda task: (task.lane, task.task))

    async def audience(self, task: Task, after: int, limit: int) -> list[int]:
        rows = await self._executor.read(lambda tx: _audience(tx, task, after, limit))
        return [user for (user,) in rows]

    async def write_page(
        self, task: Task, page: PageWrite, cursor: int, done: bool, now: int
    ) -> None:
        def work(tx: Tx) -> None:
            if not tx.run("work/move_cursor", task.task, task.fence, cursor, done):
                raise LostLeaseError(f"task {task.task} was taken over")
            write_page_rows(tx, page, new_event=False)
            if done:
                tx.run("work/end_task", task.env, task.event)

        await self._executor.write(work, task.lane)

    async def give_back(self, task: Task, due: int, state: int) -> None:
        await self._executor.write(
            lambda tx: tx.run("work/give_back", task.task, task.fence, due, state), task.lane
        )

    async def reserve(
        self, rows: list[tuple[int, str, int, int, str, int]], now: int
    ) -> set[tuple[int, int, str]]:
        ordered = rows_json(sorted(rows))

        def work(tx: Tx) -> set[tuple[int, int, str]]:
            tx.run("work/reserve_dedupe", ordered, now)
            return {(w, u, k) for w, u, k in tx.rows("work/holders", ordered)}

        return await self._executor.write(work, 0)

    async def prune_dedupe(self, now: int, limit: int) -> int:
        return await self._executor.write(lambda tx: tx.run("work/prune_dedupe", now, limit), _BULK)


def _task(row: tuple[Any, ...]) -> Task:
    return Task(
        task=row[0], env=row[1], event=row[2], workflow=row[3], lane=row[4], tenant=row[5],
        source=row[6], scope=row[7], hi=row[8], cursor=row[9], excepted=tuple(plain(row[10])),
        fence=row[11], crashes=row[12],
    )  # fmt: skip


def _audience(tx: Tx, task: Task, after: int, limit: int) -> list[tuple[Any, ...]]:
    excepted = text_json(task.excepted)
    if task.source == "users":
        return tx.rows("work/audience_users", task.env, task.event, after, task.hi, limit, excepted)
    if task.source == "topic":
        return tx.rows("work/audience_topic", task.env, task.scope, after, task.hi, limit, excepted)
    if task.scope:
        return tx.rows(
            "work/audience_tenant", task.env, task.scope, after, task.hi, limit, excepted
        )
    return tx.rows("work/audience_all", task.env, after, task.hi, limit, excepted)
