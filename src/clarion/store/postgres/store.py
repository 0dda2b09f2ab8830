"""The PostgreSQL store: opens the database, migrates it, and makes the ledger's days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from clarion.store.contract.retention import Walk
from clarion.store.postgres.days import BY_DAY, DAY_MS
from clarion.store.postgres.executor import PostgresExecutor, Sizes, connect_options
from clarion.store.postgres.migrate import migrate as bring_up_to_date
from clarion.store.postgres.migrate import refuse_unmigrated
from clarion.store.postgres.troubles import KNOWN, mistake, place_of
from clarion.store.sql.retention import SqlRetention
from clarion.store.sql.store import SqlStore

DAYS_AHEAD = 2
_WITH_REFERENCES = (
    "with gone as ({0} returning env, event, provider_id), named as ("
    "delete from provider_reference as p using gone as g "
    "where p.env = g.env and p.event = g.event and p.provider_id = g.provider_id"
    ") select 1 from gone"
)
"""By the ids that deliveries have; one that a later try replaced goes with the day."""


class PostgresRetention(SqlRetention):
    """Drops whole days of the ledger, and empties those of one kind of its data."""

    def __init__(self, executor: PostgresExecutor) -> None:
        super().__init__(executor, {"delivery": _WITH_REFERENCES})
        self._postgres = executor

    @property
    def by_day(self) -> frozenset[Walk]:
        return BY_DAY

    async def days(self, before: int) -> int:
        return len(await self._postgres.drop_days(before))

    async def empty_days(self, walk: Walk, before: int) -> int:
        return len(await self._postgres.empty_days(walk, before))


class PostgresStore(SqlStore):
    """The store in one PostgreSQL database, shared by any number of processes. Made by
    `open_postgres`."""

    def __init__(self, executor: PostgresExecutor) -> None:
        super().__init__(executor)
        self._postgres = executor
        self.retention = PostgresRetention(executor)

    @property
    def chunk_seconds(self) -> float:
        """See `Store.chunk_seconds`: others write beside it, but may wait for a row of it."""
        return 0.1

    async def ensure_days(self, now: int) -> None:
        """Make the partitions of today and the next days; they are also made as they are needed."""
        today = now // (DAY_MS * 1000)
        await self._postgres.make_days({today + ahead for ahead in range(DAYS_AHEAD + 1)})

    async def survey(self) -> int:
        """See `Store.survey`."""
        return await self._postgres.survey()

    def follow_callers(self) -> None:
        """From now on the `now` of whoever asks counts, for tests on a clock of their own."""
        self._postgres.clock_offset = None

    async def drop_days(self, before: int) -> list[int]:
        """Forget the ledger's days that ended by this instant and hold nothing open or held; the
        days dropped, counted from 1970. A day in use right now stays until the next time."""
        return await self._postgres.drop_days(before)


async def open_postgres(
    dsn: str,
    now: int,
    *,
    migrate: bool = True,
    sizes: Sizes | None = None,
    clock_offset: int | None = 0,
) -> PostgresStore:
    """Open the store at a DSN, which may list several hosts: the one that takes writes is used.

    `migrate`: bring the schema up to date, else SettingsError when it is behind. `clock_offset`:
    microseconds by which leases see the server's clock moved; with None, for tests on a clock of
    their own, the `now` of whoever asks counts. SettingsError when
    the DSN, user, password, database, server or its contents will not do; UnavailableError when the
    server cannot be reached.
    """
    place = place_of(dsn)
    async with _connected(dsn, place) as connection:
        if migrate:
            await bring_up_to_date(connection, now)
        else:
            await refuse_unmigrated(connection)
    executor = PostgresExecutor(dsn, place, sizes or Sizes(), clock_offset)
    await executor.open()
    store = PostgresStore(executor)
    try:
        await store.ensure_days(now)
    except BaseException:
        await executor.close()
        raise
    return store


async def migrate_database(dsn: str, now: int) -> list[str]:
    """Bring the database to this program's schema; names of the migrations applied. Errors as of
    `open_postgres`."""
    async with _connected(dsn, place_of(dsn)) as connection:
        return await bring_up_to_date(connection, now)


@asynccontextmanager
async def _connected(dsn: str, place: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection for the time of opening. Causes are left out: they may quote the DSN."""
    try:
        connection = await asyncpg.connect(dsn, **connect_options(dsn))
    except (*KNOWN, ValueError) as error:
        raise mistake(error, place) from None
    try:
        yield connection
    except KNOWN as error:
        raise mistake(error, place) from None
    finally:
        await connection.close()
