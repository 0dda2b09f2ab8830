"""Those who cause trouble from outside: kills, freezes, stops, jumping clocks, vendors that are
down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from clarion.clock import SECOND
from clarion.testing.simulation.vendor import DOWN_SECONDS

if TYPE_CHECKING:
    from clarion.testing.simulation.house import House
    from clarion.testing.simulation.world import World


class Trouble:
    """All trouble of one world, until its storm is over."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Let it begin: each kind at moments of its own."""
        weather = self._world.weather
        self._now_and_then(weather.crash_gap_seconds, self._crash)
        self._now_and_then(weather.freeze_gap_seconds, self._freeze)
        self._now_and_then(weather.stop_gap_seconds, self._stop)
        self._now_and_then(weather.jump_gap_seconds, self._jump)
        self._now_and_then(weather.vendor_down_gap_seconds, self._down)

    def end(self) -> None:
        """No more of it: who is frozen goes on, who is down is up again."""
        for task in self._tasks:
            task.cancel()
        for house in self._world.houses:
            self._world.thaw(house.process)
        for vendor in self._world.vendors.values():
            vendor.down_until = 0

    def _now_and_then(
        self, gap_seconds: float | None, cause: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        if gap_seconds is not None:
            self._tasks.append(self._world.outside(self._again(gap_seconds, cause)))

    async def _again(
        self, gap_seconds: float, cause: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        while True:
            await asyncio.sleep(self._world.chance.expovariate(1 / gap_seconds))
            await cause()

    def _victim(self) -> House | None:
        running = [house for house in self._world.houses if house.process.running]
        return self._world.chance.choice(running) if running else None

    async def _crash(self) -> None:
        if (house := self._victim()) is not None:
            self._world.note("kill", house.process.name)
            self._world.count("kill")
            self._world.end(house.process)

    async def _freeze(self) -> None:
        house = self._victim()
        if house is not None:
            self._world.freeze(house.process)

    async def _stop(self) -> None:
        house, world = self._victim(), self._world
        if house is not None and house.up:
            world.count("stop")
            world.outside(house.stop())

    async def _jump(self) -> None:
        """A machine's clock is set: forward or back, never further off than the weather says."""
        world = self._world
        house = world.chance.choice(world.houses)
        most = max(world.weather.skew_seconds, 0.5)
        house.clock.offset = round(world.chance.uniform(-most, most) * SECOND)
        world.note("clock", f"p{house.number}", house.clock.offset)
        world.count("clock jump")

    async def _down(self) -> None:
        world = self._world
        vendor = world.chance.choice([*world.vendors.values()])
        vendor.down_until = world.loop.now + round(world.chance.uniform(0.5, DOWN_SECONDS) * SECOND)
        world.note("vendor down", vendor.name)
        world.count("vendor down")
