"""Where this process listens, and how it takes connections: a few in a turn of the event loop, none
while it could not open a file for anything else.

A crowd that comes all at once so waits with the system, which keeps thousands of connections for
next to nothing, and what the process does else comes between those it takes.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from collections.abc import Callable

from clarion.cli.failing import MISUSED, CommandError
from clarion.config import Listen
from clarion.telemetry import logger

BACKLOG = 4096
"""Connections that wait with the system; Linux allows as many unless it is told otherwise."""

OF_A_TURN = 16
"""Connections taken in one turn of the event loop: 5 ms of work."""

PAUSE_SECONDS = 0.05
"""How long none is taken when the files are used up."""

_TAKEN = "is taken by another program; stop it, or choose another port with "
_REFUSALS = {
    errno.EADDRINUSE: _TAKEN,
    errno.EACCES: "needs rights this user lacks; choose a port from 1024 on with ",
    errno.EADDRNOTAVAIL: "is no address of this machine; choose one with ",
}
_NONE_WAITS = (BlockingIOError, InterruptedError, ConnectionAbortedError)
_log = logger("cli")


def open_door(listen: Listen, port_option: str = "CLARION_LISTEN") -> socket.socket:
    """A socket bound to the address; CommandError in words when that cannot be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        door = socket.socket(family, kind, protocol)
    except socket.gaierror:
        refusal = _REFUSALS[errno.EADDRNOTAVAIL]
        raise CommandError(f"{listen} {refusal}{port_option}", MISUSED) from None
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        door.listen(BACKLOG)
    except OSError as error:
        door.close()
        refusal = _REFUSALS.get(error.errno or 0, f"cannot be used ({error.strerror}); check ")
        raise CommandError(f"{listen} {refusal}{port_option}", MISUSED) from None
    return door


def url_of(listen: Listen, door: socket.socket) -> str:
    """How to reach a server from this machine."""
    return Listen(listen.host, door.getsockname()[1]).url


class Porter:
    """Takes connections at a door and gives each to a protocol. None is taken while as many as
    `files` are open; None: there is no such limit."""

    def __init__(
        self, door: socket.socket, protocol: Callable[[], asyncio.Protocol], files: int | None
    ) -> None:
        self._door = door
        self._protocol = protocol
        self._files = files
        self._loop = asyncio.get_running_loop()
        self._again: asyncio.TimerHandle | None = None
        self._entering: set[asyncio.Task[None]] = set()
        door.setblocking(False)
        self._open()

    def close(self) -> None:
        """Take no more; the door is still the caller's to close."""
        if self._again is not None:
            self._again.cancel()
        self._loop.remove_reader(self._door)

    def _open(self) -> None:
        self._again = None
        if self._files is not None and _open_files(self._door) >= self._files:
            self._wait()
        else:
            self._loop.add_reader(self._door, self._take)

    def _take(self) -> None:
        for _ in range(OF_A_TURN):
            try:
                connection, _ = self._door.accept()
            except _NONE_WAITS:
                return
            except OSError as error:
                _log.warning("no connection can be taken: %s", error.strerror)
                self._pause()
                return
            connection.setblocking(False)
            entering = self._loop.create_task(self._enter(connection))
            self._entering.add(entering)
            entering.add_done_callback(self._entering.discard)
            if self._files is not None and connection.fileno() >= self._files:
                self._pause()
                return

    def _pause(self) -> None:
        self._loop.remove_reader(self._door)
        self._wait()

    def _wait(self) -> None:
        self._again = self._loop.call_later(PAUSE_SECONDS, self._open)

    async def _enter(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, connection)
        except OSError:  # it has hung up already
            connection.close()


def _open_files(door: socket.socket) -> int:
    """How many this process has open: a new one gets the lowest number that is free."""
    try:
        probe = os.dup(door.fileno())
    except OSError:  # there is not even one left
        return sys.maxsize
    os.close(probe)
    return probe
