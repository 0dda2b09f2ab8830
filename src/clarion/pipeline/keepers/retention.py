"""Forgets what need not be kept longer, each kind of data after its own number of days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from clarion.clock import SECOND, Clock
from clarion.core.retention import RetentionDays, outlives
from clarion.store.contract import Store
from clarion.store.contract.retention import Walk
from clarion.telemetry import logger

EVENTS = 100
ROWS = 500
KEYS = 2_000
IDLE_SECONDS = 3600.0
NEXT_SECONDS = 0.1
DAY = 24 * 3600 * SECOND

_log = logger("retention")


class Retention:
    """Keeps each kind as long as the settings say, an environment's own fewer days where it has
    some. Events with work left stay whole until it is done."""

    def __init__(self, store: Store, clock: Clock, days: RetentionDays) -> None:
        self._store = store
        self._clock = clock
        self._days = days
        self._passing: AsyncIterator[None] | None = None

    async def step(self, rang: bool) -> float:
        """Forget a batch; seconds to wait before the next. Batches are small and far between, as
        nobody waits for them."""
        passing = self._passing or self._pass()
        self._passing = None
        async for _ in passing:
            self._passing = passing
            return NEXT_SECONDS
        return IDLE_SECONDS

    async def _pass(self) -> AsyncIterator[None]:
        now = self._clock.now()
        kept = self._store.retention
        overrides = await kept.overrides()
        environments = await self._store.keys.environments()
        days = {env: self._days.shortened(overrides.get(env, {})) for env in environments.values()}
        for env, own in days.items():
            if own.inbox_days:
                while await kept.items(env, _bound(now, own.inbox_days), ROWS) >= ROWS:
                    yield
        await self._whole_days(now)
        yield
        for env, own in days.items():
            async for _ in self._environment(env, own, now):
                yield
        key: tuple[int, str] | None = (0, "") if self._days.notifications_days else None
        while key is not None:
            key = await kept.keys(_bound(now, self._days.notifications_days), key, KEYS)
            yield

    async def _whole_days(self, now: int) -> None:
        """What goes a day at a time, all environments at once."""
        kept = self._store.retention
        whole = self._days.notifications_days
        if whole and (dropped := await kept.days(now - whole * DAY)):
            _log.info("%d days of the ledger were dropped", dropped)
        for walk, days in walks_of(self._days):
            emptied = 0
            if walk in kept.by_day:
                emptied = await kept.empty_days(walk, now - days * DAY)
            if emptied:
                _log.info("%d days of %s were emptied", emptied, walk.value)

    async def _environment(self, env: int, own: RetentionDays, now: int) -> AsyncIterator[None]:
        """What goes row by row."""
        kept = self._store.retention
        by_day = set(walks_of(self._days)) if kept.by_day else set()
        for walk, days in walks_of(own):
            if walk in kept.by_day and (walk, days) in by_day:
                continue
            while await kept.forget(env, walk, _bound(now, days), EVENTS, ROWS):
                yield
        if own.content_days:
            instant = now - own.content_days * DAY
            while await kept.captures(env, instant, ROWS) >= ROWS:
                yield
        if own.notifications_days:
            whole = partial(kept.events, env, _bound(now, own.notifications_days))
            while await whole(EVENTS, ROWS):
                yield


def walks_of(days: RetentionDays) -> list[tuple[Walk, int]]:
    """What is taken off events that stay, after how many days; nothing that ends with them."""
    words = days.content_days
    if outlives(days.inbox_days, words):
        words = days.inbox_days
    found = [
        (Walk.PAYLOADS, days.content_days),
        (Walk.CONTENTS, days.content_days if words != days.content_days else 0),
        (Walk.WORDS, words),
        (Walk.ATTEMPTS, days.attempts_days),
        (Walk.DECISIONS, days.decisions_days),
        (Walk.RECORDS, days.decisions_days),
    ]
    return [(walk, own) for walk, own in found if outlives(days.notifications_days, own)]


def _bound(now: int, days: int) -> bytes:
    """The least event id of what is kept."""
    return (max(now - days * DAY, 0) // 1000).to_bytes(6, "big")
