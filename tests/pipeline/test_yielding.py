"""When bulk holds back, and how processes tell each other."""

from __future__ import annotations

import asyncio

import pytest

from clarion.bus.inproc import InProcessBus
from clarion.core.headway import HeadwayPolicy
from clarion.core.workflow import Lane
from clarion.pipeline.yielding import (
    PRESSURE,
    STEP_SECONDS,
    WINDOW_SECONDS,
    Measured,
    Strains,
    Yielding,
    go_on,
)
from clarion.testing.clock import ManualClock

SLOW, QUICK = 0.2, 0.001
URGENT, BULK = int(Lane.CRITICAL), int(Lane.BULK)


class Ticking(ManualClock):
    """Its monotonic time is set by hand, too."""

    seconds = 100.0

    def monotonic_seconds(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def bus() -> InProcessBus:
    return InProcessBus()


async def begun(bus: InProcessBus, clock: Ticking, *, measures: bool = True) -> Yielding:
    """After its first step, to which a loop always rings."""
    made = Yielding(bus, clock, measures=measures)
    await made.step(True)
    made.close()
    return made


async def step(yielding: Yielding, clock: Ticking, *, rang: bool = False) -> None:
    clock.seconds += STEP_SECONDS
    await yielding.step(rang)


async def test_slow_urgent_transactions_ring_for_all(bus: InProcessBus, clock: Ticking) -> None:
    bell = bus.doorbell(PRESSURE)
    urgent, other = await begun(bus, clock), await begun(bus, clock, measures=False)
    for _ in range(10):
        urgent.committed(URGENT, SLOW)
    await step(urgent, clock)
    assert await bell.wait(0.001)
    for yielding in (urgent, other):
        await step(yielding, clock, rang=True)
        assert yielding.headway.share == HeadwayPolicy().cut
        yielding.close()


async def test_slow_bulk_and_quick_urgent_transactions_are_no_pressure(
    bus: InProcessBus, clock: Ticking
) -> None:
    bell = bus.doorbell(PRESSURE)
    urgent = await begun(bus, clock)
    for _ in range(100):
        urgent.committed(BULK, SLOW)
        urgent.committed(URGENT, QUICK)
    await step(urgent, clock)
    assert not await bell.wait(0.001)
    assert not urgent.headway.yielding


async def test_a_late_loop_is_pressure(bus: InProcessBus, clock: Ticking) -> None:
    bell = bus.doorbell(PRESSURE)
    urgent = await begun(bus, clock)
    for _ in range(20):
        urgent.lagged(SLOW)
        urgent.committed(URGENT, QUICK)
    await step(urgent, clock)
    assert await bell.wait(0.001)


async def test_a_late_loop_harms_nobody_without_urgent_work(
    bus: InProcessBus, clock: Ticking
) -> None:
    bell = bus.doorbell(PRESSURE)
    urgent = await begun(bus, clock)
    for _ in range(20):
        urgent.lagged(SLOW)
        urgent.committed(BULK, QUICK)
    await step(urgent, clock)
    assert not await bell.wait(0.001)


async def test_who_does_not_measure_does_not_ring(bus: InProcessBus, clock: Ticking) -> None:
    bell = bus.doorbell(PRESSURE)
    other = await begun(bus, clock, measures=False)
    for _ in range(20):
        other.committed(URGENT, SLOW)
    await step(other, clock)
    assert not await bell.wait(0.001)


async def test_it_comes_back_to_speed_when_nobody_rings(bus: InProcessBus, clock: Ticking) -> None:
    yielding = await begun(bus, clock, measures=False)
    for _ in range(20):
        await step(yielding, clock, rang=True)
    assert yielding.headway.share == HeadwayPolicy().least
    for _ in range(40):
        await step(yielding, clock)
    assert yielding.headway.share == 1.0


async def test_only_bulk_rests(bus: InProcessBus, clock: Ticking) -> None:
    yielding = Yielding(bus, clock, measures=False)
    assert [yielding.rests(lane) is go_on for lane in Lane] == [True, True, True, False]
    await go_on()


async def test_bulk_lets_others_have_their_turn_also_at_full_speed(
    bus: InProcessBus, clock: Ticking
) -> None:
    rest = Yielding(bus, clock, measures=False).rests(Lane.BULK)
    turns: list[str] = []

    async def bulk() -> None:
        for _ in range(3):
            turns.append("bulk")
            await rest()

    async def urgent() -> None:
        for _ in range(3):
            turns.append("urgent")
            await asyncio.sleep(0)

    await asyncio.gather(bulk(), urgent())
    assert turns == ["bulk", "urgent"] * 3


async def test_a_rest_is_measured_by_what_was_done_before(
    bus: InProcessBus, clock: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    yielding = await begun(bus, clock, measures=False)
    rest = yielding.rests(Lane.BULK)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    clock.seconds += 0.04
    await rest()
    for _ in range(20):
        await step(yielding, clock, rang=True)
    await rest()
    clock.seconds += 0.01
    await rest()
    part = 1 / HeadwayPolicy().least - 1
    assert slept == [0.0, pytest.approx(0.1 * part), pytest.approx(0.01 * part)]


async def test_the_lateness_of_a_real_loop_is_measured() -> None:
    class Clock(ManualClock):
        def monotonic_seconds(self) -> float:
            return asyncio.get_running_loop().time()

    bus = InProcessBus()
    bell = bus.doorbell(PRESSURE)
    yielding = Yielding(bus, Clock(), measures=True, strains=Strains(lag_seconds=-1.0))
    async with asyncio.timeout(10):
        while not await bell.wait(0.03):
            yielding.committed(URGENT, QUICK)
            await yielding.step(False)
    yielding.close()


def test_few_measurements_or_few_late_ones_say_nothing() -> None:
    measured = Measured(0.1, least=5)
    for _ in range(4):
        measured.add(1.0, 0.0)
    assert not measured.over(0.0)
    measured.add(1.0, 0.0)
    assert measured.over(0.0)
    for _ in range(200):
        measured.add(0.01, 0.0)
    assert not measured.over(0.0)


def test_measurements_count_for_a_while() -> None:
    measured = Measured(0.1, least=5)
    for _ in range(10):
        measured.add(1.0, 0.0)
    assert measured.over(WINDOW_SECONDS)
    assert not measured.over(WINDOW_SECONDS + 0.001)
