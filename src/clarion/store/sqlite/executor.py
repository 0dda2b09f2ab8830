"""Where the store's work runs: one writer with group commit and urgency, readers apart.

In production these are threads (SQLite releases the interpreter while a statement runs); a
simulation runs
everything inline on its own schedule.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import apsw

from clarion.errors import UnavailableError
from clarion.store.sql.tx import Told, Tx, tell_nobody
from clarion.store.sqlite.connection import (
    SqliteTx,
    drive,
    open_connection,
    roll_back,
    transact,
    unavailable,
)

T = TypeVar("T")
Work = Callable[[Tx], Coroutine[Any, Any, T]]

GROUP_LIMIT = 500
YIELD_SECONDS = 0.005
URGENCIES = 4
SWITCH_INTERVAL_SECONDS = 50e-6
CLOSING = "the store is closing; start the server again"


class _Job:
    __slots__ = ("error", "future", "loop", "result", "work")

    def __init__(
        self, work: Work[Any], future: asyncio.Future[Any], loop: asyncio.AbstractEventLoop
    ) -> None:
        self.work = work
        self.future = future
        self.loop = loop
        self.result: Any = None
        self.error: BaseException | None = None

    def answer(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def _answer_all(jobs: list[_Job]) -> None:
    for job in jobs:
        job.answer()


class InlineExecutor:
    """Everything at once, in the caller's turn, on one connection (opened here, or handed over)."""

    def __init__(self, path: Path, connection: apsw.Connection | None = None) -> None:
        self.failing = False
        self.told: Told = tell_nobody
        self.waiting = 0
        self._path = path
        self._connection = connection or open_connection(path)

    async def write(self, work: Work[T], urgency: int) -> T:
        return self._run(work, write=True)

    async def read(self, work: Work[T]) -> T:
        return self._run(work, write=False)

    def _run(self, work: Work[T], *, write: bool) -> T:
        try:
            result = transact(self._connection, work, write=write)
        except apsw.Error as error:
            self.failing = self.failing or write
            raise unavailable(error, self._path) from error
        self.failing = self.failing and not write
        return result

    async def close(self) -> None:
        self._connection.close()


class ThreadExecutor:
    """One writer thread and `readers` reader threads, each with its own connection.

    Whoever waits when the writer is free is the next group. A group ends when more urgent work has
    come, and one of lane social or bulk after about 5 ms, so that urgent work waits for one member
    at most. A group that fails is undone and each member tried alone.
    """

    def __init__(self, path: Path, *, readers: int = 2) -> None:
        sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
        self.failing = False
        self.told: Told = tell_nobody
        self._path = path
        self._waiting: list[deque[_Job]] = [deque() for _ in range(URGENCIES)]
        self._wake = threading.Condition()
        self._closing = False
        self._reads: SimpleQueue[_Job | None] = SimpleQueue()
        connection = open_connection(path)
        views = [open_connection(path, read_only=True) for _ in range(readers)]
        self._threads = [
            threading.Thread(target=self._write_loop, args=(connection,), name="store-writer")
        ]
        self._threads += [
            threading.Thread(target=self._read_loop, args=(view,), name="store-reader")
            for view in views
        ]
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    @property
    def waiting(self) -> int:
        return sum(len(jobs) for jobs in self._waiting)

    async def write(self, work: Work[T], urgency: int) -> T:
        job = self._job(work)
        began = time.monotonic()
        with self._wake:
            self._check_open()
            self._waiting[urgency].append(job)
            self._wake.notify()
        result: T = await job.future
        self.told(urgency, time.monotonic() - began)
        return result

    async def read(self, work: Work[T]) -> T:
        job = self._job(work)
        with self._wake:  # what is put before the readers are told to end is still answered
            self._check_open()
            self._reads.put(job)
        result: T = await job.future
        return result

    async def close(self) -> None:
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        with self._wake:
            self._closing = True
            self._wake.notify()
        for _ in self._threads[1:]:
            self._reads.put(None)
        for thread in self._threads:
            thread.join()

    def _check_open(self) -> None:
        if self._closing:
            raise UnavailableError(CLOSING)

    def _job(self, work: Work[Any]) -> _Job:
        loop = asyncio.get_running_loop()
        return _Job(work, loop.create_future(), loop)

    def _write_loop(self, connection: apsw.Connection) -> None:
        while (group := self._next_group()) is not None:
            urgency, jobs = group
            done = self._commit_group(connection, urgency, jobs)
            self.failing = all(isinstance(job.error, UnavailableError) for job in done)
            self._give_back(urgency, jobs[len(done) :])
            self._reply(done)
        connection.close()

    def _next_group(self) -> tuple[int, list[_Job]] | None:
        with self._wake:
            while True:
                for urgency, waiting in enumerate(self._waiting):
                    if waiting:
                        count = min(len(waiting), GROUP_LIMIT)
                        return urgency, [waiting.popleft() for _ in range(count)]
                if self._closing:
                    return None
                self._wake.wait()

    def _give_back(self, urgency: int, jobs: list[_Job]) -> None:
        if jobs:
            with self._wake:
                self._waiting[urgency].extendleft(reversed(jobs))

    def _commit_group(
        self, connection: apsw.Connection, urgency: int, jobs: list[_Job]
    ) -> list[_Job]:
        """Run jobs in one transaction; the ones that were run (a prefix), each with its answer."""
        stop_at = time.monotonic() + YIELD_SECONDS if urgency >= 2 else None
        done: list[_Job] = []
        try:
            connection.execute("begin immediate")
        except apsw.Error as error:
            return self._refuse(jobs, error)
        try:
            tx = SqliteTx(connection)
            for job in jobs:
                job.result = drive(job.work(tx))
                done.append(job)
                if self._should_yield(urgency, stop_at):
                    break
            connection.execute("commit")
        except Exception:  # noqa: BLE001 - each member is tried alone and keeps its own error
            roll_back(connection)
            done = jobs
            for job in jobs:
                self._run_alone(connection, job, write=True)
        return done

    def _should_yield(self, urgency: int, stop_at: float | None) -> bool:
        """Whether a group ends here: more urgent work came, or its time is up."""
        if any(self._waiting[:urgency]):
            return True
        return stop_at is not None and time.monotonic() >= stop_at

    def _refuse(self, jobs: list[_Job], error: apsw.Error) -> list[_Job]:
        """Answer all at once: where none may begin, each would only wait its own time-out."""
        for job in jobs:
            job.error = unavailable(error, self._path)
        return jobs

    def _run_alone(self, connection: apsw.Connection, job: _Job, *, write: bool) -> None:
        try:
            job.result = transact(connection, job.work, write=write)
        except apsw.Error as error:
            job.error = unavailable(error, self._path)
        except Exception as error:  # noqa: BLE001 - belongs to whoever asked
            job.error = error

    def _read_loop(self, connection: apsw.Connection) -> None:
        while (job := self._reads.get()) is not None:
            self._run_alone(connection, job, write=False)
            self._reply([job])
        connection.close()

    def _reply(self, jobs: list[_Job]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        for job in jobs:
            by_loop.setdefault(job.loop, []).append(job)
        for loop, mine in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_answer_all, mine)
