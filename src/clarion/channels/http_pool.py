"""HTTP out: one pool of kept connections, bounded answers, no redirects, proxies or cookies."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from clarion.channels.contract import HttpAnswer, NoAnswerError
from clarion.channels.guard import Guard, PinningResolver

MAX_ANSWER_BYTES = 64 * 1024
"""More of an answer is never read."""

_OWN_HEADERS = {"User-Agent": "Clarion", "Accept-Encoding": "identity"}


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
    authorities.
    """

    def __init__(self, guard: Guard, timeouts: Timeouts, tls: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._timeouts = timeouts
        self._tls: ssl.SSLContext | bool = tls or True
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, guarded: bool
    ) -> HttpAnswer:
        """POST and read the answer; BlockedError from the guard, NoAnswerError when no answer
        came.
        """
        session, target = self._way_to(url, guarded)
        progress = _Progress()
        try:
            async with session.post(
                target,
                data=body,
                headers={**_OWN_HEADERS, **headers},
                allow_redirects=False,
                trace_request_ctx=progress,
            ) as answer:
                return await _read(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswerError(progress.sent, _code(error)) from None

    async def close(self) -> None:
        """Close every connection; the pool may be used again afterwards."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    def _way_to(self, url: str, guarded: bool) -> tuple[aiohttp.ClientSession, URL]:
        if not guarded:
            return self._session("vendor", None), URL(url)
        target = self._guard.check_url(url)
        resolver = PinningResolver(self._guard, only_allowed=target.only_allowed)
        name = "tenant-allowed" if target.only_allowed else "tenant"
        return self._session(name, resolver), target.url

    def _session(self, name: str, resolver: PinningResolver | None) -> aiohttp.ClientSession:
        if name not in self._sessions:
            self._sessions[name] = self._open(resolver)
        return self._sessions[name]

    def _open(self, resolver: PinningResolver | None) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0,  # the number of attempts under way is bounded where they start
            ssl=self._tls,
            resolver=resolver,
            use_dns_cache=resolver is None,
        )
        seconds = self._timeouts
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(
                total=seconds.total_seconds, connect=seconds.connect_seconds
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # a small answer may unfold into gigabytes
            trust_env=False,
            trace_configs=[_trace()],
        )


class _Progress:
    """Whether anything of a request may have left."""

    sent = False


def _trace() -> aiohttp.TraceConfig:
    trace = aiohttp.TraceConfig()

    async def mark(_session: Any, context: SimpleNamespace, _params: Any) -> None:
        context.trace_request_ctx.sent = True

    trace.on_request_headers_sent.append(mark)
    return trace


async def _read(answer: aiohttp.ClientResponse) -> HttpAnswer:
    body = bytearray()
    while len(body) < MAX_ANSWER_BYTES:
        chunk = await answer.content.read(MAX_ANSWER_BYTES - len(body))
        if not chunk:
            break
        body += chunk
    else:
        answer.close()  # what is left unread makes the connection useless
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return HttpAnswer(answer.status, headers, bytes(body))


def _code(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "dns"
        case aiohttp.ClientSSLError() | aiohttp.ClientConnectorCertificateError():
            return "tls"
        case aiohttp.ClientConnectorError():
            return "connect"
        case aiohttp.ConnectionTimeoutError():
            return "connect_timeout"
        case TimeoutError():
            return "timeout"
        case aiohttp.ServerDisconnectedError() | ConnectionResetError():
            return "reset"
        case aiohttp.ClientPayloadError():
            return "cut_off"
        case _:
            return "transport"
