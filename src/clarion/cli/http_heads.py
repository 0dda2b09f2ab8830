"""HTTP as uvicorn speaks it, with bounds on what anybody may send without a key: on the head of a
request, and on how many requests of a connection wait for the answers before theirs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sized
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from clarion.cli.web_sockets import WebSocket

HEAD_BYTES = 64 * 1024
"""Most of a request line and headers; beyond it the connection is closed."""

SILENT_SECONDS = 60
"""A client that acknowledges nothing of what it was sent for so long is gone."""

HEAD_SECONDS = 30.0
"""How long a client may take to send them, also the first time."""

FIRST_BYTE_SECONDS = 5.0
"""How long a new connection may be silent: it takes a file from everybody else."""

LAST_LOOK_SECONDS = 0.1
"""Between such a time and the end of the connection."""

MOST_WAITING = 16
"""Requests of one connection that wait for the answer to the one before. What comes behind them is
dropped, and the connection is closed with the answer to the last of them."""


class BoundedHeads(HttpToolsProtocol):
    """Closes connections whose request does not begin in earnest, or that ask without end."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.access_log = False  # whatever the log is told: addresses may hold tickets
        self._in_head = False
        self._head_bytes = 0
        self._too_late: asyncio.TimerHandle | None = None
        self._answered: RequestResponseCycle | None = None
        self._full = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _Flow(transport, self.pipeline)
        _give_up_in_time(transport)
        self._begin(FIRST_BYTE_SECONDS)

    def on_headers_complete(self) -> None:
        """What serves the request may cut the connection off. _OddError for a request that does not
        say which host it is for, or says so twice (RFC 9112, section 3.2)."""
        self._end()
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            raise _OddError
        self.scope["state"]["abort"] = self.transport.abort
        super().on_headers_complete()

    def _should_upgrade_to_ws(self) -> bool:
        return True

    def handle_websocket_upgrade(self) -> None:
        """From here on it is a socket, unless an answer is still being written."""
        if self._answered is not None and not self._answered.response_complete:
            self.send_400_response("A socket is asked for before the answer to another request.")
            return
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
        """Nobody waits for answers any more: not for the one being written, nor for later ones."""
        self._end()
        self.pipeline.clear()
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """What ends a body and begins the next head in one piece is not counted for the head."""
        if self._full:
            return
        if self._in_head:
            if not self._head_bytes:
                self._begin(HEAD_SECONDS)
            self._head_bytes += len(data)
        self._unset_keepalive_if_required()
        self._parse(data)
        if self._in_head and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self._end()
            self.send_400_response("The head of the request is too large.")

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
        except httptools.HttpParserError:
            if not self._full:
                self.send_400_response("Invalid HTTP request received.")

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def on_message_begin(self) -> None:
        """_TooManyError, which ends the parsing, when enough requests wait."""
        if len(self.pipeline) >= MOST_WAITING:
            self._full = True
            self.pipeline[0][0].keep_alive = False
            raise _TooManyError
        super().on_message_begin()
        if not self._in_head:
            self._begin(HEAD_SECONDS)

    def _begin(self, seconds: float) -> None:
        self._end()
        self._in_head, self._head_bytes = True, 0
        self._too_late = self.loop.call_later(seconds, self._look_once_more)

    def _look_once_more(self) -> None:
        """A process that had no time to read closes nobody for that: what waits is read first."""
        self._too_late = self.loop.call_later(LAST_LOOK_SECONDS, self.transport.close)

    def _end(self) -> None:
        self._in_head = False
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None


class _TooManyError(Exception):
    """More requests came than may wait."""


class _OddError(Exception):
    """The head is none that HTTP allows."""


class _Flow(FlowControl):
    """Reads nothing more while requests wait for the answer before theirs."""

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:
            super().resume_reading()


def _give_up_in_time(transport: asyncio.Transport) -> None:
    """Connections of clients that vanished without a word end (TCP user timeout, RFC 5482)."""
    door = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if door is not None and option is not None and door.family != socket.AF_UNIX:
        door.setsockopt(socket.IPPROTO_TCP, option, SILENT_SECONDS * 1000)
