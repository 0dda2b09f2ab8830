"""The right of this process to work: one row, one heartbeat, and no send without it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from clarion.clock import SECOND, Clock
from clarion.core.workflow import Lane
from clarion.errors import UnavailableError
from clarion.store.contract import Store
from clarion.telemetry import lease_lost, logger

STOPS_AT = 2 / 3
"""Part of the lease after which a worker that could not renew sends nothing more."""
LONGEST_PAUSE_SECONDS = 1.0

_log = logger("lease")


class Lease:
    """A worker's row, kept alive by `step`. A worker that others took for dead gets a new number.

    Time is told by the monotonic clock, which goes on while the process is stopped.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        lanes: Iterable[Lane],
        *,
        seconds: float,
        heartbeat_seconds: float,
    ) -> None:
        self.worker = 0
        self.seconds = seconds
        self.heartbeat_seconds = heartbeat_seconds
        self._store = store
        self._clock = clock
        self._lanes = [int(lane) for lane in lanes]
        self._renewed_seconds = 0.0
        self._silent = False
        self._renewal = asyncio.Event()

    async def start(self) -> None:
        """Become a worker."""
        began = self._clock.monotonic_seconds()
        self.worker = await self._store.work.start_worker(
            self._lanes, int(self.seconds * SECOND), self._clock.now()
        )
        self._renewed(began)

    async def step(self, rang: bool) -> float:
        """Say that the worker is alive; seconds until the next time."""
        began = self._clock.monotonic_seconds()
        try:
            if await self._store.work.beat(self.worker, self._clock.now()):
                self._renewed(began)
            else:
                lease_lost.labels("worker" if self._lanes else "other").inc()
                _log.warning("worker %d was taken for dead; it goes on as a new one", self.worker)
                await self.start()
        except UnavailableError as error:
            if not self._silent:
                _log.error("worker %d cannot say that it is alive: %s", self.worker, error)
            self._silent = True
            return min(self.heartbeat_seconds, LONGEST_PAUSE_SECONDS)
        return self.heartbeat_seconds

    async def stop(self) -> None:
        """Be no worker any more. Where that cannot be said, the lease lapses."""
        try:
            await self._store.work.stop_worker(self.worker, self._clock.now())
        except UnavailableError as error:
            _log.warning("worker %d ends without saying so: %s", self.worker, error)

    @property
    def valid(self) -> bool:
        """Whether this worker may still send: nobody can have taken its work over yet."""
        silent_seconds = self._clock.monotonic_seconds() - self._renewed_seconds
        return silent_seconds < self.seconds * STOPS_AT

    def holds(self, worker: int) -> bool:
        """Whether what was claimed under this number is still ours: the lease is valid, and it is
        the one it was."""
        return self.worker == worker and self.valid

    async def held(self) -> None:
        """Wait until the lease is valid."""
        while not self.valid:
            self._renewal.clear()
            await self._renewal.wait()

    def _renewed(self, began_seconds: float) -> None:
        """Counted from before the question was put, as that is when the store may have answered."""
        if self._silent:
            _log.warning("worker %d is heard again", self.worker)
        self._silent = False
        self._renewed_seconds = began_seconds
        self._renewal.set()
