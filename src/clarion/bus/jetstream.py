"""Doorbells between processes, over NATS.

A ring reaches the doorbells of this process at once. To others it travels as a message without
content on a core subject of its own; JetStream only keeps the last ring of each name for those who
come late. Whatever NATS does, the doorbells of one process go on working.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Mapping, Set
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any, NoReturn

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from clarion.bus.bells import Bell, Bells
from clarion.bus.ears import Ear
from clarion.bus.last_rings import LastRings
from clarion.bus.nats_access import Access, Connection
from clarion.bus.subjects import subject_of, subjects_under
from clarion.bus.tellings import Tellings
from clarion.telemetry import bus_connected, bus_rings, logger

RING = b"ring"
"""The whole of a message; anything else on our subjects is none of ours."""

COALESCE_SECONDS = 0.002
"""Between two handfuls of messages; all rings of a name in between are one."""
MAX_UNSENT = 10_000
"""Names whose ring waits for NATS; of more than that, the oldest are dropped."""
MAX_UNHEARD = 16
"""Messages of one subject that may wait for us; more of them would say the same."""
HANDFUL = 256
"""Names at a time, then others have their turn."""

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
ANSWER_SECONDS = 2
FAREWELL_SECONDS = 1
SHUT_SECONDS = 0.5
CLOSE_SECONDS = 3.0

_log = logger("bus")


class JetStreamBus:
    """The bus of a cluster. `prefix` is the same for all processes of one store and for no other,
    so that two of them may share a NATS. `chance` spreads reconnects."""

    def __init__(self, access: Access, *, prefix: str, chance: Random) -> None:
        self._access = access
        self._prefix = prefix
        self._chance = chance
        self._bells = Bells(self._parted)
        self._tellings = Tellings(prefix)
        self._unsent: OrderedDict[str, None] = OrderedDict()
        self._ringing = asyncio.Event()
        self._changed: set[str] = set()
        self._interest = asyncio.Event()
        self._followed: dict[str, Subscription] = {}
        self._caught_up = asyncio.Event()
        self._last_rings = self._no_last_rings()
        self._state = _State(", ".join(access.places))
        self._told = ""
        self._tries = 0
        self._connection: Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def ring(self, name: str) -> None:
        self._bells.ring(name)
        if self._state.over.is_set() or name in self._unsent:
            return
        if len(self._unsent) >= MAX_UNSENT:
            self._unsent.popitem(last=False)
            bus_rings.labels("dropped").inc()
        self._unsent[name] = None
        self._ringing.set()

    def doorbell(self, name: str) -> Bell:
        fresh = name not in self._bells
        bell = self._bells.add(name)
        if fresh:
            self._interest_in(name)
        return bell

    def tell(self, name: str, numbers: Collection[int]) -> None:
        self._tellings.tell(name, numbers)

    def ear(self, name: str, wanted: Set[int]) -> Ear:
        return self._tellings.ear(name, wanted)

    async def start(self) -> None:
        """Connect in the background, for ever, until `close`."""
        if self._task is None and not self._state.over.is_set():
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.create_task(self._keep_connected(), name="bus")

    async def close(self) -> None:
        """Send what is unsent if that is quick, then part."""
        if self._state.over.is_set():
            return
        self._state.over.set()
        task, self._task = self._task, None
        if task is None:
            return
        if self.connected and self._connection is not None:
            with suppress(TimeoutError, nats.errors.Error, OSError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._send_all(self._connection.client)
                    await self._tellings.send_all(self._connection.client)
        await asyncio.wait({task}, timeout=CLOSE_SECONDS)
        task.cancel()
        self._state.turn_off()

    @property
    def connected(self) -> bool:
        return self._state.connected

    def describe(self) -> Mapping[str, object]:
        """As the contract says, and `servers`, `last_rings` ("kept", or why not), `names` (followed
        at the server) and `unsent`."""
        return {
            "bus": "nats",
            "connected": self.connected,
            "problem": self._state.problem,
            "servers": list(self._access.places),
            "last_rings": self._last_rings.problem or "kept",
            "names": len(self._followed),
            "unsent": len(self._unsent),
        }

    async def reached(self, timeout_seconds: float) -> bool:
        """True once connected, False when the time passed first."""
        return await _happens(self._state.up, timeout_seconds)

    async def lost(self, timeout_seconds: float) -> bool:
        """True once not connected and `problem` says why, False when the time passed first."""
        return await _happens(self._state.down, timeout_seconds)

    async def caught_up(self, timeout_seconds: float) -> bool:
        """True once the server knows all names listened to and has told what rang before."""
        return await _happens(self._caught_up, timeout_seconds)

    def _no_last_rings(self) -> LastRings:
        return LastRings(self._prefix)

    def _parted(self, name: str) -> None:
        """From whatever thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._interest_in, name)

    def _interest_in(self, name: str) -> None:
        """It began or ended."""
        self._changed.add(name)
        self._caught_up.clear()
        self._interest.set()

    async def _keep_connected(self) -> None:
        while not self._state.over.is_set():
            connection = self._connection = Connection(self._access, self._complain)
            life = asyncio.create_task(self._one_life(connection))
            over = asyncio.create_task(self._state.over.wait())
            await asyncio.wait({life, over}, return_when=asyncio.FIRST_COMPLETED)
            if not self._state.over.is_set():
                self._state.turn_down(life.result())
            await _end([life, over], again_seconds=ANSWER_SECONDS / 4)
            self._caught_up.clear()
            self._followed.clear()
            await _shut(connection.client)
            await _happens(self._state.over, self._pause_seconds())

    def _pause_seconds(self) -> float:
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(self._tries, 10))
        self._tries += 1
        return longest * (0.5 + 0.5 * self._chance.random())

    async def _one_life(self, connection: Connection) -> str:
        """Connect and stay while it lasts; why it ended, in plain words."""
        steady = None
        try:
            await connection.open()
            loop = asyncio.get_running_loop()
            steady = loop.call_later(LONGEST_PAUSE_SECONDS, self._steady)
            await self._attend(connection)
            return connection.why(None)
        except Exception as error:  # noqa: BLE001 - the bus goes on, and says why
            return connection.why(error)
        finally:
            if steady is not None:
                steady.cancel()

    def _steady(self) -> None:
        """It lasts, so the next one is sought at once again."""
        self._tries = 0

    async def _attend(self, connection: Connection) -> None:
        """Everybody may have missed rings while we were away, so all look once."""
        client = connection.client
        self._changed.update(self._bells.names())
        await self._subscribe(client)
        await client.flush(ANSWER_SECONDS)
        self._bells.ring_all()
        self._state.turn_up()
        parts = [
            asyncio.create_task(self._send(client)),
            asyncio.create_task(self._follow(client)),
            asyncio.create_task(self._tellings.send(client)),
            asyncio.create_task(self._tellings.follow(client)),
            asyncio.create_task(connection.ended.wait()),
            asyncio.create_task(self._state.over.wait()),
        ]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            await _end(parts, again_seconds=0.01)

    async def _send(self, client: Client) -> NoReturn:
        while True:
            await self._ringing.wait()
            self._ringing.clear()
            await self._send_all(client)
            await asyncio.sleep(COALESCE_SECONDS)

    async def _send_all(self, client: Client) -> None:
        """All that is unsent by now; what rings meanwhile waits for the next time."""
        left = len(self._unsent)
        while left and self._unsent:
            name, _ = self._unsent.popitem(last=False)
            left -= 1
            try:
                await client.publish(subject_of(self._prefix, name), RING)
            except BaseException:
                self._unsent[name] = None
                self._ringing.set()
                raise
            bus_rings.labels("sent").inc()
            if left % HANDFUL == 0:
                await asyncio.sleep(0)

    async def _follow(self, client: Client) -> NoReturn:
        """Tell the server of names as interest in them comes and goes."""
        self._last_rings = self._no_last_rings()
        await self._last_rings.open(client)
        self._tell_of_last_rings()
        self._interest.set()
        while True:
            await self._interest.wait()
            self._interest.clear()
            fresh = await self._subscribe(client)
            if fresh:
                await client.flush(ANSWER_SECONDS)
                await self._catch_up(fresh)
                self._tell_of_last_rings()
            if not self._changed:
                self._caught_up.set()

    async def _subscribe(self, client: Client) -> list[str]:
        """Follow names that are new here, leave those that nobody listens to; the new ones."""
        fresh = []
        while self._changed:
            name = self._changed.pop()
            if name in self._bells and name not in self._followed:
                self._followed[name] = await client.subscribe(
                    subject_of(self._prefix, name),
                    cb=partial(self._hear, name),
                    pending_msgs_limit=MAX_UNHEARD,
                )
                fresh.append(name)
            elif name not in self._bells and name in self._followed:
                await self._followed.pop(name).unsubscribe()
        return fresh

    async def _catch_up(self, names: list[str]) -> None:
        """Ring names that rang before the server knew that we listen."""
        await self._last_rings.catch_up()
        for start in range(0, len(names), HANDFUL):
            some = names[start : start + HANDFUL]
            asked = (self._last_rings.rang(subject_of(self._prefix, name)) for name in some)
            for name, rang in zip(some, await asyncio.gather(*asked), strict=True):
                if rang:
                    self._bells.ring(name)

    async def _hear(self, name: str, message: Msg) -> None:
        if message.data != RING:
            bus_rings.labels("ignored").inc()
            return
        bus_rings.labels("received").inc()
        self._bells.ring(name)

    async def _complain(self, error: Exception) -> None:
        """NATS goes on after these; what ends a connection is told elsewhere."""
        if isinstance(error, nats.errors.SlowConsumerError):
            self._tellings.miss_all()
        if "permissions violation" in str(error).lower() and "clarion." in str(error).lower():
            self._state.degrade(
                "NATS does not let us publish or subscribe below"
                f" {subjects_under(self._prefix)}; grant it to the user"
            )

    def _tell_of_last_rings(self) -> None:
        problem = self._last_rings.problem
        if problem and problem != self._told:
            _log.warning(
                "the last rings are not kept, so every new doorbell looks once: %s", problem
            )
        self._told = problem


