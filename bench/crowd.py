"""A part of a crowd that opens live inboxes all at once: a process beside others.

Standard input is one line of JSON, `[port, address, [token, ...]]`, then a line that lets it go.
It answers `ready`, then a line of JSON, `Met`.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from collections.abc import Iterator
from typing import cast

import msgspec
import uvloop

LONGEST_SECONDS = 240.0
AGAIN_SECONDS = 1.0
CONNECTING = 500
"""How many a process connects at the same time: more, and it would be itself that keeps the server
waiting for what they ask."""
SPARE_FILES = 200


class Met(msgspec.Struct):
    """What a crowd met with. `served` were told where their stream goes on, `sent_away` when they
    may come again; `seconds` is when each knew. `cut_off` is how often a connection ended before,
    and its client came again, as browsers do."""

    served: int = 0
    sent_away: int = 0
    cut_off: int = 0
    seconds: list[float] = []


class Comer(asyncio.Protocol):
    """Opens one stream and stays on it."""

    def __init__(self, crowd: Crowd, token: str) -> None:
        self._crowd = crowd
        self._token = token
        self._buffer = b""
        self._answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        head = (
            "GET /v1/inbox/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {self._token}\r\n\r\n"
        )
        cast(asyncio.Transport, transport).write(head.encode())  # uvloop's is of no class of it

    def data_received(self, data: bytes) -> None:
        if not self._answered:
            self._buffer += data
            if b"event: hello" in self._buffer:
                self._answered = True
                self._crowd.served()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered:
            return
        self._answered = True
        if b"retry: " in self._buffer:
            self._crowd.sent_away()
        else:
            self._crowd.cut_off(self._token)


class Crowd:
    """All that come from one address."""

    def __init__(self, port: int, address: str, tokens: list[str]) -> None:
        self.met = Met()
        self._port = port
        self._address = address
        self._tokens = tokens
        self._over = asyncio.Event()
        self._began = 0.0
        self._gate = asyncio.Semaphore(CONNECTING)
        self._coming: set[asyncio.Task[None]] = set()

    async def come(self) -> Met:
        """Open all, and wait until each has an answer."""
        self._began = time.perf_counter()
        for token in self._tokens:
            self._start(token)
        async with asyncio.timeout(LONGEST_SECONDS):
            await self._over.wait()
        return self.met

    def _start(self, token: str, pause_seconds: float = 0) -> None:
        coming = asyncio.create_task(self._one(token, pause_seconds))
        self._coming.add(coming)
        coming.add_done_callback(self._coming.discard)

    async def _one(self, token: str, pause_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(pause_seconds)
        while True:
            try:
                async with self._gate:
                    await loop.create_connection(
                        lambda: Comer(self, token), "127.0.0.1", self._port,
                        local_addr=(self._address, 0),
                    )  # fmt: skip
            except OSError:
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return

    def served(self) -> None:
        """One was told where its stream goes on."""
        self.met.served += 1
        self._answer()

    def sent_away(self) -> None:
        """One was told when to come again."""
        self.met.sent_away += 1
        self._answer()

    def cut_off(self, token: str) -> None:
        """One knows nothing, and comes again."""
        self.met.cut_off += 1
        self._start(token, AGAIN_SECONDS)

    def _answer(self) -> None:
        self.met.seconds.append(time.perf_counter() - self._began)
        if len(self.met.seconds) == len(self._tokens):
            self._over.set()


def parts_of(count: int) -> Iterator[int]:
    """How many come from each process, as its open files allow."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    each = count if most == resource.RLIM_INFINITY else min(count, most - SPARE_FILES)
    while count > 0:
        yield min(each, count)
        count -= each


def main() -> None:
    """The process."""
    port, address, tokens = msgspec.json.decode(sys.stdin.readline())
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print("ready", flush=True)
    sys.stdin.readline()
    uvloop.run(_come(port, address, tokens))


async def _come(port: int, address: str, tokens: list[str]) -> None:
    met = await Crowd(port, address, tokens).come()
    print(msgspec.json.encode(met).decode(), flush=True)
    await asyncio.to_thread(sys.stdin.readline)  # all stay until everybody was answered


if __name__ == "__main__":
    main()
