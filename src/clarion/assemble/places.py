"""Opens the store and the bus that the settings name."""

from __future__ import annotations

from clarion.bus.contract import Bus
from clarion.bus.inproc import InProcessBus
from clarion.clock import Clock
from clarion.config import Settings
from clarion.store.contract import Store
from clarion.store.sqlite.store import migrate_file, open_store


async def open_for_serving(settings: Settings, clock: Clock) -> Store:
    """The store of a server; a SQLite file is locked against a second one."""
    return await _open(settings, clock, serve=True)


async def open_beside(settings: Settings, clock: Clock) -> Store:
    """The store for a tool that works beside a running server."""
    return await _open(settings, clock, serve=False)


async def migrate_store(settings: Settings, clock: Clock) -> list[str]:
    """Bring the store to this program's schema; names of the migrations applied."""
    if settings.sqlite_path is None:
        raise NotImplementedError
    settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True)
    return migrate_file(settings.sqlite_path, clock.now())


async def _open(settings: Settings, clock: Clock, *, serve: bool) -> Store:
    if settings.sqlite_path is None:
        raise NotImplementedError
    return open_store(settings.sqlite_path, clock.now(), serve=serve)


def make_bus(settings: Settings) -> Bus:
    """The bus; it is started with the server."""
    if settings.bus != "inproc":
        raise NotImplementedError
    return InProcessBus()
