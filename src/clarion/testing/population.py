"""A topic with very many subscribers, written straight into a store with their devices: through
the API a million of them would take longer than what is measured."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import asyncpg
import msgspec

from clarion.assemble.environments import DEFAULT_ENVIRONMENT, admit
from clarion.clock import SystemClock
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.store.contract.names import NameKind
from clarion.store.postgres.store import open_postgres
from clarion.store.sql.store import SqlStore
from clarion.store.sqlite.connection import open_connection
from clarion.store.sqlite.store import open_store

PART = 50_000
"""Subscribers in one transaction."""
LOADERS = 2
CACHE_KIB = 1024 * 1024

_USER = int(NameKind.USER)
_DESTINATION = int(NameKind.DESTINATION)
_PUSH = CHANNEL_NUMBER[Channel.PUSH]
_SERIES = "with recursive s(n) as (select {first} union all select n + 1 from s where n < {last}) "
_SEQUENCE = """
insert into number_sequence (env, kind, last) values ({env}, {kind}, {count})
on conflict (env, kind) do update set last = number_sequence.last + excluded.last
returning last
"""

_FUNCTIONS: dict[str, Callable[..., apsw.SQLiteValue]] = {
    "lpad": lambda text, width, fill: text.rjust(width, fill),
    "convert_to": lambda text, _encoding: text.encode(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
}
"""What PostgreSQL has and SQLite is given, so that both read the same statements."""


class Population(msgspec.Struct, frozen=True, kw_only=True):
    """Who was written: users `u0000001`... with tokens `token-0000001`..., in number order from
    `first`, all subscribed to `topic`; and how long that took."""

    topic: str
    count: int
    first: int
    seconds: float

    def name(self, n: int) -> str:
        """Id of the n-th of them, from 1."""
        return f"u{n:07}"

    def token(self, n: int) -> str:
        """The device of the n-th of them, from 1."""
        return f"token-{n:07}"


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers that were given out for a population."""

    env: int
    topic: int
    first: int
    first_destination: int
    now: int


async def populate(
    store: Path | str, count: int, *, key: str, topic: str = "streamer:ann", devices: int = 1
) -> Population:
    """Write the users and their subscriptions to the file, or to the database of a DSN. The schema,
    the environment `default` and its admin key are made where they are missing. Every
    `devices`-th of them has a device (1: everybody, 0: nobody).

    Once a store, and on a file before the server starts. What is written is on the disk when it
    returns, so that nobody who measures afterwards waits for it.
    """
    began = time.perf_counter()
    now = SystemClock().now()
    opened: SqlStore
    if isinstance(store, Path):
        opened = open_store(store, now, serve=False)
    else:
        opened = await open_postgres(store, now)
    try:
        await admit(opened, key, DEFAULT_ENVIRONMENT, "admin", now)
        env = (await opened.keys.environments())[DEFAULT_ENVIRONMENT]
        row = await opened.topics.put(
            env, topic, parent=None, kind="topic", default_level=None, data={}, now=now
        )
    finally:
        await opened.close()
    load = _load_file if isinstance(store, Path) else _load_database
    first = await load(store, env, row.number, count, now, devices)
    await asyncio.to_thread(os.sync)
    took = time.perf_counter() - began
    return Population(topic=topic, count=count, first=first, seconds=took)


