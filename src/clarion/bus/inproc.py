"""Doorbells inside one process and one event loop."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set

from clarion.bus.bells import Bell, Bells
from clarion.bus.ears import Ear, Ears


class InProcessBus:
    """The default bus; listeners are forgotten when nobody holds them."""

    def __init__(self) -> None:
        self._bells = Bells()
        self._ears = Ears()

    def ring(self, name: str) -> None:
        self._bells.ring(name)

    def names(self) -> list[str]:
        """Names that somebody listens to."""
        return self._bells.names()

    def doorbell(self, name: str) -> Bell:
        return self._bells.add(name)

    def tell(self, name: str, numbers: Collection[int]) -> None:
        self._ears.tell(name, numbers)

    def ear(self, name: str, wanted: Set[int]) -> Ear:
        return self._ears.add(name, wanted)

    async def start(self) -> None:
        """There is nobody else to reach."""

    async def close(self) -> None:
        """There is nobody to part from."""

    @property
    def connected(self) -> bool:
        return True

    def describe(self) -> Mapping[str, object]:
        return {"bus": "inproc", "connected": True, "problem": ""}
