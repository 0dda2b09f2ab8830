"""A server in a process of its own that a test feeds, kills and starts again on the same file."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp

from tests.cli.shell import environ

KEY = "ck_acceptance_0123456789abcdef0123456789ab"
DEADLINE_SECONDS = 30.0
CALLS_AT_ONCE = 32
LOOK_SECONDS = 0.02
START_LIMIT_SECONDS = 45.0


class House:
    """`clarion up` (or another `command` that serves) in a folder: `start`, `kill`, `stop`, as
    often as a test likes.

    `settings` is the text of clarion.toml. Everything is asked of the running process over HTTP
    or read from its file.
    """

    def __init__(self, folder: Path, settings: str = "", **env: str) -> None:
        self.folder = folder
        self.command: tuple[str, ...] = ("up",)
        self.url = ""
        self.process: Process | None = None
        self.log = folder / "stderr.log"
        self._env = environ(CLARION_LISTEN="127.0.0.1:0", CLARION_API_KEY=KEY, **env)
        self._session: aiohttp.ClientSession | None = None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "clarion.toml").write_text(settings)

    @property
    def file(self) -> Path:
        """The store."""
        return self.folder / "clarion-data" / "clarion.db"

    async def start(self) -> None:
        """Start and wait for the greeting. AssertionError with the log when it ends instead."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "clarion", *self.command, "--json",
                cwd=self.folder, env=self._env, stdout=PIPE, stderr=log,
            )  # fmt: skip
        assert self.process.stdout is not None
        greeting = b""
        while not greeting.endswith(b"\n}\n"):
            line = await asyncio.wait_for(self.process.stdout.readline(), START_LIMIT_SECONDS)
            if not line:
                raise AssertionError(f"ended with {await self.process.wait()}: {self.said}")
            greeting += line
        self.url = json.loads(greeting)["url"]
        connector = aiohttp.TCPConnector(limit=0)
        headers = {"Authorization": f"Bearer {KEY}"}
        self._session = aiohttp.ClientSession(self.url, headers=headers, connector=connector)

    @property
    def said(self) -> str:
        """Everything it logged."""
        return self.log.read_text()

    async def kill(self) -> None:
        """End it as a crash does."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """End it as an operator does; the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: int) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(number)
        code = await process.wait()
        if self._session is not None:
            await self._session.close()
        return code

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """(status, decoded body). aiohttp's errors when the server is gone."""
        assert self._session is not None
        async with self._session.request(method, path, json=body) as answer:
            text = await answer.read()
            return answer.status, json.loads(text) if text[:1] in (b"{", b"[") else text.decode()

    async def want(self, method: str, path: str, body: Any = None) -> Any:
        """The body of an answer that must be a good one."""
        status, answer = await self.ask(method, path, body)
        assert status < 300, (method, path, status, answer)
        return answer

    async def workflow(self, key: str, *steps: dict[str, Any], **fields: Any) -> None:
        """A workflow that listens to its own key."""
        document = {"on": key, "steps": [{"send": step} for step in steps], **fields}
        await self.want("PUT", f"/v1/workflows/{key}", document)

    async def people(self, users: Iterable[dict[str, Any]], topic: str | None = None) -> None:
        """Users as of `POST /v1/users/bulk`, all subscribed to the topic."""
        rows = list(users)
        for start in range(0, len(rows), 1000):
            part = rows[start : start + 1000]
            await self.want("POST", "/v1/users/bulk", {"users": part})
            if topic is not None:
                add = {"add": [user["id"] for user in part]}
                await self.want("POST", f"/v1/topics/{topic}/subscribers", add)

    async def devices(self, users: Iterable[str]) -> None:
        """A device for each user, whose token is the user's id."""
        gate = asyncio.Semaphore(CALLS_AT_ONCE)

        async def put(user: str) -> None:
            async with gate:
                await self.want("PUT", f"/v1/users/{user}/devices/{user}", {"platform": "fcm"})

        await asyncio.gather(*(put(user) for user in users))

    async def send(self, type_: str, *recipients: str, **fields: Any) -> str:
        """Id of an event that was accepted."""
        event = {"type": type_, **fields}
        if recipients:
            event["recipients"] = list(recipients)
        return str((await self.want("POST", "/v1/events", event))["event_id"])

    async def event(self, id_: str) -> Any:
        """`GET /v1/events/{id}`."""
        return await self.want("GET", f"/v1/events/{id_}")

    async def complete(self, id_: str, seconds: float = DEADLINE_SECONDS) -> Any:
        """Wait until the event is complete; its answer."""

        async def done() -> Any:
            row = await self.event(id_)
            return row if row["status"] == "complete" else None

        return await until(done, seconds)

    async def idle(self, seconds: float = DEADLINE_SECONDS) -> None:
        """Wait until no lane has anything to do."""

        async def done() -> bool:
            lanes = (await self.want("GET", "/v1/lanes"))["data"]
            return not any(lane[part] for lane in lanes for part in ("ready", "sending", "tasks"))

        await until(done, seconds)

    async def put_off(self, count: int) -> None:
        """Wait until so many messages were tried and wait for their next try."""

        async def waiting() -> bool:
            rows = self.select("select count(*) from ready where state = 0 and attempts > 0")
            return bool(rows[0][0] == count)

        await until(waiting)

    async def metric(self, name: str, **labels: str) -> float:
        """Sum of the samples of a metric that have these labels."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        text = await self.want("GET", "/metrics")
        rows = [line for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
        return sum(float(row.split()[-1]) for row in rows if all(part in row for part in wanted))

    async def audit(self) -> Any:
        """What `clarion audit --json` says; it must balance."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "clarion", "audit", "--json",
            cwd=self.folder, env=self._env, stdout=PIPE, stderr=DEVNULL,
        )  # fmt: skip
        out, _ = await process.communicate()
        found = json.loads(out)
        assert found["balanced"], found
        return found

    def select(self, sql: str, *parameters: Any) -> list[Any]:
        """Rows straight from the file."""
        connection = sqlite3.connect(self.file, timeout=DEADLINE_SECONDS)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    def change(self, sql: str) -> None:
        """Change rows in the file of a server that is not running."""
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute(sql)
            connection.commit()


async def until(found: Callable[[], Awaitable[Any]], seconds: float = DEADLINE_SECONDS) -> Any:
    """The first truth that `found` answers; AssertionError when there is none in time."""
    end = time.monotonic() + seconds
    while not (answer := await found()):
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(LOOK_SECONDS)
    return answer
