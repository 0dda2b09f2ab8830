"""Doorbells inside one process."""

from __future__ import annotations

import gc

from clarion.bus.contract import Bus
from clarion.bus.inproc import InProcessBus
from clarion.testing.conformance.bus import BusConformance, BusHarness


class InProcess(BusHarness):
    """Needs nothing."""

    between_processes = False

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def make(self) -> Bus:
        return InProcessBus()


class TestConformance(BusConformance):
    harness_class = InProcess


async def test_a_listener_that_nobody_holds_is_forgotten() -> None:
    bus = InProcessBus()
    bus.doorbell("ready")
    gc.collect()
    bus.ring("ready")
    assert bus.names() == []
