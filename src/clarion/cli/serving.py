"""A whole server in this process: from settings to an open port, and back to nothing left
behind."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
import uvloop

from clarion.assemble import ALL_ROLES, DEFAULT_ENVIRONMENT, Role, Server, Siblings
from clarion.cli.accounts import refuse_unsound
from clarion.cli.doors import Porter, open_door, url_of
from clarion.cli.failing import INTERRUPTED
from clarion.cli.http_heads import BoundedHeads
from clarion.cli.keys import make_key
from clarion.cli.open_files import allow_files, most_connections, within_files
from clarion.cli.signing_in import sign_in_link
from clarion.cli.surroundings import keep_key
from clarion.cli.workspace import sound_workspace
from clarion.config import Settings
from clarion.core.workflow import Lane
from clarion.errors import UnavailableError
from clarion.failpoint import arm
from clarion.telemetry import logger

LAST_WORDS_SECONDS = 5
"""How long requests under way (and open streams) may take when the server stops."""

START_SECONDS = 15.0
START_PAUSE_SECONDS = 0.5

END_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_log = logger("cli")


@dataclass(frozen=True)
class Running:
    """A server that answers at `url`. `fresh_key` is the admin key when it was just made."""

    server: Server
    url: str
    fresh_key: str | None

    async def sign_in_link(self, to: str = "/") -> str:
        """A link that opens the dashboard of the default environment at a page, once."""
        where = self.server.settings.public_url or self.url
        return await sign_in_link(self.server.store.keys, where, DEFAULT_ENVIRONMENT, to=to)


@dataclass(frozen=True)
class Beside:
    """What a process among siblings is handed; `door` is None where others answer requests."""

    siblings: Siblings
    door: socket.socket | None


def run_until_done(work: Coroutine[Any, Any, int]) -> int:
    """Run on the fast loop; the exit code."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


@asynccontextmanager
async def running(
    settings: Settings,
    port_option: str = "CLARION_LISTEN",
    *,
    roles: Iterable[Role] = ALL_ROLES,
    lanes: Iterable[Lane] = tuple(Lane),
    migrate: bool = True,
    beside: Beside | None = None,
) -> AsyncIterator[Running]:
    """The server while the block runs; then it finishes what is under way and lets go of
    everything. One that runs `beside` others listens only at the door it is handed.

    SettingsError or CommandError when it cannot start: the file has a server already, the port
    is taken, the workspace has mistakes; UnavailableError when the store's server does not come
    within START_SECONDS.
    """
    if settings.workspace is not None:
        sound_workspace(settings.workspace)
    refuse_unsound(settings)
    arm(settings.fail_points)
    allow_files()
    settings = within_files(settings)
    server = await _opened(
        settings,
        lambda: Server.open(
            settings, roles=roles, lanes=lanes, migrate=migrate,
            siblings=None if beside is None else beside.siblings,
        ),
    )  # fmt: skip
    door: socket.socket | None = None
    try:
        door = open_door(settings.listen, port_option) if beside is None else beside.door
        fresh_key = await _first_key(server)
        await server.start()
    except BaseException:
        if door is not None:
            door.close()
        await server.store.close()
        raise
    try:
        if door is None:
            yield Running(server, "", fresh_key)
        else:
            async with _answering(server, door):
                yield Running(server, url_of(settings.listen, door), fresh_key)
    finally:
        await server.stop()


@asynccontextmanager
async def _answering(server: Server, door: socket.socket) -> AsyncIterator[None]:
    front = _Front(_config(server))
    serving = asyncio.create_task(front.serve(sockets=[door]), name="http")
    try:
        await front.listening.wait()
        yield
    finally:
        await server.part()
        front.should_exit = True
        await serving


@contextlib.contextmanager
def end_on_signal(*, insistent: bool = True) -> Iterator[asyncio.Event]:
    """An event that SIGTERM, SIGINT and SIGHUP set. A second signal ends the process at once, if
    it may be `insistent`."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    def ask() -> None:
        if insistent and asked.is_set():
            raise SystemExit(INTERRUPTED)
        asked.set()

    for number in END_SIGNALS:
        loop.add_signal_handler(number, ask)
    try:
        yield asked
    finally:
        for number in END_SIGNALS:
            loop.remove_signal_handler(number)


async def _opened(settings: Settings, opening: Callable[[], Awaitable[Server]]) -> Server:
    """The server; a PostgreSQL that is not there is waited for, a little while. Who supervises
    this process starts it again after that."""
    until = time.monotonic() + START_SECONDS
    told = ""
    while True:
        try:
            return await opening()
        except UnavailableError as error:
            left = until - time.monotonic()
            if settings.sqlite_path is not None or left <= 0:
                raise
            if str(error) != told:
                told = str(error)
                _log.warning("%s (trying again for %.0f s)", told, left)
            await asyncio.sleep(START_PAUSE_SECONDS)


async def _first_key(server: Server) -> str | None:
    """An admin key when the default environment has no key at all, and none is configured."""
    if server.settings.api_key is not None or Role.API not in server.roles:
        return None
    rows = await server.store.keys.list()
    if any(row.environment == DEFAULT_ENVIRONMENT for row in rows):
        return None
    key, _ = await make_key(server.store.keys, DEFAULT_ENVIRONMENT, "admin")
    server.settings.data_dir.mkdir(parents=True, exist_ok=True)
    keep_key(server.settings.data_dir, key)
    return key


def _config(server: Server) -> uvicorn.Config:
    return uvicorn.Config(
        server.app,
        http=BoundedHeads,
        loop="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=LAST_WORDS_SECONDS,
    )


class _Front(uvicorn.Server):
    """uvicorn that takes connections at its own pace, says when it listens and leaves the signals
    to us."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._porters: list[Porter] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.servers = []
        files = most_connections()
        self._porters = [Porter(door, self._protocol, files) for door in sockets or ()]
        self.started = True
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for porter in self._porters:
            porter.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def _protocol(self) -> asyncio.Protocol:
        return BoundedHeads(config=self.config, server_state=self.server_state, app_state={})
