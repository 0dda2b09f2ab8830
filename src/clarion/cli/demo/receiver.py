"""The other end of the demo's webhooks: counts what arrives, and stumbles when it is told to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

REFUSAL = {"Retry-After": "1"}


class Receiver:
    """A provider's server in this process. `taken` counts by message id how often each came."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.refused = 0
        self.url = ""
        self._refusing = 0
        self._moved = asyncio.Event()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Answer at `url` while the block runs."""
        application = web.Application()
        application.router.add_post("/", self._take)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/"
        try:
            yield
        finally:
            await runner.cleanup()

    def refuse(self, count: int) -> None:
        """Answer the next so many messages with 503."""
        self._refusing = count

    async def took(self, count: int) -> None:
        """Wait until so many different messages came."""
        while len(self.taken) < count:
            self._moved.clear()
            await self._moved.wait()

    async def _take(self, request: web.Request) -> web.Response:
        await request.read()
        self._moved.set()
        if self._refusing:
            self._refusing -= 1
            self.refused += 1
            return web.Response(status=503, headers=REFUSAL)
        self.taken[request.headers["webhook-id"]] += 1
        return web.Response(status=204)
