"""Looks into a store from outside of its server: rows of a test's own queries."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

import asyncpg

from clarion.store.postgres.connection import numbered
from clarion.store.sql.tx import Row
from clarion.store.sqlite.connection import open_connection

T = TypeVar("T")

_COLUMNS = """
select attname::text from pg_attribute
where attrelid = ?::text::regclass and attnum > 0 and not attisdropped
order by attnum
"""


class Looking(Protocol):
    """Statements with `?` for their parameters, in SQL that both dialects read."""

    def select(self, sql: str, *parameters: Any) -> list[Row]:
        """Rows of a query."""
        ...

    def change(self, sql: str, *parameters: Any) -> None:
        """Change rows behind the server's back."""
        ...

    def columns(self, table: str) -> list[str]:
        """Names of a table's columns, in order."""
        ...

    def close(self) -> None:
        """Look no more."""
        ...


class LookingIntoFile:
    """Into the file of a SQLite store."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def select(self, sql: str, *parameters: Any) -> list[Row]:
        connection = open_connection(self._path, read_only=True)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    def change(self, sql: str, *parameters: Any) -> None:
        connection = open_connection(self._path)
        try:
            connection.execute(sql, parameters)
        finally:
            connection.close()

    def columns(self, table: str) -> list[str]:
        return [name for (name,) in self.select("select name from pragma_table_info(?)", table)]

    def close(self) -> None:
        return


class LookingIntoPostgres:
    """Into a PostgreSQL database. The caller's loop waits meanwhile, so a test reads on as if it
    had a file."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._thread = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner()
        self._connection: asyncpg.Connection | None = None

    def select(self, sql: str, *parameters: Any) -> list[Row]:
        found = self._run(self._fetch(numbered(sql), parameters))
        return [tuple(row) for row in found]

    def change(self, sql: str, *parameters: Any) -> None:
        self.select(sql, *parameters)

    def columns(self, table: str) -> list[str]:
        return [name for (name,) in self.select(_COLUMNS, table)]

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._run(connection.close())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    async def _fetch(self, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
        if self._connection is None:
            self._connection = await asyncpg.connect(self._dsn)
        return list(await self._connection.fetch(sql, *parameters))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._runner.run, work).result()


def looking_into(path: Path, dsn: str | None) -> Looking:
    """Into the database at a DSN, else into the file."""
    return LookingIntoFile(path) if dsn is None else LookingIntoPostgres(dsn)
