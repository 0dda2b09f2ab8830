"""cue-notify at the same work: its API and workers on PostgreSQL, its webhook connector, a
broadcast to a list of recipients. Needs Python 3.12; where the benchmarks run on an older one, the
variable BENCH_CUE_PYTHON names an interpreter that has it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping

import asyncpg

from bench.client import Client
from bench.peers.contract import NOBODY_EVERY, Cell, Place
from bench.peers.programs import Program, program
from bench.server import free_port

INTERPRETER = "BENCH_CUE_PYTHON"
READY_SECONDS = 30.0
LOADERS = 8
TEMPLATE = {
    "key": "live",
    "locales": {
        "en": {"title": "Ann is live", "body": "Your favourite streamer has just gone live"}
    },
}
CATEGORY = {"key": "live", "respect_quiet_hours": False}
_VERSION = (
    "import importlib.metadata as m, sys; print(m.version('cue-notify'), sys.version.split()[0])"
)
_RECORDED = """
select count(*) from messages where broadcast_id = $1::uuid and status in ('sent', 'suppressed')
"""


class CueNotify:
    """Said to be installed in this Python, or in the one that is named."""

    name = "cue_notify"

    def __init__(self) -> None:
        self._key = ""
        self._declared = False

    def lacking(self) -> str:
        """What is missing here and how to get it; empty when it can run."""
        if INTERPRETER in os.environ or importlib.util.find_spec("cue_notify") is not None:
            return "" if _said(_VERSION) else f"{INTERPRETER} names no Python with cue-notify"
        return (
            "cue-notify is not installed: with Python 3.12 or newer, pip install -c "
            "constraints.txt '.[bench]'; with an older one, pip install 'cue-notify[postgres]' in "
            f"an environment of a newer one and name its python in {INTERPRETER}"
        )

    async def prepare(self, place: Place) -> None:
        """Its schema and a key."""
        environment = _environment(place)
        _cuectl(place, environment, "db", "upgrade")
        self._key = _cuectl(place, environment, "keys", "create", "bench").split()[0]

    @contextlib.asynccontextmanager
    async def running(self, place: Place, cell: Cell) -> AsyncIterator[_Running]:
        """One API process, and the workers."""
        environment = _environment(place)
        each = str(max(1, in_flight(cell) // cell.workers))
        port = free_port()
        start = [_python(), "-m", "cue_notify"]
        commands = [[*start, "serve", "--port", str(port)]]
        commands += [[*start, "worker", "--concurrency", each]] * cell.workers
        async with contextlib.AsyncExitStack() as stack:
            programs = [
                await stack.enter_async_context(
                    program(command, environment, place.folder / f"cue-{number}.log")
                )
                for number, command in enumerate(commands)
            ]
            client = Client(port, self._key)
            await _ready(client, programs[0])
            if not self._declared:
                await _declare(client, place.people)
                self._declared = True
            database = await asyncpg.connect(place.dsn)
            stack.push_async_callback(database.close)
            yield _Running(client, programs, database)

    def settings(self, cell: Cell) -> dict[str, str]:
        """Versions and every setting that is not the default's."""
        version, python = _said(_VERSION).split()
        return {
            "versions": f"cue-notify {version} on Python {python}",
            "processes": f"an API and {cell.workers} x worker",
            "in_flight": str(in_flight(cell)),
            "enqueue": "a broadcast to a list of recipients",
            "worker": "connector webhook, signed; poll_interval 0.1 s; quiet hours not respected",
        }


def in_flight(cell: Cell) -> int:
    """Jobs in hand at once, of all workers together; each has a connection to the database."""
    return 100 if cell.latency_ms else 32


class _Running:
    def __init__(
        self, client: Client, programs: list[Program], database: asyncpg.Connection
    ) -> None:
        self._client = client
        self._programs = programs
        self._database = database
        self._ids: dict[str, str] = {}

    async def send(self, event: str, recipients: int) -> None:
        names = [f"u{n}" for n in range(1, recipients + 1)]
        asked = {
            "name": event, "template": "live", "category": "live", "channels": ["push"],
            "audience": {"type": "recipients", "external_ids": names},
        }  # fmt: skip
        made = await self._client.ask("POST", "/v1/broadcasts", asked)
        self._ids[event] = made["id"]
        await self._client.ask("POST", f"/v1/broadcasts/{made['id']}/start", {})

    async def recorded(self, event: str) -> int:
        for one in self._programs:
            if not one.alive():
                raise RuntimeError(f"a process ended early:\n{one.said()}")
        count: int = await self._database.fetchval(_RECORDED, self._ids[event])
        return count

    def trees(self) -> Mapping[str, list[int]]:
        return {"app": [one.pid for one in self._programs], "queue": []}


async def _declare(client: Client, people: int) -> None:
    await client.ask("POST", "/v1/templates", TEMPLATE)
    await client.ask("POST", "/v1/categories", CATEGORY)
    numbers = iter(range(1, people + 1))
    await asyncio.gather(*(_load(client, numbers) for _ in range(LOADERS)))


async def _load(client: Client, numbers: Iterator[int]) -> None:
    """People with an address each; who switched push off has muted the channel."""
    for n in numbers:
        address = {"channel": "push", "value": f"token-{n:07}"}
        await client.ask("PUT", f"/v1/recipients/u{n}", {"addresses": [address]})
        if n % NOBODY_EVERY == 0:
            muted = {"muted_channels": ["push"]}
            await client.ask("PUT", f"/v1/recipients/u{n}/preferences", muted)


async def _ready(client: Client, started: Program) -> None:
    stop_at = time.monotonic() + READY_SECONDS
    while time.monotonic() < stop_at and started.alive():
        try:
            await client.ask("GET", "/v1/templates")
        except (OSError, RuntimeError):
            await asyncio.sleep(0.05)
        else:
            return
    raise RuntimeError(f"cue-notify was not ready in time:\n{started.said()}")


def _environment(place: Place) -> dict[str, str]:
    return {
        "CUE_DATABASE__URL": place.dsn,
        "CUE_CHANNELS__PUSH__PROVIDER": "webhook",
        "CUE_CHANNELS__PUSH__URL": f"{place.provider.base_url}/push",
        "CUE_CHANNELS__PUSH__SECRET": "s" * 40,
        "CUE_WORKER__POLL_INTERVAL": "0.1",
        "CUE_LOG_LEVEL": "WARNING",
        "PYTHONPATH": "",
    }


def _python() -> str:
    return os.environ.get(INTERPRETER, sys.executable)


def _said(code: str) -> str:
    """What its Python prints; empty when it cannot."""
    with contextlib.suppress(OSError):
        done = subprocess.run([_python(), "-c", code], capture_output=True, text=True, check=False)
        return done.stdout.strip()
    return ""


def _cuectl(place: Place, environment: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(
        [_python(), "-m", "cue_notify", *words], cwd=place.folder, capture_output=True, text=True,
        env={**os.environ, **environment}, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"cue-notify {' '.join(words)}: {done.stderr[-500:]}")
    return done.stdout
