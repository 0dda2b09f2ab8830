from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest

from clarion.errors import SettingsError
from clarion.store.postgres.connection import lock_number
from clarion.store.postgres.migrate import OLDEST_SERVER, migrate, migrations, refuse_old_server
from clarion.store.postgres.store import migrate_database, open_postgres
from clarion.testing.servers.postgres import Postgres
from tests.store.builders import NOW

SCHEMA = """
select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
    || ' ' || coalesce(column_default, '') || ' ' || coalesce(collation_name, '')
from information_schema.columns where table_schema = 'public'
union all
select indexdef from pg_indexes where schemaname = 'public'
union all
select relname || ' ' || coalesce(reloptions::text, '') from pg_class
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
order by 1
"""
WAITS = "select exists (select 1 from pg_locks where pid = $1 and not granted)"
IN_A_PROCESS = """
import asyncio, sys
from clarion.store.postgres.store import migrate_database
print(len(asyncio.run(migrate_database(sys.argv[1], 1))))
"""


@pytest.fixture
async def empty(postgres: Postgres) -> str:
    """DSN of a database with nothing in it."""
    return await postgres.create_database()


@pytest.fixture
async def connection(empty: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(empty)
    yield opened
    await opened.close()


async def schema(connection: asyncpg.Connection) -> list[str]:
    return [row[0] for row in await connection.fetch(SCHEMA)]


async def test_a_fresh_database_gets_every_migration_once(
    connection: asyncpg.Connection,
) -> None:
    assert await migrate(connection, NOW) == [name for _, name, _ in migrations()]
    made = await schema(connection)
    assert await migrate(connection, NOW + 1) == []
    assert await schema(connection) == made


async def test_a_database_migrated_step_by_step_equals_a_fresh_one(
    connection: asyncpg.Connection, postgres: Postgres
) -> None:
    known = migrations()
    for count in range(1, len(known) + 1):
        await migrate(connection, NOW, known[:count])
    fresh = await asyncpg.connect(await postgres.create_database())
    await migrate(fresh, NOW)
    assert await schema(connection) == await schema(fresh)
    await fresh.close()


async def test_provider_ids_of_before_are_found_after_the_migration(
    connection: asyncpg.Connection,
) -> None:
    known = migrations()
    await migrate(connection, NOW, known[:6])
    await connection.execute(
        "create table delivery_7 partition of delivery for values from (minvalue) to (maxvalue);"
        'insert into delivery (env, event, workflow, "user", step, channel, destination, status, '
        "account, lane, created_at, updated_at, provider_id) "
        "select 1, '\\x07', 2, 3, 4, 5, n, 1, 'fcm', 1, 0, 0, case when n = 6 then 'p-6' end "
        "from generate_series(6, 7) as n"
    )
    await migrate(connection, NOW, known[:7])
    assert [tuple(row) for row in await connection.fetch("select * from provider_reference")] == [
        (1, "p-6", b"\x07", 2, 3, 4, 5, 6)
    ]


async def test_processes_that_start_together_migrate_once(empty: str) -> None:
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", IN_A_PROCESS, empty, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    counts = [int((await process.communicate())[0]) for process in started]
    assert sorted(counts) == [0, len(migrations())]


async def test_who_waits_for_the_migration_of_another_does_not_give_up(
    empty: str, connection: asyncpg.Connection
) -> None:
    hasty = await asyncpg.connect(empty, server_settings={"lock_timeout": "1ms"})
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", lock_number("migrate"))
        waiting = asyncio.create_task(migrate(hasty, NOW))
        while not await connection.fetchval(WAITS, hasty.get_server_pid()):
            assert not waiting.done()
    assert len(await waiting) == len(migrations())
    assert await hasty.fetchval("show lock_timeout") == "1ms"
    await hasty.close()


async def test_a_database_of_a_newer_version_is_refused(
    empty: str, connection: asyncpg.Connection
) -> None:
    await migrate(connection, NOW)
    await connection.execute("insert into migration values (9999, 'later', '', 0)")
    await connection.execute("update requirement set needs = 9999")
    with pytest.raises(SettingsError, match="newer"):
        await migrate_database(empty, NOW)


async def test_a_newer_database_that_only_has_more_is_worked_with(
    empty: str, connection: asyncpg.Connection
) -> None:
    """As during an upgrade, when a process of the version before is started once more."""
    await migrate(connection, NOW)
    await connection.execute("insert into migration values (9999, 'later', '', 0)")
    assert await migrate_database(empty, NOW) == []


async def test_a_migration_that_changed_since_is_refused(
    empty: str, connection: asyncpg.Connection
) -> None:
    await migrate(connection, NOW)
    await connection.execute("update migration set checksum = 'other'")
    with pytest.raises(SettingsError, match="has changed"):
        await migrate_database(empty, NOW)


@pytest.mark.parametrize("table", ["contact (name text)", "migration (batch text)"])
async def test_a_database_of_another_program_is_refused_and_left_as_it_is(
    empty: str, connection: asyncpg.Connection, table: str
) -> None:
    await connection.execute(f"create table {table}")
    theirs = await schema(connection)
    with pytest.raises(SettingsError, match="another program"):
        await migrate_database(empty, NOW)
    assert await schema(connection) == theirs


async def test_who_may_not_migrate_is_told_what_to_run(empty: str) -> None:
    with pytest.raises(SettingsError, match="clarion migrate"):
        await open_postgres(empty, NOW, migrate=False)
    await migrate_database(empty, NOW)
    store = await open_postgres(empty, NOW, migrate=False)
    await store.close()


def test_an_old_server_is_refused() -> None:
    refuse_old_server(OLDEST_SERVER)
    with pytest.raises(SettingsError, match="PostgreSQL 13; Clarion needs 14"):
        refuse_old_server(13)
