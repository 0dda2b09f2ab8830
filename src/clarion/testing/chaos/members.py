"""Processes of the cluster: kept running as a supervisor would, and harmed on demand."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from pathlib import Path

import msgspec

START_SECONDS = 60.0
STOP_SECONDS = 60.0
RESTART_SECONDS = 0.2


class Death(msgspec.Struct, kw_only=True):
    """A process that ended without being asked. `worker` is its number in the store, 0 when it had
    none yet; instants in seconds. `in_hand`: sends it had begun and not settled."""

    member: str
    worker: int
    at: float
    by_fail_point: bool = False
    in_hand: int = 0
    back_at: float = 0.0


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """A process that was asked to end (SIGTERM): how long that took, and its exit code."""

    member: str
    at: float
    seconds: float
    code: int


class Member:
    """One `clarion` process. It is started again whenever it ends, until `end`."""

    def __init__(self, name: str, arguments: list[str], folder: Path, env: Mapping[str, str]):
        self.name = name
        self.port = free_port()
        self.worker = 0
        self.process: Process | None = None
        self.up = asyncio.Event()
        self.deaths: list[Death] = []
        self.stops: list[Stop] = []
        self.starts = 0
        self._arguments = arguments
        self._folder = folder
        self._env = {**env, "CLARION_LISTEN": f"127.0.0.1:{self.port}"}
        self._fail_point: str | None = None
        self._pause_seconds = 0.0
        self._asked = False
        self._killed: Death | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it answers while it is up."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it logged, over all its starts."""
        return self._folder / f"{self.name}.log"

    def start(self) -> None:
        """Keep it running from now on."""
        self._task = asyncio.create_task(self._supervise(), name=self.name)

    async def end(self) -> None:
        """Kill it and start it no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        process = self.process
        if process is not None and process.returncode is None:
            send(process, signal.SIGKILL)
            await process.wait()

    def kill(self, pause_seconds: float = 0.0, fail_point: str | None = None) -> Death | None:
        """End it as a crash does; None when it is not up. It starts again after the pause, with
        the fail point armed."""
        if not self.up.is_set() or self.process is None:
            return None
        self._pause_seconds, self._fail_point = pause_seconds, fail_point
        self._killed = Death(member=self.name, worker=self.worker, at=time.time())
        self.deaths.append(self._killed)
        self.up.clear()
        send(self.process, signal.SIGKILL)
        return self._killed

    async def freeze(self, seconds: float) -> bool:
        """Stop it for a while (SIGSTOP, SIGCONT); False when it is not up."""
        process = self.process
        if not self.up.is_set() or process is None:
            return False
        send(process, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            send(process, signal.SIGCONT)
        return True

    async def terminate(self) -> Stop | None:
        """Ask it to end and wait until it has; None when it is not up, or was killed meanwhile."""
        process = self.process
        if not self.up.is_set() or process is None:
            return None
        self.up.clear()
        self._asked = True
        at, began = time.time(), time.monotonic()
        send(process, signal.SIGTERM)
        try:
            code = await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            send(process, signal.SIGKILL)
            code = await process.wait()
        took = time.monotonic() - began
        stop = Stop(member=self.name, at=at, seconds=took, code=code)
        self.stops.append(stop)
        return stop

    async def _supervise(self) -> None:
        while True:
            await self._run()
            await asyncio.sleep(self._pause_seconds or RESTART_SECONDS)
            self._pause_seconds = 0.0

    async def _run(self) -> None:
        env = dict(self._env)
        if self._fail_point is not None:
            env["CLARION_FAIL_POINT"], self._fail_point = self._fail_point, None
        self._asked = False
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "clarion", *self._arguments, "--json",
                cwd=self._folder, env=env, stdin=DEVNULL, stdout=PIPE, stderr=log,
            )  # fmt: skip
        self.process = process
        self.starts += 1
        try:
            await self._greeted(process)
        except BaseException:
            send(process, signal.SIGKILL)
            await process.wait()
            raise
        code = await process.wait()
        was_up = self.up.is_set()
        self.up.clear()
        if code == -signal.SIGKILL and was_up and not self._asked:
            death = Death(member=self.name, worker=self.worker, at=time.time(), by_fail_point=True)
            self.deaths.append(death)
            self._killed = death

    async def _greeted(self, process: Process) -> None:
        """The greeting says that it answers, and its number as a worker."""
        if process.stdout is None:
            return
        said = b""
        async with asyncio.timeout(START_SECONDS):
            while not said.endswith(b"\n}\n"):
                line = await process.stdout.readline()
                if not line:
                    return  # it ended instead; the supervisor starts it again
                said += line
        self.worker = int(json.loads(said)["worker"])
        if self._killed is not None:
            self._killed.back_at = time.time()
            self._killed = None
        self.up.set()


def send(process: Process, number: signal.Signals) -> None:
    """Send a signal to a process of ours, unless it is gone."""
    if process.returncode is None:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
