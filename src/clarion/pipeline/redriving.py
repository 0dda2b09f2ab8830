"""Redrive: what was given up goes on its way again, in batches that survive a crash."""

from __future__ import annotations

from collections.abc import Iterable

from clarion.bus.contract import Bus
from clarion.clock import SECOND, Clock
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.pipeline.directory import Directory
from clarion.pipeline.routes import CAPTURE, Routes
from clarion.store.contract import Store
from clarion.store.contract.dead_letters import (
    DeadLetterFilter,
    Position,
    Redriven,
    RedriveRow,
    Rerouting,
)
from clarion.telemetry import redriven

AT_ONCE = 100_000
"""Dead letters met by the call that begins a redrive; the rest is the keeper's."""
AHEAD_SECONDS = 60
"""The keeper goes on when the rows made ready so far are due within that time, so that the queue
stays small."""
DEFAULT_PER_SECOND = 100


class Redriver:
    """Surveys, begins and goes on with redrives."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        routes: Routes,
        bus: Bus,
        clock: Clock,
        per_second: int = DEFAULT_PER_SECOND,
    ) -> None:
        self._store = store
        self._directory = directory
        self._routes = routes
        self._bus = bus
        self._clock = clock
        self.per_second = per_second

    async def survey(self, env: int, wanted: DeadLetterFilter) -> tuple[Redriven, int]:
        """What a redrive would come to, and how much that was put aside it would free."""
        now, total = self._clock.now(), Redriven()
        cursor: Position | None = None
        while True:
            found, cursor = await self._store.dead_letters.survey(env, wanted, cursor, now)
            total = total.plus(found)
            if cursor is None:
                return total, await self._tasks(env, wanted)

    async def begin(
        self, env: int, wanted: DeadLetterFilter, rate_per_second: int | None
    ) -> tuple[RedriveRow, int]:
        """The redrive as it stands after its first batches, and how many tasks were freed."""
        now = self._clock.now()
        row = await self._store.dead_letters.begin_redrive(
            env, wanted, rate_per_second or self.per_second, now
        )
        lanes = await self._store.dead_letters.take_up(env, wanted, now)
        for lane in set(lanes):
            self._bus.ring(f"fanout:{lane}")
        held = await self._store.held.take_up(env, wanted, now)
        for lane in set(held):
            self._bus.ring(f"held:{lane}")
        met = 0
        while row.finished_at is None and met < AT_ONCE:
            row = await self.go_on(row)
            met = row.done.met
        return row, len(lanes) + len(held)

    async def go_on(self, row: RedriveRow) -> RedriveRow:
        """The redrive after its next batch."""
        batch = await self._store.dead_letters.redrive(
            row.redrive, await self._rerouting(row.env), self._clock.now()
        )
        for name, count in batch.row.done.since(row.done):
            redriven.labels(name).inc(count)
        for bell in batch.rings:
            self._bus.ring(bell)
        return batch.row

    def may_go_on(self, row: RedriveRow) -> bool:
        """Whether what was made ready is nearly used up."""
        return row.next_due <= self._clock.now() + AHEAD_SECONDS * SECOND

    async def _tasks(self, env: int, wanted: DeadLetterFilter) -> int:
        found = await self._store.dead_letters.put_aside(env, wanted.event)
        held = await self._store.held.aside(env, wanted)
        return sum(wanted.frees(task) for task in found) + held

    async def _rerouting(self, env: int) -> Rerouting:
        route = self._routes.of(await self._directory.environment(env))
        mine = {account.name for account in self._routes.accounts}
        routes = {
            (CHANNEL_NUMBER[channel], platform): route(channel, platform)
            for channel in Channel
            for platform in self._platforms(channel)
        }
        return Rerouting(accounts=frozenset({*mine, CAPTURE}), routes=routes)

    def _platforms(self, channel: Channel) -> Iterable[str]:
        yield ""
        for account in self._routes.accounts:
            if account.capabilities.channel is channel:
                yield from account.capabilities.platforms
