"""Keeps blasts: prepares them, fires those that are due, goes on with pauses, and forgets what is
over."""

from __future__ import annotations

from clarion.clock import SECOND, Clock
from clarion.errors import ClarionError, StandingError, UnavailableError
from clarion.pipeline.blasts.firing import PARK_ROWS, Blasts
from clarion.pipeline.blasts.preparing import IDLE_SECONDS, Preparer
from clarion.pipeline.lease import Lease
from clarion.store.contract import Store
from clarion.store.contract.blasts import BlastRow
from clarion.store.contract.events import EventCounts, EventRow
from clarion.telemetry import logger

BATCH = 20
CUT_PAGES = 200
FORGETS_SECONDS = 60
LOOK_SECONDS = 2.0
"""How often a running one is looked at."""

CUT_KEPT_SECONDS = 24 * 3600
"""So long after its end the cut still says who was in it."""

KEPT_SECONDS = 30 * 24 * 3600
"""So long after its end a blast is told of."""

_log = logger("blasts")


class BlastKeeper:
    """One step does a little of each."""

    def __init__(
        self, store: Store, blasts: Blasts, preparer: Preparer, lease: Lease, clock: Clock
    ) -> None:
        self._store = store
        self._blasts = blasts
        self._preparer = preparer
        self._lease = lease
        self._clock = clock
        self._forgets_at = 0

    async def prepare(self, rang: bool) -> float:
        """Prepare a page; seconds to wait before the next."""
        await self._lease.held()
        return await self._preparer.step(self._lease.worker)

    async def step(self, rang: bool) -> float:
        """Look after all others; seconds to wait before the next look."""
        now = self._clock.now()
        busy = False
        for row in await self._store.blasts.due(now, BATCH):
            await self._fire(row)
        idle_before = now - int(LOOK_SECONDS * SECOND)
        for row in await self._store.blasts.running(idle_before, BATCH):
            busy = await self._look_after(row, now) or busy
        if now >= self._forgets_at:
            busy = await self._forget(now) or busy
        return 0 if busy else IDLE_SECONDS

    async def _forget(self, now: int) -> bool:
        """Whether there is more to forget at once."""
        dropped = await self._store.blasts.drop_cuts(now - CUT_KEPT_SECONDS * SECOND, CUT_PAGES)
        pruned = await self._store.blasts.prune(now - KEPT_SECONDS * SECOND, BATCH)
        more = dropped >= CUT_PAGES or pruned >= BATCH
        self._forgets_at = now if more else now + FORGETS_SECONDS * SECOND
        return more

    async def _fire(self, row: BlastRow) -> None:
        """One that cannot be fired does not hold up the others: it says why, and waits."""
        try:
            now = self._clock.now()
            if row.expires_at is not None and row.expires_at <= now:
                raise StandingError("it had expired when it was to be fired")
            await self._blasts.flip(row)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - the others are due as well
            note = str(error) if isinstance(error, ClarionError) else type(error).__name__
            _log.error("blast %d was not fired: %s", row.number, note)
            await self._store.blasts.unschedule(row.env, row.number, note, self._clock.now())

    async def _look_after(self, row: BlastRow, now: int) -> bool:
        """Whether there is more to do at once."""
        event = await self._event(row)
        if event is not None and event.cancelled_at is not None:
            # Whoever cancelled the event meant the blast. Besides, a page that was being written
            # meanwhile may have added to the queue.
            row = await self._cancelled(row, event, now)
        elif row.paused_at is not None and row.expires_at is not None and row.expires_at <= now:
            resumed = await self._store.blasts.resume(row.env, row.number, now, expired=True)
            row = resumed or row
        moved = await self._blasts.carry_on(row)
        if moved >= PARK_ROWS:
            return True
        if row.paused_at is None and not moved and await self._complete(row, event):
            await self._store.blasts.end(row.env, row.number, now)
        elif not moved:
            await self._store.blasts.touch(row.env, row.number, now)
        return False

    async def _event(self, row: BlastRow) -> EventRow | None:
        if row.event is None:
            return None
        return (await self._store.events.rows(row.env, [row.event])).get(row.event)

    async def _cancelled(self, row: BlastRow, event: EventRow, now: int) -> BlastRow:
        if row.canceled_at is None:
            return await self._store.blasts.cancel(row.env, row.number, now) or row
        await self._store.events.cancel(row.env, [event.id], None, now)
        return row

    async def _complete(self, row: BlastRow, event: EventRow | None) -> bool:
        """Whether all of its event is done; also when the event is kept no longer."""
        if event is None:
            return True
        if event.expanding:
            return False
        counts = (await self._store.events.counts(row.env, event.id)).get(0, EventCounts())
        return not (counts.open or counts.held)
