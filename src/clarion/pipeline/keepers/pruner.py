"""Removes what has had its time: dedupe keys past their window, inbox items past their expiry,
counters of ordering keys and of caps that are not used any more, redrives and simulations that
ended long ago, the presence of who has gone, suppressions that were to end, used tickets, what is
left of users being erased. Brings back items that were snoozed."""

from __future__ import annotations

from collections import defaultdict

from clarion.bus.contract import Bus
from clarion.clock import SECOND, Clock
from clarion.failpoint import reach
from clarion.pipeline.hearsay import inboxes_of
from clarion.store.contract import Store

BATCH = 2_000
IDLE_SECONDS = 5.0
ORDER_SECONDS = 24 * 3600
SIMULATIONS = 20
REDRIVE_SECONDS = 30 * 24 * 3600
ERASURES = 10
ERASING_SECONDS = 60
"""How long who began an erasure is given to finish it."""


class Pruner:
    """Prunes in small batches."""

    def __init__(self, store: Store, bus: Bus, clock: Clock) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    async def step(self, rang: bool) -> float:
        """Prune a batch of each kind; seconds to wait before the next."""
        now = self._clock.now()
        reach("keeper.before_prune")
        keys = await self._store.work.prune_dedupe(now, BATCH)
        items = await self._inboxes(now)
        orders = await self._store.events.prune_orders(now - ORDER_SECONDS * SECOND, BATCH)
        redrives = await self._store.dead_letters.prune_redrives(
            now - REDRIVE_SECONDS * SECOND, BATCH
        )
        simulations = await self._store.simulations.prune(
            now - REDRIVE_SECONDS * SECOND, SIMULATIONS
        )
        caps = await self._store.caps.prune(now, BATCH)
        gone = await self._store.presence.prune(now, BATCH)
        tickets = await self._store.streams.prune(now, BATCH)
        ended = await self._store.law.lift_ended(now, BATCH)
        erased = await self._store.people.finish_erasures(now - ERASING_SECONDS * SECOND, ERASURES)
        most = max(keys, items, orders, redrives, caps, gone, ended, tickets)
        more = erased >= ERASURES or simulations >= SIMULATIONS
        return 0 if most >= BATCH or more else IDLE_SECONDS

    async def _inboxes(self, now: int) -> int:
        """Items that expired go, those that were put off come back; whoever looks at them is
        told. How many there were of the more frequent kind."""
        expired = await self._store.inbox.expire(now, BATCH)
        woken = await self._store.inbox.wake(now, BATCH)
        changed: defaultdict[int, set[int]] = defaultdict(set)
        for env, user in (*expired, *woken):
            changed[env].add(user)
        for env, users in changed.items():
            self._bus.tell(inboxes_of(env), users)
        return max(len(expired), len(woken))
