"""The server under test: `clarion up` as its own process on a fresh store."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec

from bench.client import Client
from bench.report import cpu_seconds
from clarion.testing.servers.postgres import Postgres

KEY = "clk_default_" + "b" * 43
SOURCE = str(Path(__file__).parents[1] / "src")
"""What is measured is the Clarion beside these benchmarks, whichever is installed."""
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
STORES = {
    "sqlite": "sqlite, WAL, synchronous=FULL",
    "postgres": "PostgreSQL 18, fsync on, synchronous_commit on",
}
"""Where a server under test may keep its rows, in the words of a report."""


AtStore = Callable[[Path | str], Awaitable[None]]
"""Works on a store that no server uses: a file, or a DSN."""


class Running(msgspec.Struct, frozen=True):
    """A server that answers: its client, data folder, how long it took, what it needs when idle.
    `store_pid` is the process of its PostgreSQL; 0 on SQLite, which has none."""

    client: Client
    folder: Path
    ready_seconds: float
    idle_megabytes: float
    pid: int
    store_pid: int = 0

    def cpu_seconds(self) -> float:
        """Processor time the server has used so far, over all its threads and processes."""
        return cpu_seconds(self.pid)

    def store_cpu_seconds(self) -> float:
        """The same of its PostgreSQL; 0 on SQLite, whose work is in the server's own."""
        return cpu_seconds(self.store_pid) if self.store_pid else 0.0


@asynccontextmanager
async def server(
    providers: str = "",
    store: str = "sqlite",
    *,
    before: AtStore | None = None,
    after: AtStore | None = None,
    processes: int = 1,
) -> AsyncIterator[Running]:
    """Start, yield, stop, audit; RuntimeError when the ledger does not balance. `providers` is
    TOML, `store` one of STORES: PostgreSQL is a private server of its own. `before` is called when
    no server uses the store yet; `after` when none does any more, in place of the audit. Several
    `processes` have a parent (`clarion serve`), and need PostgreSQL."""
    folder = Path(tempfile.mkdtemp(prefix="clarion-bench-"))
    (folder / "clarion.toml").write_text(providers)
    try:
        with _store(store) as (settings, store_pid):
            place = settings.get("CLARION_STORE") or folder / "clarion.db"
            if before is not None:
                await before(place)
            port = free_port()
            environment = os.environ | settings | {
                "PYTHONPATH": SOURCE,
                "CLARION_API_KEY": KEY,
                "CLARION_LISTEN": f"127.0.0.1:{port}",
                "CLARION_DATA_DIR": str(folder),
                "CLARION_LOG_LEVEL": "warning",
            }  # fmt: skip
            command = ("up",) if processes == 1 else ("serve", "--processes", str(processes))
            started = _started(command, folder, environment, Client(port, KEY), store_pid)
            async with started as running:
                yield running
            if after is not None:
                await after(place)
            else:
                _audit(folder, environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _store(store: str) -> Iterator[tuple[dict[str, str], int]]:
    """Settings of a store that is there while the block runs, and its process."""
    if store == "sqlite":
        yield {}, 0
        return
    with Postgres(fsync=True) as postgres:
        yield {"CLARION_STORE": postgres.dsn()}, postgres.pid


@asynccontextmanager
async def _started(
    command: tuple[str, ...],
    folder: Path,
    environment: dict[str, str],
    client: Client,
    store_pid: int,
) -> AsyncIterator[Running]:
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "clarion", *command], cwd=folder, env=environment,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await ready(client, process, began)
        took = time.perf_counter() - began
        await asyncio.sleep(0.5)
        yield Running(client, folder, took, _megabytes(process.pid), process.pid, store_pid)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise RuntimeError(f"the server did not stop in {STOP_SECONDS:.0f} s") from None


async def ready(client: Client, process: subprocess.Popen[bytes], began: float) -> None:
    """Wait until a server that was started at `began` answers; RuntimeError when it ends or takes
    READY_SECONDS."""
    while time.perf_counter() - began < READY_SECONDS:
        if process.poll() is not None:
            raise RuntimeError("the server ended before it was ready")
        try:
            await client.ask("GET", "/readyz")
        except (OSError, RuntimeError):
            await asyncio.sleep(0.02)
        else:
            return
    raise RuntimeError("the server was not ready in time")


def _audit(folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "clarion", "audit"], cwd=folder, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"the ledger does not balance: {done.stdout} {done.stderr}")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


async def drained(client: Client) -> None:
    """Wait until no lane holds anything."""
    while True:
        lanes = (await client.ask("GET", "/v1/lanes"))["data"]
        if not any(_waiting(lane) for lane in lanes):
            return
        await asyncio.sleep(0.02)


def _waiting(lane: dict[str, object]) -> bool:
    return any(bool(lane.get(name)) for name in ("depth", "ready", "sending", "tasks"))
