"""A PostgreSQL that takes no writes: events are refused at once, and reading goes on."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from clarion.testing.embedded import Embedded
from clarion.testing.servers.postgres import Postgres
from tests.api.conftest import client_of
from tests.pipeline.builders import a_note
from tests.store.servers import emptied_database

AT_ONCE_SECONDS = 0.2
EVENT = {"type": "note", "recipients": ["ana"]}


class House:
    """A server on a PostgreSQL that can be made to refuse writes."""

    def __init__(self, server: Embedded, postgres: Postgres, database: str) -> None:
        self.server, self._postgres, self._database = server, postgres, database

    async def takes_writes(self, does: bool) -> None:
        """From now on; whoever was connected comes anew."""
        name = self._database
        change = "reset default_transaction_read_only"
        if not does:
            change = "set default_transaction_read_only = on"
        await self._postgres.execute(f"alter database {name} {change}")
        await self._postgres.execute(
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
        )


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(params=["one host", "several hosts"])
async def house(
    request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path
) -> AsyncIterator[House]:
    dsn = await emptied_database(postgres)
    parts = urlsplit(dsn)
    if request.param == "several hosts":
        user, _, host = parts.netloc.rpartition("@")
        dsn = parts._replace(netloc=f"{user}@{host},{host}").geturl()
    server = Embedded(tmp_path / "clarion.db", dsn=dsn)
    await server.start()
    made = House(server, postgres, parts.path.strip("/"))
    try:
        yield made
    finally:
        await made.takes_writes(True)
        await server.stop()
        server.close()


async def asked(client: httpx.AsyncClient) -> tuple[httpx.Response, float]:
    """The answer to an event, and how long it took."""
    began = time.monotonic()
    answer = await client.post("/v1/events", json=EVENT)
    return answer, time.monotonic() - began


async def test_events_are_refused_at_once_and_reading_goes_on(house: House) -> None:
    await a_note(house.server)
    await house.server.user("ana")
    async with client_of(house.server) as client:
        told, _ = await asked(client)
        assert told.status_code == 202
        event = told.json()["event_id"]
        await house.takes_writes(False)
        for _ in range(6):
            answer, took = await asked(client)
            assert (answer.status_code, took < AT_ONCE_SECONDS) == (503, True), took
            assert int(answer.headers["retry-after"]) >= 1
        for path in (f"/v1/events/{event}", "/v1/notifications?user=ana", "/v1/lanes"):
            assert (await client.get(path)).status_code == 200, path
        await house.takes_writes(True)
        await house.server.server.overload.step(False)
        again, _ = await asked(client)
        assert again.status_code == 202
