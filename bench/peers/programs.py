"""Programs of a system under measurement: started, told what to do by lines, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec

STOP_SECONDS = 20.0
ANSWER_SECONDS = 120.0
_SHOWN = 2_000


class Program:
    """One process; what it says beside its answers goes to a file."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, question: object) -> str:
        """Write it as a line of JSON; the next line that comes back."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(question) + b"\n")
        await self._process.stdin.drain()
        return await self.line()

    async def line(self) -> str:
        """The next line it prints; RuntimeError with the end of its log when there is none."""
        assert self._process.stdout is not None
        async with asyncio.timeout(ANSWER_SECONDS):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a program ended early:\n{self.said()}")
        return line.decode().strip()

    def alive(self) -> bool:
        return self._process.returncode is None

    def said(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-_SHOWN:]


@contextlib.asynccontextmanager
async def program(
    command: list[str], environment: Mapping[str, str], log: Path, *, answers: bool = False
) -> AsyncIterator[Program]:
    """Start it, in the log's folder; at the end SIGTERM. `answers`: it is asked, and prints."""
    with log.open("ab") as file:
        pipe = subprocess.PIPE if answers else None
        process = await asyncio.create_subprocess_exec(
            *command, cwd=log.parent, env={**os.environ, **environment}, stderr=file,
            stdin=pipe or subprocess.DEVNULL, stdout=pipe or file,
        )  # fmt: skip
    try:
        yield Program(process, log)
    finally:
        await _stopped(process)


async def _stopped(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
