"""Whether an account's queue has room, so that a fan-out does not outgrow a slow account."""

from __future__ import annotations

from collections.abc import Iterable

from clarion.clock import Clock
from clarion.pipeline.rates import Rates
from clarion.store.contract import Store

READY_LIMIT = 20_000
"""Rows of one (lane, account) from which on a fan-out waits."""

DRAINED_SHARE = 0.75
"""It waits until about this share of them is left."""

COUNTED_SECONDS = 0.25
SHORTEST_WAIT_SECONDS = 0.2
USUAL_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 5.0


class Rooms:
    """Counts of the queues, looked up now and then; what is added here counts at once."""

    def __init__(self, store: Store, clock: Clock, rates: Rates, limit: int = READY_LIMIT) -> None:
        self._store = store
        self._clock = clock
        self._rates = rates
        self._limit = limit
        self._counts: dict[tuple[int, str], tuple[int, float]] = {}

    async def wait_seconds(self, lane: int, accounts: Iterable[str]) -> float:
        """How long to wait before more is added for these accounts; 0 when all have room."""
        waits = [await self._wait_seconds(lane, account) for account in sorted(accounts)]
        return max(waits, default=0.0)

    def add(self, lane: int, account: str, n: int) -> None:
        """So many rows were added."""
        count, at = self._counts.get((lane, account), (0, 0.0))
        self._counts[lane, account] = (count + n, at)

    async def _wait_seconds(self, lane: int, account: str) -> float:
        depth = await self._depth(lane, account)
        if depth < self._limit:
            return 0.0
        rate = self._rates.accounts(self._clock.now()).get((lane, account))
        if not rate:
            return USUAL_WAIT_SECONDS
        drained = (depth - self._limit * DRAINED_SHARE) / rate
        return min(max(drained, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)

    async def _depth(self, lane: int, account: str) -> int:
        now = self._clock.monotonic_seconds()
        known = self._counts.get((lane, account))
        if known is not None and known[1] <= now < known[1] + COUNTED_SECONDS:
            return known[0]
        depth = await self._store.deliveries.depth(lane, account, self._limit)
        self._counts[lane, account] = (depth, now)
        return depth
