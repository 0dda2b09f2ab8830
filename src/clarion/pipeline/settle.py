"""Settle: outcomes become end states or next tries, many in one transaction.

A lone outcome is written at once. Right after a write the next batch waits a moment for more, as a
transaction costs about the same whatever it holds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter

from clarion.bus.contract import Bus
from clarion.clock import Clock
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Lane
from clarion.errors import UnavailableError
from clarion.failpoint import reach
from clarion.pipeline import traces
from clarion.pipeline.lease import Lease
from clarion.pipeline.outage import outage
from clarion.pipeline.rates import Rates
from clarion.store.contract import Store
from clarion.store.contract.deliveries import Finish
from clarion.telemetry import late_outcomes, logger
from clarion.tracing import TraceContext, current, tracer

BATCH_LIMIT = 500
GATHER_SECONDS = 0.02
"""How long after a write the next one waits for more, at most; in the critical lane it does not."""

WAITING_LIMIT = 10_000
PAUSE_SECONDS = 0.5

_log = logger("settle")


class Settler:
    """The settle stage of one lane. Outcomes wait in memory until they are durable; never
    dropped."""

    def __init__(
        self,
        lane: Lane,
        lease: Lease,
        store: Store,
        clock: Clock,
        rates: Rates,
        bus: Bus | None = None,
    ) -> None:
        self._lane = lane
        self._bus = bus
        self._rates = rates
        self._lease = lease
        self._store = store
        self._clock = clock
        self._waiting: list[Finish] = []
        self._came = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._enough = asyncio.Event()
        self._wrote_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._traced: dict[int, tuple[TraceContext, int]] = {}

    def start(self) -> None:
        """Settle from now on."""
        self._task = asyncio.create_task(self._run(), name="settle")

    async def stop(self) -> None:
        """Write what is waiting, then stop."""
        self._stopping = True
        self._came.set()
        self._enough.set()
        if self._task is not None:
            await self._task
            self._task = None

    async def abandon(self) -> None:
        """Stop at once; what is not durable yet is lost."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def unwritten(self) -> set[int]:
        """Numbers of the ready rows whose outcome waits here."""
        return {finish.claim.seq for finish in self._waiting}

    async def settle(self, finish: Finish) -> None:
        """Hand an outcome over; waits while too many are not durable yet."""
        if not self._room.is_set():
            await self._room.wait()
        if tracer.on and (context := current.get()) is not None:
            self._traced[finish.claim.seq] = context, self._clock.now()
        self._waiting.append(finish)
        if len(self._waiting) >= WAITING_LIMIT:
            self._room.clear()
        self._came.set()
        if len(self._waiting) >= BATCH_LIMIT or finish.claim.ordered:
            self._enough.set()

    async def _run(self) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                await self._gather()
                batch = self._waiting[:BATCH_LIMIT]
                if await self._write(batch):
                    del self._waiting[: len(batch)]
                    self._room.set()
                self._wrote_at = asyncio.get_running_loop().time()
            if self._stopping:
                return

    async def _gather(self) -> None:
        """Wait for more where something was just written and nothing hangs on what there is."""
        loop = asyncio.get_running_loop()
        left = self._wrote_at + GATHER_SECONDS - loop.time()
        if left <= 0 or self._lane is Lane.CRITICAL or not self._may_wait:
            return
        self._enough.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._enough.wait()

    @property
    def _may_wait(self) -> bool:
        return not (
            self._stopping
            or len(self._waiting) >= BATCH_LIMIT
            or any(finish.claim.ordered for finish in self._waiting)
        )

    async def _write(self, batch: list[Finish]) -> bool:
        try:
            worker = self._lease.worker
            reach("settle.before_finish")
            counted = await self._store.deliveries.finish(
                batch, worker, self._clock.now(), int(self._lane)
            )
            reach("settle.after_finish")
            if counted < len(batch):
                await self._settle_late(batch)
        except UnavailableError as error:
            if self._stopping:
                _log.error("%d outcomes are not written: %s", len(batch), error)
                return True
            outage().met(self, f"the outcome of {len(batch)} tries", error)
            await asyncio.sleep(PAUSE_SECONDS)
            return False
        except Exception:  # noqa: BLE001 - one bad outcome must not stop the others
            _log.exception("%d outcomes could not be written", len(batch))
            return len(batch) == 1 or await self._write_alone(batch)
        outage().over(self)
        self._count(batch)
        return True

    async def _settle_late(self, batch: list[Finish]) -> None:
        """Some claims were over: what was taken for unknown and was accepted is sent after all."""
        late = await self._store.dead_letters.settle_late(batch, self._clock.now())
        if late:
            late_outcomes.labels(self._lane.label).inc(late)
            _log.warning("%d sends that were taken for unknown had been accepted", late)

    def _count(self, batch: list[Finish]) -> None:
        now = self._clock.now()
        ended = Counter(
            finish.claim.account for finish in batch if finish.status is not DeliveryStatus.READY
        )
        self._rates.count(self._lane, ended.total(), now)
        for account, n in ended.items():
            self._rates.count_account(self._lane, account, n, now)
        self._ring_next(batch)
        if self._traced:
            self._trace(batch, now)

    def _trace(self, batch: list[Finish], now: int) -> None:
        for finish in batch:
            context, handed_over_at = self._traced.pop(finish.claim.seq, (None, 0))
            if context is not None:
                span = range(handed_over_at, now)
                traces.settled(context, finish.claim, finish.status.name.lower(), span)

    def _ring_next(self, batch: list[Finish]) -> None:
        """What waited for one of these in its order may go now."""
        freed = {finish.claim.account for finish in batch if finish.claim.ordered}
        if self._bus is not None:
            for account in freed:
                self._bus.ring(f"ready:{account}:{int(self._lane)}")

    async def _write_alone(self, batch: list[Finish]) -> bool:
        """One bad outcome must not hold up the others."""
        for finish in batch:
            while not await self._write([finish]):
                pass
        return True
