"""Whether an event may come in now. What is least urgent is refused first.

Two kinds of bounds. What all lanes share (events that wait to be written, writes that wait for the
store) is divided: each lane may fill a share of it, the critical one all. What a lane has of its
own (its backlog: ready deliveries and fan-out tasks) has one bound a lane; a lane over it is
refused together with all less urgent ones.
"""

from __future__ import annotations

import math

import msgspec

from clarion.clock import Clock
from clarion.core.workflow import Lane
from clarion.errors import OverloadError, UnavailableError
from clarion.pipeline.outage import outage
from clarion.pipeline.rates import Rates
from clarion.store.contract import Store
from clarion.telemetry import events_shed

SHARES = {Lane.CRITICAL: 1.0, Lane.TRANSACTIONAL: 0.85, Lane.SOCIAL: 0.7, Lane.BULK: 0.5}
"""How full a shared queue may be for each lane."""

RETRY_SECONDS = {Lane.CRITICAL: 1, Lane.TRANSACTIONAL: 2, Lane.SOCIAL: 5, Lane.BULK: 10}
LONGEST_RETRY_SECONDS = 60
LOOK_SECONDS = 1.0
LOOK_SHARE = 20
"""A look at the backlog is repeated after 20 times the time it took at the earliest."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Events that wait to be written, writes that wait for the store, rows of one lane's
    backlog."""

    waiting_events: int = 20_000
    waiting_writes: int = 10_000
    lane_backlog: int = 1_000_000


class Overload:
    """Judges by what it saw last: the backlog is looked at by `step`, the queues at once."""

    def __init__(
        self, store: Store, clock: Clock, rates: Rates, bounds: Bounds | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._rates = rates
        self.bounds = bounds or Bounds()
        self._backlog: dict[int, int] = {}
        self._over: Lane | None = None

    async def step(self, rang: bool) -> float:
        """Look at the backlog; seconds until the next look. A store that failed is tried with the
        smallest write there is, since nothing else may come that would try it."""
        started = self._clock.monotonic_seconds()
        now = self._clock.now()
        try:
            if self._store.failing:
                await self._store.check(now)
            rows = await self._store.deliveries.lanes(now)
        except UnavailableError as error:
            outage().met(self, "the look at what waits", error)
            return LOOK_SECONDS
        outage().over(self)
        self._backlog = {row.lane: row.depth for row in rows}
        over = [lane for lane, depth in self._backlog.items() if depth > self.bounds.lane_backlog]
        self._over = Lane(min(over)) if over else None
        took = self._clock.monotonic_seconds() - started
        return max(LOOK_SECONDS, LOOK_SHARE * took)

    def check_store(self) -> None:
        """UnavailableError while the last write was refused by the store itself."""
        if self._store.failing:
            raise UnavailableError("the store cannot be written now; send it again later", 2)

    def strained(self, waiting_events: int) -> bool:
        """Whether any lane is refused now; cheap, and nearly always False."""
        return self._over is not None or self._fill(waiting_events) > SHARES[Lane.BULK]

    def refusal(self, lane: Lane, waiting_events: int) -> OverloadError | None:
        """Why an event of this lane is not taken, when `waiting_events` wait with it; None when it
        is."""
        if self._over is not None and lane >= self._over:
            found = self._by_backlog(lane, self._over)
        elif self._fill(waiting_events) > SHARES[lane]:
            found = self._by_queue(lane, waiting_events)
        else:
            return None
        events_shed.labels(lane.label, found.policy).inc()
        return found

    def _fill(self, waiting_events: int) -> float:
        return max(
            waiting_events / self.bounds.waiting_events,
            self._store.waiting / self.bounds.waiting_writes,
        )

    def _by_queue(self, lane: Lane, waiting_events: int) -> OverloadError:
        events = waiting_events / self.bounds.waiting_events > SHARES[lane]
        bound = self.bounds.waiting_events if events else self.bounds.waiting_writes
        return OverloadError(
            f"too many events wait to be written for one of the lane {lane.label}; send it again "
            "later",
            RETRY_SECONDS[lane],
            policy="events" if events else "writes",
            quota=int(bound * SHARES[lane]),
        )

    def _by_backlog(self, lane: Lane, over: Lane) -> OverloadError:
        excess = self._backlog[over] - self.bounds.lane_backlog
        rate = self._rates.per_second(self._clock.now())[over]
        wait = math.ceil(excess / rate) if rate else RETRY_SECONDS[lane]
        return OverloadError(
            f"too much of the lane {over.label} waits to be sent; send it again later",
            min(max(wait, RETRY_SECONDS[lane]), LONGEST_RETRY_SECONDS),
            policy=f"backlog-{over.label}",
            quota=self.bounds.lane_backlog,
        )
