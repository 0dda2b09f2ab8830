"""Forgets what need not be kept longer: events with all their rows, items, keys, captures."""

from __future__ import annotations

from clarion.clock import SECOND, Clock
from clarion.store.contract import Store
from clarion.telemetry import logger

EVENTS = 200
ROWS = 2_000
IDLE_SECONDS = 3600.0
NEXT_SECONDS = 0.1
DAY = 24 * 3600 * SECOND

_log = logger("retention")


class Retention:
    """Keeps `days` days; 0 keeps everything. Events with work left stay until it is done."""

    def __init__(self, store: Store, clock: Clock, days: int) -> None:
        self._store = store
        self._clock = clock
        self._days = days
        self._key: tuple[int, str] | None = (0, "")

    async def step(self, rang: bool) -> float:
        """Forget a batch; seconds to wait before the next. Batches are small and far between, as
        nobody waits for them."""
        if not self._days:
            return IDLE_SECONDS
        now, kept = self._clock.now(), self._store.retention
        instant = now - self._days * DAY
        before = (max(instant, 0) // 1000).to_bytes(6, "big")
        if await kept.items(before, ROWS) >= ROWS:
            return NEXT_SECONDS
        if dropped := await kept.days(instant):
            _log.info("%d days of the ledger were dropped", dropped)
        if await kept.events(before, EVENTS) >= EVENTS:
            return NEXT_SECONDS
        if await kept.captures(instant, ROWS) >= ROWS:
            return NEXT_SECONDS
        if self._key is not None:
            self._key = await kept.keys(before, self._key, ROWS)
            return NEXT_SECONDS
        self._key = (0, "")
        return IDLE_SECONDS
