"""How bodies are read: bounded in memory over all connections, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar.types import Receive

from clarion.api.problems import RefusedError
from clarion.errors import OverloadError

TOTAL_BYTES = 64 * 1024 * 1024
"""Bytes of bodies that all requests under way may hold together."""

SMALL_BYTES = 64 * 1024
LARGE_SHARE = 0.75
"""Bodies over SMALL_BYTES get no more than this share of the room: a code for a login, which is
small, is read while large uploads are refused."""

WHOLE_SECONDS = 30.0
"""A body has to be there whole after this long."""

RETRY_SECONDS = 2


class Bodies:
    """The room for bodies of one process."""

    def __init__(
        self, total_bytes: int = TOTAL_BYTES, whole_seconds: float = WHOLE_SECONDS
    ) -> None:
        self._total = total_bytes
        self._whole_seconds = whole_seconds
        self.held = 0

    def place(self) -> Place:
        """A place for one body; leave it when the request is answered."""
        return Place(self, self._whole_seconds)

    def take(self, more: int, has: int) -> None:
        """Room for `more` bytes of a body that has `has`; OverloadError when there is none."""
        room = self._total if has + more <= SMALL_BYTES else int(self._total * LARGE_SHARE)
        if self.held + more > room:
            raise OverloadError(
                "too many bodies are being read at once; send it again later",
                RETRY_SECONDS,
                policy="bodies",
                quota=self._total,
            )
        self.held += more

    def give(self, count: int) -> None:
        """Room that is not needed any more."""
        self.held -= count


class Place:
    """What one request holds of the room."""

    def __init__(self, bodies: Bodies, whole_seconds: float) -> None:
        self._bodies = bodies
        self._whole_seconds = whole_seconds
        self._has = 0

    def leave(self) -> None:
        """Give the room back."""
        self._bodies.give(self._has)
        self._has = 0

    async def read(self, receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
        """The whole body. RefusedError 413 as soon as it is over `limit` bytes, 408 when it takes
        too long, 400 when it ends early; OverloadError when there is no room."""
        announced = headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            raise too_large(limit)
        try:
            async with asyncio.timeout(self._whole_seconds):
                return await self._read(receive, limit)
        except TimeoutError:
            raise self._too_slow() from None

    def counted(self, receive: Receive) -> Receive:
        """The same messages for somebody else to read, counted and timed here."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._whole_seconds
        whole = False

        async def receive_counted() -> Any:
            nonlocal whole
            if whole:  # what comes now is the end of the connection, which may take its time
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message: Any = await receive()
            except TimeoutError:
                raise self._too_slow() from None
            self._take(message)
            whole = not message.get("more_body", False)
            return message

        return receive_counted

    async def _read(self, receive: Receive, limit: int) -> bytes:
        message: Any = await receive()
        self._take(message)
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False):
            if len(body) > limit:
                raise too_large(limit)
            return body
        whole = bytearray(body)
        while message.get("more_body", False):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RefusedError(400, "the body ended early")
            self._take(message)
            whole += message.get("body", b"")
            if len(whole) > limit:
                raise too_large(limit)
        return bytes(whole)

    def _take(self, message: Any) -> None:
        more = len(message.get("body", b""))
        self._bodies.take(more, self._has)
        self._has += more

    def _too_slow(self) -> RefusedError:
        seconds = f"{self._whole_seconds:g}"
        return RefusedError(
            408,
            f"the body did not come within {seconds} seconds; send it again, or less at once",
            headers={"Connection": "close"},
        )


def too_large(limit: int) -> RefusedError:
    """The refusal of a body over its limit (bytes)."""
    return RefusedError(413, f"the body is over {limit // 1024} KiB; split it or send less")
