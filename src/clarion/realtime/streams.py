"""`GET /v1/inbox/stream`: an inbox as server-sent events (WHATWG HTML, "Server-sent events")."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from clarion.api.intake import request_id_of
from clarion.api.origins import header
from clarion.api.problems import MEDIA_TYPE, RefusedError, problem_of, refusal_of
from clarion.api.services import Services
from clarion.realtime.connections import Connections
from clarion.realtime.doors import FullError, asked, number_of
from clarion.realtime.frames import BEAT, retry
from clarion.realtime.outlets import Ending, Outlet
from clarion.telemetry import realtime_ended, realtime_frames

FIRST_RETRY = (2_000, 5_000)
"""Milliseconds that a browser waits before it comes again, at least and at most."""
LATER_RETRY = (5_000, 30_000)
"""Where there is no room, or a whole process's connections come again at once."""
STUCK_SECONDS = 30.0
"""Who takes nothing for so long is cut off."""

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
_LET_GO = (b"connection", b"close")
"""Who finds no room keeps no file open, either."""

Headers = list[tuple[bytes, bytes]]


class Streams:
    """Serves streams."""

    def __init__(self, services: Services, connections: Connections) -> None:
        self._services = services
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application for one address."""
        if scope["type"] != ScopeType.HTTP:
            return
        doors = self._connections.doors
        try:
            if scope["method"] != "GET":
                raise RefusedError(405, "a stream is read with GET", headers={"Allow": "GET"})
            doors.check_origin(scope)
            reader = await doors.reader_of(scope)
        except Exception as error:  # noqa: BLE001 - answered in words
            await self._refuse(error, scope, send)
            return
        headers = [*_HEADERS, *doors.headers(scope)]
        wanted = header(scope, b"last-event-id") or asked(scope).get("last_event_id")
        inbox = (reader.env, reader.user, reader.tenant)
        outlet = Outlet(inbox, number_of(wanted), reader.expires_at)
        try:
            self._connections.enter(outlet, "sse")
        except FullError as full:
            realtime_ended.labels("sse", f"full: {full.whose}").inc()
            await self._begin(send, [*headers, _LET_GO])
            await self._say(send, retry(self._connections.milliseconds(*LATER_RETRY)), last=True)
            return
        await self._serve(outlet, headers, receive, send, _abort_of(scope))

    async def _serve(
        self, outlet: Outlet, headers: Headers, receive: Receive, send: Send,
        abort: Callable[[], None],
    ) -> None:  # fmt: skip
        gone = asyncio.create_task(_gone(receive, outlet))
        try:
            await self._begin(send, headers)
            await self._write(outlet, send, abort)
        finally:
            gone.cancel()
            self._connections.leave(outlet, "sse")

    async def _write(self, outlet: Outlet, send: Send, abort: Callable[[], None]) -> None:
        """Write until the connection ends; who does not read is cut off."""
        loop = asyncio.get_running_loop()
        await self._say(send, retry(self._connections.milliseconds(*FIRST_RETRY)))
        while True:
            frames = await outlet.take()
            body = b"".join([one.event() for one in frames])
            for one in frames:
                realtime_frames.labels(one.type).inc()
            if not body and outlet.beat:
                body = BEAT
            outlet.beat = False
            if outlet.ending in (Ending.STOPPING, Ending.SLOW):
                body += retry(self._connections.milliseconds(1_000, LATER_RETRY[1]))
            stuck = loop.call_later(STUCK_SECONDS, abort)
            await self._say(send, body, last=outlet.ending is not None)
            stuck.cancel()
            if outlet.ending is not None:
                return

    async def _begin(self, send: Send, headers: Headers) -> None:
        start: Any = {"type": "http.response.start", "status": 200, "headers": headers}
        await send(start)

    async def _say(self, send: Send, body: bytes, *, last: bool = False) -> None:
        await send({"type": "http.response.body", "body": body, "more_body": not last})

    async def _refuse(self, error: Exception, scope: Scope, send: Send) -> None:
        asked_id = header(scope, b"x-request-id") or None
        refusal = refusal_of(error)
        problem = problem_of(refusal, request_id_of(asked_id, self._services))
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"cache-control", b"no-store")]
        headers += [
            (name.lower().encode(), text.encode()) for name, text in refusal.headers.items()
        ]
        headers += self._connections.doors.headers(scope)
        start: Any = {"type": "http.response.start", "status": refusal.status, "headers": headers}
        await send(start)
        await self._say(send, msgspec.json.encode(problem), last=True)


async def _gone(receive: Receive, outlet: Outlet) -> None:
    """End the connection when the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
    outlet.end(Ending.GONE, [])


def _abort_of(scope: Scope) -> Callable[[], None]:
    """What cuts the connection off, where the server offers it."""
    return (scope.get("state") or {}).get("abort") or _nothing


def _nothing() -> None:
    return None
