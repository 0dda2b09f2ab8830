"""Goes on with redrives: those too large for one call, and those whose server ended meanwhile."""

from __future__ import annotations

from clarion.clock import SECOND, Clock
from clarion.errors import UnavailableError
from clarion.pipeline.redriving import Redriver
from clarion.store.contract import Store
from clarion.store.contract.dead_letters import RedriveRow
from clarion.telemetry import logger

AT_ONCE = 200
"""Open redrives that one step looks at."""
IDLE_SECONDS = 2.0
PATIENCE_SECONDS = 2.0
"""A redrive that moved so recently is in other hands."""

_log = logger("redriver")


class RedriveKeeper:
    """A batch a redrive and step, in turns; what is ready stays a minute ahead at most. A redrive
    that cannot go on ends with its error, and the others go on."""

    def __init__(self, store: Store, redriver: Redriver, clock: Clock) -> None:
        self._store = store
        self._redriver = redriver
        self._clock = clock
        self._mine: dict[int, int] = {}
        self._held_up: set[int] = set()

    async def step(self, rang: bool) -> float:
        """Move every open redrive that may go on; seconds to wait before the next look.
        UnavailableError while the store cannot be written; whom it hit is last the next time."""
        open_ones = await self._store.dead_letters.open_redrives(AT_ONCE)
        open_ones.sort(key=lambda row: row.redrive in self._held_up)
        numbers = {row.redrive for row in open_ones}
        self._held_up &= numbers
        self._mine = {number: at for number, at in self._mine.items() if number in numbers}
        moved = False
        for row in open_ones:
            if self._is_free(row) and self._redriver.may_go_on(row):
                moved = await self._move(row) or moved
        return 0 if moved else IDLE_SECONDS

    async def _move(self, row: RedriveRow) -> bool:
        """Whether there is more to do at once."""
        try:
            after = await self._redriver.go_on(row)
        except UnavailableError:
            self._held_up.add(row.redrive)
            raise
        except Exception as error:  # noqa: BLE001 - one redrive must not hold up all others
            await self._give_up(row, error)
            return False
        self._held_up.discard(row.redrive)
        self._mine[row.redrive] = after.updated_at
        return after.finished_at is None

    async def _give_up(self, row: RedriveRow, error: Exception) -> None:
        _log.error("redrive %d cannot go on and was ended", row.redrive, exc_info=error)
        reason = f"it could not go on ({type(error).__name__}); the log of the server has more"
        await self._store.dead_letters.fail_redrive(row.redrive, reason, self._clock.now())

    def _is_free(self, row: RedriveRow) -> bool:
        if self._mine.get(row.redrive) == row.updated_at:
            return True
        return self._clock.now() - row.updated_at >= PATIENCE_SECONDS * SECOND
