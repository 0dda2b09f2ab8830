"""Everything that runs in a round: servers, providers, and the processes under test."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from clarion.testing.chaos.members import Member, send
from clarion.testing.chaos.plan import (
    DRAIN_SECONDS,
    HEARTBEAT_SECONDS,
    IN_FLIGHT,
    LEASE_SECONDS,
    Plan,
)
from clarion.testing.chaos.records import Records
from clarion.testing.fakes.fcm import fake_service_account
from clarion.testing.servers.nats import NatsServer
from clarion.testing.servers.postgres import Postgres

KEY = "ck_chaos_0123456789abcdef0123456789abcdef01"
ROLES: dict[str, tuple[str, str | None]] = {
    "api1": ("api", None),
    "api2": ("api,gateway", None),
    "worker1": ("worker", "critical,transactional"),
    "worker2": ("worker", "transactional,social,bulk"),
    "worker3": ("worker", "critical,social,bulk"),
    "keeper1": ("keeper", None),
    "keeper2": ("keeper", None),
}
"""Processes of a cluster: roles and lanes. Every lane has two workers."""

BREAKER = "breaker = { open_seconds = 1, longest_open_seconds = 15, step_seconds = 1 }\n"
"""An account that was left alone for five minutes, as is usual, would outlast a round."""


class Providers:
    """The providers' process."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._process: Process | None = None
        self.http_port = self.mail_port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "clarion.testing.chaos.providers", str(self._seed),
            stdout=PIPE, env=surroundings(), limit=1 << 20,
        )  # fmt: skip
        said = self._process.stdout
        if said is None:
            raise RuntimeError("the providers' process says nothing")
        ports = json.loads(await said.readline())
        self.http_port, self.mail_port = ports["http"], ports["mail"]

    async def end(self) -> None:
        if self._process is not None:
            send(self._process, signal.SIGKILL)
            await self._process.wait()

    async def weather(self, name: str) -> None:
        """Change how requests are treated from now on."""
        async with aiohttp.request("POST", f"{self.url}/control/weather/{name}") as answer:
            answer.raise_for_status()

    async def book(self) -> dict[str, Any]:
        """`accepted`: instants by delivery; `treated`: requests by treatment."""
        async with aiohttp.request("GET", f"{self.url}/control/book") as answer:
            found: dict[str, Any] = json.loads(await answer.read())
            return found