class _State:
    """Up or down, and why; every turn is logged once."""

    def __init__(self, places: str) -> None:
        self.connected = False
        self.problem = "not connected yet"
        self.over = asyncio.Event()
        self.up = asyncio.Event()
        self.down = asyncio.Event()
        self._places = places
        bus_connected.labels("nats").set(0)

    def turn_up(self) -> None:
        self.connected = True
        self.problem = ""
        self.down.clear()
        self.up.set()
        bus_connected.labels("nats").set(1)
        _log.info("connected to NATS at %s", self._places)

    def turn_down(self, problem: str) -> None:
        if self.connected or not self.down.is_set():
            _log.warning(
                "no NATS at %s, so other processes are not woken and look by the clock: %s",
                self._places,
                problem,
            )
        self.connected = False
        self.problem = problem
        self.up.clear()
        self.down.set()
        bus_connected.labels("nats").set(0)

    def turn_off(self) -> None:
        """Closed, which is no trouble."""
        self.connected = False
        self.problem = "closed"
        self.up.clear()
        self.down.set()
        bus_connected.labels("nats").set(0)

    def degrade(self, problem: str) -> None:
        """Connected, and yet not as it should be."""
        if self.connected and self.problem != problem:
            _log.warning("%s", problem)
            self.problem = problem


async def _happens(event: asyncio.Event, timeout_seconds: float) -> bool:
    try:
        async with asyncio.timeout(timeout_seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def _end(tasks: list[asyncio.Task[Any]], again_seconds: float) -> None:
    """Cancel until they are done; nats-py swallows some cancellations."""
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=again_seconds)
    await asyncio.gather(*tasks, return_exceptions=True)


async def _shut(client: Client) -> None:
    """End it, whatever state it is in."""
    with suppress(Exception):
        async with asyncio.timeout(SHUT_SECONDS):
            await client.close()
