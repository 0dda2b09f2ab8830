"""The act in which things break: a provider stumbles, the server is killed, and it mends itself."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from base64 import b64encode
from pathlib import Path
from typing import Any

import aiohttp

import clarion
from clarion.cli.demo.played import Played
from clarion.cli.demo.receiver import Receiver
from clarion.cli.demo.screen import Screen
from clarion.cli.demo.stage import Stage
from clarion.cli.demo.story import BREAKING, CROWD, REFUSED, SCENES
from clarion.cli.failing import CommandError

STUMBLES_AT = CROWD // 4
KILLED_AT = CROWD // 2
START_SECONDS = 30.0
ACT_SECONDS = 60.0
LOOK_SECONDS = 0.1

_DOUBTS = re.compile(r"^clarion_ambiguous_outcomes_total\{[^}]*\} ([0-9.e+]+)$", re.MULTILINE)
_SETTINGS = """\
listen = "127.0.0.1:0"
log_level = "error"
allow_http = true
allow_networks = ["127.0.0.0/8"]

[providers.hooks]
kind = "webhook"
secrets = ["{secret}"]
"""


class Fragile:
    """A server in a process of its own that is killed and started again on the same file."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self.key = "ck_demo_" + secrets.token_hex(20)
        self._folder = folder
        self._process: Process | None = None
        folder.mkdir()
        secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
        (folder / "clarion.toml").write_text(_SETTINGS.format(secret=secret))

    async def start(self) -> None:
        """Start it; returns when it answers. CommandError when it ends instead."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "clarion", "up", "--json",
            cwd=self._folder, env=self._environment(), stdout=PIPE, stderr=DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        said = b""
        while not said.endswith(b"}\n"):
            line = await asyncio.wait_for(self._process.stdout.readline(), START_SECONDS)  # type: ignore[union-attr]
            if not line:
                raise CommandError("the demo's second server did not start; try `clarion check`")
            said += line
        self.url = json.loads(said)["url"]

    async def kill(self) -> None:
        """SIGKILL, as `kill -9` sends."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()

    def session(self) -> aiohttp.ClientSession:
        """Speaks to it where it listens now."""
        return aiohttp.ClientSession(self.url, headers={"Authorization": f"Bearer {self.key}"})

    def _environment(self) -> dict[str, str]:
        kept = {name: v for name, v in os.environ.items() if not name.startswith("CLARION_")}
        source = str(Path(clarion.__file__).parents[1])
        path = os.pathsep.join(filter(None, (source, kept.get("PYTHONPATH", ""))))
        return kept | {"PYTHONPATH": path, "CLARION_API_KEY": self.key}


async def play_breaking(server: Fragile, screen: Screen) -> Played:
    """Play the act on a server that was started; it is ended at the end."""
    screen.begins(SCENES, BREAKING)
    receiver = Receiver()
    began = time.monotonic()
    try:
        async with receiver.listening(), asyncio.timeout(ACT_SECONDS):
            async with server.session() as session:
                event = await _send(Stage(session), receiver)
                await receiver.took(STUMBLES_AT)
                receiver.refuse(REFUSED)
                screen.tells(f"{len(receiver.taken):,} told: now the provider answers 503.")
                await receiver.took(KILLED_AT)
            await server.kill()
            screen.tells(f"{len(receiver.taken):,} told: the server was killed (kill -9).")
            await server.start()
            async with server.session() as session:
                stands = await _complete(Stage(session), event, screen)
                doubts = await _doubts(session)
    finally:
        await server.kill()
    took_ms = round((time.monotonic() - began) * 1000)
    played = told(receiver, stands, doubts, took_ms)
    screen.ends(played)
    return played


def told(receiver: Receiver, stands: dict[str, Any], doubts: int, took_ms: int) -> Played:
    """What came of the act: everybody told, and nobody twice but those in doubt."""
    once = sum(count == 1 for count in receiver.taken.values())
    twice = len(receiver.taken) - once
    lost = CROWD - len(receiver.taken)
    misses = [f"{lost:,} were never told"] if lost else []
    if twice > doubts:
        misses.append(f"{twice:,} were told twice, but only {doubts:,} were in doubt")
    if stands["counts"]["sent"] != CROWD:
        misses.append(f"expected {CROWD:,} sent, counted {stands['counts']['sent']:,}")
    note = (
        f"{once:,} told once, {twice:,} twice, {lost:,} lost. {doubts:,} were in doubt when the "
        f"server was killed; {receiver.refused:,} were refused at first and tried again."
    )
    return Played(
        title=BREAKING.title, stands={"blast": stands}, answers=[], took_ms=took_ms,
        waited_ms={}, misses=misses, note=note,
    )  # fmt: skip


async def _send(stage: Stage, receiver: Receiver) -> str:
    step = {"channel": "webhook", "template": {"url": receiver.url, "body": {"text": "hello"}}}
    await stage.ask("PUT", "/v1/workflows/storm.warning", {"steps": [{"send": step}]})
    await stage.users([{"id": f"u{number:04}"} for number in range(CROWD)])
    return await stage.send({"type": "storm.warning", "recipients": [{"all": True}]})


async def _complete(stage: Stage, event: str, screen: Screen) -> dict[str, Any]:
    while True:
        stands = await stage.stands(event)
        screen.looks(await stage.lanes())
        if stands["status"] == "complete":
            return stands
        await asyncio.sleep(LOOK_SECONDS)


async def _doubts(session: aiohttp.ClientSession) -> int:
    async with session.get("/metrics") as response:
        return int(sum(map(float, _DOUBTS.findall(await response.text()))))
