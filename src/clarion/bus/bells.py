"""Doorbells of one process, by name: the part that all members of the bus share."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from weakref import WeakSet, finalize


class Bell:
    """A doorbell in this process and event loop."""

    def __init__(self) -> None:
        self._rang = asyncio.Event()

    def ring(self) -> None:
        """Keep one ring, however many came."""
        self._rang.set()

    async def wait(self, timeout_seconds: float) -> bool:
        """As the contract says."""
        if not self._rang.is_set():
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._rang.wait()
            except TimeoutError:
                return False
        self._rang.clear()
        return True


class Bells:
    """Bells by name; one that nobody holds is forgotten, and its name with the last.

    `parted` is told the name when a bell goes. It may be called from any thread, where the garbage
    collector happens to run, and must only pass the name on.
    """

    def __init__(self, parted: Callable[[str], None] | None = None) -> None:
        self._by_name: dict[str, WeakSet[Bell]] = {}
        self._gone: deque[str] = deque()
        self._parted = parted

    def ring(self, name: str) -> None:
        """Ring all bells of the name."""
        for bell in self._by_name.get(name, ()):
            bell.ring()

    def ring_all(self) -> None:
        """Ring every bell there is."""
        for name in self.names():
            self.ring(name)

    def names(self) -> list[str]:
        """Names that somebody listens to."""
        self._forget()
        return [name for name, bells in self._by_name.items() if len(bells)]

    def __contains__(self, name: str) -> bool:
        return len(self._by_name.get(name, ())) > 0

    def add(self, name: str) -> Bell:
        """A new bell of the name."""
        self._forget()
        bell = Bell()
        self._by_name.setdefault(name, WeakSet()).add(bell)
        finalize(bell, self._note, name).atexit = False
        return bell

    def _note(self, name: str) -> None:
        self._gone.append(name)
        if self._parted is not None:
            self._parted(name)

    def _forget(self) -> None:
        while self._gone:
            name = self._gone.popleft()
            if name not in self:
                self._by_name.pop(name, None)