class Cluster:
    """The processes under test on servers of their own, in a folder of their own."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.providers = Providers(plan.seed)
        self.members: dict[str, Member] = {}
        self.postgres: Postgres | None = None
        self.nats: NatsServer | None = None
        self.outages: list[tuple[float, float]] = []
        self.env: dict[str, str] = {}
        self.records: Records | None = None

    async def start(self) -> None:
        """Start all servers, then the processes in an order that the seed chose."""
        await self.start_servers()
        await self._command("migrate")
        self.add_members()
        order = list(self.members.values())
        random.Random(self.plan.seed).shuffle(order)  # noqa: S311 - repeated by its seed
        for member in order:
            member.start()
        await self.all_up()

    async def start_servers(self) -> None:
        """The providers, and PostgreSQL and NATS where there are any; `env` says where they are."""
        await self.providers.start()
        (self.folder / "clarion.toml").write_text(self._accounts())
        await self._start_stores()

    def add_members(self) -> None:
        """The processes under test, not started yet."""
        for name, arguments in self._commands().items():
            self.members[name] = Member(name, arguments, self.folder, self.env)

    async def all_up(self) -> None:
        """Wait until every process answers."""
        for member in self.members.values():
            await asyncio.wait_for(member.up.wait(), 120)

    async def end(self) -> None:
        """Leave nothing running."""
        await asyncio.gather(*(member.end() for member in self.members.values()))
        await self.providers.end()
        if self.nats is not None:
            await asyncio.to_thread(self.nats.kill)
        if self.postgres is not None:
            await asyncio.to_thread(self.postgres.remove)

    @property
    def store(self) -> Path | str:
        """The file, or the DSN of the database."""
        if self.plan.clustered:
            return self.env["CLARION_STORE"]
        return Path(self.env["CLARION_DATA_DIR"]) / "clarion.db"

    def of_role(self, *roles: str) -> list[Member]:
        """Processes that have one of these roles; all of them when there is only one process."""
        if not self.plan.clustered:
            return list(self.members.values())
        return [m for name, m in self.members.items() if ROLES[name][0].split(",")[0] in roles]

    async def without_store(self, work: Callable[[], None]) -> None:
        """Do something that takes the store away and brings it back; the time is noted."""
        began = time.time()
        try:
            await asyncio.to_thread(work)
        finally:
            self.outages.append((began, time.time()))

    async def audit(self) -> dict[str, Any]:
        """What `clarion audit --json` says."""
        found: dict[str, Any] = json.loads(await self._command("audit", "--json"))
        return found

    async def _start_stores(self) -> None:
        self.env = surroundings() | {
            "CLARION_API_KEY": KEY,
            "CLARION_DATA_DIR": str(self.folder / "data"),
            "CLARION_LEASE_SECONDS": str(LEASE_SECONDS),
            "CLARION_CRITICAL_LEASE_SECONDS": str(LEASE_SECONDS),
            "CLARION_HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
            "CLARION_DRAIN_SECONDS": str(DRAIN_SECONDS),
            "CLARION_ALLOW_HTTP": "true",
            "CLARION_ALLOW_NETWORKS": "127.0.0.0/8",
            "CLARION_LOG_LEVEL": "warning",
        }
        if not self.plan.clustered:
            self.records = Records(str(self.store))
            return
        self.postgres = Postgres(fsync=True)
        await asyncio.to_thread(self.postgres.start)
        dsn = await self.postgres.create_database()
        self.nats = NatsServer(self.folder / "nats")
        await asyncio.to_thread(self.nats.start)
        await asyncio.to_thread(self.nats.snapshot)
        self.env |= {"CLARION_STORE": dsn, "CLARION_BUS": self.nats.url}
        self.records = Records(dsn)

    def _commands(self) -> dict[str, list[str]]:
        if not self.plan.clustered:
            return {"up": ["up"]}
        return {
            name: ["serve", "--roles", roles, *(["--lanes", lanes] if lanes else [])]
            for name, (roles, lanes) in ROLES.items()
        }

    def _accounts(self) -> str:
        account = fake_service_account(self.providers.url)
        return (
            f'[providers.push]\nkind = "fcm"\nin_flight = {IN_FLIGHT["push"]}\n'
            f"{BREAKER}"
            f"base_url = \"{self.providers.url}\"\nservice_account = '''{account}'''\n"
            f'[providers.hooks]\nkind = "webhook"\nin_flight = {IN_FLIGHT["hooks"]}\n'
            f"{BREAKER}"
            'secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]\n'
            f'[providers.mail]\nkind = "smtp"\nin_flight = {IN_FLIGHT["mail"]}\n'
            f"{BREAKER}"
            f'host = "127.0.0.1"\nport = {self.providers.mail_port}\n'
            'from = "notify@example.org"\ntls = "none"\n'
        )

    async def _command(self, *arguments: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "clarion", *arguments,
            cwd=self.folder, env=self.env, stdout=PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        said, complaint = await process.communicate()
        if not said.strip():
            raise RuntimeError(f"clarion {arguments[0]} failed: {complaint.decode()[-2000:]}")
        return said


@asynccontextmanager
async def cluster(plan: Plan) -> AsyncIterator[Cluster]:
    """A cluster that runs inside the block; whatever happens, nothing of it runs afterwards."""
    with tempfile.TemporaryDirectory(prefix="clarion-chaos-", ignore_cleanup_errors=True) as name:
        made = Cluster(plan, Path(name))
        try:
            await made.start()
            yield made
        finally:
            await asyncio.shield(made.end())


def surroundings() -> dict[str, str]:
    """This process's environment without settings of Clarion."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLARION_")}
    return kept | {"PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
