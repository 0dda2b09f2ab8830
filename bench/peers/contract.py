"""What the bench `push` asks of everybody it measures."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import msgspec

from bench.provider import Provider

NOBODY_EVERY = 50
"""One of so many recipients has switched push off, and is told nothing."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """What one measurement is about: worker processes, the provider's answering time, and to how
    many an event goes."""

    workers: int
    latency_ms: int
    recipients: int

    @property
    def name(self) -> str:
        """Part of the names of figures: `workers_2_latency_50`."""
        return f"workers_{self.workers}_latency_{self.latency_ms}"

    @property
    def warm_up(self) -> int:
        """Recipients of the event that goes before what is measured."""
        return max(100, self.recipients // 4)

    @property
    def deliveries(self) -> int:
        """Recipients who want to be told."""
        return wanted(self.recipients)


def wanted(recipients: int) -> int:
    """How many of the recipients 1..recipients have not switched push off."""
    return recipients - recipients // NOBODY_EVERY


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a system runs: a folder of its own, a database of its own on the server that all
    share, the provider. People are numbered from 1 to `people`."""

    folder: Path
    dsn: str
    provider: Provider
    people: int


class Running(Protocol):
    """A system that waits for events."""

    async def send(self, event: str, recipients: int) -> None:
        """Ask for one event to recipients 1..recipients; may return before they are told."""
        ...

    async def recorded(self, event: str) -> int:
        """How many outcomes of it are on the disk by now, those of who is told nothing included."""
        ...

    def trees(self) -> Mapping[str, list[int]]:
        """Its processes, without the database, as `app` and `queue`; children count to them."""
        ...


class System(Protocol):
    """Somebody who is measured."""

    @property
    def name(self) -> str:
        """As in the names of figures."""
        ...

    def lacking(self) -> str:
        """What is missing here and how to get it; empty when it can run."""
        ...

    async def prepare(self, place: Place) -> None:
        """Make schema and people, once, in the empty database of the place."""
        ...

    def running(self, place: Place, cell: Cell) -> AbstractAsyncContextManager[Running]:
        """Start its processes for a cell, stop them at the end."""
        ...

    def settings(self, cell: Cell) -> dict[str, str]:
        """Versions and every setting that is not the default's."""
        ...
