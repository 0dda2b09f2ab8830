"""A receiver of webhooks that records what it gets and misbehaves on demand."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from aiohttp import web

from clarion.testing.fakes.reaction import FakeServer, Reaction


class WebhookRequest(msgspec.Struct, frozen=True):
    """One POST as it came in: path with query, lower-case headers, raw body.

    `peer` is the caller's port: equal for requests on one connection.
    """

    path: str
    headers: Mapping[str, str]
    body: bytes
    peer: int


class FakeReceiver(FakeServer):
    """Answers 204 on every path but those it was told about; `requests` are the POSTs in order.

    `echo` makes error answers repeat the request: what a careless receiver does.
    """

    def __init__(self) -> None:
        app = web.Application(client_max_size=4 << 20)
        app.router.add_post("/{path:.*}", self._receive)
        super().__init__(app)
        self.requests: list[WebhookRequest] = []
        self.echo = False
        self._reactions: dict[str, Reaction] = {}

    def react(self, path: str, reaction: Reaction | None) -> None:
        """From now on do this to POSTs to a path (`/hook`); None accepts again."""
        if reaction is None:
            self._reactions.pop(path, None)
        else:
            self._reactions[path] = reaction

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        peer = request.transport.get_extra_info("peername")[1] if request.transport else 0
        self.requests.append(WebhookRequest(request.path_qs, headers, body, peer))
        reaction = self._reactions.get(request.path, Reaction(status=204))
        said = f"{request.url} {headers}".encode() + body if self.echo else b""
        return await self.play(request, reaction, said)
