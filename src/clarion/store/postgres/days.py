"""The ledger's days: what is partitioned by event gets a partition for each day of the ids.

An id begins with the 48 bits of its milliseconds, so a day is a range of ids. Partitions are made
in a transaction of their own and attached, which hinders nobody who reads or writes.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager

import asyncpg

from clarion.core.states import Bucket
from clarion.store.contract.retention import Walk
from clarion.store.postgres.connection import Connection, lock_number

DAY_MS = 86_400_000
LOCK_MS = 500
"""How long dropping a day may keep others waiting before it gives way."""

PARTITIONED = {
    "event": 85,
    "event_payload": 100,
    "event_workflow": 100,
    "event_recipient": 100,
    "notification": 55,
    "decision": 100,
    "delivery": 45,
    "attempt": 100,
    "content": 100,
    "provider_reference": 100,
}
"""Tables with partitions, and how full their pages are filled: room where rows change narrowly."""

_BY_EVENT = (
    ("event_tag", "event"),
    ("event_count", "event"),
    ("event_delta", "event"),
    ("dead_letter", "event"),
    ("task", "event"),
    ("broadcast", "event"),
    ("forgotten_event", "event"),
    ("digest_entry", "event"),
    ("digest_entry", "digest"),
    ("digest", "digest"),
)
"""Unpartitioned tables with rows of a day's events or digests, and the column that names them."""
_QUEUES = ("ready", "waiting")
"""Unpartitioned tables whose rows are work left: a day that has any stays as it is."""

_KINDS = {
    Walk.PAYLOADS: "event_payload",
    Walk.WORDS: "content",
    Walk.ATTEMPTS: "attempt",
    Walk.DECISIONS: "decision",
}
"""What is taken off whole days before they are dropped."""

BY_DAY = frozenset(_KINDS)

_LAST = 2**48 // DAY_MS
_LOCK = "select pg_advisory_xact_lock($1)"
_NAME = re.compile(r"^(\w+)_(\d+)$")
_CHILDREN = (
    "select c.relname from pg_inherits as i join pg_class as c on c.oid = i.inhrelid "
    "where i.inhparent = any ($1::text[]::regclass[])"
)
_UNDONE = (
    "select exists (select 1 from notification_{0} where bucket in ({1}, {2})) "
    "or exists (select 1 from event_{0} where expanding > 0)"
)
_FULL = "select exists (select 1 from {0})"
_ENVIRONMENTS = "select env from environment union select distinct env from event_{0}"
_DELETE = "delete from {0} where {1}"

Acquire = Callable[[], AbstractAsyncContextManager[Connection]]


class Days:
    """Which days exist, as far as this process knows. `acquire` gives a connection of its own."""

    def __init__(self, acquire: Acquire) -> None:
        self._acquire = acquire
        self._known: set[int] = set()
        self._making = asyncio.Lock()

    async def ensure(self, events: Iterable[bytes]) -> None:
        """Make the days of these events that are not there, and the day after each."""
        days = {day_of(event) for event in events}
        await self.make(days | {min(day + 1, _LAST) for day in days})

    async def make(self, days: set[int]) -> None:
        """Make the days (counted from 1970) that are not there."""
        if days <= self._known:
            return
        async with self._making:
            missing = days - self._known
            if not missing:
                return
            async with self._acquire() as connection, connection.transaction():
                await connection.execute(_LOCK, lock_number("days"))
                there = await _there(connection)
                for day in sorted(missing):
                    lacking = [table for table in PARTITIONED if table not in there[day]]
                    if lacking:
                        await connection.execute(_create(day, lacking))
            self._known |= missing

    def forget(self) -> None:
        """Ask the database again: another process may have dropped a day."""
        self._known.clear()

    async def empty(self, walk: Walk, before: int) -> list[int]:
        """Take what a walk means off the days that ended by this instant, as `drop` would; the days
        that had any of it. Their tables stay, empty, for what a late redrive may still write."""
        table = _KINDS[walk]
        async with self._acquire() as connection:
            old = await _ended(connection, before)
            whole = [day for day, there in old if {"event", table} <= there]
            return [day for day in whole if await _empty(connection, day, table)]

    async def drop(self, before: int) -> list[int]:
        """Drop the days that end by this instant and hold nothing open, held or not yet fanned out;
        the days dropped. A day that others are using right now stays until the next time."""
        async with self._acquire() as connection:
            old = await _ended(connection, before)
            dropped = [day for day, there in old if await _drop(connection, day, there)]
        self._known -= set(dropped)
        return dropped


