"""A small HTTP/1.1 client for load: kept connections, prepared requests, no more parsing than
needed."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import msgspec

_END = b"\r\n\r\n"


class Connection(asyncio.Protocol):
    """One kept connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is of no class of asyncio

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(_END)
        if not found or self._answer is None:
            return
        length = _length(head)
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        answer, self._answer = self._answer, None
        answer.set_result((int(head[9:12]), rest[:length]))

    @property
    def closed(self) -> bool:
        """Whether it is of no more use; servers end connections that are idle for seconds."""
        return self._transport is None

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send prepared bytes; (status, body). ConnectionError when the server is gone."""
        if self._transport is None:
            raise ConnectionError("the server closed the connection")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Client:
    """Prepares requests for one server and key."""

    def __init__(self, port: int, key: str) -> None:
        self.port = port
        self._key = key

    async def connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", self.port)
        return connection

    def request(self, method: str, path: str, body: Any = None) -> bytes:
        """A whole request as bytes."""
        payload = b"" if body is None else msgspec.json.encode(body)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        )
        return head.encode() + payload

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request on a connection of its own; the decoded answer. RuntimeError unless 2xx."""
        connection = await self.connect()
        try:
            status, answer = await connection.ask(self.request(method, path, body))
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path}: {status} {answer[:300].decode()}")
        return msgspec.json.decode(answer) if answer else None


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line[15:])
    return 0
