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

_BY_EVENT = ("event_tag", "event_count", "event_delta", "dead_letter", "task")
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
_ENVIRONMENTS = "select distinct env from event_{0}"
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

    async def drop(self, before: int) -> list[int]:
        """Drop the days that end by this instant and hold nothing open, held or not yet fanned out;
        the days dropped. A day that others are using right now stays until the next time."""
        async with self._acquire() as connection:
            there = await _there(connection)
            old = sorted(day for day in there if (day + 1) * DAY_MS * 1000 <= before)
            dropped = [day for day in old if await _drop(connection, day, there[day])]
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


async def _drop(connection: Connection, day: int, there: set[str]) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(_LOCK, lock_number("days"))
            await connection.execute(f"set local lock_timeout = {LOCK_MS}")
            if "event" in there and await _in_use(connection, day):
                return False
            tables = ", ".join(f"{table}_{day}" for table in sorted(there))
            await connection.execute(f"drop table {tables}")
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
        return False
    return True


async def _in_use(connection: Connection, day: int) -> bool:
    """Whether anything of the day is not done; if nothing, what hangs on its events is deleted."""
    await connection.execute(f"lock table event_{day}, notification_{day} in exclusive mode")
    undone = _UNDONE.format(day, int(Bucket.OPEN), int(Bucket.HELD))
    if await connection.fetchval(undone):
        return True
    await _delete_by_event(connection, day)
    return False


async def _delete_by_event(connection: Connection, day: int) -> None:
    """Rows of unpartitioned tables that belong to the day's events, by their indexes."""
    for (env,) in await connection.fetch(_ENVIRONMENTS.format(day)):
        scope = f"env = {env} and event >= {_bound(day)}"
        if day < _LAST:
            scope += f" and event < {_bound(day + 1)}"
        for table in _BY_EVENT:
            await connection.execute(_DELETE.format(table, scope))
