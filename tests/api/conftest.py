"""The API over the real store, catalogue and accept stage; nothing runs in the background.

One application serves these tests; each test has an environment of its own in it. What the stages
behind the API write is tested with a whole server that runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from clarion.api.app import create_app
from clarion.testing.embedded import API_KEY, Embedded
from tests.api.house import House, open_house


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = asyncio.run(open_house(tmp_path_factory.mktemp("house")))
    yield house
    asyncio.run(house.close())


@pytest.fixture
async def house(shared_house: House) -> House:
    """An environment nobody was in before, at the instant START."""
    return await shared_house.moved_into()


@pytest.fixture
async def api(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A client with an admin key."""
    async with house.client(house.admin_key) as client:
        yield client


@asynccontextmanager
async def client_of(server: Embedded) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running server, with an admin key."""
    app: Any = create_app(server.services)
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 5))
    headers = {"Authorization": f"Bearer {API_KEY}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://clarion.test", headers=headers
    ) as client:
        yield client


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Embedded]:
    """A server with all its stages, whose channels are captured. In the end its ledger balances."""
    server = Embedded(tmp_path / "clarion.db")
    await server.start()
    yield server
    assert await server.imbalances() == []
    await server.stop()


@pytest.fixture
async def live(running: Embedded) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running server."""
    async with client_of(running) as client:
        yield client
