"""HTTP out: one pool of kept connections, bounded answers, no redirects, proxies or cookies.

Our own, as the client decides what a push costs
([ADR 27](../../../docs/adr/0027-our-own-way-out.md)).
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from functools import partial
from ipaddress import ip_address

import msgspec
from yarl import URL

from clarion.channels.contract import HttpAnswer
from clarion.channels.guard import Address, Guard
from clarion.channels.http_connection import KEPT_SECONDS, MAX_ANSWER_BYTES, HttpConnection
from clarion.channels.http_dial import Addresses, Dialer, Vendors
from clarion.channels.http_head import Origin, head_of, origin_of, vendor_url

__all__ = ["MAX_ANSWER_BYTES", "USUAL_TIMEOUTS", "HttpPool", "Timeouts"]

_CLOSE_SECONDS = 1.0


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """How long an attempt may take: to connect, and in all."""

    connect_seconds: float = 5.0
    total_seconds: float = 30.0


USUAL_TIMEOUTS = Timeouts()
"""Five seconds to connect, thirty in all."""


class HttpPool:
    """The connections of one account in one lane.

    Calls to vendors and calls to tenants' addresses never share a connection, and neither do
    tenants' public addresses and those of the allow-list. `tls` replaces the machine's certificate
    authorities. How many are open is bounded by how many attempts are under way.
    """

    def __init__(self, guard: Guard, timeouts: Timeouts, tls: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._total_seconds = timeouts.total_seconds
        self._dialer = Dialer(min(timeouts.connect_seconds, timeouts.total_seconds), tls)
        self._vendors = Vendors()
        self._idle: dict[Origin, list[HttpConnection]] = {}
        self._open: set[HttpConnection] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._watch = _Watch()

    async def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, guarded: bool
    ) -> HttpAnswer:
        """POST and read the answer; BlockedError from the guard, NoAnswerError when no answer
        came. Nothing is sent twice: a request that went into a closing connection is ambiguous.
        """
        origin, target, addresses = self._way_to(url, guarded)
        head = head_of(target, tuple(headers.items()))
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._total_seconds
        connection = self._kept(origin, loop.time())
        if connection is None:
            connection = await self._dial(origin, addresses)
        answer = connection.post(head.request(body), last=head.last)
        self._watch.add(connection, ends)
        try:
            return await answer
        except asyncio.CancelledError:
            connection.close()
            raise
        finally:
            self._watch.remove(connection)
            if connection.serves:
                self._keep(origin, connection, loop)

    async def close(self) -> None:
        """Close every connection; the pool may be used again afterwards."""
        self._idle.clear()
        self._watch.stop()
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        gone = [connection.gone for connection in self._open]
        for connection in [*self._open]:
            connection.close()
        if gone:
            await asyncio.wait(gone, timeout=_CLOSE_SECONDS)

    def _way_to(self, url: str, guarded: bool) -> tuple[Origin, URL, Addresses]:
        if not guarded:
            target = vendor_url(url)
            return origin_of("vendor", target), target, self._vendors
        vetted = self._guard.check_url(url)
        way = "tenant-allowed" if vetted.only_allowed else "tenant"
        addresses = partial(self._vetted, only_allowed=vetted.only_allowed)
        return origin_of(way, vetted.url), vetted.url, addresses

    async def _vetted(self, host: str, port: int, *, only_allowed: bool) -> list[Address]:
        """Addresses that passed the guard, asked for once for each connection."""
        with contextlib.suppress(ValueError):
            literal = ip_address(host)
            self._guard.check_address(literal, only_allowed=only_allowed)
            return [literal]
        return await self._guard.vet(host, port, only_allowed=only_allowed)

    async def _dial(self, origin: Origin, addresses: Addresses) -> HttpConnection:
        connection = await self._dialer.dial(origin, addresses)
        self._open.add(connection)
        connection.gone.add_done_callback(lambda _: self._open.discard(connection))
        return connection

    def _kept(self, origin: Origin, now: float) -> HttpConnection | None:
        """The connection that was used last; what has been idle for too long is closed."""
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.serves and connection.idle_until > now:
                return connection
            connection.close()
        return None

    def _keep(
        self, origin: Origin, connection: HttpConnection, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._idle.setdefault(origin, []).append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(KEPT_SECONDS, self._sweep_idle, loop)

    def _sweep_idle(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close what has been idle for too long; look again while there is something."""
        self._sweep = None
        now = loop.time()
        for origin, connections in [*self._idle.items()]:
            kept = []
            for connection in connections:
                if connection.serves and connection.idle_until > now:
                    kept.append(connection)
                else:
                    connection.close()
            if kept:
                self._idle[origin] = kept
            else:
                del self._idle[origin]
        if self._idle:
            self._sweep = loop.call_later(KEPT_SECONDS, self._sweep_idle, loop)


class _Watch:
    """Ends what takes too long. One timer for all: it is set for the first that may come due, and
    the requests that were answered by then cost it nothing."""

    def __init__(self) -> None:
        self._ends: dict[HttpConnection, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = 0.0

    def add(self, connection: HttpConnection, ends: float) -> None:
        self._ends[connection] = ends
        if self._timer is None or ends < self._looks_at:
            self._set(ends)

    def remove(self, connection: HttpConnection) -> None:
        self._ends.pop(connection, None)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, ends: float) -> None:
        self.stop()
        self._looks_at = ends
        self._timer = asyncio.get_running_loop().call_at(ends, self._look)

    def _look(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        late = [connection for connection, ends in self._ends.items() if ends <= now]
        for connection in late:
            del self._ends[connection]
            connection.give_up("timeout")
        if self._ends:
            self._set(min(self._ends.values()))
