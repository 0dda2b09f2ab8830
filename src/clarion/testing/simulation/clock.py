"""The clock of one simulated process: the world's time, and how far this machine is off."""

from __future__ import annotations

from clarion.clock import SECOND
from clarion.testing.clock import START
from clarion.testing.simulation.loop import SimulatedLoop


class SkewedClock:
    """`offset` (microseconds) may change at any time; monotonic time does not know of it."""

    def __init__(self, loop: SimulatedLoop, offset: int = 0) -> None:
        self._loop = loop
        self.offset = offset

    def now(self) -> int:
        """The instant as this process sees it, microseconds UTC."""
        return START + self._loop.now + self.offset

    def monotonic_seconds(self) -> float:
        """Seconds that never jump."""
        return self._loop.now / SECOND
