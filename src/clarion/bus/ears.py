"""Ears of one process, by name: the part of telling numbers that all members of the bus share."""

from __future__ import annotations

import asyncio
import sys
from array import array
from collections.abc import Collection, Iterable, Iterator, Set
from weakref import WeakSet

from clarion.bus.contract import Heard

AT_ONCE = 4096
"""Numbers in one message: 32 KB."""
MOST_UNTOLD = 200_000
"""Numbers of a name that wait to be told; beyond it everybody is told that something was missed."""

_WIDE = "q"
_SWAPPED = sys.byteorder != "little"


class Ear:
    """Hears the numbers of `wanted` that are told under one name, in this process and loop."""

    def __init__(self, wanted: Set[int]) -> None:
        self._wanted = wanted
        self._numbers: set[int] = set()
        self._missed = False
        self._told = asyncio.Event()

    def hear(self, numbers: Collection[int]) -> None:
        """Keep what is wanted of them."""
        found = self._wanted & set(numbers)
        if found:
            self._numbers |= found
            self._told.set()

    def miss(self) -> None:
        """Anything may have been told."""
        self._missed = True
        self._told.set()

    async def take(self) -> Heard:
        """As the contract says."""
        await self._told.wait()
        self._told.clear()
        heard = Heard(frozenset(self._numbers), self._missed)
        self._numbers, self._missed = set(), False
        return heard


class Ears:
    """Ears by name; one that nobody holds is forgotten."""

    def __init__(self) -> None:
        self._by_name: dict[str, WeakSet[Ear]] = {}

    def add(self, name: str, wanted: Set[int]) -> Ear:
        """A new ear of the name."""
        ear = Ear(wanted)
        self._by_name.setdefault(name, WeakSet()).add(ear)
        return ear

    def tell(self, name: str, numbers: Collection[int]) -> None:
        """Tell all ears of the name."""
        for ear in self._by_name.get(name, ()):
            ear.hear(numbers)

    def told(self, name: str, message: bytes) -> None:
        """Tell all ears of the name what another process sent."""
        numbers = unpacked(message)
        if numbers is None:
            self.miss(name)
        else:
            self.tell(name, numbers)

    def miss(self, name: str) -> None:
        """The ears of a name missed something."""
        for ear in self._by_name.get(name, ()):
            ear.miss()

    def miss_all(self) -> None:
        """Everybody may have missed something."""
        for name in [*self._by_name]:
            self.miss(name)

    def names(self) -> list[str]:
        """Names that somebody hears."""
        for name in [name for name, ears in self._by_name.items() if not ears]:
            del self._by_name[name]
        return [*self._by_name]


class Untold:
    """Numbers that wait to be sent to other processes, each once."""

    def __init__(self) -> None:
        self._by_name: dict[str, set[int] | None] = {}

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def add(self, name: str, numbers: Iterable[int]) -> None:
        """Keep them; too many of a name become "something was missed"."""
        waiting = self._by_name.setdefault(name, set())
        if waiting is not None:
            waiting.update(numbers)
            if len(waiting) > MOST_UNTOLD:
                self._by_name[name] = None

    def clear(self) -> None:
        """Nobody is told."""
        self._by_name.clear()

    def take(self) -> Iterator[tuple[str, bytes]]:
        """What waits, as (name, message)."""
        taken, self._by_name = self._by_name, {}
        for name, numbers in taken.items():
            if numbers is None:
                yield name, b""
                continue
            ordered = sorted(numbers)
            for start in range(0, len(ordered), AT_ONCE):
                yield name, packed(ordered[start : start + AT_ONCE])


def packed(numbers: Iterable[int]) -> bytes:
    """Numbers as 8 bytes each, little-endian."""
    wide = array(_WIDE, numbers)
    if _SWAPPED:
        wide.byteswap()
    return wide.tobytes()


def unpacked(message: bytes) -> array[int] | None:
    """The numbers of a message; None for one that is not of our making or says that some were
    missed."""
    if not message or len(message) % 8:
        return None
    wide = array(_WIDE, message)
    if _SWAPPED:
        wide.byteswap()
    return wide
