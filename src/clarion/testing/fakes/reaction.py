"""What a fake HTTP server does to one request, and a server that plays it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec
from aiohttp import web


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """An answer or a misbehaviour.

    `hang` never answers; `cut` closes the connection in the middle of the answer; `endless` never
    stops sending the body. `code` and `message` are words of the vendor's error, where it has
    them.
    """

    status: int = 200
    code: str = ""
    message: str = ""
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    hang: bool = False
    cut: bool = False
    endless: bool = False


class FakeServer:
    """An HTTP server on 127.0.0.1 and a port of its own; the port stays the same after `stop`.

    `waiting` is set whenever a request hangs.
    """

    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._runner: web.AppRunner | None = None
        self._released = asyncio.Event()
        self.waiting = asyncio.Event()
        self.port = 0

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:<port>`; valid after `start`."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen. RuntimeError when it already does."""
        if self._runner is not None:
            raise RuntimeError("the fake server is already running")
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    def release(self) -> None:
        """Let requests that hang be answered; later ones hang no more either."""
        self._released.set()

    async def stop(self) -> None:
        """Release what hangs and stop listening; calling it twice is fine."""
        self.release()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def play(
        self, request: web.Request, reaction: Reaction, body: bytes
    ) -> web.StreamResponse:
        """Answer a request as the reaction says; `body` where it gives none."""
        if reaction.hang:
            self.waiting.set()
            await self._released.wait()
        if reaction.cut or reaction.endless:
            return await _misbehave(request, reaction)
        return web.Response(
            status=reaction.status,
            headers=dict(reaction.headers),
            body=body if reaction.body is None else reaction.body,
        )


async def _misbehave(request: web.Request, reaction: Reaction) -> web.StreamResponse:
    response = web.StreamResponse(status=reaction.status, headers={"Content-Length": str(1 << 40)})
    await response.prepare(request)
    await response.write(b"{")
    try:
        while reaction.endless:
            await response.write(b" " * 65536)
    except ConnectionError:
        return response
    if request.transport is not None:
        request.transport.abort()
    return response
