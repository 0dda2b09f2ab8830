"""Databases on the PostgreSQL that all tests of a process share."""

from __future__ import annotations

from clarion.store.postgres.store import open_postgres
from clarion.testing.servers.postgres import Postgres
from tests.store.builders import NOW

_TEMPLATE = "migrated"
_MADE = f"select 1 from pg_database where datname = '{_TEMPLATE}'"


async def fresh_database(server: Postgres) -> str:
    """DSN of a new database with the schema and the days around NOW."""
    if not await server.execute(_MADE):
        await server.execute(f"create database {_TEMPLATE}")
        store = await open_postgres(server.dsn(_TEMPLATE), NOW)
        await store.close()
    return await server.create_database(_TEMPLATE)
