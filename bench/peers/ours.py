"""Clarion at the same work: `clarion serve` on PostgreSQL, an FCM account that is the provider."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import clarion
from bench.client import Client
from bench.peers.contract import NOBODY_EVERY, Cell, Place
from bench.peers.programs import Program, program
from bench.peers.queues import ROOT
from bench.server import KEY, free_port
from clarion.testing.population import Population, populate
from clarion.testing.servers.nats import NatsServer

READY_SECONDS = 30.0
SUBSCRIBERS_A_CALL = 10_000
CATEGORY = {"lane": "bulk"}
WORKFLOW = {
    "on": "stream.started",
    "category": "live",
    "steps": [
        {
            "send": {
                "channel": "push",
                "template": {
                    "title": "Ann is live",
                    "body": "Your favourite streamer has just gone live",
                    "data": {"channel": "ann"},
                    "collapse_key": "ann",
                    "priority": "normal",
                },
            }
        }
    ],
}


class Clarion:
    """Ourselves, as one of those who are measured."""

    name = "clarion"

    def __init__(self) -> None:
        self._people: Population | None = None
        self._topics: set[int] = set()

    def lacking(self) -> str:
        """Nothing but what every benchmark of the server needs."""
        return ""

    async def prepare(self, place: Place) -> None:
        """People with a device each, written straight into the store."""
        self._people = await populate(place.dsn, place.people, key=KEY, topic="everybody")

    @contextlib.asynccontextmanager
    async def running(self, place: Place, cell: Cell) -> AsyncIterator[_Running]:
        """So many processes of every role, on a NATS when there are several."""
        async with contextlib.AsyncExitStack() as stack:
            bus, queue = "inproc", []
            if cell.workers > 1:
                folder = place.folder / "nats"
                folder.mkdir()
                nats = stack.enter_context(NatsServer(folder))
                bus, queue = nats.url, [nats.pid]
            ports = [free_port() for _ in range(cell.workers)]
            programs = []
            for port in ports:
                folder = _folder(place, cell, port)
                environment = _environment(place) | {
                    "CLARION_BUS": bus,
                    "CLARION_LISTEN": f"127.0.0.1:{port}",
                    "CLARION_DATA_DIR": str(folder),
                }
                command = [sys.executable, "-m", "clarion", "serve"]
                started = program(command, environment, folder / "log")
                programs.append(await stack.enter_async_context(started))
            clients = [Client(port, KEY) for port in ports]
            for client, one in zip(clients, programs, strict=True):
                await _ready(client, one)
            await self._declare(clients[0], cell)
            yield _Running(clients[0], programs, queue)
        _audit(place)

    def settings(self, cell: Cell) -> dict[str, str]:
        """The version and what is set."""
        return {
            "versions": f"clarion {clarion.__version__}",
            "processes": f"{cell.workers} x `clarion serve`, every role in each",
            "bus": "inproc" if cell.workers == 1 else "NATS",
            "in_flight": str(in_flight(cell)),
            "category": "lane bulk, 4 attempts",
        }

    async def _declare(self, client: Client, cell: Cell) -> None:
        """Workflow, topics and who switched push off; the second time nothing changes."""
        assert self._people is not None
        if not self._topics:
            await client.ask("PUT", "/v1/categories/live", CATEGORY)
            await client.ask("PUT", "/v1/workflows/live", WORKFLOW)
            off = {"channels": {"push": "off"}}
            for n in range(NOBODY_EVERY, self._people.count + 1, NOBODY_EVERY):
                path = f"/v1/users/{self._people.name(n)}/preferences"
                await client.ask("PATCH", path, off)
        for size in {cell.warm_up, cell.recipients} - self._topics:
            await client.ask("PUT", f"/v1/topics/{_topic(size)}", {})
            names = [self._people.name(n) for n in range(1, size + 1)]
            for start in range(0, size, SUBSCRIBERS_A_CALL):
                part = {"add": names[start : start + SUBSCRIBERS_A_CALL]}
                await client.ask("POST", f"/v1/topics/{_topic(size)}/subscribers", part)
            self._topics.add(size)


def in_flight(cell: Cell) -> int:
    """Messages that the provider is asked about at once, by all processes together."""
    return 512 if cell.latency_ms else 128


def _folder(place: Place, cell: Cell, port: int) -> Path:
    """A data folder with settings for one process."""
    folder = place.folder / f"serve-{port}"
    folder.mkdir()
    account = place.provider.account(in_flight=in_flight(cell) // cell.workers)
    (folder / "clarion.toml").write_text(f"log_level = 'warning'\n{account}")
    return folder


def _environment(place: Place) -> dict[str, str]:
    return {
        "CLARION_STORE": place.dsn,
        "CLARION_API_KEY": KEY,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }


def _topic(size: int) -> str:
    return f"first:{size}"


class _Running:
    def __init__(self, client: Client, programs: list[Program], queue: list[int]) -> None:
        self._client = client
        self._programs = programs
        self._queue = queue
        self._ids: dict[str, str] = {}

    async def send(self, event: str, recipients: int) -> None:
        asked = {
            "type": "stream.started",
            "id": event,
            "recipients": [{"topic": _topic(recipients)}],
        }
        answer = await self._client.ask("POST", "/v1/events", asked)
        self._ids[event] = answer["event_id"]

    async def recorded(self, event: str) -> int:
        answer = await self._client.ask("GET", f"/v1/events/{self._ids[event]}")
        counts = answer["counts"]
        return int(counts["sent"]) + int(counts["skipped"])

    def trees(self) -> Mapping[str, list[int]]:
        return {"app": [one.pid for one in self._programs], "queue": self._queue}


async def _ready(client: Client, started: Program) -> None:
    stop_at = time.monotonic() + READY_SECONDS
    while time.monotonic() < stop_at and started.alive():
        try:
            await client.ask("GET", "/readyz")
        except (OSError, RuntimeError):
            await asyncio.sleep(0.02)
        else:
            return
    raise RuntimeError(f"clarion was not ready in time:\n{started.said()}")


def _audit(place: Place) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "clarion", "audit"], cwd=place.folder, capture_output=True,
        env={**os.environ, **_environment(place)}, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"the ledger does not balance: {done.stdout} {done.stderr}")
