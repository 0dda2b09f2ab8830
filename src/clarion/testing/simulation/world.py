"""One world: a seed in, everything that happened out."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from clarion.assemble import Role
from clarion.clock import SECOND
from clarion.config.settings import Account
from clarion.core.workflow import Channel
from clarion.errors import ClarionError
from clarion.testing.simulation.blasts import blasts_of, client_of
from clarion.testing.simulation.bus import Air
from clarion.testing.simulation.house import LAYOUTS, House, Layout, settings_of
from clarion.testing.simulation.loop import SimulatedLoop, StuckError
from clarion.testing.simulation.process import Process
from clarion.testing.simulation.scene import SCENES, scene_of
from clarion.testing.simulation.shows import Show
from clarion.testing.simulation.storage import Disk
from clarion.testing.simulation.story import story_of
from clarion.testing.simulation.trouble import Trouble
from clarion.testing.simulation.vendor import Ask, Vendor, capabilities
from clarion.testing.simulation.watch import Watch
from clarion.testing.simulation.weather import calm, weather_of

TURNS = 600_000
DRAIN_SECONDS = 600.0
LOOK_SECONDS = 1.0
NEAR_SECONDS = 0.004
SLOW_STORE_SECONDS = 3.0
REPEATS = ("dropped", "replaces", "twice", "twice")
T = TypeVar("T")


class World:
    """Everything of one seed. `play` runs it to its end; then `disk`, `asks`, `story` and `watch`
    hold what there is to check."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = world_chance(seed)
        self.weather = weather_of(self.chance)
        self.loop = SimulatedLoop(
            random.Random(f"order {seed}"),  # noqa: S311 - a seed is repeated
            in_order=self.weather.in_order,
            budget=TURNS,
        )
        self.layout = self.chance.choice(LAYOUTS) if self.weather.cluster else (Layout(),)
        self.cluster = self.weather.cluster
        scene = scene_of(self.chance.randrange(SCENES))
        self.places = scene.places
        self.show = Show(self, scene.show)
        self.disk = Disk(scene.image)
        self.watch = Watch(self.disk, self.loop)
        self.air = Air(self)
        self.vendors: dict[str, Vendor] = {}
        self.settings = settings_of([*self._accounts()])
        self.asks: list[Ask] = []
        self.notes: list[tuple[Any, ...]] = []
        self.counts: Counter[str] = Counter()
        self.errors: list[str] = []
        self.houses_of: dict[Process, House] = {}
        self.houses = [House(self, n, layout) for n, layout in enumerate(self.layout)]
        self.story = story_of(self.chance, self.places, self.weather.storm_seconds)
        self.story += blasts_of(seed, self.places, self.weather.storm_seconds)
        self.storm_over_at = 0
        self.drained = False
        self.stuck: str | None = None

    def play(self) -> None:
        """From the first event until nothing is left to do."""
        try:
            self.loop.run_until_complete(self._live())
        except StuckError as stuck:
            self.stuck = str(stuck)

    def dispose(self) -> None:
        """Forget everything."""
        self.loop.dispose()
        self.disk.close()

    def happens(self, probability: float) -> bool:
        """Whether it does, this time."""
        return probability > 0.0 and self.chance.random() < probability

    def store_seconds(self) -> float:
        """How long the way to the store takes, one way."""
        if self.happens(self.weather.store_slow):
            return self.chance.uniform(0.0, SLOW_STORE_SECONDS)
        return self.chance.uniform(0.0, NEAR_SECONDS)

    def note(self, *words: Any) -> None:
        """Put a line into the trace."""
        self.notes.append((self.loop.now, *words))

    def count(self, fault: str) -> None:
        """One more of a kind of fault."""
        self.counts[fault] += 1

    def outside(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start something that no crash ends."""
        return self.loop.run_in(self.loop.outside, work)

    def outside_soon(self, callback: Callable[[], None]) -> None:
        """Call it at the next turn, whoever dies meanwhile."""
        self.loop.call_soon(callback, context=self.loop.outside_context)

    def end(self, process: Process) -> None:
        """A process ends at once; its house starts another one."""
        if not process.dead:
            self.loop.kill(process)
            self.houses_of[process].fell()

    def freeze(self, process: Process) -> None:
        """Let a process stand still for a while."""
        if process.running:
            self.loop.freeze(process)
            self.note("freeze", process.name)
            self.count("freeze")
            seconds = self.chance.uniform(0.1, self.weather.freeze_seconds)
            self.loop.call_later(seconds, self.thaw, process, context=self.loop.outside_context)

    def thaw(self, process: Process) -> None:
        """Let it go on."""
        if process.frozen:
            self.note("thaw", process.name)
            self.loop.thaw(process)

    async def die(self, process: Process, when: str) -> None:
        """End this process where it stands; never returns."""
        self.note("crash", process.name, when)
        self.count("crash")
        self.end(process)
        await self.loop.create_future()

    async def some_server(self) -> House:
        """One that is up and answers requests, as a balancer sees it: also one that is frozen."""
        fronts = [house for house in self.houses if Role.API in house.layout.roles]
        while not (up := [house for house in fronts if house.up]):  # noqa: ASYNC110 - in virtual time
            await asyncio.sleep(self.chance.uniform(0.1, LOOK_SECONDS))
        return self.chance.choice(up)

    async def call(
        self, house: House, ask: Callable[[], Awaitable[T]], seconds: float
    ) -> T | Exception | None:
        """Ask a server from outside. Its error when it has one, None when no answer comes."""
        answer: asyncio.Future[T | Exception] = self.loop.create_future()

        async def inside() -> None:
            found: T | Exception
            try:
                found = await ask()
            except ClarionError as error:
                found = error
            except Exception as error:  # noqa: BLE001 - whoever asked cannot know it
                self.errors.append(repr(error))
                found = error
            if not answer.done():
                answer.set_result(found)

        self.loop.run_in(house.process, inside())
        await asyncio.wait({answer}, timeout=seconds)
        if answer.done():
            return answer.result()
        answer.cancel()
        return None

    def open_work(self) -> int:
        """Rows of work that have not come to their end; what was put aside has."""
        ready = self.disk.select("select count(*) from ready")[0][0]
        tasks = self.disk.select("select count(*) from task where state in (0, 1)")[0][0]
        held = self.disk.select("select count(*) from waiting where state in (0, 1)")[0][0]
        return int(ready + tasks + held)

    def _accounts(self) -> list[Account]:
        wanted = (
            ("push-a", Channel.PUSH, "default"),
            ("mail-a", Channel.EMAIL, "default"),
            ("sms-a", Channel.SMS, "default"),
            ("hook-a", Channel.WEBHOOK, "default"),
            ("mail-b", Channel.EMAIL, "other"),
        )
        accounts = []
        for name, channel, environment in wanted:
            can = capabilities(
                name, channel, repeat=self.chance.choice(REPEATS),
                in_flight=self.chance.choice((1, 3, 16)),
            )  # fmt: skip
            self.vendors[name] = Vendor(self, name, can)
            accounts.append(Account(name=name, kind=name, environments=(environment,)))
        return accounts

    async def _live(self) -> None:
        for house in self.houses:
            most = self.weather.skew_seconds
            house.clock.offset = round(self.chance.uniform(-most, most) * SECOND)
            self.outside(house.keep())
        clients = [self.outside(client_of(self, told).run()) for told in self.story]
        clients += self.show.begin()
        trouble = Trouble(self)
        trouble.begin()
        await asyncio.sleep(self.weather.storm_seconds)
        trouble.end()
        self.weather = calm(self.weather)
        self.storm_over_at = self.loop.now
        self.note("calm")
        end = self.loop.time() + DRAIN_SECONDS
        while self.loop.time() < end:
            await asyncio.sleep(LOOK_SECONDS)
            if all(client.done() for client in clients) and not self.open_work():
                self.drained = True
                break
        await self.show.last_look()
        for client in clients:
            if client.done():
                client.result()
        self.note("end", "drained" if self.drained else "not drained")


def world_chance(seed: int) -> random.Random:
    """What decides in a world; its weather is drawn first."""
    return random.Random(f"world {seed}")  # noqa: S311 - a seed is repeated
