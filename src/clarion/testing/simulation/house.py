"""Servers of a simulated world: each in a process of its own, started again when it ends."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from clarion.assemble import ALL_ROLES, Role, Server, StandIns
from clarion.config.settings import Account, Settings
from clarion.core.workflow import Lane
from clarion.errors import ClarionError
from clarion.testing.simulation.bus import SimulatedBus
from clarion.testing.simulation.clock import SkewedClock
from clarion.testing.simulation.compiling import CONDITIONS, TEMPLATES
from clarion.testing.simulation.process import Process
from clarion.testing.simulation.storage import Line, SimulatedStore
from clarion.testing.simulation.vendor import SimulatedProvider

if TYPE_CHECKING:
    from clarion.testing.simulation.world import World

STOP_SECONDS = 60.0
RESTART_SECONDS = 5.0
LANES = (Lane.CRITICAL, Lane.BULK)
"""Lanes that the categories of a scene use; others would be idle."""
NOWHERE = Path("/nonexistent/simulated.db")


class Layout(msgspec.Struct, frozen=True):
    """What one server of a world is for."""

    roles: frozenset[Role] = ALL_ROLES
    lanes: tuple[Lane, ...] = LANES


WORKS = frozenset({Role.WORKER})
FRONT = frozenset({Role.API, Role.KEEPER})
LAYOUTS: tuple[tuple[Layout, ...], ...] = (
    (Layout(), Layout()),
    (Layout(), Layout(), Layout()),
    (Layout(FRONT), Layout(WORKS), Layout(WORKS)),
    (Layout(FRONT), Layout(WORKS, LANES[:1]), Layout(WORKS | {Role.KEEPER}, LANES[1:])),
)
"""How several servers on one store share the work."""


class House:
    """One place where a server runs. `server` is there while it is up."""

    def __init__(self, world: World, number: int, layout: Layout) -> None:
        self.number = number
        self.layout = layout
        self.generation = 0
        self.up = False
        self._world = world
        self.process: Process = world.loop.process(f"p{number}.0")
        self.process.dead = True
        self.clock = SkewedClock(world.loop)
        self.store: SimulatedStore
        self.server: Server
        self._ended = asyncio.Event()

    def now(self) -> int:
        """The instant as this machine sees it."""
        return self.clock.now()

    async def keep(self) -> None:
        """Start a server whenever there is none."""
        world = self._world
        while True:
            self._start()
            await self._ended.wait()
            self._ended = asyncio.Event()
            await asyncio.sleep(world.chance.uniform(0.05, RESTART_SECONDS))

    def fell(self) -> None:
        """The process is no more."""
        self.up = False
        self._ended.set()

    async def stop(self) -> None:
        """An orderly stop; who does not end in time is killed."""
        world, process = self._world, self.process
        self.up = False
        world.note("stop", process.name)
        stopping = world.loop.run_in(process, self.server.stop())
        await asyncio.wait({stopping}, timeout=STOP_SECONDS)
        if process.dead:
            return
        if not stopping.done():
            world.note("stop took too long", process.name)
        elif stopping.exception() is not None:
            world.note("stop failed", process.name, repr(stopping.exception()))
        world.end(process)

    def _start(self) -> None:
        world = self._world
        self.generation += 1
        process = self.process = world.loop.process(f"p{self.number}.{self.generation}")
        world.houses_of[process] = self
        world.note("start", process.name)
        self._world.loop.run_in(process, self._serve(process))

    async def _serve(self, process: Process) -> None:
        world = self._world
        self.store = SimulatedStore(Line(world, process, world.disk), exclusive=not world.cluster)
        stand_ins = StandIns(
            make_provider=lambda name, _kind, _settings: SimulatedProvider(
                world.vendors[name], process
            ),
            templates=TEMPLATES,
            conditions=CONDITIONS,
        )
        chance = random.Random(f"{world.seed} {process.name}")  # noqa: S311 - a seed is repeated
        self.server = Server(
            world.settings, self.store, SimulatedBus(world.air, process), clock=self.clock,
            chance=chance, roles=self.layout.roles, lanes=self.layout.lanes, serves=False,
            stand_ins=stand_ins,
        )  # fmt: skip
        try:
            await self.server.start()
        except ClarionError as error:
            world.note("no start", process.name, type(error).__name__)
            world.end(process)
            return
        self.up = True
        world.note("up", process.name)


def settings_of(accounts: list[Account]) -> Settings:
    """What every server of a world is told."""
    return Settings(
        store="sqlite:///:memory:",
        sqlite_path=NOWHERE,
        data_dir=NOWHERE.parent,
        accounts=tuple(accounts),
    )
