"""A fresh store of every member of the contract; SQLite works inline and on threads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from clarion.store.postgres.store import PostgresStore, open_postgres
from clarion.store.sql.store import SqlStore
from clarion.store.sqlite.store import open_store
from clarion.testing.servers.postgres import Postgres
from tests.store.builders import NOW
from tests.store.servers import emptied_database, fresh_database


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
async def dsn(postgres: Postgres) -> str:
    """A migrated database of the test's own."""
    return await fresh_database(postgres)


@pytest.fixture
async def postgres_store(dsn: str) -> AsyncIterator[PostgresStore]:
    opened = await open_postgres(dsn, NOW, clock_offset=None)
    yield opened
    await opened.close()


@pytest.fixture(params=["inline", "thread", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened: SqlStore
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        opened = await open_postgres(await emptied_database(server), NOW, clock_offset=None)
    else:
        file = tmp_path / "clarion.db"
        opened = open_store(file, NOW, serve=True, inline=request.param == "inline")
    yield opened
    await opened.close()
