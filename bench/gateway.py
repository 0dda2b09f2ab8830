"""A gateway for benchmarks of live inboxes: a process of its own, over PostgreSQL and NATS."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from bench.client import Client
from bench.memory import Peaks
from bench.report import SkippedError
from bench.server import KEY, SOURCE, STORES, free_port, ready
from clarion.testing.servers.nats import NatsServer
from clarion.testing.servers.postgres import Postgres

SPARE_FILES = 500
READY_SECONDS = 60.0
WORKFLOW = {
    "key": "live",
    "on": "live",
    "steps": [{"send": {"channel": "inbox", "template": {"title": "{{ data.at }}"}}}],
}
SETTINGS = {"store": STORES["postgres"], "bus": "NATS, core subjects"}


class Gateway:
    """A process with the role `gateway`, that can be killed and started again."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self._folder = folder
        self._environment = environment | {"CLARION_LISTEN": f"127.0.0.1:{self.port}"}
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start and wait until it answers."""
        self._process = _started(("serve", "--roles", "gateway"), self._folder, self._environment)
        await ready(Client(self.port, KEY), self._process, time.perf_counter())

    def kill(self) -> None:
        """End it as a crash does."""
        _end(self._process, signal.SIGKILL)

    def stop(self) -> None:
        """End it."""
        _end(self._process, signal.SIGTERM)

    def private_megabytes(self) -> float:
        """Memory that is its own."""
        peaks = Peaks(self._pid)
        peaks.look()
        return peaks.private

    def cpu_seconds(self) -> float:
        """Processor time so far."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(") ")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    @property
    def _pid(self) -> int:
        return self._process.pid if self._process is not None else 0


@asynccontextmanager
async def cluster() -> AsyncIterator[tuple[Client, Gateway]]:
    """An API with its workers, and a gateway that is not started yet."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clarion-bench-")))
        postgres = stack.enter_context(Postgres(fsync=True))
        nats = stack.enter_context(NatsServer(folder / "nats"))
        port = free_port()
        environment = os.environ | {
            "PYTHONPATH": SOURCE,
            "CLARION_API_KEY": KEY,
            "CLARION_STORE": postgres.dsn(),
            "CLARION_BUS": nats.url,
            "CLARION_LOG_LEVEL": "warning",
            "CLARION_DATA_DIR": str(folder / "data"),
        }
        roles = ("serve", "--roles", "api,worker,keeper")
        listens = {"CLARION_LISTEN": f"127.0.0.1:{port}"}
        process = _started(roles, folder, environment | listens)
        stack.callback(_end, process, signal.SIGTERM)
        client = Client(port, KEY)
        await ready(client, process, time.perf_counter())
        gateway = Gateway(folder, environment)
        stack.callback(gateway.stop)
        yield client, gateway


def _started(
    command: tuple[str, ...], folder: Path, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "clarion", *command], cwd=folder, env=environment,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _end(process: subprocess.Popen[bytes] | None, number: int) -> None:
    if process is not None and process.poll() is None:
        process.send_signal(number)
        process.wait(READY_SECONDS)


def allow_files(count: int) -> None:
    """Each stream is a file here and one in the gateway, which raises its own limit; SkippedError
    where this machine does not let us."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < count:
        raise SkippedError(f"{count:,} open files are needed; raise the hard limit (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, most))


async def people_of(client: Client, size: int) -> list[str]:
    """Tokens of so many users, and the workflow that tells them."""
    for start in range(0, size, 1000):
        users = [{"id": f"u{n}"} for n in range(start, min(start + 1000, size))]
        await client.ask("POST", "/v1/users/bulk", {"users": users})
    await client.ask("PUT", "/v1/workflows/live", WORKFLOW)
    connection = await client.connect()
    tokens = []
    for n in range(size):
        if connection.closed:
            connection = await client.connect()
        _, answer = await connection.ask(client.request("POST", f"/v1/users/u{n}/token", {}))
        tokens.append(msgspec.json.decode(answer)["token"])
    connection.close()
    return tokens
