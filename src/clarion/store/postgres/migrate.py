"""Numbered migrations with checksums: each is run once, in order, all in one transaction.

A lock in the database lets processes that start together wait for each other.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files

import asyncpg

from clarion.errors import SettingsError
from clarion.store.postgres.connection import lock_number

OLDEST_SERVER = 14
LONGEST_SECONDS = 86_400.0
"""For a migration that rewrites what a large ledger holds, and for who waits until it is done."""

_PATIENT = "set local lock_timeout = 0"
_BRIEF = "set local lock_timeout = default"

_TABLE = """
create table if not exists migration (
    number bigint primary key,
    name text not null,
    checksum text not null,
    applied_at bigint not null
)
"""
_COLUMNS = (
    "select column_name from information_schema.columns "
    "where table_schema = current_schema() and table_name = 'migration'"
)
_ANY_TABLE = (
    "select 1 from pg_class as c join pg_namespace as n on n.oid = c.relnamespace "
    "where n.nspname = current_schema() and c.relkind in ('r', 'p', 'v', 'm') limit 1"
)
_NEEDS = "select max(needs) from requirement"
_HAS_NEEDS = "select to_regclass('requirement') is not null"
_APPLIED = "select number, name, checksum from migration order by number"

_NOBODY = 2**31

Migration = tuple[int, str, str]
"""(number, name, sql)."""


def migrations() -> list[Migration]:
    """Every migration file, in order."""
    folder = files(__package__).joinpath("migrations")
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return sorted((int(e.name[:4]), e.name, e.read_text("utf-8")) for e in found)


async def migrate(
    connection: asyncpg.Connection, now: int, known: list[Migration] | None = None
) -> list[str]:
    """Apply what is missing; the names applied. A newer schema is left as it is when it says that
    this program can work with it. SettingsError when it cannot, the server is too old, the database
    is another program's, or a migration has changed since."""
    refuse_old_server(connection.get_server_version().major)
    async with connection.transaction():
        await connection.execute(_PATIENT)
        await connection.execute(
            "select pg_advisory_xact_lock($1)", lock_number("migrate"), timeout=LONGEST_SECONDS
        )
        await connection.execute(_BRIEF)
        await _refuse_foreign(connection)
        await connection.execute(_TABLE)
        fresh = []
        for number, name, sql in await _missing(connection, known or migrations()):
            await connection.execute(sql, timeout=LONGEST_SECONDS)
            await connection.execute(
                "insert into migration values ($1, $2, $3, $4)", number, name, _checksum(sql), now
            )
            fresh.append(name)
    return fresh


async def missing(connection: asyncpg.Connection) -> list[str]:
    """Names of the migrations that this program would apply. SettingsError as of `migrate`."""
    refuse_old_server(connection.get_server_version().major)
    await _refuse_foreign(connection)
    known = migrations()
    there = await connection.fetch(_COLUMNS)
    return [name for _, name, _ in (await _missing(connection, known) if there else known)]


async def beyond(connection: asyncpg.Connection) -> int:
    """How many migrations were applied that this program does not know."""
    if not await connection.fetch(_COLUMNS):
        return 0
    newest = migrations()[-1][0]
    return sum(row[0] > newest for row in await connection.fetch(_APPLIED))


async def refuse_unmigrated(connection: asyncpg.Connection) -> None:
    """SettingsError when a migration is missing, or on what `migrate` refuses."""
    if await missing(connection):
        raise SettingsError("the database is behind this program; run `clarion migrate` first")


def refuse_old_server(major: int) -> None:
    """SettingsError below PostgreSQL 14."""
    if major < OLDEST_SERVER:
        raise SettingsError(
            f"this is PostgreSQL {major}; Clarion needs {OLDEST_SERVER} or newer: upgrade the "
            "server, or name another in CLARION_STORE"
        )


async def _missing(connection: asyncpg.Connection, known: list[Migration]) -> list[Migration]:
    applied = {row[0]: (row[1], row[2]) for row in await connection.fetch(_APPLIED)}
    newest = known[-1][0]
    if applied and max(applied) > newest and await _needed(connection) > newest:
        raise SettingsError(
            f"this database was made by a newer version (migration {max(applied)}, this program "
            f"knows {newest}); start the newer program or restore a backup"
        )
    for number, name, sql in known:
        if number in applied and applied[number][1] != _checksum(sql):
            raise SettingsError(f"migration {name} has changed since it was applied")
    return [one for one in known if one[0] not in applied]


async def _needed(connection: asyncpg.Connection) -> int:
    """The newest migration that a program has to know to work with this schema, although there are
    newer ones; a schema that does not say takes none but the newest."""
    needs = None
    if await connection.fetchval(_HAS_NEEDS):
        needs = await connection.fetchval(_NEEDS)
    return int(needs) if needs is not None else _NOBODY


async def _refuse_foreign(connection: asyncpg.Connection) -> None:
    """A schema with tables that no migration of ours made belongs to somebody else."""
    columns = {row[0] for row in await connection.fetch(_COLUMNS)}
    if columns >= {"number", "name", "checksum", "applied_at"}:
        return
    if await connection.fetch(_ANY_TABLE):
        raise SettingsError(
            "this database belongs to another program; give Clarion one of its own with "
            "CLARION_STORE"
        )


def _checksum(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()
