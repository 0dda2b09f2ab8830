"""A bus that loses, doubles, delays and reorders what it carries between and inside processes."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Set
from typing import TYPE_CHECKING

from clarion.bus.ears import Ear
from clarion.testing.simulation.process import Process

if TYPE_CHECKING:
    from clarion.testing.simulation.world import World

LATE_SECONDS = 3.0
AFAR_SECONDS = 0.02


class Bell:
    """One listener in one process."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self._rang = asyncio.Event()

    def ring(self) -> None:
        self._rang.set()

    async def wait(self, timeout_seconds: float) -> bool:
        """See `Doorbell.wait`."""
        if not self._rang.is_set():
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._rang.wait()
            except TimeoutError:
                return False
        self._rang.clear()
        return True


class Air:
    """What lies between all processes: carries rings from each to each."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._bells: dict[str, list[Bell]] = {}
        self._said: list[tuple[str, Process]] = []

    def listen(self, name: str, bell: Bell) -> None:
        """Hear of a name from now on."""
        self._bells.setdefault(name, []).append(bell)

    def say(self, name: str, sender: Process) -> None:
        """Carry a ring. What is said in one turn is carried in the order of names: it may come out
        of a set."""
        if not self._said:
            self._world.outside_soon(self._carry)
        self._said.append((name, sender))

    def _carry(self) -> None:
        said, self._said = self._said, []
        for name, sender in sorted(said, key=lambda ring: (ring[0], ring[1].name)):
            for bell in [bell for bell in self._bells.get(name, ()) if not bell.process.dead]:
                self._send(bell, bell.process is sender)

    def _send(self, bell: Bell, near: bool) -> None:
        world, weather = self._world, self._world.weather
        for _ in range(2 if world.happens(weather.ring_doubled) else 1):
            if world.happens(weather.ring_lost):
                world.count("ring lost")
                continue
            seconds = 0.0 if near else world.chance.uniform(0.0, AFAR_SECONDS)
            if world.happens(weather.ring_late):
                seconds += world.chance.uniform(0.0, LATE_SECONDS)
            world.loop.call_later(seconds, self._arrive, bell)

    def _arrive(self, bell: Bell) -> None:
        if not bell.process.dead:
            bell.ring()


class SimulatedBus:
    """The bus as one process sees it."""

    def __init__(self, air: Air, process: Process) -> None:
        self._air = air
        self._process = process

    connected = True

    def describe(self) -> Mapping[str, object]:
        """See `Bus.describe`."""
        return {"bus": "simulated", "connected": True, "problem": ""}

    async def start(self) -> None:
        """See `Bus.start`."""

    async def close(self) -> None:
        """See `Bus.close`."""

    def ring(self, name: str) -> None:
        """See `Bus.ring`."""
        self._air.say(name, self._process)

    def tell(self, name: str, numbers: Collection[int]) -> None:
        """See `Bus.tell`; nobody has connections here."""

    def ear(self, name: str, wanted: Set[int]) -> Ear:
        """See `Bus.ear`."""
        return Ear(wanted)

    def doorbell(self, name: str) -> Bell:
        """See `Bus.doorbell`."""
        bell = Bell(self._process)
        self._air.listen(name, bell)
        return bell
