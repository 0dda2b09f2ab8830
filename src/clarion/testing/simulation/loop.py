"""An event loop without a clock, a network or a thread: time jumps from timer to timer, and a seed
says what comes first."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import inspect
import random
import zlib
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any, TypeVar

from clarion.clock import SECOND
from clarion.testing.simulation.process import PROCESS, Process

T = TypeVar("T")

STEP_MICROSECONDS = 2
"""What a turn of the loop takes: time goes on, also for who never waits."""
KEPT_TASKS = 2_000
CLOSE_TRIES = 10


class StuckError(AssertionError):
    """The world cannot go on: nothing will ever happen again, or it never rests."""


class SimulatedTask(asyncio.Task[Any]):
    """A task whose place in a set does not depend on where it lies in memory."""

    def __init__(self, work: Coroutine[Any, Any, Any], serial: int, **options: Any) -> None:
        self.serial = serial
        super().__init__(work, **options)

    def __hash__(self) -> int:
        return self.serial


class SimulatedLoop(asyncio.BaseEventLoop):
    """One thread, no I/O, virtual time in microseconds from 0.

    `in_order`: what is ready in one process runs in the order in which it became ready, as asyncio
    promises; else any order, which is harsher. Between processes any order is possible. `budget` is
    the number of turns after which a world counts as restless.
    """

    def __init__(self, chance: random.Random, *, in_order: bool, budget: int) -> None:
        super().__init__()
        self.now = 0
        self.turns = 0
        self.trace = 0
        self.outside = Process("outside")
        self.outside_context = copy_context()
        self.outside_context.run(PROCESS.set, self.outside)
        self._in_order = in_order
        self._budget = budget
        self._draw = chance.random
        self._pool: list[asyncio.Handle] = []
        self._serial = 0
        self._timers: list[tuple[int, int, asyncio.TimerHandle]] = []
        self._processes: list[Process] = [self.outside]
        self._ready: deque[asyncio.Handle] = deque()  # the base class fills it
        self.set_task_factory(self._make_task)  # type: ignore[arg-type]

    def time(self) -> float:
        """Virtual seconds since the world began."""
        return self.now / SECOND

    def process(self, name: str) -> Process:
        """A new process."""
        made = Process(name)
        self._processes.append(made)
        return made

    def run_in(
        self, process: Process, work: Coroutine[Any, Any, T], name: str | None = None
    ) -> asyncio.Task[T]:
        """Start work as part of a process."""
        context = copy_context()
        context.run(PROCESS.set, process)
        return context.run(lambda: self.create_task(work, name=name, context=context))

    def kill(self, process: Process) -> None:
        """From now on nothing of this process runs: no handler, no `finally`, no clean-up."""
        process.dead = True
        process.killed_at = self.now
        process.held.clear()

    def freeze(self, process: Process) -> None:
        """Hold back everything of this process while time goes on."""
        if not process.dead and not process.frozen:
            process.frozen = True
            process.frozen_spans.append((self.now, -1))

    def thaw(self, process: Process) -> None:
        """Let a frozen process go on with all that became due meanwhile."""
        if process.frozen:
            process.frozen = False
            process.frozen_spans[-1] = (process.frozen_spans[-1][0], self.now)
            self._pool.extend(process.held)
            process.held = []

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As every loop's; instants are compared in whole microseconds."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._serial += 1
        heapq.heappush(self._timers, (round(when * SECOND), self._serial, timer))
        return timer

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """There is one thread."""
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """What production gives to a thread is done at once."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - belongs to whoever waits
            done.set_exception(error)
        return done

    def dispose(self) -> None:
        """End the world: nothing runs any more, and what is left is closed without a word."""
        for process in self._processes:
            process.dead = True
        for process in self._processes:
            for task in process.tasks:
                if not task.done():
                    _forget(task)
        self._pool.clear()
        self._ready.clear()
        self._timers.clear()
        self.close()

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Cancelled timers are passed over when their time comes."""

    def _make_task(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any
    ) -> SimulatedTask:
        self._serial += 1
        task = SimulatedTask(work, self._serial, loop=loop, **options)
        process = PROCESS.get() or self.outside
        if len(process.tasks) > KEPT_TASKS:
            process.tasks = [kept for kept in process.tasks if not kept.done()]
        process.tasks.append(task)
        return task

    def _run_once(self) -> None:
        """One turn: one handle, drawn from those that are ready."""
        pool = self._pool
        if self._ready:
            pool.extend(self._ready)
            self._ready.clear()
        self._wake_timers()
        if not pool:
            self._jump()
            return
        place = int(self._draw() * len(pool))
        handle = pool[place]
        process = _process_of(handle)
        if self._in_order and process is not None:
            place = next(i for i, h in enumerate(pool) if _process_of(h) is process)
            handle = pool[place]
        self._take(place)
        if handle._cancelled:
            return
        if process is not None:
            if process.dead:
                return
            if process.frozen:
                process.held.append(handle)
                return
        self.turns += 1
        if self.turns > self._budget:
            raise StuckError(f"the world never rests: {self.turns} turns by {self.time():.3f} s")
        self.now += STEP_MICROSECONDS
        self.trace = zlib.crc32(b"%d %d %d" % (self.now, place, len(pool)), self.trace)
        handle._run()

    def _take(self, place: int) -> None:
        if self._in_order:
            del self._pool[place]
        else:
            self._pool[place] = self._pool[-1]
            self._pool.pop()

    def _wake_timers(self) -> None:
        timers = self._timers
        while timers and (timers[0][0] <= self.now or timers[0][2]._cancelled):
            timer = heapq.heappop(timers)[2]
            if not timer._cancelled:
                self._pool.append(timer)

    def _jump(self) -> None:
        """Nothing is ready: on to the next timer."""
        if not self._timers:
            raise StuckError("nothing will ever happen again")
        self.now = max(self.now, self._timers[0][0])


def _process_of(handle: asyncio.Handle) -> Process | None:
    context: Context = handle._context  # type: ignore[attr-defined]
    return context.get(PROCESS)


def _forget(task: asyncio.Task[Any]) -> None:
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    work = task.get_coro()
    if not inspect.iscoroutine(work):
        return
    for _ in range(CLOSE_TRIES):
        if inspect.getcoroutinestate(work) == inspect.CORO_CLOSED:
            return
        with contextlib.suppress(BaseException):  # its `finally` may wait again
            work.close()