def _statements(place: _Place, *, devices: int) -> Iterator[str]:
    """Inserts for everybody in the series `s(n)`, counted from 1."""
    env, now = place.env, place.now
    user = f"n + {place.first - 1}"
    digits = "lpad(cast(n as text), 7, '0')"
    yield (
        f"insert into name (env, kind, name, number) "
        f"select {env}, {_USER}, 'u' || {digits}, {user} from s"
    )
    yield (f'insert into "user" (env, "user", version, at) select {env}, {user}, 1, {now} from s')
    yield (
        f'insert into user_history (env, "user", version, at, roles, data) '
        f"select {env}, {user}, 1, {now}, '[]', '{{}}' from s"
    )
    yield (
        f'insert into subscription (env, topic, "user", since) '
        f"select {env}, {place.topic}, {user}, {now} from s"
    )
    if devices:
        token = f"'token-' || {digits}"
        yield (
            f'insert into destination (env, destination, "user", channel, platform, address, '
            f"address_hash, confirmed_at) select {env}, n + {place.first_destination - 1}, {user}, "
            f"{_PUSH}, 'fcm', {token}, sha256(convert_to({token}, 'utf8')), {now} from s "
            f"where n % {devices} = 0"
        )


def _parts(count: int) -> list[tuple[int, int]]:
    return [(start + 1, min(start + PART, count)) for start in range(0, count, PART)]


async def _load_file(
    path: Path | str, env: int, topic: int, count: int, now: int, devices: int
) -> int:
    return await asyncio.to_thread(_fill_file, Path(path), env, topic, count, now, devices)


def _fill_file(path: Path, env: int, topic: int, count: int, now: int, devices: int) -> int:
    connection = open_connection(path)
    for name, function in _FUNCTIONS.items():
        connection.create_scalar_function(name, function, deterministic=True)
    for pragma in ("synchronous=off", f"cache_size=-{CACHE_KIB}"):
        connection.execute(f"pragma {pragma}").fetchall()
    try:
        lasts = [
            _number(connection.execute(_SEQUENCE.format(env=env, kind=kind, count=count)).get)
            for kind in (_USER, _DESTINATION)
        ]
        place = _place(env, topic, count, lasts, now)
        for first, last in _parts(count):
            connection.execute("begin immediate")
            for statement in _statements(place, devices=devices):
                connection.execute(_SERIES.format(first=first, last=last) + statement)
            connection.execute("commit")
        connection.execute("pragma synchronous=full").fetchall()
        connection.execute("pragma wal_checkpoint(truncate)").fetchall()
    finally:
        connection.close()
    return place.first


def _number(value: Any) -> int:
    return int(value)


_FILLED = (
    "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace "
    "and pg_relation_size(oid) > 0"
)
"""Tables with anything in them. To analyse an empty one would tell the planner that it stays so."""


async def _load_database(
    dsn: Path | str, env: int, topic: int, count: int, now: int, devices: int
) -> int:
    connection = await _connected(str(dsn))
    try:
        lasts = [
            await connection.fetchval(_SEQUENCE.format(env=env, kind=kind, count=count))
            for kind in (_USER, _DESTINATION)
        ]
        place = _place(env, topic, count, lasts, now)
        parts = _parts(count)
        loads = (_fill(str(dsn), place, parts[n::LOADERS], devices) for n in range(LOADERS))
        await asyncio.gather(*loads)
        filled = [f'"{name}"' for (name,) in await connection.fetch(_FILLED)]
        await connection.execute(f"vacuum analyze {', '.join(filled)}", timeout=600)
        await connection.execute("checkpoint", timeout=600)
    finally:
        await connection.close()
    return place.first


async def _fill(dsn: str, place: _Place, parts: list[tuple[int, int]], devices: int) -> None:
    connection = await _connected(dsn)
    try:
        for first, last in parts:
            async with connection.transaction():
                series = f"with s(n) as (select generate_series({first}::int8, {last}::int8)) "
                for statement in _statements(place, devices=devices):
                    await connection.execute(series + statement, timeout=600)
    finally:
        await connection.close()


async def _connected(dsn: str) -> asyncpg.Connection:
    return await asyncpg.connect(dsn, server_settings={"synchronous_commit": "off"})


def _place(env: int, topic: int, count: int, lasts: list[int], now: int) -> _Place:
    first, first_destination = (last - count + 1 for last in lasts)
    return _Place(env=env, topic=topic, first=first, first_destination=first_destination, now=now)
