"""A private NATS, and buses on it that are closed after the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client

from clarion.bus.jetstream import JetStreamBus
from clarion.bus.nats_access import Access
from clarion.testing.chance import Even
from clarion.testing.servers.nats import NatsServer

Make = Callable[..., JetStreamBus]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    """It runs."""
    with NatsServer(tmp_path / "nats") as server:
        yield server


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """`make(url, prefix="p")` gives a bus that is not started."""
    made: list[JetStreamBus] = []

    def make(url: str, prefix: str = "p", ca_file: Path | None = None) -> JetStreamBus:
        made.append(JetStreamBus(Access(url, ca_file=ca_file), prefix=prefix, chance=Even()))
        return made[-1]

    yield make
    for bus in made:
        await bus.close()


@asynccontextmanager
async def stranger(server: NatsServer) -> AsyncIterator[Client]:
    """Somebody else on the same NATS."""
    client = await nats.connect(server.url, allow_reconnect=False)
    try:
        yield client
    finally:
        await client.close()
