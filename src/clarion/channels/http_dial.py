"""How a connection comes about: addresses, the race between them, TLS under the original name."""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

import aiohappyeyeballs

from clarion.channels.contract import NoAnswerError
from clarion.channels.guard import Address, resolve_by_system
from clarion.channels.http_connection import HttpConnection
from clarion.channels.http_head import Origin

RESOLVED_SECONDS = 10.0
"""How long addresses of a vendor are used for further connections."""

STAGGER_SECONDS = 0.25
"""The next address is tried beside one that has not answered for so long (RFC 8305)."""

Addresses = Callable[[str, int], Awaitable[Sequence[Address]]]
"""A name and a port -> the addresses to connect to; OSError when there is none."""


class Dialer:
    """Opens connections. `tls` replaces the machine's certificate authorities."""

    def __init__(self, connect_seconds: float, tls: ssl.SSLContext | None) -> None:
        self._seconds = connect_seconds
        self._tls = tls

    async def dial(self, origin: Origin, addresses: Addresses) -> HttpConnection:
        """A connection to one of these addresses, under the origin's name. NoAnswerError: nothing
        was sent; what `addresses` raises beside OSError is passed on."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._dial(origin, addresses)
        except TimeoutError:
            raise NoAnswerError(False, "connect_timeout") from None

    async def _dial(self, origin: Origin, addresses: Addresses) -> HttpConnection:
        try:
            found = await addresses(origin.host, origin.port)
        except OSError:
            raise NoAnswerError(False, "dns") from None
        infos = [_info(address, origin.port) for address in found]
        try:
            sock = await aiohappyeyeballs.start_connection(
                infos, happy_eyeballs_delay=STAGGER_SECONDS, interleave=1
            )
        except OSError:
            raise NoAnswerError(False, "connect") from None
        return await self._shake_hands(sock, origin)

    async def _shake_hands(self, sock: socket.socket, origin: Origin) -> HttpConnection:
        loop = asyncio.get_running_loop()
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _, connection = await loop.create_connection(
                lambda: HttpConnection(loop),
                sock=sock,
                ssl=(self._tls or _authorities()) if origin.secure else None,
                server_hostname=origin.host if origin.secure else None,
            )
        except ssl.SSLError:
            sock.close()
            raise NoAnswerError(False, "tls") from None
        except OSError:
            sock.close()
            raise NoAnswerError(False, "tls" if origin.secure else "connect") from None
        except BaseException:
            sock.close()
            raise
        return connection


class Vendors:
    """Addresses of vendors' names by the machine's resolver, remembered for a moment."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[float, list[Address]]] = {}

    async def __call__(self, host: str, port: int) -> list[Address]:
        """See Addresses."""
        loop = asyncio.get_running_loop()
        until, addresses = self._known.get((host, port), (0.0, []))
        if until <= loop.time():
            addresses = [ip_address(text) for text in await resolve_by_system(host, port)]
            self._known[host, port] = (loop.time() + RESOLVED_SECONDS, addresses)
        return addresses


@functools.lru_cache(maxsize=1)
def _authorities() -> ssl.SSLContext:
    """TLS as the machine trusts it."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _info(address: Address, port: int) -> aiohappyeyeballs.AddrInfoType:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    where = (str(address), port) if address.version == 4 else (str(address), port, 0, 0)
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where
