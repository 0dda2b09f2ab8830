"""Keepers work in one process at a time: whoever holds the term. Two at once do no harm."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from clarion.clock import SECOND, Clock
from clarion.pipeline.lease import Lease
from clarion.store.contract import Store
from clarion.telemetry import logger

KEEPER = "keeper"
RENEWS_AT = 1 / 3
"""Part of the term after which it is asked for again."""

_log = logger("leadership")


class Leadership:
    """The term of one role; it lasts as long as the worker's lease and is renewed in time."""

    def __init__(self, store: Store, clock: Clock, lease: Lease, role: str = KEEPER) -> None:
        self.leads = False
        self._store = store
        self._clock = clock
        self._lease = lease
        self._role = role
        self._asked_seconds: float | None = None

    async def holds(self) -> bool:
        """Whether this process leads now, asking the store when it is time to."""
        now_seconds = self._clock.monotonic_seconds()
        asked = self._asked_seconds
        if asked is not None and now_seconds - asked < self._lease.seconds * RENEWS_AT:
            return self.leads
        term = int(self._lease.seconds * SECOND)
        self.leads, led = False, self.leads
        self.leads = await self._store.work.lead(
            self._role, self._lease.worker, term, self._clock.now()
        )
        self._asked_seconds = now_seconds
        if self.leads and not led:
            _log.debug("worker %d leads the keepers", self._lease.worker)
        return self.leads

    def led(self, step: Callable[[bool], Awaitable[float]]) -> Callable[[bool], Awaitable[float]]:
        """A step that is taken only while this process leads."""

        async def led_step(rang: bool) -> float:
            if await self.holds():
                return await step(rang)
            return self._lease.heartbeat_seconds

        return led_step