def day_of(event: bytes) -> int:
    """Days since 1970 of an event's id."""
    return int.from_bytes(event[:6], "big") // DAY_MS


def _bound(day: int) -> str:
    """The least id of a day as SQL; after the last day there is no greater one."""
    if day > _LAST:
        return "maxvalue"
    return f"'\\x{(day * DAY_MS).to_bytes(6, 'big').hex()}'"


def _create(day: int, tables: Iterable[str]) -> str:
    """Tables of the same form, then attached: this locks the whole table against nobody."""
    return "\n".join(
        f"create table {table}_{day} (like {table} including all) "
        f"with (fillfactor = {PARTITIONED[table]}); "
        f"alter table {table} attach partition {table}_{day} "
        f"for values from ({_bound(day)}) to ({_bound(day + 1)});"
        for table in tables
    )


async def _there(connection: Connection) -> defaultdict[int, set[str]]:
    """The days that exist, each with its tables: a process of the version before makes and drops
    only those that it knows."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for (name,) in await connection.fetch(_CHILDREN, [*PARTITIONED]):
        if part := _NAME.match(name):
            found[int(part.group(2))].add(part.group(1))
    return found


async def _ended(connection: Connection, before: int) -> list[tuple[int, set[str]]]:
    """The days that ended by this instant with their tables, the oldest first."""
    there = await _there(connection)
    return sorted((day, there[day]) for day in there if (day + 1) * DAY_MS * 1000 <= before)


async def _empty(connection: Connection, day: int, table: str) -> bool:
    """Truncating locks this day's table alone, against nobody who works on another day."""
    if not await connection.fetchval(_FULL.format(f"{table}_{day}")):
        return False
    try:
        async with connection.transaction():
            await _hold_days(connection)
            if await _closed(connection, day):
                await connection.execute(f"truncate table {table}_{day}")
                return True
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
        pass
    return False


async def _hold_days(connection: Connection) -> None:
    await connection.execute(_LOCK, lock_number("days"))
    await connection.execute(f"set local lock_timeout = {LOCK_MS}")


async def _closed(connection: Connection, day: int) -> bool:
    """Whether nothing is left to do in a day; nobody writes to it until the transaction ends."""
    await connection.execute(f"lock table event_{day}, notification_{day} in exclusive mode")
    undone = _UNDONE.format(day, int(Bucket.OPEN), int(Bucket.HELD))
    return not (await connection.fetchval(undone) or await _queued(connection, day))


async def _queued(connection: Connection, day: int) -> bool:
    """Whether work of the day stands in a queue."""
    for (env,) in await connection.fetch(_ENVIRONMENTS.format(day)):
        for queue in _QUEUES:
            sql = f"select exists (select 1 from {queue} where {_scope(env, day)})"  # noqa: S608 - ours
            if await connection.fetchval(sql):
                return True
    return False


async def _drop(connection: Connection, day: int, there: set[str]) -> bool:
    try:
        async with connection.transaction():
            await _hold_days(connection)
            if "event" in there and not await _closed(connection, day):
                return False
            if "event" in there:
                await _delete_by_event(connection, day)
            tables = ", ".join(f"{table}_{day}" for table in sorted(there))
            await connection.execute(f"drop table {tables}")
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
        return False
    return True


async def _delete_by_event(connection: Connection, day: int) -> None:
    """Rows of unpartitioned tables that belong to the day's events, by their indexes."""
    for (env,) in await connection.fetch(_ENVIRONMENTS.format(day)):
        for table, column in _BY_EVENT:
            await connection.execute(_DELETE.format(table, _scope(env, day, column)))


def _scope(env: int, day: int, column: str = "event") -> str:
    """The day's events of an environment, as a condition."""
    scope = f"env = {env} and {column} >= {_bound(day)}"
    return scope + f" and {column} < {_bound(day + 1)}" if day < _LAST else scope
