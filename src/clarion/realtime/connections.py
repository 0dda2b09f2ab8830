"""All live connections of a process: who is there, what is due for whom, and how they end."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator

from clarion.api.answers import when
from clarion.api.services import Services
from clarion.clock import SECOND
from clarion.realtime.doors import Doors
from clarion.realtime.feeds import Feeds
from clarion.realtime.frames import frame
from clarion.realtime.outlets import Ending, Outlet
from clarion.realtime.publications import Publications
from clarion.telemetry import realtime_connections, realtime_ended

BEAT_SECONDS = 20
"""Every connection gets something to read within this time."""
SWEEP_SECONDS = 15
"""Every inbox is read within this time, whether the bus said something of it or not."""
LAST_MINUTE = 60
"""Seconds before its token ends a connection is told so."""


class Connections:
    """Streams and sockets of this process."""

    def __init__(self, services: Services, chance: random.Random) -> None:
        self.doors = Doors(services)
        self.feeds = Feeds(services)
        self._publications = Publications(services, self.feeds)
        self._clock = services.clock
        self._chance = chance
        self._beats: list[set[Outlet]] = [set() for _ in range(BEAT_SECONDS)]
        self._next = 0
        self._told: set[Outlet] = set()
        self._by_transport: Counter[str] = Counter()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Serve from now on."""
        self.feeds.start()
        parts = (self._tick(), self._publications.run(), self._look_for_broadcasts())
        self._tasks = [asyncio.create_task(part, name="realtime") for part in parts]

    async def stop(self) -> None:
        """Tell everybody to come again elsewhere, a little later and not all at once."""
        self.doors.shut = True
        for outlet in self._all():
            outlet.end(Ending.STOPPING)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.feeds.stop()

    def milliseconds(self, least: int, most: int) -> int:
        """A pause for a client, different for each."""
        return self._chance.randint(least, most)

    def enter(self, outlet: Outlet, transport: str) -> None:
        """A connection begins; FullError when there is no room."""
        self.doors.enter(outlet.inbox)
        self._beats[self._next].add(outlet)
        self._next = (self._next + 1) % BEAT_SECONDS
        self._by_transport[transport] += 1
        realtime_connections.labels(transport).set(self._by_transport[transport])
        self.feeds.join(outlet)

    def leave(self, outlet: Outlet, transport: str) -> None:
        """A connection has ended."""
        self.feeds.leave(outlet)
        for beat in self._beats:
            beat.discard(outlet)
        self._told.discard(outlet)
        self.doors.leave(outlet.inbox)
        self._by_transport[transport] -= 1
        realtime_connections.labels(transport).set(self._by_transport[transport])
        realtime_ended.labels(transport, outlet.ending or Ending.GONE).inc()

    def _all(self) -> Iterator[Outlet]:
        for beat in self._beats:
            yield from [*beat]

    async def _tick(self) -> None:
        """Once a second: a share of the connections gets a beat, and a share of the inboxes a
        look."""
        turn = 0
        while True:
            await asyncio.sleep(1.0)
            turn += 1
            now = self._clock.now()
            for outlet in [*self._beats[turn % BEAT_SECONDS]]:
                outlet.keep_alive()
            for n, outlet in enumerate(self._all()):
                if outlet.ends_at - now <= LAST_MINUTE * SECOND:
                    self._expire(outlet, now)
                if n % 1_000 == 999:
                    await asyncio.sleep(0)
            self.feeds.sweep(turn % SWEEP_SECONDS, SWEEP_SECONDS)

    async def _look_for_broadcasts(self) -> None:
        """In case nobody said that there are new ones."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            for env in self.feeds.environments():
                await self._publications.look(env)

    def _expire(self, outlet: Outlet, now: int) -> None:
        if outlet.ends_at <= now:
            outlet.end(Ending.EXPIRED)
        elif outlet not in self._told:
            self._told.add(outlet)
            outlet.offer([frame("session.expiring", {"expires_at": when(outlet.ends_at)})])
