"""WebSocket (RFC 6455) as uvicorn wants a protocol to speak it, without further libraries.

The head of the request was read, and bounded, by HTTP. Nothing is compressed. What a client sends
waits in a short line: while that is full, or the client does not read what it is sent, no more is
read from its connection. Pings and pongs are few: nobody needs a token to send them.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from clarion.realtime.wire import (
    BROKEN,
    NORMAL,
    NOT_UTF8,
    POLICY,
    RESTART,
    UNSUPPORTED,
    BrokenError,
    Message,
    Opcode,
    Reader,
    close_frame,
    code_of,
    frame_of,
)
from clarion.telemetry import logger

LONGEST_MESSAGE = 64 * 1024
PING_SECONDS = 25.0
MISSED_PONGS = 2
MOST_UNREAD = 32
MOST_CONTROLS = 10
"""Pings and pongs a second; with more the connection is closed."""
FAREWELL_SECONDS = 5.0
"""How long a closed connection waits for the other side to close, too."""
STUCK_SECONDS = 30.0

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY_BYTES = 16
_log = logger("cli")


class WebSocket(asyncio.Protocol):
    """One connection, from the upgrade on, as an ASGI application's `receive` and `send`."""

    def __init__(self, config: Config, server_state: ServerState, scope: dict[str, Any]) -> None:
        self._app: Any = config.loaded_app
        self._state = server_state
        self._reader = Reader(LONGEST_MESSAGE)
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._transport: Any = None
        self._scope = {
            **scope,
            "type": "websocket",
            "scheme": "ws",
            "subprotocols": _subprotocols(scope["headers"]),
        }
        self._accepted = self._closing = self._over = False
        self._unanswered = 0
        self._since, self._controls, self._late_bytes = 0.0, 0, 0
        self._ping_data: bytes | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._loop = asyncio.get_running_loop()

    def take_over(self, transport: asyncio.Transport) -> None:
        """Go on with the connection of a request to upgrade."""
        self._transport = transport
        transport.set_protocol(self)
        self._state.connections.add(self)  # type: ignore[arg-type]
        key = next((v for k, v in self._scope["headers"] if k == b"sec-websocket-key"), b"")
        version = next((v for k, v in self._scope["headers"] if k == b"sec-websocket-version"), b"")
        if version != b"13" or not _is_key(key) or self._scope["method"] != "GET":
            self._refuse(400, [(b"sec-websocket-version", b"13")])
            return
        self._key = key
        self._inbox.put_nowait({"type": "websocket.connect"})
        task = self._loop.create_task(self._run())
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    def shutdown(self) -> None:
        """The server stops."""
        self._close(RESTART)

    def data_received(self, data: bytes) -> None:
        """After a close only the other side's is awaited, and not much beside it."""
        if self._closing:
            self._late_bytes += len(data)
            if self._late_bytes > LONGEST_MESSAGE:
                self._transport.abort()
                return
        self._read(data)

    def _read(self, data: bytes) -> None:
        """Take messages as long as there is room for them; the rest waits, and what comes next."""
        try:
            for message in self._reader.feed(data):
                self._take(message)
                if not self._may_read():
                    self._transport.pause_reading()
                    break
        except BrokenError as error:
            self._tell_gone(error.code)
            self._close(error.code)

    def _may_read(self) -> bool:
        return self._closing or (self._inbox.qsize() < MOST_UNREAD and self._writable.is_set())

    def _go_on(self) -> None:
        """Read again if there is room: first what waits."""
        if not self._over and self._may_read():
            self._transport.resume_reading()
            self._read(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        self._over = True
        self._writable.set()
        if self._timer is not None:
            self._timer.cancel()
        self._state.connections.discard(self)
        self._tell_gone(1006)

    def eof_received(self) -> None:
        return None

    def pause_writing(self) -> None:
        """Who does not read is not read, either."""
        self._writable.clear()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The newest ping is answered now."""
        self._writable.set()
        self._pong()
        self._go_on()

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        except Exception:  # noqa: BLE001 - the connection is closed, and says why
            _log.exception("a socket failed")
            self._close(BROKEN)
        if not self._accepted:
            self._refuse(500, [])
        self._close(NORMAL)

    async def _receive(self) -> dict[str, Any]:
        message = await self._inbox.get()
        if self._inbox.qsize() == MOST_UNREAD // 2:
            self._go_on()
        return message

    async def _send(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "websocket.accept":
                self._accept(message.get("subprotocol"))
            case "websocket.send":
                text = message.get("text")
                content = message["bytes"] if text is None else text.encode()
                await self._write(frame_of(Opcode.BINARY if text is None else Opcode.TEXT, content))
            case "websocket.close" if self._accepted:
                self._close(message.get("code", NORMAL), message.get("reason") or "")
            case "websocket.close":
                self._refuse(403, [])
            case "websocket.http.response.start":
                self._refuse(message["status"], [*message["headers"]])

    async def _write(self, data: bytes) -> None:
        if self._over or self._closing:
            return
        self._transport.write(data)
        if not self._writable.is_set():
            stuck = self._loop.call_later(STUCK_SECONDS, self._transport.abort)
            await self._writable.wait()
            stuck.cancel()

    def _accept(self, subprotocol: str | None) -> None:
        self._accepted = True
        answer = base64.b64encode(hashlib.sha1(self._key + _GUID, usedforsecurity=False).digest())
        lines = [
            b"HTTP/1.1 101 Switching Protocols",
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            b"Sec-WebSocket-Accept: " + answer,
        ]
        if subprotocol is not None:
            lines.append(b"Sec-WebSocket-Protocol: " + subprotocol.encode())
        self._transport.write(b"\r\n".join(lines) + b"\r\n\r\n")
        self._pong()
        self._timer = self._loop.call_later(PING_SECONDS, self._ping)

    def _refuse(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        if self._accepted or self._closing or self._over:
            return
        self._closing = True
        lines = [b"HTTP/1.1 %d Refused" % status, b"Content-Length: 0", b"Connection: close"]
        lines += [name + b": " + value for name, value in headers if name != b"content-length"]
        self._transport.write(b"\r\n".join(lines) + b"\r\n\r\n")
        self._transport.close()

    def _take(self, message: Message) -> None:
        self._unanswered = 0
        if self._closing and message.kind is not Opcode.CLOSE:
            return
        match message.kind:
            case Opcode.PING:
                self._count_control()
                self._ping_data = message.data
                self._pong()
            case Opcode.PONG:
                self._count_control()
            case Opcode.CLOSE:
                code = code_of(message.data)
                self._tell_gone(code)
                self._close(NORMAL if code == 1005 else code)
                self._transport.close()
            case Opcode.BINARY:
                raise BrokenError(UNSUPPORTED, "messages are text")
            case Opcode.TEXT:
                self._pass_on(message.data)

    def _count_control(self) -> None:
        now = self._loop.time()
        if now - self._since >= 1:
            self._since, self._controls = now, 0
        self._controls += 1
        if self._controls > MOST_CONTROLS:
            raise BrokenError(POLICY, "there are too many pings")

    def _pong(self) -> None:
        """Answer the newest ping (RFC 6455, section 5.5.3) as soon as the other side reads."""
        given = self._ping_data
        if given is None or not (self._accepted and self._writable.is_set()):
            return
        self._ping_data = None
        if not (self._closing or self._over):
            self._transport.write(frame_of(Opcode.PONG, given))

    def _pass_on(self, data: bytes) -> None:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise BrokenError(NOT_UTF8, "text is UTF-8") from None
        self._inbox.put_nowait({"type": "websocket.receive", "text": text})

    def _tell_gone(self, code: int) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": code})

    def _ping(self) -> None:
        if self._unanswered >= MISSED_PONGS:
            self._transport.abort()
            return
        self._unanswered += 1
        if not self._closing and self._writable.is_set():
            self._transport.write(frame_of(Opcode.PING, b""))
        self._timer = self._loop.call_later(PING_SECONDS, self._ping)

    def _close(self, code: int, reason: str = "") -> None:
        """Say so, and wait a moment for the other side to do so, too."""
        if self._closing or self._over:
            return
        self._closing = True
        self._transport.write(close_frame(code, reason))
        if self._timer is not None:
            self._timer.cancel()
        self._loop.call_soon(self._go_on)
        abort: Callable[[], None] = self._transport.abort
        self._timer = self._loop.call_later(FAREWELL_SECONDS, abort)


def _subprotocols(headers: list[tuple[bytes, bytes]]) -> list[str]:
    given = [value for name, value in headers if name == b"sec-websocket-protocol"]
    return [one.strip() for value in given for one in value.decode("latin-1").split(",")]


def _is_key(key: bytes) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == _KEY_BYTES
    except ValueError:
        return False
