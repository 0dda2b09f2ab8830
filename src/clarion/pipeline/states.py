"""States in, durable before the answer, and never more than the queue may hold."""

from __future__ import annotations

from collections import Counter

from clarion.bus.contract import Bus
from clarion.clock import Clock
from clarion.errors import OverloadError, UnavailableError
from clarion.pipeline.replicate import DOORBELL
from clarion.store.contract import Store
from clarion.store.contract.replica import StateDepth, StateWrite
from clarion.telemetry import states

BACKLOG = 200_000
LOOK_SECONDS = 1.0
LOOK_SHARE = 20
RETRY_SECONDS = 5


class StateIntake:
    """Takes states of one process. What waits is counted once a second, or less often when that
    takes long; what came since is added."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, backlog: int = BACKLOG) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._backlog = backlog
        self._waiting = 0
        self._look_at_seconds: float | None = None

    async def accept(self, env: int, writes: list[StateWrite]) -> list[bool]:
        """Whether each is accepted; the others are not newer than what is known. OverloadError when
        too many wait, UnavailableError when the store cannot be written; a part may be taken then,
        which does no harm when all is sent again."""
        if self._store.failing:
            raise UnavailableError("the store cannot be written now; send it again later", 2)
        await self._refuse_too_many()
        taken = await self._store.replica.accept(env, writes, self._clock.now())
        self._waiting += sum(taken)
        if any(taken):
            self._bus.ring(DOORBELL)
        results = Counter(
            (write.kind.label, "accepted" if new else "ignored")
            for write, new in zip(writes, taken, strict=True)
        )
        for (entity, result), count in results.items():
            states.labels(entity, result).inc(count)
        return taken

    async def depths(self) -> list[StateDepth]:
        """What waits, by kind of entity."""
        return await self._store.replica.depths()

    async def _refuse_too_many(self) -> None:
        started = self._clock.monotonic_seconds()
        if self._look_at_seconds is None or started >= self._look_at_seconds:
            self._waiting = sum(depth.depth for depth in await self.depths())
            took = self._clock.monotonic_seconds() - started
            self._look_at_seconds = started + max(LOOK_SECONDS, LOOK_SHARE * took)
        if self._waiting >= self._backlog:
            raise OverloadError(
                "too many states wait to be applied; send them again later",
                RETRY_SECONDS,
                policy="state",
                quota=self._backlog,
            )
