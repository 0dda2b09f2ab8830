"""What the store holds, read beside the processes under test in plain SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg

Row = tuple[Any, ...]
AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What reading raises while the store is away."""


class Records:
    """Reads rows of a store, by its DSN or the path of its file."""

    def __init__(self, place: str) -> None:
        self._place = place

    async def rows(self, sql: str) -> list[Row]:
        """Rows of a query that both dialects know."""
        if not self._place.startswith("postgresql"):
            return self._of_file(sql)
        connection = await asyncpg.connect(self._place, timeout=10)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    async def count(self, sql: str) -> int:
        """The one number that a query answers."""
        return int((await self.rows(sql))[0][0] or 0)

    async def open_work(self) -> int:
        """Deliveries and tasks that are not at their end, at one instant."""
        return await self.count(
            "select (select count(*) from ready)"
            " + (select count(*) from task where state in (0, 1))"
        )

    async def in_hand(self, worker: int) -> int:
        """Sends that a worker has begun and not settled."""
        return await self.count(f"select count(*) from ready where state = 1 and worker = {worker}")  # noqa: S608 - a number

    def _of_file(self, sql: str) -> list[Row]:
        if not Path(self._place).exists():
            return []
        with closing(sqlite3.connect(f"file:{self._place}?mode=ro", uri=True, timeout=30)) as file:
            return file.execute(sql).fetchall()
