"""HTTP as uvicorn speaks it, with bounds on the head of a request: anybody may send one, without a
key."""

from __future__ import annotations

import asyncio
import socket
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from clarion.cli.web_sockets import WebSocket

HEAD_BYTES = 64 * 1024
"""Most of a request line and headers; beyond it the connection is closed."""

SILENT_SECONDS = 60
"""A client that acknowledges nothing of what it was sent for so long is gone."""

HEAD_SECONDS = 30.0
"""How long a client may take to send them, also the first time."""


class BoundedHeads(HttpToolsProtocol):
    """Closes connections whose request does not begin in earnest."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.access_log = False  # whatever the log is told: addresses may hold tickets
        self._in_head = False
        self._head_bytes = 0
        self._too_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _give_up_in_time(transport)
        self._begin()

    def on_headers_complete(self) -> None:
        """What serves the request may cut the connection off."""
        self._end()
        self.scope["state"]["abort"] = self.transport.abort
        super().on_headers_complete()

    def _should_upgrade_to_ws(self) -> bool:
        return True

    def handle_websocket_upgrade(self) -> None:
        """From here on it is a socket."""
        self.connections.discard(self)
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        scope = {
            **self.scope,
            "path": unquote(path),
            "raw_path": url.path,
            "query_string": url.query or b"",
        }
        WebSocket(self.config, self.server_state, scope).take_over(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """What ends a body and begins the next head in one piece is not counted for the head."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self._end()
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:
            self._begin()

    def _begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        self._too_late = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _end(self) -> None:
        self._in_head = False
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None


def _give_up_in_time(transport: asyncio.Transport) -> None:
    """Connections of clients that vanished without a word end (TCP user timeout, RFC 5482)."""
    door = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if door is not None and option is not None and door.family != socket.AF_UNIX:
        door.setsockopt(socket.IPPROTO_TCP, option, SILENT_SECONDS * 1000)
