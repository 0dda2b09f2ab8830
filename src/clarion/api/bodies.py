"""How bodies are read: bounded in memory over all connections, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
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

OWNER_SHARE = 0.25
"""Of one owner (a key, a user, an address) unfinished bodies get no more than this share of the
room: who begins many and ends none leaves room for the others."""

OWNER_OPEN = 64
"""Unfinished bodies of one owner. One that came whole at once is never unfinished."""

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
        self._unfinished: dict[Hashable, tuple[int, int]] = {}

    def place(self, owner: Hashable = None) -> Place:
        """A place for one body; leave it when the request is answered. `owner` is who sends it
        (None: nobody in particular, without a bound of its own)."""
        return Place(self, self._whole_seconds, owner)

    def wait_for_more(self, owner: Hashable, begun: int, more: int) -> None:
        """Count `begun` bodies and `more` bytes that are not whole yet; OverloadError when it is
        too much for one owner."""
        share = int(self._total * OWNER_SHARE)
        count, size = self._unfinished.get(owner, (0, 0))
        if count + begun > OWNER_OPEN or size + more > share:
            raise OverloadError(
                "too many of your bodies came in part only; end those, or send it again later",
                RETRY_SECONDS,
                policy="bodies",
                quota=share,
            )
        self._unfinished[owner] = (count + begun, size + more)

    def wait_no_more(self, owner: Hashable, size: int) -> None:
        """A body of `size` bytes is whole or given up."""
        count, held = self._unfinished.pop(owner)
        if count > 1:
            self._unfinished[owner] = (count - 1, held - size)

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

    def __init__(self, bodies: Bodies, whole_seconds: float, owner: Hashable) -> None:
        self._bodies = bodies
        self._whole_seconds = whole_seconds
        self._owner = owner
        self._has = 0
        self._unfinished: int | None = None

    def leave(self) -> None:
        """Give the room back."""
        self._end()
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

    def counted(self, receive: Receive, owner: Callable[[], Hashable] = lambda: None) -> Receive:
        """The same messages for somebody else to read, counted and timed here. `owner` is asked
        when the body begins, as only then it is known who asks."""
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
            if self._unfinished is None:
                self._owner = owner()
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
        if not message.get("more_body", False):
            self._end()
        elif self._owner is not None:
            begun = self._unfinished is None
            self._bodies.wait_for_more(self._owner, int(begun), more)
            self._unfinished = (self._unfinished or 0) + more
        self._bodies.take(more, self._has)
        self._has += more

    def _end(self) -> None:
        """Nothing more is waited for."""
        if self._unfinished is not None:
            self._bodies.wait_no_more(self._owner, self._unfinished)
            self._unfinished = None

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
