"""What a delivery costs from its ready row to its settled outcome: processor time of the worker,
of PostgreSQL and of the vendor; of the worker by part where `py-spy` is installed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import msgspec

import clarion
from bench.client import Client
from bench.provider import Provider, provider
from bench.report import Report, cpu_seconds, machine, progress
from bench.server import KEY
from clarion.testing.population import Population, populate
from clarion.testing.servers.postgres import Postgres

PEOPLE = 10_000
AUDIENCE = 100
LANES = "transactional"
SAMPLES_PER_SECOND = 500
WORKFLOW = {
    "key": "order-shipped",
    "on": "order.shipped",
    "category": "transactional",
    "steps": [
        {
            "send": {
                "channel": "push",
                "template": {
                    "title": "Order {{ data.order }} is on its way",
                    "body": "It left our house and will be with you on {{ data.day }}.",
                    "data": {"order": "{{ data.order }}"},
                },
            }
        }
    ],
}

PARTS = {
    "http": ("channels/http_", "aiohttp/"),
    "provider": ("channels/push/",),
    "conduct": ("channels/conduct.py", "channels/account.py"),
    "admission": (
        "pipeline/admission.py", "pipeline/valve.py", "core/breaker.py", "core/flight.py",
    ),
    "judging": ("pipeline/judging.py", "pipeline/retries.py", "core/retry.py"),
    "claim": ("deliveries.py:claim", "deliveries.py:_claim", "suspects.py"),
    "finish": (
        "deliveries.py:finish", "deliveries.py:_finish", "store/sql/settling.py",
        "store/sql/recording.py",
    ),
    "material": ("pipeline/material.py", "pipeline/redeciding.py"),
    "settle": ("pipeline/settle.py",),
    "dispatch": ("pipeline/deliver.py", "pipeline/sending.py"),
}  # fmt: skip
"""Parts of the worker's work by the innermost of these places that a sample was in."""


class _Spent(msgspec.Struct, frozen=True):
    """Seconds of processor time so far, and how many messages the vendor had by then."""

    at: float
    posts: int
    worker: float
    store: float
    vendor: float


async def run(short: bool) -> Report:
    """Figures `deliveries_per_second`, `<worker|server|provider>_cpu_microseconds` for each, and
    `worker_<part>_microseconds`. Everything is on this machine; PostgreSQL writes with fsync."""
    count = 20_000 if short else 100_000
    missing = {} if shutil.which("py-spy") else {"parts": "py-spy is not installed"}
    with Postgres(fsync=True) as server, provider() as vendor, _folder(vendor) as folder:
        people = await populate(server.dsn(), PEOPLE, key=KEY)
        progress(f"{count:,} deliveries: making them ready")
        async with _process(folder, server.dsn(), "api") as (_, port):
            await _accept(Client(port, KEY), people, count)
        progress("delivering")
        samples = folder / "samples"
        async with _process(folder, server.dsn(), "worker") as (pid, _):
            with _sampled(pid, samples):
                before, after = await _watch(server, vendor, pid, count)
        figures = _figures(before, after)
        if samples.exists():
            worker = figures["worker_cpu_microseconds"]
            figures |= {
                f"worker_{part}_microseconds": share * worker
                for part, share in _shares(samples.read_text()).items()
            }
        await _check(server, vendor, count)
    settings = {
        "count": count, "recipients_of_an_event": AUDIENCE, "users": PEOPLE, "processes": 1,
        "in_flight": 128, "latency_ms": 0, **machine(),
        "store": "PostgreSQL 18, fsync on, synchronous_commit on",
    }  # fmt: skip
    checks = ["each delivery sent once, none left in the queue"]
    return Report(
        bench="deliver", settings=settings, figures=figures, checks=checks, missing=missing
    )


@contextlib.contextmanager
def _folder(vendor: Provider) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as name:
        folder = Path(name)
        (folder / "clarion.toml").write_text(vendor.account())
        yield folder


