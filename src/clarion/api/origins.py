"""Which sites' pages may talk to inboxes from a browser (Fetch standard, "CORS protocol").

Only what takes user tokens answers other origins; nothing that takes an API key does. Cookies are
never used, so credentials are never allowed.
"""

from __future__ import annotations

from collections.abc import Iterable

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from clarion.telemetry import logger

EVERYWHERE = "*"
LASTS_SECONDS = 600
LOGGED = 20
"""Sites that are logged as refused, each once: anybody can make up more."""

LONGEST = 256

_ROOT = "/v1/inbox"
_Headers = list[tuple[bytes, bytes]]
_log = logger("api")

_PREFLIGHT: _Headers = [
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, if-none-match, last-event-id",
    ),
    (b"access-control-max-age", str(LASTS_SECONDS).encode()),
]
_EXPOSED = (b"access-control-expose-headers", b"etag, retry-after, x-request-id")


class Origins:
    """The origins that are allowed, besides the server's own."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(allowed)
        self._refused: set[str] = set()

    def allow(self, scope: Scope) -> bool:
        """Whether a request comes from an allowed page, or from no page at all."""
        origin = header(scope, b"origin")
        if not origin or self._lists(origin) or _is_own(origin, scope):
            return True
        self._log(origin)
        return False

    def concern(self, scope: HTTPScope) -> bool:
        """Whether a request is one for an inbox, by a page of another site."""
        path = scope["path"]
        ours = path == _ROOT or path.startswith(_ROOT + "/")
        return ours and bool(header(scope, b"origin"))

    async def preflight(self, scope: HTTPScope, send: Send) -> None:
        """Answer a browser that asks before it sends."""
        headers = self.headers(scope)
        if len(headers) > 1:
            headers += _PREFLIGHT
        self.allow(scope)
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def around(self, app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer through `app`, and let the page read the answer if it may."""
        more = self.headers(scope)
        self.allow(scope)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await app(scope, receive, sent)

    def headers(self, scope: Scope) -> _Headers:
        """Headers of an answer to the page that asks."""
        origin = header(scope, b"origin")
        headers: _Headers = [(b"vary", b"origin")]
        if self._lists(origin):
            headers += [(b"access-control-allow-origin", origin.encode("latin-1")), _EXPOSED]
        return headers

    def _log(self, origin: str) -> None:
        """A browser shows its user only that something failed; here is what to mend."""
        if origin in self._refused or len(self._refused) >= LOGGED or len(origin) > LONGEST:
            return
        self._refused.add(origin)
        _log.warning(
            "pages of %r may not read inboxes here; if they should, name it in the setting"
            " inbox_origins",
            origin,
        )

    def _lists(self, origin: str) -> bool:
        return bool(origin) and (EVERYWHERE in self._allowed or origin.lower() in self._allowed)


def header(scope: Scope, name: bytes) -> str:
    """A header of a request, "" without it."""
    found: bytes = next((value for key, value in scope["headers"] if key == name), b"")
    return found.decode("latin-1")


def _is_own(origin: str, scope: Scope) -> bool:
    """Whether an origin is this server, by the scheme a proxy says it was asked with. A proxy that
    ends TLS may say nothing, so https is taken for http, and never the other way round.
    """
    scheme, separator, host = origin.lower().partition("://")
    if not separator or host != header(scope, b"host").lower():
        return False
    said = header(scope, b"x-forwarded-proto").partition(",")[0].strip().lower()
    if said:
        return scheme == said
    is_secure = scope["scheme"] in ("https", "wss")
    return scheme == "https" or (scheme == "http" and not is_secure)
