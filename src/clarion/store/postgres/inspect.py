"""A PostgreSQL database as `clarion check` looks at it: nothing is changed."""

from __future__ import annotations

import asyncpg
import msgspec

from clarion.clock import SECOND, Clock
from clarion.store.postgres.executor import Sizes, connect_options
from clarion.store.postgres.migrate import beyond, missing
from clarion.store.postgres.troubles import KNOWN, mistake, place_of

_FACTS = """
select
    (extract(epoch from clock_timestamp()) * 1000000)::int8,
    current_user::text,
    coalesce(has_schema_privilege(current_schema(), 'create'), false),
    coalesce(current_schema()::text, 'public'),
    current_setting('max_connections')::int,
    current_setting('synchronous_standby_names'),
    (select count(*) from pg_stat_replication),
    current_setting('transaction_read_only') = 'off'
"""
_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")
_SETTING = "select current_setting($1)"


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `ahead_seconds`: this machine's clock minus the server's. `off` names the
    settings that are off and should not be. `standbys` copy this server now; `synchronous` says
    whether a commit waits for any. `missing` are migrations to be applied at the next start;
    `newer` ones, that this program does not know, it can work with."""

    place: str
    version: str
    user: str
    schema: str
    may_create: bool
    takes_writes: bool
    missing: list[str]
    newer: int
    ahead_seconds: float
    off: list[str]
    standbys: int
    synchronous: bool
    connections: int


async def inspect(dsn: str, clock: Clock) -> Inspection:
    """Look at the database of a DSN. SettingsError and UnavailableError as of `open_postgres`, also
    for a schema that is newer than this program or another program's."""
    place = place_of(dsn)
    try:
        connection = await asyncpg.connect(dsn, **connect_options(dsn))
    except (*KNOWN, ValueError) as error:
        raise mistake(error, place) from None
    try:
        return await _look(connection, place, clock)
    except KNOWN as error:
        raise mistake(error, place) from None
    finally:
        await connection.close()


def connections_of_a_process() -> int:
    """How many connections one process opens at most; one is kept for making days."""
    sizes = Sizes()
    return sizes.urgent + sizes.bulk + sizes.reads + 1


async def _look(connection: asyncpg.Connection, place: str, clock: Clock) -> Inspection:
    behind = await missing(connection)
    ahead = await beyond(connection)
    began = clock.now()
    row = await connection.fetchrow(_FACTS)
    middle = (began + clock.now()) // 2
    version = connection.get_server_version()
    values = [await connection.fetchval(_SETTING, name) for name in _SETTINGS]
    return Inspection(
        place=place,
        version=f"{version.major}.{version.minor}",
        user=row[1],
        schema=row[3],
        may_create=row[2],
        takes_writes=row[7],
        missing=behind,
        newer=ahead,
        ahead_seconds=(middle - row[0]) / SECOND,
        off=[name for name, value in zip(_SETTINGS, values, strict=True) if value == "off"],
        standbys=row[6],
        synchronous=bool(row[5]),
        connections=row[4],
    )
