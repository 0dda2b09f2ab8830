"""The live inbox of a process: what answers at its addresses, and how it starts and ends."""

from __future__ import annotations

import random
from collections.abc import Mapping

from litestar.types import ASGIApp

from clarion.api.services import Services
from clarion.realtime.connections import Connections
from clarion.realtime.sockets import Sockets
from clarion.realtime.streams import Streams

STREAM = "/v1/inbox/stream"
SOCKET = "/v1/inbox/ws"


class Live:
    """Streams and sockets of inboxes. `chance` spreads when browsers come again."""

    def __init__(self, services: Services, chance: random.Random) -> None:
        self.connections = Connections(services, chance)
        self._streams = Streams(services, self.connections)
        self._sockets = Sockets(services, self.connections)

    @property
    def applications(self) -> Mapping[str, ASGIApp]:
        """ASGI applications by address."""
        return {STREAM: self._streams, SOCKET: self._sockets}

    def start(self) -> None:
        """Serve from now on."""
        self.connections.start()

    async def stop(self) -> None:
        """Send everybody elsewhere; then nobody is let in any more."""
        await self.connections.stop()
