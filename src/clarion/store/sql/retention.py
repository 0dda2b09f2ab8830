"""Forgetting events of long ago.

An event is removed with its rows in one transaction. A member that keeps days apart drops whole
days first (`days`); what is left is removed row by row.
"""

from __future__ import annotations

from clarion.store.sql.inbox import uncount
from clarion.store.sql.tx import Executor, Rows, Tx

URGENCY = 3
TABLES = (
    "event_payload", "event_tag", "event_workflow", "event_recipient", "event_count", "event_delta",
    "task", "attempt", "delivery", "decision", "content", "dead_letter", "notification", "event",
)  # fmt: skip
"""What hangs on an event; the event is the last."""


class SqlRetention:
    """Member of the RetentionStore contract."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def items(self, before: bytes, limit: int) -> int:
        async def work(tx: Tx) -> int:
            old = await tx.rows("retention/select_items", before, limit)
            await uncount(tx, [row for row in old if row[7]])
            return await tx.run("retention/delete_items", Rows([row[:4] for row in old]))

        return await self._executor.write(work, URGENCY)

    async def days(self, before: int) -> int:
        return 0

    async def events(self, before: bytes, limit: int) -> int:
        async def work(tx: Tx) -> int:
            done = await tx.rows("retention/select_events", before, limit)
            for env, event in done:
                await self.forget(tx, env, event)
            return len(done)

        return await self._executor.write(work, URGENCY)

    async def forget(self, tx: Tx, env: int, event: bytes) -> None:
        """Remove an event and what hangs on it."""
        for table in TABLES:
            where = f"delete from {table} where env = ? and event = ?"  # noqa: S608 - ours
            await tx.composed(where, [env, event])

    async def keys(
        self, before: bytes, after: tuple[int, str], limit: int
    ) -> tuple[int, str] | None:
        async def work(tx: Tx) -> tuple[int, str] | None:
            seen = await tx.rows("retention/select_keys", *after, limit)
            old = [(env, key, event.hex()) for env, key, event in seen if event < before]
            await tx.run("events/delete_keys", Rows(old))
            return (seen[-1][0], seen[-1][1]) if len(seen) == limit else None

        return await self._executor.write(work, URGENCY)

    async def captures(self, before: int, limit: int) -> int:
        return await self._executor.write(
            lambda tx: tx.run("retention/delete_captures", before, limit), URGENCY
        )
