"""Two gateways over one PostgreSQL and one NATS: whoever is connected where, all are told, and
nobody loses anything when one of them is killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from clarion.testing.servers.nats import NatsServer
from clarion.testing.servers.postgres import Postgres
from tests.acceptance.house import House, until

INBOX = {"channel": "inbox", "template": {"title": "{{ data.title }}"}}


class Viewer:
    """A browser that follows an inbox at one of several gateways and comes again when cut off."""

    def __init__(self, token: str, *gateways: House) -> None:
        self.titles: list[str] = []
        self.types: list[str] = []
        self.hellos = 0
        self._token = token
        self._gateways = gateways
        self._last = ""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Hang up."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        turn = 0
        while True:
            gateway = self._gateways[turn % len(self._gateways)]
            turn += 1
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await self._follow(gateway.url)
            await asyncio.sleep(0.05)

    async def _follow(self, url: str) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        if self._last:
            headers["Last-Event-ID"] = self._last
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{url}/v1/inbox/stream", headers=headers) as answer,
        ):
            kind = ""
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "id":
                    self._last = value
                elif name == "event":
                    kind = value
                elif name == "data":
                    self._take(kind, json.loads(value))

    def _take(self, kind: str, data: dict[str, Any]) -> None:
        self.types.append(kind)
        self.hellos += kind == "hello"
        if kind == "item.created":
            self.titles.append(data["entry"]["title"])


@pytest.fixture
async def houses(tmp_path: Path) -> AsyncIterator[tuple[House, House, House]]:
    """An API with its workers, and two gateways."""
    with Postgres() as postgres, NatsServer(tmp_path / "nats") as nats:
        parts = [
            House(tmp_path / name, CLARION_STORE=postgres.dsn(), CLARION_BUS=nats.url)
            for name in ("api", "one", "two")
        ]
        for part, roles in zip(parts, ("api,worker,keeper", "gateway", "gateway"), strict=True):
            part.command = ("serve", "--roles", roles)
        await parts[0].start()
        await asyncio.gather(*(part.start() for part in parts[1:]))
        yield parts[0], parts[1], parts[2]
        for part in parts:
            await part.kill()


async def test_a_killed_gateway_loses_nothing(houses: tuple[House, House, House]) -> None:
    api, one, two = houses
    await api.workflow("note", INBOX)
    await api.want("PUT", "/v1/users/ada", {})
    token = (await api.want("POST", "/v1/users/ada/token", {}))["token"]
    viewers = [Viewer(token, one, two), Viewer(token, two)]
    try:
        await until(lambda: _are(viewers, lambda viewer: viewer.hellos >= 1))
        for n in range(5):
            await api.send("note", "ada", data={"title": f"before {n}"})
        await until(lambda: _are(viewers, lambda viewer: len(viewer.titles) == 5))
        await one.kill()
        for n in range(5):
            await api.send("note", "ada", data={"title": f"after {n}"})
        await until(lambda: _are(viewers, lambda viewer: len({*viewer.titles}) == 10))
        for viewer in viewers:
            assert viewer.titles == [
                f"{when} {n}" for when in ("before", "after") for n in range(5)
            ]
        assert viewers[0].hellos == 2
        await _marks_are_echoed(viewers[1], two, token)
    finally:
        for viewer in viewers:
            await viewer.close()


async def _marks_are_echoed(viewer: Viewer, gateway: House, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(gateway.url, headers=headers) as session:
        async with session.get("/v1/inbox") as answer:
            newest = (await answer.json())["entries"][0]
        async with session.post("/v1/inbox/read-all", json={"up_to": newest["id"]}) as answer:
            assert (await answer.json())["changed"] == 10
    await until(lambda: _are([viewer], lambda one: one.types.count("item.updated") == 10))


async def _are(viewers: list[Viewer], done: Any) -> bool:
    return all(done(viewer) for viewer in viewers)
