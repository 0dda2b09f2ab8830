"""Bulk work holds back while urgent work suffers.

A process that serves urgent lanes or requests measures two things: how long its urgent transactions
take, and how late its loop is. When one is over its bound it rings the bell `pressure`, which all
processes hear, and each slows its bulk work down a little; without rings all come back to speed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import msgspec

from clarion.bus.contract import Bus
from clarion.clock import Clock
from clarion.core.headway import Headway, HeadwayPolicy
from clarion.core.workflow import Lane
from clarion.telemetry import bulk_headway, commit_seconds, loop_lag_seconds, pressure

PRESSURE = "pressure"
STEP_SECONDS = 0.1
TICK_SECONDS = 0.025
"""How often the lateness of the loop is measured."""
WINDOW_SECONDS = 1.0
"""How long a measurement counts."""
MOST_KEPT = 1000
LATE_SHARE = 0.05
"""Part of the measurements that may be over the bound."""
BUSY_SECONDS = 0.1
"""A piece of bulk work counts as no longer than this: it may have waited for something else."""
_URGENT = int(Lane.TRANSACTIONAL)
_LANES = {int(lane): lane.label for lane in Lane}

Rest = Callable[[], Awaitable[None]]
"""Called between two pieces of work; returns when the next one may begin."""


async def go_on() -> None:
    """The rest of who never rests."""


class Strains(msgspec.Struct, frozen=True, kw_only=True):
    """From when on urgent work suffers, where there is some: a transaction of it takes longer than
    `commit_seconds`, the loop is later than `lag_seconds`, more than now and then."""

    commit_seconds: float = 0.03
    lag_seconds: float = 0.015


class Measured:
    """Measurements of the last second against a bound."""

    def __init__(self, bound_seconds: float, least: int) -> None:
        """Fewer than `least` measurements say nothing."""
        self._bound_seconds = bound_seconds
        self._least = least
        self._kept: deque[tuple[float, bool]] = deque(maxlen=MOST_KEPT)

    def add(self, seconds: float, now_seconds: float) -> None:
        """One more."""
        self._kept.append((now_seconds, seconds > self._bound_seconds))

    def enough(self, now_seconds: float) -> bool:
        """Whether there are measurements that count."""
        while self._kept and self._kept[0][0] < now_seconds - WINDOW_SECONDS:
            self._kept.popleft()
        return len(self._kept) >= self._least

    def over(self, now_seconds: float) -> bool:
        """Whether too many were over the bound."""
        late = sum(is_late for _, is_late in self._kept)
        return self.enough(now_seconds) and late > len(self._kept) * LATE_SHARE


class Yielding:
    """Of one process. `measures`: urgent work is done here, so it says when that suffers."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        *,
        measures: bool,
        strains: Strains | None = None,
        policy: HeadwayPolicy | None = None,
    ) -> None:
        strains = strains or Strains()
        self.headway = Headway()
        self._bus = bus
        self._clock = clock
        self._measures = measures
        self._policy = policy or HeadwayPolicy()
        self._commits = Measured(strains.commit_seconds, least=5)
        self._lags = Measured(strains.lag_seconds, least=10)
        self._rang_seconds = float("-inf")
        self._steps = 0
        self._tick: asyncio.TimerHandle | None = None

    async def step(self, rang: bool) -> float:
        """Move the headway, and ring where urgent work suffers here; seconds until the next
        time."""
        if self._tick is None and self._measures:
            self._watch_loop(asyncio.get_running_loop())
        now = self._clock.monotonic_seconds()
        move = self.headway.pressed if rang and self._steps else self.headway.eased
        self.headway = move(now, self._policy)
        self._steps += 1  # the first ring of a loop is its start
        bulk_headway.set(self.headway.share)
        if self._measures and now - self._rang_seconds >= STEP_SECONDS and self._suffers(now):
            self._rang_seconds = now
            self._bus.ring(PRESSURE)
        return STEP_SECONDS

    def close(self) -> None:
        """Measure no more."""
        if self._tick is not None:
            self._tick.cancel()

    def committed(self, urgency: int, seconds: float) -> None:
        """A transaction of a lane took so long, from being asked for to being answered."""
        commit_seconds.labels(_LANES[urgency]).observe(seconds)
        if urgency <= _URGENT:
            self._commits.add(seconds, self._clock.monotonic_seconds())

    def lagged(self, seconds: float) -> None:
        """The loop came so late to what was due."""
        loop_lag_seconds.observe(seconds)
        self._lags.add(seconds, self._clock.monotonic_seconds())

    def rests(self, lane: Lane) -> Rest:
        """What a stage of a lane calls between two pieces of its work. Only bulk ever rests, and
        lets others have their turn in any case."""
        if lane is not Lane.BULK:
            return go_on
        ended_seconds = self._clock.monotonic_seconds()

        async def rest() -> None:
            nonlocal ended_seconds
            busy = min(self._clock.monotonic_seconds() - ended_seconds, BUSY_SECONDS)
            await asyncio.sleep(self.headway.rest_seconds(busy, self._policy))
            ended_seconds = self._clock.monotonic_seconds()

        return rest

    def _suffers(self, now: float) -> bool:
        """Where there is no urgent work, a late loop harms nobody."""
        if not self._commits.enough(now):
            return False
        causes = {"commit": self._commits.over(now), "lag": self._lags.over(now)}
        for cause, over in causes.items():
            if over:
                pressure.labels(cause).inc()
        return any(causes.values())

    def _watch_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        def tick(due: float) -> None:
            self.lagged(max(loop.time() - due, 0.0))
            self._watch_loop(loop)

        due = loop.time() + TICK_SECONDS
        self._tick = loop.call_at(due, tick, due)
