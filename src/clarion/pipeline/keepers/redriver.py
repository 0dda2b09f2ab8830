"""Goes on with redrives: those too large for one call, and those whose server ended meanwhile."""

from __future__ import annotations

from clarion.clock import SECOND, Clock
from clarion.pipeline.redriving import Redriver
from clarion.store.contract import Store
from clarion.store.contract.dead_letters import RedriveRow

IDLE_SECONDS = 2.0
PATIENCE_SECONDS = 2.0
"""A redrive that moved so recently is in other hands."""


class RedriveKeeper:
    """A batch a redrive and step; what is ready stays a minute ahead at most."""

    def __init__(self, store: Store, redriver: Redriver, clock: Clock) -> None:
        self._store = store
        self._redriver = redriver
        self._clock = clock
        self._mine: dict[int, int] = {}

    async def step(self, rang: bool) -> float:
        """Move every open redrive that may go on; seconds to wait before the next look."""
        open_ones = await self._store.dead_letters.redrives(None, open_only=True)
        moved = False
        for row in open_ones:
            if self._is_free(row) and self._redriver.may_go_on(row):
                after = await self._redriver.go_on(row)
                self._mine[row.redrive] = after.updated_at
                moved = moved or after.finished_at is None
        self._mine = {r.redrive: at for r in open_ones if (at := self._mine.get(r.redrive))}
        return 0 if moved else IDLE_SECONDS

    def _is_free(self, row: RedriveRow) -> bool:
        if self._mine.get(row.redrive) == row.updated_at:
            return True
        return self._clock.now() - row.updated_at >= PATIENCE_SECONDS * SECOND
