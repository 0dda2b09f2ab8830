"""The loop: it waits as long as it was told, wakes at a ring, and outlives a failing step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from clarion.bus.inproc import InProcessBus
from clarion.errors import UnavailableError
from clarion.pipeline.loop import Loop

LONG = 60.0


class Steps:
    """A step that answers from a list and then waits; `done` is set when the list is at its end."""

    def __init__(self, *answers: float | Exception) -> None:
        self.answers = list(answers)
        self.rings: list[bool] = []
        self.done = asyncio.Event()

    async def step(self, rang: bool) -> float:
        self.rings.append(rang)
        if not self.answers:
            self.done.set()
            return LONG
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def ran(steps: Steps, act: Callable[[InProcessBus], Awaitable[None]] | None = None) -> None:
    bus = InProcessBus()
    loop = Loop("steps", steps.step, bus.doorbell("steps"))
    loop.start()
    async with asyncio.timeout(5):
        if act is not None:
            await act(bus)
        await steps.done.wait()
    await loop.stop()
    await loop.stop()


async def test_zero_means_at_once() -> None:
    steps = Steps(0, 0, 0)
    await ran(steps)
    assert steps.rings == [True, True, True, True]


async def test_time_that_passed_is_told_from_a_ring() -> None:
    steps = Steps(0.001)
    await ran(steps)
    assert steps.rings == [True, False]


async def test_a_ring_ends_the_wait() -> None:
    steps = Steps(LONG)

    async def ring(bus: InProcessBus) -> None:
        while not steps.rings:
            await asyncio.sleep(0)
        bus.ring("steps")

    await ran(steps, ring)
    assert steps.rings == [True, True]


async def test_a_ring_during_a_step_is_not_lost() -> None:
    steps = Steps(0, LONG)
    bus = InProcessBus()
    inner = steps.step

    async def ringing(rang: bool) -> float:
        if len(steps.rings) == 1:
            bus.ring("steps")
        return await inner(rang)

    loop = Loop("steps", ringing, bus.doorbell("steps"))
    loop.start()
    async with asyncio.timeout(5):
        await steps.done.wait()
    await loop.stop()
    assert steps.rings == [True, True, True]


@pytest.mark.parametrize(
    "failure", [UnavailableError("the disk is full"), RuntimeError("a mistake of ours")], ids=repr
)
async def test_a_failing_step_is_followed_by_another(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.loop.PAUSE_AFTER_FAILURE_SECONDS", 0.001)
    steps = Steps(failure, failure)
    await ran(steps)
    assert len(steps.rings) == 3


async def test_a_stopped_loop_starts_again() -> None:
    steps = Steps()
    loop = Loop("steps", steps.step, InProcessBus().doorbell("steps"))
    for _ in range(2):
        loop.start()
        async with asyncio.timeout(5):
            await steps.done.wait()
        await loop.stop()
        steps.done.clear()
    assert len(steps.rings) == 2