@contextlib.asynccontextmanager
async def _process(folder: Path, dsn: str, role: str) -> AsyncIterator[tuple[int, int]]:
    """A process of one role; its number and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "CLARION_STORE": dsn,
        "CLARION_LISTEN": f"127.0.0.1:{port}",
        "CLARION_DATA_DIR": str(folder),
        "CLARION_LOG_LEVEL": "warning",
        "PYTHONPATH": str(Path(clarion.__file__).parents[1]),
    }
    command = [sys.executable, "-m", "clarion", "serve", "--roles", role, "--lanes", LANES]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    try:
        await _ready(Client(port, KEY), process)
        yield process.pid, port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


async def _ready(client: Client, process: subprocess.Popen[bytes]) -> None:
    end = time.perf_counter() + 30
    while time.perf_counter() < end and process.poll() is None:
        with contextlib.suppress(OSError, RuntimeError):
            await client.ask("GET", "/readyz")
            return
        await asyncio.sleep(0.02)
    raise RuntimeError("the process was not ready in time")


async def _accept(client: Client, people: Population, count: int) -> None:
    """Events of AUDIENCE recipients each: accepted, decided and ready, as nobody delivers yet."""
    await client.ask("PUT", "/v1/workflows/order-shipped", WORKFLOW)
    connection = await client.connect()
    for n in range(count // AUDIENCE):
        first = n * AUDIENCE % people.count
        event = {
            "type": "order.shipped",
            "recipients": [people.name(first + k) for k in range(1, AUDIENCE + 1)],
            "data": {"order": f"{n:08}", "day": "Friday"},
        }
        status, answer = await connection.ask(client.request("POST", "/v1/events", event))
        if status != 202:
            raise RuntimeError(f"an event was answered {status}: {answer[:200].decode()}")
    connection.close()


@contextlib.contextmanager
def _sampled(pid: int, to: Path) -> Iterator[None]:
    """Sample the stacks of a process meanwhile, where py-spy is there."""
    if shutil.which("py-spy") is None:
        yield
        return
    command = [
        "py-spy", "record", "--pid", str(pid), "--rate", str(SAMPLES_PER_SECOND), "--format", "raw",
        "--output", str(to), "--nonblocking", "--duration", "600",
    ]  # fmt: skip
    spy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        spy.send_signal(signal.SIGINT)
        spy.wait(60)


async def _watch(server: Postgres, vendor: Provider, pid: int, count: int) -> tuple[_Spent, _Spent]:
    """From a tenth of the deliveries to nine tenths, when all is warm and nothing runs dry."""
    before = None
    while True:
        spent = _Spent(
            time.perf_counter(), await vendor.posts(), cpu_seconds(pid), cpu_seconds(server.pid),
            vendor.cpu_seconds(),
        )  # fmt: skip
        if before is None and spent.posts >= count // 10:
            before = spent
        if before is not None and spent.posts >= count * 9 // 10:
            break
        await asyncio.sleep(0.05)
    await _until_settled(server)
    return before, spent


async def _until_settled(server: Postgres) -> None:
    connection = await asyncpg.connect(server.dsn())
    try:
        while await connection.fetchval("select exists (select 1 from ready)"):
            await asyncio.sleep(0.05)
    finally:
        await connection.close()


async def _check(server: Postgres, vendor: Provider, count: int) -> None:
    connection = await asyncpg.connect(server.dsn())
    try:
        sent = await connection.fetchval(
            "select count(*) from delivery where last_outcome = 'accepted' and attempts = 1"
        )
    finally:
        await connection.close()
    if sent != count or await vendor.posts() != count:
        raise RuntimeError(f"of {count} deliveries {sent} were sent once")


def _figures(before: _Spent, after: _Spent) -> dict[str, float]:
    made = after.posts - before.posts
    each = 1e6 / made
    return {
        "deliveries_per_second": made / (after.at - before.at),
        "worker_cpu_microseconds": (after.worker - before.worker) * each,
        "server_cpu_microseconds": (after.store - before.store) * each,
        "provider_cpu_microseconds": (after.vendor - before.vendor) * each,
    }


def _shares(samples: str) -> dict[str, float]:
    """Of all samples the share of each part; what is in none of them is the event loop with its
    sockets, and the rest of the process."""
    found: dict[str, int] = {}
    for line in samples.splitlines():
        stack, _, times = line.rpartition(" ")
        part = _part(stack)
        found[part] = found.get(part, 0) + int(times)
    total = sum(found.values())
    return {part: n / total for part, n in sorted(found.items(), key=lambda item: -item[1])}


def _part(stack: str) -> str:
    for frame in reversed(stack.split(";")):
        function, _, place = frame.partition(" (")
        place = f"{place.partition(':')[0].rstrip(')')}:{function}"
        for part, places in PARTS.items():
            if any(known in place for known in places):
                return part
    return "loop"
