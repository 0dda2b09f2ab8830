"""Opens the store and the bus that the settings name."""

from __future__ import annotations

import hashlib
import random
import secrets

from clarion.bus.contract import Bus
from clarion.bus.inproc import InProcessBus
from clarion.clock import Clock
from clarion.config import Settings
from clarion.store.contract import Store
from clarion.store.sqlite.store import migrate_file, open_store

INPROC = "inproc"
BUS_NAME = "bus-prefix"
"""Name of the store's secret from which the subjects of its bus are named."""
PREFIX_CHARACTERS = 12


async def open_for_serving(settings: Settings, clock: Clock, *, migrate: bool = True) -> Store:
    """The store of a server; a SQLite file is locked against a second one. A PostgreSQL database
    whose schema is behind is brought up to date, or refused without `migrate`."""
    return await _open(settings, clock, serve=True, migrate=migrate)


async def open_beside(settings: Settings, clock: Clock) -> Store:
    """The store for a tool that works beside a running server."""
    return await _open(settings, clock, serve=False)


async def migrate_store(settings: Settings, clock: Clock) -> list[str]:
    """Bring the store to this program's schema; names of the migrations applied."""
    if settings.sqlite_path is None:
        from clarion.store.postgres.store import migrate_database

        return await migrate_database(settings.store, clock.now())
    settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True)
    return migrate_file(settings.sqlite_path, clock.now())


async def open_bus(settings: Settings, store: Store, chance: random.Random) -> Bus:
    """The bus; it is started with the server. Processes of one store have one prefix, so that two
    installations on one NATS do not ring each other."""
    if settings.bus == INPROC:
        return InProcessBus()
    # Imported late, as is the driver of PostgreSQL: one process on a file needs neither.
    from clarion.bus.jetstream import JetStreamBus
    from clarion.bus.nats_access import Access

    access = Access(
        settings.bus, credentials_file=settings.bus_credentials, ca_file=settings.bus_ca
    )
    secret = await store.keys.secret(BUS_NAME, secrets.token_bytes(32))
    prefix = hashlib.sha256(secret).hexdigest()[:PREFIX_CHARACTERS]
    return JetStreamBus(access, prefix=prefix, chance=chance)


async def _open(settings: Settings, clock: Clock, *, serve: bool, migrate: bool = True) -> Store:
    if settings.sqlite_path is None:
        from clarion.store.postgres.store import open_postgres

        return await open_postgres(settings.store, clock.now(), migrate=migrate)
    return open_store(settings.sqlite_path, clock.now(), serve=serve)
