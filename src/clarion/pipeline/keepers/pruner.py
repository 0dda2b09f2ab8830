"""Removes what has had its time: dedupe keys past their window, inbox items past their expiry,
counters of ordering keys that are not used any more, redrives that ended long ago, suppressions
that were to end."""

from __future__ import annotations

from clarion.clock import SECOND, Clock
from clarion.failpoint import reach
from clarion.store.contract import Store

BATCH = 2_000
IDLE_SECONDS = 5.0
ORDER_SECONDS = 24 * 3600
REDRIVE_SECONDS = 30 * 24 * 3600


class Pruner:
    """Prunes in small batches."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def step(self, rang: bool) -> float:
        """Prune a batch of each kind; seconds to wait before the next."""
        now = self._clock.now()
        reach("keeper.before_prune")
        keys = await self._store.work.prune_dedupe(now, BATCH)
        items = await self._store.inbox.expire(now, BATCH)
        orders = await self._store.events.prune_orders(now - ORDER_SECONDS * SECOND, BATCH)
        redrives = await self._store.dead_letters.prune_redrives(
            now - REDRIVE_SECONDS * SECOND, BATCH
        )
        ended = await self._store.law.lift_ended(now, BATCH)
        return 0 if max(keys, items, orders, redrives, ended) >= BATCH else IDLE_SECONDS
