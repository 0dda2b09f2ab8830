"""What every bus must do: subclass `BusConformance` in a test and name a harness there."""

from __future__ import annotations

import asyncio
import gc
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from itertools import combinations
from typing import ClassVar

import pytest

from clarion.bus.contract import Bus, Ear

SOON_SECONDS = 10.0
"""For what must happen; far more than it takes."""
AGAIN_SECONDS = 0.2
AT_ONCE_SECONDS = 0.001
"""For what must not happen; it would have happened already."""

ODD_NAMES = (
    "ready:push-main:0",
    "ready:push-main:1",
    "ready:push-main",
    "ready:push:main:0",
    "ready:a.b:0",
    "ready:a*b:0",
    "ready:*:0",
    "ready:>",
    "ready:a b:0",
    "ready:a\tb\r\n:0",
    "ready:=2E:0",
    "ready:.:0",
    "ready::0",
    "ready:Größe 🎈:0",
    "inbox:1:42",
    "$SYS:x",
    "",
    ":",
    "=",
    "ready:" + "long" * 200 + ":0",
    "ready:" + "long" * 200 + ":1",
)


class BusHarness(ABC):
    """A bus under test. `between_processes` is False for one that ends with its process."""

    between_processes: ClassVar[bool] = True

    @abstractmethod
    async def start(self) -> None:
        """Start what the bus needs."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop it."""

    @abstractmethod
    def make(self) -> Bus:
        """A bus that is not started; each is as good as one in a process of its own."""

    async def settled(self, bus: Bus) -> None:  # noqa: B027 - most have nothing to settle
        """Return when the bus has done all that its doorbells ask for."""


