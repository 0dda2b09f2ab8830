"""The gauges of what waits, set when somebody looks at the metrics."""

from __future__ import annotations

import asyncio
import math

from clarion.clock import Clock
from clarion.core.workflow import Lane
from clarion.errors import UnavailableError
from clarion.store.contract import Store
from clarion.store.contract.deliveries import LaneRow
from clarion.store.contract.replica import StateDepth
from clarion.telemetry import (
    digest_windows_open,
    held_overdue_seconds,
    logger,
    outbox_lag_seconds,
    queue_depth,
    queue_oldest_age_seconds,
    ready,
    states_oldest_age_seconds,
    states_waiting,
    store_up,
)

ANSWER_SECONDS = 4.0
"""Twice this is less than a scraper waits, so that it hears that the store does not answer."""

_log = logger("gauges")


class Gauges:
    """Sets the gauges of the queues from the store, and whether it answers at all."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def set(self) -> None:
        """Look now. While the store cannot be read there are no gauges of the queues, rather than
        old ones; the two that say so are always there."""
        now = self._clock.now()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                seen = await self._seen(now)
        except (UnavailableError, TimeoutError) as error:
            reason = str(error) or "the store does not answer in time"
            _log.debug("the gauges of the queues are not known: %s", reason)
            _forget()
            return
        store_up.set(1)
        _set_queues(*seen, now)
        await self._look_ready(now)

    async def _seen(self, now: int) -> tuple[list[LaneRow], list[StateDepth], int]:
        return (
            await self._store.deliveries.lanes(now),
            await self._store.replica.depths(),
            await self._store.held.open_windows(),
        )

    async def _look_ready(self, now: int) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._store.check(now)
        except (UnavailableError, TimeoutError):
            ready.set(0)
        else:
            ready.set(1)


def _forget() -> None:
    store_up.set(0)
    ready.set(0)
    for gauge in (
        queue_depth, queue_oldest_age_seconds, held_overdue_seconds, states_waiting,
        states_oldest_age_seconds, outbox_lag_seconds,
    ):  # fmt: skip
        gauge.clear()
    digest_windows_open.set(math.nan)


def _set_queues(rows: list[LaneRow], depths: list[StateDepth], windows: int, now: int) -> None:
    for row in rows:
        lane = Lane(row.lane).label
        queue_depth.labels("ready", lane).set(row.ready)
        queue_depth.labels("sending", lane).set(row.sending)
        queue_depth.labels("tasks", lane).set(row.tasks)
        queue_depth.labels("held", lane).set(row.held)
        held_overdue_seconds.labels(lane).set(row.held_overdue_seconds(now))
        queue_oldest_age_seconds.labels(lane).set(row.oldest_age_seconds(now))
    for depth in depths:
        _set_states(depth, now)
    digest_windows_open.set(windows)
    lags = {
        "deliver": max((row.oldest_age_seconds(now) for row in rows), default=0.0),
        "resume": max((row.held_overdue_seconds(now) for row in rows), default=0.0),
        "replicate": max((depth.oldest_age_seconds(now) for depth in depths), default=0.0),
    }
    for kind, seconds in lags.items():
        outbox_lag_seconds.labels(kind).set(seconds)


def _set_states(depth: StateDepth, now: int) -> None:
    entity = depth.kind.label
    states_waiting.labels(entity, "waiting").set(depth.waiting)
    states_waiting.labels(entity, "in_hand").set(depth.in_hand)
    states_waiting.labels(entity, "failed").set(depth.failed)
    states_oldest_age_seconds.labels(entity).set(depth.oldest_age_seconds(now))
