"""How rooms wake each other. A ring is a hint: losing it costs time, a double one costs a look."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from typing import NamedTuple, Protocol


class Doorbell(Protocol):
    """Waits for rings of one name."""

    async def wait(self, timeout_seconds: float) -> bool:
        """True when it rang since the last wait, False when the time passed first."""
        ...


class Heard(NamedTuple):
    """What an ear heard. `missed`: more may have been told, so look at everything."""

    numbers: frozenset[int]
    missed: bool


class Ear(Protocol):
    """Hears of numbers that are told under one name."""

    async def take(self) -> Heard:
        """Wait until there is something, and take it: each number once, however often it was
        told."""
        ...


class Bus(Protocol):
    """Doorbells by name, e.g. `fanout`, `ready:push-main:0`; and ears, e.g. `inbox:1` for the
    numbers of users. Messages carry ids only. All calls come from the event loop that started
    it."""

    def ring(self, name: str) -> None:
        """Wake whoever listens to the name; never blocks and never fails, also before `start` and
        after `close`."""
        ...

    def doorbell(self, name: str) -> Doorbell:
        """A listener; rings are kept (as one) from now on. Forgotten when nobody holds it."""
        ...

    def tell(self, name: str, numbers: Collection[int]) -> None:
        """Tell whoever hears the name of these numbers; as a hint and without waiting, like a
        ring."""
        ...

    def ear(self, name: str, wanted: Set[int]) -> Ear:
        """Hear from now on which of the `wanted` numbers, a set that may change meanwhile, are
        told. Forgotten when nobody holds it."""
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
