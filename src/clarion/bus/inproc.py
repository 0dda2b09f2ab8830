"""Doorbells inside one process and one event loop."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from weakref import WeakSet


class _Doorbell:
    def __init__(self) -> None:
        self._rang = asyncio.Event()

    def ring(self) -> None:
        self._rang.set()

    async def wait(self, timeout_seconds: float) -> bool:
        if not self._rang.is_set():
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._rang.wait()
            except TimeoutError:
                return False
        self._rang.clear()
        return True


class InProcessBus:
    """The default bus; listeners are forgotten when nobody holds them."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, WeakSet[_Doorbell]] = defaultdict(WeakSet)

    def ring(self, name: str) -> None:
        for doorbell in self._listeners.get(name, ()):
            doorbell.ring()

    def names(self) -> list[str]:
        """Names that somebody listens to."""
        return [name for name, listeners in self._listeners.items() if len(listeners)]

    def doorbell(self, name: str) -> _Doorbell:
        doorbell = _Doorbell()
        self._listeners[name].add(doorbell)
        return doorbell

    async def start(self) -> None:
        """See `Bus.start`."""

    async def close(self) -> None:
        """See `Bus.close`."""
