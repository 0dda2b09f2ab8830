"""`/v1/inbox/ws`: an inbox over a socket (RFC 6455), with the messages of the stream and marks in
the other direction."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from clarion.api.auth import ExpiredError, Reader
from clarion.api.presence import Presences
from clarion.api.problems import RefusedError, refusal_of
from clarion.api.services import Services
from clarion.errors import InvalidError, UnavailableError
from clarion.realtime.connections import Connections
from clarion.realtime.doors import FullError
from clarion.realtime.outlets import Ending, Outlet
from clarion.realtime.requests import Auth, Requests, Resume, Said, said
from clarion.realtime.wire import LATER, NORMAL, POLICY, RESTART, SLOW_DOWN, TOKEN_ENDED
from clarion.telemetry import logger, realtime_ended, realtime_frames

SUBPROTOCOL = "inbox.v1"
AUTH_SECONDS = 10.0
RESUME_SECONDS = 1.0
"""Who says nothing for so long after the token begins now."""
MOST_PER_SECOND = 20
BURST = 100

_CODES = {
    Ending.EXPIRED: TOKEN_ENDED,
    Ending.ERASED: POLICY,
    Ending.SLOW: SLOW_DOWN,
    Ending.STOPPING: RESTART,
    Ending.GONE: NORMAL,
}
_log = logger("realtime")


class _ClosedError(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _HungUpError(Exception):
    """The client is gone."""


class Sockets:
    """Serves sockets."""

    def __init__(self, services: Services, connections: Connections) -> None:
        self._services = services
        self._connections = connections
        self._presences = Presences(services.store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application for one address."""
        if scope["type"] != ScopeType.WEBSOCKET:
            await _plain(send)
            return
        await receive()
        try:
            self._connections.doors.check_origin(scope)
        except RefusedError:
            await send({"type": "websocket.close", "code": POLICY, "reason": ""})
            return
        if SUBPROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.close", "code": POLICY, "reason": ""})
            return
        accept: Any = {"type": "websocket.accept", "subprotocol": SUBPROTOCOL, "headers": []}
        await send(accept)
        try:
            await self._serve(receive, send)
        except _HungUpError:
            pass
        except _ClosedError as closed:
            await _close(send, closed.code, closed.reason)

    async def _serve(self, receive: Receive, send: Send) -> None:
        try:
            with self._connections.doors.stranger():
                reader = await self._authenticated(receive)
        except FullError as full:
            raise _full(full) from None
        first, last = await self._resumed(receive)
        inbox = (reader.env, reader.user, reader.tenant)
        outlet = Outlet(inbox, last, reader.expires_at)
        try:
            self._connections.enter(outlet, "ws")
        except FullError as full:
            raise _full(full) from None
        requests = Requests(self._services, self._presences, reader)
        reading = asyncio.create_task(self._read(receive, send, requests, first))
        writing = asyncio.create_task(_write(outlet, send))
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            for task in (reading, writing):
                if task.done():
                    task.result()
        finally:
            for task in (reading, writing):
                task.cancel()
            self._connections.leave(outlet, "ws")
            await asyncio.gather(reading, writing, return_exceptions=True)

    async def _authenticated(self, receive: Receive) -> Reader:
        """Who opens the socket, by its first message."""
        try:
            async with asyncio.timeout(AUTH_SECONDS):
                first = await _next(receive)
        except TimeoutError:
            raise _ClosedError(POLICY, "no token came") from None
        except InvalidError:
            raise _ClosedError(POLICY, "not a message of inbox.v1") from None
        if not isinstance(first, Auth):
            raise _ClosedError(POLICY, "auth comes first")
        try:
            return await self._connections.doors.reader_by(first.token, first.ticket)
        except RefusedError as refused:
            spent = refused.status == 401 and first.ticket is not None
            ended = spent or isinstance(refused, ExpiredError)
            code = TOKEN_ENDED if ended else LATER if refused.status == 503 else POLICY
            raise _ClosedError(code, "the token was not taken") from None
        except UnavailableError:
            raise _ClosedError(LATER, "the store cannot be read") from None

    async def _resumed(self, receive: Receive) -> tuple[Said | None, int | None]:
        """Where it goes on, and a message that came in the place of that."""
        try:
            async with asyncio.timeout(RESUME_SECONDS):
                second = await _next(receive)
        except TimeoutError:
            return None, None
        except InvalidError:
            raise _ClosedError(POLICY, "not a message of inbox.v1") from None
        if isinstance(second, Resume):
            return None, second.last_seq
        return second, None

    async def _read(
        self, receive: Receive, send: Send, requests: Requests, first: Said | None
    ) -> None:
        pace = _Pace(self._services.clock.monotonic_seconds)
        while True:
            try:
                asked = first or await _next(receive)
                first = None
                pace.take()
                await requests.do(asked)
            except (_ClosedError, _HungUpError):
                raise
            except Exception as error:  # noqa: BLE001 - told in words
                refusal = refusal_of(error)
                told = {"op": "error", "code": refusal.code, "detail": refusal.detail}
                await _send(send, msgspec.json.encode(told).decode())


def _full(full: FullError) -> _ClosedError:
    realtime_ended.labels("ws", f"full: {full.whose}").inc()
    code = {"stopping": RESTART, "process": LATER}.get(full.whose, SLOW_DOWN)
    return _ClosedError(code, "too many connections")


class _Pace:
    """So many messages a second, and a few more at once."""

    def __init__(self, seconds: Any) -> None:
        self._seconds = seconds
        self._left = float(BURST)
        self._at: float = seconds()

    def take(self) -> None:
        """One came; _ClosedError when that is too much."""
        now = self._seconds()
        self._left = min(BURST, self._left + (now - self._at) * MOST_PER_SECOND) - 1
        self._at = now
        if self._left < 0:
            raise _ClosedError(SLOW_DOWN, "too many messages")


async def _write(outlet: Outlet, send: Send) -> None:
    while True:
        frames = await outlet.take()
        outlet.beat = False
        for one in frames:
            realtime_frames.labels(one.type).inc()
            await _send(send, one.message())
        if outlet.ending is not None:
            raise _ClosedError(_CODES[outlet.ending], outlet.ending.value)


async def _next(receive: Receive) -> Said:
    """The next message; InvalidError for one that says nothing known."""
    message = await receive()
    if message["type"] != "websocket.receive":
        raise _HungUpError
    return said(message.get("text") or "")


async def _send(send: Send, text: str) -> None:
    await send({"type": "websocket.send", "text": text, "bytes": None})


async def _close(send: Send, code: int, reason: str) -> None:
    with suppress(RuntimeError):
        await send({"type": "websocket.close", "code": code, "reason": reason})


async def _plain(send: Send) -> None:
    """A request that does not ask for a socket."""
    headers = [(b"upgrade", b"websocket"), (b"connection", b"upgrade"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 426, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
