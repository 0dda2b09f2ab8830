"""Where the deliveries of an account go that is out, and what an account is probed with whose queue
went elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from clarion.bus.contract import Bus
from clarion.clock import Clock
from clarion.core.workflow import Lane
from clarion.pipeline.routes import Routes, Way
from clarion.pipeline.valve import Valve
from clarion.store.contract import Store
from clarion.store.contract.deliveries import Diversion
from clarion.telemetry import diverted

BATCH = 200


class Detours:
    """Moves due rows along the routes."""

    def __init__(
        self, routes: Routes, valves: Mapping[str, Valve], store: Store, bus: Bus, clock: Clock
    ) -> None:
        self._routes = routes
        self._valves = valves
        self._store = store
        self._bus = bus
        self._clock = clock

    def stand_in(self, account: str) -> bool:
        """Whether another account may take what this one cannot."""
        return bool(self._ways_in(account))

    async def away(self, lane: Lane, account: str) -> int:
        """Hand due rows of an account that is out to the next ones that are not; how many."""
        moved = 0
        for way in self._ways_in(account):
            moved += await self._move(lane, account, way, BATCH)
        return moved

    async def for_probe(self, lane: Lane, account: str) -> bool:
        """Fetch back one due row to probe the account with."""
        now = self._clock.now()
        for way in self._routes.ways(account):
            if not self._may_lend(account, way.account):
                continue
            back = Way(account=account, environments=way.environments, platforms=way.back)
            due = await self._store.deliveries.due(int(lane), way.account, 1, now)
            if due and await self._move(lane, way.account, back, 1):
                return True
        return False

    def _ways_in(self, account: str) -> list[Way]:
        now = self._clock.now()
        return [
            way
            for way in self._routes.ways(account)
            if way.account in self._valves and self._valves[way.account].share(now) > 0
        ]

    def _may_lend(self, account: str, other: str) -> bool:
        """Who comes later in the route or is out itself lends a message; a healthy account that
        comes first does not risk one."""
        if other not in self._valves:
            return False
        is_out = self._valves[other].share(self._clock.now()) == 0
        return is_out or self._routes.rank(account) < self._routes.rank(other)

    async def _move(self, lane: Lane, source: str, way: Way, limit: int) -> int:
        numbers = await self._store.keys.environments()
        envs = tuple(numbers[name] for name in way.environments if name in numbers)
        if not envs:
            return 0
        diversion = Diversion(
            lane=int(lane), source=source, target=way.account, envs=envs,
            platforms=way.platforms, limit=limit,
        )  # fmt: skip
        moved = await self._store.deliveries.divert(diversion, self._clock.now())
        if moved:
            diverted.labels(source, way.account).inc(moved)
            self._bus.ring(f"ready:{way.account}:{int(lane)}")
        return moved
