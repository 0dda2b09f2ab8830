"""Where the store's work runs: a transaction a work, on pools that urgent and bulk do not share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg
import msgspec

from clarion.errors import UnavailableError
from clarion.store.contract.retention import Walk
from clarion.store.postgres.connection import Connection, PostgresTx
from clarion.store.postgres.days import Days
from clarion.store.postgres.troubles import CLOSING, KNOWN, LOST, READ_ONLY, REPEATED, unavailable
from clarion.store.sql.tx import Look, LookOne, Told, Tx, tell_nobody

T = TypeVar("T")
Work = Callable[[Tx], Coroutine[Any, Any, T]]

ATTEMPTS = 6
PAUSE_SECONDS = 0.01
CONNECT_SECONDS = 5.0
ACQUIRE_SECONDS = 10.0
COMMAND_SECONDS = 30.0
CLOSE_SECONDS = 30.0
SURVEY_SECONDS = 120.0
_BULK_FROM = 2

SESSION = {
    "application_name": "clarion",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
"""Statements find rows by keys that arrays bring, so the plan is the same for all values: nested
loops over indexes, whatever the tables' sizes were when it was made."""


_OUTGROWN = (
    "select relname from ("
    "select relname, relpages, "
    "pg_relation_size(oid) / current_setting('block_size')::int as pages from pg_class "
    "where relkind = 'r' and relnamespace = current_schema()::regnamespace"
    ") as t where pages >= 64 and pages > 8 * relpages order by relname"
)
"""A day's tables begin empty, and an operator's VACUUM may find them so. Where the planner believes
that, it may read them whole for each key of an array."""


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """Connections that a process may hold: for lanes critical and transactional, for social and
    bulk, for reads."""

    urgent: int = 4
    bulk: int = 4
    reads: int = 4


class _StaleError(Exception):
    """The connection was gone before anything was asked of it."""


