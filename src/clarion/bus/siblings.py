"""Doorbells between the processes of one `clarion serve --processes`, over Unix datagrams.

Each process reads from a socket of its own in a folder that only they know. A ring that finds a
sibling's socket full waits for the next turn, as one ring a name; to one that is not there it is
lost, and that one looks at everything when it starts.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Collection, Mapping, Set
from pathlib import Path

import msgspec

from clarion.bus.bells import Bell, Bells
from clarion.bus.ears import Ear, Ears, Untold
from clarion.telemetry import bus_connected, bus_rings

COALESCE_SECONDS = 0.001
"""Between two datagrams; all rings of a name in between are one."""
MAX_UNSENT = 10_000
"""Names whose ring waits for one sibling; of more than that, the oldest are dropped."""
NAMES_AT_ONCE = 64
LONGEST_BYTES = 128 * 1024
"""Of one datagram; names are bounded far below."""
READS_AT_ONCE = 32
"""Datagrams at a time, then others have their turn."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[str] | dict[str, bytes]).decode


class SiblingBus:
    """The bus of process `own` (from 1) among `count`, whose sockets are in `folder`."""

    def __init__(self, folder: Path, own: int, count: int) -> None:
        self._bells = Bells()
        self._ears = Ears()
        self._path = _path(folder, own)
        self._unsent: dict[str, dict[str, None]] = {
            _path(folder, other): {} for other in range(1, count + 1) if other != own
        }
        self._untold = {path: Untold() for path in self._unsent}
        self._letters: dict[str, deque[bytes]] = {path: deque() for path in self._unsent}
        self._socket: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sending: asyncio.TimerHandle | None = None

    def ring(self, name: str) -> None:
        self._bells.ring(name)
        if self._loop is None:
            return
        for names in self._unsent.values():
            if len(names) >= MAX_UNSENT and name not in names:
                del names[next(iter(names))]
                bus_rings.labels("dropped").inc()
            names[name] = None
        self._send_soon(self._loop)

    def tell(self, name: str, numbers: Collection[int]) -> None:
        self._ears.tell(name, numbers)
        if self._loop is None:
            return
        for untold in self._untold.values():
            untold.add(name, numbers)
        self._send_soon(self._loop)

    def ear(self, name: str, wanted: Set[int]) -> Ear:
        return self._ears.add(name, wanted)

    def doorbell(self, name: str) -> Bell:
        return self._bells.add(name)

    async def start(self) -> None:
        """Take the place of a former process of this number."""
        if self._loop is not None:
            return
        self._leave()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(self._path)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._hear)
        bus_connected.labels("siblings").set(1)

    async def close(self) -> None:
        if self._loop is None or self._socket is None:
            return
        if self._sending is not None:
            self._sending.cancel()
            self._send()
        if self._sending is not None:
            self._sending.cancel()
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        self._loop = self._socket = self._sending = None
        self._leave()
        bus_connected.labels("siblings").set(0)

    @property
    def connected(self) -> bool:
        return self._loop is not None

    def describe(self) -> Mapping[str, object]:
        problem = "" if self.connected else "not started, or closed"
        return {"bus": "siblings", "connected": self.connected, "problem": problem}

    def _leave(self) -> None:
        Path(self._path).unlink(missing_ok=True)

    def _send_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._sending is None:
            self._sending = loop.call_later(COALESCE_SECONDS, self._send)

    def _send(self) -> None:
        self._sending = None
        if self._socket is None or self._loop is None:
            return
        waits = [self._send_to(self._socket, path, names) for path, names in self._unsent.items()]
        waits += [self._tell_to(self._socket, path) for path in self._untold]
        if any(waits):
            self._sending = self._loop.call_later(COALESCE_SECONDS, self._send)

    def _send_to(self, door: socket.socket, path: str, names: dict[str, None]) -> bool:
        """Send what is unsent to one sibling; whether something has to wait."""
        while names:
            some = list(names)[:NAMES_AT_ONCE]
            try:
                door.sendto(_encode(some), path)
            except BlockingIOError:
                return True
            except OSError:  # it is not there, or not any more
                names.clear()
                return False
            bus_rings.labels("sent").inc(len(some))
            for name in some:
                del names[name]
        return False

    def _tell_to(self, door: socket.socket, path: str) -> bool:
        """Tell one sibling; whether something has to wait. What waits there is bounded, as no more
        is taken until it is sent."""
        letters = self._letters[path]
        if not letters:
            letters.extend(_encode({name: told}) for name, told in self._untold[path].take())
        while letters:
            try:
                door.sendto(letters[0], path)
            except BlockingIOError:
                return True
            except OSError:  # it is not there, or not any more
                letters.clear()
                return False
            letters.popleft()
        return bool(self._untold[path])

    def _hear(self) -> None:
        for _ in range(READS_AT_ONCE):
            try:
                if self._socket is None:
                    return
                names = _decode(self._socket.recv(LONGEST_BYTES))
            except BlockingIOError:
                return
            except (OSError, msgspec.MsgspecError):
                bus_rings.labels("ignored").inc()
                continue
            bus_rings.labels("received").inc(len(names))
            if isinstance(names, dict):
                for name, told in names.items():
                    self._ears.told(name, told)
                continue
            for name in names:
                self._bells.ring(name)


def _path(folder: Path, number: int) -> str:
    return str(folder / f"{number}.bus")
