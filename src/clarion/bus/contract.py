"""How rooms wake each other. A ring is a hint: losing it costs time, a double one costs a look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Doorbell(Protocol):
    """Waits for rings of one name."""

    async def wait(self, timeout_seconds: float) -> bool:
        """True when it rang since the last wait, False when the time passed first."""
        ...


class Bus(Protocol):
    """Doorbells by name, e.g. `fanout`, `ready:push-main:0`, `inbox:1:42`. Messages carry ids
    only. All calls come from the event loop that started it."""

    def ring(self, name: str) -> None:
        """Wake whoever listens to the name; never blocks and never fails, also before `start` and
        after `close`."""
        ...

    def doorbell(self, name: str) -> Doorbell:
        """A listener; rings are kept (as one) from now on. Forgotten when nobody holds it."""
        ...

    async def start(self) -> None:
        """Reach for other processes from now on; returns at once and never fails."""
        ...

    async def close(self) -> None:
        """Part from other processes, within seconds; again is fine."""
        ...

    @property
    def connected(self) -> bool:
        """Rings reach other processes now; where there are none, always."""
        ...

    def describe(self) -> Mapping[str, object]:
        """Where it stands, for people: `bus` (the kind), `connected`, `problem` in plain words
        or "". Holds no secret."""
        ...
