"""A peer that is a queue: a producer that adds a job for each recipient, and workers that post and
record, with jobs in Valkey and preferences and outcomes in PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import asyncpg
import msgspec

from bench.peers import valkey
from bench.peers.contract import NOBODY_EVERY, Cell, Place
from bench.peers.programs import Program, program

ROOT = Path(__file__).parents[2]
TOKEN = "granted"  # as long as the one that the provider grants
SCHEMA = """
create table preference (
    user_id bigint primary key,
    push boolean not null,
    token text not null
);
create table notification (
    event text not null,
    user_id bigint not null,
    status text not null,
    provider_id text,
    at timestamptz not null default now(),
    primary key (event, user_id)
);
"""
_PEOPLE = """
insert into preference (user_id, push, token)
select n, n % $2 <> 0, 'token-' || lpad(n::text, 7, '0') from generate_series(1, $1::bigint) as n
"""


class Tuning(msgspec.Struct, frozen=True, kw_only=True):
    """Of all worker processes together: jobs in hand at once, connections to the database. `pool`
    is what a worker runs them in, where it has a choice."""

    concurrency: int
    connections: int
    pool: str = ""

    def each(self, workers: int) -> Tuning:
        """The share of one of so many."""
        return Tuning(
            concurrency=max(1, self.concurrency // workers),
            connections=max(1, self.connections // workers),
            pool=self.pool,
        )


class QueuePeer(msgspec.Struct, frozen=True, kw_only=True):
    """`producer` is its command, `workers` those of its workers for a cell; `absent` says what is
    missing, `tuned` how it is set for a cell, `told` what else is worth telling of it, `more` is
    environment of its programs."""

    name: str
    producer: Callable[[], list[str]]
    workers: Callable[[Cell, Tuning], list[list[str]]]
    absent: Callable[[], str]
    tuned: Callable[[Cell], Tuning]
    told: Callable[[Tuning], dict[str, str]]
    more: Callable[[Tuning], dict[str, str]] = lambda _: {}

    def lacking(self) -> str:
        """What is missing here and how to get it; empty when it can run."""
        return self.absent() or ("" if valkey.program() else valkey.MISSING)

    async def prepare(self, place: Place) -> None:
        """Tables, and a preference for everybody."""
        connection = await asyncpg.connect(place.dsn)
        try:
            await connection.execute(SCHEMA)
            await connection.execute(_PEOPLE, place.people, NOBODY_EVERY)
            await connection.execute("vacuum analyze preference")
        finally:
            await connection.close()

    @contextlib.asynccontextmanager
    async def running(self, place: Place, cell: Cell) -> AsyncIterator[_Running]:
        """A fresh Valkey, the workers, the producer."""
        tuning = self.tuned(cell)
        async with contextlib.AsyncExitStack() as stack:
            server = stack.enter_context(valkey.valkey(place.folder / "valkey"))
            environment = _environment(place, server.url, tuning.each(cell.workers))
            environment |= self.more(tuning)
            workers = [
                await stack.enter_async_context(
                    program(command, environment, place.folder / f"worker-{number}.log")
                )
                for number, command in enumerate(self.workers(cell, tuning))
            ]
            log = place.folder / "producer.log"
            producer = await stack.enter_async_context(
                program(self.producer(), environment, log, answers=True)
            )
            await producer.line()
            database = await asyncpg.connect(place.dsn)
            stack.push_async_callback(database.close)
            yield _Running(producer, workers, server.pid, database)

    def settings(self, cell: Cell) -> dict[str, str]:
        """Versions and every setting that is not the default's."""
        tuning = self.tuned(cell)
        return {
            **self.told(tuning),
            "in_flight": str(tuning.concurrency),
            "database_connections": str(tuning.connections),
        }


class _Running:
    def __init__(
        self, producer: Program, workers: list[Program], queue: int, database: asyncpg.Connection
    ) -> None:
        self._producer = producer
        self._workers = workers
        self._queue = queue
        self._database = database

    async def send(self, event: str, recipients: int) -> None:
        await self._producer.ask({"event": event, "count": recipients})

    async def recorded(self, event: str) -> int:
        for worker in self._workers:
            if not worker.alive():
                raise RuntimeError(f"a worker ended early:\n{worker.said()}")
        count: int = await self._database.fetchval(
            "select count(*) from notification where event = $1", event
        )
        return count

    def trees(self) -> Mapping[str, list[int]]:
        app = [self._producer.pid, *(worker.pid for worker in self._workers)]
        return {"app": app, "queue": [self._queue]}


def _environment(place: Place, queue: str, each: Tuning) -> dict[str, str]:
    return {
        "DATABASE_URL": place.dsn,
        "DATABASE_CONNECTIONS": str(each.connections),
        "VALKEY_URL": queue,
        "PROVIDER_URL": place.provider.base_url,
        "PROVIDER_TOKEN": TOKEN,
        "CONCURRENCY": str(each.concurrency),
        "PYTHONPATH": str(ROOT),
        "NODE_ENV": "production",
    }
