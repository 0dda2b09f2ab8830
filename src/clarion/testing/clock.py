"""Time in the hands of a test."""

from __future__ import annotations

from clarion.clock import SECOND

START = 1_767_268_800_000_000
"""2026-01-01T12:00:00Z, in microseconds."""


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, instant: int = START) -> None:
        self.instant = instant

    def now(self) -> int:
        """The instant, microseconds UTC."""
        return self.instant

    def monotonic_seconds(self) -> float:
        """Seconds that go on with the instant."""
        return self.instant / SECOND

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.instant += round(seconds * SECOND)
