"""The API over the real store, catalogue and accept stage; nothing runs in the background.

One application serves all tests; each test has an environment of its own in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

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
