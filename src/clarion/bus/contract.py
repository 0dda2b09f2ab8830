"""How rooms wake each other. A ring is a hint: losing it costs time, a double one costs a look."""

from __future__ import annotations

from typing import Protocol


class Doorbell(Protocol):
    """Waits for rings of one name."""

    async def wait(self, timeout_seconds: float) -> bool:
        """True when it rang since the last wait, False when the time passed first."""
        ...


class Bus(Protocol):
    """Doorbells by name, e.g. `fanout`, `ready:push-main:0`, `inbox:1:42`. Messages carry ids
    only."""

    def ring(self, name: str) -> None:
        """Wake whoever listens to the name; never blocks and never fails."""
        ...

    def doorbell(self, name: str) -> Doorbell:
        """A listener; rings are kept (as one) from now on."""
        ...

    async def start(self) -> None:
        """Begin to carry rings; does not wait for a server that is away."""
        ...

    async def close(self) -> None:
        """Carry no more; bounded in time."""
        ...
