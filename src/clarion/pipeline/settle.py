"""Settle: outcomes become end states or next tries, many in one transaction.

There is no timer: whatever came while the last batch was written is the next batch.
"""

from __future__ import annotations

import asyncio

from clarion.clock import Clock
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Lane
from clarion.errors import UnavailableError
from clarion.failpoint import reach
from clarion.pipeline.lease import Lease
from clarion.pipeline.rates import Rates
from clarion.store.contract import Store
from clarion.store.contract.deliveries import Finish
from clarion.telemetry import logger

BATCH_LIMIT = 200
WAITING_LIMIT = 10_000
PAUSE_SECONDS = 0.5

_log = logger("settle")


class Settler:
    """The settle stage of one lane. Outcomes wait in memory until they are durable; never
    dropped."""

    def __init__(self, lane: Lane, lease: Lease, store: Store, clock: Clock, rates: Rates) -> None:
        self._lane = lane
        self._rates = rates
        self._lease = lease
        self._store = store
        self._clock = clock
        self._waiting: list[Finish] = []
        self._came = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Settle from now on."""
        self._task = asyncio.create_task(self._run(), name="settle")

    async def stop(self) -> None:
        """Write what is waiting, then stop."""
        self._stopping = True
        self._came.set()
        if self._task is not None:
            await self._task
            self._task = None

    async def abandon(self) -> None:
        """Stop at once; what is not durable yet is lost."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    @property
    def unwritten(self) -> list[int]:
        """Numbers (`Claim.seq`) of deliveries whose outcome is not durable yet."""
        return [finish.claim.seq for finish in self._waiting]

    async def settle(self, finish: Finish) -> None:
        """Hand an outcome over; waits while too many are not durable yet."""
        await self._room.wait()
        self._waiting.append(finish)
        if len(self._waiting) >= WAITING_LIMIT:
            self._room.clear()
        self._came.set()

    async def _run(self) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                batch = self._waiting[:BATCH_LIMIT]
                if await self._write(batch):
                    del self._waiting[: len(batch)]
                    self._room.set()
            if self._stopping:
                return

    async def _write(self, batch: list[Finish]) -> bool:
        try:
            reach("settle.before_finish")
            await self._store.deliveries.finish(batch, self._lease.worker, self._clock.now())
            reach("settle.after_finish")
        except UnavailableError as error:
            _log.error("%d outcomes wait for the store: %s", len(batch), error)
            if self._stopping:
                return True
            await asyncio.sleep(PAUSE_SECONDS)
            return False
        except Exception:  # noqa: BLE001 - one bad outcome must not stop the others
            _log.exception("%d outcomes could not be written", len(batch))
            return len(batch) == 1 or await self._write_alone(batch)
        ended = sum(finish.status is not DeliveryStatus.READY for finish in batch)
        self._rates.count(self._lane, ended, self._clock.now())
        return True

    async def _write_alone(self, batch: list[Finish]) -> bool:
        """One bad outcome must not hold up the others."""
        for finish in batch:
            while not await self._write([finish]):
                pass
        return True