class BusConformance:
    """Subclass it as `Test...`, name the harness in `harness_class`, and pytest runs the suite."""

    harness_class: ClassVar[type[BusHarness]]

    @pytest.fixture
    async def harness(self) -> AsyncIterator[BusHarness]:
        """What the bus needs runs."""
        harness = self.harness_class()
        await harness.start()
        try:
            yield harness
        finally:
            await harness.stop()

    @pytest.fixture
    async def bus(self, harness: BusHarness) -> AsyncIterator[Bus]:
        """Started."""
        bus = harness.make()
        await bus.start()
        try:
            yield bus
        finally:
            await bus.close()

    @pytest.fixture
    async def other(self, harness: BusHarness) -> AsyncIterator[Bus]:
        """Started, as if in another process."""
        if not harness.between_processes:
            pytest.skip("this bus ends with its process")
        bus = harness.make()
        await bus.start()
        try:
            yield bus
        finally:
            await bus.close()

    async def test_rings_are_kept_as_one_until_somebody_waits(
        self, harness: BusHarness, bus: Bus
    ) -> None:
        doorbell = bus.doorbell("ready")
        await harness.settled(bus)
        for _ in range(10_000):
            bus.ring("ready")
        assert await doorbell.wait(AT_ONCE_SECONDS)
        assert not await doorbell.wait(AT_ONCE_SECONDS)

    async def test_every_doorbell_of_a_name_hears_the_ring_and_no_other(
        self, harness: BusHarness, bus: Bus
    ) -> None:
        first, second, stranger = bus.doorbell("a"), bus.doorbell("a"), bus.doorbell("b")
        await harness.settled(bus)
        for doorbell in (first, second, stranger):
            await doorbell.wait(AT_ONCE_SECONDS)
        bus.ring("a")
        assert await first.wait(AT_ONCE_SECONDS)
        assert await second.wait(AT_ONCE_SECONDS)
        assert not await stranger.wait(AT_ONCE_SECONDS)

    async def test_a_ring_ends_a_wait(self, bus: Bus) -> None:
        doorbell = bus.doorbell("ready")
        while await doorbell.wait(AT_ONCE_SECONDS):
            pass
        waiting = asyncio.create_task(doorbell.wait(SOON_SECONDS))
        await asyncio.sleep(0)
        bus.ring("ready")
        assert await waiting

    async def test_a_ring_that_nobody_hears_does_no_harm(self, bus: Bus) -> None:
        bus.ring("nobody")
        doorbell = bus.doorbell("nobody")
        bus.ring("nobody")
        assert await doorbell.wait(AT_ONCE_SECONDS)

    async def test_a_name_may_be_listened_to_again(self, harness: BusHarness, bus: Bus) -> None:
        for _ in range(3):
            doorbell = bus.doorbell("ready")
            bus.ring("ready")
            assert await doorbell.wait(AT_ONCE_SECONDS)
            del doorbell
            gc.collect()
            await harness.settled(bus)

    async def test_it_rings_here_before_its_start_and_after_its_end(
        self, harness: BusHarness
    ) -> None:
        bus = harness.make()
        doorbell = bus.doorbell("ready")
        bus.ring("ready")
        assert await doorbell.wait(AT_ONCE_SECONDS)
        await bus.start()
        await bus.close()
        await bus.close()
        await doorbell.wait(AT_ONCE_SECONDS)
        bus.ring("ready")
        assert await doorbell.wait(AT_ONCE_SECONDS)

    async def test_it_says_where_it_stands(self, harness: BusHarness, bus: Bus) -> None:
        await harness.settled(bus)
        described = bus.describe()
        assert bus.connected
        assert (described["connected"], described["problem"]) == (True, "")
        assert described["bus"]

    async def test_another_process_hears_a_ring(
        self, harness: BusHarness, bus: Bus, other: Bus
    ) -> None:
        here, there = bus.doorbell("ready"), other.doorbell("ready")
        await _quiet(harness, bus, other)
        bus.ring("ready")
        assert await there.wait(SOON_SECONDS)
        assert await here.wait(AT_ONCE_SECONDS)
        other.ring("ready")
        assert await here.wait(SOON_SECONDS)

    async def test_a_doorbell_hears_other_processes_from_the_moment_it_is_there(
        self, harness: BusHarness, bus: Bus, other: Bus
    ) -> None:
        await _quiet(harness, bus, other)
        doorbell = other.doorbell("late")
        bus.ring("late")
        assert await doorbell.wait(SOON_SECONDS)

    async def test_another_process_hears_odd_names_each_apart(
        self, harness: BusHarness, bus: Bus, other: Bus
    ) -> None:
        doorbells = {name: other.doorbell(name) for name in ODD_NAMES}
        end = other.doorbell("end")
        await _quiet(harness, bus, other)
        for doorbell in (*doorbells.values(), end):
            await doorbell.wait(AT_ONCE_SECONDS)
        for name, doorbell in doorbells.items():
            bus.ring(name)
            assert await doorbell.wait(SOON_SECONDS), name
            bus.ring("end")
            assert await end.wait(SOON_SECONDS)
            rung = [told for told, bell in doorbells.items() if await bell.wait(0)]
            assert rung == [], name

    async def test_an_ear_hears_what_it_wants_of_what_is_told(self, bus: Bus) -> None:
        wanted = {1, 2, 3}
        ear, stranger = bus.ear("inbox:1", wanted), bus.ear("inbox:2", wanted)
        wanted.discard(3)
        for _ in range(3):
            bus.tell("inbox:1", [2, 3, 4])
        bus.tell("inbox:1", [1])
        assert (await _heard(ear)) == {1, 2}
        bus.tell("inbox:1", [4])
        bus.tell("inbox:2", [1])
        assert (await _heard(stranger)) == {1}
        bus.tell("inbox:1", [1])
        assert (await _heard(ear)) == {1}

    async def test_another_process_is_told_of_many_numbers(self, bus: Bus, other: Bus) -> None:
        wanted = set(range(0, 2**40, 2**27))
        ear = other.ear("inbox:1", wanted)
        told = [2**40 - 1, *wanted]
        async with asyncio.timeout(SOON_SECONDS):
            bus.tell("inbox:1", told)
            while (await _again(bus, ear, told)) != wanted:
                pass

    def test_names_of_the_suite_differ(self) -> None:
        assert all(one != another for one, another in combinations(ODD_NAMES, 2))


async def _quiet(harness: BusHarness, *buses: Bus) -> None:
    for bus in buses:
        await harness.settled(bus)


async def _heard(ear: Ear) -> frozenset[int]:
    """The next numbers; that something may have been missed is no news here."""
    async with asyncio.timeout(SOON_SECONDS):
        while not (heard := await ear.take()).numbers:
            pass
    return heard.numbers


async def _again(bus: Bus, ear: Ear, told: list[int]) -> set[int]:
    """What is heard of many messages; told again when nothing comes, as a hint may be lost."""
    found: set[int] = set()
    try:
        async with asyncio.timeout(AGAIN_SECONDS):
            while len(found) < len(told) - 1:
                found |= (await ear.take()).numbers
    except TimeoutError:
        bus.tell("inbox:1", told)
    return found
