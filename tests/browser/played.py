"""What `make run` opens: a server on which the story of the demo was played."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import aiohttp

from tests.acceptance.house import House
from tests.cli.shell import environ

PLAYED_SECONDS = 150.0
LAST_LINE = "Ctrl-C ends the demo"


class Demo(House):
    """`clarion demo`, up after its last act; `key` is the one that it printed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "clarion.toml").unlink()
        self._env = environ(COLUMNS="200")
        self.key = ""

    async def start(self) -> None:
        """Play, and wait until all was said."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "clarion", "demo", "--port", "0",
                cwd=self.folder, env=self._env, stdout=PIPE, stderr=log,
            )  # fmt: skip
        said = await asyncio.wait_for(self._said(), PLAYED_SECONDS)
        url = re.search(r"http://127\.0\.0\.1:\d+", said)
        key = re.search(r"\bclk_[\w-]+", said)
        assert url is not None, said
        assert key is not None, said
        self.url, self.key = url[0], key[0]
        headers = {"Authorization": f"Bearer {self.key}"}
        self._session = aiohttp.ClientSession(self.url, headers=headers)

    async def _said(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        said = ""
        while LAST_LINE not in said:
            line = await self.process.stdout.readline()
            if not line:
                raise AssertionError(f"ended with {await self.process.wait()}: {said}{self.said}")
            said += line.decode()
        return said
