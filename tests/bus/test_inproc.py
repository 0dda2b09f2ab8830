"""Doorbells inside one process."""

from __future__ import annotations

import gc

from clarion.bus.inproc import InProcessBus


async def test_a_ring_is_kept_until_somebody_waits() -> None:
    bus = InProcessBus()
    doorbell = bus.doorbell("ready")
    bus.ring("ready")
    bus.ring("ready")
    assert await doorbell.wait(10)
    assert not await doorbell.wait(0.001)


async def test_every_listener_of_a_name_hears_the_ring_and_no_other() -> None:
    bus = InProcessBus()
    first, second, other = bus.doorbell("a"), bus.doorbell("a"), bus.doorbell("b")
    bus.ring("a")
    assert await first.wait(10)
    assert await second.wait(10)
    assert not await other.wait(0.001)


async def test_a_ring_that_nobody_hears_is_lost_without_harm() -> None:
    bus = InProcessBus()
    bus.ring("nobody")
    assert not await bus.doorbell("nobody").wait(0.001)


async def test_a_listener_that_nobody_holds_is_forgotten() -> None:
    bus = InProcessBus()
    bus.doorbell("ready")
    gc.collect()
    bus.ring("ready")
    assert bus.names() == []
