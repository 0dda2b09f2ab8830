"""The network between browsers and a server, which can be cut."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit


class Cable:
    """Passes connections on to the server at `target` (its URL), unless it is cut."""

    def __init__(self) -> None:
        self.url = ""
        self.target = ""
        self._whole = True
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._taken, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def cut(self) -> None:
        """End what is open; what comes is closed at once."""
        self._whole = False
        for writer in list(self._open.values()):
            writer.transport.abort()
        await asyncio.gather(*self._open, return_exceptions=True)

    def mend(self) -> None:
        """Pass on again."""
        self._whole = True

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self.cut()
            await self._server.wait_closed()

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if not self._whole:
            writer.transport.abort()
            return
        self._open[task] = writer
        try:
            port = urlsplit(self.target).port
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.transport.abort()
            self._open.pop(task, None)
            return
        ways = (_pump(reader, far_writer), _pump(far_reader, writer))
        pumps = [asyncio.ensure_future(way) for way in ways]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for one in (writer, far_writer):
            one.transport.abort()
        await asyncio.gather(*pumps, return_exceptions=True)
        self._open.pop(task, None)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
    except (ConnectionError, asyncio.CancelledError):
        return
