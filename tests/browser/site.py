"""Somebody else's web site, on an origin of its own: a stranger's or a customer's."""

from __future__ import annotations

from aiohttp import web

CUSTOMER_POLICY = (
    "default-src 'none'; script-src 'self' {house}; connect-src 'self' {house}; style-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; trusted-types default"
)


class Site:
    """Pages by path; `put("/", "<p>...", headers)`; `url` ends without a slash."""

    def __init__(self) -> None:
        self.url = ""
        self.app = web.Application()
        self._kept: dict[str, tuple[str, str, dict[str, str]]] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port. Routes are added to `app` before."""
        self.app.router.add_get("/{path:.*}", self._get)
        self._runner = web.AppRunner(self.app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    def put(self, path: str, text: str, kind: str = "text/html", **headers: str) -> None:
        """What is answered at a path from now on; `content_security_policy=...` names a header."""
        self._kept[path] = (text, kind, headers)

    async def _get(self, request: web.Request) -> web.Response:
        if request.path not in self._kept:
            return web.Response(status=204 if request.path == "/favicon.ico" else 404)
        text, kind, headers = self._kept[request.path]
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(text=text, content_type=kind, headers=named)
