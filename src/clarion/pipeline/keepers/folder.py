"""Folds the delta rows of counts, so that reading an event's counts stays cheap."""

from __future__ import annotations

from clarion.failpoint import reach
from clarion.store.contract import Store

BATCH = 5_000
IDLE_SECONDS = 2.0


class Folder:
    """Sums deltas into counts, oldest first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def step(self, rang: bool) -> float:
        """Fold a batch; seconds to wait before the next."""
        folded = await self._store.events.fold_counts(BATCH)
        reach("keeper.after_fold")
        return 0 if folded >= BATCH else IDLE_SECONDS