class PostgresExecutor:
    """Member of the Executor protocol. `clock_offset` (microseconds) moves the server's clock as
    leases see it; None: they see the caller's `now`."""

    def __init__(self, dsn: str, place: str, sizes: Sizes, clock_offset: int | None) -> None:
        self.failing = False
        self.told: Told = tell_nobody
        self.waiting = 0
        self.clock_offset = clock_offset
        self._place = place
        self._closing = False
        self._urgent = _pool(dsn, sizes.urgent)
        self._bulk = _pool(dsn, sizes.bulk)
        self._reads = _pool(dsn, sizes.reads, reads=True)
        self._keeping = _pool(dsn, 1)
        self._pools = (self._urgent, self._bulk, self._reads, self._keeping)
        self._days = Days(lambda: self._connection(self._keeping))

    async def open(self) -> None:
        """Make the pools; connections come as they are asked for."""
        for pool in self._pools:
            await pool

    async def write(self, work: Work[T], urgency: int) -> T:
        pool = self._urgent if urgency < _BULK_FROM else self._bulk
        self.waiting += 1
        began = time.monotonic()
        try:
            result = await self._run(pool, work, write=True)
        except UnavailableError:
            self.failing = True
            raise
        finally:
            self.waiting -= 1
        self.failing = False
        self.told(urgency, time.monotonic() - began)
        return result

    async def read(self, work: Work[T]) -> T:
        return await self._run(
            self._reads, work, write=False, single=isinstance(work, Look | LookOne)
        )

    async def days(self, events: Sequence[bytes]) -> None:
        """See `Tx.days`."""
        await self._days.ensure(events)

    async def make_days(self, days: set[int]) -> None:
        """Make these days (counted from 1970) where they are missing."""
        try:
            await self._days.make(days)
        except KNOWN as error:
            raise unavailable(error, self._place) from error

    async def drop_days(self, before: int) -> list[int]:
        """See `Days.drop`."""
        try:
            return await self._days.drop(before)
        except KNOWN as error:
            raise unavailable(error, self._place) from error

    async def empty_days(self, walk: Walk, before: int) -> list[int]:
        """See `Days.empty`."""
        try:
            return await self._days.empty(walk, before)
        except KNOWN as error:
            raise unavailable(error, self._place) from error

    async def survey(self) -> int:
        """Analyse the tables that are many times as large as when they were analysed last; how
        many. Plans that were made for a small table are made anew then, in all sessions."""
        try:
            async with self._connection(self._keeping) as connection:
                outgrown = [name for (name,) in await connection.fetch(_OUTGROWN)]
                for name in outgrown:
                    await connection.execute(f'analyze "{name}"', timeout=SURVEY_SECONDS)
                return len(outgrown)
        except KNOWN as error:
            raise unavailable(error, self._place) from error

    async def close(self) -> None:
        self._closing = True
        for pool in self._pools:
            try:
                await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
            except KNOWN:
                pool.terminate()

    async def _run(
        self, pool: asyncpg.Pool, work: Work[T], *, write: bool, single: bool = False
    ) -> T:
        """Run the work; again where it met another transaction, or nothing was begun. `single`: it
        reads, and is one statement."""
        attempt = 0
        while True:
            attempt += 1
            if self._closing:
                raise UnavailableError(CLOSING)
            try:
                if single:
                    return await self._look(pool, work)
                return await self._once(pool, work, write=write)
            except _StaleError as error:
                if attempt > pool.get_max_size() + 1:
                    await self._forsake(error.__cause__)
                    raise unavailable(error.__cause__ or error, self._place) from error
            except REPEATED as error:
                if attempt == ATTEMPTS:
                    raise unavailable(error, self._place) from error
                await asyncio.sleep(PAUSE_SECONDS * attempt)
            except asyncpg.CheckViolationError as error:
                self._days.forget()
                if attempt == ATTEMPTS:
                    raise unavailable(error, self._place) from error
            except KNOWN as error:
                await self._forsake(error)
                raise unavailable(error, self._place) from error

    async def _look(self, pool: asyncpg.Pool, work: Work[T]) -> T:
        async with self._connection(pool) as connection:
            try:
                return await work(PostgresTx(connection, self))
            except LOST as error:
                raise _StaleError from error  # asking again does no harm

    async def _once(self, pool: asyncpg.Pool, work: Work[T], *, write: bool) -> T:
        async with self._connection(pool) as connection:
            kind = {} if write else {"isolation": "repeatable_read", "readonly": True}
            transaction = connection.transaction(**kind)
            try:
                await transaction.start()
            except LOST as error:
                raise _StaleError from error
            try:
                result = await work(PostgresTx(connection, self))
            except BaseException:
                if not connection.is_closed():
                    await transaction.rollback()
                raise
            await transaction.commit()
            return result

    @asynccontextmanager
    async def _connection(self, pool: asyncpg.Pool) -> AsyncIterator[Connection]:
        connection = await pool.acquire(timeout=ACQUIRE_SECONDS)
        try:
            yield connection
        except TimeoutError:
            connection.terminate()
            raise
        finally:
            await pool.release(connection)

    async def _forsake(self, error: BaseException | None) -> None:
        """After a server went away or became a standby no connection of before is used again."""
        if isinstance(error, (*LOST, *READ_ONLY)):
            for pool in self._pools:
                await pool.expire_connections()


async def _keep(connection: Connection) -> None:
    """Nothing outlives a transaction here, so there is nothing to reset after it."""


def _pool(dsn: str, size: int, *, reads: bool = False) -> asyncpg.Pool:
    return asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        max_inactive_connection_lifetime=600,
        reset=_keep,
        connect=_connect_to_read if reads else None,
        **connect_options(dsn),
    )


async def _connect_to_read(*args: Any, **options: Any) -> Connection:
    """A connection to the host that takes writes; where none of several does, to the primary."""
    try:
        return await asyncpg.connect(*args, **options)
    except asyncpg.TargetServerAttributeNotMatched:
        if options.get("target_session_attrs") != "read-write":
            raise
        return await asyncpg.connect(*args, **{**options, "target_session_attrs": "primary"})


def connect_options(dsn: str) -> dict[str, Any]:
    """What every connection is opened with. Of several hosts the one that takes writes is used; one
    alone has to be no standby. A primary is read also while it takes no writes."""
    options: dict[str, Any] = {
        "timeout": CONNECT_SECONDS,
        "command_timeout": COMMAND_SECONDS,
        "statement_cache_size": 512,
        "max_cached_statement_lifetime": 0,
        "server_settings": SESSION,
    }
    if "target_session_attrs" not in dsn:
        options["target_session_attrs"] = "read-write" if "," in dsn else "primary"
    return options
