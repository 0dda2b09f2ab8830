"""The store of a simulated world: real SQLite in memory, one connection for all processes, and
everything that can go wrong on the way to it and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import apsw

from clarion.errors import UnavailableError
from clarion.store.sql.tx import Row, Told, Tx, tell_nobody
from clarion.store.sqlite.executor import InlineExecutor
from clarion.store.sqlite.store import SqliteStore
from clarion.testing.clock import START
from clarion.testing.simulation.process import Process

if TYPE_CHECKING:
    from clarion.testing.simulation.world import World

T = TypeVar("T")
Work = Callable[[Tx], Coroutine[Any, Any, T]]

IN_MEMORY = Path(":memory:")


class Disk:
    """One database in memory. An operation is one transaction, so they come one after the other."""

    def __init__(self, image: bytes) -> None:
        self.connection = apsw.Connection(":memory:", statementcachesize=512)
        self.connection.deserialize("main", image)
        self.connection.execute("pragma foreign_keys=on")
        self.connection.execute("pragma journal_mode=memory")
        self.connection.execute("pragma synchronous=off")
        self.connection.execute("pragma temp_store=memory")
        self.executor = InlineExecutor(IN_MEMORY, self.connection)

    def image(self) -> bytes:
        """All of it, to make another one of."""
        return self.connection.serialize("main")

    def select(self, sql: str, *parameters: Any) -> list[Row]:
        """Rows of a question that only an onlooker asks."""
        return self.connection.execute(sql, parameters).fetchall()

    def close(self) -> None:
        self.connection.close()


class SimulatedStore(SqliteStore):
    """The store as one process has it: alone (`exclusive`), or one of several."""

    def __init__(self, line: Line, *, exclusive: bool) -> None:
        super().__init__(line)
        self._exclusive = exclusive

    @property
    def exclusive(self) -> bool:
        """See `Store.exclusive`."""
        return self._exclusive


class Line:
    """The executor of one process: the way to the disk takes time, both ways, and may break.

    A crash comes before the transaction or after its commit, before the answer; so does an error.
    With several servers the store has a clock of its own, by which leases go.
    """

    def __init__(self, world: World, process: Process, disk: Disk) -> None:
        self.failing = False
        self.told: Told = tell_nobody
        self.waiting = 0
        self._world = world
        self._process = process
        self._disk = disk
        self._closed = False

    async def write(self, work: Work[T], urgency: int) -> T:
        return await self._run(work, urgency, write=True)

    async def read(self, work: Work[T]) -> T:
        return await self._run(work, 0, write=False)

    async def close(self) -> None:
        self._closed = True

    async def _run(self, work: Work[T], urgency: int, *, write: bool) -> T:
        world, weather = self._world, self._world.weather
        if self._closed:
            raise UnavailableError("the store is closing; start the server again")
        await asyncio.sleep(world.store_seconds())
        if world.happens(weather.crash_at_store):
            await world.die(self._process, "before a transaction")
        if world.happens(weather.store_fails):
            self._fail("the store cannot be reached (simulated)", write)
        executor, timed = self._disk.executor, self._timed(work)
        result = await (executor.write(timed, urgency) if write else executor.read(timed))
        if write and world.happens(weather.crash_at_store):
            await world.die(self._process, "after a commit")
        if write and _handed_out(result) and world.happens(weather.freeze_with_a_claim):
            world.freeze(self._process)
        await asyncio.sleep(world.store_seconds())
        if write and world.happens(weather.store_forgets):
            self._fail("the answer of the store was lost (simulated)", write)
        self.failing = self.failing and not write
        return result

    def _timed(self, work: Work[T]) -> Work[T]:
        if not self._world.cluster:
            return work

        def timed(tx: Tx) -> Coroutine[Any, Any, T]:
            tx.clock = self._clock  # type: ignore[method-assign]
            return work(tx)

        return timed

    async def _clock(self, now: int) -> int:
        return START + self._world.loop.now

    def _fail(self, why: str, write: bool) -> None:
        self.failing = self.failing or write
        self._world.count("store error")
        raise UnavailableError(f"{why}; repeat")


def _handed_out(result: object) -> bool:
    """Whether a write answers rows, as a claim does (maybe with something beside them)."""
    rows = result[0] if isinstance(result, tuple) and result else result
    return isinstance(rows, list) and bool(rows)
