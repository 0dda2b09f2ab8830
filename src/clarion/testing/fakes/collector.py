"""A collector of traces (OTLP over HTTP, protobuf) that keeps what it is sent."""

from __future__ import annotations

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from clarion.testing.fakes.reaction import FakeServer, Reaction


class FakeCollector(FakeServer):
    """`spans` are all that came, in order; `headers` those of the requests; `resources` the
    attributes of who sent them. `reaction` misbehaves."""

    def __init__(self) -> None:
        app = web.Application(client_max_size=16 << 20)
        app.router.add_post("/v1/traces", self._receive)
        super().__init__(app)
        self.spans: list[Span] = []
        self.headers: list[dict[str, str]] = []
        self.resources: list[dict[str, str]] = []
        self.raw = b""
        self.reaction: Reaction | None = None

    @property
    def endpoint(self) -> str:
        """Where spans are sent to."""
        return f"{self.base_url}/v1/traces"

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.reaction is not None:
            return await self.play(request, self.reaction, b"")
        self.raw += body
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        for told in ExportTraceServiceRequest.FromString(body).resource_spans:
            attributes = told.resource.attributes
            self.resources.append({a.key: a.value.string_value for a in attributes})
            self.spans += [span for scope in told.scope_spans for span in scope.spans]
        return web.Response(body=b"", content_type="application/x-protobuf")
